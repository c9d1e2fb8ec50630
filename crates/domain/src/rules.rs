//! A store's attribution rules: one numbered version decides, and every figure names the version.

use crate::time::Window;

/// How credit is shared among the eligible visualizations (SPEC section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// All credit to the latest one.
    LastTouch,
}

impl Model {
    /// The name in API, database and dashboard.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LastTouch => "last_touch",
        }
    }

    /// Reads [`Model::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        (code == Self::LastTouch.code()).then_some(Self::LastTouch)
    }
}

/// Which of an order's money is attributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevenueBasis {
    /// The whole order, as the seed has it.
    Order,
    /// Only the lines of visualized products, never more than the order.
    MatchedLines,
}

impl RevenueBasis {
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
        [Self::Order, Self::MatchedLines].into_iter().find(|basis| basis.code() == code)
    }
}

/// One version of a store's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruleset {
    /// 1 for the store's first.
    pub version: u32,
    /// How long after a visualization a conversion may be credited.
    pub window: Window,
    /// How credit is shared.
    pub model: Model,
    /// Which money is attributed.
    pub basis: RevenueBasis,
}

impl Ruleset {
    /// What a new store starts with: 7 days, last touch, the whole order.
    pub const FIRST: Self =
        Self { version: 1, window: Window::DEFAULT, model: Model::LastTouch, basis: RevenueBasis::Order };
}
