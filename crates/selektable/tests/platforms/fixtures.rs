//! Every recorded payload, sent and read back.

use rstest::rstest;
use serde_json::{Value, json};

use crate::shop::{Kind, PlatformShop, fixture};
use crate::support::TestServer;

/// Status; total, refunded and net; why it is left out; the platform's status.
type Expected = (&'static str, [i64; 3], Option<&'static str>, &'static str);

fn told(conversion: &Value) -> (Value, [Value; 3], Value, Value) {
    (
        conversion["status"].clone(),
        ["totalCents", "refundedCents", "netCents"].map(|name| conversion[name].clone()),
        conversion["leftOut"].clone(),
        conversion["platform"]["rawStatus"].clone(),
    )
}

#[rstest]
#[case(Kind::Shopify, "orders_create.paid.guest-no-customer.json", "orders/create", "1073459966",
    ("processing", [19_900, 0, 19_900], Some("no_online_visitor"), "paid"))]
#[case(Kind::Shopify, "orders_create.paid.eur-tax-lines.json", "orders/create", "1073459976",
    ("processing", [23_847, 0, 23_847], Some("no_online_visitor"), "paid"))]
#[case(Kind::Shopify, "orders_create.pending-payment.json", "orders/create", "1073459983",
    ("pending", [19_900, 0, 19_900], Some("no_online_visitor"), "pending"))]
#[case(Kind::Shopify, "orders_updated.partially-refunded.note-attributes.json", "orders/updated", "450789469",
    ("processing", [59_894, 20_900, 38_994], None, "partially_refunded"))]
#[case(Kind::Shopify, "orders_cancelled.refunded.json", "orders/cancelled", "450789469",
    ("refunded", [59_894, 1_000, 58_894], None, "refunded"))]
#[case(Kind::Shopify, "orders_create.cli-test-sample-2024-10.ids-rounded-by-javascript.json", "orders/create",
    "820982911946154508", ("cancelled", [38_800, 38_800, 0], Some("test"), "voided/pending"))]
#[case(Kind::WooCommerce, "order.created.processing.rest-docs-727.json", "order.created", "727",
    ("processing", [2_935, 0, 2_935], Some("no_online_visitor"), "processing"))]
fn an_order_is_kept_as_its_fixture_says(
    #[case] kind: Kind,
    #[case] name: &str,
    #[case] topic: &str,
    #[case] id: &str,
    #[case] (status, money, left_out, raw): Expected,
) {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, kind);
    let body = fixture(&format!("{}/{name}", kind.code()));
    let answer = shop.deliver(topic, &body);
    assert_eq!((answer.status, &answer.json["result"]), (200, &json!("created")), "{}", answer.text());
    assert_eq!((&answer.json["success"], &answer.json["orderId"]), (&json!(true), &json!(id)));
    assert_eq!(answer.json["attribution"]["type"], "none");

    let kept = shop.conversion(id);
    let expected = (json!(status), money.map(|cents| json!(cents)), json!(left_out), json!(raw));
    assert_eq!(told(&kept), expected, "{kept:#}");
    assert_eq!((&kept["source"], &kept["orderId"]), (&json!(kind.code()), &json!(id)));
    assert_eq!(kept["conversionId"], answer.json["conversionId"]);
    assert!(kept.get("leftOut").is_some() == left_out.is_some(), "absent when it counts");
    let personal = ["norman", "doe", "@", "chestnut", "969 market", "0.0.0.0"];
    let text = kept.to_string().to_lowercase();
    assert!(personal.iter().all(|word| !text.contains(word)), "nothing personal is kept: {text}");

    let counted = shop.get("summary").json["conversions"].clone();
    assert_eq!(counted, json!(u64::from(left_out.is_none())), "left out of every figure, or counted once");
    let again = shop.deliver(topic, &body);
    assert_eq!((again.status, &again.json["result"]), (200, &json!("unchanged")));
    assert_eq!(shop.conversions(), 1);
}

#[test]
fn a_partial_refund_is_told_repayment_by_repayment() {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    let name = "shopify/orders_updated.partially-refunded.note-attributes.json";
    assert_eq!(shop.deliver("orders/updated", &fixture(name)).status, 200);
    let kept = shop.conversion("450789469");
    assert_eq!(
        kept["platform"],
        json!({
            "origin": "online", "carrier": null, "rawStatus": "partially_refunded", "number": "#1001",
            "refunds": [{ "id": "509562969", "cents": 20_900, "at": "2025-04-02T16:29:59.000Z" }],
        })
    );
    // The topic of the refund itself tells of the same repayment: nothing is given back twice.
    let answer = shop.deliver("refunds/create", &fixture("shopify/refunds_create.json"));
    assert_eq!((answer.status, &answer.json["orderId"]), (200, &json!("450789469")), "{}", answer.text());
    assert_eq!(shop.conversion("450789469")["refundedCents"], 20_900);
}

#[rstest]
#[case(Kind::Shopify, "orders_edited.cli-test-sample-2024-10.json", "orders/edited", "edit_without_order")]
#[case(
    Kind::WooCommerce,
    "action.woocommerce_order_status_completed.body.json",
    "action.woocommerce_order_status_completed",
    "topic_not_used"
)]
#[case(
    Kind::WooCommerce,
    "order.updated.error-payload.rest-cannot-view.json",
    "order.updated",
    "owner_lost_access"
)]
fn what_is_of_no_use_is_answered_200_and_says_so(
    #[case] kind: Kind,
    #[case] name: &str,
    #[case] topic: &str,
    #[case] reason: &str,
) {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, kind);
    let answer = shop.deliver(topic, &fixture(&format!("{}/{name}", kind.code())));
    assert_eq!((answer.status, &answer.json["result"]), (200, &json!("ignored")), "{}", answer.text());
    assert_eq!(answer.json["reason"], json!(reason));
    assert!(answer.json["detail"].is_string() && answer.json.get("conversionId").is_none());
    assert_eq!(shop.conversions(), 0);
    let kept = shop.deliveries("");
    assert_eq!((&kept[0]["outcome"], &kept[0]["code"]), (&json!("ignored"), &json!(reason)));
    assert_eq!((&kept[0]["topic"], &kept[0]["source"]), (&json!(topic), &json!(kind.code())));
    assert_eq!(kept[0]["requestId"].as_str(), answer.header("x-request-id"));
}

#[rstest]
#[case(Kind::Shopify, "orders_delete.cli-test-sample-2024-10.json", "orders/delete", "820982911946154500")]
#[case(Kind::Shopify, "refunds_create.json", "refunds/create", "450789469")]
#[case(Kind::WooCommerce, "order.deleted.body.json", "order.deleted", "727")]
fn word_about_an_order_that_is_not_here_waits_for_it(
    #[case] kind: Kind,
    #[case] name: &str,
    #[case] topic: &str,
    #[case] id: &str,
) {
    let server = TestServer::start();
    let mut shop = PlatformShop::open(&server, kind);
    let answer = shop.deliver(topic, &fixture(&format!("{}/{name}", kind.code())));
    assert_eq!((answer.status, &answer.json["result"]), (200, &json!("waiting")), "{}", answer.text());
    assert_eq!(answer.json["orderId"], json!(id));
    assert_eq!(shop.conversions(), 0);
    let kept = shop.deliveries("");
    assert_eq!((&kept[0]["outcome"], &kept[0]["topic"]), (&json!("noted"), &json!(topic)));
}
