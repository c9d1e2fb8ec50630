use rstest::rstest;
use serde_json::{Value as Payload, json};

use super::*;
use crate::json::{Limits, parse};
use crate::money::Currency;
use crate::order::OrderStatus;
use crate::order::platform::TokenKind;

/// 2026-11-23T10:15:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);
/// What a browser whose clock was never set believes the time to be.
const THEIRS: i64 = 1_000_000;

fn batch(events: &Payload) -> Payload {
    json!({"storeId": "store_x", "visitorId": "v-1", "sessionId": "s-1", "sentAt": THEIRS, "events": events})
}

fn outcome(payload: &Payload) -> Result<ParsedBatch, Vec<Fault>> {
    let body = payload.to_string();
    parse_batch(&parse(body.as_bytes(), Limits::SINGLE).unwrap(), NOW)
}

/// The batch of one event, its `id`, `at` and `type` filled in.
fn one(name: &str, fields: Payload) -> ParsedBatch {
    let mut event = fields;
    event["id"] = json!("e-1");
    event["at"] = json!(THEIRS);
    event["type"] = json!(name);
    outcome(&batch(&json!([event]))).unwrap()
}

fn properties(name: &str, fields: Payload) -> Payload {
    let read = one(name, fields);
    let EventKind::Seen { properties, .. } = &read.events[0].kind else { panic!("{read:?}") };
    serde_json::from_str(properties).unwrap()
}

fn pointers(faults: &[Fault]) -> Vec<(&str, &str)> {
    faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect()
}

#[rstest]
#[case::just_now(THEIRS, 0)]
#[case::five_seconds_ago(THEIRS - 5_000, 5_000)]
#[case::a_day_ago(THEIRS - DAY_MS, DAY_MS)]
#[case::longer_than_we_believe(THEIRS - DAY_MS - 1, DAY_MS)]
#[case::after_it_was_sent(THEIRS + 5_000, 0)]
#[case::as_early_as_a_date_goes(-8_640_000_000_000_000, DAY_MS)]
fn our_clock_decides_and_theirs_only_tells_an_age(#[case] at: i64, #[case] age: i64) {
    let read = outcome(&batch(&json!([{"id": "e", "type": "page", "at": at}]))).unwrap();
    assert_eq!(read.events[0].at, NOW.plus_millis(-age));
}

#[test]
fn times_may_be_rfc_3339() {
    let mut payload = batch(&json!([{"id": "e", "type": "page", "at": "2001-01-01T00:00:00Z"}]));
    payload["sentAt"] = json!("2001-01-01T00:00:01Z");
    assert_eq!(outcome(&payload).unwrap().events[0].at, NOW.plus_millis(-1_000));
}

#[test]
fn a_batch_says_whose_it_is_and_whether_the_shopper_agreed() {
    let mut payload = batch(&json!([]));
    payload["consent"] = json!(false);
    let read = outcome(&payload).unwrap();
    assert_eq!(
        (read.store_id.as_str(), read.visitor.as_str(), read.session.as_str()),
        ("store_x", "v-1", "s-1")
    );
    assert_eq!((read.consent, read.events.len()), (Some(false), 0));
    assert_eq!(outcome(&batch(&json!([]))).unwrap().consent, None);
}

#[test]
fn a_bad_event_is_refused_alone() {
    let read = outcome(&batch(&json!([
        {"id": "1", "type": "page", "at": THEIRS},
        {"id": "2", "type": "teleport", "at": THEIRS},
        {"type": "page", "at": 1.5},
        "page",
        {"id": "5", "type": "identify", "at": THEIRS},
        {"id": "6", "type": "conversion", "at": THEIRS, "totalCents": "9"},
        {"id": "7", "type": "custom", "at": THEIRS},
        {"id": "8", "type": "checkout", "at": THEIRS},
    ])))
    .unwrap();
    let kept: Vec<_> = read.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(kept, ["1", "8"]);
    let refused: Vec<_> = read.refused.iter().flat_map(|refused| pointers(&refused.faults)).collect();
    assert_eq!(
        refused,
        [
            ("/events/1/type", "unknown_value"),
            ("/events/2/id", "missing"),
            ("/events/2/at", "not_an_integer"),
            ("/events/3", "wrong_type"),
            ("/events/4/userId", "missing"),
            ("/events/5/orderId", "missing"),
            ("/events/5/totalCents", "not_an_integer"),
            ("/events/6/name", "missing"),
        ]
    );
    assert_eq!(read.refused.iter().map(|refused| refused.index).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn faults_of_the_batch_refuse_all_of_it_at_once() {
    let found = outcome(&json!({"visitorId": "undefined", "consent": "yes", "sentAt": "now", "events": {}}));
    assert_eq!(
        pointers(&found.unwrap_err()),
        [
            ("/storeId", "missing"),
            ("/visitorId", "placeholder_identifier"),
            ("/sessionId", "missing"),
            ("/consent", "wrong_type"),
            ("/sentAt", "invalid_date"),
            ("/events", "wrong_type"),
        ]
    );
    let event = json!({"id": "e", "type": "page", "at": THEIRS});
    assert_eq!(outcome(&batch(&json!(vec![event.clone(); 100]))).unwrap().events.len(), 100);
    let found = outcome(&batch(&json!(vec![event; 101]))).unwrap_err();
    assert_eq!(pointers(&found), [("/events", "too_many_events")]);
}

#[test]
fn every_type_is_taken_under_its_name() {
    for seen in SeenType::ALL {
        let read = one(seen.code(), json!({"name": "x"}));
        assert!(matches!(&read.events[0].kind, EventKind::Seen { seen: read, .. } if *read == seen));
    }
}

#[test]
fn an_address_is_kept_without_its_query_and_a_referrer_as_its_origin() {
    let kept = properties(
        "page",
        json!({"url": "https://shop.example/a/b?email=x#y", "referrer": "https://news.example:8443/z?q", "title": "t"}),
    );
    assert_eq!(kept, json!({"url": "https://shop.example/a/b", "referrer": "https://news.example:8443"}));
}

#[rstest]
#[case("javascript:alert(1)")]
#[case("https://user:secret@shop.example/")]
#[case("/relative")]
#[case("https://")]
#[case("")]
fn what_is_no_plain_web_address_is_left_out(#[case] url: &str) {
    assert_eq!(properties("page", json!({"url": url, "referrer": url})), json!({}));
}

#[test]
fn a_long_address_is_left_out_and_the_page_is_counted() {
    let url = format!("https://shop.example/{}", "x".repeat(PROPERTIES_BYTES_MAX));
    assert_eq!(properties("page", json!({"url": url})), json!({}));
}

#[test]
fn ids_are_kept_as_text_and_odd_ones_are_left_out() {
    let kept = properties(
        "add_to_cart",
        json!({"widgetId": "w", "productId": 7, "variantId": "undefined", "quantity": 0, "price": 5}),
    );
    assert_eq!(kept, json!({"widgetId": "w", "productId": "7"}));
}

#[test]
fn a_custom_event_keeps_what_does_not_look_personal() {
    let own = json!({
        "step": 2, "done": true, "plan": "basic", "E-Mail": "x", "firstName": "x", "contact": "jane@example.org",
        "nested": {"a": 1}, "list": [1], "none": null, "long": "x".repeat(256),
    });
    let kept = properties("custom", json!({"name": "quiz", "properties": own}));
    assert_eq!(kept, json!({"name": "quiz", "properties": {"step": 2, "done": true, "plan": "basic"}}));
}

#[test]
fn custom_properties_that_are_too_long_are_left_out_as_a_whole() {
    let own: Payload = (0..20).map(|key| (format!("k{key}"), json!("x".repeat(200)))).collect();
    assert_eq!(properties("custom", json!({"name": "quiz", "properties": own})), json!({"name": "quiz"}));
}

#[test]
fn identify_carries_a_user_and_traits_within_4_kib() {
    let read = one("identify", json!({"userId": "u-1", "traits": {"plan": "gold"}}));
    let EventKind::Identify { user, traits } = &read.events[0].kind else { panic!("{read:?}") };
    assert_eq!((user.as_str(), traits.as_deref()), ("u-1", Some(r#"{"plan":"gold"}"#)));
    let read = one("identify", json!({"userId": "u-1", "traits": {"plan": "x".repeat(5_000)}}));
    assert!(matches!(&read.events[0].kind, EventKind::Identify { traits: None, .. }));
    assert_eq!(
        (read.warnings[0].pointer.as_str(), read.warnings[0].code),
        ("/events/0/traits", "traits_too_large")
    );
}

fn conversion(fields: Payload) -> (BrowserOrder, Vec<Warning>) {
    let read = one("conversion", fields);
    let EventKind::Conversion { order, warnings } = read.events[0].kind.clone() else { panic!("{read:?}") };
    (*order, warnings)
}

#[test]
fn a_browsers_conversion_needs_only_an_order_id() {
    let (order, warnings) = conversion(json!({"orderId": "o-1"}));
    assert_eq!(warnings, []);
    let (visitor, session) = (VisitorId::parse("v").unwrap(), SessionId::parse("s").unwrap());
    let order = order.into_order(visitor, session, NOW, Currency::parse("JPY").unwrap());
    assert_eq!((order.total_minor, order.currency.code(), order.status), (0, "JPY", OrderStatus::Completed));
    assert!(order.items.is_empty() && order.source.is_unverified());
}

#[test]
fn a_browsers_items_have_defaults() {
    let (order, warnings) = conversion(json!({
        "orderId": 17, "currency": "eur", "totalCents": 500,
        "items": [{"productId": "a"}, {"productId": "b", "priceCents": 100, "quantity": 3}],
    }));
    let lines: Vec<_> =
        order.items.iter().map(|item| (item.quantity, item.price_minor, item.total_minor)).collect();
    assert_eq!(lines, [(1, 0, 0), (3, 100, 300)]);
    assert_eq!(order.currency.unwrap().code(), "EUR");
    assert_eq!(
        warnings.iter().map(|warning| warning.pointer.as_str()).collect::<Vec<_>>(),
        ["/events/0/orderId"]
    );
}

#[test]
fn a_browsers_line_that_multiplies_beyond_an_amount_is_refused() {
    let item = json!({"productId": "a", "priceCents": 9_007_199_254_740_991_i64, "quantity": 1_000_000});
    let read = one("conversion", json!({"orderId": "o", "items": [item]}));
    assert_eq!(pointers(&read.refused[0].faults), [("/events/0/items/0/priceCents", "out_of_range")]);
}

#[rstest]
#[case("cart", json!({"cartToken": "c1-abc?key=0123"}), &[(TokenKind::Cart, "c1-abc")])]
#[case("checkout_completed", json!({"checkoutToken": "k-1", "cartToken": null}), &[(TokenKind::Checkout, "k-1")])]
#[case(
    "checkout_completed",
    json!({"checkoutToken": "k-1", "cartToken": "c-1?x"}),
    &[(TokenKind::Checkout, "k-1"), (TokenKind::Cart, "c-1")]
)]
#[case("checkout_completed", json!({"checkoutToken": "k-1", "cartToken": ""}), &[(TokenKind::Checkout, "k-1")])]
fn a_browser_claims_carts_and_checkouts_by_their_bare_tokens(
    #[case] name: &str,
    #[case] fields: Payload,
    #[case] expected: &[(TokenKind, &str)],
) {
    let read = one(name, fields);
    let EventKind::Claim { tokens } = &read.events[0].kind else { panic!("{read:?}") };
    let found: Vec<_> = tokens.iter().map(|token| (token.kind, token.text.as_str())).collect();
    assert_eq!(found, expected);
}

#[rstest]
#[case("cart", json!({}), "/events/0/cartToken", "missing")]
#[case("cart", json!({"cartToken": "?key=1"}), "/events/0/cartToken", "empty_identifier")]
#[case("cart", json!({"cartToken": "undefined"}), "/events/0/cartToken", "placeholder_identifier")]
#[case("cart", json!({"cartToken": 17}), "/events/0/cartToken", "wrong_type")]
#[case("cart", json!({"cartToken": "x".repeat(256)}), "/events/0/cartToken", "too_long")]
#[case("checkout_completed", json!({"cartToken": "c-1"}), "/events/0/checkoutToken", "missing")]
#[case("checkout_completed", json!({"checkoutToken": "null"}), "/events/0/checkoutToken", "placeholder_identifier")]
fn a_claim_without_a_token_of_its_own_is_refused(
    #[case] name: &str,
    #[case] fields: Payload,
    #[case] pointer: &str,
    #[case] code: &str,
) {
    let read = one(name, fields);
    assert_eq!(pointers(&read.refused[0].faults), [(pointer, code)]);
}
