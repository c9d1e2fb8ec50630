//! PostgreSQL has no connection left (`53300`).

use std::time::{Duration, Instant};

use selektable_testbed::{Cluster, Relay, Session};

use crate::load::{Load, probe, until_probe};
use crate::support::TestServer;

#[test]
fn taken_connections_are_503_until_one_is_free() {
    let cluster = Cluster::start_with(&["max_connections=40"]);
    let database = cluster.database();
    let relay = Relay::before(cluster.port());
    let server = TestServer::start_at(&relay.address(database.name()), &[]);
    let load = Load::on(&[&server]);
    load.wait_for(50);
    // While the server has lost its connections, somebody else takes all there are.
    relay.refuse();
    let taken = take_all(&cluster);
    relay.pass();
    load.wait_for_refusals(20);
    until_probe(&server, "/readyz", 503);
    assert_eq!(probe(&server, "/healthz"), 200);
    drop(taken);
    assert!(load.wait_for(1) < Duration::from_secs(10));
    load.wait_for(50);
    load.settle(&server);
}

#[test]
fn a_server_lives_with_fewer_connections_than_it_would_like() {
    let cluster = Cluster::start_with(&["max_connections=40"]);
    let database = cluster.database();
    let mut taken = take_all(&cluster);
    // Room for setting up (which ends before the server starts) and for little more.
    taken.truncate(taken.len() - 4);
    let server = TestServer::start_at(&database.address(), &[]);
    let load = Load::on(&[&server]);
    load.wait_for(100);
    // The commands beside it need some too.
    drop(taken);
    load.settle(&server);
}

/// Connections until none is left.
fn take_all(cluster: &Cluster) -> Vec<Session> {
    let (mut taken, began) = (Vec::new(), Instant::now());
    loop {
        match Session::open(cluster.port(), "postgres") {
            Ok(session) => taken.push(session),
            // Backends of cut connections end a moment later: full only when it stays so.
            Err(error) if error.code == "53300" && began.elapsed() > Duration::from_secs(1) => return taken,
            Err(error) if error.code == "53300" => std::thread::yield_now(),
            Err(error) => panic!("{error:?}"),
        }
    }
}
