//! The instruments themselves: a broken one would let a broken server pass.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use selektable_testbed::{Bouncer, Cluster, Relay, Session, Shutdown, database, database_like};

#[test]
fn what_was_committed_outlives_every_way_to_end() {
    let cluster = Cluster::start();
    cluster.session("postgres").run("CREATE TABLE kept (n int)").unwrap();
    for how in [Shutdown::Fast, Shutdown::Immediate, Shutdown::Kill] {
        cluster.session("postgres").run("INSERT INTO kept VALUES (1)").unwrap();
        cluster.restart(how);
    }
    assert_eq!(cluster.session("postgres").value("SELECT count(*) FROM kept").unwrap(), "3");
    for (setting, value) in [("fsync", "on"), ("synchronous_commit", "on")] {
        assert_eq!(cluster.session("postgres").value(&format!("SHOW {setting}")).unwrap(), value);
    }
}

#[test]
fn databases_are_apart_and_copies_have_what_was_prepared_once() {
    let prepare = |address: &str| {
        let (port, name) = address.rsplit_once(':').unwrap().1.split_once('/').unwrap();
        let mut session = Session::open(port.parse().unwrap(), name).unwrap();
        session.run("CREATE TABLE prepared (n int)").unwrap();
    };
    let (one, other) =
        (database_like("testbed", prepare), database_like("testbed", |_| panic!("prepared twice")));
    one.session().run("INSERT INTO prepared VALUES (1)").unwrap();
    assert_eq!(other.session().value("SELECT count(*) FROM prepared").unwrap(), "0");
    assert_eq!(database().session().run("TABLE prepared").unwrap_err().code, "42P01");
}

#[test]
fn a_relay_cuts_after_the_commit_and_not_before() {
    let database = database();
    let relay = Relay::before(port_of(&database.address()));
    let mut session = Session::open(relay.port(), database.name()).unwrap();
    session.run("CREATE TABLE t (n int)").unwrap();
    relay.cut_after_commits(1);
    assert_eq!(session.run("BEGIN; INSERT INTO t VALUES (1); COMMIT").unwrap_err().code, "08006");
    assert_eq!(relay.commits_cut(), 1);
    let mut again = Session::open(relay.port(), database.name()).unwrap();
    assert_eq!(again.value("SELECT count(*) FROM t").unwrap(), "1");
    again.run("BEGIN; INSERT INTO t VALUES (1); COMMIT").unwrap();
}

#[test]
fn a_parted_network_closes_nothing_and_hands_on_what_it_kept() {
    let database = database();
    let relay = Relay::before(port_of(&database.address()));
    let mut session = Session::open(relay.port(), database.name()).unwrap();
    relay.part();
    let waiting = std::thread::spawn(move || session.value("SELECT 7"));
    std::thread::sleep(Duration::from_millis(200));
    assert!(!waiting.is_finished());
    assert_eq!(relay.connections(), 1);
    relay.pass();
    assert_eq!(waiting.join().unwrap().unwrap(), "7");
    relay.delay(Duration::from_millis(50));
    let began = Instant::now();
    Session::open(relay.port(), database.name()).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(100));
    relay.refuse();
    assert!(Session::open(relay.port(), database.name()).is_err());
}

#[test]
fn a_pooler_lends_a_connection_for_one_transaction() {
    let cluster = Cluster::start();
    let bouncer = Bouncer::before(&cluster, 1);
    let mut sessions: Vec<Session> =
        (0..3).map(|_| Session::open(bouncer.port(), "postgres").unwrap()).collect();
    let backends: Vec<String> =
        sessions.iter_mut().map(|session| session.value("SELECT pg_backend_pid()").unwrap()).collect();
    assert!(backends.iter().all(|backend| *backend == backends[0]), "{backends:?}");
}

fn port_of(address: &str) -> u16 {
    address.rsplit_once(':').unwrap().1.split_once('/').unwrap().0.parse().unwrap()
}
