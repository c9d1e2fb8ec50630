//! Which resource a body is, whatever its topic says: headers are not signed, and a captured body must not do under
//! another topic what it does not say by itself.
//!
//! Known and accepted: a deletion of another resource, and the shop object of `shop/update`, look like
//! `orders/delete` and `app/uninstalled`. The first names no order of ours; the second only stops deliveries.

use crate::platform::raw::Members;

/// An order: has a number, a payment status or a status page, and is neither a draft nor something about an order.
pub(super) fn is_order(body: &Members<'_>) -> bool {
    let is_of_order = |gid: &str| gid.starts_with("gid://shopify/Order/");
    let kind = body.text("admin_graphql_api_id");
    let has_a_mark = ["financial_status", "order_number", "order_status_url"].iter().any(|key| body.has(key));
    body.get("id").is_some()
        && !body.has("order_id")
        && kind.as_deref().is_none_or(is_of_order)
        && (has_a_mark || kind.is_some())
        && ["total_price", "total_price_set", "line_items"].iter().any(|key| body.has(key))
}

/// `{"id": …}` and nothing else that means something.
pub(super) fn is_deletion(body: &Members<'_>) -> bool {
    body.id("id").is_some() && body.has_only(&["id", "admin_graphql_api_id"])
}

/// A repayment: of an order, with what moved.
pub(super) fn is_refund(body: &Members<'_>) -> bool {
    body.get("id").is_some() && body.id("order_id").is_some() && body.has("transactions")
}

/// Shopify's Shop object.
pub(super) fn is_shop(body: &Members<'_>) -> bool {
    let keys = ["myshopify_domain", "domain", "shop_owner", "plan_name"];
    body.get("id").is_some() && keys.iter().all(|key| body.has(key)) && !body.has("line_items")
}

/// A request to know what is kept of a customer.
pub(super) fn is_data_request(body: &Members<'_>) -> bool {
    names_shop(body)
        && (body.has("data_request") || body.has("orders_requested"))
        && !body.has("orders_to_redact")
}

/// A request to erase a customer.
pub(super) fn is_customer_erasure(body: &Members<'_>) -> bool {
    names_shop(body) && body.has("orders_to_redact") && !body.has("orders_requested")
}

/// A request to erase a shop.
pub(super) fn is_shop_erasure(body: &Members<'_>) -> bool {
    names_shop(body) && body.has_only(&["shop_id", "shop_domain"])
}

fn names_shop(body: &Members<'_>) -> bool {
    body.id("shop_id").is_some() && body.text("shop_domain").is_some()
}
