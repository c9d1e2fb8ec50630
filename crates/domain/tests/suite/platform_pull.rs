//! Orders pulled from the platforms' APIs, against the same orders as webhooks bring them.

use rstest::rstest;
use selektable_domain::order::Order;
use selektable_domain::order::version::OrderState;
use selektable_domain::platform::pull::PullFault;
use selektable_domain::platform::shopify::graphql;
use selektable_domain::platform::woocommerce::page::read_page;
use selektable_domain::platform::{Ignored, Message, Reading};
use selektable_domain::time::Timestamp;
use serde_json::{Value, json};

use crate::platform_fixtures::{NOW, fixture, order_of, shopify_says, woocommerce_says};

/// `12.30` as GraphQL writes it.
fn short_amount(text: &Value) -> Value {
    let text = text.as_str().unwrap_or("0");
    let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    json!(if short.contains('.') { short.to_owned() } else { format!("{short}.0") })
}

fn utc(text: &Value) -> Value {
    text.as_str()
        .and_then(|text| Timestamp::parse_rfc3339(text).ok())
        .map_or(Value::Null, |at| json!(at.to_rfc3339().replace(".000Z", "Z")))
}

fn pairs(list: &Value) -> Vec<Value> {
    let empty = Vec::new();
    let list = list.as_array().unwrap_or(&empty);
    list.iter().map(|pair| json!({"key": pair["name"], "value": pair["value"]})).collect()
}

fn resource(id: &Value) -> Value {
    if id.is_null() { Value::Null } else { json!({"legacyResourceId": id.to_string()}) }
}

/// The node that the API would answer with for the order of a webhook.
pub(crate) fn node(order: &Value) -> Value {
    let empty = Vec::new();
    let money = |amount: &Value| json!({"shopMoney": {"amount": short_amount(amount), "currencyCode": order["currency"]}});
    let lines: Vec<Value> = order["line_items"]
        .as_array()
        .unwrap_or(&empty)
        .iter()
        .map(|line| {
            let discounts = line["discount_allocations"].as_array().unwrap_or(&empty).iter();
            let discounts: Vec<Value> =
                discounts.map(|it| json!({"allocatedAmountSet": money(&it["amount"])})).collect();
            json!({"quantity": line["quantity"], "originalUnitPriceSet": money(&line["price"]), "discountAllocations": discounts,
                "customAttributes": pairs(&line["properties"]), "product": resource(&line["product_id"]), "variant": resource(&line["variant_id"])})
        })
        .collect();
    let refunds: Vec<Value> = order["refunds"].as_array().unwrap_or(&empty).iter().map(|refund| {
        let payments: Vec<Value> = refund["transactions"].as_array().unwrap_or(&empty).iter().map(|it| {
            let word = |key: &str| it[key].as_str().unwrap_or_default().to_uppercase();
            json!({"kind": word("kind"), "status": word("status"), "amountSet": money(&it["amount"])})
        }).collect();
        json!({"legacyResourceId": refund["id"].to_string(), "createdAt": utc(&refund["created_at"]), "transactions": {"nodes": payments}})
    }).collect();
    let fulfillment = order["fulfillment_status"].as_str().unwrap_or("unfulfilled").to_uppercase();
    json!({
        "id": format!("gid://shopify/Order/{}", order["id"]), "legacyResourceId": order["id"].to_string(),
        "name": order["name"], "createdAt": utc(&order["created_at"]), "processedAt": utc(&order["processed_at"]),
        "updatedAt": utc(&order["updated_at"]), "cancelledAt": utc(&order["cancelled_at"]), "test": order["test"],
        "sourceName": order["source_name"], "displayFulfillmentStatus": fulfillment,
        "displayFinancialStatus": order["financial_status"].as_str().unwrap_or_default().to_uppercase(),
        "currencyCode": order["currency"], "totalPriceSet": money(&order["total_price"]),
        "customAttributes": pairs(&order["note_attributes"]), "refunds": refunds,
        "lineItems": {"pageInfo": {"hasNextPage": false}, "nodes": lines},
    })
}

fn answer(nodes: &[Value], page: &Value) -> String {
    let cost = json!({"requestedQueryCost": 252, "actualQueryCost": 12,
        "throttleStatus": {"maximumAvailable": 1000.0, "currentlyAvailable": 152, "restoreRate": 50.0}});
    json!({"data": {"orders": {"pageInfo": page, "nodes": nodes}}, "extensions": {"cost": cost}}).to_string()
}

/// The order of a webhook as a pull brings it.
pub(crate) fn pulled(order: &Value, received_at: Timestamp) -> Order {
    let body = answer(&[node(order)], &json!({"hasNextPage": false, "endCursor": "x"}));
    let page = graphql::read_answer(body.as_bytes(), received_at).unwrap();
    order_of(page.orders.into_iter().next().unwrap()).order
}

/// Without what the API does not tell.
fn without_tokens(mut order: Order) -> Order {
    order.platform.as_mut().unwrap().tokens.clear();
    order
}

#[rstest]
#[case("shopify/orders_create.paid.guest-no-customer.json")]
#[case("shopify/orders_create.paid.eur-tax-lines.json")]
#[case("shopify/orders_create.pending-payment.json")]
#[case("shopify/orders_updated.partially-refunded.note-attributes.json")]
#[case("shopify/orders_cancelled.refunded.json")]
fn a_pulled_shopify_order_equals_the_webhooks_and_never_displaces_it(#[case] name: &str) {
    let body = fixture(name);
    let told = order_of(shopify_says("orders/updated", &body)).order;
    let fetched = pulled(&serde_json::from_slice(&body).unwrap(), NOW);
    assert_eq!(fetched, without_tokens(told.clone()));
    for (first, second) in [(&told, &fetched), (&fetched, &told)] {
        let mut state = OrderState::begin(first.clone(), NOW);
        state.admit(second.clone(), NOW).unwrap();
        assert_eq!(state.order(), told);
    }
}

#[test]
fn a_page_tells_where_it_goes_on_and_how_long_to_wait() {
    let order: Value =
        serde_json::from_slice(&fixture("shopify/orders_create.paid.guest-no-customer.json")).unwrap();
    let nodes = [node(&order), json!({"id": "gid://shopify/Order/1"}), json!(7)];
    let body = answer(&nodes, &json!({"hasNextPage": true, "endCursor": "abc"}));
    let page = graphql::read_answer(body.as_bytes(), NOW).unwrap();
    assert_eq!((page.next.as_deref(), page.wait_ms, page.orders.len()), (Some("abc"), 2_000, 2));
    assert_eq!(page.orders[1].message, Ignored::UnknownCurrency.into());
    let body = answer(&[], &json!({"hasNextPage": false, "endCursor": null}));
    assert_eq!(graphql::read_answer(body.as_bytes(), NOW).unwrap().next, None);
}

#[test]
fn an_order_with_more_lines_than_a_pull_brings_says_so() {
    let order: Value =
        serde_json::from_slice(&fixture("shopify/orders_create.paid.guest-no-customer.json")).unwrap();
    let mut cut = node(&order);
    cut["lineItems"]["pageInfo"]["hasNextPage"] = json!(true);
    let body = answer(&[cut], &json!({"hasNextPage": false}));
    let page = graphql::read_answer(body.as_bytes(), NOW).unwrap();
    let taken = order_of(page.orders.into_iter().next().unwrap());
    assert_eq!(taken.warnings.last().unwrap().code, "too_many_items");
}

#[test]
fn the_question_asks_for_changes_since_a_time_from_a_cursor_on() {
    let since = Timestamp::parse_rfc3339("2026-11-23T10:15:00Z").unwrap();
    let asked: Value = serde_json::from_str(&graphql::request(since, Some("abc\""), 25)).unwrap();
    assert_eq!(
        asked["variables"],
        json!({"first": 25, "after": "abc\"", "filter": "updated_at:>='2026-11-23T10:15:00.000Z'", "lines": 100})
    );
    let query = asked["query"].as_str().unwrap();
    assert_eq!(query.matches('{').count(), query.matches('}').count());
    assert_eq!(graphql::path(), "/admin/api/2026-10/graphql.json");
    let first: Value = serde_json::from_str(&graphql::request(since, None, 1)).unwrap();
    assert!(first["variables"]["after"].is_null());
}

#[rstest]
#[case(json!({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {"cost": {"requestedQueryCost": 752, "throttleStatus": {"currentlyAvailable": 666, "restoreRate": 50.0}}}}),
    PullFault::Throttled { wait_ms: 1_720 })]
#[case(json!({"errors": [{"extensions": {"code": "THROTTLED"}}]}), PullFault::Throttled { wait_ms: 2_000 })]
#[case(json!({"errors": [{"message": "x", "extensions": {"code": "ACCESS_DENIED"}}], "data": {"orders": null}}), PullFault::AccessDenied)]
#[case(json!({"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}), PullFault::AccessDenied)]
#[case(json!({"errors": [{"extensions": {"code": "MAX_COST_EXCEEDED"}}]}), PullFault::TooCostly)]
#[case(json!({"errors": [{"message": "Field 'x' doesn't exist"}]}), PullFault::Refused("Field 'x' doesn't exist".into()))]
#[case(json!({"errors": "Not Found"}), PullFault::Refused("Not Found".into()))]
#[case(json!({"data": null}), PullFault::Unreadable)]
#[case(json!([]), PullFault::Unreadable)]
fn shopifys_refusals_are_told_apart(#[case] body: Value, #[case] fault: PullFault) {
    assert_eq!(graphql::read_answer(body.to_string().as_bytes(), NOW), Err(fault));
}

#[test]
fn a_page_of_woocommerce_is_its_webhooks_one_by_one() {
    let order = fixture("woocommerce/order.created.processing.rest-docs-727.json");
    let told = woocommerce_says("order.updated", &order);
    let order: Value = serde_json::from_slice(&order).unwrap();
    let mut draft = order.clone();
    draft["status"] = json!("checkout-draft");
    let page: Vec<Reading> =
        read_page(json!([order, draft, {"id": 7}, null]).to_string().as_bytes(), NOW).unwrap();
    assert_eq!(page[0], told);
    let others: Vec<Message> = page.into_iter().skip(1).map(|reading| reading.message).collect();
    assert_eq!(others, [Ignored::Draft, Ignored::Unreadable, Ignored::Unreadable].map(Message::from));
}

#[rstest]
#[case(json!({"code": "woocommerce_rest_cannot_view", "data": {"status": 401}}), PullFault::AccessDenied)]
#[case(json!({"code": "woocommerce_rest_authentication_error", "message": "x"}), PullFault::AccessDenied)]
#[case(json!({"code": "rest_no_route", "data": {"status": 404}}), PullFault::Refused("rest_no_route".into()))]
#[case(json!({"code": "internal_server_error", "data": {"status": 500}}), PullFault::Refused("internal_server_error".into()))]
#[case(json!({"orders": []}), PullFault::Unreadable)]
#[case(json!("<html>"), PullFault::Unreadable)]
fn woocommerces_refusals_are_told_apart(#[case] body: Value, #[case] fault: PullFault) {
    assert_eq!(read_page(body.to_string().as_bytes(), NOW), Err(fault));
}
