//! A store's attribution rules: one numbered version decides, and every figure names the version.

mod parse;

pub use parse::parse_draft;

use crate::order::OrderStatus;
use crate::time::Window;

/// How credit is shared among the eligible visualizations (SPEC section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Model {
    /// All credit to the latest one.
    LastTouch,
    /// All credit to the earliest one.
    FirstTouch,
    /// The same to each.
    Linear,
    /// One: all; two: half each; more: 40 % to the first, 40 % to the last, 20 % shared by those between.
    PositionBased,
    /// Halves with every half-life before the conversion: a quarter of the window, at least one day.
    TimeDecay,
}

impl Model {
    /// Every model, the default first.
    pub const ALL: [Self; 5] =
        [Self::LastTouch, Self::FirstTouch, Self::Linear, Self::PositionBased, Self::TimeDecay];

    /// The name in API, database and dashboard.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LastTouch => "last_touch",
            Self::FirstTouch => "first_touch",
            Self::Linear => "linear",
            Self::PositionBased => "position_based",
            Self::TimeDecay => "time_decay",
        }
    }

    /// Reads [`Model::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.code() == code)
    }
}

/// Which of an order's money is attributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevenueBasis {
    /// The whole order, as the seed has it.
    Order,
    /// Only the lines of visualized products, never more than the order.
    MatchedLines,
}

impl RevenueBasis {
    /// Every basis, the default first.
    pub const ALL: [Self; 2] = [Self::Order, Self::MatchedLines];

    /// The name in API, database and dashboard.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::MatchedLines => "matched_lines",
        }
    }

    /// Reads [`RevenueBasis::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.code() == code)
    }

    /// What of a net amount is attributed to a conversion whose lines of visualized products sum to `lines`.
    ///
    /// Example: lines 80.00, net 70.00 after a refund: 70.00 under both; net 100.00: 100.00 and 80.00.
    #[must_use]
    pub const fn in_play(self, net_minor: i64, lines_minor: i64) -> i64 {
        match self {
            Self::MatchedLines if lines_minor < net_minor => lines_minor,
            Self::Order | Self::MatchedLines => net_minor,
        }
    }
}

/// When two product ids are the same product (SPEC section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProductMatch {
    /// Equal ids, variants of one product, and what the store's alias table joins.
    Group,
    /// Equal ids only; where both sides name variants, equal variants only.
    Exact,
}

impl ProductMatch {
    /// Every way, the default first.
    pub const ALL: [Self; 2] = [Self::Group, Self::Exact];

    /// The name in API, database and dashboard.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Exact => "exact",
        }
    }

    /// Reads [`ProductMatch::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }
}

/// What makes a conversion without items direct (SPEC section 6 has the first; a store may choose the second).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeadDirect {
    /// A visualization of the lead's own session, in the window.
    SameSession,
    /// Any visualization of the same person, in the window.
    SamePerson,
}

impl LeadDirect {
    /// Every way, the default first.
    pub const ALL: [Self; 2] = [Self::SameSession, Self::SamePerson];

    /// The name in API, database and dashboard.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SameSession => "same_session",
            Self::SamePerson => "same_person",
        }
    }

    /// Reads [`LeadDirect::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }
}

/// From which status on an order's money is revenue. `refunded` and `cancelled` never are: their net is 0. What is
/// not revenue yet is provisional.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CountsFrom {
    /// `processing` and `completed` (SPEC section 7).
    Paid,
    /// `completed` only, for shops that ship on account.
    Completed,
    /// `on-hold`, `processing` and `completed`, for shops whose transfers take days.
    Placed,
    /// Every status but the reversed ones.
    Any,
}

impl CountsFrom {
    /// Every choice, the default first.
    pub const ALL: [Self; 4] = [Self::Paid, Self::Completed, Self::Placed, Self::Any];

    /// The name in API, database and dashboard.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Completed => "completed",
            Self::Placed => "placed",
            Self::Any => "any",
        }
    }

    /// Reads [`CountsFrom::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.code() == code)
    }

    /// Whether money of this status is revenue.
    #[must_use]
    pub const fn is_revenue(self, status: OrderStatus) -> bool {
        if status.is_reversed() {
            return false;
        }
        let least = match self {
            Self::Any => OrderStatus::Pending,
            Self::Placed => OrderStatus::OnHold,
            Self::Paid => OrderStatus::Processing,
            Self::Completed => OrderStatus::Completed,
        };
        status.rank() >= least.rank()
    }

    /// Whether money of this status may still become revenue.
    #[must_use]
    pub const fn is_provisional(self, status: OrderStatus) -> bool {
        !status.is_reversed() && !self.is_revenue(status)
    }
}

/// One version of a store's rules. Never changed: other rules are another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ruleset {
    /// 1 for the store's first.
    pub version: u32,
    /// How long after a visualization a conversion may be credited.
    pub window: Window,
    /// How credit is shared.
    pub model: Model,
    /// Which money is attributed.
    pub basis: RevenueBasis,
    /// When two ids are one product.
    pub products: ProductMatch,
    /// What makes a lead direct.
    pub leads: LeadDirect,
    /// Which money is revenue.
    pub counts: CountsFrom,
}

impl Ruleset {
    /// What a new store starts with, as SPEC sections 6 and 7 have it.
    pub const FIRST: Self = Self {
        version: 1,
        window: Window::DEFAULT,
        model: Model::LastTouch,
        basis: RevenueBasis::Order,
        products: ProductMatch::Group,
        leads: LeadDirect::SameSession,
        counts: CountsFrom::Paid,
    };

    /// The same rules under another number.
    #[must_use]
    pub const fn numbered(self, version: u32) -> Self {
        Self { version, ..self }
    }
}
