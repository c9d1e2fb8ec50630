//! The pull of orders from Shopify's GraphQL Admin API.
//!
//! An order so read equals the one that its webhook brings, as far as the API tells it. It tells no cart and checkout
//! token; where a webhook of the same moment is known, that one therefore counts (`order::version`).

use super::answer;
use crate::platform::Reading;
use crate::platform::pull::PullFault;
use crate::time::Timestamp;

/// Version of the Admin API that the question is written for.
pub const API_VERSION: &str = "2026-10";
/// Most lines of an order that are asked for.
pub const LINES_MAX: u32 = 100;
/// How many orders to ask for at first. Where that is [`PullFault::TooCostly`], half as many, down to one.
pub const ORDERS_AT_FIRST: u32 = 10;

/// The question, oldest change first, so that an interrupted pull goes on from its last cursor or its last time.
///
/// Without the scope `read_all_orders` Shopify answers with the orders of the last 60 days.
pub const QUERY: &str = "query Orders($first: Int!, $after: String, $filter: String!, $lines: Int!) {
  orders(first: $first, after: $after, query: $filter, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id legacyResourceId name createdAt processedAt updatedAt cancelledAt test sourceName
      displayFinancialStatus displayFulfillmentStatus currencyCode
      totalPriceSet { shopMoney { amount currencyCode } }
      customAttributes { key value }
      lineItems(first: $lines) {
        pageInfo { hasNextPage }
        nodes {
          quantity
          originalUnitPriceSet { shopMoney { amount } }
          discountAllocations { allocatedAmountSet { shopMoney { amount } } }
          customAttributes { key value }
          product { legacyResourceId }
          variant { legacyResourceId }
        }
      }
      refunds(first: 50) {
        legacyResourceId createdAt
        transactions(first: 10) { nodes { kind status amountSet { shopMoney { amount currencyCode } } } }
      }
    }
  }
}";

/// A page of orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Each order as its webhook would bring it, or why it can't be read.
    pub orders: Vec<Reading>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
    /// How long to wait before the next question, in milliseconds; often 0.
    pub wait_ms: u64,
}

/// Where the question goes, below the shop's address.
#[must_use]
pub fn path() -> String {
    format!("/admin/api/{API_VERSION}/graphql.json")
}

/// The body of the question: orders changed at or after `since`, from the cursor on.
#[must_use]
pub fn request(since: Timestamp, after: Option<&str>, first: u32) -> String {
    let filter = format!("updated_at:>='{}'", since.to_rfc3339());
    let variables = serde_json::json!({"first": first, "after": after, "filter": filter, "lines": LINES_MAX});
    serde_json::json!({"query": QUERY, "variables": variables}).to_string()
}

/// Reads an answer.
pub fn read_answer(body: &[u8], received_at: Timestamp) -> Result<Page, PullFault> {
    answer::read(body, received_at)
}
