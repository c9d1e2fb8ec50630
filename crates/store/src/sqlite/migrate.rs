//! Numbered steps from any released schema to today's, forward only. The file's `user_version` says where it is.

use rusqlite::{Connection, TransactionBehavior};

use super::replay;
use super::work::Work;
use crate::{StoreError, StoreResult};

/// Every step, in order; step 1 begins with an empty file. Released steps never change.
const STEPS: [&str; 2] = [
    include_str!("../../migrations/sqlite/0001_start.sql"),
    include_str!("../../migrations/sqlite/0002_engine.sql"),
];
/// The step that drops what is derived, to be made again from the facts.
const REFILLED: u32 = 2;

/// The newest schema this program knows.
#[expect(clippy::cast_possible_truncation, reason = "a handful of steps")]
pub(super) const NEWEST: u32 = STEPS.len() as u32;

/// The file's schema; 0 when it is new.
pub(super) fn version(connection: &Connection) -> StoreResult<u32> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Refuses a file that a newer program wrote.
pub(super) fn refuse_newer(found: u32) -> StoreResult<()> {
    if found > NEWEST { Err(StoreError::TooNew { found, known: NEWEST }) } else { Ok(()) }
}

/// Brings the file to the newest schema, each step in its own transaction.
pub(super) fn migrate(connection: &mut Connection) -> StoreResult<()> {
    refuse_newer(version(connection)?)?;
    for (step, number) in STEPS.iter().zip(1_u32..) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&transaction)? < number {
            transaction.execute_batch(step)?;
            if number == REFILLED {
                replay::refill(&Work::new(&transaction))?;
            }
            transaction.pragma_update(None, "user_version", number)?;
            tracing::info!(version = number, "migrated the database");
        }
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(connection: &Connection) -> Vec<String> {
        let sql = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1";
        let mut statement = connection.prepare(sql).unwrap();
        let lines = statement.query_map([], |row| row.get(0)).unwrap();
        lines.collect::<rusqlite::Result<_>>().unwrap()
    }

    fn at_version(steps: usize) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        for step in &STEPS[..steps] {
            connection.execute_batch(step).unwrap();
        }
        connection.pragma_update(None, "user_version", u32::try_from(steps).unwrap()).unwrap();
        connection
    }

    #[test]
    fn every_released_schema_comes_to_the_newest_one_and_stays_there() {
        let fresh = at_version(STEPS.len());
        for steps in 0..=STEPS.len() {
            let mut connection = at_version(steps);
            migrate(&mut connection).unwrap();
            migrate(&mut connection).unwrap();
            assert_eq!(version(&connection), Ok(NEWEST), "from version {steps}");
            assert_eq!(schema(&connection), schema(&fresh), "from version {steps}");
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_schema_as_it_was() {
        let mut connection = at_version(0);
        connection.execute_batch("CREATE TABLE credits (a)").unwrap();
        assert!(migrate(&mut connection).is_err());
        assert_eq!(version(&connection), Ok(0));
        assert_eq!(schema(&connection), ["table credits CREATE TABLE credits (a)"]);
    }
}
