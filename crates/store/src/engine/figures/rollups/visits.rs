//! Visualizations become days of their visitors.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::types::Value;
use crate::db::{Keyed, params};
use selektable_domain::id::WidgetId;
use selektable_domain::time::Timestamp;

use super::super::super::rows::{Reading, collect};
use super::super::super::work::Work;
use super::Whose;
use super::days::Days;
use super::returns::Returns;
use crate::StoreResult;

/// Visits taken at a time; the number stands in the text of the query.
pub(super) const TAKEN: usize = 256;

/// One visualization, if somebody is known to have made it.
const VISIT: Keyed = Keyed {
    sql: "SELECT at, widget, visitor FROM visualizations WHERE store = ?1 AND number = ?2 AND visitor IS NOT NULL",
    keys: &[],
};
/// What is known of a visitor's days.
const DAYS_OF: Keyed = Keyed {
    sql: "SELECT day, widget FROM visitor_days WHERE store = ?1 AND visitor = ?2",
    keys: &[("days_of", 2)],
};

/// Notes some of a store's visits that wait; says how many.
pub(super) fn note_some(work: &Work<'_>, store: i64) -> StoreResult<usize> {
    let taken = take(work, store)?;
    if taken.is_empty() {
        return Ok(0);
    }
    let mut known = OfStore::new(work, store)?;
    let visits = visits_of(work, store, &taken)?;
    let visitors = visits.keys().map(|visitor| vec![Value::Integer(store), Value::Text(visitor.clone())]);
    ask_ahead(work, DAYS_OF, visitors.collect())?;
    for (visitor, visits) in &visits {
        known.note(work, visitor, visits)?;
    }
    known.write(work)?;
    Ok(taken.len())
}

/// Widgets and times of visualizations, by visitor.
type Visits = BTreeMap<String, Vec<(WidgetId, Timestamp)>>;

fn visits_of(work: &Work<'_>, store: i64, taken: &[i64]) -> StoreResult<Visits> {
    let wanted = taken.iter().map(|number| vec![Value::Integer(store), Value::Integer(*number)]);
    ask_ahead(work, VISIT, wanted.collect())?;
    let mut visits = Visits::new();
    let mut statement = work.connection.prepare_keyed(VISIT)?;
    for number in taken {
        let mut rows = statement.query([store, *number])?;
        if let Some(row) = rows.next()? {
            let row = Reading::new(&row, "visualizations", 0);
            visits.entry(row.get(2)?).or_default().push((row.id(1)?, row.time(0)?));
        }
    }
    Ok(visits)
}

/// A server is asked for all at once: a question of its own costs a round trip there.
fn ask_ahead(work: &Work<'_>, question: Keyed, wanted: Vec<Vec<Value>>) -> StoreResult<()> {
    match work.connection.postgres() {
        Some(client) => Ok(client.fetch_ahead(vec![(question, wanted)])?),
        None => Ok(()),
    }
}

/// One statement takes them out and tells them, so that nothing another writer adds meanwhile is lost.
fn take(work: &Work<'_>, store: i64) -> StoreResult<Vec<i64>> {
    let sql = "DELETE FROM unnoted_visits WHERE store = ?1 AND visualization IN \
               (SELECT u.visualization FROM unnoted_visits u WHERE u.store = ?1 LIMIT 256) \
               RETURNING visualization";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([store])?, |row| Ok(row.get(0)?))
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

    fn note(&mut self, work: &Work<'_>, visitor: &str, visits: &[(WidgetId, Timestamp)]) -> StoreResult<()> {
        if self.built_to.as_deref().is_some_and(|built_to| visitor > built_to) {
            return Ok(());
        }
        let mut known = stored_days(work, self.store, visitor)?;
        for (widget, at) in visits {
            let day = self.days.day(*at).from;
            let is_known = |whose| known.get(&whose).is_some_and(|days| days.contains(&day));
            if is_known(Some(*widget)) {
                continue;
            }
            insert_day(work, self.store, visitor, *widget, day)?;
            for whose in [None, Some(*widget)].into_iter().filter(|whose| !is_known(*whose)) {
                let days = known.get(&whose);
                let previous = days.and_then(|days| days.range(..day).next_back().copied());
                let next = days.and_then(|days| days.range(day..).next().copied());
                self.returns.add_day(whose, (previous, day, next));
            }
            add_day(&mut known, *widget, day);
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
            for (widget, day) in whose.iter().flat_map(|widget| days.iter().map(move |day| (*widget, *day))) {
                insert_day(work, self.store, visitor, widget, day)?;
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
    add_day(chains, widget, days.day(at).from);
}

/// Adds a day with a widget.
pub(super) fn add_day(chains: &mut Chains, widget: WidgetId, day: Timestamp) {
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

fn insert_day(
    work: &Work<'_>,
    store: i64,
    visitor: &str,
    widget: WidgetId,
    day: Timestamp,
) -> StoreResult<()> {
    let sql = "INSERT INTO visitor_days (store, visitor, widget, day) VALUES (?1, ?2, ?3, ?4)";
    let row = params![store, visitor, widget.as_bytes(), day.as_millis()];
    Ok(work.connection.insert(Keyed { sql, keys: &[("days_of", 2)] }, row)?)
}

fn stored_days(work: &Work<'_>, store: i64, visitor: &str) -> StoreResult<Chains> {
    let mut statement = work.connection.prepare_keyed(DAYS_OF)?;
    let mut rows = statement.query(params![store, visitor])?;
    let mut chains = Chains::new();
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "visitor_days", 0);
        add_day(&mut chains, row.id(1)?, row.time(0)?);
    }
    Ok(chains)
}
