//! Dry runs that go on or ended lately, for every process to tell of.

use super::super::rows::{Reading, first};
use super::super::work::{Work, rules_of_version};
use super::millis;
use crate::body::{read_dry_run, write_dry_run};
use crate::db::params;
use crate::processes::{
    DRY_RUN_KEPT_FOR, DRY_RUN_SILENT_MAX, DRY_RUNS_MAX, DryRunNote, DryRunQuestion, DryRunStands,
};
use crate::{StoreError, StoreResult};

const OF_QUESTION: &str =
    "store = ?1 AND revision = ?2 AND version = ?3 AND range_from = ?4 AND range_to = ?5";

/// Begins a dry run, or says how it stands.
pub(in super::super) fn begin(
    work: &Work<'_>,
    store: i64,
    question: &DryRunQuestion,
    holder: &str,
) -> StoreResult<DryRunStands> {
    let now = work.connection.clock();
    let sql = format!("DELETE FROM dry_runs WHERE store = ?1 AND until <= {now}");
    work.connection.prepare_cached(&sql)?.execute(params![store])?;
    match look(work, store, question)? {
        Some(DryRunStands::Failed(why)) => {
            forget(work, store, question)?;
            return Ok(DryRunStands::Failed(why));
        }
        Some(stands) => return Ok(stands),
        None => {}
    }
    if rules_of_version(work.connection, store, question.version)?.is_none() {
        return Ok(DryRunStands::Unknown);
    }
    if is_busy(work, store)? {
        return Ok(DryRunStands::Busy);
    }
    let sql = format!(
        "INSERT INTO dry_runs (store, revision, version, range_from, range_to, holder, done, about, until) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, {now} + ?7)"
    );
    let (from, to) = (question.range.from.as_millis(), question.range.to.as_millis());
    let silent = millis(DRY_RUN_SILENT_MAX);
    let row = params![store, question.revision, question.version, from, to, holder, silent];
    work.connection.prepare_cached(&sql)?.execute(row)?;
    Ok(DryRunStands::Begun)
}

/// How a dry run stands; `None` when nobody is at it and nothing is kept of it.
pub(in super::super) fn look(
    work: &Work<'_>,
    store: i64,
    question: &DryRunQuestion,
) -> StoreResult<Option<DryRunStands>> {
    let now = work.connection.clock();
    let sql =
        format!("SELECT done, about, result, failure FROM dry_runs WHERE {OF_QUESTION} AND until > {now}");
    let (from, to) = (question.range.from.as_millis(), question.range.to.as_millis());
    let key = params![store, question.revision, question.version, from, to];
    let mut statement = work.connection.prepare_cached(&sql)?;
    let found = first(statement.query(key)?, |row| {
        let row = Reading::new(row, "dry_runs", 0);
        let ended: (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
        Ok((row.count(0)?, row.count(1)?, ended))
    })?;
    Ok(match found {
        None => None,
        Some((_, _, (Some(result), _))) => Some(done(work, store, question.version, &result)?),
        Some((_, _, (None, Some(why)))) => Some(DryRunStands::Failed(why)),
        Some((done, about, (None, None))) => Some(DryRunStands::Running { done, about }),
    })
}

fn done(work: &Work<'_>, store: i64, version: u32, result: &str) -> StoreResult<DryRunStands> {
    let damaged = |detail: String| StoreError::Inconsistent {
        table: "dry_runs",
        row: format!("{store}, {version}"),
        detail,
    };
    let rules = rules_of_version(work.connection, store, version)?;
    let rules = rules.ok_or_else(|| damaged("its version is not there".to_owned()))?;
    Ok(DryRunStands::Done(Box::new(read_dry_run(result, rules).map_err(damaged)?)))
}

/// Notes what the process says that does it; `false` when it is that process's no more.
pub(in super::super) fn note(
    work: &Work<'_>,
    store: i64,
    question: &DryRunQuestion,
    holder: &str,
    note: &DryRunNote,
) -> StoreResult<bool> {
    let now = work.connection.clock();
    let (from, to) = (question.range.from.as_millis(), question.range.to.as_millis());
    let (revision, version) = (question.revision, question.version);
    let run = |what: String, one: &dyn crate::db::ToSql, two: &dyn crate::db::ToSql, time: i64| {
        let sql =
            format!("{what} WHERE {OF_QUESTION} AND holder = ?6 AND result IS NULL AND failure IS NULL");
        let row = params![store, revision, version, from, to, holder, time, one, two];
        Ok::<_, StoreError>(work.connection.prepare_cached(&sql)?.execute(row)? > 0)
    };
    let kept = millis(DRY_RUN_KEPT_FOR);
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    match note {
        DryRunNote::GoesOn { done, about } => {
            let what = format!("UPDATE dry_runs SET until = {now} + ?7, done = ?8, about = ?9");
            run(what, &count(*done), &count(*about), millis(DRY_RUN_SILENT_MAX))
        }
        DryRunNote::Done(found) => {
            let what = format!("UPDATE dry_runs SET until = {now} + ?7, result = ?8, about = ?9");
            let is_ours = run(what, &write_dry_run(found), &count(found.conversions), kept)?;
            keep_few(work, store)?;
            Ok(is_ours)
        }
        DryRunNote::Failed(why) => {
            let what = format!("UPDATE dry_runs SET until = {now} + ?7, failure = ?8, about = ?9");
            run(what, why, &0_i64, kept)
        }
        DryRunNote::GivenUp => {
            let sql = format!("DELETE FROM dry_runs WHERE {OF_QUESTION} AND holder = ?6");
            let key = params![store, revision, version, from, to, holder];
            Ok(work.connection.prepare_cached(&sql)?.execute(key)? > 0)
        }
    }
}

fn forget(work: &Work<'_>, store: i64, question: &DryRunQuestion) -> StoreResult<()> {
    let (from, to) = (question.range.from.as_millis(), question.range.to.as_millis());
    let key = params![store, question.revision, question.version, from, to];
    work.connection.prepare_cached(&format!("DELETE FROM dry_runs WHERE {OF_QUESTION}"))?.execute(key)?;
    Ok(())
}

/// The number of those kept stands in the text of the query.
fn keep_few(work: &Work<'_>, store: i64) -> StoreResult<()> {
    let sql = "DELETE FROM dry_runs WHERE store = ?1 AND result IS NOT NULL AND until < (SELECT min(k.until) FROM \
               (SELECT d.until FROM dry_runs d WHERE d.store = ?1 AND d.result IS NOT NULL \
                ORDER BY d.until DESC LIMIT 16) k)";
    work.connection.prepare_cached(sql)?.execute(params![store])?;
    Ok(())
}

/// Whether one of the store goes on, or as many as may. Two that begin at the same moment in two stores may be one
/// too many.
fn is_busy(work: &Work<'_>, store: i64) -> StoreResult<bool> {
    let now = work.connection.clock();
    let sql = format!(
        "SELECT COUNT(*), COALESCE(MAX(CASE WHEN store = ?1 THEN 1 ELSE 0 END), 0) FROM dry_runs \
         WHERE result IS NULL AND failure IS NULL AND until > {now}"
    );
    let (all, own): (i64, i64) = work
        .connection
        .prepare_cached(&sql)?
        .query_row(params![store], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(own > 0 || all >= i64::from(DRY_RUNS_MAX))
}
