//! Stored and recomputed tables side by side, row by row in the order of their keys, with two rows in memory.

use std::cmp::Ordering;

use crate::db::Rows;
use crate::db::types::{Value, ValueRef};

use super::replay::{DERIVED, Derived};
use super::rows::display;
use super::work::Work;
use crate::StoreResult;
use crate::maintain::CheckReport;

/// Compares every derived table and notes what differs.
pub(super) fn compare(work: &Work<'_>, report: &mut CheckReport) -> StoreResult<()> {
    DERIVED.iter().try_for_each(|derived| compare_table(work, derived, report))
}

pub(super) fn compare_table(work: &Work<'_>, derived: &Derived, report: &mut CheckReport) -> StoreResult<()> {
    let Derived { table, key } = derived;
    let sql = |schema: &str| format!("SELECT * FROM {schema}.{table} ORDER BY {key}");
    let mut stored = work.connection.prepare(&sql("main"))?;
    let mut fresh = work.connection.prepare(&sql("temp"))?;
    let columns = stored.column_names()?;
    let place = |name: &str| columns.iter().position(|column| column == name).unwrap_or(0);
    let pass = Pass { table, keys: key.split(", ").map(place).collect(), columns: &columns };
    let (mut stored, mut fresh) = (stored.query(())?, fresh.query(())?);
    let mut pair = (next(&mut stored, &columns)?, next(&mut fresh, &columns)?);
    loop {
        let side = match &pair {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => pass.order(one, other),
        };
        if let Some(words) = pass.difference(&pair, side) {
            report.differences += 1;
            report.first_difference.get_or_insert(words);
        }
        if side != Ordering::Greater {
            pair.0 = next(&mut stored, &columns)?;
        }
        if side != Ordering::Less {
            pair.1 = next(&mut fresh, &columns)?;
        }
    }
}

type Line = Vec<Value>;

fn next(rows: &mut Rows<'_>, columns: &[String]) -> StoreResult<Option<Line>> {
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some((0..columns.len()).map(|column| row.get(column)).collect::<crate::db::DbResult<_>>()?))
}

struct Pass<'a> {
    table: &'a str,
    keys: Vec<usize>,
    columns: &'a [String],
}

impl Pass<'_> {
    fn order(&self, one: &Line, other: &Line) -> Ordering {
        let order = |place: &usize| match (&one[*place], &other[*place]) {
            (Value::Integer(one), Value::Integer(other)) => one.cmp(other),
            (Value::Text(one), Value::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
            // Keys are numbers and texts, and a column of a strict table holds one of them.
            _ => Ordering::Equal,
        };
        self.keys.iter().map(order).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    fn difference(&self, pair: &(Option<Line>, Option<Line>), side: Ordering) -> Option<String> {
        match (side, pair) {
            (Ordering::Less, (Some(line), _)) => {
                Some(format!("{} is stored, and no fact gives it", self.name(line)))
            }
            (Ordering::Greater, (_, Some(line))) => {
                Some(format!("{} follows from the facts, and is not stored", self.name(line)))
            }
            (_, (Some(stored), Some(fresh))) => {
                let column = (0..stored.len()).find(|column| stored[*column] != fresh[*column])?;
                let (name, was) = (&self.columns[column], display(ValueRef::from(&stored[column])));
                let is = display(ValueRef::from(&fresh[column]));
                Some(format!("{}: column {name} is {was}, the facts give {is}", self.name(stored)))
            }
            _ => None,
        }
    }

    fn name(&self, line: &Line) -> String {
        let key: Vec<String> = self.keys.iter().map(|place| display(ValueRef::from(&line[*place]))).collect();
        format!("row {} of {}", key.join(", "), self.table)
    }
}
