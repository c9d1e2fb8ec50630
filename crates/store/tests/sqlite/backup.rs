//! Backups of other schemas, and addresses that are no file.

use std::path::Path;

use rusqlite::Connection;
use selektable_store::backup::{BackupFault, Judged, Watch, backup, restore};
use selektable_store::{Access, StoreError, open};

const FIRST_SCHEMA: &str = include_str!("../../migrations/sqlite/0001_start.sql");

fn watch() -> Watch {
    Watch { copying: Box::new(|_, _| {}), checking: Box::new(|_, _| {}) }
}

fn address(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// A file with the first schema that was ever released, under a version.
fn of_version(path: &Path, version: u32) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(FIRST_SCHEMA).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    connection.pragma_update(None, "user_version", version).unwrap();
}

#[tokio::test]
async fn a_database_of_an_older_schema_is_backed_up_restored_and_migrated_by_the_next_serve() {
    let folder = tempfile::tempdir().unwrap();
    let [old, copy, new] = ["old.db", "copy.db", "new.db"].map(|name| folder.path().join(name));
    of_version(&old, 1);
    let contents = backup(&address(&old), &copy, watch()).await.unwrap();
    assert!(matches!(contents.judged, Judged::Older { schema: 1, .. }), "{contents:?}");
    let restored = restore(&address(&new), &copy, false, watch()).await.unwrap();
    assert!(matches!(restored.contents.judged, Judged::Older { schema: 1, .. }), "{restored:?}");
    assert_eq!(restored.contents.sha256, contents.sha256);
    let store = open(&address(&new), Access::Serve).unwrap();
    assert!(store.is_empty().await.unwrap());
    assert_eq!(store.verify(Box::new(|_, _| {})).await.unwrap().faults, Vec::<String>::new());
    store.close().await.unwrap();
    assert!(matches!(backup(&address(&new), &folder.path().join("2.db"), watch()).await, Ok(found)
        if found.judged == Judged::Whole));
}

#[tokio::test]
async fn a_damaged_backup_of_an_older_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old.db", "new.db"].map(|name| folder.path().join(name));
    of_version(&old, 1);
    let mut content = std::fs::read(&old).unwrap();
    content[3 * 4_096..4 * 4_096].fill(0x5a);
    std::fs::write(&old, content).unwrap();
    let answer = restore(&address(&new), &old, false, watch()).await;
    assert!(
        matches!(&answer, Err(BackupFault::Damaged { path, faults }) if *path == old && !faults.is_empty())
    );
    assert!(!new.exists());
}

#[tokio::test]
async fn a_newer_schema_and_a_database_of_something_else_are_neither_backed_up_nor_restored() {
    let folder = tempfile::tempdir().unwrap();
    let [newer, other, target] = ["newer.db", "other.db", "target.db"].map(|name| folder.path().join(name));
    of_version(&newer, 999);
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE facts (a)").unwrap();
    let too_new = |fault| matches!(fault, BackupFault::Store(StoreError::TooNew { found: 999, .. }));
    assert!(too_new(backup(&address(&newer), &target, watch()).await.unwrap_err()));
    assert!(too_new(restore(&address(&target), &newer, false, watch()).await.unwrap_err()));
    let answer = backup(&address(&other), &target, watch()).await;
    assert!(matches!(&answer, Err(BackupFault::Foreign(path)) if *path == other), "{answer:?}");
    let answer = restore(&address(&target), &other, false, watch()).await;
    assert!(matches!(&answer, Err(BackupFault::Foreign(path)) if *path == other), "{answer:?}");
    assert!(!target.exists());
}

#[tokio::test]
async fn a_postgres_database_is_refused_with_the_tools_it_has() {
    let file = Path::new("copy.db");
    for address in ["postgres://somebody@127.0.0.1/shop", "postgresql://somebody@127.0.0.1/shop"] {
        let faults = [
            backup(address, file, watch()).await.unwrap_err(),
            restore(address, file, true, watch()).await.unwrap_err(),
        ];
        for fault in faults {
            assert_eq!(
                fault.to_string(),
                "a postgres:// database is not backed up or restored by this command: use pg_dump and pg_restore, or \
                 point-in-time recovery (docs/backup.md, \"PostgreSQL\")"
            );
        }
    }
    assert!(!file.exists());
}
