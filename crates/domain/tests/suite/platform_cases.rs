//! Odd bodies of Shopify and `WooCommerce`, one by one: currencies, ids, statuses, origins, carriers, drafts, damage.

use rstest::rstest;
use selektable_domain::opaque::{SessionId, VisitorId};
use selektable_domain::order::platform::{Carrier, LeftOut, Origin};
use selektable_domain::order::{ITEMS_MAX, Order, OrderStatus};
use selektable_domain::platform::{
    Delivery, Ignored, Message, PlatformOrder, UNNAMED_PRODUCT, shopify, woocommerce,
};
use serde_json::{Value, json};

use crate::platform_fixtures::{NOW, order_of, shopify_says, woocommerce_says};

fn shopify_body() -> Value {
    json!({"id": 9_007_199_254_740_993_u64, "currency": "EUR", "total_price": "30.00", "financial_status": "paid",
        "created_at": "2026-11-01T10:00:00+01:00", "updated_at": "2026-11-01T10:00:05+01:00", "source_name": "web",
        "line_items": [{"product_id": 1, "variant_id": 2, "quantity": 3, "price": "10.00"}]})
}

fn woocommerce_body() -> Value {
    json!({"id": 9_007_199_254_740_993_u64, "currency": "EUR", "total": "30.00", "status": "completed",
        "date_created_gmt": "2026-11-01T09:00:00", "date_modified_gmt": "2026-11-01T09:00:05",
        "created_via": "checkout",
        "line_items": [{"product_id": 1, "variation_id": 0, "quantity": 3, "total": "25.00", "total_tax": "5.00"}]})
}

/// The body with members replaced.
fn with(mut body: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    for (key, value) in changes {
        body[key] = value;
    }
    body
}

fn shopify_order(changes: Value) -> PlatformOrder {
    order_of(shopify_says("orders/updated", with(shopify_body(), changes).to_string().as_bytes()))
}

fn woocommerce_order(changes: Value) -> PlatformOrder {
    order_of(woocommerce_says("order.updated", with(woocommerce_body(), changes).to_string().as_bytes()))
}

fn shopify_ignored(changes: Value) -> Message {
    shopify_says("orders/updated", with(shopify_body(), changes).to_string().as_bytes()).message
}

fn woocommerce_ignored(changes: Value) -> Message {
    woocommerce_says("order.updated", with(woocommerce_body(), changes).to_string().as_bytes()).message
}

fn codes(taken: &PlatformOrder) -> Vec<&str> {
    taken.warnings.iter().map(|warning| warning.code).collect()
}

fn carried(order: &Order) -> (Option<&str>, Option<&str>, Option<Carrier>) {
    let carrier = order.platform.as_ref().unwrap().carrier;
    (order.visitor.as_ref().map(VisitorId::as_str), order.session.as_ref().map(SessionId::as_str), carrier)
}

#[rstest]
#[case("JPY", "23600", 23_600)]
#[case("jpy", "1000.00", 1_000)]
#[case("KWD", "1.234", 1_234)]
#[case("CLF", "1.2345", 12_345)]
#[case("EUR", "20", 2_000)]
#[case("HRK", "20.5", 2_050)]
fn amounts_are_minor_units_of_iso_4217_whatever_the_shop_writes(
    #[case] currency: &str,
    #[case] total: &str,
    #[case] minor: i64,
) {
    let told = shopify_order(json!({"currency": currency, "total_price": total}));
    assert_eq!(
        (told.order.total_minor, told.order.currency.code()),
        (minor, currency.to_uppercase().as_str())
    );
    let told = woocommerce_order(json!({"currency": currency, "total": total}));
    assert_eq!(told.order.total_minor, minor);
}

#[test]
fn ids_beyond_2_to_the_53_are_exact_also_as_text() {
    for id in [json!(9_007_199_254_740_993_u64), json!("9007199254740993")] {
        assert_eq!(shopify_order(json!({"id": id})).order.id.as_str(), "9007199254740993");
        assert_eq!(woocommerce_order(json!({"id": id})).order.id.as_str(), "9007199254740993");
    }
    let lines =
        json!([{"product_id": u64::MAX, "variant_id": "9007199254740995", "quantity": 1, "price": "1.00"}]);
    let order = shopify_order(json!({"line_items": lines})).order;
    assert_eq!(order.items[0].product.as_str(), "18446744073709551615");
    assert_eq!(order.items[0].variant.as_ref().unwrap().as_str(), "9007199254740995");
    for id in [json!(null), json!(0), json!(-1), json!(1.5), json!("x"), json!([7])] {
        assert!(matches!(shopify_ignored(json!({"id": id})), Message::Ignored(_)), "{id}");
        assert!(matches!(woocommerce_ignored(json!({"id": id})), Message::Ignored(_)), "{id}");
    }
}

#[rstest]
#[case(json!({"financial_status": "refunded", "cancelled_at": "2026-11-02T00:00:00Z"}), OrderStatus::Refunded)]
#[case(json!({"financial_status": "paid", "cancelled_at": "2026-11-02T00:00:00Z"}), OrderStatus::Cancelled)]
#[case(json!({"financial_status": "voided"}), OrderStatus::Cancelled)]
#[case(json!({"financial_status": "expired"}), OrderStatus::Cancelled)]
#[case(json!({"financial_status": "paid", "fulfillment_status": "fulfilled"}), OrderStatus::Completed)]
#[case(json!({"financial_status": "partially_refunded", "fulfillment_status": "fulfilled"}), OrderStatus::Completed)]
#[case(json!({"financial_status": "paid", "fulfillment_status": "partial"}), OrderStatus::Processing)]
#[case(json!({"financial_status": "paid", "fulfillment_status": "pending"}), OrderStatus::Processing)]
#[case(json!({"financial_status": "authorized"}), OrderStatus::OnHold)]
#[case(json!({"financial_status": "partially_paid"}), OrderStatus::OnHold)]
#[case(json!({"financial_status": "pending", "fulfillment_status": "fulfilled"}), OrderStatus::Pending)]
#[case(json!({"financial_status": "unpaid"}), OrderStatus::Pending)]
fn shopifys_status_is_the_first_line_of_the_table_that_fits(
    #[case] changes: Value,
    #[case] status: OrderStatus,
) {
    let told = shopify_order(changes);
    assert_eq!((told.order.status, codes(&told).len()), (status, 0));
}

#[test]
fn a_status_that_nobody_knows_is_taken_and_said() {
    for financial in [json!(null), json!("new_one"), json!(7)] {
        let told = shopify_order(json!({"financial_status": financial}));
        assert_eq!((told.order.status, codes(&told)), (OrderStatus::Pending, vec!["status_unknown"]));
    }
    let paid =
        woocommerce_order(json!({"status": "awaiting-pickup", "date_paid_gmt": "2026-11-01T09:00:00"}));
    assert_eq!((paid.order.status, codes(&paid)), (OrderStatus::Processing, vec!["status_unknown"]));
    assert_eq!(paid.order.platform.unwrap().raw_status, "awaiting-pickup");
    let unpaid = woocommerce_order(json!({"status": "ready-for-pickup", "date_paid_gmt": null}));
    assert_eq!((unpaid.order.status, codes(&unpaid).len()), (OrderStatus::OnHold, 0));
}

#[rstest]
#[case("pending", OrderStatus::Pending)]
#[case("processing", OrderStatus::Processing)]
#[case("on-hold", OrderStatus::OnHold)]
#[case("wc-completed", OrderStatus::Completed)]
#[case("refunded", OrderStatus::Refunded)]
#[case("cancelled", OrderStatus::Cancelled)]
#[case("failed", OrderStatus::Cancelled)]
#[case("trash", OrderStatus::Cancelled)]
fn woocommerces_statuses_are_the_six_and_two_more(#[case] slug: &str, #[case] status: OrderStatus) {
    assert_eq!(woocommerce_order(json!({"status": slug})).order.status, status);
}

#[test]
fn drafts_and_other_topics_are_ignored_and_say_why() {
    for slug in ["checkout-draft", "draft", "auto-draft", "new"] {
        assert_eq!(woocommerce_ignored(json!({"status": slug})), Ignored::Draft.into());
    }
    let order = shopify_body().to_string();
    for (topic, ignored) in [
        ("draft_orders/create", Ignored::Draft),
        ("products/update", Ignored::Topic),
        ("order_transactions/create", Ignored::Topic),
        ("orders/update", Ignored::Topic),
    ] {
        assert_eq!(shopify_says(topic, order.as_bytes()).message, ignored.into(), "{topic}");
    }
    for topic in ["coupon.created", "action.wc_x", "order.paid", "subscription.created"] {
        let message = woocommerce_says(topic, woocommerce_body().to_string().as_bytes()).message;
        assert_eq!(message, Ignored::Topic.into(), "{topic}");
    }
    let old = json!({"order": {"id": 7, "total": "1.00"}}).to_string();
    assert_eq!(woocommerce_says("order.created", old.as_bytes()).message, Ignored::OldPayload.into());
    let gone = json!({"code": "woocommerce_rest_shop_order_invalid_id", "data": {"status": 404}}).to_string();
    assert_eq!(woocommerce_says("order.updated", gone.as_bytes()).message, Ignored::Unreadable.into());
    assert!(matches!(
        shopify_ignored(json!({"admin_graphql_api_id": "gid://shopify/DraftOrder/7"})),
        Message::Ignored(Ignored::TopicMismatch)
    ));
    assert_eq!(woocommerce_ignored(json!({"billing_period": "month"})), Ignored::TopicMismatch.into());
}

#[test]
fn a_whole_order_is_taken_without_a_topic_and_is_restored_with_that_one() {
    let (ours, theirs) = (shopify_body().to_string(), woocommerce_body().to_string());
    let untold = |body| Delivery { topic: None, is_test: true, received_at: NOW, body };
    assert!(order_of(shopify::read(untold(ours.as_bytes()))).order.test);
    assert!(matches!(woocommerce::read(untold(theirs.as_bytes())).message, Message::Order(_)));
    assert!(order_of(woocommerce_says("order.restored", theirs.as_bytes())).is_restored);
}

#[test]
fn amounts_and_currencies_that_cannot_be_read_leave_the_order_out() {
    for total in [json!(null), json!("1,00"), json!("1e3"), json!("99999999999999999"), json!({})] {
        assert_eq!(shopify_ignored(json!({"total_price": total})), Ignored::UnreadableAmount.into());
        assert_eq!(woocommerce_ignored(json!({"total": total})), Ignored::UnreadableAmount.into());
    }
    for currency in [json!(null), json!("BTC"), json!("XAU"), json!(978)] {
        assert_eq!(shopify_ignored(json!({"currency": currency})), Ignored::UnknownCurrency.into());
        assert_eq!(woocommerce_ignored(json!({"currency": currency})), Ignored::UnknownCurrency.into());
    }
    let set = json!({"shop_money": {"amount": "12.00", "currency_code": "USD"}});
    let told = shopify_order(json!({"currency": null, "total_price": null, "total_price_set": set}));
    assert_eq!((told.order.total_minor, told.order.currency.code()), (1_200, "USD"));
    let odd = shopify_order(json!({"total_price": "10.005"}));
    assert_eq!((odd.order.total_minor, codes(&odd)), (1_001, vec!["amount_rounded"]));
    let below = woocommerce_order(json!({"total": "-3.00"}));
    assert_eq!((below.order.total_minor, codes(&below)), (0, vec!["negative_amount"]));
}

#[rstest]
#[case(json!({"source_name": "web"}), Origin::Online)]
#[case(json!({"source_name": null}), Origin::Online)]
#[case(json!({"source_name": "iphone"}), Origin::Online)]
#[case(json!({"source_name": "pos"}), Origin::PointOfSale)]
#[case(json!({"source_name": "shopify_draft_order"}), Origin::Draft)]
#[case(json!({"source_name": "subscription_contract"}), Origin::Renewal)]
#[case(json!({"source_name": "subscription_contract_checkout_one"}), Origin::Renewal)]
#[case(json!({"source_name": "755357713"}), Origin::Api)]
#[case(json!({"source_name": 755_357_713}), Origin::Api)]
fn a_shopify_orders_origin(#[case] changes: Value, #[case] origin: Origin) {
    assert_eq!(shopify_order(changes).order.origin(), origin);
}

#[rstest]
#[case(json!({"created_via": "checkout"}), Origin::Online)]
#[case(json!({"created_via": "store-api"}), Origin::Online)]
#[case(json!({"created_via": null}), Origin::Online)]
#[case(json!({"created_via": "admin"}), Origin::Staff)]
#[case(json!({"created_via": "rest-api"}), Origin::Api)]
#[case(json!({"created_via": "subscription"}), Origin::Renewal)]
#[case(json!({"meta_data": [{"key": "_subscription_renewal", "value": "812"}]}), Origin::Renewal)]
#[case(json!({"meta_data": [{"key": "_subscription_renewal", "value": ""}]}), Origin::Online)]
fn a_woocommerce_orders_origin(#[case] changes: Value, #[case] origin: Origin) {
    assert_eq!(woocommerce_order(changes).order.origin(), origin);
}

#[test]
fn a_renewal_carries_the_first_orders_visitor_and_is_left_out() {
    let meta = json!([{"key": "_selektable_visitor_id", "value": "v"}, {"key": "_subscription_renewal", "value": 812}]);
    let order = woocommerce_order(json!({"meta_data": meta})).order;
    assert_eq!((carried(&order).0, order.left_out()), (Some("v"), Some(LeftOut::Renewal)));
    let test = shopify_order(json!({"test": true})).order;
    assert_eq!(test.left_out(), Some(LeftOut::Test));
    assert_eq!(
        shopify_order(json!({"id": 820_982_911_946_154_508_u64})).order.left_out(),
        Some(LeftOut::Test)
    );
}

#[test]
fn shopifys_visitor_is_a_lines_before_the_carts() {
    let attributes = json!([{"name": "__selektable_visitor_id", "value": "cart"}, {"name": "selektable_session_id", "value": "s"}]);
    let order = shopify_order(json!({"note_attributes": attributes})).order;
    assert_eq!(carried(&order), (Some("cart"), Some("s"), Some(Carrier::CartAttribute)));
    let properties = json!([{"name": "_selektable_visitor_id", "value": "line"}]);
    let line = json!({"product_id": 1, "quantity": 1, "price": "1.00", "properties": properties});
    let order = shopify_order(json!({"note_attributes": attributes, "line_items": [line]})).order;
    assert_eq!(carried(&order), (Some("line"), None, Some(Carrier::LineProperty)));
    let nobody = json!([{"name": "selektable_visitor_id", "value": "undefined"}]);
    let told = shopify_order(json!({"note_attributes": nobody}));
    assert_eq!((carried(&told.order), codes(&told)), ((None, None, None), vec!["visitor_unusable"]));
}

#[rstest]
#[case(json!("form_field"), Carrier::FormField)]
#[case(json!("store_api"), Carrier::StoreApi)]
#[case(json!("cookie"), Carrier::Cookie)]
#[case(json!("pixel"), Carrier::OrderMeta)]
#[case(json!(null), Carrier::OrderMeta)]
fn woocommerces_visitor_is_in_the_orders_metadata(#[case] said: Value, #[case] carrier: Carrier) {
    let meta = json!([{"id": 1, "key": "_x", "value": {"deep": [[[]]]}}, {"id": 2, "key": "_selektable_visitor_id", "value": "v"},
        {"id": 3, "key": "_selektable_session_id", "value": "s"}, {"id": 4, "key": "_selektable_carrier", "value": said}]);
    let order = woocommerce_order(json!({"meta_data": meta})).order;
    assert_eq!(carried(&order), (Some("v"), Some("s"), Some(carrier)));
}

#[test]
fn tokens_lose_their_key_and_repayments_in_the_shoppers_currency_are_told_in_the_shops() {
    let order = shopify_order(json!({"cart_token": "Z2NwLXVzLWVhc3Q?key=abc", "checkout_token": ""})).order;
    let tokens: Vec<String> =
        order.platform.unwrap().tokens.iter().map(|token| token.text.to_string()).collect();
    assert_eq!(tokens, ["Z2NwLXVzLWVhc3Q"]);
    let money = |amount: &str| json!({"shop_money": {"amount": amount, "currency_code": "EUR"}});
    let refund = json!({"id": 5, "created_at": "2026-11-02T00:00:00Z",
        "refund_line_items": [{"subtotal": 10.1, "total_tax": 1.9, "subtotal_set": money("10.10"), "total_tax_set": money("1.90")}],
        "order_adjustments": [{"amount": "-9.99", "amount_set": money("-5.00"), "tax_amount_set": money("-0.50")}],
        "transactions": [{"kind": "refund", "status": "success", "amount": "29.00", "currency": "AUD"},
            {"kind": "refund", "status": "pending", "amount": "7.00", "currency": "AUD"}]});
    let told = shopify_order(json!({"refunds": [refund]}));
    assert_eq!((told.order.refunded_minor, told.order.net().minor), (1_750, 1_250));
    let untold = json!({"id": 5, "transactions": [{"kind": "refund", "status": "success", "amount": "29.00", "currency": "AUD"}]});
    let told = shopify_order(json!({"refunds": [untold]}));
    assert_eq!((told.order.refunded_minor, codes(&told)), (0, vec!["refund_in_other_currency"]));
}

#[test]
fn lines_are_capped_and_odd_quantities_are_whole() {
    let line = json!({"product_id": 1, "quantity": 1, "price": "0.01"});
    let told = shopify_order(json!({"line_items": vec![line; ITEMS_MAX + 1]}));
    assert_eq!((told.order.items.len(), codes(&told)), (ITEMS_MAX, vec!["too_many_items"]));
    let lines = json!([{"product_id": null, "variant_id": 5, "quantity": 2, "price": "1.00", "discount_allocations": [{"amount": "9.00"}]},
        {"product_id": 6, "quantity": 0, "price": "1.00"}, 7, null, {"title": "tip"}]);
    let told = shopify_order(json!({"line_items": lines}));
    let item = &told.order.items[0];
    assert_eq!((item.product.as_str(), item.quantity, item.total_minor), ("5", 2, 0));
    assert_eq!((told.order.items.len(), codes(&told)), (2, vec!["line_without_product"]));
    assert_eq!(told.order.items[1].product.as_str(), UNNAMED_PRODUCT);
    let lines = json!([{"product_id": 1, "quantity": 1.5, "total": "10.00", "total_tax": "", "price": 6.666_666},
        {"product_id": 2, "quantity": 0.2, "total": 5, "total_tax": "0.5"}, {"product_id": 0, "variation_id": 0}]);
    let told = woocommerce_order(json!({"line_items": lines}));
    let read: Vec<_> =
        told.order.items.iter().map(|item| (item.quantity, item.price_minor, item.total_minor)).collect();
    assert_eq!(
        (read, codes(&told)),
        (vec![(2, 500, 1_000), (1, 550, 550), (1, 0, 0)], vec!["line_without_product"])
    );
}

#[test]
fn only_what_an_order_needs_is_required_and_damage_elsewhere_is_skipped() {
    let bare = br#"{"id": "7", "id": 8, "currency": "eur", "total_price": 12.5, "financial_status": "paid", "line_items": "none",
        "refunds": {}, "note_attributes": 3, "cart_token": [], "name": "\ud800\u0000#1", "created_at": "yesterday", "x": [[{"y": "\uDEAD"}]]}"#;
    let told = order_of(shopify_says("orders/create", bare));
    assert_eq!((told.order.id.as_str(), told.order.total_minor), ("8", 1_250));
    assert_eq!((told.order.created_at, codes(&told)), (NOW, vec!["date_missing"]));
    let order = woocommerce_body().to_string();
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    let deep = format!(r#"{{"x": {open}1{close}, {}"#, &order[1..]);
    assert!(matches!(woocommerce_says("order.updated", deep.as_bytes()).message, Message::Order(_)));
    for damaged in [&b""[..], b"[]", b"7", b"{", b"\xff", b"webhook_id=17", b"null"] {
        assert_eq!(shopify_says("orders/create", damaged).message, Ignored::Unreadable.into());
        assert_eq!(woocommerce_says("order.created", damaged).message, Ignored::Unreadable.into());
    }
    let long = format!("{}{}", " ".repeat(4 * 1024 * 1024), shopify_body());
    assert_eq!(shopify_says("orders/create", long.as_bytes()).message, Ignored::Unreadable.into());
}
