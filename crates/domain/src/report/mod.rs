//! Queries and figures that API and dashboard share, so that a number has one source (SPEC section 10).
//!
//! What every figure leaves out: test orders, always; cancelled orders, where conversions are counted. Two
//! currencies stand in two lines. Direct and assisted money stand side by side and are not added.

pub mod connection;
pub mod dry_run;
pub mod dry_run_tally;
pub mod figures;
pub mod lag;
pub mod lag_tally;
pub mod models;
pub mod models_tally;
pub mod near_miss_tally;
mod packed;
pub mod platform_orders;
pub mod products;
pub mod products_tally;
pub mod reconciliation;
pub mod rollup;
#[cfg(test)]
mod scene;
pub mod sheet;

use crate::attribution::{AttributionType, Reason};
use crate::id::{ConversionId, DeliveryId, WidgetId};
use crate::money::Currency;
use crate::opaque::{OrderId, VisualizationId};
use crate::order::version::Outcome;
use crate::order::{Order, OrderStatus, Source};
use crate::rules::{Model, RevenueBasis};
use crate::time::{Range, Timestamp};
use crate::visualization::Visualization;

/// Most rows of one page of a list.
pub const PAGE_ROWS_MAX: u32 = 200;
/// Rows of a page when nobody says how many.
pub const PAGE_ROWS_DEFAULT: u32 = 50;

/// One page of a list, newest first, and where the next one starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Hand it back to read on; `None` at the end.
    pub next: Option<Cursor>,
}

/// The place after the last row of a page: its time and its number in the table. Rows that arrive meanwhile move
/// nothing, unlike with an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Time of the last row.
    pub at: Timestamp,
    /// Row number that breaks ties.
    pub row: i64,
}

/// Which conversions to list.
#[derive(Clone, Debug)]
pub struct ConversionQuery {
    /// By `occurred_at`.
    pub range: Range,
    /// Only this type.
    pub kind: Option<AttributionType>,
    /// Only this reason.
    pub reason: Option<Reason>,
    /// Only this status.
    pub status: Option<OrderStatus>,
    /// Only those with a credit to this widget.
    pub widget: Option<WidgetId>,
    /// Read on from here.
    pub cursor: Option<Cursor>,
    /// 1 to [`PAGE_ROWS_MAX`].
    pub limit: u32,
}

impl ConversionQuery {
    /// The newest ones of all time.
    #[must_use]
    pub const fn newest(limit: u32) -> Self {
        Self { range: Range::ALL, kind: None, reason: None, status: None, widget: None, cursor: None, limit }
    }
}

/// One visualization's part of a conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditRecord {
    /// Which one.
    pub visualization: VisualizationId,
    /// Its widget.
    pub widget: WidgetId,
    /// Its share, in billionths.
    pub weight: u32,
    /// Attributed minor units under the ruleset's basis.
    pub minor: i64,
}

/// What was decided, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributionRecord {
    /// Direct, assisted or none.
    pub kind: AttributionType,
    /// Why.
    pub reason: Reason,
    /// Model that shared the credit.
    pub model: Model,
    /// Basis of the money.
    pub basis: RevenueBasis,
    /// Version of the rules.
    pub ruleset_version: u32,
    /// Attributed minor units.
    pub attributed_minor: i64,
    /// What would be attributed once paid, minor units.
    pub provisional_minor: i64,
    /// Matched lines, minor units.
    pub matched_minor: i64,
    /// Milliseconds from the latest credited visualization to the conversion.
    pub time_to_conversion_ms: Option<i64>,
    /// For `out_of_window`: milliseconds by which the window was missed.
    pub window_missed_by_ms: Option<i64>,
    /// Who has a share, oldest first.
    pub credits: Vec<CreditRecord>,
}

/// One conversion as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversionRecord {
    /// Our id.
    pub id: ConversionId,
    /// The order as it counts.
    pub order: Order,
    /// `t_c`.
    pub occurred_at: Timestamp,
    /// When the first snapshot reached us.
    pub received_at: Timestamp,
    /// The stored decision.
    pub attribution: AttributionRecord,
    /// Part of the demo's made-up history.
    pub sample: bool,
}

/// One visualization as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisualizationRecord {
    /// What attribution sees.
    pub visualization: Visualization,
    /// What made the picture (`builtin`), or `None` when it was recorded by a server.
    pub renderer: Option<String>,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Where the picture can be seen, until it is deleted.
    pub picture: Option<PictureRecord>,
    /// Part of the demo's made-up history.
    pub sample: bool,
}

/// A kept picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureRecord {
    /// The secret part of its address.
    pub token: String,
    /// When it will be deleted.
    pub expires_at: Timestamp,
}

/// Counts by type, tests and cancelled orders left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TypeCounts {
    /// Direct conversions.
    pub direct: u64,
    /// Assisted conversions.
    pub assisted: u64,
    /// Unattributed conversions.
    pub none: u64,
}

impl TypeCounts {
    /// All of them.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.direct + self.assisted + self.none
    }

    /// One more of this type.
    pub const fn count(&mut self, kind: AttributionType) {
        match kind {
            AttributionType::Direct => self.direct += 1,
            AttributionType::Assisted => self.assisted += 1,
            AttributionType::None => self.none += 1,
        }
    }
}

/// Money of one currency, minor units; sums are 128-bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevenueLine {
    /// The currency of this line.
    pub currency: Currency,
    /// Totals of orders whose status counts as revenue, was reversed, or is provisional: everything ordered.
    pub gross_minor: i128,
    /// What of it was given back.
    pub refunded_minor: i128,
    /// Net of the orders whose status counts as revenue under the rules that decided them.
    pub net_minor: i128,
    /// Attributed to direct conversions.
    pub direct_minor: i128,
    /// Attributed to assisted conversions.
    pub assisted_minor: i128,
    /// Would be attributed (direct and assisted) once paid.
    pub provisional_minor: i128,
}

impl RevenueLine {
    /// An empty line.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self {
            currency,
            gross_minor: 0,
            refunded_minor: 0,
            net_minor: 0,
            direct_minor: 0,
            assisted_minor: 0,
            provisional_minor: 0,
        }
    }
}

/// By which date money is read (SPEC section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateBasis {
    /// Everything by the order's date; a refund lowers the day of its order.
    #[default]
    Order,
    /// A refund lowers the day it was made: net may be negative then.
    Refund,
}

impl DateBasis {
    /// Every basis, the default first.
    pub const ALL: [Self; 2] = [Self::Order, Self::Refund];

    /// The name in the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Refund => "refund",
        }
    }

    /// Reads [`DateBasis::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.code() == code)
    }
}

/// How figures are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lens {
    /// Only this widget: its visualizations, and its share of the conversions credited to it.
    pub widget: Option<WidgetId>,
    /// By which date.
    pub dates: DateBasis,
    /// As known at this instant: facts and decisions of later are not there. `None`: as known now.
    pub as_of: Option<Timestamp>,
}

/// The totals of a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Visualizations made.
    pub visualizations: u64,
    /// Distinct visitors who made them.
    pub visitors: u64,
    /// Conversions by type.
    pub by_type: TypeCounts,
    /// Unattributed conversions by reason, most first.
    pub unattributed: Vec<(Reason, u64)>,
    /// Money, a line a currency, by code.
    pub revenue: Vec<RevenueLine>,
    /// Versions of the rules that decided these conversions, and how many each, by version.
    pub ruleset_versions: Vec<(u32, u64)>,
}

/// The totals of one bucket of a time series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesBucket {
    /// When.
    pub range: Range,
    /// Visualizations made.
    pub visualizations: u64,
    /// Conversions by type.
    pub by_type: TypeCounts,
    /// Money, a line a currency, by code.
    pub revenue: Vec<RevenueLine>,
}

/// What became of one request that brought a conversion in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// Taken in.
    Accepted {
        /// What it did.
        outcome: Outcome,
        /// To which conversion.
        conversion: ConversionId,
        /// What was odd about it.
        warnings: Vec<DeliveryFault>,
    },
    /// Refused; nothing of it was stored but this record.
    Refused {
        /// HTTP status that was answered.
        status: u16,
        /// The answer's stable code.
        code: String,
        /// What to fix.
        faults: Vec<DeliveryFault>,
    },
    /// Good, and of no use: nothing of it was stored but this record.
    Ignored {
        /// Why: a stable code.
        code: String,
        /// What could be mended, if anything.
        faults: Vec<DeliveryFault>,
    },
    /// A note about an order: something was given back, it was deleted, it is back.
    Noted {
        /// What it did.
        outcome: Outcome,
    },
}

/// One thing that is wrong or odd about a delivery. Holds no value of the payload: those may be personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryFault {
    /// JSON Pointer (RFC 6901) to the place, where there is one.
    pub pointer: Option<String>,
    /// Stable code.
    pub code: String,
    /// A sentence the shop developer can act on.
    pub detail: String,
}

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its id.
    pub id: DeliveryId,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Which way it came.
    pub source: Source,
    /// The order it spoke of, where that could be read.
    pub order_id: Option<OrderId>,
    /// The request it came in (`X-Request-Id`).
    pub request_id: String,
    /// The topic, as a platform named it.
    pub topic: Option<String>,
    /// What became of it.
    pub outcome: DeliveryOutcome,
}

/// Which deliveries to list.
#[derive(Clone, Debug)]
pub struct DeliveryQuery {
    /// By time of receipt.
    pub range: Range,
    /// Only refused ones (`Some(true)`), only accepted ones (`Some(false)`).
    pub refused: Option<bool>,
    /// Only of this order.
    pub order_id: Option<OrderId>,
    /// Read on from here.
    pub cursor: Option<Cursor>,
    /// 1 to [`PAGE_ROWS_MAX`].
    pub limit: u32,
}

/// Which visualizations to list.
#[derive(Clone, Debug)]
pub struct VisualizationQuery {
    /// By their time.
    pub range: Range,
    /// Only of this widget.
    pub widget: Option<WidgetId>,
    /// Read on from here.
    pub cursor: Option<Cursor>,
    /// 1 to [`PAGE_ROWS_MAX`].
    pub limit: u32,
}
