//! What a platform is told of its delivery. Platforms read the status alone; the rest is for people who look into their
//! logs.

use selektable_domain::id::ConversionId;
use selektable_domain::opaque::OrderId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::orders::{OrderAnswer, OrderAttribution};
use crate::http::reports::NoteAnswer;

/// A delivery that was signed well, or a ping.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlatformAnswer {
    /// Always true.
    #[schema(example = true)]
    pub success: bool,
    /// An order: `created`, `updated`, `unchanged` or `stale`. Word about an order, such as a refund: `noted`,
    /// `unchanged`, or `waiting` for the order to come. A privacy request, or that the app was removed: `recorded`.
    /// `ignored`: see `reason`. `ping`: nothing but a test of the address.
    #[schema(example = "created")]
    pub result: &'static str,
    /// Our id of the conversion, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversion_id: Option<String>,
    /// The platform's id of the order, where it speaks of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// For an order: the decision that holds now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribution: Option<OrderAttribution>,
    /// What is odd about the order.
    pub warnings: Vec<NoteAnswer>,
    /// For `ignored`: why, as a stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "topic_not_used")]
    pub reason: Option<String>,
    /// For `ignored`: why, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl PlatformAnswer {
    /// An answer of one word.
    pub(super) const fn of(result: &'static str) -> Self {
        Self {
            success: true,
            result,
            conversion_id: None,
            order_id: None,
            attribution: None,
            warnings: Vec::new(),
            reason: None,
            detail: None,
        }
    }

    /// Word about an order.
    pub(super) fn note(result: &'static str, order: &OrderId, conversion: Option<ConversionId>) -> Self {
        Self {
            order_id: Some(order.to_string()),
            conversion_id: conversion.map(|id| id.to_string()),
            ..Self::of(result)
        }
    }

    /// Nothing was kept.
    pub(super) fn ignored(code: &str, detail: String) -> Self {
        Self { reason: Some(code.to_owned()), detail: Some(detail), ..Self::of("ignored") }
    }
}

impl From<OrderAnswer> for PlatformAnswer {
    fn from(order: OrderAnswer) -> Self {
        Self {
            conversion_id: Some(order.conversion_id),
            order_id: Some(order.order_id),
            attribution: Some(order.attribution),
            warnings: order.warnings,
            ..Self::of(order.result)
        }
    }
}
