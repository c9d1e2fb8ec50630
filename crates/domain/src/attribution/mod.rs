//! Evidence and rules in, a decision out (SPEC section 6).
//!
//! Worked example: window 7 days, an order of 100.00 EUR for products 123 (80.00) and 9 (20.00), paid. The shopper
//! visualized 123 two days before and 55 one hour before. The first matches a bought product, so the order is
//! *direct* and the visualization of 123 is credited: 100.00 by order, 80.00 by matched lines; time to conversion is
//! two days. Without the visualization of 123 it would be *assisted* by the one of 55.

mod change;
mod decide;
mod seal;
mod weights;

pub use change::{Change, changes};
pub use decide::decide;
pub use seal::{CreditSeal, OutcomeSeal, Seal, seal_decision, seal_evidence};
pub use weights::weights;

use crate::identity::Link;
use crate::order::Order;
use crate::products::ProductGroups;
use crate::rules::{RevenueBasis, Ruleset};
use crate::time::Timestamp;
use crate::visualization::Visualization;

/// All weight there is: weights are billionths, so that a decision is the same on every machine.
pub const WEIGHT_WHOLE: u32 = 1_000_000_000;

/// The conversion to decide.
#[derive(Clone, Copy, Debug)]
pub struct Conversion<'a> {
    /// The order as it counts.
    pub order: &'a Order,
    /// `t_c`: when it happened.
    pub occurred_at: Timestamp,
}

/// What is known that could bear on one conversion. More than needed does no harm: [`decide`] picks.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Links of the conversion's visitor and of every visitor whose visualizations are here.
    pub links: Vec<Link>,
    /// Visualizations of the store by that person or session.
    pub visualizations: Vec<Visualization>,
    /// Whether the store ever saw the conversion's visitor (an event, a visualization).
    pub visitor_seen: bool,
    /// Of a visitor who is not known: what browsers reported before this instant was gone when the order came, and may
    /// have told of the visitor. `None` when everything was there.
    pub events_gone_before: Option<Timestamp>,
    /// The groups of the products ordered and shown.
    pub groups: ProductGroups,
}

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttributionType {
    /// A bought product was visualized before (for a lead: something was, in the same session).
    Direct,
    /// Something else was visualized before.
    Assisted,
    /// Nothing was, as far as we know.
    None,
}

impl AttributionType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Direct, Self::Assisted, Self::None];

    /// The name in API, database and dashboard.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Assisted => "assisted",
            Self::None => "none",
        }
    }

    /// Reads [`AttributionType::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Why the answer is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Direct: a bought product was visualized in the window.
    ProductVisualized,
    /// Direct, for a conversion without items: a visualization of the same session.
    SameSession,
    /// Assisted: only other products were visualized in the window.
    OtherProductVisualized,
    /// Assisted, for a conversion without items: visualizations of other sessions only.
    OtherSession,
    /// None: the order names no visitor and no session.
    NoVisitor,
    /// None: the store never saw this visitor.
    VisitorNeverSeen,
    /// None: the visitor is not known, and events of the order's window were no longer kept when it came: nobody can
    /// tell whether the visitor was ever seen.
    EvidenceExpired,
    /// None: the visitor was seen, and never visualized.
    NeverVisualized,
    /// None: visualized, but too long before.
    OutOfWindow,
    /// None: visualized only after the order.
    OnlyAfterOrder,
    /// None: a later payment of a subscription, which its first order earned.
    Renewal,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::ProductVisualized,
        Self::SameSession,
        Self::OtherProductVisualized,
        Self::OtherSession,
        Self::NoVisitor,
        Self::VisitorNeverSeen,
        Self::EvidenceExpired,
        Self::NeverVisualized,
        Self::OutOfWindow,
        Self::OnlyAfterOrder,
        Self::Renewal,
    ];

    /// The name in API and database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ProductVisualized => "product_visualized",
            Self::SameSession => "same_session",
            Self::OtherProductVisualized => "other_product_visualized",
            Self::OtherSession => "other_session",
            Self::NoVisitor => "no_visitor",
            Self::VisitorNeverSeen => "visitor_never_seen",
            Self::EvidenceExpired => "evidence_expired",
            Self::NeverVisualized => "never_visualized",
            Self::OutOfWindow => "out_of_window",
            Self::OnlyAfterOrder => "only_after_order",
            Self::Renewal => "renewal",
        }
    }

    /// Reads [`Reason::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// How a visualization belongs to the conversion's person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonLink {
    /// The same browser.
    SameVisitor,
    /// Another browser of the same user.
    SameUser,
    /// The same session only.
    SameSession,
}

impl PersonLink {
    /// The name in the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SameVisitor => "same_visitor",
            Self::SameUser => "same_user",
            Self::SameSession => "same_session",
        }
    }
}

/// What became of one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateCode {
    /// It has a share of the credit.
    Credited,
    /// Eligible, but the model gives it nothing.
    NoWeight,
    /// In the window, but another visualization matches a bought product and this one does not.
    ProductMismatch,
    /// In the window, but another one is of the lead's own session and this one is not.
    OtherSession,
    /// Older than the window.
    OutOfWindow,
    /// Later than the conversion.
    AfterOrder,
}

impl CandidateCode {
    /// The name in the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Credited => "credited",
            Self::NoWeight => "no_weight",
            Self::ProductMismatch => "product_mismatch",
            Self::OtherSession => "other_session",
            Self::OutOfWindow => "out_of_window",
            Self::AfterOrder => "after_order",
        }
    }
}

/// One visualization that was considered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// It.
    pub visualization: Visualization,
    /// `t_c − t_v` in milliseconds; negative when it came after the conversion.
    pub age_ms: i64,
    /// How it belongs to the person.
    pub person_link: PersonLink,
    /// Whether it would belong to the person too if it was made at the time of the conversion: a browser can pass to
    /// another user between the two.
    pub is_theirs_at_conversion: bool,
    /// Whether one of its products was bought.
    pub matches_product: bool,
    /// Whether it makes the conversion direct if it is in the window: it matches a bought product, or, for a
    /// conversion without items, it is what the rules ask of a lead.
    pub makes_direct: bool,
    /// What became of it.
    pub code: CandidateCode,
    /// Its share, in billionths of [`WEIGHT_WHOLE`].
    pub weight: u32,
    /// Its share of the net order, minor units.
    pub order_minor: i64,
    /// Its share of the matched lines, minor units.
    pub matched_minor: i64,
}

/// The engine's answer for one conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Direct, assisted or none.
    pub kind: AttributionType,
    /// Why.
    pub reason: Reason,
    /// The rules that decided.
    pub rules: Ruleset,
    /// Everything considered, oldest first, equal times by id.
    pub candidates: Vec<Candidate>,
    /// Net order under a credit, minor units; what `revenue_basis: order` attributes or would attribute.
    pub order_minor: i64,
    /// Lines of visualized products, at most the net order; what `matched_lines` attributes or would attribute.
    pub matched_minor: i64,
    /// Revenue attributed under the rules' basis; 0 unless the status counts as revenue under the rules.
    pub attributed_minor: i64,
    /// What would be attributed once the status counts as revenue; 0 when it does, or never will.
    pub provisional_minor: i64,
    /// Lines of visualized products before any refund, at most the gross total, minor units. With it the attributed
    /// amount can be told for any net amount the order had before: see [`crate::rules::RevenueBasis::in_play`].
    pub lines_minor: i64,
    /// `t_c − t_v` of the latest credited visualization, milliseconds.
    pub time_to_conversion_ms: Option<i64>,
    /// For [`Reason::OutOfWindow`]: by how much the latest visualization missed the window, milliseconds.
    pub window_missed_by_ms: Option<i64>,
    /// Age of the latest visualization before the conversion that makes it direct, in the window or not: with any
    /// window at least this long the conversion is direct. Milliseconds.
    pub lag_direct_ms: Option<i64>,
    /// Age of the latest visualization before the conversion, in the window or not: with any window at least this
    /// long it is direct or assisted. Milliseconds.
    pub lag_any_ms: Option<i64>,
}

impl Decision {
    /// The candidates that have a share of the credit.
    pub fn credits(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().filter(|candidate| candidate.code == CandidateCode::Credited)
    }

    /// What of a credited candidate's money counts under this decision's basis, minor units (attributed or
    /// provisional, as the order's status has it).
    #[must_use]
    pub fn basis_minor(&self, candidate: &Candidate) -> i64 {
        match self.rules.basis {
            RevenueBasis::Order => candidate.order_minor,
            RevenueBasis::MatchedLines => candidate.matched_minor,
        }
    }
}
