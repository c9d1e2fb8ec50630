//! Signed deliveries of a platform: a recorded order body of several kilobytes, each time with another order id, visitor
//! and product, signed as the platform signs.

use std::io::Write;

use anyhow::Context;
use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::platform::signature::sign;
use serde_json::{Value, json};

use super::Shop;
use super::shoppers::Shoppers;
use crate::load::Requests;

/// The secret of the store under load.
pub(crate) const SECRET: &str = "benchmarksecret0123456789";

const SHOPIFY: &str =
    include_str!("../../../../fixtures/platforms/shopify/orders_create.paid.guest-no-customer.json");
const WOOCOMMERCE: &str =
    include_str!("../../../../fixtures/platforms/woocommerce/order.created.processing.rest-docs-727.json");
/// Stand in the body for what changes; numbers stand where platforms have numbers.
const ORDER: &str = "9100000000000001";
const PRODUCT: &str = "9100000000000003";
const VISITOR: &str = "visitor-of-the-order";
const SESSION: &str = "session-of-the-order";

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Sender {
    /// The shop's own server, with its key.
    Custom,
    /// Shopify.
    Shopify,
    /// `WooCommerce`.
    Woocommerce,
}

impl Sender {
    /// As `setup --platform` takes it.
    pub(crate) const fn platform(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Shopify => "shopify",
            Self::Woocommerce => "woocommerce",
        }
    }
}

/// Orders of one platform: every one new.
pub(crate) struct Deliveries {
    shop: Shop,
    shoppers: Shoppers,
    head: String,
    body: String,
    secret: WebhookSecret,
}

impl Deliveries {
    /// Prepares the body.
    pub(crate) fn new(shop: Shop, shoppers: Shoppers, sender: Sender) -> anyhow::Result<Self> {
        let (topic, signature, body) = match sender {
            Sender::Shopify => {
                ("x-shopify-topic: orders/create", "x-shopify-hmac-sha256", shopify(&shoppers)?)
            }
            Sender::Woocommerce => {
                ("x-wc-webhook-topic: order.created", "x-wc-webhook-signature", woocommerce(&shoppers)?)
            }
            Sender::Custom => anyhow::bail!("a shop's own server signs nothing"),
        };
        let path = format!("/api/webhooks/{}/{}/orders", sender.platform(), shop.store_id);
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{topic}\r\n{signature}: ",
            shop.host
        );
        let secret = WebhookSecret::parse(SECRET).context("the benchmark's secret")?;
        Ok(Self { shop, shoppers, head, body: body.to_string(), secret })
    }
}

fn shopify(shoppers: &Shoppers) -> anyhow::Result<Value> {
    let mut body: Value = serde_json::from_str(SHOPIFY)?;
    body["id"] = ORDER.parse::<u64>()?.into();
    body["admin_graphql_api_id"] = Value::Null;
    body["source_name"] = "web".into();
    for field in ["created_at", "processed_at", "updated_at"] {
        body[field] = shoppers.ordered_at().into();
    }
    body["note_attributes"] = json!([
        {"name": "selektable_visitor_id", "value": VISITOR},
        {"name": "selektable_session_id", "value": SESSION},
    ]);
    body["line_items"][0]["product_id"] = PRODUCT.parse::<u64>()?.into();
    Ok(body)
}

fn woocommerce(shoppers: &Shoppers) -> anyhow::Result<Value> {
    let mut body: Value = serde_json::from_str(WOOCOMMERCE)?;
    body["id"] = ORDER.parse::<u64>()?.into();
    body["created_via"] = "checkout".into();
    // UTC without a zone, as WooCommerce writes it.
    let at = shoppers.ordered_at();
    let at = at.trim_end_matches('Z');
    for field in ["date_created_gmt", "date_modified_gmt"] {
        body[field] = at.into();
    }
    body["meta_data"] = json!([
        {"id": 1, "key": "_selektable_visitor_id", "value": VISITOR},
        {"id": 2, "key": "_selektable_session_id", "value": SESSION},
    ]);
    body["line_items"][0]["product_id"] = PRODUCT.parse::<u64>()?.into();
    Ok(body)
}

impl Requests for Deliveries {
    fn write(&self, n: u64, buffer: &mut Vec<u8>) -> usize {
        let shopper = self.shoppers.of_order(n);
        let body = self
            .body
            // No order has the number 0.
            .replace(ORDER, &(n + 1).to_string())
            .replace(VISITOR, &shopper.visitor)
            .replace(SESSION, &shopper.session)
            // Platforms number their products; a history's have names.
            .replace(PRODUCT, shopper.product.trim_start_matches("product-"));
        let signature = sign(body.as_bytes(), &self.secret);
        // Writing to a Vec can't fail.
        let _ = write!(
            buffer,
            "{}{signature}\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
            self.head,
            self.shop.key,
            body.len()
        );
        body.len()
    }

    fn kinds(&self) -> Vec<&'static str> {
        vec!["orders"]
    }
}
