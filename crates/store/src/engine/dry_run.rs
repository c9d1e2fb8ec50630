//! A draft tried on history: every conversion of a range decided under it and compared with what stands, on several
//! threads, each over its own part of the range. Writes nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::db::params;
use selektable_domain::attribution::AttributionType;
use selektable_domain::report::dry_run::DryRun;
use selektable_domain::report::dry_run_tally::{DryRunTally, OutcomeBrief, OutcomeShare};
use selektable_domain::rules::Ruleset;
use selektable_domain::time::Range;

use super::decisions::{self, Place};
use super::rows::{Reading, first};
use super::stored::{self, Stored, Wanted};
use super::work::{Work, rules_of_version};
use crate::maintain::Progress;
use crate::{StoreResult, Tenant};

/// Most threads, beside what else the machine does.
const THREADS_MAX: usize = 4;
/// Conversions between two calls of the progress function.
const PROGRESS_ROWS: u64 = 500;

/// What is to be done.
pub(super) struct Plan {
    /// The draft.
    pub rules: Ruleset,
    /// Parts of the range with about equally many conversions; together they are the range.
    pub parts: Vec<Range>,
    about: u64,
}

/// Reads the draft and cuts the range; `None` when there is no such version.
pub(super) fn plan(work: &Work<'_>, tenant: Tenant, version: u32, range: Range) -> StoreResult<Option<Plan>> {
    let store = tenant.store_number;
    let Some(rules) = rules_of_version(work.connection, store, version)? else { return Ok(None) };
    let generation = work.generation(store)?;
    let (from, to) = (range.from.as_millis(), range.to.as_millis());
    let sql = "SELECT count(*) FROM decisions \
               WHERE store = ?1 AND generation = ?2 AND occurred_at >= ?3 AND occurred_at < ?4";
    let mut statement = work.connection.prepare_cached(sql)?;
    let about: i64 = statement.query_row(params![store, generation, from, to], |row| row.get(0))?;
    let parts = cut(work, (store, generation), range, about)?;
    Ok(Some(Plan { rules, parts, about: u64::try_from(about).unwrap_or(0) }))
}

/// Cuts a range where about as many conversions are before as after.
fn cut(
    work: &Work<'_>,
    (store, generation): (i64, i64),
    range: Range,
    about: i64,
) -> StoreResult<Vec<Range>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let sql = "SELECT occurred_at FROM decisions WHERE store = ?1 AND generation = ?2 \
               AND occurred_at >= ?3 AND occurred_at < ?4 ORDER BY occurred_at LIMIT 1 OFFSET ?5";
    let mut statement = work.connection.prepare_cached(sql)?;
    let (from, to) = (range.from.as_millis(), range.to.as_millis());
    let (mut parts, mut rest, mut skipped) = (Vec::new(), range, 0);
    for left in (1..threads).rev() {
        skipped += (about - skipped) / (i64::try_from(left).unwrap_or(1) + 1);
        let rows = statement.query(params![store, generation, from, to, skipped])?;
        let Some(at) = first(rows, |row| Reading::new(row, "decisions", 0).time(0))? else { break };
        parts.push(Range { from: rest.from, to: at });
        rest.from = at;
    }
    parts.push(rest);
    Ok(parts)
}

/// How far all threads together are.
pub(super) struct Counter {
    progress: Progress,
    about: u64,
    done: AtomicU64,
}

impl Counter {
    /// Begins at nothing.
    pub(super) fn new(progress: Progress, plan: &Plan) -> Self {
        progress(0, plan.about);
        Self { progress, about: plan.about, done: AtomicU64::new(0) }
    }

    fn one_more(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(PROGRESS_ROWS) {
            (self.progress)(done, self.about.max(done));
        }
    }

    /// Says that everything is done.
    pub(super) fn finish(&self) {
        let done = self.done.load(Ordering::Relaxed);
        (self.progress)(done, done);
    }
}

/// The difference, of the parts together.
pub(super) fn finish(parts: Vec<DryRunTally>, rules: Ruleset) -> DryRun {
    let mut whole = DryRunTally::default();
    for part in parts {
        whole.merge(part);
    }
    whole.finish(rules)
}

/// Decides one part and compares.
pub(super) fn part(
    work: &Work<'_>,
    tenant: Tenant,
    rules: &Ruleset,
    part: Range,
    counter: &Counter,
) -> StoreResult<DryRunTally> {
    let store = tenant.store_number;
    let generation = work.generation(store)?;
    let mut tally = DryRunTally::default();
    stored::for_each(work, store, part, Wanted::All, |one| {
        let place = Place { store, generation, conversion: one.conversion };
        let (gathered, decision) = one.decide(work, store, rules)?;
        let number = |id: &_| gathered.number_of(id).ok_or_else(|| decisions::lost(id.as_str()));
        let after = OutcomeBrief::of(&decision, one.order.status, number)?;
        let order = (&one.order.id, one.occurred_at, one.order.currency);
        tally.add(order, &before(work, place, one)?, &after);
        counter.one_more();
        Ok(())
    })?;
    Ok(tally)
}

fn before(work: &Work<'_>, place: Place, one: &Stored) -> StoreResult<OutcomeBrief> {
    let shares = if one.kind == AttributionType::None {
        Vec::new()
    } else {
        let share = |row: decisions::CreditRow| OutcomeShare {
            visualization: row.visualization,
            widget: row.widget,
            weight: row.weight,
            attributed_minor: row.attributed_minor,
        };
        decisions::load_credits(work, place)?.into_iter().map(share).collect()
    };
    Ok(OutcomeBrief {
        kind: one.kind,
        reason: one.reason,
        attributed_minor: one.attributed_minor,
        provisional_minor: one.provisional_minor,
        shares,
    })
}
