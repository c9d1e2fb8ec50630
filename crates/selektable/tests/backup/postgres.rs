//! PostgreSQL has tools of its own for this; what docs/backup.md says of `pg_dump` holds.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use selektable_testbed::Database;

use crate::load::{Books, until};
use crate::support::{TestServer, program};

fn done(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// A command of the program on a database.
fn on(database: &Database, arguments: &[&str]) -> Output {
    program().args(arguments).args(["--database", &database.address()]).output().expect("the program starts")
}

fn pg_dump(database: &Database, file: &Path) {
    let mut command = Command::new("pg_dump");
    command.arg("--format=custom").arg("--file").arg(file).arg(database.address());
    done(&command.output().expect("pg_dump is there"));
}

/// A new database with what a file holds.
fn pg_restore(file: &Path) -> Database {
    let database = selektable_testbed::database();
    let mut command = Command::new("pg_restore");
    command.args(["--exit-on-error", "--no-owner", "--dbname", &database.address()]).arg(file);
    done(&command.output().expect("pg_restore is there"));
    database
}

#[test]
fn what_pg_dump_writes_beside_a_busy_server_is_restored_whole() {
    let (database, folder) = (selektable_testbed::database(), tempfile::tempdir().unwrap());
    let [busy, quiet] = ["busy.dump", "quiet.dump"].map(|name| folder.path().join(name));
    let server = TestServer::start_at(&database.address(), &[]);
    let (books, mut before) = (Books::default(), BTreeSet::new());
    books.under_load(&server, || {
        until("orders are acknowledged", || books.acknowledged() >= 300);
        before = books.all_acknowledged();
        pg_dump(&database, &busy);
    });
    assert_eq!(books.refused(), 0, "pg_dump disturbs nobody");
    assert_eq!(server.stop(), Some(0));
    pg_dump(&database, &quiet);

    let [busy, quiet] = [busy, quiet].map(|file| pg_restore(&file));
    for restored in [&busy, &quiet] {
        done(&on(restored, &["verify"]));
        done(&on(restored, &["recompute", "--check"]));
    }
    let inside = done(&on(&busy, &["dump", "--canonical"]));
    let lost = before.iter().find(|id| !inside.contains(&format!("\"orderId\":\"{id}\"")));
    assert_eq!(lost, None);
    let [there, here] = [&quiet, &database].map(|database| done(&on(database, &["dump", "--canonical"])));
    assert!(there == here, "the restored database is another one");
}

#[test]
fn backup_and_restore_name_the_tools_that_a_postgres_database_has() {
    let (database, folder) = (selektable_testbed::database(), tempfile::tempdir().unwrap());
    let file = folder.path().join("copy.db");
    for arguments in
        [["backup", file.to_str().unwrap()].as_slice(), &["restore", file.to_str().unwrap(), "--replace"]]
    {
        let output = on(&database, arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(
            told.contains("use pg_dump and pg_restore, or point-in-time recovery (docs/backup.md"),
            "{told}"
        );
    }
    assert!(!file.exists());
}
