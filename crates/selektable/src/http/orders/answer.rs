//! What a sender of orders is told (SPEC section 5.1), converted by hand from what the store says.

use selektable_domain::attribution::{AttributionType, Decision};
use selektable_domain::id::ConversionId;
use selektable_domain::opaque::OrderId;
use selektable_domain::order::version::Outcome;
use selektable_domain::report::DeliveryFault;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::reports::NoteAnswer;

/// An order that is on disk.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct OrderAnswer {
    /// Always true.
    #[schema(example = true)]
    pub success: bool,
    /// Our id of the conversion.
    #[schema(example = "conv_01kaqx2v3e7m8r9s0t1v2w3x4y")]
    pub conversion_id: String,
    /// The shop's id, as it is kept.
    #[schema(example = "1001")]
    pub order_id: String,
    /// `created`, `updated`, `unchanged` (the same content again) or `stale` (an older snapshot, kept as a delivery).
    #[schema(example = "created")]
    pub result: &'static str,
    /// The decision that holds now.
    pub attribution: OrderAttribution,
    /// What is odd, and no reason to refuse.
    pub warnings: Vec<NoteAnswer>,
}

/// A decision in short. The optional fields are there for `direct` and `assisted`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct OrderAttribution {
    /// `direct`, `assisted` or `none`.
    #[serde(rename = "type")]
    #[schema(example = "direct")]
    pub kind: &'static str,
    /// Why.
    #[schema(example = "product_visualized")]
    pub reason: &'static str,
    /// The latest credited visualization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visualization_id: Option<String>,
    /// Its widget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widget_id: Option<String>,
    /// From that visualization to the conversion, rounded down.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 172_800)]
    pub time_to_conversion_seconds: Option<i64>,
    /// Attributed revenue in minor units; 0 unless the status counts as revenue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 10_000)]
    pub attributed_cents: Option<i64>,
}

impl OrderAnswer {
    pub(in crate::http) fn new(
        conversion: ConversionId,
        order: &OrderId,
        outcome: Outcome,
        decision: &Decision,
        warnings: Vec<DeliveryFault>,
    ) -> Self {
        Self {
            success: true,
            conversion_id: conversion.to_string(),
            order_id: order.to_string(),
            result: outcome.code(),
            attribution: OrderAttribution::from(decision),
            warnings: warnings.into_iter().map(NoteAnswer::from).collect(),
        }
    }
}

impl From<&Decision> for OrderAttribution {
    fn from(decision: &Decision) -> Self {
        let credited = match decision.kind {
            AttributionType::Direct | AttributionType::Assisted => decision.credits().last(),
            AttributionType::None => None,
        };
        let seconds = decision.time_to_conversion_ms.map(|millis| millis.div_euclid(1_000));
        Self {
            kind: decision.kind.code(),
            reason: decision.reason.code(),
            visualization_id: credited.map(|credited| credited.visualization.id.to_string()),
            widget_id: credited.map(|credited| credited.visualization.widget.to_string()),
            time_to_conversion_seconds: credited.and(seconds),
            attributed_cents: credited.map(|_| decision.attributed_minor),
        }
    }
}
