//! What the writes of one transaction change of the sums, in memory until its end.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::{Keyed, params};
use selektable_domain::money::Currency;
use selektable_domain::report::figures::Counted;
use selektable_domain::report::rollup::Rollup;
use selektable_domain::time::Timestamp;

use super::super::super::decisions::{DecisionRow, Place};
use super::super::super::work::Work;
use super::super::standing::Part;
use super::spans::Span;
use super::{Whose, whose_bytes};
use crate::StoreResult;
use selektable_domain::id::WidgetId;

/// Generation of what no rules decide.
pub(in super::super::super) const OF_NO_RULES: i64 = 0;

/// Whose sums, of which generation and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// The store.
    pub store: i64,
    /// The generation; [`OF_NO_RULES`] of visualizations.
    pub generation: i64,
    /// The widget.
    pub whose: Whose,
    /// When the span begins.
    pub at: Timestamp,
}

/// What changed, by quarters.
#[derive(Default)]
pub(in super::super::super) struct Changes {
    sums: BTreeMap<Key, Rollup>,
    visits: BTreeSet<(i64, i64)>,
}

impl Changes {
    /// Leaves a mark: reports may tell something else of a quarter, also where its sums are the same.
    fn mark(&mut self, store: i64, generation: i64, at: Timestamp) {
        self.sums.entry(Key { store, generation, whose: None, at }).or_default();
    }
}

/// Notes that reports may tell something else of a conversion that happened at a time.
pub(in super::super::super) fn mark_conversion(
    work: &Work<'_>,
    store: i64,
    at: Timestamp,
) -> StoreResult<()> {
    let rules = work.store_rules(store)?;
    work.note(|changes| {
        for known in [Some(&rules.live), rules.building.as_ref()].into_iter().flatten() {
            changes.mark(store, known.number, Span::Quarter.begin(at));
        }
    });
    Ok(())
}

/// Notes that reports may tell something else of a visualization.
pub(in super::super::super) fn mark_visualization(work: &Work<'_>, store: i64, at: Timestamp) {
    work.note(|changes| changes.mark(store, OF_NO_RULES, Span::Quarter.begin(at)));
}

/// Notes that a decision is written (`times` is 1), or that it is taken away (−1).
pub(in super::super::super) fn note_decision(work: &Work<'_>, place: Place, row: &DecisionRow, times: i64) {
    work.note(|changes| {
        let at = Span::Quarter.begin(row.occurred_at);
        // Also of what figures leave out some report tells.
        changes.mark(place.store, place.generation, at);
        if !row.left_out {
            for (whose, part) in parts(row) {
                let key = Key { store: place.store, generation: place.generation, whose, at };
                let sum = changes.sums.entry(key).or_default();
                let (counted, currency) = counted(row);
                sum.add_conversion(counted, currency, part.amounts(row.is_revenue), times);
            }
        }
    });
}

/// Notes a new visualization.
pub(in super::super::super) fn note_visualization(
    work: &Work<'_>,
    (store, number): (i64, i64),
    widget: WidgetId,
    at: Timestamp,
    has_visitor: bool,
) {
    work.note(|changes| {
        for whose in [None, Some(widget)] {
            let key = Key { store, generation: OF_NO_RULES, whose, at: Span::Quarter.begin(at) };
            changes.sums.entry(key).or_default().add_visualizations(1);
        }
        if has_visitor {
            changes.visits.insert((store, number));
        }
    });
}

fn counted(row: &DecisionRow) -> (Counted, Currency) {
    let counted = Counted {
        kind: row.outcome.kind,
        reason: row.outcome.reason,
        status: row.status,
        ruleset_version: row.ruleset_version,
    };
    (counted, row.currency)
}

/// All of a decision, and the part of each widget that has a share.
fn parts(row: &DecisionRow) -> BTreeMap<Whose, Part> {
    let whole = Part {
        gross: row.gross_minor,
        net: row.gross_minor - row.refunded_minor,
        attributed: row.outcome.attributed_minor,
        provisional: row.outcome.provisional_minor,
    };
    let mut parts = BTreeMap::from([(None, whole)]);
    for credit in &row.credits {
        let part: &mut Part = parts.entry(Some(credit.widget)).or_default();
        part.gross += credit.gross_minor;
        part.net += credit.order_minor;
        part.attributed += credit.attributed_minor;
        part.provisional += credit.provisional_minor;
    }
    parts
}

/// Writes what was noted; says how many rows it is.
pub(in super::super::super) fn flush(work: &Work<'_>) -> StoreResult<usize> {
    let Changes { sums, visits } = work.take_changes();
    let sql = "INSERT INTO rollup_changes (store, generation, widget, at, sums) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut rows = visits.len();
    // A row of the whole store is also the mark of its quarter.
    for (key, sum) in sums.into_iter().filter(|(key, sum)| key.whose.is_none() || !sum.is_nothing()) {
        rows += 1;
        let (widget, at) = (whose_bytes(&key.whose), key.at.as_millis());
        let row = params![key.store, key.generation, widget, at, sum.to_bytes()];
        work.connection.insert(Keyed { sql, keys: &[] }, row)?;
    }
    let sql = "INSERT INTO unnoted_visits (store, visualization) VALUES (?1, ?2)";
    for (store, visualization) in visits {
        work.connection.insert(Keyed { sql, keys: &[] }, [store, visualization])?;
    }
    Ok(rows)
}
