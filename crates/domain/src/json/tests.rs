use std::borrow::Cow;

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn read(body: &[u8]) -> Result<Json<'_>, JsonFault> {
    parse(body, Limits::SINGLE)
}

#[rstest]
#[case::nothing(b"", "empty_body")]
#[case::white_space(b" \r\n\t", "empty_body")]
#[case::invalid_utf8(b"\"\xff\"", "invalid_utf8")]
#[case::overlong_utf8(b"\"\xc0\xaf\"", "invalid_utf8")]
#[case::surrogate_in_utf8(b"\"\xed\xa0\x80\"", "invalid_utf8")]
#[case::utf16(b"\xff\xfe{\x00}\x00", "invalid_utf8")]
#[case::byte_order_mark(b"\xef\xbb\xbf{}", "byte_order_mark")]
#[case::two_values(b"{} {}", "trailing_text")]
#[case::a_stray_brace(b"{}}", "trailing_text")]
#[case::a_comment_after(b"{} // done", "trailing_text")]
#[case::nul_after(b"{}\x00", "trailing_text")]
#[case::cut_off(b"{\"a\":1", "invalid_json")]
#[case::trailing_comma(b"{\"a\":1,}", "invalid_json")]
#[case::single_quotes(b"{'a':1}", "invalid_json")]
#[case::bare_key(b"{a:1}", "invalid_json")]
#[case::number_as_key(b"{1:1}", "invalid_json")]
#[case::nan(b"NaN", "invalid_json")]
#[case::infinity(b"-Infinity", "invalid_json")]
#[case::undefined(b"undefined", "invalid_json")]
#[case::comment(b"/**/{}", "invalid_json")]
#[case::leading_zero(b"[01]", "invalid_json")]
#[case::leading_plus(b"[+1]", "invalid_json")]
#[case::bare_point(b"[1.]", "invalid_json")]
#[case::hexadecimal(b"[0x1]", "invalid_json")]
#[case::raw_control(b"\"a\nb\"", "invalid_json")]
#[case::raw_nul(b"\"a\x00b\"", "invalid_json")]
#[case::unknown_escape(b"\"\\x41\"", "invalid_json")]
#[case::lone_high_surrogate(b"\"\\ud800\"", "invalid_json")]
#[case::lone_low_surrogate(b"\"\\udc00\"", "invalid_json")]
#[case::swapped_surrogates(b"\"\\udc00\\ud800\"", "invalid_json")]
#[case::lone_surrogate_in_key(b"{\"\\ud800\":1}", "invalid_json")]
#[case::non_ascii_space("\u{a0}{}".as_bytes(), "invalid_json")]
#[case::giant(b"1e999", "number_too_large")]
#[case::giant_negative(b"[-1e999]", "number_too_large")]
fn what_other_readers_may_let_through_is_refused(#[case] body: &[u8], #[case] code: &str) {
    assert_eq!(read(body).map_err(|fault| fault.code()), Err(code));
}

#[rstest]
#[case(r#"{"a":1,"a":1}"#, "duplicate_key", "/a")]
#[case(r#"{"a":1,"\u0061":1}"#, "duplicate_key", "/a")]
#[case(r#"{"x":[{"b~/":{"":0,"":1}}]}"#, "duplicate_key", "/x/0/b~0~1/")]
#[case(r#"{"a":"x\u0000y"}"#, "nul_character", "/a")]
#[case(r#"{"a":{"x\u0000":1}}"#, "nul_character", "/a")]
fn a_refusal_names_its_place(#[case] body: &str, #[case] code: &str, #[case] pointer: &str) {
    let fault = read(body.as_bytes()).unwrap_err();
    assert_eq!((fault.code(), fault.pointer()), (code, Some(pointer)));
}

#[test]
fn a_syntax_fault_names_line_and_column_and_no_text() {
    let fault = read(b"{\n \"email\": oops@example.org}").unwrap_err();
    assert_eq!(fault.to_string(), "The body is not JSON: expected value (line 2, column 11).");
}

#[test]
fn nesting_ends_at_32_levels_however_it_is_made() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        assert!(read(nested(32).as_bytes()).is_ok());
        assert_eq!(read(nested(33).as_bytes()).unwrap_err().code(), "nesting_too_deep");
        assert_eq!(read(open.repeat(100_000).as_bytes()).unwrap_err().code(), "nesting_too_deep");
    }
}

#[test]
fn a_body_of_256_kib_never_meets_the_limit_of_values_and_a_larger_one_does() {
    let array = |values: usize| format!("[{}1]", "1,".repeat(values - 1));
    assert!(read(array((1 << 17) - 1).as_bytes()).is_ok());
    assert_eq!(read(array(1 << 17).as_bytes()).unwrap_err().code(), "too_many_values");
}

#[rstest]
#[case("0", Json::Integer(0))]
#[case("-7", Json::Integer(-7))]
#[case("9007199254740993", Json::Integer(9_007_199_254_740_993))]
#[case("18446744073709551615", Json::Integer(u64::MAX.into()))]
#[case("-9223372036854775808", Json::Integer(i64::MIN.into()))]
#[case("18446744073709551616", Json::Float(18_446_744_073_709_551_616.0))]
#[case("-0", Json::Float(-0.0))]
#[case("1.0", Json::Float(1.0))]
#[case("1e2", Json::Float(100.0))]
fn whole_numbers_are_exact_and_others_say_that_they_are_not_whole(
    #[case] text: &str,
    #[case] value: Json<'_>,
) {
    assert_eq!(read(text.as_bytes()), Ok(value));
}

#[test]
fn text_is_borrowed_unless_it_has_escapes() {
    let tree = read(br#"["plain","\u0065scaped \ud83d\ude00"]"#).unwrap();
    let elements = tree.as_array().unwrap();
    assert!(matches!(&elements[0], Json::Text(Cow::Borrowed("plain"))));
    assert!(matches!(&elements[1], Json::Text(Cow::Owned(text)) if text == "escaped 😀"));
}

#[test]
fn a_duplicate_is_found_among_thousands_of_keys_and_reported_in_bounded_text() {
    let mut members: Vec<String> = (0..20_000).map(|key| format!("\"{key}\":0")).collect();
    let object = |members: &[String]| format!("{{{}}}", members.join(","));
    assert!(read(object(&members).as_bytes()).is_ok());
    members.push("\"19999\":0".to_owned());
    assert_eq!(read(object(&members).as_bytes()).unwrap_err().pointer(), Some("/19999"));
    let long = format!("\"{}\":0", "é".repeat(10_000));
    let fault = read(object(&[long.clone(), long]).as_bytes()).unwrap_err();
    assert!(fault.pointer().unwrap().len() <= POINTER_BYTES_MAX + '…'.len_utf8());
}

#[test]
fn a_tree_is_written_without_white_space_and_within_its_bound() {
    let body = br#" { "a" : [ 1 , null , "x\"y" , true, 1.5 ] } "#;
    let tree = read(body).unwrap();
    assert_eq!(to_compact_text(&tree, 100).unwrap(), r#"{"a":[1,null,"x\"y",true,1.5]}"#);
    assert_eq!(to_compact_text(&tree, 10), None);
}

proptest! {
    #[test]
    fn no_bytes_panic(body: Vec<u8>) {
        let _ = read(&body);
    }

    #[test]
    fn no_text_made_of_json_marks_panics(body in "[\\[\\]{}\",:0-9a\\\\u\\-e. ]{0,60}") {
        let _ = read(body.as_bytes());
    }

    /// Where this reader accepts, `serde_json` reads the same; where `serde_json` refuses, so does this one.
    #[test]
    fn what_is_accepted_means_what_serde_json_says(body in "[\\[\\]{}\",:01a\\-]{0,24}") {
        let theirs = serde_json::from_str::<serde_json::Value>(&body);
        if let Ok(tree) = read(body.as_bytes()) {
            prop_assert_eq!(serde_json::to_value(&tree).unwrap(), theirs.unwrap());
        }
    }
}
