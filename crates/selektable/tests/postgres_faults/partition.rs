//! A network that is parted and resets nothing: the hardest fault to see.

use std::time::Duration;

use rstest::rstest;
use selektable_testbed::{Relay, database};

use crate::load::{Load, probe, until_probe};
use crate::support::TestServer;

#[rstest]
#[case::both_ways(Relay::part)]
#[case::replies_alone(Relay::hold_replies)]
fn a_parted_network_is_answered_503_and_healed_without_a_restart(#[case] part: fn(&Relay)) {
    let database = database();
    let relay = Relay::before(database.port());
    let server = TestServer::start_at(&relay.address(database.name()), &[]);
    let load = Load::on(&[&server]);
    load.wait_for(100);
    part(&relay);
    until_probe(&server, "/readyz", 503);
    load.wait_for_refusals(16);
    assert_eq!(probe(&server, "/healthz"), 200);
    relay.pass();
    assert!(load.wait_for(1) < Duration::from_secs(15));
    until_probe(&server, "/readyz", 200);
    load.wait_for(100);
    load.settle(&server);
}

#[test]
fn a_server_that_is_parted_in_the_middle_of_a_write_holds_nobody_else_up() {
    let database = database();
    let relay = Relay::before(database.port());
    let parted = TestServer::start_at(&relay.address(database.name()), &[]);
    let other = TestServer::join(&database.address(), &parted.setup, &[]);
    let stuck = Load::on(&[&parted]);
    stuck.wait_for(100);
    // Somewhere in a transaction, with whatever locks that holds.
    relay.part();
    let going_on = Load::named("other-", &[&other]);
    let held_up = going_on.wait_for(1);
    assert!(held_up < Duration::from_secs(45), "{held_up:?}");
    going_on.wait_for(100);
    relay.pass();
    stuck.wait_for(100);
    stuck.settle(&parted);
    going_on.settle(&other);
}
