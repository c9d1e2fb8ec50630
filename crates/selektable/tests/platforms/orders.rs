//! Orders as the platforms write them, small.

use serde_json::{Value, json};

/// A paid Shopify order over 100.00 EUR of one sofa, placed in the shop's pages.
pub fn shopify(id: u64, updated_at: &str) -> Value {
    json!({
        "id": id, "name": format!("#{id}"), "currency": "EUR", "total_price": "100.00",
        "financial_status": "paid", "fulfillment_status": null, "source_name": "web", "test": false,
        "created_at": "2026-11-20T10:00:00+01:00", "processed_at": "2026-11-20T10:00:00+01:00",
        "updated_at": updated_at, "cancelled_at": null, "cart_token": null, "checkout_token": null,
        "note_attributes": [], "refunds": [],
        "line_items": [{
            "id": 1, "product_id": 111, "variant_id": 222, "quantity": 1, "price": "100.00", "properties": [],
            "discount_allocations": [], "tax_lines": []
        }],
        "order_status_url": "https://jsmith.myshopify.com/1/orders/abc"
    })
}

/// Who placed a Shopify order, as the script writes it into the cart.
pub fn note_attributes(visitor: &str) -> Value {
    json!([
        { "name": "selektable_visitor_id", "value": visitor },
        { "name": "selektable_session_id", "value": format!("s-{visitor}") },
    ])
}

/// A Shopify refund of an order.
pub fn shopify_refund(order: u64, id: u64, amount: &str) -> Value {
    json!({
        "id": id, "order_id": order, "created_at": "2026-11-21T10:00:00Z", "processed_at": "2026-11-21T10:00:00Z",
        "refund_line_items": [], "order_adjustments": [],
        "transactions": [{
            "id": id + 1, "order_id": order, "kind": "refund", "status": "success", "amount": amount,
            "currency": "EUR"
        }]
    })
}

/// A `WooCommerce` order over 100.00 EUR of one sofa, paid at the classic checkout.
pub fn woocommerce(id: u64, status: &str, modified: &str) -> Value {
    json!({
        "id": id, "parent_id": 0, "number": id.to_string(), "status": status, "currency": "EUR", "total": "100.00",
        "total_tax": "0.00", "created_via": "checkout", "customer_id": 0,
        "date_created_gmt": "2026-11-20T09:00:00", "date_modified_gmt": modified,
        "date_paid_gmt": "2026-11-20T09:00:30",
        "meta_data": [], "refunds": [],
        "line_items": [{
            "id": 1, "product_id": 111, "variation_id": 222, "quantity": 1, "subtotal": "100.00",
            "total": "100.00", "total_tax": "0.00", "price": 100
        }],
        "_links": { "self": [{ "href": format!("https://example.com/wp-json/wc/v3/orders/{id}") }] }
    })
}

/// Who placed a `WooCommerce` order, as the plugin writes it into the order's metadata.
pub fn meta_data(visitor: &str) -> Value {
    json!([
        { "id": 1, "key": "_selektable_visitor_id", "value": visitor },
        { "id": 2, "key": "_selektable_session_id", "value": format!("s-{visitor}") },
    ])
}

/// A value with other fields.
#[expect(clippy::needless_pass_by_value, reason = "reads better at its many uses")]
pub fn with(mut order: Value, changes: Value) -> Value {
    for (key, value) in changes.as_object().expect("an object of changes") {
        order[key] = value.clone();
    }
    order
}
