//! All facts once more, in their order, through the very functions that write live: into emptied tables after a
//! migration, or into fresh tables beside the stored ones.
//!
//! Fresh tables stand in SQLite's temporary schema under the same names. SQLite looks there first, so what writes
//! live writes here, and `main.` still names what is stored.

use selektable_domain::order::version::OrderState;

use super::conversions::{self, Head};
use super::facts::{self, StoredFact};
use super::orders::{Admission, admit};
use super::rows::collect;
use super::visitors::{self, Sight};
use super::work::{Touched, Work};
use super::{apply, claims, fold, notes, redecide, roll_offs, seen_facts};
use crate::body::{
    FactKind, read_alias, read_event, read_note, read_order, read_roll_off, read_sighting, read_visualization,
};
use crate::maintain::Progress;
use crate::{StoreError, StoreResult};

/// A derived table and the columns that name its rows.
pub(super) struct Derived {
    /// Its name.
    pub table: &'static str,
    /// Its key, in the order of its index.
    pub key: &'static str,
}

/// Everything that is a function of the facts and the rules.
pub(super) const DERIVED: [Derived; 14] = [
    Derived { table: "visitors", key: "store, visitor" },
    Derived { table: "roll_offs", key: "store, fact" },
    Derived { table: "identity_links", key: "store, visitor, at, user, origin" },
    Derived { table: "alias_table", key: "store, variant" },
    Derived { table: "carried_aliases", key: "store, variant, product" },
    Derived { table: "visualizations", key: "number" },
    Derived { table: "shown_products", key: "store, product, at, visualization" },
    Derived { table: "conversions", key: "number" },
    Derived { table: "ordered_products", key: "store, product, conversion" },
    Derived { table: "decisions", key: "store, generation, occurred_at, conversion" },
    Derived { table: "credits", key: "store, generation, conversion, visualization" },
    Derived { table: "awaited_orders", key: "store, order_id" },
    Derived { table: "claims", key: "store, kind, token, fact" },
    Derived { table: "order_tokens", key: "store, kind, token, conversion" },
];

/// What else is written on the way: journals and counters of when something was done.
const JOURNALS: [&str; 3] = ["ledger", "redecisions", "installation"];

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

/// Makes the fresh tables and fills them.
pub(super) fn replay(work: &Work<'_>, progress: &Progress) -> StoreResult<Replayed> {
    // Statements that were prepared before would still mean the stored tables.
    work.connection.flush_prepared_statement_cache();
    make_tables(work)?;
    let facts = apply_all(work, progress)?;
    let sql = "SELECT count(*) FROM temp.conversions";
    let conversions: i64 = work.connection.query_row(sql, (), |row| row.get(0))?;
    Ok(Replayed { facts, conversions: u64::try_from(conversions).unwrap_or(0) })
}

/// Fills the derived tables, which are empty. The ledger tells afterwards what it would have told live.
pub(super) fn refill(work: &Work<'_>) -> StoreResult<()> {
    let untold: Progress = Box::new(|_, _| {});
    apply_all(work, &untold).map(|_| ())
}

fn apply_all(work: &Work<'_>, progress: &Progress) -> StoreResult<u64> {
    let about = facts::count(work)?;
    let mut statement = work.connection.prepare(facts::ALL_FACTS)?;
    let mut rows = statement.query(())?;
    let mut done = 0_u64;
    while let Some(row) = rows.next()?.as_ref() {
        apply_fact(work, &facts::read_fact(row)?)?;
        done += 1;
        if done.is_multiple_of(PROGRESS_ROWS) {
            progress(done, about);
        }
    }
    drop(rows);
    done += apply_seen(work)?;
    while let Some(store) = redecide::pending(work)? {
        redecide::next_chunk(work, store)?;
    }
    progress(done, about);
    Ok(done)
}

/// Events behind all other facts, which say of which months they count. What comes out does not depend on the order.
fn apply_seen(work: &Work<'_>) -> StoreResult<u64> {
    let mut statement = work.connection.prepare(seen_facts::ALL_SEEN)?;
    let mut rows = statement.query(())?;
    let mut done = 0;
    while let Some(row) = rows.next()?.as_ref() {
        let seen = seen_facts::read_seen(row)?;
        let mut touched = Touched::default();
        visitors::see(work, seen.store, &seen.visitor, Sight::in_month(seen.month), &mut touched)?;
        redecide::touched(work, seen.store, touched, seen.received_at)?;
        done += 1;
    }
    Ok(done)
}

/// Removes the fresh tables.
pub(super) fn drop_tables(work: &Work<'_>) -> StoreResult<()> {
    work.connection.flush_prepared_statement_cache();
    for table in tables() {
        work.connection.execute_batch(&format!("DROP TABLE temp.{table}"))?;
    }
    Ok(())
}

fn tables() -> impl Iterator<Item = &'static str> {
    DERIVED.iter().map(|derived| derived.table).chain(JOURNALS)
}

/// The definitions come from the database itself, so that they are those of its migrations.
fn make_tables(work: &Work<'_>) -> StoreResult<()> {
    for table in tables() {
        if work.connection.sqlite().is_some() {
            make_like_stored(work, table)?;
        } else {
            let sql = format!("CREATE TABLE temp.{table} (LIKE main.{table} INCLUDING ALL)");
            work.connection.execute_batch(&sql)?;
        }
    }
    work.connection.execute("INSERT INTO temp.installation SELECT * FROM main.installation", ())?;
    Ok(())
}

fn make_like_stored(work: &Work<'_>, table: &str) -> StoreResult<()> {
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
    Ok(())
}

fn apply_fact(work: &Work<'_>, fact: &StoredFact<'_>) -> StoreResult<()> {
    let damaged =
        |detail: String| StoreError::Inconsistent { table: "facts", row: fact.seq.to_string(), detail };
    let (store, number) = (fact.store_number, fact.seq);
    let mut touched = Touched::default();
    match fact.kind {
        FactKind::Order => return apply_order(work, fact, damaged),
        FactKind::Visualization => {
            let content = read_visualization(fact.body).map_err(&damaged)?;
            apply::visualization(work, store, number, fact.received_at, &content, &mut touched)?;
        }
        FactKind::Event => {
            let content = read_event(fact.body).map_err(&damaged)?;
            apply::event(work, store, number, fact.received_at, &content, &mut touched)?;
        }
        FactKind::Alias => {
            let content = read_alias(fact.body).map_err(&damaged)?;
            apply::alias(work, store, number, &content, &mut touched)?;
        }
        FactKind::RollOff => {
            let before = read_roll_off(fact.body).map_err(&damaged)?;
            return roll_offs::apply(work, store, number, before);
        }
        FactKind::Sighting => {
            let content = read_sighting(fact.body).map_err(&damaged)?;
            visitors::see(work, store, &content.visitor, Sight::STAYS, &mut touched)?;
        }
        FactKind::Note => {
            let content = read_note(fact.body).map_err(&damaged)?;
            let subject = fact.subject.ok_or_else(|| damaged("it names no conversion".to_owned()))?;
            return notes::apply(work, store, subject, &content, fact.received_at);
        }
    }
    redecide::touched(work, store, touched, fact.received_at).map(|_| ())
}

fn apply_order(
    work: &Work<'_>,
    fact: &StoredFact<'_>,
    damaged: impl Fn(String) -> StoreError,
) -> StoreResult<()> {
    let content = read_order(fact.body).map_err(&damaged)?;
    let store = fact.store_number;
    let before = conversions::find(work, store, &content.order.id)?;
    let awaited = fold::awaited(work, store, &content.order.id, fact.seq)?;
    let besides = awaited.map(|(_, besides)| besides).unwrap_or_default();
    let settled = |mut state: OrderState| claims::settle(work, store, &mut state).map(|()| state);
    let mut after = match (admit(before.as_ref(), besides, &content.order, fact.received_at), &before) {
        (Admission::First(state), _) => {
            let id = fact.subject.ok_or_else(|| damaged("it names no conversion".to_owned()))?;
            Head::new(fact.seq, id, settled(state)?, content.sample)
        }
        (Admission::Changed(state, _), Some(known)) => {
            Head::new(known.number, known.id, settled(state)?, known.sample)
        }
        (Admission::Changed(..) | Admission::Unchanged | Admission::Refused(_), _) => {
            return Err(damaged(
                "it changes nothing of its order, so it can't have been taken in".to_owned(),
            ));
        }
    };
    apply::order(work, store, before.as_ref(), &mut after, fact.received_at).map(|_| ())
}
