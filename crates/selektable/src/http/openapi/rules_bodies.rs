//! Bodies of rules, aliases and erasures as the document describes them; see [`super::bodies`].

#![allow(dead_code, reason = "the fields are read by the schema's derive")]

use utoipa::ToSchema;

/// A draft. What is left out is as in the version in force.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({ "windowHours": 720, "model": "position_based" }))]
pub struct RulesetBody {
    /// The window in hours; or `windowSeconds`.
    #[schema(minimum = 1, maximum = 8760)]
    window_hours: Option<i64>,
    /// The window in seconds.
    #[schema(minimum = 3600, maximum = 31_536_000)]
    window_seconds: Option<i64>,
    /// `last_touch`, `first_touch`, `linear`, `position_based` or `time_decay`.
    model: Option<String>,
    /// `order` or `matched_lines`.
    basis: Option<String>,
    /// `group` or `exact`.
    products: Option<String>,
    /// `same_session` or `same_person`.
    leads: Option<String>,
    /// `paid`, `completed`, `placed` or `any`.
    counts: Option<String>,
}

/// For which conversions a version is to decide.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({ "effective": "now" }))]
pub struct PublishBody {
    /// `now`, `everything`, or an instant (RFC 3339) that is not later than now.
    effective: String,
}

/// A range of time, open where nothing is said.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({ "from": "2026-01-01T00:00:00Z" }))]
pub struct RangeBody {
    /// First instant (RFC 3339).
    from: Option<String>,
    /// First instant after.
    to: Option<String>,
}

/// Changes of the alias table.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "aliases": [{ "variantId": "456", "productId": "123" }, { "variantId": "789", "productId": null }]
}))]
pub struct AliasesBody {
    /// All or none of them are made.
    #[schema(min_items = 1, max_items = 10_000)]
    aliases: Vec<AliasBody>,
}

/// One line of the alias table. Each variant stands in one line.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AliasBody {
    /// The id. An integer is taken too.
    #[schema(max_length = 255)]
    variant_id: String,
    /// What it is a variant of; `null` for a product of its own; missing to say nothing of it any more.
    #[schema(max_length = 255)]
    product_id: Option<String>,
}

/// Whom to erase: one of the two.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({ "userId": "customer-17" }))]
pub struct ErasureBody {
    /// One browser.
    #[schema(max_length = 255)]
    visitor_id: Option<String>,
    /// A customer with all browsers.
    #[schema(max_length = 255)]
    user_id: Option<String>,
}
