//! `PgBouncer` in transaction mode between: each transaction may run on another connection, and none keeps anything.

use selektable_testbed::{Bouncer, Cluster, Shutdown};

use crate::load::{Load, check};
use crate::support::TestServer;

fn through(bouncer: &Bouncer, database: &str) -> String {
    format!("{}?pgbouncer=true", bouncer.address(database))
}

#[test]
fn two_servers_share_four_connections_through_a_pooler() {
    let cluster = Cluster::start();
    let database = cluster.database();
    let bouncer = Bouncer::before(&cluster, 4);
    let one = TestServer::start_at(&through(&bouncer, database.name()), &[]);
    let other = TestServer::join(&through(&bouncer, database.name()), &one.setup, &[]);
    let load = Load::on(&[&one, &other]);
    load.wait_for(400);
    assert_eq!(load.refused(), 0, "nothing was wrong");
    load.settle(&one);
    check(&other);
    assert!(one.run(&["verify"]).status.success());
}

#[test]
fn a_restart_behind_a_pooler_is_503_and_then_over() {
    let cluster = Cluster::start();
    let database = cluster.database();
    let bouncer = Bouncer::before(&cluster, 4);
    let server = TestServer::start_at(&through(&bouncer, database.name()), &[]);
    let load = Load::on(&[&server]);
    load.wait_for(50);
    cluster.stop(Shutdown::Immediate);
    load.wait_for_refusals(10);
    cluster.start_again();
    load.wait_for(50);
    load.settle(&server);
}
