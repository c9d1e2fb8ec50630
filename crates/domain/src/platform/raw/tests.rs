use super::*;
use proptest::prelude::*;

fn text(json: &str) -> Option<String> {
    Raw::read(json)?.text().map(Cow::into_owned)
}

#[test]
fn oddities_are_read_and_broken_json_is_not() {
    for (json, read) in [
        (r#""a\u0000b""#, "a\0b"),
        (r#""\ud83d\ude00""#, "😀"),
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""\ud83dx\ude00""#, "\u{fffd}x\u{fffd}"),
        (r#""\ud83d\u0041""#, "\u{fffd}A"),
        (r#""\u12""#, "\u{fffd}12"),
        ("\u{feff} \"a\nb\" ", "a\nb"),
        (r#""https:\/\/x""#, "https://x"),
    ] {
        assert_eq!(text(json).as_deref(), Some(read), "{json}");
    }
    for broken in
        ["", " ", "{", "[1,]", "{\"a\"}", "{\"a\":}", "{1:2}", "[1}", "\"a", "1 2", "nul", "{\"a\":1,}", "]"]
    {
        assert!(Raw::read(broken).is_none(), "{broken}");
    }
}

#[test]
fn the_last_of_equal_keys_counts_and_null_counts_as_missing() {
    let members = Raw::read(r#"{"a":1,"\u0061":2,"b":null,"c":"gid://shopify/Order/820982911946154508"}"#)
        .and_then(Raw::members)
        .unwrap();
    assert_eq!(members.amount("a").as_deref(), Some("2"));
    assert!(members.get("b").is_none() && members.has("b"));
    assert_eq!(members.id("c"), Some(820_982_911_946_154_508));
}

#[test]
fn depth_and_number_of_values_cost_no_stack_and_little_memory() {
    let depth = 2 * 1024 * 1024;
    let deep = format!("{{\"id\":7,\"x\":{}{}}}", "[".repeat(depth - 8), "]".repeat(depth - 8));
    assert_eq!(Raw::read(&deep).and_then(Raw::members).unwrap().id("id"), Some(7));
    assert!(Raw::read(&"[".repeat(depth)).is_none());
    let wide = format!("[{}0]", "0,".repeat(depth));
    assert_eq!(Raw::read(&wide).unwrap().elements().count(), depth + 1);
}

proptest! {
    #[test]
    fn what_serde_json_accepts_reads_the_same(value in any_json()) {
        let written = value.to_string();
        let raw = Raw::read(&written);
        prop_assert!(raw.is_some());
        assert_same(raw.unwrap(), &value);
    }

    #[test]
    fn no_text_makes_it_panic(written in "[\\[\\]{}:,\"\\\\u0dnul1e.-]{0,40}") {
        if let Some(raw) = Raw::read(&written) {
            let _ = (raw.members().map(|members| members.iter().count()), raw.elements().count(), raw.text());
        }
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into)
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect()))
        ]
    })
}

fn assert_same(raw: Raw<'_>, value: &serde_json::Value) {
    match value {
        serde_json::Value::Null => assert!(raw.is_null()),
        serde_json::Value::Bool(flag) => assert_eq!(raw.0, flag.to_string()),
        serde_json::Value::Number(number) => {
            assert_eq!(raw.text_or_number().as_deref(), Some(number.to_string().as_str()));
        }
        serde_json::Value::String(text) => assert_eq!(raw.text().as_deref(), Some(text.as_str())),
        serde_json::Value::Array(values) => {
            let elements: Vec<Raw<'_>> = raw.elements().collect();
            assert_eq!(elements.len(), values.len());
            elements.into_iter().zip(values).for_each(|(raw, value)| assert_same(raw, value));
        }
        serde_json::Value::Object(map) => {
            let members = raw.members().unwrap();
            assert_eq!(members.iter().count(), map.len());
            for (key, (known, value)) in members.iter().zip(map) {
                assert_eq!(key.0, known);
                assert_same(key.1, value);
            }
        }
    }
}
