//! What is moved.

/// Every table with content, each behind those that its rows name. The two engines' schemas give them the same columns;
/// what else a server has (`schema_version`, `store_writers`) says nothing about shops, and what processes agree on
/// (`leases`, `tries`, `dry_runs`) is over in minutes.
pub(super) const TABLES: [&str; 44] = [
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
    "topics",
    "pulls",
    "privacy_requests",
    "erasures",
    "facts",
    "deliveries",
    "visualizations",
    "pictures",
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
    "rollups",
    "rollup_changes",
    "visitor_days",
    "visitor_returns",
    "unnoted_visits",
    "rollup_builds",
];

/// The one table that a new database has a row in.
pub(super) const ALWAYS_THERE: &str = "installation";

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::TABLES;
    use crate::Access;
    use crate::db::{Connection, DbResult, Row};
    use crate::engine::database::Database;
    use crate::engine::rows::collect;

    /// Tables that only one engine has: how it keeps its house. And what is not worth moving.
    const OWN: [&str; 5] = ["schema_version", "store_writers", "leases", "tries", "dry_runs"];

    fn open(address: &str) -> Connection {
        Database::parse(address).unwrap().writing(Access::Serve).unwrap().0
    }

    fn columns(connection: &Connection, tables: &str) -> BTreeMap<String, BTreeSet<String>> {
        let read = |row: &Row<'_>| -> DbResult<String> { row.get(0) };
        let mut statement = connection.prepare_cached(tables).unwrap();
        let names = collect(statement.query(()).unwrap(), |row| Ok(read(row)?)).unwrap();
        let names = names.into_iter().filter(|name| !OWN.contains(&name.as_str()));
        let of = |table: &String| {
            let statement = connection.prepare_cached(&format!("SELECT * FROM {table}")).unwrap();
            statement.column_names().unwrap().into_iter().collect()
        };
        names.map(|table| (table.clone(), of(&table))).collect()
    }

    #[test]
    fn both_engines_have_the_tables_that_are_moved_and_no_others_with_the_same_columns() {
        let folder = tempfile::tempdir().unwrap();
        let file = open(&format!("sqlite:{}", folder.path().join("selektable.db").display()));
        let database = selektable_testbed::database();
        let server = open(&database.address());
        let file = columns(&file, "SELECT name FROM sqlite_schema WHERE type = 'table'");
        let server = columns(&server, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
        assert_eq!(file, server);
        let moved: BTreeSet<String> = TABLES.map(str::to_owned).into();
        assert_eq!(moved, server.into_keys().collect::<BTreeSet<_>>());
    }
}
