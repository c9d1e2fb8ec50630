//! What a server counts by itself, and a file does not.

use crate::StoreResult;
use crate::db::{Connection, DbError};
use crate::postgres::Client;

/// Lets the target's numbers go on behind those that were given, and gives every store its lock.
pub(super) fn go_on(source: &Connection, target: &Connection) -> StoreResult<()> {
    let Some(client) = target.postgres() else { return Ok(()) };
    target.execute_batch("INSERT INTO store_writers (store) SELECT number FROM stores")?;
    for (table, column) in counted(client)? {
        let sql = format!("SELECT max({column}) FROM {table}");
        let largest: Option<i64> = target.query_row(&sql, (), |row| row.get(0))?;
        // What was given once and deleted since must not be given again where the source would not have done so.
        let given =
            source.postgres().map(|source| last_given(source, &table, &column)).transpose()?.flatten();
        if let Some(last) = largest.max(given) {
            client.fetch(&format!("SELECT setval({}, {last}, true)", sequence(&table, &column)))?;
        }
    }
    // Before anything is asked of the new tables: plans follow from what the server knows of them.
    target.execute_batch("ANALYZE")?;
    Ok(())
}

fn sequence(table: &str, column: &str) -> String {
    format!("pg_get_serial_sequence('{table}', '{column}')")
}

fn last_given(source: &Client, table: &str, column: &str) -> StoreResult<Option<i64>> {
    let sql = format!("SELECT pg_sequence_last_value({}::regclass)", sequence(table, column));
    let rows = source.fetch(&sql)?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose().map_err(DbError::from)?.flatten())
}

/// Tables whose rows are numbered by the server, and the column with the number.
fn counted(client: &Client) -> StoreResult<Vec<(String, String)>> {
    let sql = "SELECT table_name::text, column_name::text FROM information_schema.columns \
               WHERE is_identity = 'YES' AND table_schema = current_schema()";
    let rows = client.fetch(sql)?;
    let read = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    Ok(rows.iter().map(read).collect::<Result<_, tokio_postgres::Error>>().map_err(DbError::from)?)
}
