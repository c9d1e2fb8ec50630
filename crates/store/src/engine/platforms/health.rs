//! How a platform's deliveries go.

use crate::db::params;
use selektable_domain::report::platform_orders::{PlatformOrders, PlatformOrdersTally};
use selektable_domain::time::{Range, Timestamp};

use super::super::figures::sheets::{self, Report, count};
use super::super::rows::{Reading, collect};
use super::super::work::Work;
use super::links;
use crate::StoreResult;
use crate::platforms::{CodeSeen, PlatformHealth, RECENT_MAX, TopicSeen};

/// Reads everything of one store.
pub(in super::super) fn health(work: &Work<'_>, store: i64, range: Range) -> StoreResult<PlatformHealth> {
    let mut tally = PlatformOrdersTally::default();
    sheets::tally(work, (store, Report::PlatformOrders), range, &mut tally, |range, tally| {
        count::platform_orders(work, store, range, tally)
    })?;
    let PlatformOrders { carriers, left_out } = tally.finish();
    Ok(PlatformHealth {
        topics: topics(work, store)?,
        refused: codes(work, store, range, "refused")?,
        ignored: codes(work, store, range, "ignored")?,
        orders: carriers.iter().map(|(_, orders)| orders).sum(),
        carriers,
        left_out,
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

/// Deliveries that told of an order; refused and ignored ones are none.
fn recent(work: &Work<'_>, store: i64) -> StoreResult<Vec<Timestamp>> {
    let sql = "SELECT received_at FROM deliveries WHERE store = ?1 AND topic IS NOT NULL AND organization IS NULL \
               AND source IN ('shopify', 'woocommerce') ORDER BY received_at DESC LIMIT ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![store, RECENT_MAX])?, |row| Reading::new(row, "deliveries", 0).time(0))
}
