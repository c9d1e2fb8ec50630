//! Fewer round trips: what many units of work of one transaction are going to ask is asked at once before, and what
//! they insert is sent at once afterwards.
//!
//! Neither may change what any of them sees. So an answer that was fetched ahead is used only while nothing was
//! written that it depends on: inserts that are put off say which keys they concern, and any other write forgets
//! everything. And before anything is asked that was not fetched ahead, the inserts that were put off are sent.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::pin::Pin;
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
    /// Asks one statement with many sets of parameters in one round trip, and keeps the answers. The first parameter
    /// is the store: where stores stand on different nodes, each is asked for by itself.
    pub(crate) fn fetch_ahead(&self, keyed: Keyed, mut wanted: Vec<Vec<Value>>) -> DbResult<()> {
        if !self.is_distributed() {
            return self.fetch_many(keyed, wanted, 0);
        }
        while let Some(store) = wanted.first().and_then(|values| values.first().cloned()) {
            let (of_store, others) = wanted.into_iter().partition(|values| values.first() == Some(&store));
            self.fetch_many(keyed, of_store, 1)?;
            wanted = others;
        }
        Ok(())
    }

    /// Asks with many sets of parameters, of which the first `alike` are the same in all.
    fn fetch_many(&self, keyed: Keyed, wanted: Vec<Vec<Value>>, alike: usize) -> DbResult<()> {
        let Some(first) = wanted.first() else { return Ok(()) };
        self.settle()?;
        let single = self.prepare(keyed.sql)?;
        let types: Vec<String> = Self::types(&single).iter().map(|kind| kind.name().to_owned()).collect();
        let bulk = self.prepare(&many_questions(keyed.sql, &types, alike))?;
        let fixed: Vec<Bound<'_>> =
            first[..alike].iter().map(|value| Bound::of(value)).collect::<DbResult<_>>()?;
        let columns: Vec<Column<'_>> = (alike..types.len())
            .map(|place| Column(wanted.iter().map(|values| &values[place]).collect()))
            .collect();
        let bound: Vec<&(dyn ToSql + Sync)> = fixed
            .iter()
            .map(|value| value as &(dyn ToSql + Sync))
            .chain(columns.iter().map(|column| column as &(dyn ToSql + Sync)))
            .collect();
        let rows = self.run_rows(&bulk, &bound)?;
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
        let mut statements: Vec<Prepared> = Vec::new();
        for PutOff { sql, .. } in &put_off {
            let single = self.prepare(sql)?;
            let types: Vec<String> = Self::types(&single).iter().map(|kind| kind.name().to_owned()).collect();
            statements.push(self.prepare(&many_rows(sql, &types))?);
        }
        let columns: Vec<Vec<Column<'_>>> = put_off
            .iter()
            .map(|PutOff { rows, .. }| {
                let width = rows.first().map_or(0, Vec::len);
                (0..width).map(|place| Column(rows.iter().map(|row| &row[place]).collect())).collect()
            })
            .collect();
        let bound: Vec<Vec<&(dyn ToSql + Sync)>> = columns
            .iter()
            .map(|columns| columns.iter().map(|column| column as &(dyn ToSql + Sync)).collect())
            .collect();
        self.run_together(statements.iter().zip(bound.iter().map(Vec::as_slice)))
    }

    /// Runs statements one behind the other without waiting between them.
    fn run_together<'a>(
        &self,
        statements: impl Iterator<Item = (&'a Prepared, &'a [&'a (dyn ToSql + Sync)])>,
    ) -> DbResult<()> {
        type Running<'r> = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + 'r>>;
        let mut running: Vec<Option<Running<'_>>> = statements
            .map(|(prepared, values)| {
                let client = self.driver();
                let answer: Running<'_> = match prepared {
                    Prepared::Kept(statement) => Box::pin(client.execute(statement, values)),
                    Prepared::Sent(sent) => {
                        let typed: Vec<_> = values.iter().copied().zip(sent.1.iter().cloned()).collect();
                        Box::pin(async move { client.execute_typed(&sent.0, &typed).await })
                    }
                };
                Some(answer)
            })
            .collect();
        // Each is sent when it is first asked for; all are asked before any is waited for.
        self.wait(poll_fn(|context| {
            let mut waiting = false;
            for place in &mut running {
                let Some(answer) = place else { continue };
                match answer.as_mut().poll(context) {
                    Poll::Pending => waiting = true,
                    Poll::Ready(Ok(_)) => *place = None,
                    Poll::Ready(Err(fault)) => return Poll::Ready(Err(fault)),
                }
            }
            if waiting { Poll::Pending } else { Poll::Ready(Ok(())) }
        }))
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
        *self.ahead.borrow_mut() = Ahead::default();
    }
}

/// `SELECT …?1…?2…` for every row of two arrays, with the row's place behind its columns. The first `alike` parameters
/// stay what they are.
fn many_questions(sql: &str, types: &[String], alike: usize) -> String {
    let inner = (1..=alike).fold(renamed(sql, "asked.p"), |inner, place| {
        let (column, parameter) = (format!("asked.p{place}"), format!("?{place}"));
        let pieces: Vec<&str> = inner.split(&column).collect();
        // `asked.p1` also begins `asked.p10`.
        pieces.iter().skip(1).fold(pieces[0].to_owned(), |done, piece| {
            let longer = piece.starts_with(|next: char| next.is_ascii_digit());
            format!("{done}{}{piece}", if longer { &column } else { &parameter })
        })
    });
    format!(
        "SELECT answer.*, asked.place FROM {} CROSS JOIN LATERAL ({inner}) AS answer",
        asked(types, alike)
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
    fn one_question_becomes_many() {
        assert_eq!(
            many_questions("SELECT a FROM t WHERE b = ?1 AND c = ?2", &types(), 0),
            "SELECT answer.*, asked.place FROM unnest(?1::int8[], ?2::text[]) WITH ORDINALITY AS asked(p1, p2, place) \
             CROSS JOIN LATERAL (SELECT a FROM t WHERE b = asked.p1 AND c = asked.p2) AS answer"
        );
    }

    #[test]
    fn questions_of_one_store_name_it_once_so_that_one_node_answers_all() {
        assert_eq!(
            many_questions("SELECT a FROM t WHERE b = ?1 AND c = ?2", &types(), 1),
            "SELECT answer.*, asked.place FROM unnest(?2::text[]) WITH ORDINALITY AS asked(p2, place) \
             CROSS JOIN LATERAL (SELECT a FROM t WHERE b = ?1 AND c = asked.p2) AS answer"
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
