//! The power goes while orders are being acknowledged.

use std::collections::BTreeSet;

use super::mount::Mount;
use crate::load::{Books, must_be_whole, until};
use crate::support::TestServer;

/// Cuts, each on what the last one left.
const CUTS: usize = 8;
/// Acknowledged orders after which the first cut comes; some more in each later round.
const ACKNOWLEDGED: usize = 200;

#[test]
#[ignore = "needs root: scripts/test-faults"]
fn after_a_power_cut_every_acknowledged_order_is_there_once() {
    let mut mount = Mount::ext4(256);
    let books = Books::default();
    let mut server = TestServer::start_below(&mount.path(), &[]);
    for round in 0..CUTS {
        let enough = books.acknowledged() + ACKNOWLEDGED + 37 * round;
        let mut before = BTreeSet::new();
        books.under_load(&server, || {
            until("orders are acknowledged", || books.acknowledged() >= enough);
            before = books.all_acknowledged();
            mount.cut_power();
            let refused = books.refused();
            until("every connection was told so", || books.refused() > refused + 32);
        });
        books.acknowledged_only(before);
        server.kill();
        mount.take_away();
        mount.again();
        server.serve_again();
        books.must_agree_with(&server);
    }
    must_be_whole(&server);
    drop(server);
    mount.take_away();
}
