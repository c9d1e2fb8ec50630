//! What the machine does when nothing but rows of the same size is written: limits of the same run.

mod postgres;
mod sqlite;

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::report::Rate;
use crate::subject::Database;

/// What a limit is measured with.
#[derive(Clone, Copy)]
pub(crate) struct Inserts {
    /// Who waits for a commit at a time.
    pub(crate) clients: u64,
    /// Bytes of one row.
    pub(crate) row_bytes: usize,
    /// How long.
    pub(crate) time: Duration,
}

/// Every limit that goes with an engine.
pub(crate) async fn of(database: &Database, inserts: Inserts) -> anyhow::Result<Vec<Rate>> {
    match &database.file {
        Some(file) => {
            let folder = file.parent().unwrap_or(Path::new("."));
            Ok(vec![sqlite::group_committed(folder, inserts).await?])
        }
        None => postgres::inserts(&database.address, inserts).await,
    }
}

/// Runs one step again and again until the time is over; answers the microseconds of each.
async fn repeat<F: Future<Output = anyhow::Result<()>>>(
    time: Duration,
    mut step: impl FnMut(u64) -> F,
) -> anyhow::Result<Vec<u32>> {
    let begin = Instant::now();
    let mut micros = Vec::new();
    while begin.elapsed() < time {
        let before = Instant::now();
        step(micros.len() as u64).await?;
        micros.push(u32::try_from(before.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(micros)
}
