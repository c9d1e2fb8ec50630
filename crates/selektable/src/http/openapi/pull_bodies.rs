//! Bodies of pulls as the document describes them; see [`super::bodies`].

#![allow(dead_code, reason = "the fields are read by the schema's derive")]

use utoipa::ToSchema;

/// Which orders to look up.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({ "since": "2026-11-01T00:00:00Z", "mode": "compare" }))]
pub struct PullBody {
    /// RFC 3339; orders that changed then or later.
    since: String,
    /// `bring_in` (usual) or `compare`.
    mode: Option<String>,
}

/// How orders are looked up at the platform.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "address": "https://shop.example", "key": "ck_…", "secret": "cs_…"
}))]
pub struct PlatformAccessBody {
    /// The shop's address; for Shopify the one that ends in `.myshopify.com`.
    #[schema(max_length = 255)]
    address: String,
    /// WooCommerce: Consumer key.
    #[schema(max_length = 255)]
    key: Option<String>,
    /// WooCommerce: Consumer secret.
    #[schema(max_length = 255)]
    secret: Option<String>,
    /// Shopify: Admin API access token.
    #[schema(max_length = 255)]
    token: Option<String>,
}
