//! One writer a store, whatever the number of processes.

use std::collections::BTreeSet;

use crate::StoreResult;
use crate::db::{Connection, params};

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
