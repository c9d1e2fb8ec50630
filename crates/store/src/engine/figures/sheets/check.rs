//! Holds sheets against the rows they were counted from. What a mark says is not up to date is passed over: nothing is
//! read from it.

use std::collections::{BTreeMap, BTreeSet};

use selektable_domain::report::near_miss_tally::NearMissTally;
use selektable_domain::report::platform_orders::PlatformOrdersTally;
use selektable_domain::report::products_tally::ProductsTally;
use selektable_domain::report::sheet::Sheet;
use selektable_domain::time::{Range, Timestamp};

use super::super::super::rows::collect;
use super::super::super::work::Work;
use super::marks::Unsheeted;
use super::read::Place;
use super::{OF_NO_RULES, QUARTER, Report, SPANS, begin, make};
use crate::db::params;
use crate::{StoreError, StoreResult};

/// Calls `differs` for each difference, with its words.
pub(in super::super::super) fn compare(work: &Work<'_>, differs: &mut impl FnMut(String)) -> StoreResult<()> {
    let mut statement = work.connection.prepare_cached("SELECT number FROM stores ORDER BY number")?;
    let stores: Vec<i64> = collect(statement.query(())?, |row| Ok(row.get(0)?))?;
    for store in stores {
        for generation in [OF_NO_RULES, work.generation(store)?] {
            let unsheeted = Unsheeted::of(work, (store, generation), Range::ALL)?;
            if !unsheeted.everything {
                Pass::new(work, store, generation, unsheeted)?.compare(differs)?;
            }
        }
    }
    Ok(())
}

/// The sheets of one span as they ought to be.
type Sheets = BTreeMap<Report, Vec<u8>>;

/// One generation of a store.
struct Pass<'a> {
    work: &'a Work<'a>,
    store: i64,
    generation: i64,
    unsheeted: Unsheeted,
    /// Quarters in which anything happened, or that have a sheet.
    quarters: BTreeSet<i64>,
    /// Longer spans, by length, whose sheets are to be made.
    wanted: BTreeSet<(i64, i64)>,
    /// Longer spans, by length, that have a sheet and were not come to yet.
    longer: BTreeSet<(i64, i64)>,
}

impl<'a> Pass<'a> {
    fn new(work: &'a Work<'a>, store: i64, generation: i64, unsheeted: Unsheeted) -> StoreResult<Self> {
        let mut quarters = make::quarters_with_rows(work, store, generation)?;
        let sql = "SELECT span_ms, at FROM sheets WHERE store = ?1 AND generation = ?2";
        let stored = spans(work, sql, (store, generation))?;
        let sql = "SELECT span_ms, at FROM sheets_wanted WHERE store = ?1 AND generation = ?2";
        let wanted = spans(work, sql, (store, generation))?;
        quarters.extend(stored.iter().filter(|(span, _)| *span == QUARTER).map(|(_, at)| *at));
        let longer = stored.into_iter().filter(|(span, _)| *span != QUARTER).collect();
        Ok(Self { work, store, generation, unsheeted, quarters, wanted, longer })
    }

    fn compare(mut self, differs: &mut impl FnMut(String)) -> StoreResult<()> {
        let mut next = self.quarters.first().copied();
        while let Some(quarter) = next {
            let longest = SPANS.len() - 1;
            let at = begin(SPANS[longest], Timestamp::from_millis(quarter)).as_millis();
            self.span(longest, at, differs)?;
            next = self.quarters.range(at + SPANS[longest]..).next().copied();
        }
        for (span, at) in std::mem::take(&mut self.longer) {
            if !self.unsheeted.any_in(span, at) {
                self.hold((span, at), &Sheets::new(), differs)?;
            }
        }
        Ok(())
    }

    /// A span of a length, by its place, and all below it; `None` when it holds quarters that are not up to date.
    fn span(
        &mut self,
        place: usize,
        at: i64,
        differs: &mut impl FnMut(String),
    ) -> StoreResult<Option<Sheets>> {
        let span = SPANS[place];
        self.longer.remove(&(span, at));
        let Some(shorter) = place.checked_sub(1) else { return self.quarter(at, differs) };
        let mut whole = Some(Vec::new());
        let mut next = self.quarters.range(at..at + span).next().copied();
        while let Some(quarter) = next {
            let below = begin(SPANS[shorter], Timestamp::from_millis(quarter)).as_millis();
            match self.span(shorter, below, differs)? {
                Some(part) => whole.iter_mut().for_each(|parts| parts.push(part.clone())),
                None => whole = None,
            }
            next = self.quarters.range(below + SPANS[shorter]..at + span).next().copied();
        }
        let Some(parts) = whole else { return Ok(None) };
        let sheets = self.merged(&parts)?;
        self.hold((span, at), &sheets, differs)?;
        Ok(Some(sheets))
    }

    fn quarter(&self, at: i64, differs: &mut impl FnMut(String)) -> StoreResult<Option<Sheets>> {
        if self.unsheeted.any_in(QUARTER, at) {
            return Ok(None);
        }
        let from = Timestamp::from_millis(at);
        let range = Range { from, to: from.plus_millis(QUARTER) };
        let counted = make::counted(self.work, (self.store, self.generation), range)?;
        let sheets = counted.into_iter().filter_map(|(report, bytes)| Some((report, bytes?))).collect();
        self.hold((QUARTER, at), &sheets, differs)?;
        Ok(Some(sheets))
    }

    /// Compares the stored sheets of a span with what they ought to be. One of a longer span may not be made yet.
    fn hold(&self, place: (i64, i64), sheets: &Sheets, differs: &mut impl FnMut(String)) -> StoreResult<()> {
        let (store, generation) = (self.store, self.generation);
        for report in Report::all_of(generation).iter().copied() {
            let stored = make::stored(self.work, Place { store, generation, report }, place)?;
            let is_not_made = stored.is_none() && place.0 != QUARTER && self.wanted.contains(&place);
            // Pairs beyond a number are forgotten, and what is cut has no sheet.
            let is_cut = stored.is_none() && place.0 != QUARTER && report == Report::NearMisses;
            if stored.as_ref() != sheets.get(&report) && !is_not_made && !is_cut {
                differs(self.name(report, place));
            }
        }
        Ok(())
    }

    fn name(&self, report: Report, (span, at): (i64, i64)) -> String {
        format!(
            "sheet `{}` of store {}, generation {}, for the {} minutes from {} on: it is not what its rows come to",
            report.code(),
            self.store,
            self.generation,
            span / 60_000,
            Timestamp::from_millis(at).to_rfc3339(),
        )
    }

    fn merged(&self, parts: &[Sheets]) -> StoreResult<Sheets> {
        let mut merged = Sheets::new();
        for report in Report::all_of(self.generation).iter().copied() {
            let of_report = parts.iter().filter_map(|part| part.get(&report));
            let bytes = match report {
                Report::Pictures | Report::Products => merge(ProductsTally::default(), of_report),
                Report::Models => merge(make::models(), of_report),
                Report::NearMisses => merge(NearMissTally::default(), of_report),
                Report::Lag => merge(make::lag(self.work, self.store)?, of_report),
                Report::PlatformOrders => merge(PlatformOrdersTally::default(), of_report),
            }?;
            merged.extend(bytes.map(|bytes| (report, bytes)));
        }
        Ok(merged)
    }
}

fn spans(work: &Work<'_>, sql: &str, (store, generation): (i64, i64)) -> StoreResult<BTreeSet<(i64, i64)>> {
    let mut statement = work.connection.prepare_cached(sql)?;
    let found = collect(statement.query(params![store, generation])?, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.into_iter().collect())
}

fn merge<'a, S: Sheet>(
    mut tally: S,
    parts: impl Iterator<Item = &'a Vec<u8>>,
) -> StoreResult<Option<Vec<u8>>> {
    for part in parts {
        tally.absorb(part).map_err(|fault| StoreError::Inconsistent {
            table: "sheets",
            row: "?".to_owned(),
            detail: fault.to_string(),
        })?;
    }
    Ok((!tally.is_nothing()).then(|| tally.to_bytes()))
}
