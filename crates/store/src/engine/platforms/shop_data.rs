//! Everything of a store's visitors and orders goes: a shop asked for it. The store, its rules and its widgets stay.

use crate::db::params;

use super::super::erasure::wipe;
use super::super::rows::collect;
use super::super::work::Work;
use crate::StoreResult;

/// What is deleted, each by its store; what refers to others comes first.
const DELETIONS: [&str; 32] = [
    "DELETE FROM deliveries WHERE store = ?1",
    "DELETE FROM ledger WHERE store = ?1",
    "DELETE FROM credits WHERE store = ?1",
    "DELETE FROM decisions WHERE store = ?1",
    "DELETE FROM redecisions WHERE store = ?1",
    "DELETE FROM ordered_products WHERE store = ?1",
    "DELETE FROM order_tokens WHERE store = ?1",
    "DELETE FROM awaited_orders WHERE store = ?1",
    "DELETE FROM claims WHERE store = ?1",
    "DELETE FROM conversions WHERE store = ?1",
    "DELETE FROM shown_products WHERE store = ?1",
    "DELETE FROM visualizations WHERE store = ?1",
    "DELETE FROM visitors WHERE store = ?1",
    "DELETE FROM identity_links WHERE store = ?1",
    "DELETE FROM carried_aliases WHERE store = ?1",
    "DELETE FROM alias_table WHERE store = ?1",
    "DELETE FROM rollups WHERE store = ?1",
    "DELETE FROM rollup_changes WHERE store = ?1",
    "DELETE FROM sheets WHERE store = ?1",
    "DELETE FROM sheets_wanted WHERE store = ?1",
    "DELETE FROM visitor_days WHERE store = ?1",
    "DELETE FROM visitor_returns WHERE store = ?1",
    "DELETE FROM unnoted_visits WHERE store = ?1",
    "DELETE FROM dry_runs WHERE store = ?1",
    "DELETE FROM facts WHERE store = ?1",
    "DELETE FROM seen_facts WHERE store = ?1",
    "DELETE FROM roll_offs WHERE store = ?1",
    "DELETE FROM roll_off_runs WHERE store = ?1",
    "DELETE FROM topics WHERE store = ?1",
    "DELETE FROM pulls WHERE store = ?1",
    "DELETE FROM platform_links WHERE store = ?1",
    // A set that is being built has nothing to be built from any more.
    "DELETE FROM generations WHERE store = ?1 AND state <> 'live'",
];

/// Deletes it.
pub(in super::super) fn delete(work: &Work<'_>, store: i64) -> StoreResult<()> {
    wipe::overwriting(work, || {
        delete_pictures(work, store)?;
        for sql in DELETIONS {
            work.connection.prepare_cached(sql)?.execute(params![store])?;
        }
        wipe::free_pages(work)?;
        work.empty_log();
        work.change_settings()
    })
}

/// Pictures don't name their store. They are looked up first, because they may stand on another node than visualizations.
fn delete_pictures(work: &Work<'_>, store: i64) -> StoreResult<()> {
    let sql = "SELECT p.token FROM pictures p JOIN visualizations v ON v.number = p.visualization WHERE v.store = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    let tokens: Vec<String> = collect(statement.query(params![store])?, |row| Ok(row.get(0)?))?;
    let mut delete = work.connection.prepare_cached("DELETE FROM pictures WHERE token = ?1")?;
    tokens.iter().try_for_each(|token| delete.execute(params![token]).map(|_| ()))?;
    Ok(())
}
