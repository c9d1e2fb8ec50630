//! How a platform's deliveries go.

use crate::db::params;
use selektable_domain::order::platform::{Carrier, LeftOut};
use selektable_domain::time::{Range, Timestamp};

use super::super::rows::{Reading, collect};
use super::super::work::Work;
use super::links;
use crate::StoreResult;
use crate::platforms::{CodeSeen, PlatformHealth, RECENT_MAX, TopicSeen};

/// Reads everything of one store.
pub(in super::super) fn health(work: &Work<'_>, store: i64, range: Range) -> StoreResult<PlatformHealth> {
    let carriers = by_carrier(work, store, range)?;
    Ok(PlatformHealth {
        topics: topics(work, store)?,
        refused: codes(work, store, range, "refused")?,
        ignored: codes(work, store, range, "ignored")?,
        orders: carriers.iter().map(|(_, orders)| orders).sum(),
        carriers,
        left_out: left_out(work, store, range)?,
        recent: recent(work, store)?,
        link: links::get(work, store)?,
    })
}

fn topics(work: &Work<'_>, store: i64) -> StoreResult<Vec<TopicSeen>> {
    let sql = "SELECT topic, first_at, last_at, deliveries FROM topics WHERE store = ?1 ORDER BY topic";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([store])?, |row| {
        let row = Reading::new(row, "topics", 0);
        Ok(TopicSeen {
            topic: row.get(0)?,
            first_at: row.time(1)?,
            last_at: row.time(2)?,
            deliveries: row.count(3)?,
        })
    })
}

/// Refused and ignored ones are kept by organization, a bounded number of them.
fn codes(work: &Work<'_>, store: i64, range: Range, outcome: &str) -> StoreResult<Vec<CodeSeen>> {
    let sql = "SELECT code, count(*), max(received_at) FROM deliveries \
               WHERE organization = (SELECT organization FROM stores WHERE number = ?1) AND received_at >= ?2 \
               AND received_at < ?3 AND +store = ?1 AND outcome = ?4 AND code IS NOT NULL \
               AND source IN ('shopify', 'woocommerce') GROUP BY code ORDER BY 2 DESC, 1";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![store, range.from.as_millis(), range.to.as_millis(), outcome])?, |row| {
        let row = Reading::new(row, "deliveries", 0);
        Ok(CodeSeen { code: row.get(0)?, deliveries: row.count(1)?, last_at: row.time(2)? })
    })
}

/// Orders that figures don't leave out, in the order of [`Carrier::ALL`], those without a visitor last.
fn by_carrier(work: &Work<'_>, store: i64, range: Range) -> StoreResult<Vec<(Option<Carrier>, u64)>> {
    let sql = "SELECT c.carrier, count(*) FROM generations g JOIN decisions d ON d.store = g.store \
               AND d.generation = g.generation JOIN conversions c ON c.number = d.conversion AND +c.store = d.store \
               WHERE g.store = ?1 AND g.state = 'live' AND d.occurred_at >= ?2 AND d.occurred_at < ?3 \
               AND c.source IN ('shopify', 'woocommerce') AND c.left_out IS NULL GROUP BY c.carrier";
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut found: Vec<(Option<Carrier>, u64)> =
        collect(statement.query(params![store, range.from.as_millis(), range.to.as_millis()])?, |row| {
            let row = Reading::new(row, "conversions", 0);
            let carrier = match row.text_if(0)? {
                Some(_) => Some(row.code(0, Carrier::from_code)?),
                None => None,
            };
            Ok((carrier, row.count(1)?))
        })?;
    found.sort_by_key(|(carrier, _)| (carrier.is_none(), *carrier));
    Ok(found)
}

fn left_out(work: &Work<'_>, store: i64, range: Range) -> StoreResult<Vec<(LeftOut, u64)>> {
    let sql = "SELECT c.left_out, count(*) FROM generations g JOIN decisions d ON d.store = g.store \
               AND d.generation = g.generation JOIN conversions c ON c.number = d.conversion AND +c.store = d.store \
               WHERE g.store = ?1 AND g.state = 'live' AND d.occurred_at >= ?2 AND d.occurred_at < ?3 \
               AND d.left_out = 1 AND c.source IN ('shopify', 'woocommerce') GROUP BY c.left_out ORDER BY 1";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![store, range.from.as_millis(), range.to.as_millis()])?, |row| {
        let row = Reading::new(row, "conversions", 0);
        Ok((row.code(0, LeftOut::from_code)?, row.count(1)?))
    })
}

/// Deliveries that told of an order; refused and ignored ones are none.
fn recent(work: &Work<'_>, store: i64) -> StoreResult<Vec<Timestamp>> {
    let sql = "SELECT received_at FROM deliveries WHERE store = ?1 AND topic IS NOT NULL AND organization IS NULL \
               AND source IN ('shopify', 'woocommerce') ORDER BY received_at DESC LIMIT ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![store, RECENT_MAX])?, |row| Reading::new(row, "deliveries", 0).time(0))
}
