//! Who came back: of each day how many visitors were there on an earlier day last. A visitor's days are a chain; each
//! change of a chain changes a few of these counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::{Keyed, params};
use selektable_domain::time::{Range, Timestamp};

use super::super::super::work::Work;
use super::{Whose, whose_bytes};
use crate::StoreResult;

/// In the place of the day before: all visitors of a day.
pub(super) const EVERYBODY: i64 = i64::MIN;

/// Changes of counts of one store, by widget, day before and day.
#[derive(Default)]
pub(super) struct Returns(BTreeMap<(Whose, i64, i64), i64>);

impl Returns {
    /// A day comes into a chain between two others.
    pub(super) fn add_day(
        &mut self,
        whose: Whose,
        (previous, day, next): (Option<Timestamp>, Timestamp, Option<Timestamp>),
    ) {
        self.change(whose, EVERYBODY, day, 1);
        if let Some(previous) = previous {
            self.change(whose, previous.as_millis(), day, 1);
        }
        if let Some(next) = next {
            self.change(whose, day.as_millis(), next, 1);
        }
        if let (Some(previous), Some(next)) = (previous, next) {
            self.change(whose, previous.as_millis(), next, -1);
        }
    }

    /// A whole chain so many times more.
    pub(super) fn add_chain(&mut self, whose: Whose, days: &BTreeSet<Timestamp>, times: i64) {
        let mut previous = EVERYBODY;
        for day in days {
            self.change(whose, EVERYBODY, *day, times);
            if previous != EVERYBODY {
                self.change(whose, previous, *day, times);
            }
            previous = day.as_millis();
        }
    }

    fn change(&mut self, whose: Whose, previous: i64, day: Timestamp, times: i64) {
        *self.0.entry((whose, previous, day.as_millis())).or_default() += times;
    }

    /// Adds the changes to what is stored. Nobody has no row.
    pub(super) fn write(self, work: &Work<'_>, store: i64) -> StoreResult<()> {
        let add = "INSERT INTO visitor_returns (store, widget, previous, day, visitors) \
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (store, widget, previous, day) \
                   DO UPDATE SET visitors = visitor_returns.visitors + excluded.visitors";
        let clean = "DELETE FROM visitor_returns WHERE store = ?1 AND widget = ?2 AND previous = ?3 \
                     AND day = ?4 AND visitors = 0";
        for ((whose, previous, day), change) in self.0.into_iter().filter(|(_, change)| *change != 0) {
            let widget = whose_bytes(&whose);
            // Each of them stands here once.
            work.connection
                .insert(Keyed { sql: add, keys: &[] }, params![store, widget, previous, day, change])?;
            if change < 0 {
                work.connection.prepare_cached(clean)?.execute(params![store, widget, previous, day])?;
            }
        }
        Ok(())
    }

    /// The counts, for a comparison with what is stored.
    pub(super) fn into_counts(self) -> BTreeMap<(Whose, i64, i64), i64> {
        self.0.into_iter().filter(|(_, count)| *count != 0).collect()
    }
}

/// Visitors of a range of whole days: all of its days together, less those who were there before within the range.
pub(super) fn of_days(work: &Work<'_>, store: i64, whose: Whose, days: Range) -> StoreResult<i64> {
    let (from, to, widget) = (days.from.as_millis(), days.to.as_millis(), whose_bytes(&whose));
    let sql = "SELECT CAST(coalesce(sum(visitors), 0) AS BIGINT) FROM visitor_returns \
               WHERE store = ?1 AND widget = ?2 AND previous = ?3 AND day >= ?4 AND day < ?5";
    let mut statement = work.connection.prepare_cached(sql)?;
    let all: i64 = statement.query_row(params![store, widget, EVERYBODY, from, to], |row| row.get(0))?;
    // Day by day, so that those who come back after the range are passed over.
    let sql = "SELECT CAST(coalesce(sum((SELECT CAST(sum(r.visitors) AS BIGINT) FROM visitor_returns r \
               WHERE r.store = ?1 AND r.widget = ?2 AND r.previous = d.day AND r.day < ?5)), 0) AS BIGINT) \
               FROM visitor_returns d WHERE d.store = ?1 AND d.widget = ?2 AND d.previous = ?3 AND d.day >= ?4 \
               AND d.day < ?5";
    let mut statement = work.connection.prepare_cached(sql)?;
    let back: i64 = statement.query_row(params![store, widget, EVERYBODY, from, to], |row| row.get(0))?;
    Ok(all - back)
}
