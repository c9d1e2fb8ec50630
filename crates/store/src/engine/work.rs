//! What one unit of work has at hand: a connection, and what it looked up already.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::db::{Connection, params};
use selektable_domain::opaque::ProductId;
use selektable_domain::rules::{CountsFrom, LeadDirect, Model, ProductMatch, RevenueBasis, Ruleset};
use selektable_domain::schedule::{InForce, Schedule};
use selektable_domain::time::{Timestamp, Window};

use super::figures::rollups::Changes;
use super::roll_offs::{self, RollOff};
use super::rows::{Reading, collect, first};
use crate::{StoreError, StoreResult};

/// One whole set of decisions of a store, and the rules that decide in it.
#[derive(Clone, Debug)]
pub(super) struct Generation {
    /// Its number.
    pub number: i64,
    /// Which rules are in force when.
    pub schedule: Schedule,
}

/// The sets of decisions that a write goes to.
#[derive(Clone, Debug)]
pub(super) struct StoreRules {
    /// The one that is shown.
    pub live: Generation,
    /// The one that is being built beside it.
    pub building: Option<Generation>,
}

/// Groups of product ids that were looked up; `None` while nothing was.
#[derive(Default)]
pub(super) struct KnownGroups {
    /// Whether anything at all is said about ids of a store.
    pub any: HashMap<i64, bool>,
    /// An id's group.
    pub group: HashMap<(i64, ProductId), ProductId>,
}

/// One unit of work on one connection, at most as long as one transaction.
pub(super) struct Work<'c> {
    /// The connection.
    pub connection: &'c Connection,
    /// What is known of product ids; forgotten when anything is said about one.
    pub groups: RefCell<KnownGroups>,
    rules: RefCell<HashMap<i64, Rc<StoreRules>>>,
    roll_offs: RefCell<HashMap<i64, Rc<Vec<RollOff>>>>,
    settings_changed: Cell<bool>,
    log_to_empty: Cell<bool>,
    /// What is changed of sums; only where it is going to be written.
    changes: Option<RefCell<Changes>>,
}

impl<'c> Work<'c> {
    /// Begins with nothing looked up.
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            groups: RefCell::default(),
            rules: RefCell::default(),
            roll_offs: RefCell::default(),
            settings_changed: Cell::new(false),
            log_to_empty: Cell::new(false),
            changes: None,
        }
    }

    /// One that writes what is shown, and has to flush its changes of sums in the end.
    pub(super) fn writing(connection: &'c Connection) -> Self {
        Self { changes: Some(RefCell::default()), ..Self::new(connection) }
    }

    /// Notes changes of sums.
    pub(super) fn note(&self, note: impl FnOnce(&mut Changes)) {
        if let Some(changes) = &self.changes {
            note(&mut changes.borrow_mut());
        }
    }

    /// Takes the changes of sums that were noted.
    pub(super) fn take_changes(&self) -> Changes {
        self.changes.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// The sets of decisions of a store, with their rules.
    pub(super) fn store_rules(&self, store: i64) -> StoreResult<Rc<StoreRules>> {
        if let Some(known) = self.rules.borrow().get(&store) {
            return Ok(Rc::clone(known));
        }
        let found = Rc::new(read_store_rules(self.connection, store)?);
        self.rules.borrow_mut().insert(store, Rc::clone(&found));
        Ok(found)
    }

    /// Number of the set of decisions that is shown.
    pub(super) fn generation(&self, store: i64) -> StoreResult<i64> {
        Ok(self.store_rules(store)?.live.number)
    }

    /// The rules that decide, in the set that is shown, what happened at a time.
    pub(super) fn rules_at(&self, store: i64, at: Timestamp) -> StoreResult<Ruleset> {
        Ok(*self.store_rules(store)?.live.schedule.rules_at(at))
    }

    /// Which months' events of a store are gone.
    pub(super) fn roll_offs(&self, store: i64) -> StoreResult<Rc<Vec<RollOff>>> {
        if let Some(known) = self.roll_offs.borrow().get(&store) {
            return Ok(Rc::clone(known));
        }
        let found = Rc::new(roll_offs::of_store(self, store)?);
        self.roll_offs.borrow_mut().insert(store, Rc::clone(&found));
        Ok(found)
    }

    /// Forgets what was looked up of them, because this unit of work adds one.
    pub(super) fn forget_roll_offs(&self) {
        self.roll_offs.borrow_mut().clear();
    }

    /// Forgets what was looked up of rules and generations, because this unit of work changed them.
    pub(super) fn forget_rules(&self) {
        self.rules.borrow_mut().clear();
    }

    /// Notes that keys, stores, rules or widgets changed, so that every process on this file drops what it remembers.
    pub(super) fn change_settings(&self) -> StoreResult<()> {
        self.forget_rules();
        self.settings_changed.set(true);
        let sql = "UPDATE installation SET settings_version = settings_version + 1";
        self.connection.prepare_cached(sql)?.execute(())?;
        Ok(())
    }

    /// Asks for an empty write-ahead log after the commit: it holds what was erased.
    pub(super) fn empty_log(&self) {
        self.log_to_empty.set(true);
    }

    /// Whether [`Work::empty_log`] was called.
    pub(super) fn log_to_empty(&self) -> bool {
        self.log_to_empty.get()
    }

    /// Whether [`Work::change_settings`] was called.
    pub(super) fn settings_changed(&self) -> bool {
        self.settings_changed.get()
    }
}

fn read_store_rules(connection: &Connection, store: i64) -> StoreResult<StoreRules> {
    let sql = "SELECT generation, revision, state = 'live' FROM generations WHERE store = ?1 AND state <> 'retired'";
    let mut statement = connection.prepare_cached(sql)?;
    let found: Vec<(i64, u32, bool)> =
        collect(statement.query([store])?, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let one = |wanted: bool| {
        let found = found.iter().find(|(_, _, live)| *live == wanted);
        found.map(|(number, revision, _)| {
            Ok::<_, StoreError>(Generation {
                number: *number,
                schedule: schedule(connection, store, *revision)?,
            })
        })
    };
    let live = one(true).transpose()?.ok_or_else(|| StoreError::Inconsistent {
        table: "generations",
        row: store.to_string(),
        detail: "none of the store's is live".to_owned(),
    })?;
    Ok(StoreRules { live, building: one(false).transpose()? })
}

/// One revision of a store's schedule.
pub(super) fn schedule(connection: &Connection, store: i64, revision: u32) -> StoreResult<Schedule> {
    let sql = "SELECT r.version, r.window_ms, r.model, r.basis, r.products, r.leads, r.counts, e.from_at \
               FROM schedule_entries e JOIN rulesets r ON r.store = e.store AND r.version = e.version \
               WHERE e.store = ?1 AND e.revision = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut entries = collect(statement.query(params![store, revision])?, |row| {
        let from = Reading::new(row, "schedule_entries", 0).time_if(7)?;
        Ok(InForce { from, rules: read_rules(row)? })
    })?;
    // Sorted here: a cached statement with an order and parameters is planned again on every use.
    entries.sort_unstable_by_key(|entry| entry.from);
    Schedule::of(revision, entries).ok_or_else(|| StoreError::Inconsistent {
        table: "schedule_entries",
        row: format!("{store}, {revision}"),
        detail: "it does not say which rules are in force from the beginning on".to_owned(),
    })
}

/// One version of a store's rules.
pub(super) fn rules_of_version(
    connection: &Connection,
    store: i64,
    version: u32,
) -> StoreResult<Option<Ruleset>> {
    let sql = "SELECT version, window_ms, model, basis, products, leads, counts FROM rulesets \
               WHERE store = ?1 AND version = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    first(statement.query(params![store, version])?, read_rules)
}

/// Reads `version, window_ms, model, basis, products, leads, counts`.
pub(super) fn read_rules(row: &crate::db::Row<'_>) -> StoreResult<Ruleset> {
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

/// Conversions that a fact may have changed, to be decided again.
#[derive(Debug, Default)]
pub(super) struct Touched(BTreeSet<i64>);

impl Touched {
    /// Adds the numbers a query answers.
    pub(super) fn add(
        &mut self,
        work: &Work<'_>,
        sql: &str,
        parameters: impl crate::db::Params,
    ) -> StoreResult<()> {
        let mut statement = work.connection.prepare_cached(sql)?;
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()?.as_ref() {
            self.0.insert(row.get(0)?);
        }
        Ok(())
    }

    /// Adds one.
    pub(super) fn note(&mut self, number: i64) {
        self.0.insert(number);
    }

    /// Takes one out, because it is decided anyway.
    pub(super) fn forget(&mut self, number: i64) {
        self.0.remove(&number);
    }

    /// The numbers, in order.
    pub(super) fn into_numbers(self) -> BTreeSet<i64> {
        self.0
    }
}
