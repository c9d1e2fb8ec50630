//! Good deliveries, answers and files, damaged thousands of times in the same way on every machine. The fuzz target
//! `platforms` goes on from here.

use selektable_domain::money::AMOUNT_MINOR_MAX;
use selektable_domain::order::{ITEMS_MAX, Order, QUANTITY_MAX};
use selektable_domain::platform::import::{Columns, Row, read_json_line};
use selektable_domain::platform::shopify::graphql;
use selektable_domain::platform::woocommerce::page::read_page;
use selektable_domain::platform::{Ignored, Message, Reading};
use serde_json::json;

use crate::mutations::Dice;
use crate::platform_fixtures::{NOW, fixture, shopify_says, woocommerce_says};
use crate::platform_pull::node;

const ROUNDS: usize = 3_000;

/// How a way ended: an order, something else that is known, or a refusal with a reason.
#[derive(Clone, Copy)]
enum End {
    Order,
    Other,
    Refused,
}

fn end_of(reading: &Reading) -> End {
    match &reading.message {
        Message::Order(taken) => {
            check(&taken.order);
            assert!(taken.order.updated_at.is_some());
            End::Order
        }
        Message::Ignored(Ignored::Unreadable | Ignored::UnreadableAmount | Ignored::UnknownCurrency) => {
            End::Refused
        }
        _ => End::Other,
    }
}

fn check(order: &Order) {
    let amounts = 0..=AMOUNT_MINOR_MAX;
    assert!(amounts.contains(&order.total_minor) && amounts.contains(&order.refunded_minor), "{order:?}");
    assert!((0..=order.total_minor).contains(&order.net().minor), "{order:?}");
    assert!(order.items.len() <= ITEMS_MAX);
    for item in &order.items {
        assert!(amounts.contains(&item.price_minor) && amounts.contains(&item.total_minor), "{order:?}");
        assert!((1..=QUANTITY_MAX).contains(&item.quantity), "{order:?}");
    }
}

fn csv(bytes: &[u8]) -> End {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap_or_default();
    let rows: Vec<Row<'_>> = (2..)
        .zip(lines)
        .map(|(line, values)| Row { line, cells: head.iter().copied().zip(values).collect() })
        .collect();
    let Some(columns) = Columns::of(&head) else { return End::Other };
    match columns.read(&rows, NOW) {
        Ok(imported) => {
            check(&imported.order);
            End::Order
        }
        Err(faults) => {
            assert!(rows.is_empty() || faults.iter().all(|fault| fault.line > 1 && !fault.place.is_empty()));
            End::Refused
        }
    }
}

type Way = fn(&[u8]) -> End;

fn ways() -> Vec<(&'static str, Vec<u8>, Way)> {
    let sample = fixture("shopify/orders_create.paid.guest-no-customer.json");
    let order: serde_json::Value = serde_json::from_slice(&sample).unwrap();
    let small = |name: &str| -> Vec<u8> {
        let value: serde_json::Value = serde_json::from_slice(&fixture(name)).unwrap();
        value.to_string().into_bytes()
    };
    let answer = json!({"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [node(&order)]}}});
    let woo = small("woocommerce/order.created.processing.rest-docs-727.json");
    let page = [&b"["[..], &woo, b"]"].concat();
    let csv_text = "orderId,total,currency,orderCreatedAt,productId,quantity,price\no,9.90,EUR,2026-11-01T10:00:00Z,p,1,9.90";
    vec![
        ("shopify", order.to_string().into_bytes(), |body| end_of(&shopify_says("orders/updated", body))),
        ("refund", small("shopify/refunds_create.json"), |body| {
            end_of(&shopify_says("refunds/create", body))
        }),
        ("woocommerce", woo, |body| end_of(&woocommerce_says("order.updated", body))),
        ("page", page, |body| match read_page(body, NOW) {
            Ok(orders) => orders.first().map_or(End::Other, end_of),
            Err(_) => End::Refused,
        }),
        ("answer", answer.to_string().into_bytes(), |body| match graphql::read_answer(body, NOW) {
            Ok(page) => page.orders.first().map_or(End::Other, end_of),
            Err(_) => End::Refused,
        }),
        ("line", order.to_string().into_bytes(), |body| {
            match read_json_line(&String::from_utf8_lossy(body), 1, NOW) {
                Ok(imported) => {
                    check(&imported.order);
                    End::Order
                }
                Err(faults) => {
                    assert!(!faults.is_empty());
                    End::Refused
                }
            }
        }),
        ("csv", csv_text.into(), csv),
    ]
}

#[test]
fn damaged_deliveries_and_files_never_panic_and_keep_their_limits() {
    let mut dice = Dice(4_711);
    for (name, good, way) in ways() {
        let mut seen = [0_usize; 3];
        for _ in 0..ROUNDS {
            let mut body = good.clone();
            (0..=dice.below(4)).for_each(|_| dice.damage(&mut body));
            seen[way(&body) as usize] += 1;
        }
        // Damage that always breaks the body, or never reaches the mapping, would test nothing.
        let known = seen[0] + seen[1];
        assert!(known > ROUNDS / 200 && seen[2] > ROUNDS / 200, "{name}: {seen:?}");
    }
}
