//! Connections break, above all between a commit and its reply.

use std::thread;
use std::time::Duration;

use selektable_testbed::{Relay, database};

use crate::load::Load;
use crate::support::TestServer;

#[test]
fn a_commit_whose_reply_is_lost_is_neither_lost_nor_made_twice() {
    let database = database();
    let relay = Relay::before(database.port());
    let server = TestServer::start_at(&relay.address(database.name()), &[]);
    let load = Load::on(&[&server]);
    for round in 1..=12 {
        load.wait_for(20);
        relay.cut_after_commits(1);
        load.wait_until("commit to cut", |_| relay.commits_cut() == round);
    }
    load.wait_for(100);
    load.settle(&server);
}

#[test]
fn commits_that_lose_their_replies_again_and_again_end_in_503_and_in_one_order() {
    let database = database();
    let relay = Relay::before(database.port());
    let server = TestServer::start_at(&relay.address(database.name()), &[]);
    let load = Load::on(&[&server]);
    load.wait_for(20);
    relay.cut_after_commits(30);
    load.wait_until("commits to cut", |_| relay.commits_cut() == 30);
    load.wait_for(100);
    load.settle(&server);
}

#[test]
fn connections_reset_at_any_moment_cost_nothing_but_time() {
    let database = database();
    let relay = Relay::before(database.port());
    let server = TestServer::start_at(&relay.address(database.name()), &[]);
    let load = Load::on(&[&server]);
    for moment in 0..30_u64 {
        load.wait_for(5);
        thread::sleep(Duration::from_micros(moment * 700));
        relay.cut();
    }
    load.wait_for(100);
    load.settle(&server);
}

#[test]
fn a_database_that_refuses_connections_for_a_while_is_found_again() {
    let database = database();
    let relay = Relay::before(database.port());
    let server = TestServer::start_at(&relay.address(database.name()), &[]);
    let load = Load::on(&[&server]);
    for _ in 0..3 {
        load.wait_for(50);
        relay.refuse();
        load.wait_for_refusals(20);
        relay.pass();
        assert!(load.wait_for(1) < Duration::from_secs(10));
    }
    load.settle(&server);
}

#[test]
fn a_slow_network_makes_answers_slow_and_not_wrong() {
    let database = database();
    let relay = Relay::before(database.port());
    let server = TestServer::start_at(&relay.address(database.name()), &[]);
    let load = Load::on(&[&server]);
    load.wait_for(20);
    relay.delay(Duration::from_millis(2));
    load.wait_for(50);
    relay.pass();
    load.settle(&server);
}
