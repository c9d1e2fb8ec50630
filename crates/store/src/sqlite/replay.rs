//! All facts once more, in their order, into fresh tables beside the stored ones.
//!
//! The fresh tables stand in SQLite's temporary schema under the same names. SQLite looks there first, so the very
//! functions that write live write here, and `main.` still names what is stored. Every conversion is decided once
//! more at the end, so the result does not rest on who was decided again when.

use rusqlite::params;

use super::conversions::{self, Head};
use super::facts::{self, StoredFact};
use super::orders::{Admission, admit};
use super::rows::{collect, first};
use super::work::{Touched, Work, rules_of_version};
use super::{apply, decisions};
use crate::body::{FactKind, read_event, read_order, read_visualization};
use crate::maintain::Progress;
use crate::{StoreError, StoreResult};

/// A derived table and the columns that name its rows.
pub(super) struct Derived {
    /// Its name.
    pub table: &'static str,
    /// Its key, in the order of its index.
    pub key: &'static str,
}

/// Everything that is made from facts.
pub(super) const DERIVED: [Derived; 6] = [
    Derived { table: "visitors", key: "store, visitor" },
    Derived { table: "identity_links", key: "store, visitor, at, user, origin" },
    Derived { table: "visualizations", key: "number" },
    Derived { table: "products_seen", key: "store, product" },
    Derived { table: "conversions", key: "number" },
    Derived { table: "credits", key: "conversion, visualization" },
];

/// Rows between two calls of a progress function.
pub(super) const PROGRESS_ROWS: u64 = 1_000;

/// What a replay went through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replayed {
    /// Facts.
    pub facts: u64,
    /// Conversions.
    pub conversions: u64,
}

/// Which rules decide where a store's conversions are only partly decided under its newest ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RulesOf {
    /// The newest ones.
    Newest,
    /// Those the stored decision names: to compare with what is stored.
    Stored,
}

/// Makes the fresh tables and fills them.
pub(super) fn replay(work: &Work<'_>, rules_of: RulesOf, progress: &Progress) -> StoreResult<Replayed> {
    // Statements that were prepared before would still mean the stored tables.
    work.connection.flush_prepared_statement_cache();
    make_tables(work)?;
    let about = facts::count(work)?;
    let mut statement = work.connection.prepare(facts::ALL_FACTS)?;
    let mut rows = statement.query([])?;
    let mut done = 0_u64;
    while let Some(row) = rows.next()? {
        apply_fact(work, &facts::read_fact(row)?)?;
        done += 1;
        if done.is_multiple_of(PROGRESS_ROWS) {
            progress(done, about);
        }
    }
    let conversions = decide_all(work, rules_of)?;
    progress(done, about);
    Ok(Replayed { facts: done, conversions })
}

/// Removes the fresh tables.
pub(super) fn drop_tables(work: &Work<'_>) -> StoreResult<()> {
    work.connection.flush_prepared_statement_cache();
    for Derived { table, .. } in DERIVED {
        work.connection.execute_batch(&format!("DROP TABLE temp.{table}"))?;
    }
    Ok(())
}

/// The definitions come from the file itself, so that they are those of its migrations.
fn make_tables(work: &Work<'_>) -> StoreResult<()> {
    for Derived { table, .. } in DERIVED {
        let sql = "SELECT sql FROM main.sqlite_schema WHERE tbl_name = ?1 AND sql IS NOT NULL \
                   ORDER BY type = 'index', name";
        let mut statement = work.connection.prepare(sql)?;
        let definitions: Vec<String> = collect(statement.query([table])?, |row| Ok(row.get(0)?))?;
        for definition in definitions {
            let aside = definition
                .replacen("CREATE TABLE ", "CREATE TABLE temp.", 1)
                .replacen("CREATE INDEX ", "CREATE INDEX temp.", 1)
                .replacen("CREATE UNIQUE INDEX ", "CREATE UNIQUE INDEX temp.", 1);
            work.connection.execute_batch(&aside)?;
        }
    }
    Ok(())
}

fn apply_fact(work: &Work<'_>, fact: &StoredFact<'_>) -> StoreResult<()> {
    let damaged =
        |detail: String| StoreError::Inconsistent { table: "facts", row: fact.seq.to_string(), detail };
    let (store, number) = (fact.store_number, fact.seq);
    let touched = &mut Touched::Ignored;
    match fact.kind {
        FactKind::Order => apply_order(work, fact, damaged),
        FactKind::Visualization => {
            let content = read_visualization(fact.body).map_err(damaged)?;
            apply::visualization(work, store, number, fact.received_at, &content, touched)
        }
        FactKind::Event => {
            let content = read_event(fact.body).map_err(damaged)?;
            apply::event(work, store, number, &content, touched)
        }
    }
}

fn apply_order(
    work: &Work<'_>,
    fact: &StoredFact<'_>,
    damaged: impl Fn(String) -> StoreError,
) -> StoreResult<()> {
    let content = read_order(fact.body).map_err(&damaged)?;
    let before = conversions::find(work, fact.store_number, &content.order.id)?;
    let after = match (admit(before.as_ref(), &content.order, fact.received_at), &before) {
        (Admission::First(state), _) => {
            let id = fact.subject.ok_or_else(|| damaged("it names no conversion".to_owned()))?;
            Head::new(fact.seq, id, state, content.sample)
        }
        (Admission::Changed(state, _), Some(known)) => Head::new(known.number, known.id, state, known.sample),
        (Admission::Changed(..) | Admission::Unchanged | Admission::Refused(_), _) => {
            return Err(damaged(
                "it changes nothing of its order, so it can't have been taken in".to_owned(),
            ));
        }
    };
    apply::order(work, fact.store_number, before.as_ref(), &after, &mut Touched::Ignored).map(|_| ())
}

/// Conversions looked up at a time.
const DECIDED_AT_A_TIME: i64 = 1_000;

fn decide_all(work: &Work<'_>, rules_of: RulesOf) -> StoreResult<u64> {
    let mut done = 0;
    let mut after = i64::MIN;
    loop {
        let sql = "SELECT number FROM conversions WHERE number > ?1 ORDER BY number LIMIT ?2";
        let mut statement = work.connection.prepare_cached(sql)?;
        let numbers: Vec<i64> = collect(statement.query([after, DECIDED_AT_A_TIME])?, |row| Ok(row.get(0)?))?;
        let Some(last) = numbers.last() else { return Ok(done) };
        after = *last;
        for number in numbers {
            decide(work, number, rules_of)?;
            done += 1;
        }
    }
}

fn decide(work: &Work<'_>, number: i64, rules_of: RulesOf) -> StoreResult<()> {
    let Some((store, head)) = conversions::by_number(work, number)? else { return Ok(()) };
    let rules = match rules_of {
        RulesOf::Newest => work.rules(store)?,
        RulesOf::Stored => match stored_version(work, store, number)? {
            Some(version) => rules_of_version(work.connection, store, version)?,
            None => work.rules(store)?,
        },
    };
    let row = decisions::decide_under(work, store, &head, &rules)?.row;
    decisions::replace(work, store, number, &row).map(|_| ())
}

/// The rules of a stored decision, in a store that is still being decided again.
fn stored_version(work: &Work<'_>, store: i64, number: i64) -> StoreResult<Option<u32>> {
    let sql = "SELECT c.ruleset_version FROM main.conversions c JOIN stores s ON s.number = c.store \
               WHERE c.number = ?1 AND s.number = ?2 AND s.redecide_after IS NOT NULL";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(params![number, store])?, |row| Ok(row.get(0)?))
}
