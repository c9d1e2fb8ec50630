//! Sums counted from the rows, as reports without sums count them.

use std::collections::BTreeMap;

use crate::db::params;
use selektable_domain::id::WidgetId;
use selektable_domain::report::rollup::Rollup;
use selektable_domain::time::{Range, Timestamp};

use super::super::super::rows::{Reading, collect};
use super::super::super::work::Work;
use super::super::standing::Source;
use super::changes::{Key, OF_NO_RULES};
use super::spans::Span;
use crate::StoreResult;

/// The generations of a store that are shown or built.
pub(super) fn generations(work: &Work<'_>, store: i64) -> StoreResult<Vec<i64>> {
    let rules = work.store_rules(store)?;
    Ok([Some(&rules.live), rules.building.as_ref()].into_iter().flatten().map(|known| known.number).collect())
}

/// Widgets of which a store has visualizations, one index look-up each.
pub(super) fn widgets(work: &Work<'_>, store: i64) -> StoreResult<Vec<WidgetId>> {
    let sql = "SELECT widget FROM visualizations WHERE store = ?1 AND widget > ?2 ORDER BY widget LIMIT 1";
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut found: Vec<WidgetId> = Vec::new();
    loop {
        let after = found.last().map_or(&[][..], |widget| widget.as_bytes());
        let mut rows = statement.query(params![store, after])?;
        let Some(row) = rows.next()? else { return Ok(found) };
        found.push(Reading::new(&row, "visualizations", 0).id(0)?);
    }
}

/// The quarters of a range, which begins and ends with one. `widgets` are all that there are.
pub(super) fn quarters(
    work: &Work<'_>,
    store: i64,
    widgets: &[WidgetId],
    range: Range,
) -> StoreResult<BTreeMap<Key, Rollup>> {
    let mut sums: BTreeMap<Key, Rollup> = BTreeMap::new();
    for generation in generations(work, store)? {
        let everyone = [None].into_iter().chain(widgets.iter().copied().map(Some));
        for whose in everyone {
            Source::of_generation(store, generation, whose).for_each(work, range, |standing| {
                let at = Span::Quarter.begin(standing.occurred_at);
                let sum = sums.entry(Key { store, generation, whose, at }).or_default();
                sum.add_conversion(standing.counted(), standing.currency, standing.amounts(), 1);
                Ok(())
            })?;
        }
    }
    for (at, widget) in visualizations(work, store, range)? {
        for whose in [None, Some(widget)] {
            let key = Key { store, generation: OF_NO_RULES, whose, at: Span::Quarter.begin(at) };
            sums.entry(key).or_default().add_visualizations(1);
        }
    }
    Ok(sums)
}

fn visualizations(work: &Work<'_>, store: i64, range: Range) -> StoreResult<Vec<(Timestamp, WidgetId)>> {
    let sql = "SELECT at, widget FROM visualizations WHERE store = ?1 AND at >= ?2 AND at < ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![store, range.from.as_millis(), range.to.as_millis()])?, |row| {
        let row = Reading::new(row, "visualizations", 0);
        Ok((row.time(0)?, row.id(1)?))
    })
}

/// When the next thing that is summed up happened, at an instant or after.
pub(super) fn next_at(work: &Work<'_>, store: i64, from: Timestamp) -> StoreResult<Option<Timestamp>> {
    let mut found = Vec::new();
    let sql = "SELECT min(at) FROM visualizations WHERE store = ?1 AND at >= ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    found.push(statement.query_row([store, from.as_millis()], |row| row.get::<Option<i64>>(0))?);
    let sql =
        "SELECT min(occurred_at) FROM decisions WHERE store = ?1 AND generation = ?2 AND occurred_at >= ?3";
    for generation in generations(work, store)? {
        let mut statement = work.connection.prepare_cached(sql)?;
        found.push(statement.query_row([store, generation, from.as_millis()], |row| row.get(0))?);
    }
    Ok(found.into_iter().flatten().min().map(Timestamp::from_millis))
}
