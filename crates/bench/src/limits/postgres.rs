//! Bare rows into PostgreSQL: each client commits one row at a time (what `pgbench` does with one INSERT), and one
//! connection that commits a thousand rows of one `unnest`.

use std::time::Instant;

use anyhow::Context;
use tokio::task::{JoinHandle, JoinSet};
use tokio_postgres::{Client, NoTls};

use super::{Inserts, repeat};
use crate::report::Rate;

/// Rows of one batch.
const BATCH: usize = 1_000;
const SCHEMA: &str = "selektable_bench_limit";

/// Measures in a schema of its own, which is gone afterwards.
pub(super) async fn inserts(address: &str, inserts: Inserts) -> anyhow::Result<Vec<Rate>> {
    let (owner, connection) = connect(address).await?;
    let made = format!(
        "DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}; \
         CREATE TABLE {SCHEMA}.rows (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body TEXT NOT NULL)"
    );
    owner.batch_execute(&made).await?;
    let rates = async { Ok(vec![single(address, inserts).await?, batches(address, inserts).await?]) }.await;
    owner.batch_execute(&format!("DROP SCHEMA {SCHEMA} CASCADE")).await?;
    drop(owner);
    connection.await?;
    rates
}

async fn single(address: &str, inserts: Inserts) -> anyhow::Result<Rate> {
    let mut connected = Vec::new();
    for _ in 0..inserts.clients {
        connected.push(connect(address).await?);
    }
    let begin = Instant::now();
    let mut clients = JoinSet::new();
    for (client, _) in connected {
        clients.spawn(async move {
            let sql = format!("INSERT INTO {SCHEMA}.rows (body) VALUES ($1)");
            let (insert, row) = (client.prepare(&sql).await?, "x".repeat(inserts.row_bytes));
            let step = |_| async {
                client.execute(&insert, &[&row]).await?;
                Ok(())
            };
            repeat(inserts.time, step).await
        });
    }
    let mut micros = Vec::new();
    while let Some(client) = clients.join_next().await {
        micros.append(&mut client??);
    }
    Ok(Rate::new("single-row durable inserts", begin.elapsed(), micros, 1))
}

async fn batches(address: &str, inserts: Inserts) -> anyhow::Result<Rate> {
    let (client, connection) = connect(address).await?;
    let sql = format!("INSERT INTO {SCHEMA}.rows (body) SELECT body FROM unnest($1::text[]) AS batch (body)");
    let (insert, rows) = (client.prepare(&sql).await?, vec!["x".repeat(inserts.row_bytes); BATCH]);
    let begin = Instant::now();
    let step = |_| async {
        client.execute(&insert, &[&rows]).await?;
        Ok(())
    };
    let micros = repeat(inserts.time, step).await?;
    let rate = Rate::new("batches of 1,000 by unnest, one connection", begin.elapsed(), micros, BATCH as u64);
    drop(client);
    connection.await?;
    Ok(rate)
}

async fn connect(address: &str) -> anyhow::Result<(Client, JoinHandle<()>)> {
    let connected = tokio_postgres::connect(address, NoTls).await;
    let (client, connection) = connected.context("the database does not take a connection for the limit")?;
    // What breaks on the connection is told by the client's next call.
    Ok((client, tokio::spawn(async { drop(connection.await) })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{Engine, Place};
    use crate::process::written_by_family;
    use crate::subject::Database;
    use std::time::Duration;

    #[tokio::test]
    async fn a_cluster_of_this_run_takes_single_rows_and_batches_and_forgets_them() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place { engine: Engine::Postgres, database: None, keep: None };
        let database = Database::open(&place, folder.path()).await.unwrap();
        let asked = Inserts { clients: 4, row_bytes: 300, time: Duration::from_millis(200) };
        let rates = inserts(&database.address, asked).await.unwrap();
        let counts: Vec<u64> = rates.iter().map(|rate| rate.count).collect();
        assert!(counts[0] > 0 && counts[1] >= 1_000 && counts[1].is_multiple_of(1_000), "{counts:?}");
        let (client, _connection) = connect(&database.address).await.unwrap();
        let sql = "SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = $1";
        let left: i64 = client.query_one(sql, &[&SCHEMA]).await.unwrap().get(0);
        assert_eq!(left, 0);
        let settings: Vec<String> = ["fsync", "synchronous_commit", "full_page_writes"]
            .map(|name| format!("current_setting('{name}')"))
            .into();
        let row = client.query_one(&format!("SELECT {}", settings.join(", ")), &[]).await.unwrap();
        assert_eq!([row.get::<_, &str>(0), row.get(1), row.get(2)], ["on"; 3]);
        drop(client);
        let pid = database.process().unwrap();
        assert!(written_by_family(pid).unwrap() > 0);
        database.close().await.unwrap();
        // What was kept is found again.
        let again = Database::open(&place, folder.path()).await.unwrap();
        assert!(connect(&again.address).await.is_ok());
        again.close().await.unwrap();
    }
}
