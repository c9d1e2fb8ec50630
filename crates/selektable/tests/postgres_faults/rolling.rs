//! Servers are replaced one after the other and no client notices.

use std::thread;
use std::time::{Duration, Instant};

use selektable_testbed::database;

use crate::load::Load;
use crate::proxy::Proxy;
use crate::support::TestServer;

/// More than the proxy's time between two probes.
const LEAVE: [&str; 2] = ["--drain-delay-ms", "600"];

#[test]
fn a_rolling_restart_behind_a_proxy_that_asks_for_readiness_fails_no_request() {
    let database = database();
    let mut one = TestServer::start_at(&database.address(), &LEAVE);
    let mut other = TestServer::join(&database.address(), &one.setup, &LEAVE);
    let proxy = Proxy::start();
    proxy.add(one.address);
    proxy.add(other.address);
    until_ready(&proxy, 2);
    let load = Load::at(proxy.address, &one.setup);
    for _ in 0..2 {
        for server in [&mut one, &mut other] {
            load.wait_for(100);
            assert_eq!(server.stop(), Some(0));
            proxy.remove(server.address);
            server.serve_again();
            proxy.add(server.address);
            until_ready(&proxy, 2);
        }
    }
    load.wait_for(100);
    assert_eq!(load.refused(), 0, "not even a 503");
    load.settle(&one);
}

fn until_ready(proxy: &Proxy, count: usize) {
    let began = Instant::now();
    while proxy.ready() != count {
        assert!(began.elapsed() < Duration::from_secs(20), "{} of {count} servers are ready", proxy.ready());
        thread::sleep(Duration::from_millis(10));
    }
}
