//! Of whom it is kept that they were seen: of visitors of conversions whom only events prove that are about to go.

use crate::db::params;
use selektable_domain::opaque::VisitorId;
use selektable_domain::time::Timestamp;

use super::super::facts::{self, NewFact};
use super::super::interface::Engine;
use super::super::roll_offs;
use super::super::rows::{Reading, collect, first};
use super::super::seen_facts;
use super::super::visitors::{self, Sight};
use super::super::work::Work;
use super::{Run, Stage, advance, newest_fact, overtaken};
use crate::StoreResult;
use crate::body::{FactKind, SightingFact, write_roll_off, write_sighting};
use crate::postgres::locks::Scope;

/// Most visitors of one transaction.
const VISITORS_MAX: usize = 500;
/// Most facts that one transaction looks through for late orders.
const FACTS_MAX: i64 = 2_000;

/// Keeps the next ones of all visitors. Found on a reader: it may have to go through very many that need nothing.
pub(super) async fn of_conversions(engine: &Engine, run: Run, now: Timestamp) -> StoreResult<()> {
    let wanted = run.clone();
    let found = engine.read(move |work| next(work, &wanted)).await?;
    let scope = Scope::Store(run.store);
    let write = move |work: &Work<'_>| {
        let to = match found.last().filter(|_| found.len() == VISITORS_MAX) {
            Some(last) => (Stage::Keep, run.facts_to, last.as_str()),
            None => (Stage::Late, run.facts_to, ""),
        };
        if !advance(work, &run, to)? {
            return Err(overtaken());
        }
        found.iter().try_for_each(|visitor| keep(work, &run, visitor, now))
    };
    engine.writer()?.write(scope, usize::MAX, write).await
}

fn next(work: &Work<'_>, run: &Run) -> StoreResult<Vec<VisitorId>> {
    let sql = format!(
        "SELECT v.visitor FROM visitors v WHERE v.store = ?1 AND v.visitor > ?2 AND v.stays = 0 \
         AND v.seen_month < ?3 AND EXISTS (SELECT 1 FROM conversions c WHERE c.store = v.store \
         AND c.visitor = v.visitor) ORDER BY v.visitor LIMIT {VISITORS_MAX}"
    );
    let mut statement = work.connection.prepare_cached(&sql)?;
    collect(statement.query(params![run.store, run.after, run.before])?, |row| {
        Reading::new(row, "visitors", 0).opaque(0, VisitorId::parse)
    })
}

/// Keeps those of orders that came since; when all were looked at, events before the month are gone. Under the store's
/// lock, so none can come between the last look and the fact that says so.
pub(super) async fn of_late_orders(engine: &Engine, run: Run, now: Timestamp) -> StoreResult<()> {
    let scope = Scope::Store(run.store);
    let write = move |work: &Work<'_>| {
        let newest = newest_fact(work)?;
        let to = newest.min(run.facts_to.saturating_add(FACTS_MAX));
        let stage = if to == newest { Stage::Sweep } else { Stage::Late };
        if !advance(work, &run, (stage, to, ""))? {
            return Err(overtaken());
        }
        for visitor in late(work, &run, to)? {
            keep(work, &run, &visitor, now)?;
        }
        if stage == Stage::Sweep { say(work, &run, now) } else { Ok(()) }
    };
    engine.writer()?.write(scope, usize::MAX, write).await
}

/// An order's visitor may change with each of its snapshots.
fn late(work: &Work<'_>, run: &Run, to: i64) -> StoreResult<Vec<VisitorId>> {
    let sql = "SELECT DISTINCT c.visitor FROM facts f \
               JOIN facts g ON g.subject = f.subject AND g.kind = 'order' AND +g.store = ?1 \
               JOIN conversions c ON c.number = g.seq AND +c.store = ?1 \
               JOIN visitors v ON v.store = ?1 AND v.visitor = c.visitor \
               WHERE f.seq > ?2 AND f.seq <= ?3 AND +f.store = ?1 AND f.kind = 'order' \
               AND v.stays = 0 AND v.seen_month < ?4 ORDER BY c.visitor";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![run.store, run.facts_to, to, run.before])?, |row| {
        Reading::new(row, "conversions", 0).opaque(0, VisitorId::parse)
    })
}

/// Says by a fact that stays that a visitor was seen, where it was, and nothing else that stays says so.
fn keep(work: &Work<'_>, run: &Run, visitor: &VisitorId, now: Timestamp) -> StoreResult<()> {
    let Some((known, first_kept)) = visitors::look(work, run.store, visitor)? else { return Ok(()) };
    if known.stays || !known.counts(first_kept) || known.month >= run.before {
        return Ok(());
    }
    let sql = "SELECT min(occurred_at) FROM conversions WHERE store = ?1 AND visitor = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    let at: Option<i64> = statement.query_row(params![run.store, visitor.as_str()], |row| row.get(0))?;
    let Some(at) = at.map(Timestamp::from_millis) else { return Ok(()) };
    let body = write_sighting(&SightingFact { visitor: visitor.clone(), at });
    append(work, run, (FactKind::Sighting, None, &body), now)?;
    visitors::write(work, run.store, visitor, known.join(Sight::STAYS))
}

/// Events before the month count for nothing from here on.
fn say(work: &Work<'_>, run: &Run, now: Timestamp) -> StoreResult<()> {
    let month = seen_facts::month(run.before)?;
    let body = write_roll_off(month);
    match append(work, run, (FactKind::RollOff, Some(&run.before.to_string()), &body), now)? {
        Some(number) => roll_offs::apply(work, run.store, number, month),
        None => Ok(()),
    }
}

fn append(
    work: &Work<'_>,
    run: &Run,
    (kind, key, body): (FactKind, Option<&str>, &str),
    now: Timestamp,
) -> StoreResult<Option<i64>> {
    let sql = "SELECT number, id FROM stores WHERE number = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    let found = first(statement.query([run.store])?, |row| Reading::new(row, "stores", 0).id(1))?;
    let Some(store) = found else { return Ok(None) };
    let store_number = run.store;
    facts::append(work, NewFact { store_number, store, kind, key, subject: None, received_at: now, body })
}
