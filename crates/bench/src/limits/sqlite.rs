//! Bare group commit: one writing thread takes what waits into one transaction and answers after the flush, as the
//! server's writer does, but writes nothing except one row a request.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use anyhow::Context;
use rusqlite::{Connection, params};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::{Inserts, repeat};
use crate::report::Rate;

/// Most rows in one transaction, as in the server.
const TRANSACTION_ROWS_MAX: usize = 512;
/// As in the server.
const CHECKPOINT_PAGES: i64 = 2_000;

type Waiting = oneshot::Sender<()>;

/// Measures on the disk of a folder.
pub(super) async fn group_committed(folder: &Path, inserts: Inserts) -> anyhow::Result<Rate> {
    let folder = tempfile::tempdir_in(folder)?;
    let connection = open(&folder.path().join("limit.db"))?;
    let (sender, receiver) = sync_channel::<Waiting>(4_096);
    let writer = std::thread::spawn(move || write(&connection, &receiver, inserts.row_bytes));
    let begin = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..inserts.clients {
        clients.spawn(client(sender.clone(), inserts));
    }
    drop(sender);
    let mut micros = Vec::new();
    while let Some(client) = clients.join_next().await {
        micros.append(&mut client??);
    }
    let rate = Rate::new("bare group-committed inserts", begin.elapsed(), micros, 1);
    writer.join().map_err(|_| anyhow::anyhow!("the writing thread ended early"))??;
    Ok(rate)
}

async fn client(sender: SyncSender<Waiting>, inserts: Inserts) -> anyhow::Result<Vec<u32>> {
    repeat(inserts.time, |_| async {
        let (reply, answer) = oneshot::channel();
        sender.try_send(reply).context("the writing thread ended early")?;
        Ok(answer.await?)
    })
    .await
}

fn open(file: &Path) -> anyhow::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.execute_batch("CREATE TABLE rows (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")?;
    Ok(connection)
}

fn write(connection: &Connection, receiver: &Receiver<Waiting>, row_bytes: usize) -> anyhow::Result<()> {
    let row = vec![b'x'; row_bytes];
    while let Ok(first) = receiver.recv() {
        let rest = receiver.try_iter().take(TRANSACTION_ROWS_MAX - 1);
        let waiting: Vec<Waiting> = std::iter::once(first).chain(rest).collect();
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for _ in &waiting {
            connection.prepare_cached("INSERT INTO rows (body) VALUES (?1)")?.execute(params![row])?;
        }
        connection.execute_batch("COMMIT")?;
        // A client whose time was over no longer waits.
        for reply in waiting {
            let _ = reply.send(());
        }
    }
    Ok(())
}
