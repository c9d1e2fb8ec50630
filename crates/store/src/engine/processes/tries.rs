//! Tries, counted for all processes: a bucket each, of which one number is kept, the instant at which it is empty.

use std::time::Duration;

use super::super::work::Work;
use super::millis;
use crate::StoreResult;
use crate::db::params;
use crate::processes::{Tried, Try};

/// Counts tries one after the other, up to the first that is too many.
pub(in super::super) fn count(work: &Work<'_>, tries: &[Try]) -> StoreResult<Tried> {
    for one in tries {
        if let Tried::TooMany(wait) = count_one(work, one)? {
            return Ok(Tried::TooMany(wait));
        }
    }
    Ok(Tried::Allowed)
}

fn count_one(work: &Work<'_>, one: &Try) -> StoreResult<Tried> {
    let now = work.connection.clock();
    let refill = millis(one.refill);
    let room = refill.saturating_mul(i64::from(one.burst.saturating_sub(1)));
    // Counting and looking are one statement: tries at the same moment, of whatever process, come one after the other.
    // The clock is asked once, where the row is made: several nodes have several clocks.
    let sql = format!(
        "INSERT INTO tries (name, spent_until) VALUES (?1, {now} + ?2) ON CONFLICT (name) DO UPDATE \
         SET spent_until = CASE WHEN tries.spent_until > excluded.spent_until - ?2 \
         THEN tries.spent_until + ?2 ELSE excluded.spent_until END \
         WHERE tries.spent_until <= excluded.spent_until - ?2 + ?3"
    );
    if work.connection.prepare_cached(&sql)?.execute(params![one.name, refill, room])? > 0 {
        return Ok(Tried::Allowed);
    }
    let sql = format!("SELECT spent_until - {now} FROM tries WHERE name = ?1");
    let spent: i64 = work.connection.prepare_cached(&sql)?.query_row(params![one.name], |row| row.get(0))?;
    let wait = u64::try_from(spent.saturating_sub(room)).unwrap_or(0);
    Ok(Tried::TooMany(Duration::from_millis(wait)))
}
