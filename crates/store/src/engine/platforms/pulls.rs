//! Orders that were looked up at the platform itself.

use crate::db::params;
use selektable_domain::opaque::OrderId;
use selektable_domain::order::Order;

use serde::{Deserialize, Serialize};

use super::super::conversions;
use super::super::rows::{Reading, collect};
use super::super::work::Work;
use crate::StoreResult;
use crate::platforms::{PULLS_KEPT_MAX, PullLine, PullMode, PullRun, PullState};
use selektable_domain::report::reconciliation::{Comparison, FieldDifference, compare};

/// A line as it stands in its row.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineBody {
    order: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    differs: Vec<DifferenceBody>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passed_over: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct DifferenceBody {
    field: String,
    ours: String,
    theirs: String,
}

impl LineBody {
    /// What is the same has no line.
    fn of(line: &PullLine) -> Option<Self> {
        let (differs, passed_over) = match &line.found {
            Comparison::Same => return None,
            Comparison::Missing => (&[][..], None),
            Comparison::Differs(fields) => (fields.as_slice(), None),
            Comparison::PassedOver(code) => (&[][..], Some(code.clone())),
        };
        let body = |one: &FieldDifference| DifferenceBody {
            field: one.field.clone(),
            ours: one.ours.clone(),
            theirs: one.theirs.clone(),
        };
        Some(Self {
            order: line.order.to_string(),
            number: line.number.clone(),
            differs: differs.iter().map(body).collect(),
            passed_over,
        })
    }

    fn line(self) -> Result<PullLine, String> {
        let order = OrderId::parse(&self.order).map_err(|fault| fault.to_string())?;
        let field =
            |one: DifferenceBody| FieldDifference { field: one.field, ours: one.ours, theirs: one.theirs };
        let found = match self.passed_over {
            Some(code) => Comparison::PassedOver(code),
            None if self.differs.is_empty() => Comparison::Missing,
            None => Comparison::Differs(self.differs.into_iter().map(field).collect()),
        };
        Ok(PullLine { order, number: self.number, found })
    }
}

/// Writes how far a pull is.
pub(in super::super) fn save(work: &Work<'_>, store: i64, run: &PullRun) -> StoreResult<()> {
    let (state, fault) = match &run.state {
        PullState::Running => ("running", None),
        PullState::Done => ("done", None),
        PullState::Failed(words) => ("failed", Some(words)),
    };
    let lines: Vec<LineBody> = run.lines.iter().filter_map(LineBody::of).collect();
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let sql = "INSERT INTO pulls (store, started_at, mode, since, cursor, state, fault, updated_at, orders, missing, \
               differing, same, passed_over, lines) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) \
               ON CONFLICT (store, started_at) DO UPDATE SET cursor = excluded.cursor, state = excluded.state, fault = excluded.fault, \
               updated_at = excluded.updated_at, orders = excluded.orders, missing = excluded.missing, \
               differing = excluded.differing, same = excluded.same, passed_over = excluded.passed_over, \
               lines = excluded.lines";
    work.connection.prepare_cached(sql)?.execute(params![
        store,
        run.started_at.as_millis(),
        run.mode.code(),
        run.since.as_millis(),
        run.cursor,
        state,
        fault,
        run.updated_at.as_millis(),
        count(run.orders),
        count(run.missing),
        count(run.differing),
        count(run.same),
        count(run.passed_over),
        serde_json::to_string(&lines).unwrap_or_default(),
    ])?;
    let sql = "DELETE FROM pulls WHERE store = ?1 AND started_at NOT IN \
               (SELECT started_at FROM pulls WHERE store = ?1 ORDER BY started_at DESC LIMIT ?2)";
    work.connection.prepare_cached(sql)?.execute(params![store, PULLS_KEPT_MAX])?;
    Ok(())
}

/// A store's pulls, newest first.
pub(in super::super) fn list(work: &Work<'_>, store: i64) -> StoreResult<Vec<PullRun>> {
    let sql = "SELECT started_at, mode, since, cursor, state, fault, updated_at, orders, missing, differing, same, \
               passed_over, lines FROM pulls WHERE store = ?1 ORDER BY started_at DESC";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([store])?, |row| {
        let row = Reading::new(row, "pulls", 0);
        let state = match (row.text(4)?, row.text_if(5)?) {
            ("running", _) => PullState::Running,
            ("done", _) => PullState::Done,
            ("failed", words) => PullState::Failed(words.unwrap_or_default().to_owned()),
            _ => return Err(row.damaged("its state is not known")),
        };
        let bodies: Vec<LineBody> =
            serde_json::from_str(row.text(12)?).map_err(|fault| row.damaged(fault.to_string()))?;
        let lines = bodies.into_iter().map(LineBody::line).collect::<Result<Vec<_>, _>>();
        Ok(PullRun {
            started_at: row.time(0)?,
            mode: row.code(1, PullMode::from_code)?,
            since: row.time(2)?,
            cursor: row.get(3)?,
            state,
            updated_at: row.time(6)?,
            orders: row.count(7)?,
            missing: row.count(8)?,
            differing: row.count(9)?,
            same: row.count(10)?,
            passed_over: row.count(11)?,
            lines: lines.map_err(|fault| row.damaged(fault))?,
        })
    })
}

/// Compares orders with what is here.
pub(in super::super) fn compare_all(
    work: &Work<'_>,
    store: i64,
    orders: &[Order],
) -> StoreResult<Vec<Comparison>> {
    orders
        .iter()
        .map(|order| {
            let head = conversions::find(work, store, &order.id)?;
            Ok(compare(head.as_ref().map(|head| &head.order), order))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_as_they_were() {
        let order = OrderId::parse("1").unwrap();
        let field =
            FieldDifference { field: "status".into(), ours: "pending".into(), theirs: "completed".into() };
        for found in
            [Comparison::Missing, Comparison::Differs(vec![field]), Comparison::PassedOver("draft".into())]
        {
            let line = PullLine { order: order.clone(), number: Some("#1".into()), found };
            assert_eq!(LineBody::of(&line).unwrap().line(), Ok(line));
        }
        let same = PullLine { order, number: None, found: Comparison::Same };
        assert!(LineBody::of(&same).is_none());
    }
}
