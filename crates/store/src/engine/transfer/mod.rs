//! From one database to another: everything, with its numbers, in one transaction of the target and from one state of
//! the source, compared before it counts.
//!
//! The source is not served and not written meanwhile, so nothing that was acknowledged is left behind. *Rejected:*
//! copying beside a serving process and catching up by facts: what is written without a fact (keys, settings, sessions,
//! erasures, the journal) would have to be caught up too, each in its own way, and whether it was could not be checked
//! before the switch.

mod copy;
mod ends;
mod fault;
mod numbers;
mod tables;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

pub use fault::TransferFault;

use super::database::Database;
use super::work::Work;
use super::{dump, hex, seen_facts};
use crate::db::Connection;
use crate::maintain::Progress;
use crate::tables::moving;
use copy::Tally;
use ends::{Source, Target};

/// Who is told how far it is.
pub struct Watch {
    /// Rows copied, of all.
    pub copying: Progress,
    /// Rows read back, of all.
    pub checking: Progress,
}

/// What was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transferred {
    /// Rows of all tables.
    pub rows: u64,
    /// Facts among them.
    pub facts: u64,
    /// Conversions among them.
    pub conversions: u64,
    /// SHA-256 of what `dump --canonical` writes of either side, as 64 hexadecimal digits.
    pub dump_sha256: String,
    /// From the first row read to the last one written.
    pub copying: Duration,
    /// Comparing, after that.
    pub checking: Duration,
}

/// Copies everything from one database to another, empty one, by their addresses, on either engine. The target has all
/// of it or nothing.
pub async fn transfer(from: &str, to: &str, watch: Watch) -> Result<Transferred, TransferFault> {
    let (from, to) = (from.to_owned(), to.to_owned());
    let running = tokio::task::spawn_blocking(move || run(&from, &to, &watch));
    running.await.unwrap_or_else(|fault| Err(crate::StoreError::Unavailable(fault.to_string()).into()))
}

fn run(from: &str, to: &str, watch: &Watch) -> Result<Transferred, TransferFault> {
    if from == to {
        return Err(TransferFault::Same);
    }
    let (from, to) = ((Database::parse(from)?, from), (Database::parse(to)?, to));
    let source = Source::hold(&from.0, from.1)?;
    let target = Target::hold(&to.0, to.1)?;
    let moved = all(&source.connection, &target.connection, watch)?;
    target.connection.commit().map_err(crate::StoreError::from)?;
    Ok(moved)
}

fn all(source: &Connection, target: &Connection, watch: &Watch) -> Result<Transferred, TransferFault> {
    let about = count(source)?;
    let begun = Instant::now();
    let mut done = 0;
    let mut tallies = Vec::new();
    make_months(source, target)?;
    for table in moving() {
        let tally = copy::copy(source, target, table, &mut |rows| {
            done += rows;
            (watch.copying)(done, about);
        })?;
        tallies.push((table, tally));
    }
    numbers::go_on(source, target)?;
    let copying = begun.elapsed();
    let begun = Instant::now();
    compare_tables(source, target, &tallies, about, &watch.checking)?;
    let dump_sha256 = compare_dumps(source, target)?;
    let rows =
        |wanted: &str| tallies.iter().find(|(table, _)| *table == wanted).map_or(0, |(_, tally)| tally.rows);
    Ok(Transferred {
        rows: tallies.iter().map(|(_, tally)| tally.rows).sum(),
        facts: rows("facts") + rows("seen_facts"),
        conversions: rows("conversions"),
        dump_sha256,
        copying,
        checking: begun.elapsed(),
    })
}

/// A server has to have a place for each month's events before they come.
fn make_months(source: &Connection, target: &Connection) -> Result<(), TransferFault> {
    let Some(client) = target.postgres() else { return Ok(()) };
    let work = Work::new(source);
    for month in seen_facts::all_months(&work)? {
        client.make_month(month).map_err(crate::StoreError::from)?;
    }
    Ok(())
}

fn count(source: &Connection) -> Result<u64, TransferFault> {
    let mut all = 0;
    for table in moving() {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows: i64 = source.query_row(&sql, (), |row| row.get(0))?;
        all += u64::try_from(rows).unwrap_or(0);
    }
    Ok(all)
}

/// Reads everything back that was written.
fn compare_tables(
    source: &Connection,
    target: &Connection,
    tallies: &[(&'static str, Tally)],
    about: u64,
    progress: &Progress,
) -> Result<(), TransferFault> {
    let mut done = 0;
    for (table, expected) in tallies {
        let columns = copy::columns(source, table)?;
        let found = copy::tally(target, table, &columns, &mut |rows| {
            done += rows;
            progress(done, about);
        })?;
        if found != *expected {
            return Err(TransferFault::Differs { what: format!("table {table}") });
        }
    }
    Ok(())
}

fn compare_dumps(source: &Connection, target: &Connection) -> Result<String, TransferFault> {
    let (one, other) = (dumped(source)?, dumped(target)?);
    if one == other { Ok(one) } else { Err(TransferFault::Differs { what: "`dump --canonical`".to_owned() }) }
}

fn dumped(connection: &Connection) -> Result<String, TransferFault> {
    let digest = Arc::new(Mutex::new(Sha256::new()));
    dump::dump(&Work::new(connection), Box::new(Digesting(Arc::clone(&digest))))?;
    let digest = digest.lock().unwrap_or_else(PoisonError::into_inner).clone().finalize();
    Ok(hex(&digest))
}

/// Takes bytes for their digest alone.
struct Digesting(Arc<Mutex<Sha256>>);

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Access;

    fn quiet() -> Watch {
        Watch { copying: Box::new(|_, _| {}), checking: Box::new(|_, _| {}) }
    }

    fn organizations(address: &str) -> i64 {
        let connection = Database::parse(address).unwrap().reading().unwrap();
        connection.query_row("SELECT count(*) FROM organizations", (), |row| row.get(0)).unwrap()
    }

    /// A new file with two organizations, the second one's name as given.
    fn with_organization(folder: &tempfile::TempDir, name: &str) -> String {
        let address = format!("sqlite:{}", folder.path().join("selektable.db").display());
        let (connection, _held) = Database::parse(&address).unwrap().writing(Access::Serve).unwrap();
        let sql = "INSERT INTO organizations (number, id, name, created_at) VALUES (?1, ?2, ?3, 5)";
        connection.execute(sql, crate::db::params![1_i64, vec![1_u8; 16], "Acme"]).unwrap();
        connection.execute(sql, crate::db::params![7_i64, vec![7_u8; 16], name]).unwrap();
        address
    }

    #[test]
    fn numbers_go_on_behind_those_that_were_moved() {
        let (folder, database) = (tempfile::tempdir().unwrap(), selektable_testbed::database());
        let (from, to) = (with_organization(&folder, "Beta"), database.address());
        let moved = run(&from, &to, &quiet()).unwrap();
        assert_eq!((moved.rows, moved.facts), (3, 0));
        let (connection, _held) = Database::parse(&to).unwrap().writing(Access::Serve).unwrap();
        let sql = "INSERT INTO organizations (id, name, created_at) VALUES (?1, 'Gamma', 5) RETURNING number";
        let next: i64 =
            connection.query_row(sql, crate::db::params![vec![8_u8; 16]], |row| row.get(0)).unwrap();
        assert_eq!(next, 8);
    }

    #[test]
    fn a_row_that_the_target_can_not_take_leaves_it_empty_and_is_told_with_its_table() {
        let (folder, database) = (tempfile::tempdir().unwrap(), selektable_testbed::database());
        let (from, to) = (with_organization(&folder, "no \0 in PostgreSQL"), database.address());
        let fault = run(&from, &to, &quiet()).unwrap_err();
        assert!(matches!(fault, TransferFault::Row { table: "organizations", .. }), "{fault}");
        assert_eq!(organizations(&to), 0);
    }

    #[test]
    fn rows_that_differ_in_anything_have_another_tally_whatever_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Database::parse(&with_organization(&folder, "Beta")).unwrap().reading().unwrap();
        let tally = |columns: &str| copy::tally(&connection, "organizations", columns, &mut |_| {}).unwrap();
        assert_eq!(tally("id, name"), tally("id, name"));
        assert_ne!(tally("id, name"), tally("name, id"));
        assert_ne!(tally("number, name"), tally("id, name"));
        assert_eq!(tally("id, name").rows, 2);
    }
}
