//! Visitors whom nothing proves any more go.

use crate::db::params;

use super::super::interface::Engine;
use super::super::rows::collect;
use super::super::work::Work;
use super::{Run, Stage, advance, end, overtaken};
use crate::StoreResult;
use crate::postgres::locks::Scope;

/// Most visitors of one transaction.
const VISITORS_MAX: usize = 2_000;

/// Removes the next visitors, says how many; ends the run behind the last one.
pub(super) async fn visitors(engine: &Engine, run: Run) -> StoreResult<u64> {
    let wanted = run.clone();
    let found = engine.read(move |work| next(work, &wanted)).await?;
    let scope = Scope::Store(run.store);
    let write = move |work: &Work<'_>| {
        let Some(last) = found.last() else {
            end(work, &run)?;
            return Ok(0);
        };
        if !advance(work, &run, (Stage::Sweep, run.facts_to, last))? {
            return Err(overtaken());
        }
        remove(work, &run, last)
    };
    engine.writer()?.write(scope, usize::MAX, write).await
}

/// Found on a reader, and looked at again when they go: one may have come back meanwhile.
fn next(work: &Work<'_>, run: &Run) -> StoreResult<Vec<String>> {
    let sql = format!(
        "SELECT visitor FROM visitors WHERE store = ?1 AND visitor > ?2 AND seen_month < ?3 \
         AND (stays = 0 OR seen_month > 0) ORDER BY visitor LIMIT {VISITORS_MAX}"
    );
    let mut statement = work.connection.prepare_cached(&sql)?;
    collect(statement.query(params![run.store, run.after, run.before])?, |row| Ok(row.get(0)?))
}

fn remove(work: &Work<'_>, run: &Run, last: &str) -> StoreResult<u64> {
    let row = params![run.store, run.after, last, run.before];
    let sql = "UPDATE visitors SET seen_month = 0 WHERE store = ?1 AND visitor > ?2 AND visitor <= ?3 \
               AND stays = 1 AND seen_month > 0 AND seen_month < ?4";
    work.connection.prepare_cached(sql)?.execute(row)?;
    let sql = "DELETE FROM visitors WHERE store = ?1 AND visitor > ?2 AND visitor <= ?3 \
               AND stays = 0 AND seen_month < ?4";
    Ok(work.connection.prepare_cached(sql)?.execute(row)? as u64)
}
