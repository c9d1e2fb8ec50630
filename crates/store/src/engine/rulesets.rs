//! Versions of a store's rules, and the revisions of what is in force when.

use crate::db::params;
use selektable_domain::rules::Ruleset;
use selektable_domain::schedule::{Effective, Schedule};
use selektable_domain::time::Timestamp;

use super::generations;
use super::rows::{Reading, collect};
use super::stores::insert_rules;
use super::work::{Work, read_rules, rules_of_version, schedule};
use crate::rules::{
    Published, RULESETS_MAX, Revision, RevisionCause, RulesetBook, RulesetVersion, before_newest,
};
use crate::{StoreResult, Tenant};

/// Everything about a store's rules.
pub(super) fn book(work: &Work<'_>, tenant: Tenant) -> StoreResult<RulesetBook> {
    let store = tenant.store_number;
    let mut revisions = revisions(work, store)?;
    revisions.reverse();
    Ok(RulesetBook {
        versions: versions(work, store)?,
        revisions,
        progress: generations::progress(work, store)?,
    })
}

fn versions(work: &Work<'_>, store: i64) -> StoreResult<Vec<RulesetVersion>> {
    let sql = "SELECT version, window_ms, model, basis, products, leads, counts, created_at, published_at \
               FROM rulesets WHERE store = ?1 ORDER BY version DESC";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([store])?, |row| {
        let times = Reading::new(row, "rulesets", 0);
        Ok(RulesetVersion {
            rules: read_rules(row)?,
            created_at: times.time(7)?,
            published_at: times.time_if(8)?,
        })
    })
}

/// Every revision, the first first.
fn revisions(work: &Work<'_>, store: i64) -> StoreResult<Vec<Revision>> {
    let sql = "SELECT revision, cause, at FROM schedule_revisions WHERE store = ?1 ORDER BY revision";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([store])?, |row| {
        let row = Reading::new(row, "schedule_revisions", 0);
        Ok(Revision {
            schedule: schedule(work.connection, store, row.get(0)?)?,
            cause: row.code(1, RevisionCause::from_code)?,
            at: row.time(2)?,
        })
    })
}

/// Adds the next version, a draft.
pub(super) fn draft(
    work: &Work<'_>,
    tenant: Tenant,
    rules: Ruleset,
    at: Timestamp,
) -> StoreResult<Option<Ruleset>> {
    let sql = "SELECT coalesce(max(version), 0) FROM rulesets WHERE store = ?1";
    let newest: u32 =
        work.connection.prepare_cached(sql)?.query_row([tenant.store_number], |row| row.get(0))?;
    if newest >= RULESETS_MAX {
        return Ok(None);
    }
    let draft = rules.numbered(newest + 1);
    insert_rules(work, tenant.store_number, draft, at, None)?;
    Ok(Some(draft))
}

/// Puts a version in force.
pub(super) fn publish(
    work: &Work<'_>,
    tenant: Tenant,
    version: u32,
    effective: Effective,
    at: Timestamp,
) -> StoreResult<Published> {
    let store = tenant.store_number;
    let Some(rules) = rules_of_version(work.connection, store, version)? else {
        return Ok(Published::Unknown);
    };
    let sql =
        "UPDATE rulesets SET published_at = ?3 WHERE store = ?1 AND version = ?2 AND published_at IS NULL";
    put_in_force(work, store, RevisionCause::Publish, at, |revisions| {
        Ok(revisions.last().map(|newest| newest.schedule.publish(rules, effective)))
    })
    .and_then(|published| {
        if matches!(published, Published::InForce(_)) {
            work.connection.prepare_cached(sql)?.execute(params![store, version, at.as_millis()])?;
        }
        Ok(published)
    })
}

/// Takes the newest publication back that was not taken back yet.
pub(super) fn roll_back(work: &Work<'_>, tenant: Tenant, at: Timestamp) -> StoreResult<Published> {
    put_in_force(work, tenant.store_number, RevisionCause::RollBack, at, |revisions| {
        let Some(newest) = revisions.last() else { return Ok(None) };
        Ok(before_newest(revisions).map(|earlier| newest.schedule.roll_back(&earlier.schedule)))
    })
}

/// Makes the next revision, unless it says what is in force already, and has conversions decided under it.
fn put_in_force(
    work: &Work<'_>,
    store: i64,
    cause: RevisionCause,
    at: Timestamp,
    next: impl FnOnce(&[Revision]) -> StoreResult<Option<Schedule>>,
) -> StoreResult<Published> {
    let revisions = revisions(work, store)?;
    let (Some(next), Some(newest)) = (next(&revisions)?, revisions.last()) else {
        return Ok(Published::Unknown);
    };
    if generations::is_publishing(work, store)? {
        return Ok(Published::Busy);
    }
    if next.says_the_same(&newest.schedule) {
        return Ok(Published::InForce(newest.schedule.clone()));
    }
    insert_revision(work, store, &next, cause, at)?;
    generations::put_in_force(work, store, &newest.schedule, &next, at)?;
    work.change_settings()?;
    Ok(Published::InForce(next))
}

fn insert_revision(
    work: &Work<'_>,
    store: i64,
    schedule: &Schedule,
    cause: RevisionCause,
    at: Timestamp,
) -> StoreResult<()> {
    let sql = "INSERT INTO schedule_revisions (store, revision, cause, at) VALUES (?1, ?2, ?3, ?4)";
    let row = params![store, schedule.revision(), cause.code(), at.as_millis()];
    work.connection.prepare_cached(sql)?.execute(row)?;
    let sql =
        "INSERT INTO schedule_entries (store, revision, place, from_at, version) VALUES (?1, ?2, ?3, ?4, ?5)";
    for (place, entry) in (0_i64..).zip(schedule.entries()) {
        let from = entry.from.map(Timestamp::as_millis);
        let row = params![store, schedule.revision(), place, from, entry.rules.version];
        work.connection.prepare_cached(sql)?.execute(row)?;
    }
    Ok(())
}
