//! Files of orders: what is read of them, what is refused and where.

use selektable_domain::order::platform::{Carrier, Origin};
use selektable_domain::order::version::OrderState;
use selektable_domain::order::{OrderStatus, Source};
use selektable_domain::platform::import::{Columns, ImportFault, Imported, Row, read_json_line};

use crate::platform_fixtures::{NOW, fixture, order_of, shopify_says};

const SHOPIFY: [&str; 24] = [
    "\u{feff}Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Fulfillment Status",
    "Fulfilled at",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem sku",
    "Lineitem discount",
    "Billing Name",
    "Note Attributes",
    "Cancelled at",
    "Refunded Amount",
    "Id",
    "Source",
    "Tags",
];

const FIRST: [&str; 24] = [
    "#1001",
    "jon@example.com",
    "partially_refunded",
    "2026-11-01 10:00:05 +0100",
    "fulfilled",
    "2026-11-02 09:00:00 +0100",
    "EUR",
    "45.00",
    "5.00",
    "0.00",
    "50.00",
    "2026-11-01 10:00:00 +0100",
    "2",
    "Chair - red",
    "20.00",
    "CHAIR-RED",
    "5.00",
    "Jon Smith",
    "colour: red\nselektable_visitor_id: v-1\nselektable_session_id: s-1",
    "",
    "7.50",
    "'9007199254740993",
    "web",
    "",
];

fn row<'a>(line: u64, head: &[&'a str], values: &[&'a str]) -> Row<'a> {
    Row { line, cells: head.iter().copied().zip(values.iter().copied()).collect() }
}

fn second() -> [&'static str; 24] {
    let mut values = [""; 24];
    (values[0], values[1], values[12], values[13], values[14]) =
        ("#1001", "jon@example.com", "1", "Custom", "10.00");
    values
}

fn first_with(column: &str, value: &'static str) -> [&'static str; 24] {
    let mut values = FIRST;
    values[SHOPIFY.iter().position(|name| name.trim_start_matches('\u{feff}') == column).unwrap()] = value;
    values
}

#[test]
fn shopifys_export_becomes_an_order_without_names_and_addresses() {
    assert_eq!(Columns::of(&SHOPIFY), Some(Columns::Shopify));
    let rows = [row(2, &SHOPIFY, &FIRST), row(3, &SHOPIFY, &second())];
    assert_eq!(Columns::Shopify.order_key(&rows[1]), Some("#1001"));
    let Imported { order, warnings } = Columns::Shopify.read(&rows, NOW).unwrap();
    let codes: Vec<&str> = warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["line_without_product"]);
    assert_eq!(
        (order.id.as_str(), order.source, order.status),
        ("9007199254740993", Source::Import, OrderStatus::Completed)
    );
    assert_eq!((order.total_minor, order.refunded(), order.net().minor), (5_000, 750, 4_250));
    assert_eq!(order.created_at.to_rfc3339(), "2026-11-01T09:00:00.000Z");
    assert_eq!(order.updated_at.unwrap().to_rfc3339(), "2026-11-02T08:00:00.000Z");
    assert_eq!(
        (order.items.len(), order.items[0].product.as_str(), order.items[0].total_minor),
        (2, "CHAIR-RED", 3_500)
    );
    assert_eq!(
        (order.visitor.as_ref().unwrap().as_str(), order.session.as_ref().unwrap().as_str()),
        ("v-1", "s-1")
    );
    let part = order.platform.clone().unwrap();
    assert_eq!(
        (part.carrier, part.origin, part.number.as_deref()),
        (Some(Carrier::CartAttribute), Origin::Online, Some("#1001"))
    );
    let text = format!("{order:?}{warnings:?}");
    assert!(!text.contains("jon") && !text.contains("Smith"), "{text}");
}

#[test]
fn an_export_that_tells_less_than_was_refunded_counts_its_money_and_not_its_status() {
    let rows = [row(2, &SHOPIFY, &first_with("Financial Status", "refunded"))];
    let order = Columns::Shopify.read(&rows, NOW).unwrap().order;
    assert_eq!((order.status, order.refunded()), (OrderStatus::Refunded, 750));
}

#[test]
fn a_fault_names_line_and_column() {
    let fault = |column: &str, value: &'static str| -> (u64, String, &'static str) {
        let rows = [row(7, &SHOPIFY, &first_with(column, value))];
        let faults = Columns::Shopify.read(&rows, NOW).unwrap_err();
        assert_eq!(faults.len(), 1);
        (faults[0].line, faults[0].place.clone(), faults[0].code)
    };
    assert_eq!(fault("Id", ""), (7, "Id".to_owned(), "missing"));
    assert_eq!(fault("Total", "fifty"), (7, "Total".to_owned(), "unreadable_amount"));
    assert_eq!(fault("Currency", "BTC"), (7, "Currency".to_owned(), "unknown_currency"));
    assert_eq!(fault("Created at", "1.11.2026"), (7, "Created at".to_owned(), "invalid_date"));
}

const OWN: [&str; 15] = [
    "orderId",
    "visitorId",
    "sessionId",
    "totalCents",
    "total",
    "currency",
    "status",
    "orderCreatedAt",
    "orderUpdatedAt",
    "productId",
    "variantId",
    "quantity",
    "priceCents",
    "price",
    "lineTotal",
];

#[test]
fn our_own_columns_take_minor_units_or_decimals() {
    assert_eq!(Columns::of(&OWN), Some(Columns::Own));
    assert_eq!(Columns::of(&["ORDERID", "Total"]), Some(Columns::Own));
    assert_eq!(Columns::of(&["order_number", "order_total"]), None);
    let one = [
        "o-1",
        "v",
        "s",
        "",
        "29.90",
        "eur",
        "Refunded",
        "2026-11-01T10:00:00Z",
        "",
        "p-1",
        "p-1-red",
        "2",
        "",
        "10.00",
        "",
    ];
    let two = ["o-1", "", "", "", "", "", "", "", "", "p-2", "", "", "500", "", "4.90"];
    let rows = [row(2, &OWN, &one), row(3, &OWN, &two)];
    let Imported { order, warnings } = Columns::Own.read(&rows, NOW).unwrap();
    assert!(warnings.is_empty() && order.platform.is_none());
    assert_eq!(
        (order.source, order.status, order.total_minor),
        (Source::Import, OrderStatus::Refunded, 2_990)
    );
    assert_eq!(order.updated_at, Some(order.created_at));
    let items: Vec<_> =
        order.items.iter().map(|item| (item.product.as_str(), item.quantity, item.total_minor)).collect();
    assert_eq!(items, [("p-1", 2, 2_000), ("p-2", 1, 490)]);
    let lead =
        ["l-1", "undefined", "", "0", "", "JPY", "", "2026-11-01 10:00:00 UTC", "", "", "", "", "", "", ""];
    let Imported { order, warnings } = Columns::Own.read(&[row(4, &OWN, &lead)], NOW).unwrap();
    assert_eq!((order.status, order.items.len(), order.visitor), (OrderStatus::Completed, 0, None));
    assert_eq!(warnings[0].code, "visitor_unusable");
}

#[test]
fn every_fault_of_our_own_columns_is_told_with_its_line() {
    let one = ["", "", "", "", "", "XXX", "paid", "yesterday", "", "p", "", "0", "-1", "", ""];
    let two = ["", "", "", "", "", "", "", "", "", "q", "null", "1", "", "1,5", ""];
    let faults = Columns::Own.read(&[row(2, &OWN, &one), row(3, &OWN, &two)], NOW).unwrap_err();
    let told: Vec<(u64, &str, &str)> =
        faults.iter().map(|fault| (fault.line, fault.place.as_str(), fault.code)).collect();
    assert_eq!(
        told,
        [
            (2, "orderId", "missing"),
            (2, "currency", "unknown_currency"),
            (2, "totalCents", "missing"),
            (2, "status", "unknown_value"),
            (2, "orderCreatedAt", "invalid_date"),
            (2, "quantity", "out_of_range"),
            (2, "priceCents", "out_of_range"),
            (3, "variantId", "placeholder_identifier"),
        ]
    );
    assert_eq!(faults[0].to_string(), "line 2, orderId: must not be empty");
    let three = ["o", "", "", "", "1,5", "EUR", "", "2026-11-01T10:00:00Z", "", "", "", "", "", "", ""];
    let faults = Columns::Own.read(&[row(5, &OWN, &three)], NOW).unwrap_err();
    assert_eq!((faults[0].place.as_str(), faults[0].code), ("total", "not_an_amount"));
}

#[test]
fn a_line_of_json_is_told_apart_by_its_shape() {
    let line = |text: &[u8]| read_json_line(std::str::from_utf8(text).unwrap(), 9, NOW);
    let ours = br#"{"orderId":"o","storeId":"s","organizationId":"g","visitorId":"v","sessionId":"x","totalCents":5,"currency":"EUR",
        "platform":"custom","status":"completed","orderCreatedAt":"2026-11-01T10:00:00Z","items":[]}"#;
    assert_eq!(line(ours).unwrap().order.source, Source::Import);
    let theirs = fixture("shopify/orders_cancelled.refunded.json");
    let imported = line(&theirs).unwrap().order;
    let mut told = order_of(shopify_says("orders/updated", &theirs)).order;
    told.source = Source::Import;
    assert_eq!(imported, told);
    let woo = line(&fixture("woocommerce/order.created.processing.rest-docs-727.json")).unwrap().order;
    assert_eq!((woo.id.as_str(), woo.source), ("727", Source::Import));
    let fault = |text: &[u8]| -> ImportFault { line(text).unwrap_err().remove(0) };
    assert_eq!(
        (fault(b"{}").code, fault(b"{").code, fault(b"[]").line),
        ("unreadable_body", "invalid_json", 9)
    );
    assert_eq!(fault(br#"{"orderId":"o","orderId":"p"}"#).code, "duplicate_key");
    let missing = line(br#"{"orderId":"o"}"#).unwrap_err();
    assert!(
        missing.iter().any(|fault| fault.place == "/totalCents" && fault.code == "missing"),
        "{missing:?}"
    );
}

#[test]
fn a_webhook_of_the_same_moment_counts_before_a_file_whatever_comes_first() {
    let body = fixture("shopify/orders_updated.partially-refunded.note-attributes.json");
    let told = order_of(shopify_says("orders/updated", &body)).order;
    let imported = read_json_line(std::str::from_utf8(&body).unwrap(), 1, NOW).unwrap().order;
    for (first, second) in [(&told, &imported), (&imported, &told)] {
        let mut state = OrderState::begin(first.clone(), NOW);
        state.admit(second.clone(), NOW).unwrap();
        assert_eq!(state.order(), told);
    }
}
