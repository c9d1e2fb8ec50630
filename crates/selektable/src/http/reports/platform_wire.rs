//! What only a platform says of an order, on the wire.

use selektable_domain::order::platform::{Carrier, PlatformPart, Refund};
use selektable_domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// What only a platform says of an order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlatformPartAnswer {
    /// `online`, `renewal`, `point_of_sale`, `draft`, `staff` or `api`.
    #[schema(example = "online")]
    pub origin: &'static str,
    /// How the visitor came to be known: `line_property`, `cart_attribute`, `form_field`, `store_api`, `cookie`,
    /// `order_meta`, `cart_token` or `pixel`; null without one.
    #[schema(example = "cart_attribute")]
    pub carrier: Option<&'static str>,
    /// The platform's own status.
    #[schema(example = "paid/fulfilled")]
    pub raw_status: String,
    /// The number the merchant knows the order by.
    #[schema(example = "#1001")]
    pub number: Option<String>,
    /// What was given back, by id.
    pub refunds: Vec<RefundAnswer>,
}

/// One repayment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundAnswer {
    /// The platform's id.
    pub id: String,
    /// What was given back, in minor units.
    pub cents: i64,
    /// When, where the platform says it.
    pub at: Option<String>,
}

impl From<PlatformPart> for PlatformPartAnswer {
    fn from(part: PlatformPart) -> Self {
        Self {
            origin: part.origin.code(),
            carrier: part.carrier.map(Carrier::code),
            raw_status: part.raw_status,
            number: part.number,
            refunds: part.refunds.into_iter().map(RefundAnswer::from).collect(),
        }
    }
}

impl From<Refund> for RefundAnswer {
    fn from(Refund { id, minor, at }: Refund) -> Self {
        Self { id: id.to_string(), cents: minor, at: at.map(Timestamp::to_rfc3339) }
    }
}
