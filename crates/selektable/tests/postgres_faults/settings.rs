//! A database that does not keep what it says it has kept is refused, unless told otherwise.

use std::process::Output;

use rstest::rstest;
use selektable_testbed::Cluster;

use crate::support::{TestServer, program};

const TOLD_OTHERWISE: &str = "unsafe_durability=true";

#[rstest]
#[case::fsync("fsync")]
#[case::synchronous_commit("synchronous_commit")]
#[case::full_page_writes("full_page_writes")]
fn a_database_that_may_lose_commits_is_refused_unless_told(#[case] setting: &str) {
    let cluster = Cluster::start_with(&[&format!("{setting}=off")]);
    let database = cluster.database();
    let refused = serve(&database.address());
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains(setting) && told.contains(TOLD_OTHERWISE), "{told}");
    assert_eq!(String::from_utf8_lossy(&refused.stdout), "", "it never listened");

    let server = TestServer::start_at(&format!("{}?{TOLD_OTHERWISE}", database.address()), &[]);
    assert_eq!(crate::load::probe(&server, "/readyz"), 200, "told otherwise, it serves");
}

#[test]
fn a_setting_of_one_database_is_seen_too() {
    let cluster = Cluster::start();
    let database = cluster.database();
    let name = database.name();
    cluster.session("postgres").run(&format!("ALTER DATABASE {name} SET synchronous_commit = off")).unwrap();
    let refused = serve(&database.address());
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("synchronous_commit"), "{told}");
}

fn serve(address: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    program()
        .args(["serve", "--listen", "127.0.0.1:0", "--database", address, "--data-dir"])
        .arg(folder.path())
        .output()
        .unwrap()
}
