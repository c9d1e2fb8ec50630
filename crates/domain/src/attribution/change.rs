//! The smallest changes that would have made another decision: what a merchant can check, and sometimes mend.
//!
//! Example: an order for product 456; the shopper visualized 123 two days before. It is assisted; it would be direct
//! if 456 and 123 were one product.

use super::{AttributionType, Candidate, CandidateCode, Conversion, Decision};
use crate::opaque::{ProductId, VisualizationId};
use crate::rules::ProductMatch;
use crate::time::Window;

/// Most changes told of one decision.
const CHANGES_MAX: usize = 20;

/// One change, and the type the conversion would then have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The window would have to be at least this long.
    LongerWindow {
        /// By how much the visualization missed the window, milliseconds.
        by_ms: i64,
        /// Its age: the shortest window that would do, milliseconds (at most 365 days).
        window_ms: i64,
        /// Which visualization.
        visualization: VisualizationId,
        /// What it would be.
        would_be: AttributionType,
    },
    /// The window would have to be shorter than this.
    ShorterWindow {
        /// Age of the latest visualization that makes it what it is, milliseconds.
        below_ms: i64,
        /// What it would be.
        would_be: AttributionType,
    },
    /// The two ids would have to be one product.
    OneProduct {
        /// The id that was ordered.
        ordered: ProductId,
        /// The id that was shown.
        visualized: ProductId,
        /// Where it was shown.
        visualization: VisualizationId,
        /// What it would be.
        would_be: AttributionType,
    },
    /// The lead would have to come from the session of this visualization.
    OneSession {
        /// Which visualization.
        visualization: VisualizationId,
        /// What it would be.
        would_be: AttributionType,
    },
    /// The visualization would have to be made earlier, before the conversion.
    EarlierVisualization {
        /// By how much it came too late, milliseconds.
        by_ms: i64,
        /// Which visualization.
        visualization: VisualizationId,
        /// What it would be.
        would_be: AttributionType,
    },
}

impl Change {
    /// The name in the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LongerWindow { .. } => "longer_window",
            Self::ShorterWindow { .. } => "shorter_window",
            Self::OneProduct { .. } => "one_product",
            Self::OneSession { .. } => "one_session",
            Self::EarlierVisualization { .. } => "earlier_visualization",
        }
    }

    /// What the conversion would be.
    #[must_use]
    pub const fn would_be(&self) -> AttributionType {
        match self {
            Self::LongerWindow { would_be, .. }
            | Self::ShorterWindow { would_be, .. }
            | Self::OneProduct { would_be, .. }
            | Self::OneSession { would_be, .. }
            | Self::EarlierVisualization { would_be, .. } => *would_be,
        }
    }
}

/// What would have made another decision, the smallest first; nothing when no single change of rules, products or
/// times would (a visitor who never visualized).
#[must_use]
pub fn changes(conversion: Conversion<'_>, decision: &Decision) -> Vec<Change> {
    let mut found = match decision.kind {
        AttributionType::Direct => shorter_window(decision, decision.lag_direct_ms),
        AttributionType::Assisted => to_direct(conversion, decision),
        AttributionType::None => to_credited(decision),
    };
    if decision.kind == AttributionType::Assisted {
        found.extend(shorter_window(decision, decision.lag_any_ms));
    }
    found.truncate(CHANGES_MAX);
    found
}

fn to_direct(conversion: Conversion<'_>, decision: &Decision) -> Vec<Change> {
    let mut found = Vec::new();
    let would_be = AttributionType::Direct;
    // The latest first: it is the likeliest.
    for candidate in decision.candidates.iter().rev().filter(|candidate| is_in_window(candidate)) {
        found.extend(one_session(conversion, candidate));
        let pairs = pairs(conversion, candidate, decision.rules.products);
        found.extend(pairs.into_iter().map(|(ordered, visualized)| Change::OneProduct {
            ordered: ordered.clone(),
            visualized: visualized.clone(),
            visualization: candidate.visualization.id.clone(),
            would_be,
        }));
        if found.len() >= CHANGES_MAX / 2 {
            break;
        }
    }
    found.truncate(CHANGES_MAX / 2);
    let nearest = nearest(decision, |candidate| candidate.makes_direct);
    found.extend(nearest.and_then(|candidate| longer_window(decision, candidate, would_be)));
    found
}

/// A lead can only have come from a session that the visualization names.
fn one_session(conversion: Conversion<'_>, candidate: &Candidate) -> Option<Change> {
    let named = conversion.order.items.is_empty() && candidate.visualization.session.is_some();
    named.then(|| Change::OneSession {
        visualization: candidate.visualization.id.clone(),
        would_be: AttributionType::Direct,
    })
}

/// What was ordered with what was shown, each pair once; none where rules that want equal ids would not look at a
/// group.
fn pairs<'a>(
    conversion: Conversion<'a>,
    candidate: &'a Candidate,
    way: ProductMatch,
) -> Vec<(&'a ProductId, &'a ProductId)> {
    let items = match way {
        ProductMatch::Group => conversion.order.items.as_slice(),
        ProductMatch::Exact => &[],
    };
    let mut found = Vec::new();
    for pair in items
        .iter()
        .flat_map(|item| candidate.visualization.products.iter().map(|shown| (&item.product, &shown.product)))
    {
        if found.len() == CHANGES_MAX {
            break;
        }
        if !found.contains(&pair) {
            found.push(pair);
        }
    }
    found
}

fn to_credited(decision: &Decision) -> Vec<Change> {
    let mut found = Vec::new();
    let any = nearest(decision, |_| true);
    let direct = nearest(decision, |candidate| candidate.makes_direct);
    let kind = |candidate: &Candidate| {
        if candidate.makes_direct { AttributionType::Direct } else { AttributionType::Assisted }
    };
    found.extend(any.and_then(|candidate| longer_window(decision, candidate, kind(candidate))));
    if let Some(candidate) = direct.filter(|direct| any.is_none_or(|any| any.age_ms < direct.age_ms)) {
        found.extend(longer_window(decision, candidate, AttributionType::Direct));
    }
    let later = decision
        .candidates
        .iter()
        .filter(|candidate| candidate.code == CandidateCode::AfterOrder && candidate.is_theirs_at_conversion);
    if let Some(candidate) = later.max_by_key(|candidate| (candidate.age_ms, candidate.makes_direct)) {
        found.push(Change::EarlierVisualization {
            by_ms: -candidate.age_ms,
            visualization: candidate.visualization.id.clone(),
            would_be: kind(candidate),
        });
    }
    found
}

/// The latest visualization beyond the window that is wanted; of equally late ones, one that makes it direct.
fn nearest(decision: &Decision, wanted: impl Fn(&Candidate) -> bool) -> Option<&Candidate> {
    let beyond = decision.candidates.iter().filter(|candidate| candidate.code == CandidateCode::OutOfWindow);
    beyond
        .filter(|candidate| wanted(candidate))
        .min_by_key(|candidate| (candidate.age_ms, !candidate.makes_direct))
}

fn longer_window(decision: &Decision, candidate: &Candidate, would_be: AttributionType) -> Option<Change> {
    Window::from_millis(candidate.age_ms).ok().map(|window| Change::LongerWindow {
        by_ms: candidate.age_ms - decision.rules.window.as_millis(),
        window_ms: window.as_millis(),
        visualization: candidate.visualization.id.clone(),
        would_be,
    })
}

/// With a window just too short for what makes it direct (or credited at all), only younger ones are left.
fn shorter_window(decision: &Decision, lag_ms: Option<i64>) -> Vec<Change> {
    let Some(below_ms) = lag_ms.filter(|lag| Window::from_millis(lag - 1).is_ok()) else { return Vec::new() };
    let left = decision.candidates.iter().any(|candidate| (0..below_ms).contains(&candidate.age_ms));
    let would_be = if left { AttributionType::Assisted } else { AttributionType::None };
    vec![Change::ShorterWindow { below_ms, would_be }]
}

fn is_in_window(candidate: &Candidate) -> bool {
    !matches!(candidate.code, CandidateCode::OutOfWindow | CandidateCode::AfterOrder)
}
