//! Point-in-time recovery of PostgreSQL, by the commands and settings that docs/backup.md names.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use selektable_testbed::{Cluster, Shutdown};

use crate::load::{Books, all_orders, must_be_whole, until};
use crate::support::TestServer;

const DOCUMENTED: &str = include_str!("../../../../docs/backup.md");

/// A line of the page, with its examples of paths and of an instant replaced by those of a test.
fn documented(line: &str, archive: &Path, base: &Path, instant: &str) -> String {
    assert!(DOCUMENTED.lines().any(|known| known.trim() == line), "docs/backup.md does not say: {line}");
    let base = base.display().to_string();
    line.replace("/backups/base-2026-11-23", &base)
        .replace("/backups/base-$(date +%F)", &base)
        .replace("/archive", &archive.display().to_string())
        .replace("2026-11-23 10:00:00+00", instant)
}

struct Backups {
    folder: tempfile::TempDir,
}

impl Backups {
    fn line(&self, line: &str) -> String {
        self.line_at(line, "")
    }

    fn line_at(&self, line: &str, instant: &str) -> String {
        documented(line, &self.archive(), &self.folder.path().join("base"), instant)
    }

    fn archive(&self) -> std::path::PathBuf {
        self.folder.path().join("archive")
    }

    /// Runs a line of the page in a shell.
    fn run(&self, line: &str, variables: &[(&str, &str)]) {
        let mut command = Command::new("sh");
        command.args(["-ec", &self.line(line)]).envs(variables.iter().copied());
        let output = command.output().expect("sh is there");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A server that archives what it writes.
fn archiving() -> (Cluster, Backups) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let backups = Backups { folder };
    std::fs::create_dir(backups.archive()).unwrap();
    let settings = [
        "wal_level = replica",
        "archive_mode = on",
        "archive_command = 'test ! -f /archive/%f && cp %p /archive/%f'",
        "archive_timeout = 60s",
    ];
    let settings = settings.map(|line| {
        let (name, value) =
            backups.line(line).split_once(" = ").map(|(n, v)| (n.to_owned(), v.to_owned())).unwrap();
        format!("{name}={}", value.trim_matches('\''))
    });
    let cluster = Cluster::start_with(&settings.each_ref().map(String::as_str));
    cluster.give(&backups.archive());
    (cluster, backups)
}

fn take(books: &Books, server: &TestServer, more: usize) -> BTreeSet<String> {
    let wanted = books.acknowledged() + more;
    books.under_load(server, || until("orders are acknowledged", || books.acknowledged() >= wanted));
    books.all_acknowledged()
}

fn recovered(backups: &Backups, instant: &str) -> Cluster {
    Cluster::start_from(
        |data| {
            let into = [("DATA", data.to_str().unwrap())];
            backups.run(
                "tar --extract --gzip --file=/backups/base-2026-11-23/base.tar.gz --directory=\"$DATA\"",
                &into,
            );
            backups.run(
                "tar --extract --gzip --file=/backups/base-2026-11-23/pg_wal.tar.gz --directory=\"$DATA\"/pg_wal",
                &into,
            );
            let settings = [
                "restore_command = 'cp /archive/%f %p'",
                "recovery_target_time = '2026-11-23 10:00:00+00'",
                "recovery_target_action = 'promote'",
            ];
            let settings = settings.map(|line| backups.line_at(line, instant) + "\n").concat();
            let file = data.join("postgresql.conf");
            let before = std::fs::read_to_string(&file).unwrap();
            std::fs::write(file, before + "\n" + &settings).unwrap();
            backups.run("touch \"$DATA\"/recovery.signal", &into);
        },
        &[],
    )
}

#[test]
fn a_database_that_was_wiped_comes_back_with_exactly_what_was_acknowledged_before_and_goes_on() {
    let (cluster, backups) = archiving();
    let database = cluster.database();
    let (address, name) = (database.address(), database.name().to_owned());
    let server = TestServer::start_at(&address, &[]);
    let books = Books::default();
    books.under_load(&server, || {
        until("orders are acknowledged", || books.acknowledged() >= 100);
        let line = "pg_basebackup --dbname=\"$SELEKTABLE_DATABASE\" --pgdata=/backups/base-$(date +%F) --format=tar \
                    --gzip --checkpoint=fast";
        backups.run(line, &[("SELEKTABLE_DATABASE", &address)]);
    });
    let before = take(&books, &server, 200);
    let instant = database.session().value("SELECT clock_timestamp()").unwrap();
    let later = take(&books, &server, 100);
    assert!(later.len() > before.len());
    server.stop();
    database.session().run("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
    // What is left is archived as it ends.
    cluster.stop(Shutdown::Fast);

    let cluster = recovered(&backups, &instant);
    until("it is no standby any more", || {
        cluster.session("postgres").value("SELECT pg_is_in_recovery()").unwrap() == "f"
    });
    let server = TestServer::join(&cluster.address(&name), &server.setup, &[]);
    assert_eq!(all_orders(&server).into_iter().collect::<BTreeSet<_>>(), before);
    books.acknowledged_only(before);
    take(&books, &server, 100);
    books.must_agree_with(&server);
    must_be_whole(&server);
}
