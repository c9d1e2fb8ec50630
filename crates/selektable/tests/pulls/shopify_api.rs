//! `POST /admin/api/2026-10/graphql.json` as Shopify answers it: cursors that stand for a place in the order of change,
//! points that come back with time, errors with status 200.

use serde_json::{Value, json};

use super::imitation::{Meanwhile, Platform, Reply, Request};

pub const TOKEN: &str = "shpat_1234567890";

/// An order of the shop.
#[derive(Clone, Debug)]
pub struct ShopifyOrder {
    pub id: u64,
    /// Seconds since 1970.
    pub updated: i64,
    pub financial: &'static str,
    pub cents: u64,
    pub visitor: Option<String>,
}

/// The shop.
pub struct Shopify {
    pub orders: Vec<ShopifyOrder>,
    /// Orders of one answer at most; more are too costly.
    pub first_max: u64,
    /// Whether the app has `read_orders`.
    pub may_read: bool,
    /// Cursors that were given out before are not known any more.
    pub forgets: bool,
    /// Questions that are answered with "throttled" first.
    pub throttles: u32,
    /// Happens after each page.
    pub meanwhile: Meanwhile<ShopifyOrder>,
}

impl Shopify {
    pub fn new(orders: Vec<ShopifyOrder>) -> Self {
        let meanwhile = Box::new(|_: &mut Vec<ShopifyOrder>| ());
        Self { orders, first_max: 250, may_read: true, forgets: false, throttles: 0, meanwhile }
    }
}

impl Platform for Shopify {
    fn answer(&mut self, request: &Request) -> Reply {
        if request.method != "POST" || request.path != "/admin/api/2026-10/graphql.json" {
            return Reply::json(404, &json!({"errors": "Not Found"}));
        }
        if request.header("x-shopify-access-token") != Some(TOKEN) {
            let text = "[API] Invalid API key or access token (unrecognized login or wrong password)";
            return Reply::json(401, &json!({"errors": text}));
        }
        if !self.may_read {
            return error("ACCESS_DENIED", "Access denied for orders field.", 400);
        }
        if self.throttles > 0 {
            self.throttles -= 1;
            return error("THROTTLED", "Throttled", 40);
        }
        let variables = &request.body["variables"];
        let first = variables["first"].as_u64().unwrap_or(1);
        if first > self.first_max {
            return error("MAX_COST_EXCEEDED", "The query cost is too high", 1_000);
        }
        let after = variables["after"].as_str();
        if self.forgets && after.is_some() {
            self.forgets = false;
            return error("", "Invalid cursor for current pagination sort.", 1_000);
        }
        let since = variables["filter"].as_str().map_or(0, since_of);
        let reply = self.page(since, after, usize::try_from(first).unwrap());
        (self.meanwhile)(&mut self.orders);
        reply
    }
}

impl Shopify {
    fn page(&self, since: i64, after: Option<&str>, first: usize) -> Reply {
        let place = |order: &ShopifyOrder| (order.updated, order.id);
        let after = after.map_or((i64::MIN, 0), |cursor| {
            let (updated, id) = cursor.split_once(':').unwrap();
            (updated.parse().unwrap(), id.parse().unwrap())
        });
        let mut found: Vec<&ShopifyOrder> =
            self.orders.iter().filter(|order| order.updated >= since && place(order) > after).collect();
        found.sort_by_key(|order| place(order));
        let has_next = found.len() > first;
        found.truncate(first);
        let cursor = found.last().map(|last| format!("{}:{}", last.updated, last.id));
        let nodes: Vec<Value> = found.into_iter().map(node).collect();
        let page = json!({"pageInfo": {"hasNextPage": has_next, "endCursor": cursor}, "nodes": nodes});
        Reply::json(200, &json!({"data": {"orders": page}, "extensions": {"cost": cost(1_000)}}))
    }
}

/// `updated_at:>='2026-11-01T00:00:00.000Z'`
fn since_of(filter: &str) -> i64 {
    let text = filter.strip_prefix("updated_at:>='").and_then(|rest| rest.strip_suffix('\'')).unwrap();
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}

fn cost(available: u64) -> Value {
    json!({"requestedQueryCost": 90, "actualQueryCost": null,
        "throttleStatus": {"maximumAvailable": 1_000.0, "currentlyAvailable": available, "restoreRate": 100.0}})
}

fn error(code: &str, message: &str, available: u64) -> Reply {
    let errors = json!([{"message": message, "extensions": {"code": code}}]);
    Reply::json(200, &json!({"errors": errors, "extensions": {"cost": cost(available)}}))
}

fn node(order: &ShopifyOrder) -> Value {
    let money = |cents: u64| {
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        json!({"shopMoney": {"amount": amount, "currencyCode": "EUR"}})
    };
    let at = |seconds: i64| jiff::Timestamp::from_second(seconds).unwrap().to_string();
    let attributes: Vec<Value> = order
        .visitor
        .iter()
        .map(|visitor| json!({"key": "selektable_visitor_id", "value": visitor}))
        .collect();
    json!({
        "id": format!("gid://shopify/Order/{}", order.id), "legacyResourceId": order.id.to_string(),
        "name": format!("#{}", order.id % 10_000), "createdAt": at(order.updated - 60), "processedAt": at(order.updated - 60),
        "updatedAt": at(order.updated), "cancelledAt": null, "test": false, "sourceName": "web",
        "displayFinancialStatus": order.financial, "displayFulfillmentStatus": "UNFULFILLED", "currencyCode": "EUR",
        "totalPriceSet": money(order.cents), "customAttributes": attributes,
        "lineItems": {"pageInfo": {"hasNextPage": false}, "nodes": [{
            "quantity": 1, "originalUnitPriceSet": money(order.cents), "discountAllocations": [], "customAttributes": [],
            "product": {"legacyResourceId": "632910392"}, "variant": {"legacyResourceId": "808950810"}}]},
        "refunds": [],
    })
}
