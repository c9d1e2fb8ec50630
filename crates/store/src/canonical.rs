//! The lines of `dump --canonical`: one JSON object a line, its fields in a fixed order, sorted by kind of line and
//! then by what names it. Every engine writes these structs, so equal content has equal bytes.
//!
//! Left out: row numbers, which say in which order an engine stored things; deliveries and the ledger, which are
//! journals of what came when; secrets, members and sessions; pictures.

use std::io::Write;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{StoreError, StoreResult};

/// One line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Line<'a> {
    /// A tenant.
    Organization(OrganizationLine<'a>),
    /// A store.
    Store(StoreLine<'a>),
    /// A version of a store's rules.
    Ruleset(RulesetLine<'a>),
    /// A revision of what is in force when.
    Schedule(ScheduleLine<'a>),
    /// A widget.
    Widget(WidgetLine<'a>),
    /// A fact.
    Fact(FactLine<'a>),
    /// A visitor that was seen.
    Visitor(VisitorLine<'a>),
    /// Who a visitor was from a time on.
    IdentityLink(LinkLine<'a>),
    /// What the store says of a product id.
    Alias(AliasLine<'a>),
    /// Two ids that facts carry together.
    CarriedAlias(CarriedAliasLine<'a>),
    /// A product that was shown.
    ProductSeen(ProductLine<'a>),
    /// A visualization.
    /// A browser's claim on a cart or a checkout.
    Claim(ClaimLine<'a>),
    /// An order of which only notes came.
    AwaitedOrder(AwaitedLine<'a>),
    /// A visualization.
    Visualization(VisualizationLine<'a>),
    /// A conversion with its decision.
    Conversion(Box<ConversionLine<'a>>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationLine<'a> {
    pub organization_id: String,
    pub name: &'a str,
    pub created_at: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoreLine<'a> {
    pub store_id: String,
    pub organization_id: String,
    pub platform: &'a str,
    pub name: &'a str,
    pub currency: &'a str,
    pub zone: &'a str,
    pub keep_traits: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_events_days: Option<i64>,
    pub origins: Vec<String>,
    pub created_at: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RulesetLine<'a> {
    pub store_id: String,
    pub version: u32,
    pub window_ms: i64,
    pub model: &'a str,
    pub basis: &'a str,
    pub products: &'a str,
    pub leads: &'a str,
    pub counts: &'a str,
    pub created_at: i64,
    pub published_at: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleLine<'a> {
    pub store_id: String,
    pub revision: u32,
    pub cause: &'a str,
    pub at: i64,
    pub entries: Vec<ScheduleEntry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleEntry {
    pub from: Option<i64>,
    pub version: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WidgetLine<'a> {
    pub store_id: String,
    pub widget_id: String,
    #[serde(rename = "type")]
    pub kind: &'a str,
    pub name: &'a str,
    pub accent: Option<&'a str>,
    pub retention_hours: u16,
    pub created_at: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FactLine<'a> {
    pub store_id: String,
    pub kind: &'a str,
    pub received_at: i64,
    pub key: Option<&'a str>,
    pub conversion_id: Option<String>,
    pub digest: String,
    pub body: &'a RawValue,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorLine<'a> {
    pub store_id: String,
    pub visitor_id: &'a str,
    pub stays: bool,
    pub seen_month: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkLine<'a> {
    pub store_id: String,
    pub visitor_id: &'a str,
    pub at: i64,
    pub user_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names of the wire")]
pub(crate) struct AliasLine<'a> {
    pub store_id: String,
    pub variant_id: &'a str,
    pub product_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CarriedAliasLine<'a> {
    pub store_id: String,
    pub variant_id: &'a str,
    pub product_id: &'a str,
    pub shown: bool,
    pub orders: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductLine<'a> {
    pub store_id: String,
    pub product_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClaimLine<'a> {
    pub store_id: String,
    pub kind: &'a str,
    pub token: &'a str,
    pub at: i64,
    pub visitor_id: &'a str,
    pub session_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names of the dump")]
pub(crate) struct AwaitedLine<'a> {
    pub store_id: String,
    pub order_id: &'a str,
    pub conversion_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisualizationLine<'a> {
    pub store_id: String,
    pub visualization_id: &'a str,
    pub widget_id: String,
    pub visitor_id: Option<&'a str>,
    pub session_id: Option<&'a str>,
    pub person_id: Option<&'a str>,
    pub at: i64,
    pub products: &'a RawValue,
    pub renderer: Option<&'a str>,
    pub received_at: i64,
    pub sample: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversionLine<'a> {
    pub store_id: String,
    pub order_id: &'a str,
    pub conversion_id: String,
    pub source: &'a str,
    pub visitor_id: Option<&'a str>,
    pub session_id: Option<&'a str>,
    pub user_id: Option<&'a str>,
    pub person_id: Option<&'a str>,
    pub currency: &'a str,
    pub total: i64,
    pub refunded: i64,
    pub status: &'a str,
    pub created_at: i64,
    pub updated_at: Option<i64>,
    pub items: &'a RawValue,
    pub test: bool,
    pub label: Option<&'a str>,
    pub sample: bool,
    pub occurred_at: i64,
    pub received_at: i64,
    #[serde(rename = "type")]
    pub kind: &'a str,
    pub reason: &'a str,
    pub ruleset_version: u32,
    pub order_minor: i64,
    pub matched_minor: i64,
    pub attributed_minor: i64,
    pub provisional_minor: i64,
    pub time_to_conversion_ms: Option<i64>,
    pub window_missed_by_ms: Option<i64>,
    pub lines_minor: i64,
    pub is_revenue: bool,
    pub lag_direct_ms: Option<i64>,
    pub lag_any_ms: Option<i64>,
    pub evidence: String,
    pub seal: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<&'a str>,
    pub credits: Vec<CreditLine>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreditLine {
    pub visualization_id: String,
    pub widget_id: String,
    pub weight: u32,
    pub gross_minor: i64,
    pub order_minor: i64,
    pub matched_minor: i64,
    pub attributed_minor: i64,
    pub provisional_minor: i64,
}

/// Writes one line.
pub(crate) fn write_line(sink: &mut impl Write, line: &Line<'_>) -> StoreResult<()> {
    let text = serde_json::to_string(line).map_err(|fault| StoreError::Unavailable(fault.to_string()))?;
    sink.write_all(text.as_bytes()).and_then(|()| sink.write_all(b"\n")).map_err(not_written)
}

/// Says that the dump could not be written out.
#[expect(clippy::needless_pass_by_value, reason = "used as `map_err(not_written)`")]
pub(crate) fn not_written(fault: std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("the dump can't be written: {fault}"))
}
