//! PostgreSQL itself ends and comes again.

use std::time::Duration;

use rstest::rstest;
use selektable_testbed::{Cluster, Shutdown};

use crate::load::{Load, probe, until_probe};
use crate::support::TestServer;

/// From the database's return to the next acknowledged order.
const HEALS_WITHIN: Duration = Duration::from_secs(10);

#[rstest]
#[case::restart(Shutdown::Fast)]
#[case::immediate_stop(Shutdown::Immediate)]
#[case::kill(Shutdown::Kill)]
fn nothing_is_lost_when_postgres_goes_and_servers_go_on_when_it_is_back(#[case] how: Shutdown) {
    let cluster = Cluster::start();
    let database = cluster.database();
    let server = TestServer::start_at(&database.address(), &[]);
    let load = Load::on(&[&server]);
    for _ in 0..2 {
        load.wait_for(100);
        cluster.stop(how);
        load.wait_for_refusals(20);
        until_probe(&server, "/readyz", 503);
        assert_eq!(probe(&server, "/healthz"), 200, "the process lives");
        cluster.start_again();
        let healed = load.wait_for(1);
        assert!(healed < HEALS_WITHIN, "{healed:?}");
        until_probe(&server, "/readyz", 200);
    }
    load.wait_for(100);
    load.settle(&server);
}

#[test]
fn a_restart_between_two_requests_costs_no_request() {
    let cluster = Cluster::start();
    let database = cluster.database();
    let server = TestServer::start_at(&database.address(), &[]);
    let load = Load::on(&[&server]);
    load.wait_for(10);
    load.settle(&server);
    // Connections of before are dead now, and nobody has used one since.
    cluster.restart(Shutdown::Fast);
    until_probe(&server, "/readyz", 200);
    let load = Load::named("after-", &[&server]);
    load.wait_for(10);
    assert_eq!(load.refused(), 0, "ready means ready");
    load.settle(&server);
}

#[test]
fn a_server_started_before_its_database_says_so_and_ends() {
    let cluster = Cluster::start();
    let database = cluster.database();
    let address = database.address();
    cluster.stop(Shutdown::Fast);
    let folder = tempfile::tempdir().unwrap();
    let output = crate::support::program()
        .args(["serve", "--listen", "127.0.0.1:0", "--database", &address, "--data-dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("the storage can't be reached"), "{told}");
    cluster.start_again();
}
