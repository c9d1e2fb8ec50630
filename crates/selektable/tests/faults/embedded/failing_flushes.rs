//! `fsync` and `fdatasync` fail, as on a dying disk: libfiu stands between the program and the C library.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::mount::Mount;
use crate::load::{Books, must_be_whole, until};
use crate::support::{Client, TestServer};

/// Where `scripts/test-faults` has put libfiu.
const LIBRARY: &str = "SELEKTABLE_TEST_LIBFIU";

/// Both kinds of flush, with `EIO`.
const FLUSHES: &str = "name=posix/io/sync/*,failinfo=5";

/// A server whose flushes can be made to fail.
struct Fallible {
    server: TestServer,
    pipes: tempfile::TempDir,
}

impl Fallible {
    fn below(folder: &Path) -> Self {
        let library = std::env::var(LIBRARY)
            .unwrap_or_else(|_| panic!("{LIBRARY} does not say where libfiu is: run scripts/test-faults"));
        let library = PathBuf::from(library);
        let preloaded = ["libfiu.so.0", "fiu/fiu_run_preload.so", "fiu/fiu_posix_preload.so"].map(|name| {
            let path = library.join(name);
            assert!(path.exists(), "{} is missing: run scripts/test-faults", path.display());
            path.to_str().unwrap().to_owned()
        });
        let pipes = tempfile::tempdir().unwrap();
        let control = pipes.path().join("control");
        let environment =
            [("LD_PRELOAD", preloaded.join(" ")), ("FIU_CTRL_FIFO", control.display().to_string())];
        let server = TestServer::start_below(
            folder,
            &environment.each_ref().map(|(name, value)| (*name, value.as_str())),
        );
        Self { server, pipes }
    }

    /// Tells libfiu, inside the server, what is to fail.
    fn tell(&self, command: &str) {
        let pipe = |end: &str| self.pipes.path().join(format!("control-{}.{end}", self.server.pid()));
        std::fs::write(pipe("in"), format!("{command}\n")).unwrap();
        let mut answer = String::new();
        std::fs::File::open(pipe("out")).unwrap().read_to_string(&mut answer).unwrap();
        assert_eq!(answer.trim(), "0", "libfiu did not take {command:?}");
    }
}

#[test]
#[ignore = "needs root: scripts/test-faults"]
fn an_order_whose_flush_failed_is_never_acknowledged_and_it_heals_without_a_restart() {
    let mut mount = Mount::ext4(256);
    let mut fallible = Fallible::below(&mount.path());
    let books = Books::default();
    let server = &fallible.server;
    for _ in 0..3 {
        books.under_load(server, || {
            let enough = books.acknowledged() + 200;
            until("orders are acknowledged", || books.acknowledged() >= enough);
        });
        fallible.tell(&format!("enable {FLUSHES}"));
        let (acknowledged, refused) = (books.acknowledged(), books.refused());
        books.under_load(server, || until("orders are refused", || books.refused() > refused + 100));
        assert_eq!(books.acknowledged(), acknowledged, "nothing is acknowledged while no flush succeeds");
        until("it says that it is not ready", || Client::connect(server).get("/readyz").status == 503);
        fallible.tell("disable name=posix/io/sync/*");
        books.under_load(server, || {
            until("orders are acknowledged again", || books.acknowledged() > acknowledged + 200);
        });
        until("it is ready again", || Client::connect(server).get("/readyz").status == 200);
        books.must_agree_with(server);
    }

    // Now and then: batches that are kept and batches that are not stand beside each other.
    fallible.tell(&format!("enable_random {FLUSHES},probability=0.3"));
    let (enough, refused) = (books.acknowledged() + 1_000, books.refused() + 300);
    let mut before = BTreeSet::new();
    books.under_load(server, || {
        until("both happen", || books.acknowledged() > enough && books.refused() > refused);
        before = books.all_acknowledged();
        mount.cut_power();
        let refused = books.refused();
        until("every connection was told so", || books.refused() > refused + 32);
    });
    books.acknowledged_only(before);
    server.kill();
    mount.take_away();
    mount.again();
    fallible.server.serve_again();
    books.must_agree_with(&fallible.server);
    must_be_whole(&fallible.server);
    drop(fallible);
    mount.take_away();
}
