//! Numbered steps to today's schema, forward only, under the numbers of the embedded engine's. Servers came with
//! step 3, so that is where they begin.

use super::{Client, Server, citus};
use crate::db::DbError;
use crate::{StoreError, StoreResult};

/// Every step with its number, in order. Released steps never change.
const STEPS: [(u32, &str); 5] = [
    (3, include_str!("../../migrations/postgres/0003_start.sql")),
    (4, include_str!("../../migrations/postgres/0004_rollups.sql")),
    (5, include_str!("../../migrations/postgres/0005_leases.sql")),
    (6, include_str!("../../migrations/postgres/0006_sheets.sql")),
    (7, include_str!("../../migrations/postgres/0007_retention.sql")),
];
/// The newest schema this program knows.
pub(crate) const NEWEST: u32 = STEPS[STEPS.len() - 1].0;
/// Held while the schema changes: our own number, for nothing else.
const LOCK: i64 = 0x5e1e_c7ab;

/// Brings the database to the newest schema, all steps in one transaction, one process at a time; first asks whether
/// the server keeps what it acknowledges.
pub(crate) fn prepare(client: &Client, server: &Server) -> StoreResult<()> {
    ask_for_durability(client, server)?;
    let found = version(client)?;
    refuse_newer(found)?;
    if found == NEWEST {
        return Ok(());
    }
    let end = steps(client);
    if end.is_err() {
        client.roll_back();
    }
    end
}

fn steps(client: &Client) -> StoreResult<()> {
    // Not as ingest begins: what is moved may be much, and nobody waits for it.
    client.raw_batch("BEGIN ISOLATION LEVEL READ COMMITTED")?;
    client.fetch(&format!("SELECT pg_advisory_xact_lock({LOCK})::text"))?;
    let found = version(client)?;
    refuse_newer(found)?;
    for (number, step) in STEPS.iter().filter(|(number, _)| *number > found) {
        client.raw_batch(step)?;
        client.raw_batch(&format!("UPDATE schema_version SET version = {number}"))?;
        tracing::info!(version = number, "migrated the database");
    }
    citus::distribute(client)?;
    Ok(client.commit()?)
}

/// Makes room for the events of this month and the next ones.
pub(crate) fn make_months(client: &Client) -> StoreResult<()> {
    client.begin_write()?;
    let made = client.make_months_ahead().and_then(|()| client.commit());
    if made.is_err() {
        client.roll_back();
    }
    Ok(made?)
}

/// Asks for the newest schema, where nothing may be changed.
pub(crate) fn newest_schema(client: &Client) -> StoreResult<()> {
    let found = version(client)?;
    refuse_newer(found)?;
    if found < NEWEST {
        return Err(StoreError::Unavailable(format!(
            "the database has schema version {found}, reading it needs {NEWEST}: start `selektable serve` once"
        )));
    }
    Ok(())
}

fn refuse_newer(found: u32) -> StoreResult<()> {
    if found > NEWEST { Err(StoreError::TooNew { found, known: NEWEST }) } else { Ok(()) }
}

/// The database's schema; 0 when it is new.
fn version(client: &Client) -> StoreResult<u32> {
    let there = client.fetch("SELECT to_regclass('schema_version') IS NOT NULL")?;
    let there: bool =
        there.first().map(|row| row.try_get(0)).transpose().map_err(DbError::from)?.unwrap_or(false);
    if !there {
        return Ok(0);
    }
    let rows = client.fetch("SELECT version FROM schema_version")?;
    let version: Option<i64> = rows.first().map(|row| row.try_get(0)).transpose().map_err(DbError::from)?;
    Ok(version.and_then(|version| u32::try_from(version).ok()).unwrap_or(0))
}

/// A server that may forget what it acknowledged makes every 200 of ours a lie.
fn ask_for_durability(client: &Client, server: &Server) -> StoreResult<()> {
    if server.unsafe_durability {
        return Ok(());
    }
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let rows = client.fetch(&format!("SELECT current_setting('{setting}')"))?;
        let value: String =
            rows.first().map(|row| row.try_get(0)).transpose().map_err(DbError::from)?.unwrap_or_default();
        if value == "off" {
            return Err(StoreError::Unavailable(format!(
                "the server runs with {setting}=off and may lose what it acknowledged: turn it on, or add \
                 unsafe_durability=true to the database's address"
            )));
        }
    }
    Ok(())
}
