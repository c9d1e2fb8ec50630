//! A folder in memory, where a history is made before it goes to the disk in one piece. Made on the disk, every commit
//! would wait for it, and the pages of its indexes would be written many times.

use std::path::Path;

use anyhow::ensure;
use tokio::process::Command;

/// Where Linux has one.
const MEMORY: &str = "/dev/shm";
/// Bytes a visualization and an order take, with what is derived from them; the log of writes comes on top.
const BYTES: (u64, u64) = (900, 2_800);
const LOG: u64 = 1 << 28;

/// A temporary folder in memory, when there is one with room for a history of this size.
pub(crate) fn folder_for(visualizations: u64, conversions: u64) -> Option<tempfile::TempDir> {
    let needed = visualizations * BYTES.0 + conversions * BYTES.1 + LOG;
    let free = rustix::fs::statvfs(MEMORY).ok()?;
    // A fifth of what is free is left to everything else on this machine.
    let available = (free.f_bavail * free.f_frsize).min(available_memory()? / 5 * 4);
    (available > needed).then(|| tempfile::tempdir_in(MEMORY).ok())?
}

fn available_memory() -> Option<u64> {
    let meminfo = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}

/// Copies what a folder holds into another one, with its owners, and waits until it is on the disk.
pub(crate) async fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let status = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().await?;
    ensure!(status.success(), "the history could not be copied to {}", to.display());
    let status = Command::new("sync").arg("-f").arg(to).status().await?;
    ensure!(status.success(), "{} could not be flushed", to.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_larger_than_the_memory_is_not_made_in_it() {
        assert!(folder_for(100_000_000, 100_000_000_000).is_none());
    }

    #[tokio::test]
    async fn a_copy_has_every_file_also_in_folders() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(from.path().join("data")).unwrap();
        std::fs::write(from.path().join("data/one"), "1").unwrap();
        copy(from.path(), to.path()).await.unwrap();
        assert_eq!(std::fs::read_to_string(to.path().join("data/one")).unwrap(), "1");
    }
}
