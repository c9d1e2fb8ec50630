//! A node of Citus is away.

use std::time::{Duration, Instant};

use selektable_testbed::{Citus, Shutdown};

use crate::load::{check, order, probe, until_probe};
use crate::support::{Client, Setup, TestServer};

const SOON: Duration = Duration::from_secs(60);

fn post(server: &TestServer, setup: &Setup, id: &str) -> u16 {
    Client::with_key(server, &setup.api_key).post("/api/webhooks/orders", &order(setup, id)).status
}

#[test]
#[ignore = "needs an extension: scripts/test-citus"]
fn while_a_node_is_away_stores_of_the_others_go_on_and_its_own_do_when_it_is_back() {
    let citus = Citus::start();
    let database = citus.coordinator().database();
    let server = TestServer::start_at(&database.address(), &[]);
    let setups: Vec<Setup> = std::iter::once(server.setup.clone())
        .chain((2..=6).map(|number| server.another_organization(&format!("organization-{number}"))))
        .collect();
    let nodes: Vec<_> =
        (1..).zip(&setups).map(|(store, setup)| (citus.node_of(&database, store), setup)).collect();
    for (_, setup) in &nodes {
        assert_eq!(post(&server, setup, "before"), 200);
    }
    let lost = nodes[0].0;
    assert!(nodes.iter().any(|(node, _)| node.port() != lost.port()), "all stores stand on one node");
    lost.stop(Shutdown::Kill);
    for number in 0..5 {
        for (node, setup) in &nodes {
            let expected = if node.port() == lost.port() { 503 } else { 200 };
            assert_eq!(post(&server, setup, &format!("meanwhile-{number}")), expected);
        }
    }
    assert_eq!(probe(&server, "/readyz"), 200, "it takes what it can");
    lost.start_again();
    let began = Instant::now();
    while post(&server, nodes[0].1, "after") != 200 {
        assert!(began.elapsed() < SOON, "{}", server.log());
    }
    for (_, setup) in &nodes {
        assert_eq!(post(&server, setup, "after"), 200);
        assert_eq!(post(&server, setup, "meanwhile-0"), 200);
    }
    until_probe(&server, "/readyz", 200);
    check(&server);
}
