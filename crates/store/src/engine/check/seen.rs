//! Who was there: what stays of their facts proves it, or an event of the latest month that a row names.
//!
//! Visualizations have an index by visitor, so they are read along with the visitors. Other facts have none: each asks for
//! its visitor's row, which has to hold what the fact proves. What a row holds beyond a visualization is noted aside, and
//! so is that some fact proves just that, in a file of SQLite's own that goes with its connection.

use std::sync::atomic::{AtomicBool, Ordering as Memory};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::super::roll_offs;
use super::super::rows::first;
use super::super::visitors::Sight;
use super::super::work::Work;
use crate::StoreResult;
use crate::db::{Row, params};

/// Both sides, and whether anything contradicted already.
pub(super) struct Seen {
    aside: Mutex<Connection>,
    wrong: AtomicBool,
}

/// What is noted: that a fact stays, or that there is an event of the month.
#[derive(Clone, Copy)]
enum Proof {
    Stays = 1,
    Month = 2,
}

impl Seen {
    /// Nothing noted yet.
    pub(super) fn new() -> StoreResult<Self> {
        // An empty name is a file of SQLite's own, removed when the connection ends.
        let aside = Connection::open("")?;
        let columns =
            "(proof INTEGER, store INTEGER, visitor TEXT, PRIMARY KEY (store, visitor, proof)) WITHOUT ROWID";
        aside.execute_batch(&format!(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
             CREATE TABLE wanted {columns}; CREATE TABLE found {columns}; BEGIN"
        ))?;
        Ok(Self { aside: Mutex::new(aside), wrong: AtomicBool::new(false) })
    }

    fn aside(&self) -> MutexGuard<'_, Connection> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn contradict(&self) {
        self.wrong.store(true, Memory::Relaxed);
    }

    /// A fact saw a visitor.
    pub(super) fn saw(&self, work: &Work<'_>, store: i64, visitor: &str, sight: Sight) -> StoreResult<()> {
        let sql = "SELECT stays, seen_month FROM visitors WHERE store = ?1 AND visitor = ?2";
        let mut statement = work.connection.prepare_cached(sql)?;
        let stored = first(statement.query(params![store, visitor])?, |row| {
            Ok((row.get::<i64>(0)?, row.get::<i64>(1)?))
        })?;
        match stored {
            Some((1, _)) if sight.stays => self.note("found", Proof::Stays, store, visitor),
            Some((_, month)) if !sight.stays && month == sight.month => {
                self.note("found", Proof::Month, store, visitor)
            }
            Some((_, month)) if !sight.stays && month > sight.month => Ok(()),
            _ => {
                self.contradict();
                Ok(())
            }
        }
    }

    fn note(&self, table: &str, proof: Proof, store: i64, visitor: &str) -> StoreResult<()> {
        let sql = format!("INSERT INTO {table} VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
        self.aside().prepare_cached(&sql)?.execute(rusqlite::params![proof as i64, store, visitor])?;
        Ok(())
    }

    /// Reads visitors and those who visualized side by side.
    pub(super) fn visitors(&self, work: &Work<'_>) -> StoreResult<()> {
        let sql = "SELECT DISTINCT store, visitor FROM visualizations INDEXED BY visualizations_visitor \
                   WHERE visitor IS NOT NULL ORDER BY store, visitor";
        let mut pictures = work.connection.prepare(sql)?;
        let mut stored = work
            .connection
            .prepare("SELECT store, visitor, stays, seen_month FROM visitors ORDER BY store, visitor")?;
        let (mut pictures, mut stored) = (pictures.query(())?, stored.query(())?);
        let mut picture = line(pictures.next()?)?;
        let mut kept = (0, 0);
        while let Some(row) = stored.next()? {
            let Some(known) = line(Some(row))? else { break };
            if kept.0 != known.store {
                kept = (known.store, roll_offs::first_kept(work, known.store)?);
            }
            // A picture whose visitor is not stored comes before the next stored one.
            while picture.as_ref().is_some_and(|picture| picture.name() < known.name()) {
                self.contradict();
                picture = line(pictures.next()?)?;
            }
            let visualized = picture.as_ref().is_some_and(|picture| picture.name() == known.name());
            self.want(&known, (row.get(2)?, row.get(3)?), kept.1, visualized)?;
            if visualized {
                picture = line(pictures.next()?)?;
            }
        }
        if picture.is_some() {
            self.contradict();
        }
        Ok(())
    }

    /// What has to be proved of a row. A month that is rolled off counts for nothing; its row may still be there.
    fn want(&self, known: &Line, row: (i64, i64), first_kept: i64, visualized: bool) -> StoreResult<()> {
        let (stays, month) = row;
        if !matches!(stays, 0 | 1) || month < 0 || (stays, month) == (0, 0) || (visualized && stays == 0) {
            self.contradict();
        }
        if stays == 1 && !visualized {
            self.note("wanted", Proof::Stays, known.store, &known.visitor)?;
        }
        if month > 0 && month >= first_kept {
            self.note("wanted", Proof::Month, known.store, &known.visitor)?;
        }
        Ok(())
    }

    /// Whether every visitor's row is what facts give.
    pub(super) fn holds(&self) -> StoreResult<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM wanted w WHERE NOT EXISTS (SELECT 1 FROM found f \
                   WHERE f.store = w.store AND f.visitor = w.visitor AND f.proof = w.proof))";
        let unfounded: bool = self.aside().query_row(sql, [], |row| row.get(0))?;
        Ok(!unfounded && !self.wrong.load(Memory::Relaxed))
    }
}

/// A visitor.
struct Line {
    store: i64,
    visitor: String,
}

impl Line {
    fn name(&self) -> (i64, &[u8]) {
        (self.store, self.visitor.as_bytes())
    }
}

fn line(row: Option<Row<'_>>) -> StoreResult<Option<Line>> {
    row.map(|row| Ok(Line { store: row.get(0)?, visitor: row.get(1)? })).transpose()
}
