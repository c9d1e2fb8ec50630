//! The limit of deciding again: reading every row once, in one stream.

use std::time::Instant;

use futures::TryStreamExt;
use tokio_postgres::NoTls;

use crate::subject::Database;

/// Rows (or, of PostgreSQL, tables' rows in one stream of `COPY`) and the seconds it took to read them.
pub(super) async fn plain_read(database: &Database) -> anyhow::Result<(u64, f64)> {
    let begun = Instant::now();
    let rows = match database.file.clone() {
        Some(file) => {
            tokio::task::spawn_blocking(move || {
                selektable_store::read_through(&format!("sqlite:{}", file.display()))
            })
            .await??
        }
        None => copy_out(&database.address).await?,
    };
    Ok((rows, begun.elapsed().as_secs_f64()))
}

/// Every row of every table of the default schema.
async fn copy_out(address: &str) -> anyhow::Result<u64> {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await?;
    let connection = tokio::spawn(connection);
    let sql = "SELECT quote_ident(tablename) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()";
    let mut rows = 0;
    for table in client.query(sql, &[]).await? {
        let copy = format!("COPY {} TO STDOUT", table.get::<_, &str>(0));
        let stream = client.copy_out(&copy).await?;
        // One message a row.
        rows += stream.try_fold(0, |count, _| async move { Ok(count + 1) }).await?;
    }
    drop(client);
    connection.await??;
    Ok(rows)
}
