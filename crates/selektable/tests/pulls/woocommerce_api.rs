//! `GET /wp-json/wc/v3/orders` as `WooCommerce` answers it over plain http: keys only as an OAuth 1.0a signature,
//! filters and sorting as its documentation has them.

use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::Sha256;

use super::imitation::{Meanwhile, Platform, Reply, Request};

pub const KEY: &str = "ck_1234567890";
pub const SECRET: &str = "cs_abcdefghij";
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An order of the shop.
#[derive(Clone, Debug)]
pub struct WooOrder {
    pub id: u64,
    /// Seconds since 1970.
    pub modified: i64,
    pub status: &'static str,
    pub cents: u64,
    pub visitor: Option<String>,
    pub refunds: Vec<(u64, u64)>,
}

/// The shop.
pub struct Woo {
    pub orders: Vec<WooOrder>,
    /// Whether the keys may read.
    pub may_read: bool,
    /// Whether it can sort by change.
    pub knows_modified: bool,
    /// Whether it sorts at all.
    pub sorts: bool,
    /// Happens after each page: what the shop's customers do meanwhile.
    pub meanwhile: Meanwhile<WooOrder>,
}

impl Woo {
    pub fn new(orders: Vec<WooOrder>) -> Self {
        Self { orders, may_read: true, knows_modified: true, sorts: true, meanwhile: Box::new(|_| ()) }
    }
}

impl Platform for Woo {
    fn answer(&mut self, request: &Request) -> Reply {
        if request.path != "/wp-json/wc/v3/orders" {
            return Reply::json(
                404,
                &json!({"code": "rest_no_route", "message": "No route", "data": {"status": 404}}),
            );
        }
        if !is_signed(request) {
            return complain(401, "woocommerce_rest_authentication_error");
        }
        if !self.may_read {
            return complain(401, "woocommerce_rest_cannot_view");
        }
        let by = request.parameter("orderby").unwrap_or("date");
        if by == "modified" && !self.knows_modified {
            return complain(400, "rest_invalid_param");
        }
        let mut found = self.find(request);
        match by {
            _ if !self.sorts && by != "id" => found.sort_by_key(|order| order.id * 7_919 % 1_009),
            "id" => found.sort_by_key(|order| order.id),
            _ => found.sort_by_key(|order| (order.modified, order.id)),
        }
        let total = found.len();
        let number =
            |name: &str, usual: usize| request.parameter(name).map_or(usual, |text| text.parse().unwrap());
        let page: Vec<Value> =
            found.iter().skip(number("offset", 0)).take(number("per_page", 10)).map(body).collect();
        (self.meanwhile)(&mut self.orders);
        Reply::json(200, &Value::Array(page)).with("X-WP-Total", &total.to_string())
    }
}

impl Woo {
    fn find(&self, request: &Request) -> Vec<WooOrder> {
        let after = request.parameter("modified_after").map_or(0, |text| seconds(&format!("{text}Z")));
        let is_trash = request.parameter("status") == Some("trash");
        let wanted = |order: &&WooOrder| order.modified > after && (order.status == "trash") == is_trash;
        self.orders.iter().filter(wanted).cloned().collect()
    }
}

fn complain(status: u16, code: &str) -> Reply {
    Reply::json(status, &json!({"code": code, "message": "…", "data": {"status": status}}))
}

pub fn seconds(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}

/// As `WooCommerce` writes times: UTC without `Z`.
fn gmt(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap().to_string().trim_end_matches('Z').to_owned()
}

fn decimal(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// The REST resource.
pub fn body(order: &WooOrder) -> Value {
    let meta = order
        .visitor
        .iter()
        .map(|visitor| json!({"id": 1, "key": "_selektable_visitor_id", "value": visitor}));
    let refunds = order
        .refunds
        .iter()
        .map(|(id, cents)| json!({"id": id, "reason": "", "total": format!("-{}", decimal(*cents))}));
    json!({
        "id": order.id, "number": order.id.to_string(), "status": order.status, "currency": "EUR",
        "created_via": "checkout", "version": "9.0.0",
        "date_created_gmt": gmt(order.modified - 60), "date_modified_gmt": gmt(order.modified),
        "date_paid_gmt": gmt(order.modified - 30), "total": decimal(order.cents), "customer_id": 0,
        "line_items": [{"id": 1, "product_id": 93, "variation_id": 0, "quantity": 1, "subtotal": decimal(order.cents),
            "total": decimal(order.cents), "total_tax": "0.00"}],
        "meta_data": meta.collect::<Vec<_>>(), "refunds": refunds.collect::<Vec<_>>(),
    })
}

fn is_signed(request: &Request) -> bool {
    let Some(signature) = request.parameter("oauth_signature") else { return false };
    let escape = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let mut pairs: Vec<String> = request
        .query
        .iter()
        .filter(|(name, _)| name != "oauth_signature")
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect();
    pairs.sort();
    let address = format!("http://{}{}", request.header("host").unwrap(), request.path);
    let text = format!("GET&{}&{}", escape(&address), escape(&pairs.join("&")));
    let mut mac = Hmac::<Sha256>::new_from_slice(format!("{SECRET}&").as_bytes()).unwrap();
    mac.update(text.as_bytes());
    let expected = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    request.parameter("oauth_consumer_key") == Some(KEY) && signature == expected
}
