//! Only trouble with the storage is an error to a platform, and it says when to come again. Of the embedded engine alone,
//! whose file the shell can keep from growing; what a full disk does to PostgreSQL stands in `postgres_faults`.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::orders::shopify;
use crate::shop::{Kind, PlatformShop, Sent};
use crate::support::{Client, TestServer, program};

/// A server whose files may not grow beyond 700 KiB; ended when dropped.
struct Cramped(Child);

impl Drop for Cramped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Cramped {
    fn serve(data: &Path) -> (Self, SocketAddr) {
        let serve =
            "ulimit -f 700; exec \"$0\" serve --listen 127.0.0.1:0 --data-dir \"$1\" --log-filter off";
        let mut child = Command::new("bash")
            .args(["-c", serve])
            .arg(program().get_program())
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Self)
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.0.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on http://").expect("an address").parse();
        (child, address.expect("an address"))
    }
}

#[test]
fn a_full_disk_is_answered_503_and_the_delivery_is_taken_when_it_comes_again() {
    let mut server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::Shopify);
    assert_eq!(server.stop(), Some(0));
    let (cramped, address) = Cramped::serve(server.data());
    shop.client = Client::to(address, &shop.setup.api_key);
    let deliver = |shop: &mut PlatformShop, id: u64| {
        let body = shopify(id, "2026-11-20T10:00:00Z").to_string();
        let sent = Sent::new(shop, "orders/create", body.as_bytes());
        shop.send(&sent)
    };
    let refused = (1..5_000).find_map(|id| {
        let answer = deliver(&mut shop, id);
        (answer.status != 200).then_some((id, answer))
    });
    let (id, answer) = refused.expect("the disk is full at some time");
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.header("retry-after").is_some());
    assert_eq!(shop.client.get("/healthz").status, 200);

    drop(cramped);
    server.serve_again();
    shop.client = Client::with_key(&server, &shop.setup.api_key);
    assert_eq!(deliver(&mut shop, id).json["result"], "created", "nothing of it was stored before");
    assert_eq!(deliver(&mut shop, id - 1).json["result"], "unchanged", "and what was answered 200 is there");
}
