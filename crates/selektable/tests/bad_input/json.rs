//! Texts that are no JSON, or JSON that two readers would read differently.

use crate::Case;
use crate::request::{self, Expect};
use crate::support::TestServer;

pub fn cases(server: &TestServer) -> Vec<Case> {
    let right = request::order(server).to_string();
    // A right order with something wrong in an unknown field: strictness does not end at the fields we read.
    let with = |extra: &str| format!("{{\"unknown\":{extra},{}", &right[1..]);
    let case = |name: &str, body: Vec<u8>, code| Case {
        name: format!("json: {name}"),
        request: request::post_bytes(server, &body),
        expect: Expect::status(400, code),
    };
    let text = |name: &str, body: String, code| case(name, body.into_bytes(), code);
    let nested = |open: &str, close: &str, levels: usize| {
        with(&format!("{}{}", open.repeat(levels), close.repeat(levels)))
    };
    vec![
        text("white space only", " \n\t".to_owned(), "empty_body"),
        text("a word", "hello".to_owned(), "invalid_json"),
        text("cut off", right[..right.len() - 1].to_owned(), "invalid_json"),
        text("cut off in a string", right[..30].to_owned(), "invalid_json"),
        text("trailing text", format!("{right}x"), "trailing_text"),
        text("two objects", format!("{right}{right}"), "trailing_text"),
        text("a trailing comma", format!("{},}}", &right[..right.len() - 1]), "invalid_json"),
        text("single quotes", right.replace('"', "'"), "invalid_json"),
        text("names without quotes", "{orderId:1}".to_owned(), "invalid_json"),
        text("a comment", format!("/* order */{right}"), "invalid_json"),
        text("a form", "orderId=1&storeId=2".to_owned(), "invalid_json"),
        text("NaN", with("NaN"), "invalid_json"),
        text("Infinity", with("Infinity"), "invalid_json"),
        text("undefined", with("undefined"), "invalid_json"),
        text("hexadecimal", with("0x10"), "invalid_json"),
        text("a leading zero", with("012"), "invalid_json"),
        text("a leading plus", with("+1"), "invalid_json"),
        text("a point without digits", with("1."), "invalid_json"),
        text("digits missing before the point", with(".5"), "invalid_json"),
        text("a giant number", with("1e999"), "number_too_large"),
        text("a line feed in a string", with("\"a\nb\""), "invalid_json"),
        text("an unknown escape", with(r#""\x41""#), "invalid_json"),
        text("a lone high surrogate", with(r#""\ud800""#), "invalid_json"),
        text("a lone low surrogate", with(r#""\udc00""#), "invalid_json"),
        text("surrogates the wrong way round", with(r#""\udc00\ud800""#), "invalid_json"),
        text("an escape cut off", with(r#""\u12""#), "invalid_json"),
        text("NUL in a value", with(r#""a\u0000b""#), "nul_character"),
        text("NUL in a name", with(r#"{"a\u0000":1}"#), "nul_character"),
        text("NUL in an id", right.replace("order-1", r"order\u0000"), "nul_character"),
        text("a name twice", format!("{{\"orderId\":\"other\",{}", &right[1..]), "duplicate_key"),
        text(
            "a name twice with the same value",
            format!("{{\"orderId\":\"order-1\",{}", &right[1..]),
            "duplicate_key",
        ),
        text(
            "a name twice by escape",
            format!("{{\"order\\u0049d\":\"other\",{}", &right[1..]),
            "duplicate_key",
        ),
        text(
            "a name twice in an item",
            right.replace("\"quantity\":1", "\"quantity\":1,\"quantity\":2"),
            "duplicate_key",
        ),
        text("a name twice in an unknown object", with(r#"{"a":1,"a":2}"#), "duplicate_key"),
        text(
            "a name twice deep in an unknown list",
            with(r#"[[{"b":{"a":1,"\u0061":2}}]]"#),
            "duplicate_key",
        ),
        text("an unknown name twice", format!("{{\"x\":1,\"x\":2,{}", &right[1..]), "duplicate_key"),
        text("33 lists in one another", nested("[", "]", 33), "nesting_too_deep"),
        text("200 lists in one another", nested("[", "]", 200), "nesting_too_deep"),
        text("100,000 lists in one another", "[".repeat(100_000), "nesting_too_deep"),
        text(
            "50 objects in one another",
            with(&format!("{}1{}", "{\"a\":".repeat(50), "}".repeat(50))),
            "nesting_too_deep",
        ),
        case("a byte order mark", [b"\xef\xbb\xbf".as_slice(), right.as_bytes()].concat(), "byte_order_mark"),
        case("UTF-16", right.encode_utf16().flat_map(u16::to_le_bytes).collect(), "invalid_json"),
        case(
            "invalid UTF-8",
            with("\"?\"").bytes().map(|byte| if byte == b'?' { 0xff } else { byte }).collect(),
            "invalid_utf8",
        ),
        case(
            "an overlong encoding",
            with("\"??\"")
                .into_bytes()
                .iter()
                .scan(0, |seen, byte| {
                    Some(if *byte == b'?' {
                        *seen += 1;
                        [0xc0, 0xaf][*seen - 1]
                    } else {
                        *byte
                    })
                })
                .collect(),
            "invalid_utf8",
        ),
        case("a raw NUL", b"\0".to_vec(), "invalid_json"),
        case("binary", (0_u8..=255).collect(), "invalid_utf8"),
    ]
}
