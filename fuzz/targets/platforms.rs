#![no_main]
//! What platforms send and answer, files of orders, and signatures. Nothing panics, and what is taken keeps the limits of
//! SPEC section 5.1, whatever the bytes are.

use libfuzzer_sys::fuzz_target;
use selektable_domain::money::AMOUNT_MINOR_MAX;
use selektable_domain::order::platform::{PLATFORM_TEXT_BYTES_MAX, REFUNDS_MAX};
use selektable_domain::order::{ITEMS_MAX, Order, QUANTITY_MAX};
use selektable_domain::platform::import::{Columns, Row, read_json_line};
use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::platform::shopify::{self, graphql};
use selektable_domain::platform::signature::{sign, verify};
use selektable_domain::platform::woocommerce::{self, page::read_page};
use selektable_domain::platform::{Delivery, Message, PrivacyRequest, REQUEST_ORDERS_MAX, Reading};
use selektable_domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);
const TOPICS: [Option<&str>; 9] = [
    None,
    Some("orders/updated"),
    Some("orders/delete"),
    Some("refunds/create"),
    Some("customers/redact"),
    Some("app/uninstalled"),
    Some("order.updated"),
    Some("order.restored"),
    Some("order.deleted"),
];

fuzz_target!(|body: &[u8]| {
    for topic in TOPICS {
        let delivery = Delivery { topic, is_test: false, received_at: NOW, body };
        check(&shopify::read(delivery));
        check(&woocommerce::read(delivery));
    }
    if let Ok(page) = graphql::read_answer(body, NOW) {
        page.orders.iter().for_each(check);
    }
    if let Ok(page) = read_page(body, NOW) {
        page.iter().for_each(check);
    }
    signatures(body);
    if let Ok(text) = std::str::from_utf8(body) {
        if let Ok(imported) = read_json_line(text, 1, NOW) {
            check_order(&imported.order);
        }
        rows(text);
    }
});

fn check(reading: &Reading) {
    match &reading.message {
        Message::Order(taken) => {
            check_order(&taken.order);
            assert!(taken.order.platform.is_some() && taken.order.updated_at.is_some());
        }
        Message::Privacy(
            PrivacyRequest::Data { orders, .. } | PrivacyRequest::EraseCustomer { orders, .. },
        ) => {
            assert!(orders.len() <= REQUEST_ORDERS_MAX);
        }
        _ => {}
    }
}

fn check_order(order: &Order) {
    let amounts = 0..=AMOUNT_MINOR_MAX;
    assert!(amounts.contains(&order.total_minor) && amounts.contains(&order.refunded_minor));
    assert!((0..=order.total_minor).contains(&order.net().minor));
    assert!(order.items.len() <= ITEMS_MAX);
    for item in &order.items {
        assert!(amounts.contains(&item.price_minor) && amounts.contains(&item.total_minor));
        assert!((1..=QUANTITY_MAX).contains(&item.quantity));
    }
    if let Some(part) = &order.platform {
        assert!(part.raw_status.len() <= PLATFORM_TEXT_BYTES_MAX && part.refunds.len() <= REFUNDS_MAX);
        assert!(part.refunds.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert_eq!(part.carrier.is_some(), order.visitor.is_some());
    }
}

fn signatures(body: &[u8]) {
    let Ok(secret) = WebhookSecret::parse("letters123") else { return };
    assert_eq!(verify(Some(&sign(body, &secret)), body, std::slice::from_ref(&secret)), Ok(0));
    let header = String::from_utf8_lossy(body);
    assert!(verify(Some(&header), b"a body that nobody signed", &[secret]).is_err());
}

/// The lines of a text as rows, the first as their head, split at commas.
fn rows(text: &str) {
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap_or_default();
    let rows: Vec<Row<'_>> = (2..)
        .zip(lines)
        .map(|(line, values)| Row { line, cells: head.iter().copied().zip(values).collect() })
        .collect();
    for columns in [Columns::Shopify, Columns::Own] {
        match columns.read(&rows, NOW) {
            Ok(imported) => check_order(&imported.order),
            Err(faults) => assert!(rows.is_empty() || !faults.is_empty()),
        }
    }
}
