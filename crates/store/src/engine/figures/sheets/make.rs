//! Sheets made from a snapshot, some at a time, and written where nothing changed meanwhile.

use std::collections::BTreeSet;

use selektable_domain::report::lag_tally::LagTally;
use selektable_domain::report::models_tally::ModelsTally;
use selektable_domain::report::near_miss_tally::NearMissTally;
use selektable_domain::report::platform_orders::PlatformOrdersTally;
use selektable_domain::report::products_tally::ProductsTally;
use selektable_domain::report::sheet::Sheet;
use selektable_domain::rules::Model;
use selektable_domain::time::{Range, Timestamp};

use super::super::super::rows::{Reading, collect, first};
use super::super::super::work::Work;
use super::count::{self, Decided};
use super::marks::{EVERYTHING, Unsheeted, want};
use super::read::{Cover, Place};
use super::{OF_NO_RULES, QUARTER, Report, SPANS, begin};
use crate::StoreResult;
use crate::db::params;

/// Sheets of each length that are made from one snapshot: some tens of milliseconds of work.
const AT_ONCE: [usize; SPANS.len()] = [16, 8, 4, 1, 1, 1];

/// What is to be made now.
#[derive(Clone, Copy)]
pub(super) struct Due {
    /// No longer spans than these, milliseconds.
    pub longest: i64,
    /// Of spans that are over at this instant; `None`: by the database's clock.
    pub at: Option<Timestamp>,
}

impl Due {
    fn now(self, work: &Work<'_>) -> String {
        self.at.map_or_else(|| work.connection.clock().to_owned(), |at| at.as_millis().to_string())
    }
}

/// A span that wants sheets.
#[derive(Clone, Copy)]
struct Span {
    store: i64,
    generation: i64,
    length: i64,
    at: i64,
    /// How often they were wanted.
    times: i64,
}

impl Span {
    const fn range(self) -> Range {
        let from = Timestamp::from_millis(self.at);
        Range { from, to: from.plus_millis(self.length) }
    }
}

/// The sheets of one span; of reports in which nothing is there is none.
pub(super) type Sheets = Vec<(Report, Option<Vec<u8>>)>;

/// Sheets that were made.
pub(super) struct Made {
    span: Span,
    sheets: Sheets,
}

/// The next piece of work.
pub(super) enum Piece {
    /// There is none.
    Nothing,
    /// Every quarter of a generation wants a sheet: these are all there are.
    Everything(All),
    /// Sheets.
    Sheets(Vec<Made>),
}

/// All quarters of a generation.
pub(super) struct All {
    store: i64,
    generation: i64,
    times: i64,
    /// When they begin.
    pub quarters: Vec<i64>,
}

/// Stores that have any to be made.
pub(super) fn stores(work: &Work<'_>, due: Due) -> StoreResult<Vec<i64>> {
    let sql = format!(
        "SELECT DISTINCT store FROM sheets_wanted WHERE at <= {} - span_ms AND span_ms <= {}",
        due.now(work),
        due.longest
    );
    let mut statement = work.connection.prepare_cached(&sql)?;
    collect(statement.query(())?, |row| Ok(row.get(0)?))
}

/// Makes some of a store's.
pub(super) fn next(work: &Work<'_>, store: i64, due: Due) -> StoreResult<Piece> {
    let generations = [OF_NO_RULES, work.generation(store)?];
    for generation in generations {
        if let Some(all) = everything(work, store, generation)? {
            return Ok(Piece::Everything(all));
        }
    }
    for (place, length) in SPANS.into_iter().enumerate().filter(|(_, length)| *length <= due.longest) {
        for generation in generations {
            let mut made = Vec::new();
            for span in wanted(work, (store, generation), length, due)? {
                if made.len() < AT_ONCE[place]
                    && let Some(sheets) = make(work, span, place)?
                {
                    made.push(Made { span, sheets });
                }
            }
            if !made.is_empty() {
                return Ok(Piece::Sheets(made));
            }
        }
    }
    Ok(Piece::Nothing)
}

/// The newest that are over. The number stands in the text of the query: more than are made at once, because one may
/// hold a quarter that changed just now.
fn wanted(work: &Work<'_>, (store, generation): (i64, i64), length: i64, due: Due) -> StoreResult<Vec<Span>> {
    let sql = format!(
        "SELECT at, times FROM sheets_wanted WHERE store = ?1 AND generation = ?2 AND span_ms = ?3 \
         AND at <= {} - ?3 ORDER BY at DESC LIMIT 100",
        due.now(work)
    );
    let mut statement = work.connection.prepare_cached(&sql)?;
    collect(statement.query([store, generation, length])?, |row| {
        Ok(Span { store, generation, length, at: row.get(0)?, times: row.get(1)? })
    })
}

/// The sheets of a span; `None` of one that holds quarters whose own are not up to date.
fn make(work: &Work<'_>, span: Span, place: usize) -> StoreResult<Option<Sheets>> {
    let Span { store, generation, length, at, .. } = span;
    if length == QUARTER {
        return counted(work, (store, generation), span.range()).map(Some);
    }
    let unsheeted = Unsheeted::of(work, (store, generation), span.range())?;
    if unsheeted.any_in(length, at) {
        return Ok(None);
    }
    let mut sheets = Vec::new();
    for report in Report::all_of(generation).iter().copied() {
        let place_of = Place { store, generation, report };
        if stored(work, place_of, (length, at))?.is_none() {
            sheets.push((report, merged(work, place_of, &unsheeted, (span.range(), &SPANS[..place]))?));
        }
    }
    Ok(Some(sheets))
}

fn bytes<S: Sheet>(tally: &S) -> Option<Vec<u8>> {
    (!tally.is_nothing()).then(|| tally.to_bytes())
}

/// The sheets of a quarter, from its rows.
pub(super) fn counted(work: &Work<'_>, (store, generation): (i64, i64), range: Range) -> StoreResult<Sheets> {
    if generation == OF_NO_RULES {
        let mut pictures = ProductsTally::default();
        count::pictures(work, store, range, &mut pictures)?;
        return Ok(vec![(Report::Pictures, bytes(&pictures))]);
    }
    let mut products = ProductsTally::default();
    let (mut models, mut near_misses) = (models(), NearMissTally::default());
    let decided = Decided {
        models: Some(&mut models),
        products: Some(&mut products),
        near_misses: Some(&mut near_misses),
    };
    count::conversions(work, store, range, decided)?;
    let mut lag = lag(work, store)?;
    count::lags(work, store, range, &mut lag)?;
    let mut platform_orders = PlatformOrdersTally::default();
    count::platform_orders(work, store, range, &mut platform_orders)?;
    Ok(vec![
        (Report::Products, bytes(&products)),
        (Report::Models, bytes(&models)),
        (Report::NearMisses, bytes(&near_misses)),
        (Report::Lag, bytes(&lag)),
        (Report::PlatformOrders, bytes(&platform_orders)),
    ])
}

/// Which model is in force is no part of a sheet.
pub(super) fn models() -> ModelsTally {
    ModelsTally::new(Model::LastTouch)
}

pub(super) fn lag(work: &Work<'_>, store: i64) -> StoreResult<LagTally> {
    Ok(LagTally::new(work.store_rules(store)?.live.schedule.newest().window))
}

/// The sheet of a longer span, from those of shorter ones.
fn merged(
    work: &Work<'_>,
    place: Place,
    unsheeted: &Unsheeted,
    (range, shorter): (Range, &[i64]),
) -> StoreResult<Option<Vec<u8>>> {
    let store = place.store;
    let merging = Merging { work, place, unsheeted, range, shorter };
    match place.report {
        Report::Pictures => {
            let count = |range, tally: &mut _| count::pictures(work, store, range, tally);
            merging.merge(ProductsTally::default(), count).map(|tally| bytes(&tally))
        }
        Report::Products => {
            let count = |range, tally: &mut _| {
                count::conversions(
                    work,
                    store,
                    range,
                    Decided { products: Some(tally), ..Decided::default() },
                )
            };
            merging.merge(ProductsTally::default(), count).map(|tally| bytes(&tally))
        }
        Report::Models => {
            let count = |range, tally: &mut _| {
                count::conversions(work, store, range, Decided { models: Some(tally), ..Decided::default() })
            };
            merging.merge(models(), count).map(|tally| bytes(&tally))
        }
        Report::NearMisses => {
            let count = |range, tally: &mut _| {
                let near_misses = Some(tally);
                count::conversions(work, store, range, Decided { near_misses, ..Decided::default() })
            };
            // What is cut would not add up: reports merge the shorter ones then.
            let tally = merging.merge(NearMissTally::default(), count)?;
            Ok(if tally.is_cut() { None } else { bytes(&tally) })
        }
        Report::Lag => {
            let count = |range, tally: &mut _| count::lags(work, store, range, tally);
            merging.merge(lag(work, store)?, count).map(|tally| bytes(&tally))
        }
        Report::PlatformOrders => {
            let count = |range, tally: &mut _| count::platform_orders(work, store, range, tally);
            merging.merge(PlatformOrdersTally::default(), count).map(|tally| bytes(&tally))
        }
    }
}

struct Merging<'a> {
    work: &'a Work<'a>,
    place: Place,
    unsheeted: &'a Unsheeted,
    range: Range,
    shorter: &'a [i64],
}

impl Merging<'_> {
    fn merge<S: Sheet>(
        &self,
        mut tally: S,
        count: impl FnMut(Range, &mut S) -> StoreResult<()>,
    ) -> StoreResult<S> {
        let Self { work, place, unsheeted, range, shorter } = *self;
        Cover { work, place, unsheeted, tally: &mut tally, count }.cover(range, shorter)?;
        Ok(tally)
    }
}

/// Every quarter of a generation in which anything happened, or that has a sheet, if all of them are wanted.
fn everything(work: &Work<'_>, store: i64, generation: i64) -> StoreResult<Option<All>> {
    let sql = "SELECT times FROM sheets_wanted \
               WHERE store = ?1 AND generation = ?2 AND span_ms = ?3 AND at = ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    let times = first(statement.query([store, generation, EVERYTHING])?, |row| Ok(row.get(0)?))?;
    let Some(times) = times else { return Ok(None) };
    let mut quarters = quarters_with_rows(work, store, generation)?;
    for report in Report::all_of(generation) {
        let sql =
            "SELECT at FROM sheets WHERE store = ?1 AND generation = ?2 AND report = ?3 AND span_ms = ?4";
        let mut statement = work.connection.prepare_cached(sql)?;
        let rows = statement.query(params![store, generation, report.code(), QUARTER])?;
        quarters.extend(collect(rows, |row| Ok(row.get::<i64>(0)?))?);
    }
    Ok(Some(All { store, generation, times, quarters: quarters.into_iter().collect() }))
}

/// One index look-up each.
pub(super) fn quarters_with_rows(work: &Work<'_>, store: i64, generation: i64) -> StoreResult<BTreeSet<i64>> {
    let sql = if generation == OF_NO_RULES {
        "SELECT min(at) FROM visualizations WHERE store = ?1 AND CAST(?2 AS BIGINT) IS NOT NULL AND at >= ?3"
    } else {
        "SELECT min(occurred_at) FROM decisions WHERE store = ?1 AND generation = ?2 AND occurred_at >= ?3"
    };
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut found = BTreeSet::new();
    let mut from = i64::MIN;
    loop {
        let next: Option<i64> = statement.query_row([store, generation, from], |row| row.get(0))?;
        let Some(at) = next.map(|at| begin(QUARTER, Timestamp::from_millis(at)).as_millis()) else {
            return Ok(found);
        };
        found.insert(at);
        from = at + QUARTER;
    }
}

/// Has some quarters of all sheeted.
pub(super) fn want_some(work: &Work<'_>, all: &All, quarters: &[i64]) -> StoreResult<()> {
    quarters.iter().try_for_each(|at| want(work, (all.store, all.generation), (QUARTER, *at)))
}

/// Notes that every quarter is wanted by itself now, unless all are wanted once more since.
pub(super) fn all_are_wanted(work: &Work<'_>, all: &All) -> StoreResult<()> {
    let All { store, generation, times, .. } = *all;
    let span = Span { store, generation, length: EVERYTHING, at: EVERYTHING, times };
    take_out(work, span).map(|_| ())
}

/// `false` when it was wanted once more, or nobody wants it any more.
fn take_out(work: &Work<'_>, span: Span) -> StoreResult<bool> {
    let sql = "DELETE FROM sheets_wanted WHERE store = ?1 AND generation = ?2 AND span_ms = ?3 AND at = ?4 \
               AND times = ?5";
    let Span { store, generation, length, at, times } = span;
    Ok(work.connection.prepare_cached(sql)?.execute([store, generation, length, at, times])? > 0)
}

/// Writes sheets of spans that were not wanted once more since they were looked at.
pub(super) fn write(work: &Work<'_>, made: &[Made]) -> StoreResult<()> {
    let mut longer = BTreeSet::new();
    for Made { span, sheets } in made {
        if !take_out(work, *span)? {
            continue;
        }
        let Span { store, generation, length, at, .. } = *span;
        for (report, bytes) in sheets {
            let place = Place { store, generation, report: *report };
            if stored(work, place, (length, at))? == *bytes {
                continue;
            }
            put(work, place, (length, at), bytes.as_deref())?;
            if length == QUARTER {
                for longer_span in &SPANS[1..] {
                    let at = begin(*longer_span, Timestamp::from_millis(at)).as_millis();
                    put(work, place, (*longer_span, at), None)?;
                    longer.insert((store, generation, *longer_span, at));
                }
            }
        }
    }
    longer
        .into_iter()
        .try_for_each(|(store, generation, span, at)| want(work, (store, generation), (span, at)))
}

/// The stored sheet of a span.
pub(super) fn stored(work: &Work<'_>, place: Place, (span, at): (i64, i64)) -> StoreResult<Option<Vec<u8>>> {
    let sql = "SELECT bytes FROM sheets WHERE store = ?1 AND generation = ?2 AND report = ?3 AND span_ms = ?4 \
               AND at = ?5";
    let Place { store, generation, report } = place;
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(params![store, generation, report.code(), span, at])?, |row| {
        Ok(Reading::new(row, "sheets", 0).bytes(0)?.to_vec())
    })
}

fn put(work: &Work<'_>, place: Place, (span, at): (i64, i64), bytes: Option<&[u8]>) -> StoreResult<()> {
    let Place { store, generation, report } = place;
    if let Some(bytes) = bytes {
        let sql = "INSERT INTO sheets (store, generation, report, span_ms, at, bytes) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (store, generation, report, span_ms, at) \
                   DO UPDATE SET bytes = excluded.bytes";
        let row = params![store, generation, report.code(), span, at, bytes];
        work.connection.prepare_cached(sql)?.execute(row)?;
    } else {
        let sql = "DELETE FROM sheets WHERE store = ?1 AND generation = ?2 AND report = ?3 AND span_ms = ?4 \
                   AND at = ?5";
        let key = params![store, generation, report.code(), span, at];
        work.connection.prepare_cached(sql)?.execute(key)?;
    }
    Ok(())
}
