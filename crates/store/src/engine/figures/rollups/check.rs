//! Sums compared with the rows: every span of every store, and every day of every visitor.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::{Rows, params};
use selektable_domain::time::{Range, Timestamp};

use super::super::super::rows::{Reading, collect, hex};
use super::super::super::work::Work;
use super::changes::{Key, OF_NO_RULES};
use super::days::Days;
use super::returns::Returns;
use super::spans::Span;
use super::stored::{self, Sums, add_everywhere, read_whose};
use super::visits::{Chains, add_day, add_visit};
use super::{Whose, read, recount, whose_bytes};
use crate::StoreResult;

/// Calls `differs` for each difference, with its words. Stores whose sums are being made anew are passed over: nothing
/// is read from those.
pub(in super::super::super) fn compare(work: &Work<'_>, differs: &mut impl FnMut(String)) -> StoreResult<()> {
    let mut statement = work.connection.prepare_cached("SELECT number FROM stores ORDER BY number")?;
    let stores: Vec<i64> = collect(statement.query(())?, |row| Ok(row.get(0)?))?;
    for store in stores {
        let (figures, visitors) = read::are_built(work, store)?;
        if figures {
            compare_figures(work, store, differs)?;
        }
        if visitors {
            compare_visitors(work, store, differs)?;
        }
    }
    Ok(())
}

/// Day by day, so that a long history needs no more memory than a short one.
fn compare_figures(work: &Work<'_>, store: i64, differs: &mut impl FnMut(String)) -> StoreResult<()> {
    let widgets = recount::widgets(work, store)?;
    let generations: BTreeSet<i64> = recount::generations(work, store)?.into_iter().collect();
    let (kinds, mut summed) = (kinds(work, store)?, days_summed_up(work, store)?);
    let mut next = Some(Timestamp::from_millis(i64::MIN));
    while let Some(from) = next {
        let counted = recount::next_at(work, store, from)?.map(|at| Span::Day.begin(at));
        let Some(begin) = counted.into_iter().chain(summed.first().copied()).min() else { break };
        summed.remove(&begin);
        let day = Range { from: begin, to: begin.plus_millis(Span::Day.millis()) };
        let mut counted = Sums::new();
        for (key, sum) in recount::quarters(work, store, &widgets, day)? {
            add_everywhere(&mut counted, key, &sum);
        }
        let mut stored = stored_sums(work, store, &kinds, day)?;
        // What is left of a set that was given up is swept away.
        let wanted = |generation| generation == OF_NO_RULES || generations.contains(&generation);
        stored.retain(|(key, _), sum| wanted(key.generation) && !sum.is_nothing());
        counted.retain(|_, sum| !sum.is_nothing());
        tell(&stored, &counted, differs);
        next = Some(day.to);
    }
    Ok(())
}

fn tell(stored: &Sums, counted: &Sums, differs: &mut impl FnMut(String)) {
    let places: BTreeSet<&(Key, Span)> = stored.keys().chain(counted.keys()).collect();
    for place in places {
        if stored.get(place) != counted.get(place) {
            differs(name(place));
        }
    }
}

fn name((key, span): &(Key, Span)) -> String {
    let whose = match &key.whose {
        None => String::new(),
        Some(widget) => format!(" of widget {widget}"),
    };
    format!(
        "sums of store {}, generation {}{whose}, for the {} minutes from {} on: they are not what the rows add up to",
        key.store,
        key.generation,
        span.millis() / 60_000,
        key.at.to_rfc3339(),
    )
}

fn days_summed_up(work: &Work<'_>, store: i64) -> StoreResult<BTreeSet<Timestamp>> {
    let sql = "SELECT at FROM rollups WHERE store = ?1 UNION SELECT at FROM rollup_changes WHERE store = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query([store])?;
    let mut days = BTreeSet::new();
    while let Some(row) = rows.next()?.as_ref() {
        days.insert(Span::Day.begin(Timestamp::from_millis(row.get(0)?)));
    }
    Ok(days)
}

/// The generations and widgets that have sums.
fn kinds(work: &Work<'_>, store: i64) -> StoreResult<Vec<(i64, Whose)>> {
    let sql = "SELECT DISTINCT generation, widget FROM rollups WHERE store = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([store])?, |row| {
        let row = Reading::new(row, "rollups", 0);
        Ok((row.get(0)?, read_whose(row, 1)?))
    })
}

fn stored_sums(work: &Work<'_>, store: i64, kinds: &[(i64, Whose)], day: Range) -> StoreResult<Sums> {
    let mut sums = Sums::new();
    for (generation, whose) in kinds.iter().copied() {
        for span in Span::ALL {
            stored::each(work, (store, generation, whose), span, day, |at, sum| {
                sums.insert((Key { store, generation, whose, at }, span), sum);
                Ok(())
            })?;
        }
    }
    stored::each_change(work, store, day, |key, change| {
        add_everywhere(&mut sums, key, &change);
        Ok(())
    })?;
    Ok(sums)
}

/// Visitor by visitor in the order of their ids, those stored beside those of the rows.
fn compare_visitors(work: &Work<'_>, store: i64, differs: &mut impl FnMut(String)) -> StoreResult<()> {
    let days = Days::of_store(work, store)?;
    let sql = "SELECT visitor, at, widget FROM visualizations WHERE store = ?1 AND visitor IS NOT NULL \
               AND NOT EXISTS (SELECT 1 FROM unnoted_visits u WHERE u.store = ?1 AND u.visualization = number) \
               ORDER BY visitor, at";
    let mut statement = work.connection.prepare(sql)?;
    let mut counted = Visitors::new(statement.query([store])?, |chains, row| {
        add_visit(chains, &days, row.time(1)?, row.id(2)?);
        Ok(())
    })?;
    let sql = "SELECT visitor, day, widget FROM visitor_days WHERE store = ?1 ORDER BY visitor, day";
    let mut statement = work.connection.prepare(sql)?;
    let mut stored = Visitors::new(statement.query([store])?, |chains, row| {
        add_day(chains, row.id(2)?, row.time(1)?);
        Ok(())
    })?;
    let mut returns = Returns::default();
    let mut pair = (stored.next()?, counted.next()?);
    let mut wrong = 0_u64;
    loop {
        let visitor = match (&pair.0, &pair.1) {
            (None, None) => break,
            (Some((one, _)), Some((other, _))) => one.min(other).clone(),
            (Some((one, _)), None) | (None, Some((one, _))) => one.clone(),
        };
        let (known, expected) = (take_of(&mut pair.0, &visitor), take_of(&mut pair.1, &visitor));
        if known.is_some() {
            pair.0 = stored.next()?;
        }
        if expected.is_some() {
            pair.1 = counted.next()?;
        }
        let (known, expected) = (known.unwrap_or_default(), expected.unwrap_or_default());
        wrong += u64::from(!holds(work, store, &visitor, &known, &expected)?);
        for (whose, days) in &known {
            returns.add_chain(*whose, days, 1);
        }
    }
    if wrong > 0 {
        // Not who: a report of a check may go anywhere.
        differs(format!("days of {wrong} visitors of store {store} are not those of their visualizations"));
    }
    compare_returns(work, store, returns, differs)
}

fn take_of(side: &mut Option<(String, Chains)>, visitor: &str) -> Option<Chains> {
    side.take_if(|(known, _)| known == visitor).map(|(_, chains)| chains)
}

/// Days whose visits wait may be there already: another visit of the day was noted, or an erasure settled the visitor.
fn holds(
    work: &Work<'_>,
    store: i64,
    visitor: &str,
    stored: &Chains,
    expected: &Chains,
) -> StoreResult<bool> {
    if stored == expected {
        return Ok(true);
    }
    let sql = "SELECT v.at, v.widget FROM unnoted_visits u JOIN visualizations v ON v.store = u.store \
               AND v.number = u.visualization WHERE u.store = ?1 AND v.visitor = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    let days = Days::of_store(work, store)?;
    let mut all = expected.clone();
    let mut rows = statement.query(params![store, visitor])?;
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "visualizations", 0);
        add_visit(&mut all, &days, row.time(0)?, row.id(1)?);
    }
    let within = |small: &Chains, large: &Chains| {
        small.iter().all(|(whose, days)| large.get(whose).is_some_and(|known| days.is_subset(known)))
    };
    Ok(within(expected, stored) && within(stored, &all))
}

fn compare_returns(
    work: &Work<'_>,
    store: i64,
    counted: Returns,
    differs: &mut impl FnMut(String),
) -> StoreResult<()> {
    let sql = "SELECT day, widget, previous, visitors FROM visitor_returns WHERE store = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    let rows = collect(statement.query([store])?, |row| {
        let row = Reading::new(row, "visitor_returns", 0);
        Ok(((read_whose(row, 1)?, row.get(2)?, row.get(0)?), row.get(3)?))
    })?;
    let stored: BTreeMap<(Whose, i64, i64), i64> = rows.into_iter().collect();
    let counted = counted.into_counts();
    let places: BTreeSet<_> = stored.keys().chain(counted.keys()).collect();
    for place in places.into_iter().filter(|place| stored.get(place) != counted.get(place)) {
        let (whose, previous, day) = place;
        differs(format!(
            "visitors of store {store}, widget `{}`, day {day} who were there on {previous} last: they are not {}",
            hex(whose_bytes(whose)),
            stored.get(place).copied().unwrap_or_default(),
        ));
    }
    Ok(())
}

/// Rows of one visitor after the other, gathered.
struct Visitors<'r, F> {
    rows: Rows<'r>,
    add: F,
    /// The first visitor of what is left, with what was read of them.
    begun: Option<(String, Chains)>,
}

impl<'r, F: Fn(&mut Chains, Reading<'_>) -> StoreResult<()>> Visitors<'r, F> {
    fn new(rows: Rows<'r>, add: F) -> StoreResult<Self> {
        let mut visitors = Self { rows, add, begun: None };
        visitors.next()?;
        Ok(visitors)
    }

    /// The next visitor; the one after is begun.
    fn next(&mut self) -> StoreResult<Option<(String, Chains)>> {
        let mut whole = self.begun.take();
        while let Some(row) = self.rows.next()? {
            let row = Reading::new(&row, "visitor_days", 0);
            let visitor = row.text(0)?;
            match &mut whole {
                Some((known, chains)) if known == visitor => (self.add)(chains, row)?,
                _ => {
                    let mut chains = Chains::new();
                    (self.add)(&mut chains, row)?;
                    self.begun = Some((visitor.to_owned(), chains));
                    return Ok(whole);
                }
            }
        }
        Ok(whole)
    }
}
