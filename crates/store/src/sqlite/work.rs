//! What one unit of work has at hand: a connection, and what it looked up already.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, params};
use selektable_domain::rules::{CountsFrom, LeadDirect, Model, ProductMatch, RevenueBasis, Ruleset};
use selektable_domain::time::Window;

use super::rows::{Reading, first};
use crate::{StoreError, StoreResult};

/// One unit of work on one connection, at most as long as one transaction.
pub(super) struct Work<'c> {
    /// The connection.
    pub connection: &'c Connection,
    rules: RefCell<HashMap<i64, Ruleset>>,
    settings_changed: Cell<bool>,
}

impl<'c> Work<'c> {
    /// Begins with nothing looked up.
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, rules: RefCell::default(), settings_changed: Cell::new(false) }
    }

    /// The newest attribution rules of a store.
    pub(super) fn rules(&self, store: i64) -> StoreResult<Ruleset> {
        if let Some(known) = self.rules.borrow().get(&store) {
            return Ok(*known);
        }
        let found = newest_rules(self.connection, store)?;
        self.rules.borrow_mut().insert(store, found);
        Ok(found)
    }

    /// Notes that keys, stores or widgets changed, so that every process on this file drops what it remembers.
    pub(super) fn change_settings(&self) -> StoreResult<()> {
        self.rules.borrow_mut().clear();
        self.settings_changed.set(true);
        let sql = "UPDATE installation SET settings_version = settings_version + 1";
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    /// Whether [`Work::change_settings`] was called.
    pub(super) fn settings_changed(&self) -> bool {
        self.settings_changed.get()
    }
}

fn newest_rules(connection: &Connection, store: i64) -> StoreResult<Ruleset> {
    // Only the first row is read. With a LIMIT, SQLite plans the query again on every use.
    let sql = "SELECT version, window_ms, model, basis, products, leads, counts FROM rulesets WHERE store = ?1 ORDER BY version DESC";
    let mut statement = connection.prepare_cached(sql)?;
    first(statement.query(params![store])?, read_rules)?.ok_or_else(|| StoreError::Inconsistent {
        table: "stores",
        row: store.to_string(),
        detail: "it has no ruleset".to_owned(),
    })
}

/// One version of a store's rules.
pub(super) fn rules_of_version(connection: &Connection, store: i64, version: u32) -> StoreResult<Ruleset> {
    let sql = "SELECT version, window_ms, model, basis, products, leads, counts FROM rulesets WHERE store = ?1 AND version = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    first(statement.query(params![store, version])?, read_rules)?.ok_or_else(|| StoreError::Inconsistent {
        table: "rulesets",
        row: format!("{store}, {version}"),
        detail: "a conversion names it, and it is not there".to_owned(),
    })
}

/// Reads `version, window_ms, model, basis, products, leads, counts`.
pub(super) fn read_rules(row: &rusqlite::Row<'_>) -> StoreResult<Ruleset> {
    let row = Reading::new(row, "rulesets", 0);
    Ok(Ruleset {
        version: row.get(0)?,
        window: Window::from_millis(row.get(1)?).map_err(|fault| row.damaged(fault.to_string()))?,
        model: row.code(2, Model::from_code)?,
        basis: row.code(3, RevenueBasis::from_code)?,
        products: row.code(4, ProductMatch::from_code)?,
        leads: row.code(5, LeadDirect::from_code)?,
        counts: row.code(6, CountsFrom::from_code)?,
    })
}

/// Conversions that a fact may have changed, to be decided again; a recomputation decides everything at its end and
/// ignores them, so that it also checks that nobody was forgotten here.
#[derive(Debug)]
pub(super) enum Touched {
    /// Collected by number.
    Collected(BTreeSet<i64>),
    /// Not wanted.
    Ignored,
}

impl Touched {
    /// Collects.
    pub(super) const fn collect() -> Self {
        Self::Collected(BTreeSet::new())
    }

    /// Adds the numbers a query answers.
    pub(super) fn add(
        &mut self,
        work: &Work<'_>,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> StoreResult<()> {
        if let Self::Collected(numbers) = self {
            let mut statement = work.connection.prepare_cached(sql)?;
            let mut rows = statement.query(parameters)?;
            while let Some(row) = rows.next()? {
                numbers.insert(row.get(0)?);
            }
        }
        Ok(())
    }

    /// Whether nobody wants to know.
    pub(super) const fn is_ignored(&self) -> bool {
        matches!(self, Self::Ignored)
    }

    /// The numbers, in order.
    pub(super) fn into_numbers(self) -> BTreeSet<i64> {
        match self {
            Self::Collected(numbers) => numbers,
            Self::Ignored => BTreeSet::new(),
        }
    }
}
