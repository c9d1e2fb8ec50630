//! Litestream beside the server: it wants to be the one who writes the log back, and the server does so as well, every
//! 2,000 pages, when it ends, and after somebody was erased. What comes out of the replica is the database all the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::load::{Books, must_be_whole, until};
use crate::support::{Client, TestServer, program, stands_in};

/// Where `scripts/test-litestream` has put the program.
const PROGRAM: &str = "SELEKTABLE_TEST_LITESTREAM";
/// Orders of one stretch: more pages than the server writes back at a time.
const ORDERS: usize = 1_500;
/// No other order's visitor begins like that.
const ERASED: &str = "visitor-of-order-0";

/// A database that is replicated into a folder.
struct Replicated {
    server: TestServer,
    folder: tempfile::TempDir,
    litestream: Option<Child>,
    books: Books,
}

impl Replicated {
    fn begin() -> Self {
        let (server, folder) = (TestServer::start(), tempfile::tempdir().unwrap());
        let mut replicated = Self { server, folder, litestream: None, books: Books::default() };
        replicated.replicate();
        replicated
    }

    fn database(&self) -> PathBuf {
        self.server.data().join("selektable.db")
    }

    fn replica(&self) -> String {
        format!("file://{}", self.folder.path().join("replica").display())
    }

    /// Starts Litestream.
    fn replicate(&mut self) {
        let log =
            std::fs::File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let child = litestream()
            .arg("replicate")
            .arg(self.database())
            .arg(self.replica())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.litestream = Some(child);
        // It looks once a second; before its first look it has nothing to copy when it is stopped.
        let before = self.copied();
        let mut client = Client::connect(&self.server);
        until("Litestream copies", || {
            self.books.post(&self.server, &mut client);
            self.copied() != before
        });
    }

    /// What stands in the replica.
    fn copied(&self) -> BTreeSet<PathBuf> {
        let folder = self.folder.path().join("replica/ltx/0");
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// Lets Litestream copy what it has not yet, and end.
    fn stop_replicating(&mut self) {
        let mut child = self.litestream.take().expect("Litestream runs");
        let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        let ended = child.wait().unwrap();
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        assert!(ended.success() && !log.contains("level=ERROR"), "{log}");
    }

    /// Orders come in.
    fn load(&self) {
        let enough = self.books.acknowledged() + ORDERS;
        self.books.under_load(&self.server, || {
            until("orders are acknowledged", || self.books.acknowledged() >= enough);
        });
        assert_eq!(self.books.refused(), 0, "Litestream disturbs nobody");
    }

    /// Makes a database of the replica, and compares.
    fn must_be_in_the_replica(&self, name: &str) -> PathBuf {
        let restored = self.folder.path().join(name);
        let output =
            litestream().args(["restore", "-o"]).arg(&restored).arg(self.replica()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let [there, here] =
            [dump(&restored), dump(&self.database())].map(|dump| String::from_utf8(dump).unwrap());
        if there != here {
            let known: BTreeSet<&str> = there.lines().collect();
            let lost = here.lines().find(|line| !known.contains(line));
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
            panic!("the replica holds something else than {lost:?}\n{log}");
        }
        restored
    }
}

impl Drop for Replicated {
    fn drop(&mut self) {
        if let Some(mut child) = self.litestream.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn litestream() -> Command {
    let path = std::env::var(PROGRAM).unwrap_or_else(|_| {
        panic!("{PROGRAM} does not say where litestream is: run scripts/test-litestream")
    });
    let mut command = Command::new(path);
    command.stdin(Stdio::null());
    command
}

fn dump(database: &Path) -> Vec<u8> {
    let address = format!("sqlite:{}", database.display());
    let output = program().args(["dump", "--canonical", "--database", &address]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
#[ignore = "needs the network: scripts/test-litestream"]
fn what_litestream_restores_is_the_database() {
    let mut it = Replicated::begin();
    it.load();
    // Closing writes the log back and would cut it off.
    assert_eq!(it.server.stop(), Some(0));
    it.server.serve_again();
    it.load();
    // Nobody watches for a time: the log is written back, cut off and begun again.
    it.stop_replicating();
    it.must_be_in_the_replica("first.db");
    it.load();
    assert_eq!(it.server.stop(), Some(0));
    it.server.serve_again();
    it.load();
    it.replicate();
    it.load();
    it.server.kill();
    it.stop_replicating();
    let restored = it.must_be_in_the_replica("second.db");

    // And back, checked, in the place of what is there.
    let output = it.server.run(&["restore", restored.to_str().unwrap(), "--replace"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    it.server.serve_again();
    it.books.must_agree_with(&it.server);
    must_be_whole(&it.server);
}

#[test]
#[ignore = "needs the network: scripts/test-litestream"]
fn whoever_was_erased_leaves_the_log_when_litestream_lets_go_of_it() {
    let mut it = Replicated::begin();
    it.load();
    let path = format!("/api/v1/stores/{}/erasures", it.server.setup.store_id);
    let answer = Client::connect(&it.server).post(&path, &json!({ "visitorId": ERASED }));
    assert_eq!(answer.status, 200, "{}", answer.text());
    it.load();
    assert!(stands_in(it.server.data(), ERASED), "Litestream reads the log, so it can't be cut off");
    it.stop_replicating();
    until("nothing of them is left in the database's files", || !stands_in(it.server.data(), ERASED));
    it.replicate();
    it.load();
    it.server.kill();
    it.stop_replicating();
    it.must_be_in_the_replica("erased.db");
}
