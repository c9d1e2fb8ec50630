use rstest::rstest;
use serde_json::{Value as Payload, json};

use super::*;
use crate::json::{Limits, parse};

/// 2026-11-23T10:15:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);

fn shown() -> Payload {
    json!({
        "storeId": "store_x", "widgetId": "widget_x", "visitorId": "v-1", "sessionId": "s-1",
        "products": [{"productId": "123", "variantIds": ["123-blue", "123-red"]}],
    })
}

fn outcome(payload: &Payload) -> Result<ServerVisualization, Vec<Fault>> {
    let body = payload.to_string();
    parse_server(&parse(body.as_bytes(), Limits::SINGLE).unwrap(), NOW)
}

fn with(key: &str, value: Payload) -> Payload {
    let mut payload = shown();
    payload[key] = value;
    payload
}

fn faults(payload: &Payload) -> Vec<(String, &'static str)> {
    outcome(payload).err().unwrap_or_default().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn a_servers_visualization_is_read_and_happened_now_unless_it_says_when() {
    let read = outcome(&shown()).unwrap();
    assert_eq!((read.at, read.id, read.organization_id), (NOW, None, None));
    assert_eq!(read.products[0].variants.len(), 2);
    let mut backfill = with("createdAt", json!("2026-11-01T00:00:00Z"));
    backfill["visualizationId"] = json!("0");
    let read = outcome(&backfill).unwrap();
    assert_eq!(read.at.to_rfc3339(), "2026-11-01T00:00:00.000Z");
    assert_eq!(read.id.unwrap().as_str(), "0");
}

#[test]
fn a_time_ahead_of_our_clock_is_now_with_a_warning() {
    let read = outcome(&with("createdAt", json!("2026-11-23T11:15:00Z"))).unwrap();
    assert_eq!((read.at, read.warnings[0].code), (NOW, "visualization_in_future"));
    let late = with("createdAt", json!("2026-11-23T11:15:00.001Z"));
    assert_eq!(faults(&late), [("/createdAt".to_owned(), "date_out_of_range")]);
}

#[test]
fn numbers_are_taken_as_product_ids_with_a_warning_each() {
    let read = outcome(&with("products", json!([{"productId": 1, "variantIds": [2, "3"]}]))).unwrap();
    let places: Vec<_> =
        read.warnings.iter().map(|warning| (warning.pointer.as_str(), warning.code)).collect();
    assert_eq!(
        places,
        [("/products/0/productId", "id_as_number"), ("/products/0/variantIds/0", "id_as_number")]
    );
    assert_eq!(read.products[0].variants[0].as_str(), "2");
}

#[test]
fn every_required_field_is_missed_at_once() {
    let found = faults(&json!({}));
    let wanted = ["/storeId", "/widgetId", "/visitorId", "/sessionId", "/products"];
    assert_eq!(found, wanted.map(|pointer| (pointer.to_owned(), "missing")));
}

#[rstest]
#[case("products", json!([]), "/products", "too_few_products")]
#[case("products", json!(vec![json!({"productId": "1"}); 6]), "/products", "too_many_products")]
#[case("products", json!({"productId": "1"}), "/products", "wrong_type")]
#[case("products", json!(["1"]), "/products/0", "wrong_type")]
#[case("products", json!([{}]), "/products/0/productId", "missing")]
#[case("products", json!([{"productId": "1", "variantIds": "2"}]), "/products/0/variantIds", "wrong_type")]
#[case("products", json!([{"productId": "1", "variantIds": vec!["2"; 101]}]), "/products/0/variantIds", "too_many_variants")]
#[case("products", json!([{"productId": "1", "variantIds": [null]}]), "/products/0/variantIds/0", "wrong_type")]
#[case("widgetId", json!(""), "/widgetId", "empty_identifier")]
#[case("visualizationId", json!(7), "/visualizationId", "wrong_type")]
#[case("visitorId", json!("null"), "/visitorId", "placeholder_identifier")]
#[case("createdAt", json!("1970-01-01T00:00:00Z"), "/createdAt", "date_out_of_range")]
#[case("createdAt", json!(1_795_428_900), "/createdAt", "wrong_type")]
fn a_value_outside_its_rule_is_refused_at_its_place(
    #[case] key: &str,
    #[case] value: Payload,
    #[case] pointer: &str,
    #[case] code: &'static str,
) {
    assert_eq!(faults(&with(key, value)), [(pointer.to_owned(), code)]);
}

#[test]
fn five_products_of_a_hundred_variants_are_taken() {
    let product = json!({"productId": "1", "variantIds": vec!["2"; 100]});
    assert_eq!(faults(&with("products", json!(vec![product; 5]))), []);
}

#[test]
fn the_forms_products_have_the_same_rules_and_the_fields_name() {
    let json = parse(br#"[{"productId":7},{}]"#, Limits::SINGLE).unwrap();
    let found = parse_products(&json).unwrap_err();
    assert_eq!((found[0].pointer.as_str(), found[0].code), ("/products/1/productId", "missing"));
    let json = parse(br#"[{"productId":7}]"#, Limits::SINGLE).unwrap();
    let (products, warnings) = parse_products(&json).unwrap();
    assert_eq!((products[0].product.as_str(), warnings.len()), ("7", 1));
}
