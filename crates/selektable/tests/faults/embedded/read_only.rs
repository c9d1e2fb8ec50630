//! A folder that may not be written.

use super::mount::{Mount, database};
use crate::load::{Books, until};
use crate::support::{Client, TestServer};

#[test]
#[ignore = "needs root: scripts/test-faults"]
fn on_a_read_only_disk_serve_says_why_it_does_not_start_and_later_starts() {
    let mut mount = Mount::in_memory(64);
    let books = Books::default();
    let mut server = TestServer::start_below(&mount.path(), &[]);
    books.under_load(&server, || until("orders are acknowledged", || books.acknowledged() >= 100));
    assert_eq!(server.stop(), Some(0));
    mount.make_read_only(true);
    let path = database(server.data()).display().to_string();
    for command in [
        ["serve", "--listen", "127.0.0.1:0"].as_slice(),
        &["setup", "--org", "O", "--store", "S", "--email", "a@example.com"],
    ] {
        let output = server.run(command);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(&path) && told.contains("Read-only file system"), "{told}");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    for command in [["verify"].as_slice(), &["backup", copy.to_str().unwrap()]] {
        let output = server.run(command);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("its folder can't be written"), "{command:?}: {told}");
    }
    mount.make_read_only(false);
    server.serve_again();
    assert_eq!(Client::connect(&server).get("/readyz").status, 200);
    books.must_agree_with(&server);
    drop(server);
    mount.take_away();
}
