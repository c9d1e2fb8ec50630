//! Every recorded payload of Shopify and `WooCommerce`: what it says, what it is worth, whether it counts and why.

use std::path::PathBuf;

use rstest::rstest;
use selektable_domain::opaque::{OrderId, ProductId};
use selektable_domain::order::platform::{LeftOut, OrderNote, Origin};
use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::platform::{Delivery, Ignored, Message, PlatformOrder, PrivacyRequest, Reading};
use selektable_domain::platform::{shopify, woocommerce};
use selektable_domain::time::Timestamp;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/platforms");
    std::fs::read(root.join(name)).unwrap()
}

fn delivery<'a>(topic: &'a str, body: &'a [u8]) -> Delivery<'a> {
    Delivery { topic: Some(topic), is_test: false, received_at: NOW, body }
}

pub(crate) fn shopify_says(topic: &str, body: &[u8]) -> Reading {
    shopify::read(delivery(topic, body))
}

pub(crate) fn woocommerce_says(topic: &str, body: &[u8]) -> Reading {
    woocommerce::read(delivery(topic, body))
}

pub(crate) fn order_of(reading: Reading) -> PlatformOrder {
    match reading.message {
        Message::Order(order) => *order,
        other => panic!("{other:?} is no order"),
    }
}

struct Expected {
    id: &'static str,
    status: OrderStatus,
    money: (i64, i64, i64),
    items: usize,
    left_out: Option<LeftOut>,
    raw_status: &'static str,
    warnings: &'static [&'static str],
}

const GUEST: Expected = Expected {
    id: "1073459966",
    status: OrderStatus::Processing,
    money: (19_900, 0, 19_900),
    items: 1,
    left_out: Some(LeftOut::NoOnlineVisitor),
    raw_status: "paid",
    warnings: &[],
};

#[rstest]
#[case("shopify/orders_create.paid.guest-no-customer.json", "orders/create", GUEST)]
#[case("shopify/orders_create.pending-payment.json", "orders/create", Expected {
    status: OrderStatus::Pending, raw_status: "pending", id: "1073459983", ..GUEST
})]
#[case("shopify/orders_create.paid.eur-tax-lines.json", "orders/paid", Expected {
    id: "1073459976", money: (23_847, 0, 23_847), items: 1, warnings: &["line_without_product"], ..GUEST
})]
#[case("shopify/orders_updated.partially-refunded.note-attributes.json", "orders/updated", Expected {
    id: "450789469", money: (59_894, 20_900, 38_994), items: 3, left_out: None, raw_status: "partially_refunded", ..GUEST
})]
#[case("shopify/orders_cancelled.refunded.json", "orders/cancelled", Expected {
    id: "450789469", status: OrderStatus::Refunded, money: (59_894, 1_000, 58_894), items: 3, left_out: None,
    raw_status: "refunded", warnings: &["refund_below_total"]
})]
#[case("shopify/orders_create.cli-test-sample-2024-10.ids-rounded-by-javascript.json", "orders/create", Expected {
    id: "820982911946154508", status: OrderStatus::Cancelled, money: (38_800, 38_800, 0), items: 2,
    left_out: Some(LeftOut::Test), raw_status: "voided/pending", warnings: &["id_rounded"]
})]
#[case("woocommerce/order.created.processing.rest-docs-727.json", "order.created", Expected {
    id: "727", money: (2_935, 0, 2_935), items: 2, raw_status: "processing", ..GUEST
})]
fn an_order_is_read_as_its_fixture_says(#[case] name: &str, #[case] topic: &str, #[case] expected: Expected) {
    let body = fixture(name);
    let is_shopify = name.starts_with("shopify/");
    let reading = if is_shopify { shopify_says(topic, &body) } else { woocommerce_says(topic, &body) };
    let host = if is_shopify { "jsmith.myshopify.com" } else { "example.com" };
    assert_eq!(reading.hosts, [host]);
    let PlatformOrder { order, warnings, is_restored } = order_of(reading);
    let part = order.platform.clone().unwrap();
    assert_eq!(order.id.as_str(), expected.id);
    assert_eq!(order.status, expected.status);
    assert_eq!((order.total_minor, order.refunded(), order.net().minor), expected.money);
    assert_eq!(order.items.len(), expected.items);
    assert_eq!(order.left_out(), expected.left_out);
    assert_eq!(part.raw_status, expected.raw_status);
    let codes: Vec<&str> = warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, expected.warnings);
    assert!(!is_restored && order.visitor.is_none() && order.user.is_none() && part.carrier.is_none());
}

fn facts_of(name: &str) -> Order {
    order_of(shopify_says("orders/updated", &fixture(name))).order
}

#[test]
fn a_shopify_orders_dates_tokens_lines_and_repayments_are_its_own() {
    let order = facts_of("shopify/orders_updated.partially-refunded.note-attributes.json");
    let part = order.platform.clone().unwrap();
    assert_eq!(order.created_at.to_rfc3339(), "2008-01-10T16:00:00.000Z");
    assert_eq!(order.updated_at, Some(order.created_at));
    let tokens: Vec<&str> = part.tokens.iter().map(|token| token.text.as_str()).collect();
    assert_eq!(tokens, ["68778783ad298f1c80c3bafcddeea02f", "bd5a8aa1ecd019dd3520ff791ee3a24c"]);
    assert_eq!((part.origin, part.number.as_deref()), (Origin::Online, Some("#1001")));
    let lines: Vec<_> = order
        .items
        .iter()
        .map(|item| (item.product.as_str(), item.variant.as_ref().unwrap().as_str(), item.total_minor))
        .collect();
    // 199.00 less 3.34 or 3.33 of a discount over all lines.
    assert_eq!(
        lines,
        [
            ("632910392", "39072856", 19_566),
            ("632910392", "49148385", 19_567),
            ("632910392", "457924702", 19_567)
        ]
    );
    let refunds: Vec<_> = part
        .refunds
        .iter()
        .map(|refund| (refund.id.as_str(), refund.minor, refund.at.unwrap().to_rfc3339()))
        .collect();
    assert_eq!(refunds, [("509562969", 20_900, "2025-04-02T16:29:59.000Z".to_owned())]);
    assert_eq!(facts_of("shopify/orders_create.paid.guest-no-customer.json").origin(), Origin::Api);
}

#[test]
fn a_woocommerce_orders_lines_include_tax_and_its_dates_are_utc() {
    let body = fixture("woocommerce/order.created.processing.rest-docs-727.json");
    let order = order_of(woocommerce_says("order.created", &body)).order;
    assert_eq!(order.created_at.to_rfc3339(), "2017-03-22T19:28:02.000Z");
    assert_eq!(order.updated_at.unwrap().to_rfc3339(), "2017-03-22T19:28:08.000Z");
    let lines: Vec<_> = order
        .items
        .iter()
        .map(|item| {
            let variant = item.variant.as_ref().map(ProductId::as_str);
            (item.product.as_str(), variant, item.quantity, item.price_minor, item.total_minor)
        })
        .collect();
    assert_eq!(lines, [("93", None, 2, 322, 645), ("22", Some("23"), 1, 1_290, 1_290)]);
    assert_eq!(order.origin(), Origin::Api);
}

#[test]
fn what_is_not_an_order_is_read_for_what_it_is() {
    let note = |reading: Reading| match reading.message {
        Message::Note { order, note } => (order.to_string(), note),
        other => panic!("{other:?} is no note"),
    };
    let (order, told) = note(shopify_says("refunds/create", &fixture("shopify/refunds_create.json")));
    let OrderNote::Refund { refund, currency } = told else { panic!("{told:?}") };
    assert_eq!((order.as_str(), refund.minor, currency.code()), ("450789469", 20_900, "USD"));
    assert_eq!(refund.id.as_str(), "509562969");
    let deleted = fixture("shopify/orders_delete.cli-test-sample-2024-10.json");
    assert_eq!(
        note(shopify_says("orders/delete", &deleted)),
        ("820982911946154500".to_owned(), OrderNote::Deleted)
    );
    let deleted = fixture("woocommerce/order.deleted.body.json");
    assert_eq!(note(woocommerce_says("order.deleted", &deleted)), ("727".to_owned(), OrderNote::Deleted));
    let uninstalled =
        shopify_says("app/uninstalled", &fixture("shopify/app_uninstalled.cli-test-sample-2024-10.json"));
    assert_eq!((uninstalled.message, uninstalled.hosts.len()), (Message::Uninstalled, 0));
    let lost = fixture("woocommerce/order.updated.error-payload.rest-cannot-view.json");
    assert_eq!(woocommerce_says("order.updated", &lost).message, Message::OwnerLostAccess);
    let edited = fixture("shopify/orders_edited.cli-test-sample-2024-10.json");
    assert_eq!(shopify_says("orders/edited", &edited).message, Ignored::EditWithoutOrder.into());
    let action = fixture("woocommerce/action.woocommerce_order_status_completed.body.json");
    assert_eq!(
        woocommerce_says("action.woocommerce_order_status_completed", &action).message,
        Ignored::Topic.into()
    );
    let ping = fixture("woocommerce/ping.body.txt");
    assert_eq!(woocommerce_says("order.created", &ping).message, Ignored::Unreadable.into());
}

#[test]
fn privacy_requests_name_the_shop_the_customer_and_the_orders() {
    let asked =
        shopify_says("customers/data_request", &fixture("shopify/customers_data_request.docs-sample.json"));
    assert_eq!(asked.hosts, ["example.myshopify.com"]);
    let Message::Privacy(PrivacyRequest::Data { customer, orders }) = asked.message else { panic!() };
    let orders: Vec<&str> = orders.iter().map(OrderId::as_str).collect();
    assert_eq!((customer.as_deref(), orders), (Some("191167"), vec!["299938", "280263", "220458"]));
    let erase = shopify_says("customers/redact", &fixture("shopify/customers_redact.docs-sample.json"));
    let Message::Privacy(PrivacyRequest::EraseCustomer { customer, orders }) = erase.message else {
        panic!()
    };
    assert_eq!((customer.as_deref(), orders.len()), (Some("191167"), 3));
    let shop = shopify_says("shop/redact", &fixture("shopify/shop_redact.docs-sample.json"));
    assert_eq!(shop.message, Message::Privacy(PrivacyRequest::EraseShop));
}

/// Every Shopify fixture under every topic that does something.
#[test]
fn a_body_does_nothing_under_a_topic_of_another_kind() {
    let kinds = [
        ("order", "shopify/orders_updated.partially-refunded.note-attributes.json"),
        ("edit", "shopify/orders_edited.cli-test-sample-2024-10.json"),
        ("deletion", "shopify/orders_delete.cli-test-sample-2024-10.json"),
        ("refund", "shopify/refunds_create.json"),
        ("shop", "shopify/app_uninstalled.cli-test-sample-2024-10.json"),
        ("data", "shopify/customers_data_request.docs-sample.json"),
        ("erase", "shopify/customers_redact.docs-sample.json"),
        ("erase shop", "shopify/shop_redact.docs-sample.json"),
    ];
    let topics = [
        ("order", "orders/create"),
        ("order", "orders/cancelled"),
        ("edit", "orders/edited"),
        ("deletion", "orders/delete"),
        ("refund", "refunds/create"),
        ("shop", "app/uninstalled"),
        ("data", "customers/data_request"),
        ("erase", "customers/redact"),
        ("erase shop", "shop/redact"),
    ];
    for (kind, name) in kinds {
        for (promised, topic) in topics {
            let message = shopify_says(topic, &fixture(name)).message;
            let does_nothing = message == Ignored::TopicMismatch.into();
            assert_eq!(does_nothing, kind != promised, "{name} as {topic}: {message:?}");
        }
        let untold = Delivery { topic: None, is_test: false, received_at: NOW, body: &fixture(name) };
        let message = shopify::read(untold).message;
        assert_eq!(
            message == Ignored::NoTopic.into(),
            kind != "order",
            "{name} without a topic: {message:?}"
        );
    }
    let order = fixture("woocommerce/order.created.processing.rest-docs-727.json");
    let id_only = fixture("woocommerce/order.deleted.body.json");
    for (topic, body) in
        [("order.deleted", &order), ("order.created", &id_only), ("order.restored", &id_only)]
    {
        assert_eq!(woocommerce_says(topic, body).message, Ignored::TopicMismatch.into(), "{topic}");
    }
}
