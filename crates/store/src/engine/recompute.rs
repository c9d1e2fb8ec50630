//! Everything made again from the facts. What is made of facts alone is compared with them and left alone where it
//! agrees; decisions are made again into a set of their own, which is then shown (see [`super::generations`]).

use std::sync::Arc;
use std::time::Duration;

use selektable_domain::time::Timestamp;

use super::builder::{self, Builder};
use super::check::{self, Extent};
use super::compare::compare;
use super::database::Database;
use super::figures::rollups;
use super::generations::{self, Outcome};
use super::readers::Readers;
use super::replay::{DERIVED, Derived, Replayed, drop_tables, replay};
use super::rows::collect;
use super::work::Work;
use super::writer::Writer;
use crate::StoreResult;
use crate::maintain::{CheckReport, Progress};
use crate::postgres::locks::Scope;

/// Pause between looks at how far the background is.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Compares derived tables with the facts and mends them, then decides everything again. Decisions are made by the
/// serving process, this one or another one; when there is none, by this one.
pub(super) async fn recompute(
    writer: &Writer,
    readers: &Readers,
    builder: Option<&Builder>,
    progress: Progress,
) -> StoreResult<CheckReport> {
    let progress = Arc::new(progress);
    let told = Arc::clone(&progress);
    let untouched = readers
        .run_alone(move |database| {
            let told: Progress = Box::new(move |done, about| told(done, about));
            check::compare(database, Extent::WithoutDecisions, &told)
        })
        .await?;
    if untouched.derived > 0 {
        // As large as a transaction can be: nothing else shares it.
        return writer.write(Scope::Everything, usize::MAX, move |work| mend(work, &progress)).await;
    }
    if untouched.sums > 0 {
        writer.write(Scope::Everything, usize::MAX, rollups::forget_all).await?;
    }
    let begun = writer.write(Scope::Everything, 1, begin).await?;
    builder.into_iter().for_each(Builder::wake);
    let mut report = untouched.report();
    loop {
        let sets = begun.clone();
        let outcome = readers.read(move |work| generations::outcome(work, &sets)).await?;
        let decided = u64::try_from(outcome.decided).unwrap_or(0);
        progress(report.facts + decided, report.facts + report.conversions.max(decided));
        if outcome.building == 0 {
            note(&mut report, outcome);
            return Ok(report);
        }
        let handle = writer.handle();
        let served = builder.is_some() || readers.run_alone(Database::is_served).await?;
        if served {
            tokio::time::sleep(LOOK_EVERY).await;
        } else {
            readers.run_alone(move |database| builder::work_off(database, &handle)).await?;
        }
    }
}

fn note(report: &mut CheckReport, outcome: Outcome) {
    let Some(number) = outcome.first_difference else { return };
    // Sums that differ with a decision are no differences of their own.
    report.differences = u64::try_from(outcome.differing).unwrap_or(0);
    report.first_difference =
        Some(format!("the decision on conversion {number} was not the one that the facts give"));
}

/// Begins a set under the present rules for every store, unless one is being built under published ones: that makes
/// every decision again, too.
fn begin(work: &Work<'_>) -> StoreResult<Vec<(i64, i64)>> {
    // Engines have no clock: it is known since the newest fact is.
    let sql = "SELECT coalesce((SELECT received_at FROM facts ORDER BY seq DESC LIMIT 1), 0)";
    let at = Timestamp::from_millis(work.connection.query_row(sql, (), |row| row.get(0))?);
    let mut statement = work.connection.prepare_cached("SELECT number FROM stores ORDER BY number")?;
    let stores: Vec<i64> = collect(statement.query(())?, |row| Ok(row.get(0)?))?;
    let mut begun = Vec::new();
    for store in stores {
        if !generations::is_publishing(work, store)? {
            let revision = work.store_rules(store)?.live.schedule.revision();
            begun.push((store, generations::begin(work, store, revision, at)?));
        }
    }
    Ok(begun)
}

/// Replaces every derived table of a damaged file inside the caller's transaction, and says what differed. Sets that
/// are being built begin anew.
fn mend(work: &Work<'_>, progress: &Progress) -> StoreResult<CheckReport> {
    let live = "SELECT store, generation FROM generations WHERE state = 'live'";
    let sql = "SELECT store, generation FROM generations WHERE state = 'building'";
    let mut statement = work.connection.prepare(sql)?;
    let begun: Vec<(i64, i64)> = collect(statement.query(())?, |row| Ok((row.get(0)?, row.get(1)?)))?;
    drop(statement);
    work.connection.execute_batch(&format!(
        "DELETE FROM decisions WHERE (store, generation) NOT IN ({live}); \
         DELETE FROM credits WHERE (store, generation) NOT IN ({live}); \
         UPDATE generations SET state = 'retired' WHERE state = 'building'"
    ))?;
    work.forget_rules();
    let Replayed { facts, conversions } = replay(work, progress)?;
    let mut report = CheckReport { facts, conversions, ..CheckReport::default() };
    compare(work, &mut report)?;
    for Derived { table, .. } in DERIVED {
        let sql = format!("DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM temp.{table}");
        work.connection.execute_batch(&sql)?;
    }
    drop_tables(work)?;
    rollups::forget_all(work)?;
    let end = generations::last_conversion(work)?;
    let sql = "UPDATE generations SET state = 'building', built_to = 0, decided = 0, differing = 0, \
               first_difference = NULL, build_end = ?3 WHERE store = ?1 AND generation = ?2";
    for (store, generation) in begun {
        work.connection.execute(sql, [store, generation, end])?;
    }
    work.connection.execute_batch("DELETE FROM redecisions")?;
    work.change_settings()?;
    Ok(report)
}
