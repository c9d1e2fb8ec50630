//! Which resource a body is, whatever its topic says: headers are not signed.

use crate::platform::raw::Members;

/// What a signed body of `WooCommerce` can be, as far as orders are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// An order in the form of REST v1 to v3.
    Order,
    /// `{"id": …}` and nothing else.
    IdOnly,
    /// An order in the form of the old API: `{"order": {…}}`.
    OldOrder,
    /// The answer that the webhook's owner would get: they may not read orders.
    AccessLost,
    /// Another error in place of the resource, such as that the order is gone.
    OtherError,
    /// Anything else.
    Other,
}

impl Shape {
    pub(super) fn of(body: &Members<'_>) -> Self {
        if let Some(code) = body.text("code")
            && !body.has("id")
            && (code.starts_with("woocommerce_rest_") || code.starts_with("rest_"))
        {
            let is_gone = code.ends_with("_invalid_id") || code.ends_with("_no_route");
            return if is_gone { Self::OtherError } else { Self::AccessLost };
        }
        if body.id("id").is_some() && body.has_only(&["id"]) {
            return Self::IdOnly;
        }
        if is_order(body) {
            return Self::Order;
        }
        let is_old = body.object("order").is_some_and(|order| order.has("id") && order.has("total"));
        if is_old && !body.has("id") { Self::OldOrder } else { Self::Other }
    }
}

/// An order has an amount in a currency; a subscription has too, and a billing period.
fn is_order(body: &Members<'_>) -> bool {
    ["id", "total", "currency", "status"].iter().all(|key| body.has(key))
        && !body.has("billing_period")
        && !body.has("refunded_by")
}
