//! What a decision was made of: every visualization that was considered, and the changes that would have made another
//! decision, each with a way to act on it where there is one.

use selektable_domain::attribution::{Candidate, CandidateCode, Change, Decision};
use selektable_domain::id::StoreId;
use selektable_domain::money::Currency;
use selektable_domain::rules::LeadDirect;
use selektable_domain::time::HOUR_MS;

use super::access::InStore;
use super::page::address;
use super::parts::{Amount, IdText, Kind, TimeText};
use super::{format, words};
use crate::words::change::sentence;

/// One visualization that was considered.
pub(super) struct CandidateRow {
    /// Whether it has a share of the credit.
    pub credited: bool,
    /// It.
    pub id: IdText,
    /// When it was made.
    pub at: TimeText,
    /// How long before or after the conversion.
    pub age: String,
    /// What it shows.
    pub products: Vec<IdText>,
    /// Whether one of them was bought.
    pub matches: bool,
    /// How it belongs to the person.
    pub link: &'static str,
    /// What became of it.
    pub words: &'static str,
    /// Its share and its money under both bases, whole order first.
    pub share: Option<Share>,
    /// The widget it was made with.
    pub widget: String,
    /// That widget's page.
    pub widget_href: Option<String>,
}

/// A share of the credit.
pub(super) struct Share {
    /// Of one: `1`, `0.333`.
    pub weight: String,
    /// Of the net order.
    pub by_order: Amount,
    /// Of the matched lines.
    pub by_lines: Amount,
}

/// One change that would have made another decision.
pub(super) struct ChangeRow {
    /// What the conversion would be.
    pub would_be: Kind,
    /// The change, with its numbers.
    pub sentence: String,
    /// The visualization it is about.
    pub visualization: Option<IdText>,
    /// What can be done.
    pub act: Act,
}

/// What a merchant can do about a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Nothing: it was up to the shopper.
    Nothing,
    /// Look at other rules.
    See {
        /// The rules page with a draft filled in.
        href: String,
        /// What it says.
        text: String,
    },
    /// Say that two ids are one product.
    Join {
        /// Where the form goes.
        path: String,
        /// The id that was ordered.
        variant: String,
        /// The id that was shown.
        product: String,
    },
}

/// Everything considered, the latest first.
#[must_use]
pub(super) fn candidates(decision: &Decision, currency: Currency, place: &InStore) -> Vec<CandidateRow> {
    let row = |candidate| candidate_row(candidate, currency, place);
    decision.candidates.iter().rev().map(row).collect()
}

fn candidate_row(candidate: &Candidate, currency: Currency, place: &InStore) -> CandidateRow {
    let shown = &candidate.visualization;
    let widget = place.store.widgets.iter().find(|widget| widget.id == shown.widget);
    let age = format::duration(candidate.age_ms);
    let credited = candidate.code == CandidateCode::Credited;
    CandidateRow {
        credited,
        id: IdText::new(&shown.id),
        at: TimeText::new(shown.at, &place.store.settings.zone),
        age: if candidate.age_ms < 0 { format!("{age} after") } else { format!("{age} before") },
        products: shown.products.iter().map(|product| IdText::new(&product.product)).collect(),
        matches: candidate.matches_product,
        link: words::person_link(candidate.person_link),
        words: words::candidate(candidate.code),
        share: credited.then(|| Share {
            weight: format::weight(candidate.weight),
            by_order: Amount::plain(candidate.order_minor, currency),
            by_lines: Amount::plain(candidate.matched_minor, currency),
        }),
        widget: widget.map_or_else(|| shown.widget.to_string(), |widget| widget.settings.name.clone()),
        widget_href: widget.map(|widget| address::widget(place.store.id, widget.id, "")),
    }
}

/// The changes, the smallest first.
#[must_use]
pub(super) fn changes(found: &[Change], decision: &Decision, place: &InStore) -> Vec<ChangeRow> {
    let row = |change: &Change| ChangeRow {
        would_be: change.would_be().into(),
        sentence: sentence(change, decision),
        visualization: match change {
            Change::LongerWindow { visualization, .. }
            | Change::OneProduct { visualization, .. }
            | Change::OneSession { visualization, .. }
            | Change::EarlierVisualization { visualization, .. } => Some(IdText::new(visualization)),
            Change::ShorterWindow { .. } => None,
        },
        act: act(change, decision, place.store.id),
    };
    found.iter().map(row).collect()
}

fn act(change: &Change, decision: &Decision, store: StoreId) -> Act {
    let rules = |name: &str, value: &str, text: String| Act::See {
        href: address::draft_rules(store, name, value),
        text,
    };
    let window = |hours: i64| {
        rules("window", &hours.to_string(), format!("Try a window of {}", format::window(hours * HOUR_MS)))
    };
    match change {
        // Windows are set in whole hours: the first that reaches the age, and the last that does not.
        Change::LongerWindow { window_ms, .. } => window(window_ms.saturating_add(HOUR_MS - 1) / HOUR_MS),
        Change::ShorterWindow { below_ms, .. } if *below_ms > HOUR_MS => window((below_ms - 1) / HOUR_MS),
        Change::OneProduct { ordered, visualized, .. } => Act::Join {
            path: address::store(store, "/products/join"),
            variant: ordered.to_string(),
            product: visualized.to_string(),
        },
        Change::OneSession { .. } if decision.rules.leads == LeadDirect::SameSession => {
            let code = LeadDirect::SamePerson.code();
            rules("leads", code, "Try rules that ask for the same person only".to_owned())
        }
        Change::ShorterWindow { .. } | Change::OneSession { .. } | Change::EarlierVisualization { .. } => {
            Act::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::attribution::{AttributionType, Reason};
    use selektable_domain::opaque::{ProductId, VisualizationId};
    use selektable_domain::rules::Ruleset;
    use uuid::Uuid;

    fn decision() -> Decision {
        Decision {
            kind: AttributionType::None,
            reason: Reason::OutOfWindow,
            rules: Ruleset::FIRST,
            candidates: Vec::new(),
            order_minor: 0,
            matched_minor: 0,
            attributed_minor: 0,
            provisional_minor: 0,
            lines_minor: 0,
            time_to_conversion_ms: None,
            window_missed_by_ms: None,
            lag_direct_ms: None,
            lag_any_ms: None,
        }
    }

    fn store() -> StoreId {
        StoreId::from_uuid(Uuid::from_u128(1))
    }

    fn acted(change: &Change) -> Act {
        act(change, &decision(), store())
    }

    fn see(query: &str, text: &str) -> Act {
        Act::See { href: format!("/stores/{}/rules?{query}#new-rules", store()), text: text.to_owned() }
    }

    #[test]
    fn a_window_is_tried_in_whole_hours_that_reach_the_age_or_just_do_not() {
        let visualization = VisualizationId::parse("pic").unwrap();
        let would_be = AttributionType::Direct;
        let longer = |window_ms| Change::LongerWindow {
            by_ms: 1,
            window_ms,
            visualization: visualization.clone(),
            would_be,
        };
        assert_eq!(acted(&longer(192 * HOUR_MS)), see("window=192", "Try a window of 8 days"));
        assert_eq!(acted(&longer(192 * HOUR_MS + 1)), see("window=193", "Try a window of 193 h"));
        let shorter = |below_ms| Change::ShorterWindow { below_ms, would_be };
        assert_eq!(acted(&shorter(2 * HOUR_MS)), see("window=1", "Try a window of 1 h"));
        assert_eq!(acted(&shorter(HOUR_MS)), Act::Nothing);
    }

    #[test]
    fn two_ids_are_joined_under_the_one_that_was_shown() {
        let change = Change::OneProduct {
            ordered: ProductId::parse("456").unwrap(),
            visualized: ProductId::parse("123").unwrap(),
            visualization: VisualizationId::parse("pic").unwrap(),
            would_be: AttributionType::Direct,
        };
        let path = format!("/stores/{}/products/join", store());
        assert_eq!(acted(&change), Act::Join { path, variant: "456".to_owned(), product: "123".to_owned() });
    }
}
