//! Lives of orders as platforms tell them, in any order of arrival and any repetition: one end state.

use proptest::prelude::*;
use selektable_domain::opaque::OrderId;
use selektable_domain::order::Order;
use selektable_domain::order::platform::OrderNote;
use selektable_domain::order::version::{Besides, OrderState};
use selektable_domain::platform::import::read_json_line;
use selektable_domain::platform::{Delivery, Message, PlatformOrder, Reading, shopify, woocommerce};
use selektable_domain::time::Timestamp;
use serde_json::json;

use crate::platform_pull::pulled;

/// What reached us, and when; the time belongs to the delivery, whatever its place.
#[derive(Clone, Debug)]
struct Arrival {
    reading: Reading,
    received_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shop {
    Shopify,
    WooCommerce,
}

/// A moment of an order's life. Several may share a second, as they do.
#[derive(Clone, Debug)]
struct Moment {
    second: i64,
    status: usize,
    visitor: Option<u8>,
    refunds: Vec<(u8, u16)>,
    kind: u8,
    /// Whether the order was edited to a lower total.
    is_edited: bool,
}

const BASE_MS: i64 = 1_790_000_000_000;

fn time(second: i64) -> Timestamp {
    Timestamp::from_millis(BASE_MS + second * 1_000)
}

fn total(moment: &Moment) -> &'static str {
    if moment.is_edited { "900.00" } else { "1000.00" }
}

fn shopify_order(moment: &Moment) -> serde_json::Value {
    let (financial, fulfillment, cancelled) = [
        ("pending", json!(null), json!(null)),
        ("authorized", json!(null), json!(null)),
        ("paid", json!(null), json!(null)),
        ("paid", json!("fulfilled"), json!(null)),
        ("voided", json!(null), json!("2026-11-01T00:00:00Z")),
        ("refunded", json!(null), json!(null)),
    ][moment.status]
        .clone();
    let refunds: Vec<_> = moment.refunds.iter().map(|(id, cents)| shopify_refund(*id, *cents)).collect();
    let named = |visitor: u8| json!([{"name": "selektable_visitor_id", "value": format!("v-{visitor}")}]);
    json!({
        "id": 7, "currency": "EUR", "total_price": total(moment), "financial_status": financial,
        "fulfillment_status": fulfillment, "cancelled_at": cancelled, "created_at": time(0).to_rfc3339(),
        "updated_at": time(moment.second).to_rfc3339(), "refunds": refunds, "source_name": "web",
        "cart_token": "c1-9f3a", "note_attributes": moment.visitor.map_or(json!([]), named),
        "line_items": [{"product_id": 1, "variant_id": 2, "quantity": 1, "price": "1000.00"}],
    })
}

fn shopify_refund(id: u8, cents: u16) -> serde_json::Value {
    let amount = format!("{}.{:02}", cents / 100, cents % 100);
    json!({"id": u64::from(id) + 1, "order_id": 7, "created_at": time(i64::from(id)).to_rfc3339(),
        "transactions": [{"kind": "refund", "status": "success", "amount": amount, "currency": "EUR"}]})
}

fn woocommerce_order(moment: &Moment) -> serde_json::Value {
    let status = ["pending", "on-hold", "processing", "completed", "cancelled", "refunded"][moment.status];
    let gmt = |second: i64| time(second).to_rfc3339()[..19].to_owned();
    let refunds: Vec<_> = moment
        .refunds
        .iter()
        .map(|(id, cents)| json!({"id": u64::from(*id) + 1, "total": format!("-{}.{:02}", cents / 100, cents % 100)}))
        .collect();
    let named =
        |visitor: u8| json!([{"id": 1, "key": "_selektable_visitor_id", "value": format!("v-{visitor}")}]);
    json!({
        "id": 7, "currency": "EUR", "total": total(moment), "status": status, "date_created_gmt": gmt(0),
        "date_modified_gmt": gmt(moment.second), "refunds": refunds, "created_via": "checkout",
        "meta_data": moment.visitor.map_or(json!([]), named),
        "line_items": [{"product_id": 1, "variation_id": 2, "quantity": 1, "total": "1000.00", "total_tax": "0.00"}],
    })
}

/// The delivery of a moment; a snapshot in most cases.
fn told(shop: Shop, moment: &Moment) -> (&'static str, serde_json::Value) {
    match (shop, moment.kind) {
        (Shop::Shopify, 0) => ("orders/delete", json!({"id": 7})),
        (Shop::Shopify, 1 | 2) => {
            let (id, cents) = moment.refunds.first().copied().unwrap_or((9, 100));
            ("refunds/create", shopify_refund(id, cents))
        }
        (Shop::Shopify, _) => ("orders/updated", shopify_order(moment)),
        (Shop::WooCommerce, 0) => ("order.deleted", json!({"id": 7})),
        (Shop::WooCommerce, 1) => ("order.restored", woocommerce_order(moment)),
        (Shop::WooCommerce, _) => ("order.updated", woocommerce_order(moment)),
    }
}

/// An order out of a file, or pulled from Shopify; a pull knows no tokens.
fn fetched(shop: Shop, moment: &Moment, received_at: Timestamp) -> Option<Order> {
    let body = if shop == Shop::Shopify { shopify_order(moment) } else { woocommerce_order(moment) };
    match (moment.kind, shop) {
        (3, _) => Some(read_json_line(&body.to_string(), 1, received_at).unwrap().order),
        (4, Shop::Shopify) => Some(pulled(&body, received_at)),
        _ => None,
    }
}

fn arrival(shop: Shop, moment: &Moment, delay_s: i64) -> Arrival {
    let (topic, body) = told(shop, moment);
    let received_at = time(moment.second + delay_s);
    if let Some(order) = fetched(shop, moment, received_at) {
        let taken = PlatformOrder { order, warnings: Vec::new(), is_restored: false };
        let reading = Reading { message: Message::Order(Box::new(taken)), hosts: Vec::new() };
        return Arrival { reading, received_at };
    }
    let body = body.to_string();
    let delivery = Delivery { topic: Some(topic), is_test: false, received_at, body: body.as_bytes() };
    let read = if shop == Shop::Shopify { shopify::read } else { woocommerce::read };
    Arrival { reading: read(delivery), received_at }
}

/// What the store does: notes of an unknown order wait for it.
fn fold(arrivals: &[Arrival]) -> Order {
    let mut waiting = Besides::default();
    let mut state: Option<OrderState> = None;
    for Arrival { reading, received_at } in arrivals {
        let (snapshot, note) = match reading.message.clone() {
            Message::Order(taken) => (Some(taken.order), taken.is_restored.then_some(OrderNote::Restored)),
            Message::Note { order, note } => {
                assert_eq!(order, OrderId::parse("7").unwrap());
                (None, Some(note))
            }
            other => panic!("{other:?}"),
        };
        if let Some(order) = snapshot {
            match &mut state {
                Some(state) => {
                    state.admit(order, *received_at).unwrap();
                }
                None => state = Some(OrderState::after(std::mem::take(&mut waiting), order, *received_at)),
            }
        }
        if let Some(note) = note {
            match &mut state {
                Some(state) => state.note(&note, *received_at),
                None => waiting.note(&note, *received_at),
            };
        }
    }
    state.unwrap().order()
}

fn any_moment() -> impl Strategy<Value = Moment> {
    let refunds = prop::collection::btree_map(0_u8..4, 1_u16..20_000, 0..3);
    (0_i64..6, 0_usize..6, prop::option::of(0_u8..3), refunds, 0_u8..8, any::<bool>()).prop_map(
        |(second, status, visitor, refunds, kind, is_edited)| Moment {
            second,
            status,
            visitor,
            refunds: refunds.into_iter().collect(),
            kind,
            is_edited,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn any_order_of_arrival_and_any_repetition_end_in_one_order(
        shop in prop::sample::select(vec![Shop::Shopify, Shop::WooCommerce]),
        life in prop::collection::vec((any_moment(), 0_i64..4), 1..8),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        shuffled in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let mut arrivals: Vec<Arrival> = life.iter().map(|(moment, delay)| arrival(shop, moment, *delay)).collect();
        // At least one snapshot, or there is no order.
        let first = Moment { second: 0, status: 0, visitor: None, refunds: Vec::new(), kind: 7, is_edited: false };
        arrivals.push(arrival(shop, &first, 0));
        let there = fold(&arrivals);
        let permuted: Vec<Arrival> = shuffled.iter().filter_map(|place| arrivals.get(*place).cloned()).collect();
        prop_assert_eq!(&there, &fold(&permuted));
        let repeated: Vec<Arrival> = places.iter().map(|place| place.get(&arrivals).clone()).chain(permuted).collect();
        prop_assert_eq!(&there, &fold(&repeated));
        if there.is_refund_itemised() {
            let sum: i64 = there.platform.as_ref().unwrap().refunds.iter().map(|refund| refund.minor).sum();
            prop_assert_eq!(sum, there.refunded_minor);
        }
    }
}
