//! Tables over many machines, where the `citus` extension is there.
//!
//! Everything that grows with a shop's traffic is distributed by `store` and placed together, so that all rows of one
//! store stand on one node and whatever is asked of one store is asked there. A store belongs to one organization for
//! ever, so this is distribution by organization, only finer. What is small and asked by other keys (accounts, keys,
//! settings) is copied to every node.

use super::Client;
use crate::StoreResult;
use crate::db::DbError;
use crate::tables::{Place, standing};

/// The table that the others of a store are placed with.
const FIRST: &str = "store_writers";

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
    for table in standing(Place::Everywhere).filter(missing) {
        client.raw_batch(&format!("SELECT create_reference_table('{table}')"))?;
    }
    for (table, key) in KEYS.iter().filter(|(table, _)| missing(table)) {
        client.raw_batch(&format!(
            "ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD PRIMARY KEY (store, {key})"
        ))?;
    }
    for table in standing(Place::ByStore).filter(missing) {
        let with = if table == FIRST { "default" } else { FIRST };
        client.raw_batch(&format!(
            "SELECT create_distributed_table('{table}', 'store', colocate_with => '{with}')"
        ))?;
    }
    tracing::info!(tables = standing(Place::ByStore).count(), "distributed the tables by store");
    Ok(())
}

/// What is asked of the extension, kept instead of done, with the names that the extension has for it.
#[cfg(test)]
const STAND_IN: &str = "CREATE TABLE pg_dist_partition (logicalrelid regclass, partmethod text, partkey text, \
    colocationid text); \
    CREATE FUNCTION column_to_column_name(t regclass, key text) RETURNS text LANGUAGE sql AS $$ SELECT key $$; \
    CREATE FUNCTION create_reference_table(t regclass) RETURNS void LANGUAGE sql AS \
    $$ INSERT INTO pg_dist_partition VALUES (t, 'n', NULL, NULL) $$; \
    CREATE FUNCTION create_distributed_table(t regclass, by text, colocate_with text DEFAULT 'default') \
    RETURNS void LANGUAGE sql AS $$ INSERT INTO pg_dist_partition VALUES (t, 'h', by, \
    CASE WHEN colocate_with = 'default' THEN t::text ELSE colocate_with END) $$";

/// Puts the stand-in into a database, unless the extension itself is there.
#[cfg(test)]
pub(super) fn stand_in(session: &mut selektable_testbed::Session) {
    if !selektable_testbed::Citus::is_wanted() {
        let made = session.run(STAND_IN);
        assert!(made.is_ok(), "{made:?}");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use selektable_testbed::Session;

    use super::stand_in;
    use crate::tables::{Place, standing};
    use crate::{Access, open};

    fn names(session: &mut Session, sql: &str) -> BTreeSet<String> {
        session.run(sql).unwrap().into_iter().flatten().flatten().collect()
    }

    fn named(tables: impl Iterator<Item = &'static str>) -> BTreeSet<String> {
        tables.map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn where_the_extension_is_there_every_table_is_distributed_once_by_store_or_copied() {
        let database = selektable_testbed::database();
        let mut session = database.session();
        stand_in(&mut session);
        for _ in 0..2 {
            open(&database.address(), Access::Serve).unwrap().close().await.unwrap();
        }
        let copied = "SELECT logicalrelid::text FROM pg_dist_partition WHERE partmethod = 'n'";
        assert_eq!(names(&mut session, copied), named(standing(Place::Everywhere)));
        let spread = "SELECT logicalrelid::text FROM pg_dist_partition WHERE partmethod = 'h' \
                      AND NOT (SELECT relispartition FROM pg_class WHERE oid = logicalrelid) \
                      AND column_to_column_name(logicalrelid, partkey) = 'store' AND colocationid = \
                      (SELECT colocationid FROM pg_dist_partition WHERE logicalrelid::text = 'store_writers')";
        assert_eq!(names(&mut session, spread), named(standing(Place::ByStore)));
        let once = "SELECT count(*) FROM pg_dist_partition JOIN pg_class ON oid = logicalrelid AND NOT relispartition";
        let all = "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition \
                   AND relnamespace = 'public'::regnamespace AND relname <> 'pg_dist_partition'";
        let all = names(&mut session, all);
        assert_eq!(session.value(once).unwrap(), all.len().to_string());
        assert_eq!(all, named(standing(Place::Everywhere).chain(standing(Place::ByStore))));
    }

    #[tokio::test]
    async fn a_key_of_a_distributed_table_names_the_store_which_the_extension_asks_for() {
        let database = selektable_testbed::database();
        let mut session = database.session();
        stand_in(&mut session);
        open(&database.address(), Access::Serve).unwrap().close().await.unwrap();
        let sql = "SELECT d.logicalrelid::text || ' ' || i.indexrelid::regclass FROM pg_dist_partition d \
                   JOIN pg_index i ON i.indrelid = d.logicalrelid AND i.indisunique \
                   JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'store' \
                   WHERE d.partmethod = 'h' AND NOT a.attnum = ANY (i.indkey::smallint[])";
        assert_eq!(session.run(sql).unwrap(), Vec::<Vec<Option<String>>>::new());
        let sql = "SELECT d.logicalrelid::text FROM pg_dist_partition d \
                   JOIN pg_attribute a ON a.attrelid = d.logicalrelid AND a.attname = 'store' \
                   WHERE d.partmethod = 'h' AND (a.atttypid <> 'bigint'::regtype OR NOT a.attnotnull)";
        assert_eq!(session.run(sql).unwrap(), Vec::<Vec<Option<String>>>::new());
    }
}
