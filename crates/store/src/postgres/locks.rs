//! One writer a store, whatever the number of processes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::StoreResult;
use crate::db::{Connection, params};

/// How long work in the background waits for a store, and the pause between two looks.
const SOON: Duration = Duration::from_millis(50);
const PAUSE: Duration = Duration::from_millis(1);

/// What a unit of work writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Accounts, keys, settings, health: guarded by their own keys.
    Installation,
    /// What happened in one store, and what is decided of it.
    Store(i64),
    /// Everything: nobody else writes any store meanwhile.
    Everything,
}

/// Takes the locks of all scopes, in one order everywhere; they end with the transaction. SQLite has one writer anyway.
pub(crate) fn take(connection: &Connection, scopes: impl IntoIterator<Item = Scope>) -> StoreResult<()> {
    if connection.postgres().is_none() {
        return Ok(());
    }
    let scopes: BTreeSet<Scope> = scopes.into_iter().collect();
    if scopes.contains(&Scope::Everything) {
        connection.execute_batch("LOCK TABLE store_writers IN EXCLUSIVE MODE")?;
        return Ok(());
    }
    for scope in scopes {
        let Scope::Store(store) = scope else { continue };
        let sql = "SELECT store FROM store_writers WHERE store = ?1 FOR NO KEY UPDATE";
        let mut statement = connection.prepare_cached(sql)?;
        let locked = statement.query(params![store])?.next()?.is_some();
        if !locked {
            // The first write of a store that is being made, or was made before there were locks.
            let sql = "INSERT INTO store_writers (store) VALUES (?1) ON CONFLICT DO NOTHING";
            connection.prepare_cached(sql)?.execute(params![store])?;
            connection
                .prepare_cached("SELECT store FROM store_writers WHERE store = ?1 FOR NO KEY UPDATE")?
                .query(params![store])?;
        }
    }
    Ok(())
}

/// Work in the background that one process does at a time. What it needs is locked besides: this only keeps processes
/// from waiting for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chore {
    /// Adding what changed to sums for reports.
    Fold,
    /// Deciding again what a fact touched.
    Redecide,
}

impl Chore {
    /// Our own numbers, for nothing else.
    const fn lock(self) -> i64 {
        match self {
            Self::Fold => 0x5e1e_f01d,
            Self::Redecide => 0x5e1e_dec1,
        }
    }
}

/// Whether the open transaction may do a chore; `false` while another process is at it. It ends with the transaction,
/// also when its process dies.
pub(crate) fn take_chore(connection: &Connection, chore: Chore) -> StoreResult<bool> {
    if connection.postgres().is_none() {
        return Ok(true);
    }
    let sql = "SELECT pg_try_advisory_xact_lock(?1)";
    Ok(connection.prepare_cached(sql)?.query_row(params![chore.lock()], |row| row.get(0))?)
}

/// Takes one store's lock if it is free within [`SOON`]: what runs in the background must not hold up this process's
/// writer for what another process does, which may be away.
pub(crate) fn take_soon(connection: &Connection, store: i64) -> StoreResult<bool> {
    if connection.postgres().is_none() {
        return Ok(true);
    }
    // The row of a store that nobody has written yet.
    let sql = "INSERT INTO store_writers (store) VALUES (?1) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![store])?;
    let sql = "SELECT store FROM store_writers WHERE store = ?1 FOR NO KEY UPDATE SKIP LOCKED";
    let until = Instant::now() + SOON;
    let mut statement = connection.prepare_cached(sql)?;
    while statement.query(params![store])?.next()?.is_none() {
        if Instant::now() >= until {
            return Ok(false);
        }
        std::thread::sleep(PAUSE);
    }
    Ok(true)
}
