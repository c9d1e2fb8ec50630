//! Fewer round trips: what many units of work of one transaction are going to ask is asked at once before, and what
//! they insert is sent at once afterwards.
//!
//! Neither may change what any of them sees. So an answer that was fetched ahead is used only while nothing was
//! written that it depends on: inserts that are put off say which keys they concern, and any other write forgets
//! everything. And before anything is asked that was not fetched ahead, the inserts that were put off are sent.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use rusqlite::types::Value;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::Client;
use super::client::Prepared;
use super::value::{Bound, Column};
use crate::db::{DbError, DbResult, Keyed};

/// Numbers of facts that are taken at a time when nobody said how many are needed.
const NUMBERS: usize = 16;

/// Rows put off of one statement.
struct PutOff {
    sql: &'static str,
    rows: Vec<Vec<Value>>,
}

/// A statement and its parameters, or a key and its value.
type Name = (&'static str, Vec<u8>);

/// What was fetched ahead and what was put off.
#[derive(Default)]
pub(super) struct Ahead {
    put_off: Vec<PutOff>,
    /// Statements in their form for many at once.
    bulk: HashMap<String, Prepared>,
    /// Numbers for facts, in order.
    numbers: VecDeque<i64>,
    answers: HashMap<Name, Arc<Vec<Row>>>,
    /// Which answers depend on a key.
    depending: HashMap<Name, Vec<Name>>,
}

impl Ahead {
    fn forget(&mut self, key: &Name) {
        for question in self.depending.remove(key).unwrap_or_default() {
            self.answers.remove(&question);
        }
    }
}

/// Values as one key.
fn name(values: impl IntoIterator<Item = Value>) -> Vec<u8> {
    let mut name = Vec::new();
    for value in values {
        let (kind, bytes): (u8, Vec<u8>) = match value {
            Value::Null => (0, Vec::new()),
            Value::Integer(number) => (1, number.to_be_bytes().to_vec()),
            Value::Real(number) => (2, number.to_be_bytes().to_vec()),
            Value::Text(text) => (3, text.into_bytes()),
            Value::Blob(bytes) => (4, bytes),
        };
        name.push(kind);
        name.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        name.extend_from_slice(&bytes);
    }
    name
}

fn owned(values: &[&dyn rusqlite::ToSql]) -> DbResult<Vec<Value>> {
    values.iter().map(|value| Bound::of(*value).map(Bound::into_owned)).collect()
}

fn keys_of(keyed: Keyed, values: &[Value]) -> impl Iterator<Item = Name> + '_ {
    keyed.keys.iter().filter_map(move |(key, parameter)| {
        values.get(parameter - 1).map(|value| (*key, name([value.clone()])))
    })
}

impl Client {
    /// Asks statements with many sets of parameters each, all in one round trip, and keeps the answers. The first
    /// parameter is the store; each store is asked for by itself, because stores may stand on different nodes.
    pub(crate) fn fetch_ahead(&self, questions: Vec<(Keyed, Vec<Vec<Value>>)>) -> DbResult<()> {
        let questions = by_store(questions);
        self.settle()?;
        let statements: Vec<Prepared> = questions
            .iter()
            .map(|(keyed, _)| self.bulk(keyed.sql, many_questions))
            .collect::<DbResult<_>>()?;
        let stores: Vec<Bound<'_>> = questions
            .iter()
            .map(|(_, wanted)| Bound::of(&wanted[0][0] as &dyn rusqlite::ToSql))
            .collect::<DbResult<_>>()?;
        let columns: Vec<Vec<Column<'_>>> = questions.iter().map(|(_, wanted)| columns(wanted)).collect();
        let bound: Vec<Vec<&(dyn ToSql + Sync)>> = columns
            .iter()
            .zip(&stores)
            .map(|(columns, store)| {
                let others = columns.iter().skip(1).map(|column| column as &(dyn ToSql + Sync));
                std::iter::once(store as &(dyn ToSql + Sync)).chain(others).collect()
            })
            .collect();
        let asked = statements.iter().zip(bound.iter().map(Vec::as_slice));
        let answers = self.run_together(asked, Self::rows_of)?;
        drop(bound);
        drop((columns, stores));
        for ((keyed, wanted), rows) in questions.into_iter().zip(answers) {
            self.keep(keyed, wanted, rows)?;
        }
        Ok(())
    }

    /// The form of a statement that does many at once.
    fn bulk(&self, sql: &str, form: fn(&str, &[String]) -> String) -> DbResult<Prepared> {
        if let Some(known) = self.ahead.borrow().bulk.get(sql) {
            return Ok(known.clone());
        }
        let single = self.prepare(sql)?;
        let types: Vec<String> = Self::types(&single).iter().map(|kind| kind.name().to_owned()).collect();
        let prepared = self.prepare(&form(sql, &types))?;
        self.ahead.borrow_mut().bulk.insert(sql.to_owned(), prepared.clone());
        Ok(prepared)
    }

    fn keep(&self, keyed: Keyed, wanted: Vec<Vec<Value>>, rows: Vec<Row>) -> DbResult<()> {
        let mut answers: Vec<Vec<Row>> = wanted.iter().map(|_| Vec::new()).collect();
        for row in rows {
            let place: i64 = row.try_get(row.len() - 1)?;
            if let Some(answer) = usize::try_from(place - 1).ok().and_then(|place| answers.get_mut(place)) {
                answer.push(row);
            }
        }
        let mut ahead = self.ahead.borrow_mut();
        for (values, answer) in wanted.into_iter().zip(answers) {
            let question = (keyed.sql, name(values.iter().cloned()));
            for key in keys_of(keyed, &values) {
                ahead.depending.entry(key).or_default().push(question.clone());
            }
            ahead.answers.insert(question, Arc::new(answer));
        }
        Ok(())
    }

    /// The answer to a question, fetched ahead or not.
    pub(crate) fn look(&self, keyed: Keyed, values: &[&dyn rusqlite::ToSql]) -> DbResult<Arc<Vec<Row>>> {
        if !self.ahead.borrow().answers.is_empty() {
            let question = (keyed.sql, name(owned(values)?));
            if let Some(answer) = self.ahead.borrow().answers.get(&question) {
                return Ok(Arc::clone(answer));
            }
        }
        self.query(keyed.sql, values).map(Arc::new)
    }

    /// The next number of a fact. Numbers are taken some at a time, in the transaction that uses them, whose lock keeps
    /// those of one store in order.
    pub(crate) fn next_fact(&self) -> DbResult<i64> {
        if let Some(number) = self.ahead.borrow_mut().numbers.pop_front() {
            return Ok(number);
        }
        self.take_numbers(NUMBERS)?;
        self.ahead.borrow_mut().numbers.pop_front().ok_or(DbError::NoRow)
    }

    /// Takes numbers for facts that are going to be written.
    pub(crate) fn take_numbers(&self, wanted: usize) -> DbResult<()> {
        let sql =
            "SELECT nextval(pg_get_serial_sequence('facts', 'seq')) FROM generate_series(1, ?1) ORDER BY 1";
        let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
        let prepared = self.prepare(sql)?;
        let rows = self.run_rows(&prepared, &[&Bound::of(&wanted)?])?;
        let mut ahead = self.ahead.borrow_mut();
        for row in rows {
            ahead.numbers.push_back(row.try_get(0)?);
        }
        Ok(())
    }

    /// Puts an insert off that conflicts with nothing.
    pub(crate) fn put_off(&self, keyed: Keyed, values: &[&dyn rusqlite::ToSql]) -> DbResult<()> {
        let row = owned(values)?;
        let mut ahead = self.ahead.borrow_mut();
        for key in keys_of(keyed, &row) {
            ahead.forget(&key);
        }
        match ahead.put_off.iter_mut().find(|put_off| put_off.sql == keyed.sql) {
            Some(put_off) => put_off.rows.push(row),
            None => ahead.put_off.push(PutOff { sql: keyed.sql, rows: vec![row] }),
        }
        Ok(())
    }

    /// Sends what was put off, all of it in one round trip.
    pub(super) fn settle(&self) -> DbResult<()> {
        if self.ahead.borrow().put_off.is_empty() {
            return Ok(());
        }
        let put_off = std::mem::take(&mut self.ahead.borrow_mut().put_off);
        let statements: Vec<Prepared> =
            put_off.iter().map(|PutOff { sql, .. }| self.bulk(sql, many_rows)).collect::<DbResult<_>>()?;
        let columns: Vec<Vec<Column<'_>>> = put_off.iter().map(|PutOff { rows, .. }| columns(rows)).collect();
        let bound: Vec<Vec<&(dyn ToSql + Sync)>> = columns.iter().map(|columns| as_values(columns)).collect();
        self.run_together(statements.iter().zip(bound.iter().map(Vec::as_slice)), Self::count_of).map(|_| ())
    }

    async fn rows_of(
        driver: &tokio_postgres::Client,
        prepared: &Prepared,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        match prepared {
            Prepared::Kept(statement) => driver.query(statement, values).await,
            Prepared::Sent(sent) => {
                let typed: Vec<_> = values.iter().copied().zip(sent.1.iter().cloned()).collect();
                driver.query_typed(&sent.0, &typed).await
            }
        }
    }

    async fn count_of(
        driver: &tokio_postgres::Client,
        prepared: &Prepared,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, tokio_postgres::Error> {
        match prepared {
            Prepared::Kept(statement) => driver.execute(statement, values).await,
            Prepared::Sent(sent) => {
                let typed: Vec<_> = values.iter().copied().zip(sent.1.iter().cloned()).collect();
                driver.execute_typed(&sent.0, &typed).await
            }
        }
    }

    /// Runs statements one behind the other without waiting between them.
    fn run_together<'a, T>(
        &'a self,
        statements: impl Iterator<Item = (&'a Prepared, &'a [&'a (dyn ToSql + Sync)])>,
        run: impl AsyncFn(
            &'a tokio_postgres::Client,
            &'a Prepared,
            &'a [&'a (dyn ToSql + Sync)],
        ) -> Result<T, tokio_postgres::Error>,
    ) -> DbResult<Vec<T>> {
        let run = &run;
        let mut running: Vec<_> =
            statements.map(|(prepared, values)| Box::pin(run(self.driver(), prepared, values))).collect();
        let mut answers: Vec<Option<T>> = running.iter().map(|_| None).collect();
        // Each is sent when it is first asked for; all are asked before any is waited for.
        self.wait(poll_fn(|context| {
            let mut waiting = false;
            for (answer, known) in running.iter_mut().zip(&mut answers).filter(|(_, known)| known.is_none()) {
                match answer.as_mut().poll(context) {
                    Poll::Pending => waiting = true,
                    Poll::Ready(Ok(answer)) => *known = Some(answer),
                    Poll::Ready(Err(fault)) => return Poll::Ready(Err(fault)),
                }
            }
            if waiting { Poll::Pending } else { Poll::Ready(Ok(())) }
        }))?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// Forgets answers: something was written that they may depend on.
    pub(super) fn forget_ahead(&self) {
        let mut ahead = self.ahead.borrow_mut();
        if !ahead.answers.is_empty() {
            ahead.answers.clear();
            ahead.depending.clear();
        }
    }

    /// Forgets everything: the transaction is over.
    pub(crate) fn drop_pending(&self) {
        let mut ahead = self.ahead.borrow_mut();
        let bulk = std::mem::take(&mut ahead.bulk);
        *ahead = Ahead { bulk, ..Ahead::default() };
    }

    /// Forgets statements that were prepared.
    pub(super) fn forget_bulk(&self) {
        self.ahead.borrow_mut().bulk.clear();
    }
}

/// Questions of one statement and one store each; none is empty.
fn by_store(questions: Vec<(Keyed, Vec<Vec<Value>>)>) -> Vec<(Keyed, Vec<Vec<Value>>)> {
    let mut found = Vec::new();
    for (keyed, mut wanted) in questions {
        while let Some(store) = wanted.first().and_then(|values| values.first().cloned()) {
            let (of_store, others) = wanted.into_iter().partition(|values| values.first() == Some(&store));
            found.push((keyed, of_store));
            wanted = others;
        }
    }
    found
}

/// Rows as columns.
fn columns(rows: &[Vec<Value>]) -> Vec<Column<'_>> {
    let width = rows.first().map_or(0, Vec::len);
    (0..width).map(|place| Column(rows.iter().map(|row| &row[place]).collect())).collect()
}

fn as_values<'a>(columns: &'a [Column<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    columns.iter().map(|column| column as &(dyn ToSql + Sync)).collect()
}

/// `SELECT …?1…?2…` for every row of two arrays, with the row's place behind its columns. The first parameter, the
/// store, stays what it is. Questions have less than ten parameters. `OFFSET 0` keeps each a look-up of its own: a plan
/// made while the table was empty would else read all of the store and compare.
fn many_questions(sql: &str, types: &[String]) -> String {
    let inner = renamed(sql, "asked.p").replace("asked.p1", "?1");
    format!(
        "SELECT answer.*, asked.place FROM {} CROSS JOIN LATERAL ({inner} OFFSET 0) AS answer",
        asked(types, 1)
    )
}

/// `INSERT INTO t (…) VALUES (?1, ?2)` for every row of two arrays.
fn many_rows(sql: &str, types: &[String]) -> String {
    let Some((head, tail)) = sql.split_once("VALUES (") else { return sql.to_owned() };
    let (values, end) = tail.rsplit_once(')').unwrap_or((tail, ""));
    // A clause such as ON CONFLICT (…) has a bracket of its own.
    let (values, end) = match values.split_once(") ON CONFLICT") {
        Some((values, clause)) => (values, format!(" ON CONFLICT{clause}){end}")),
        None => (values, end.to_owned()),
    };
    format!("{head}SELECT {} FROM {}{end}", renamed(values, "asked.p"), asked(types, 0))
}

fn asked(types: &[String], alike: usize) -> String {
    let arrays: Vec<String> =
        (1..).zip(types).skip(alike).map(|(place, kind)| format!("?{place}::{kind}[]")).collect();
    let names: Vec<String> = (alike + 1..=types.len()).map(|place| format!("p{place}")).collect();
    format!("unnest({}) WITH ORDINALITY AS asked({}, place)", arrays.join(", "), names.join(", "))
}

/// Replaces the question marks of parameters.
fn renamed(sql: &str, by: &str) -> String {
    sql.replace('?', by)
}

#[cfg(test)]
mod tests {
    use super::{many_questions, many_rows};

    fn types() -> Vec<String> {
        vec!["int8".to_owned(), "text".to_owned()]
    }

    #[test]
    fn questions_of_one_store_name_it_once_so_that_one_node_answers_all() {
        assert_eq!(
            many_questions("SELECT a FROM t WHERE b = ?1 AND c = ?2", &types()),
            "SELECT answer.*, asked.place FROM unnest(?2::text[]) WITH ORDINALITY AS asked(p2, place) \
             CROSS JOIN LATERAL (SELECT a FROM t WHERE b = ?1 AND c = asked.p2 OFFSET 0) AS answer"
        );
    }

    #[test]
    fn one_row_becomes_many_with_its_clause() {
        assert_eq!(
            many_rows("INSERT INTO t (a, b) VALUES (?1, ?2) ON CONFLICT DO NOTHING", &types()),
            "INSERT INTO t (a, b) SELECT asked.p1, asked.p2 FROM unnest(?1::int8[], ?2::text[]) WITH ORDINALITY AS \
             asked(p1, p2, place) ON CONFLICT DO NOTHING"
        );
    }
}
