//! When visitors were first seen: the earliest of their visualizations and events.
//!
//! Visualizations have an index by visitor, so their earliest are read along with the visitors. Events have none: each
//! event asks for its visitor's row. That some event is as early as a row says is noted aside, in a file of SQLite's
//! own that goes with its connection, and only for visitors whom no visualization saw as early.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicBool, Ordering as Memory};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::super::rows::first;
use super::super::work::Work;
use crate::StoreResult;
use crate::db::{Row, params};

/// Both sides, and whether anything contradicted already.
pub(super) struct Seen {
    aside: Mutex<Connection>,
    wrong: AtomicBool,
}

impl Seen {
    /// Nothing noted yet.
    pub(super) fn new() -> StoreResult<Self> {
        // An empty name is a file of SQLite's own, removed when the connection ends.
        let aside = Connection::open("")?;
        aside.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
             CREATE TABLE by_event (store INTEGER, visitor TEXT, PRIMARY KEY (store, visitor)) WITHOUT ROWID; \
             CREATE TABLE not_by_picture (store INTEGER, visitor TEXT, PRIMARY KEY (store, visitor)) WITHOUT ROWID; \
             BEGIN",
        )?;
        Ok(Self { aside: Mutex::new(aside), wrong: AtomicBool::new(false) })
    }

    fn aside(&self) -> MutexGuard<'_, Connection> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn contradict(&self) {
        self.wrong.store(true, Memory::Relaxed);
    }

    /// An event saw a visitor.
    pub(super) fn event(&self, work: &Work<'_>, store: i64, visitor: &str, at: i64) -> StoreResult<()> {
        let sql = "SELECT first_seen FROM visitors WHERE store = ?1 AND visitor = ?2";
        let mut statement = work.connection.prepare_cached(sql)?;
        let stored: Option<i64> = first(statement.query(params![store, visitor])?, |row| Ok(row.get(0)?))?;
        match stored.map(|stored| stored.cmp(&at)) {
            Some(Ordering::Less) => Ok(()),
            Some(Ordering::Equal) => self.note("by_event", store, visitor),
            Some(Ordering::Greater) | None => {
                self.contradict();
                Ok(())
            }
        }
    }

    fn note(&self, table: &str, store: i64, visitor: &str) -> StoreResult<()> {
        let sql = format!("INSERT INTO {table} VALUES (?1, ?2) ON CONFLICT DO NOTHING");
        self.aside().prepare_cached(&sql)?.execute(rusqlite::params![store, visitor])?;
        Ok(())
    }

    /// Reads visitors and the earliest of their visualizations side by side.
    pub(super) fn visitors(&self, work: &Work<'_>) -> StoreResult<()> {
        let sql = "SELECT store, visitor, min(at) FROM visualizations INDEXED BY visualizations_visitor \
                   WHERE visitor IS NOT NULL GROUP BY store, visitor ORDER BY store, visitor";
        let mut pictures = work.connection.prepare(sql)?;
        let mut stored = work
            .connection
            .prepare("SELECT store, visitor, first_seen FROM visitors ORDER BY store, visitor")?;
        let (mut pictures, mut stored) = (pictures.query(())?, stored.query(())?);
        let mut picture = line(pictures.next()?)?;
        while let Some(known) = line(stored.next()?)? {
            // A picture whose visitor is not stored comes before the next stored one.
            while picture.as_ref().is_some_and(|picture| picture.name() < known.name()) {
                self.contradict();
                picture = line(pictures.next()?)?;
            }
            match picture.as_ref().filter(|picture| picture.name() == known.name()) {
                Some(seen) if seen.at < known.at => self.contradict(),
                Some(seen) if seen.at == known.at => {}
                _ => self.note("not_by_picture", known.store, &known.visitor)?,
            }
            if picture.as_ref().is_some_and(|picture| picture.name() == known.name()) {
                picture = line(pictures.next()?)?;
            }
        }
        if picture.is_some() {
            self.contradict();
        }
        Ok(())
    }

    /// Whether every visitor's row is what facts give.
    pub(super) fn holds(&self) -> StoreResult<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM not_by_picture p WHERE NOT EXISTS \
                   (SELECT 1 FROM by_event e WHERE e.store = p.store AND e.visitor = p.visitor))";
        let unfounded: bool = self.aside().query_row(sql, [], |row| row.get(0))?;
        Ok(!unfounded && !self.wrong.load(Memory::Relaxed))
    }
}

/// A visitor and a time.
struct Line {
    store: i64,
    visitor: String,
    at: i64,
}

impl Line {
    fn name(&self) -> (i64, &[u8]) {
        (self.store, self.visitor.as_bytes())
    }
}

fn line(row: Option<Row<'_>>) -> StoreResult<Option<Line>> {
    let read = |row: Row<'_>| Ok(Line { store: row.get(0)?, visitor: row.get(1)?, at: row.get(2)? });
    row.map(read).transpose()
}
