//! Visualizations become days of their visitors.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::db::params;
use selektable_domain::id::WidgetId;
use selektable_domain::time::Timestamp;

use super::super::super::rows::{Reading, collect};
use super::super::super::work::Work;
use super::days::Days;
use super::returns::Returns;
use super::stored::read_whose;
use super::{Whose, whose_bytes};
use crate::StoreResult;

/// Visits taken at a time; the number stands in the text of the query.
pub(super) const TAKEN: usize = 256;

struct Visit {
    store: i64,
    visualization: i64,
    visitor: Option<String>,
    widget: Option<WidgetId>,
    at: Timestamp,
}

/// Notes some of the visits that wait; says how many.
pub(super) fn note_some(work: &Work<'_>) -> StoreResult<usize> {
    let sql = "SELECT u.store, u.visualization, v.visitor, v.at, v.widget FROM unnoted_visits u \
               LEFT JOIN visualizations v ON v.store = u.store AND v.number = u.visualization LIMIT 256";
    let mut statement = work.connection.prepare_cached(sql)?;
    let visits = collect(statement.query(())?, |row| {
        let row = Reading::new(row, "unnoted_visits", 1);
        let at = row.time_if(3)?;
        let widget = at.map(|_| row.id(4)).transpose()?;
        let at = at.unwrap_or(Timestamp::from_millis(0));
        Ok(Visit { store: row.get(0)?, visualization: row.get(1)?, visitor: row.get(2)?, widget, at })
    })?;
    let mut stores: HashMap<i64, OfStore> = HashMap::new();
    for visit in &visits {
        let known = match stores.entry(visit.store) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(OfStore::new(work, visit.store)?),
        };
        if let (Some(visitor), Some(widget)) = (&visit.visitor, visit.widget) {
            known.note(work, visitor, widget, visit.at)?;
        }
        let sql = "DELETE FROM unnoted_visits WHERE store = ?1 AND visualization = ?2";
        work.connection.prepare_cached(sql)?.execute([visit.store, visit.visualization])?;
    }
    stores.into_values().try_for_each(|known| known.write(work))?;
    Ok(visits.len())
}

/// Days of a store's visitors on their way into the tables.
pub(super) struct OfStore {
    store: i64,
    days: Days,
    returns: Returns,
    /// While days are made anew: visitors after this one are taken from the rows later.
    built_to: Option<String>,
}

impl OfStore {
    /// Begins.
    pub(super) fn new(work: &Work<'_>, store: i64) -> StoreResult<Self> {
        let days = Days::of_store(work, store)?;
        let built_to = super::build::visitors_after(work, store)?;
        Ok(Self { store, days, returns: Returns::default(), built_to })
    }

    fn note(&mut self, work: &Work<'_>, visitor: &str, widget: WidgetId, at: Timestamp) -> StoreResult<()> {
        if self.built_to.as_deref().is_some_and(|built_to| visitor > built_to) {
            return Ok(());
        }
        let day = self.days.day(at).from;
        for whose in [None, Some(widget)] {
            if insert_day(work, self.store, visitor, whose, day)? {
                let around = neighbours(work, self.store, visitor, whose, day)?;
                self.returns.add_day(whose, (around.0, day, around.1));
            }
        }
        Ok(())
    }

    /// Makes a visitor's days what the rows say.
    pub(super) fn settle(&mut self, work: &Work<'_>, visitor: &str) -> StoreResult<()> {
        let (stored, counted) = (stored_days(work, self.store, visitor)?, self.counted_days(work, visitor)?);
        if stored == counted {
            return Ok(());
        }
        let sql = "DELETE FROM visitor_days WHERE store = ?1 AND visitor = ?2";
        work.connection.prepare_cached(sql)?.execute(params![self.store, visitor])?;
        for (whose, days) in &stored {
            self.returns.add_chain(*whose, days, -1);
        }
        for (whose, days) in &counted {
            self.returns.add_chain(*whose, days, 1);
            for day in days {
                insert_day(work, self.store, visitor, *whose, *day)?;
            }
        }
        Ok(())
    }

    fn counted_days(&self, work: &Work<'_>, visitor: &str) -> StoreResult<Chains> {
        let sql = "SELECT at, widget FROM visualizations WHERE store = ?1 AND visitor = ?2";
        let mut statement = work.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![self.store, visitor])?;
        let mut chains = Chains::new();
        while let Some(row) = rows.next()?.as_ref() {
            let row = Reading::new(row, "visualizations", 0);
            add_visit(&mut chains, &self.days, row.time(0)?, row.id(1)?);
        }
        Ok(chains)
    }

    /// Ends.
    pub(super) fn write(self, work: &Work<'_>) -> StoreResult<()> {
        self.returns.write(work, self.store)
    }
}

/// One visitor's days, with any widget and with each.
pub(super) type Chains = BTreeMap<Whose, BTreeSet<Timestamp>>;

/// Adds what one visualization says of its visitor.
pub(super) fn add_visit(chains: &mut Chains, days: &Days, at: Timestamp, widget: WidgetId) {
    let day = days.day(at).from;
    for whose in [None, Some(widget)] {
        chains.entry(whose).or_default().insert(day);
    }
}

/// Makes the days of visitors what the rows say, after an erasure gave visualizations other visitors.
pub(in super::super::super) fn settle_erased(
    work: &Work<'_>,
    store: i64,
    visitors: &BTreeSet<String>,
) -> StoreResult<()> {
    let mut known = OfStore::new(work, store)?;
    // Also those that a building would come to: nothing of who was erased may stay.
    visitors.iter().try_for_each(|visitor| known.settle(work, visitor))?;
    known.write(work)
}

fn insert_day(work: &Work<'_>, store: i64, visitor: &str, whose: Whose, day: Timestamp) -> StoreResult<bool> {
    let sql = "INSERT INTO visitor_days (store, visitor, widget, day) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    let row = params![store, visitor, whose_bytes(&whose), day.as_millis()];
    Ok(work.connection.prepare_cached(sql)?.execute(row)? > 0)
}

/// The days before and after one of a visitor's.
fn neighbours(
    work: &Work<'_>,
    store: i64,
    visitor: &str,
    whose: Whose,
    day: Timestamp,
) -> StoreResult<(Option<Timestamp>, Option<Timestamp>)> {
    let sql = "SELECT (SELECT max(b.day) FROM visitor_days b WHERE b.store = ?1 AND b.visitor = ?2 \
               AND b.widget = ?3 AND b.day < ?4), (SELECT min(a.day) FROM visitor_days a WHERE a.store = ?1 \
               AND a.visitor = ?2 AND a.widget = ?3 AND a.day > ?4)";
    let mut statement = work.connection.prepare_cached(sql)?;
    let place = params![store, visitor, whose_bytes(&whose), day.as_millis()];
    let found: (Option<i64>, Option<i64>) =
        statement.query_row(place, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((found.0.map(Timestamp::from_millis), found.1.map(Timestamp::from_millis)))
}

fn stored_days(work: &Work<'_>, store: i64, visitor: &str) -> StoreResult<Chains> {
    let sql = "SELECT day, widget FROM visitor_days WHERE store = ?1 AND visitor = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![store, visitor])?;
    let mut chains = Chains::new();
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "visitor_days", 0);
        chains.entry(read_whose(row, 1)?).or_default().insert(row.time(0)?);
    }
    Ok(chains)
}
