//! The partitions of `seen_facts`: one a month, made ahead, and taken away as a whole.
//!
//! A new one is made beside the table and attached, which waits for no reader and no writer. One that goes is detached
//! concurrently: the server waits until nobody can see it any more, holding nothing that others wait for.

use super::Client;
use crate::db::{DbError, DbResult};

/// Held while a partition is made: our own number, for nothing else.
const LOCK: i64 = 0x5e1e_4a97;
/// How long taking one away may wait for others before it is tried again later.
const PATIENCE: &str = "2s";
/// Months made ahead, besides the present one.
const AHEAD: i64 = 2;

/// What became of a partition that was to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removed {
    /// It is gone.
    Gone,
    /// Somebody reads it; later.
    Later,
    /// A store has rows in it that stay.
    Needed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Nowhere,
    Attached,
    /// It is on its way out: whoever began before still sees it.
    Leaving,
    /// A table of that name that is no partition: what an interrupted end left.
    Alone,
}

fn name(month: i64) -> String {
    format!("seen_facts_{month}")
}

impl Client {
    /// Makes the partition of a month in the open transaction, where it is not there yet.
    pub(crate) fn make_month(&self, month: i64) -> DbResult<()> {
        if self.months.borrow().contains(&month) {
            return Ok(());
        }
        if self.stands(month)? == Stands::Attached {
            // Of one that is made here, nobody knows yet whether it stays.
            self.months.borrow_mut().insert(month);
            return Ok(());
        }
        self.fetch(&format!("SELECT pg_advisory_xact_lock({LOCK})::text"))?;
        match self.stands(month)? {
            Stands::Attached => return Ok(()),
            Stands::Leaving => return Err(leaving(month)),
            Stands::Nowhere | Stands::Alone => {}
        }
        let name = name(month);
        self.raw_batch(&format!(
            "DROP TABLE IF EXISTS {name}; CREATE TABLE {name} (LIKE seen_facts); \
             ALTER TABLE seen_facts ATTACH PARTITION {name} FOR VALUES IN ({month})"
        ))?;
        tracing::info!(month, "made room for a month's events");
        Ok(())
    }

    /// Makes the partitions of the present month, by the server's clock, and of those after it.
    pub(crate) fn make_months_ahead(&self) -> DbResult<()> {
        for ahead in 0..=AHEAD {
            let sql = format!(
                "SELECT to_char((date_trunc('month', now() AT TIME ZONE 'UTC') + interval '{ahead} months'), \
                 'YYYYMM')::bigint"
            );
            let rows = self.fetch(&sql)?;
            self.make_month(rows.first().ok_or(DbError::NoRow)?.try_get(0)?)?;
        }
        Ok(())
    }

    /// Months that have a partition, or what is left of one, oldest first.
    pub(crate) fn months_there(&self) -> DbResult<Vec<i64>> {
        let sql = "SELECT substr(relname::text, 12)::bigint FROM pg_class WHERE relkind = 'r' \
                   AND relname ~ '^seen_facts_[0-9]+$' AND relnamespace = \
                   (SELECT relnamespace FROM pg_class WHERE oid = 'seen_facts'::regclass) ORDER BY 1";
        let rows = self.fetch(sql)?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Whether a store has events of a month that are not rolled off.
    pub(crate) fn month_is_needed(&self, month: i64) -> DbResult<bool> {
        self.has_needed("seen_facts", month)
    }

    fn has_needed(&self, table: &str, month: i64) -> DbResult<bool> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM stores s WHERE \
             EXISTS (SELECT 1 FROM {table} f WHERE f.store = s.number AND f.month = {month}) AND NOT \
             EXISTS (SELECT 1 FROM roll_offs r WHERE r.store = s.number AND r.before > {month}))"
        );
        Ok(self.fetch(&sql)?.first().ok_or(DbError::NoRow)?.try_get(0)?)
    }

    /// Takes a month's partition away, outside of any transaction, on a connection of its own.
    pub(crate) fn remove_month(&self, month: i64) -> DbResult<Removed> {
        let done = if self.is_distributed() { self.remove_at_once(month) } else { self.remove_slowly(month) };
        match done {
            Err(fault) if is_in_use(&fault) => Ok(Removed::Later),
            done => done,
        }
    }

    fn remove_slowly(&self, month: i64) -> DbResult<Removed> {
        let name = name(month);
        if !self.is_pooled() {
            // Of a pooled connection the next transaction may be another session's; there the detaching just waits.
            self.raw_batch(&format!("SET lock_timeout = '{PATIENCE}'"))?;
        }
        match self.stands(month)? {
            Stands::Nowhere => return Ok(Removed::Gone),
            Stands::Attached => {
                self.raw_batch(&format!("ALTER TABLE seen_facts DETACH PARTITION {name} CONCURRENTLY"))?;
            }
            Stands::Leaving => {
                self.raw_batch(&format!("ALTER TABLE seen_facts DETACH PARTITION {name} FINALIZE"))?;
            }
            Stands::Alone => {}
        }
        // Nothing comes in any more; what came in since it was asked for must not be lost.
        if self.has_needed(&name, month)? {
            self.raw_batch(&format!(
                "ALTER TABLE seen_facts ATTACH PARTITION {name} FOR VALUES IN ({month})"
            ))?;
            return Ok(Removed::Needed);
        }
        self.raw_batch(&format!("DROP TABLE {name}"))?;
        Ok(Removed::Gone)
    }

    /// Citus detaches in a transaction only.
    fn remove_at_once(&self, month: i64) -> DbResult<Removed> {
        let name = name(month);
        let stands = self.stands(month)?;
        if stands == Stands::Nowhere {
            return Ok(Removed::Gone);
        }
        self.raw_batch(&format!("BEGIN; SET LOCAL lock_timeout = '{PATIENCE}'"))?;
        let done = (|| {
            if stands == Stands::Attached {
                self.raw_batch(&format!("ALTER TABLE seen_facts DETACH PARTITION {name}"))?;
            }
            if self.has_needed(&name, month)? {
                return Ok(Removed::Needed);
            }
            self.raw_batch(&format!("DROP TABLE {name}"))?;
            Ok(Removed::Gone)
        })();
        let end = if matches!(done, Ok(Removed::Gone)) { "COMMIT" } else { "ROLLBACK" };
        self.raw_batch(end)?;
        done
    }

    fn stands(&self, month: i64) -> DbResult<Stands> {
        let sql = format!(
            "SELECT (SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = to_regclass('{0}') \
             AND inhparent = 'seen_facts'::regclass), to_regclass('{0}') IS NOT NULL",
            name(month)
        );
        let rows = self.fetch(&sql)?;
        let row = rows.first().ok_or(DbError::NoRow)?;
        let (leaving, is_there): (Option<bool>, bool) = (row.try_get(0)?, row.try_get(1)?);
        Ok(match (leaving, is_there) {
            (Some(true), _) => Stands::Leaving,
            (Some(false), _) => Stands::Attached,
            (None, true) => Stands::Alone,
            (None, false) => Stands::Nowhere,
        })
    }
}

fn leaving(month: i64) -> DbError {
    DbError::Unreachable(format!("events of {month} are being rolled off and can't be taken in"))
}

/// Whether others were in the way for too long.
fn is_in_use(fault: &DbError) -> bool {
    match fault {
        DbError::Postgres(said) => said.code() == Some(&tokio_postgres::error::SqlState::LOCK_NOT_AVAILABLE),
        DbError::Sqlite(_) | DbError::Unreachable(_) | DbError::NoRow => false,
    }
}
