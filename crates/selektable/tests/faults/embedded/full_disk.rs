//! The disk fills up under load, and there is room again.

use std::process::Output;

use rstest::rstest;

use super::mount::{Mount, database};
use crate::load::{Books, must_be_whole, until};
use crate::support::{Client, TestServer, program};

#[rstest]
#[case::ext4(Mount::ext4)]
#[case::tmpfs(Mount::in_memory)]
#[ignore = "needs root: scripts/test-faults"]
fn on_a_full_disk_no_lost_order_is_acknowledged_and_it_heals_without_a_restart(
    #[case] make: fn(u64) -> Mount,
) {
    let mut mount = make(48);
    let books = Books::default();
    let server = TestServer::start_below(&mount.path(), &[]);
    for round in 0..3 {
        books.under_load(&server, || {
            let enough = books.acknowledged() + 200;
            until("orders are acknowledged", || books.acknowledged() >= enough);
            let filler = mount.fill_up(512 * round);
            let refused = books.refused();
            until("orders are refused", || books.refused() > refused + 100);
            assert_eq!(Client::connect(&server).get("/healthz").status, 200, "the process lives");
            std::fs::remove_file(filler).unwrap();
            let enough = books.acknowledged() + 200;
            until("orders are acknowledged again", || books.acknowledged() >= enough);
        });
        until("it is ready again", || Client::connect(&server).get("/readyz").status == 200);
        books.must_agree_with(&server);
    }
    must_be_whole(&server);
    drop(server);
    mount.take_away();
}

#[test]
#[ignore = "needs root: scripts/test-faults"]
fn a_backup_and_a_restoration_on_a_full_disk_leave_everything_as_it_was() {
    let mut mount = Mount::in_memory(16);
    let books = Books::default();
    let server = TestServer::start_below(&mount.path(), &[]);
    books.under_load(&server, || until("orders are acknowledged", || books.acknowledged() >= 300));
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    assert!(server.run(&["backup", copy.to_str().unwrap()]).status.success());
    server.stop();
    let filler = mount.fill_up(64);
    let before = std::fs::read(database(server.data())).unwrap();
    let here = server.data().join("here.db");
    is_full(&server.run(&["backup", here.to_str().unwrap()]));
    is_full(&server.run(&["restore", copy.to_str().unwrap(), "--replace"]));
    let mut other = program();
    other.args(["restore", copy.to_str().unwrap(), "--data-dir"]).arg(mount.path().join("other"));
    is_full(&other.output().unwrap());
    assert_eq!(std::fs::read(database(server.data())).unwrap(), before);
    assert!(!here.exists() && !database(&mount.path().join("other")).exists());
    let names = std::fs::read_dir(server.data()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains("part-")).collect();
    assert!(left.is_empty(), "{left:?}");
    std::fs::remove_file(filler).unwrap();
    must_succeed(&server.run(&["restore", copy.to_str().unwrap(), "--replace"]));
    drop(server);
    mount.take_away();
}

fn must_succeed(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn is_full(output: &Output) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("the disk is full"), "{told}");
}
