//! What is moved.

/// The one table that a new database has a row in.
pub(super) const ALWAYS_THERE: &str = "installation";

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use crate::Access;
    use crate::db::{Connection, DbResult, Row};
    use crate::engine::database::Database;
    use crate::engine::rows::collect;
    use crate::tables::{TABLES, moving};

    fn open(address: &str) -> Connection {
        Database::parse(address).unwrap().writing(Access::Serve).unwrap().0
    }

    fn stays(name: &str) -> bool {
        TABLES.iter().any(|table| table.name == name && !table.moves)
    }

    fn columns(connection: &Connection, tables: &str) -> BTreeMap<String, BTreeSet<String>> {
        let read = |row: &Row<'_>| -> DbResult<String> { row.get(0) };
        let mut statement = connection.prepare_cached(tables).unwrap();
        let names = collect(statement.query(()).unwrap(), |row| Ok(read(row)?)).unwrap();
        let names = names.into_iter().filter(|name| !stays(name));
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
        let server = columns(
            &server,
            "SELECT c.relname::text FROM pg_class c JOIN pg_tables t ON t.tablename = c.relname \
             WHERE t.schemaname = 'public' AND NOT c.relispartition",
        );
        assert_eq!(file, server);
        let moved: BTreeSet<String> = moving().map(str::to_owned).collect();
        assert_eq!(moved, server.into_keys().collect::<BTreeSet<_>>());
    }
}
