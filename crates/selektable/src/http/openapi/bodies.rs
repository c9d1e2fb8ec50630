//! Bodies as the document describes them. They are read by hand (see `selektable_domain::order::parse` and its
//! siblings), because a derived reader would stop at the first fault; these types exist for their schemas alone.

#![allow(dead_code, reason = "the fields are read by the schema's derive")]

use utoipa::ToSchema;

/// An order or lead. Unknown fields are ignored; names, e-mails and addresses are never stored.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "orderId": "1001",
    "storeId": "store_01kaqx2v3e7m8r9s0t1v2w3x4y",
    "organizationId": "org_01kaqx2v3e7m8r9s0t1v2w3x4y",
    "visitorId": "v_6f1c",
    "sessionId": "s_9b2e",
    "totalCents": 10_000,
    "currency": "EUR",
    "platform": "custom",
    "status": "completed",
    "orderCreatedAt": "2026-11-23T10:15:00Z",
    "items": [{ "productId": "sofa-123", "quantity": 1, "priceCents": 10_000, "totalCents": 10_000 }]
}))]
pub struct OrderBody {
    /// The shop's id of the order or lead; one per store, for ever. An integer is taken too, as its decimal text.
    #[schema(max_length = 255)]
    order_id: String,
    /// One of the organization's stores.
    store_id: String,
    /// The key's organization.
    organization_id: String,
    /// From `Selektable.getIdentity()`.
    #[schema(max_length = 255)]
    visitor_id: String,
    /// From `Selektable.getIdentity()`.
    #[schema(max_length = 255)]
    session_id: String,
    /// Gross, in minor units; 0 for a lead.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    total_cents: i64,
    /// ISO 4217, any case.
    currency: String,
    /// Always `custom`.
    platform: String,
    /// `pending`, `processing`, `on-hold`, `completed`, `refunded` or `cancelled`.
    status: String,
    /// RFC 3339 with a zone; at most one hour ahead.
    order_created_at: String,
    /// The order's lines; `[]` for a lead.
    #[schema(max_items = 1000)]
    items: Vec<OrderItemBody>,
    /// When this snapshot was true: with it on both, the later snapshot wins.
    order_updated_at: Option<String>,
    /// Given back so far.
    #[schema(minimum = 0)]
    refunded_cents: Option<i64>,
    /// Kept, and left out of every figure.
    test: Option<bool>,
    /// The shop's own customer id.
    user_id: Option<String>,
    /// A label of the shop's own, such as `lead`.
    #[schema(max_length = 64)]
    conversion_type: Option<String>,
}

/// One line of an order.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct OrderItemBody {
    /// As passed to `Selektable.open()`. An integer is taken too.
    #[schema(max_length = 255)]
    product_id: String,
    /// The variant bought.
    variant_id: Option<String>,
    /// Pieces.
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: i64,
    /// Price of one piece, in minor units.
    #[schema(minimum = 0)]
    price_cents: i64,
    /// The line's total, in minor units.
    #[schema(minimum = 0)]
    total_cents: i64,
}

/// A browser's events. Times are the browser's own: only their distance to `sentAt` counts.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "storeId": "store_01kaqx2v3e7m8r9s0t1v2w3x4y",
    "visitorId": "v_6f1c",
    "sessionId": "s_9b2e",
    "sentAt": 1_795_428_905_000_i64,
    "events": [{ "id": "e_1", "type": "page", "at": 1_795_428_900_000_i64, "path": "/sofa" }]
}))]
pub struct EventsBody {
    /// The store.
    store_id: String,
    /// The browser.
    visitor_id: String,
    /// The tab's session.
    session_id: String,
    /// What the shopper said, where said.
    consent: Option<bool>,
    /// Milliseconds since 1970, or RFC 3339.
    sent_at: i64,
    /// What happened.
    #[schema(max_items = 100)]
    events: Vec<EventBody>,
}

/// One event. What else it holds depends on its type: `identify` has `userId` and `traits`, `conversion` the fields
/// of an order (`orderId`, `totalCents`, `currency`, `status`, `items`), `cart` a `cartToken`, `checkout_completed` a
/// `checkoutToken` and perhaps a `cartToken`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct EventBody {
    /// The browser's id for it; it counts once.
    #[schema(max_length = 255)]
    id: String,
    /// `page`, `exposure`, `widget_open`, `widget_close`, `add_to_cart`, `view_cart`, `checkout`, `custom`,
    /// `identify`, `conversion`, `cart` or `checkout_completed`.
    r#type: String,
    /// Milliseconds since 1970, or RFC 3339.
    at: i64,
    /// `cart`, `checkout_completed`: Shopify's token of the cart, so that the order made of it finds its visitor. What
    /// follows a `?` is cut off.
    #[schema(max_length = 255)]
    cart_token: Option<String>,
    /// `checkout_completed`: Shopify's token of the checkout.
    #[schema(max_length = 255)]
    checkout_token: Option<String>,
}

/// A visualization that was made elsewhere.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "storeId": "store_01kaqx2v3e7m8r9s0t1v2w3x4y",
    "widgetId": "widget_01kaqx2v3e7m8r9s0t1v2w3x4y",
    "visitorId": "v_6f1c",
    "sessionId": "s_9b2e",
    "products": [{ "productId": "sofa-123", "variantIds": ["sofa-123-red"] }]
}))]
pub struct VisualizationBody {
    /// One of the organization's stores.
    store_id: String,
    /// The key's organization, if it is said.
    organization_id: Option<String>,
    /// One of the store's widgets.
    widget_id: String,
    /// The browser.
    visitor_id: String,
    /// The tab's session.
    session_id: String,
    /// What was shown.
    #[schema(min_items = 1, max_items = 5)]
    products: Vec<ShownProductBody>,
    /// RFC 3339; in the past for a backfill, now when missing.
    created_at: Option<String>,
    /// The caller's own id; the same one twice is one visualization.
    visualization_id: Option<String>,
}

/// A product in a picture.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct ShownProductBody {
    /// As passed to `Selektable.open()`.
    product_id: String,
    /// Ids an order may carry instead.
    #[schema(max_items = 100)]
    variant_ids: Option<Vec<String>>,
}

/// The form of a picture.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct PictureForm {
    /// The shopper's photo: JPEG, PNG or WebP, at most 15 MiB and 50 megapixels. Never stored.
    #[schema(value_type = String, format = Binary)]
    photo: Vec<u8>,
    /// The product's picture, at most 10 MiB and 25 megapixels; or `productImageUrl`.
    #[schema(value_type = Option<String>, format = Binary)]
    product: Option<Vec<u8>>,
    /// Where the product's picture is fetched from.
    product_image_url: Option<String>,
    /// JSON: `{"x": 0.5, "y": 0.6, "scale": 0.4, "rotation": 0}`. Centre and width as fractions of the photo;
    /// degrees clockwise.
    placement: String,
    /// JSON: `[{"productId": "…", "variantIds": ["…"]}]`, 1 to 5.
    products: String,
    /// The browser.
    visitor_id: Option<String>,
    /// The tab's session.
    session_id: Option<String>,
    /// A UUID; the same one again gives the same picture.
    request_id: Option<String>,
    /// `true` when the shopper said yes in so many words.
    consent: Option<String>,
}

/// The form of a cut-out: one of the two.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CutoutForm {
    /// The product's picture, at most 10 MiB and 25 megapixels.
    #[schema(value_type = Option<String>, format = Binary)]
    image: Option<Vec<u8>>,
    /// Where it is fetched from.
    image_url: Option<String>,
}
