//! What reports look like on the wire (SPEC section 10), converted by hand, so that a rename inside never changes the
//! API. Instants are RFC 3339 in UTC; amounts are whole minor units of their currency.

use selektable_domain::attribution::WEIGHT_WHOLE;
use selektable_domain::order::Item;
use selektable_domain::order::platform::LeftOut;
use selektable_domain::report::{
    AttributionRecord, ConversionRecord, CreditRecord, RevenueLine, TypeCounts, VisualizationRecord,
};
use selektable_domain::visualization::ShownProduct;
use serde::Serialize;
use utoipa::ToSchema;

use super::platform_wire::PlatformPartAnswer;
use crate::app::App;

/// A page of a list, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct PageAnswer<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Hand it back as `cursor` to read on; null at the end.
    pub next_cursor: Option<String>,
}

/// One order or lead.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConversionAnswer {
    /// Our id.
    #[schema(example = "conv_01kaqx2v3e7m8r9s0t1v2w3x4y")]
    pub conversion_id: String,
    /// The shop's id.
    pub order_id: String,
    /// `server`, `browser` (unverified), `shopify`, `woocommerce` or `import`.
    pub source: &'static str,
    /// `pending`, `on-hold`, `processing`, `completed`, `cancelled` or `refunded`.
    pub status: &'static str,
    /// Left out of every figure.
    pub test: bool,
    /// Part of the demo's made-up history.
    pub sample: bool,
    /// The shop's own label, such as `lead`.
    pub conversion_type: Option<String>,
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: &'static str,
    /// Gross.
    pub total_cents: i64,
    /// Given back so far.
    pub refunded_cents: i64,
    /// Gross minus refunded.
    pub net_cents: i64,
    /// Lines of visualized products, at most the net.
    pub matched_cents: i64,
    /// When it was placed, or when it reached us if that is earlier.
    pub occurred_at: String,
    /// When it first reached us.
    pub received_at: String,
    /// The browser.
    pub visitor_id: Option<String>,
    /// The tab's session.
    pub session_id: Option<String>,
    /// The shop's customer.
    pub user_id: Option<String>,
    /// Its lines; none for a lead.
    pub items: Vec<ItemAnswer>,
    /// Why it is left out of every figure: `test`, `renewal` or `no_online_visitor`; absent when it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<&'static str>,
    /// What only a platform says; absent for orders of other sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<PlatformPartAnswer>,
    /// What was decided.
    pub attribution: AttributionAnswer,
}

/// One line of an order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemAnswer {
    /// As passed to `Selektable.open()`.
    pub product_id: String,
    /// The variant bought, where the shop says it.
    pub variant_id: Option<String>,
    /// Pieces.
    pub quantity: u32,
    /// Price of one piece.
    pub price_cents: i64,
    /// The line's total.
    pub total_cents: i64,
}

/// A stored decision.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttributionAnswer {
    /// `direct`, `assisted` or `none`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Why, such as `product_visualized` or `out_of_window`.
    pub reason: &'static str,
    /// How credit was shared, such as `last_touch`.
    pub model: &'static str,
    /// Which money is attributed: `order` or `matched_lines`.
    pub basis: &'static str,
    /// Version of the store's rules.
    pub ruleset_version: u32,
    /// Attributed revenue; 0 unless the status counts as revenue.
    pub attributed_cents: i64,
    /// What would be attributed once the order is paid.
    pub provisional_cents: i64,
    /// From the latest credited visualization to the conversion.
    pub time_to_conversion_seconds: Option<i64>,
    /// For `out_of_window`: by how much, rounded up.
    pub window_missed_by_seconds: Option<i64>,
    /// Who has a share, oldest first.
    pub credits: Vec<CreditAnswer>,
}

/// One visualization's share.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreditAnswer {
    /// Which one.
    pub visualization_id: String,
    /// Its widget.
    pub widget_id: String,
    /// 0 to 1.
    pub weight: f64,
    /// Its attributed minor units.
    pub cents: i64,
}

/// A product in a picture.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProductAnswer {
    /// As passed to `Selektable.open()`.
    pub product_id: String,
    /// Ids an order may carry instead.
    pub variant_ids: Vec<String>,
}

/// One visualization.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VisualizationAnswer {
    /// Ours (`viz_…`), or the caller's own.
    pub visualization_id: String,
    /// Its widget.
    pub widget_id: String,
    /// The browser; null when the shopper gave no consent.
    pub visitor_id: Option<String>,
    /// The tab's session; null when the shopper gave no consent.
    pub session_id: Option<String>,
    /// What was shown.
    pub products: Vec<ProductAnswer>,
    /// When it was made.
    pub created_at: String,
    /// When it reached us.
    pub received_at: String,
    /// What made the picture (`builtin`); null when a server recorded it.
    pub renderer: Option<String>,
    /// Where the picture can be seen, until it is deleted.
    pub picture_url: Option<String>,
    /// When the picture is deleted.
    pub picture_expires_at: Option<String>,
    /// Part of the demo's made-up history.
    pub sample: bool,
}

/// Conversions by type; test and cancelled orders are left out.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct TypeCountsAnswer {
    /// A bought product was visualized before.
    pub direct: u64,
    /// Something else was.
    pub assisted: u64,
    /// Nothing was.
    pub none: u64,
}

/// Money of one currency. Direct and assisted stand side by side and are never added. Sums are 128-bit integers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RevenueAnswer {
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: &'static str,
    /// Everything ordered.
    #[schema(value_type = i64)]
    pub gross_cents: i128,
    /// What of it was given back.
    #[schema(value_type = i64)]
    pub refunded_cents: i128,
    /// Net of the orders whose status counts as revenue.
    #[schema(value_type = i64)]
    pub net_cents: i128,
    /// Attributed to direct conversions.
    #[schema(value_type = i64)]
    pub direct_cents: i128,
    /// Attributed to assisted conversions.
    #[schema(value_type = i64)]
    pub assisted_cents: i128,
    /// Would be attributed once paid.
    #[schema(value_type = i64)]
    pub provisional_cents: i128,
}

/// A share of [`WEIGHT_WHOLE`] as a number from 0 to 1.
pub(in crate::http) fn weight(billionths: u32) -> f64 {
    f64::from(billionths) / f64::from(WEIGHT_WHOLE)
}

/// A sum of shares as a number: 1,500,000,000 billionths are 1.5. Exact to nine digits up to nine million whole ones.
#[expect(clippy::cast_precision_loss, reason = "a number for people; the exact one is in the table")]
pub(in crate::http) fn summed_weight(billionths: u128) -> f64 {
    billionths as f64 / f64::from(WEIGHT_WHOLE)
}

/// The same as exact text, as CSV has it: `1.500000000`.
pub(super) fn decimal(billionths: u128) -> String {
    let whole = u128::from(WEIGHT_WHOLE);
    format!("{}.{:09}", billionths / whole, billionths % whole)
}

/// Whole seconds, rounded down.
pub(in crate::http) fn seconds(millis: i64) -> i64 {
    millis.div_euclid(1_000)
}

/// Whole seconds, rounded up: a window missed by a millisecond was missed.
pub(in crate::http) fn seconds_up(millis: i64) -> i64 {
    seconds(millis.saturating_add(999))
}

impl From<ConversionRecord> for ConversionAnswer {
    fn from(record: ConversionRecord) -> Self {
        let (refunded_cents, net_cents) = (record.order.refunded(), record.order.net().minor);
        let left_out = record.order.left_out().map(LeftOut::code);
        let order = record.order;
        Self {
            conversion_id: record.id.to_string(),
            order_id: order.id.to_string(),
            source: order.source.code(),
            status: order.status.code(),
            test: order.test,
            sample: record.sample,
            conversion_type: order.label,
            currency: order.currency.code(),
            total_cents: order.total_minor,
            refunded_cents,
            net_cents,
            matched_cents: record.attribution.matched_minor,
            occurred_at: record.occurred_at.to_rfc3339(),
            received_at: record.received_at.to_rfc3339(),
            visitor_id: order.visitor.map(|id| id.to_string()),
            session_id: order.session.map(|id| id.to_string()),
            user_id: order.user.map(|id| id.to_string()),
            items: order.items.into_iter().map(ItemAnswer::from).collect(),
            left_out,
            platform: order.platform.map(|part| PlatformPartAnswer::from(*part)),
            attribution: record.attribution.into(),
        }
    }
}

impl From<Item> for ItemAnswer {
    fn from(item: Item) -> Self {
        Self {
            product_id: item.product.to_string(),
            variant_id: item.variant.map(|id| id.to_string()),
            quantity: item.quantity,
            price_cents: item.price_minor,
            total_cents: item.total_minor,
        }
    }
}

impl From<AttributionRecord> for AttributionAnswer {
    fn from(record: AttributionRecord) -> Self {
        Self {
            kind: record.kind.code(),
            reason: record.reason.code(),
            model: record.model.code(),
            basis: record.basis.code(),
            ruleset_version: record.ruleset_version,
            attributed_cents: record.attributed_minor,
            provisional_cents: record.provisional_minor,
            time_to_conversion_seconds: record.time_to_conversion_ms.map(seconds),
            window_missed_by_seconds: record.window_missed_by_ms.map(seconds_up),
            credits: record.credits.into_iter().map(CreditAnswer::from).collect(),
        }
    }
}

impl From<CreditRecord> for CreditAnswer {
    fn from(record: CreditRecord) -> Self {
        Self {
            visualization_id: record.visualization.to_string(),
            widget_id: record.widget.to_string(),
            weight: weight(record.weight),
            cents: record.minor,
        }
    }
}

impl From<&ShownProduct> for ProductAnswer {
    fn from(shown: &ShownProduct) -> Self {
        Self {
            product_id: shown.product.to_string(),
            variant_ids: shown.variants.iter().map(ToString::to_string).collect(),
        }
    }
}

impl VisualizationAnswer {
    /// The record with its picture's address under the server's public URL.
    pub(super) fn new(record: VisualizationRecord, app: &App) -> Self {
        let VisualizationRecord { visualization, renderer, received_at, picture, sample } = record;
        Self {
            visualization_id: visualization.id.to_string(),
            widget_id: visualization.widget.to_string(),
            visitor_id: visualization.visitor.map(|id| id.to_string()),
            session_id: visualization.session.map(|id| id.to_string()),
            products: visualization.products.iter().map(ProductAnswer::from).collect(),
            created_at: visualization.at.to_rfc3339(),
            received_at: received_at.to_rfc3339(),
            renderer,
            picture_url: picture.as_ref().map(|picture| app.url(&format!("/pictures/{}", picture.token))),
            picture_expires_at: picture.map(|picture| picture.expires_at.to_rfc3339()),
            sample,
        }
    }
}

impl From<TypeCounts> for TypeCountsAnswer {
    fn from(counts: TypeCounts) -> Self {
        Self { direct: counts.direct, assisted: counts.assisted, none: counts.none }
    }
}

impl From<&RevenueLine> for RevenueAnswer {
    fn from(line: &RevenueLine) -> Self {
        Self {
            currency: line.currency.code(),
            gross_cents: line.gross_minor,
            refunded_cents: line.refunded_minor,
            net_cents: line.net_minor,
            direct_cents: line.direct_minor,
            assisted_cents: line.assisted_minor,
            provisional_cents: line.provisional_minor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_cut_and_a_missed_window_is_never_missed_by_nothing() {
        assert_eq!([seconds(1_999), seconds(0), seconds(-1)], [1, 0, -1]);
        assert_eq!([seconds_up(1), seconds_up(1_000), seconds_up(1_001)], [1, 1, 2]);
    }

    #[test]
    fn a_sum_beyond_64_bits_is_written_as_an_integer() {
        let currency = selektable_domain::money::Currency::parse("EUR").unwrap();
        let line = RevenueLine { gross_minor: i128::from(i64::MAX) * 3, ..RevenueLine::zero(currency) };
        let text = serde_json::to_string(&RevenueAnswer::from(&line)).unwrap();
        assert!(text.contains(r#""grossCents":27670116110564327421,"#), "{text}");
    }
}
