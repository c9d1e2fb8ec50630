//! Tables over many machines, where the `citus` extension is there.
//!
//! Everything that grows with a shop's traffic is distributed by `store` and placed together, so that all rows of one
//! store stand on one node and whatever is asked of one store is asked there. A store belongs to one organization for
//! ever, so this is distribution by organization, only finer. What is small and asked by other keys (accounts, keys,
//! settings) is copied to every node.

use super::Client;
use crate::StoreResult;
use crate::db::DbError;

/// Copied to every node, each behind those that its rows name.
pub(crate) const EVERYWHERE: [&str; 23] = [
    "schema_version",
    "installation",
    "organizations",
    "members",
    "memberships",
    "sessions",
    "api_keys",
    "stores",
    "store_origins",
    "store_hosts",
    "rulesets",
    "schedule_entries",
    "schedule_revisions",
    "generations",
    "widgets",
    "webhook_secrets",
    "platform_links",
    "pulls",
    "privacy_requests",
    "erasures",
    "leases",
    "tries",
    "dry_runs",
];
/// Pictures are found by their token alone and go after hours: they are copied, too.
pub(crate) const PICTURES: &str = "pictures";

/// Distributed by `store`.
pub(crate) const BY_STORE: [&str; 25] = [
    "store_writers",
    "facts",
    "deliveries",
    "visualizations",
    "shown_products",
    "visitors",
    "identity_links",
    "alias_table",
    "carried_aliases",
    "conversions",
    "ordered_products",
    "decisions",
    "credits",
    "redecisions",
    "ledger",
    "awaited_orders",
    "claims",
    "order_tokens",
    "topics",
    "rollups",
    "rollup_changes",
    "visitor_days",
    "visitor_returns",
    "unnoted_visits",
    "rollup_builds",
];

/// Keys of one machine's tables that don't name the store: a key of a distributed table has to.
const KEYS: [(&str, &str); 6] = [
    ("facts", "seq"),
    ("deliveries", "number"),
    ("visualizations", "number"),
    ("conversions", "number"),
    ("ledger", "conversion, entry"),
    ("rollup_changes", "number"),
];

/// Distributes what is not distributed yet, in the transaction that made the tables.
pub(super) fn distribute(client: &Client) -> StoreResult<()> {
    if !client.is_distributed() {
        return Ok(());
    }
    let placed = client.fetch("SELECT logicalrelid::text FROM pg_dist_partition")?;
    let placed: Vec<String> =
        placed.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(DbError::from)?;
    let missing = |table: &&str| !placed.iter().any(|there| there == table);
    for table in EVERYWHERE.iter().chain([&PICTURES]).copied().filter(missing) {
        client.raw_batch(&format!("SELECT create_reference_table('{table}')"))?;
    }
    for (table, key) in KEYS.iter().filter(|(table, _)| missing(table)) {
        client.raw_batch(&format!(
            "ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD PRIMARY KEY (store, {key})"
        ))?;
    }
    for table in BY_STORE.iter().copied().filter(missing) {
        let with = if table == BY_STORE[0] { "default" } else { BY_STORE[0] };
        client.raw_batch(&format!(
            "SELECT create_distributed_table('{table}', 'store', colocate_with => '{with}')"
        ))?;
    }
    tracing::info!(tables = BY_STORE.len(), "distributed the tables by store");
    Ok(())
}

/// What is asked of the extension, kept instead of done.
#[cfg(test)]
pub(super) const STAND_IN: &str = "CREATE TABLE pg_dist_partition (logicalrelid regclass, by text, beside text); \
    CREATE FUNCTION create_reference_table(t regclass) RETURNS void LANGUAGE sql AS \
    $$ INSERT INTO pg_dist_partition VALUES (t, NULL, NULL) $$; \
    CREATE FUNCTION create_distributed_table(t regclass, by text, colocate_with text DEFAULT 'default') \
    RETURNS void LANGUAGE sql AS $$ INSERT INTO pg_dist_partition VALUES (t, by, colocate_with) $$";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{BY_STORE, EVERYWHERE, PICTURES, STAND_IN};
    use crate::{Access, open};

    #[tokio::test]
    async fn where_the_extension_is_there_every_table_is_distributed_once_by_store_or_copied() {
        let database = selektable_testbed::database();
        let mut session = database.session();
        session.run(STAND_IN).unwrap();
        for _ in 0..2 {
            open(&database.address(), Access::Serve).unwrap().close().await.unwrap();
        }
        let sql = "SELECT logicalrelid::text FROM pg_dist_partition WHERE by IS NULL ORDER BY 1";
        let mut copied: Vec<_> = session.run(sql).unwrap().into_iter().flatten().flatten().collect();
        copied.sort();
        let mut expected: Vec<_> = EVERYWHERE.iter().chain([&PICTURES]).map(ToString::to_string).collect();
        expected.sort();
        assert_eq!(copied, expected);
        let sql = "SELECT logicalrelid::text FROM pg_dist_partition WHERE by = 'store' \
                   AND beside IN ('default', 'store_writers')";
        let spread: Vec<_> = session.run(sql).unwrap().into_iter().flatten().flatten().collect();
        assert_eq!(spread, BY_STORE);
        let sql = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'pg_dist_partition'";
        let all: BTreeSet<_> = session.run(sql).unwrap().into_iter().flatten().flatten().collect();
        assert_eq!(all, copied.into_iter().chain(spread).collect());
    }

    #[tokio::test]
    async fn a_key_of_a_distributed_table_names_the_store_which_the_extension_asks_for() {
        let database = selektable_testbed::database();
        let mut session = database.session();
        session.run(STAND_IN).unwrap();
        open(&database.address(), Access::Serve).unwrap().close().await.unwrap();
        let sql = "SELECT d.logicalrelid::text || ' ' || i.indexrelid::regclass FROM pg_dist_partition d \
                   JOIN pg_index i ON i.indrelid = d.logicalrelid AND i.indisunique \
                   JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'store' \
                   WHERE d.by IS NOT NULL AND NOT a.attnum = ANY (i.indkey::smallint[])";
        assert_eq!(session.run(sql).unwrap(), Vec::<Vec<Option<String>>>::new());
        let sql = "SELECT d.logicalrelid::text FROM pg_dist_partition d \
                   JOIN pg_attribute a ON a.attrelid = d.logicalrelid AND a.attname = 'store' \
                   WHERE d.by IS NOT NULL AND (a.atttypid <> 'bigint'::regtype OR NOT a.attnotnull)";
        assert_eq!(session.run(sql).unwrap(), Vec::<Vec<Option<String>>>::new());
    }
}
