//! The database's disk is full. Needs root, for a small file system in memory that the test mounts: `scripts/test-faults`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use selektable_testbed::{Cluster, Session, Shutdown};

use crate::load::{Load, probe};
use crate::support::{Client, TestServer};

const HEALS_WITHIN: Duration = Duration::from_secs(15);

/// A small file system in memory, with room for everybody to make folders; taken away when dropped.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mount(megabytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let options = format!("size={megabytes}m,mode=1777");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "none"]).arg(folder.path()).status();
        assert!(mounted.unwrap().success(), "only root may mount: run scripts/test-faults as root");
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    /// Fills it but for so many bytes.
    fn fill_but(&self, left: usize) {
        let mut ballast = fs::File::create(self.ballast()).unwrap();
        let block = vec![0_u8; 64 * 1024];
        let mut size = 0;
        while std::io::Write::write_all(&mut ballast, &block).is_ok() {
            size += block.len();
        }
        ballast.set_len(size.saturating_sub(left) as u64).unwrap();
    }

    fn empty(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

#[test]
#[ignore = "needs root: scripts/test-faults"]
fn a_full_tablespace_is_503_until_there_is_room() {
    let disk = SmallDisk::mount(96);
    let cluster = Cluster::start();
    let tablespace = disk.path().join("tablespace");
    fs::create_dir(&tablespace).unwrap();
    cluster.give(&tablespace);
    let mut session = cluster.session("postgres");
    session.run(&format!("CREATE TABLESPACE small LOCATION '{}'", tablespace.display())).unwrap();
    session.run("CREATE DATABASE small TABLESPACE small").unwrap();
    let server = TestServer::start_at(&cluster.address("small"), &[]);
    let load = Load::on(&[&server]);
    load.wait_for(50);
    disk.fill_but(256 * 1024);
    load.wait_for_refusals(20);
    assert_eq!(probe(&server, "/healthz"), 200);
    let refused = crate::load::order(&server.setup, "while it is full");
    let answer = Client::connect(&server).post("/api/webhooks/orders", &refused);
    if answer.status == 503 {
        assert!(answer.text().contains("storage_full"), "it says why: {}", answer.text());
    }
    disk.empty();
    assert!(load.wait_for(1) < HEALS_WITHIN);
    load.wait_for(100);
    load.settle(&server);
}

#[test]
#[ignore = "needs root: scripts/test-faults"]
fn a_disk_too_full_for_the_log_ends_postgres_and_loses_nothing() {
    let disk = SmallDisk::mount(160);
    let cluster = Cluster::start_in(disk.path(), &["min_wal_size=32MB", "max_wal_size=48MB"]);
    let database = cluster.database();
    let server = TestServer::start_at(&database.address(), &[]);
    let load = Load::on(&[&server]);
    load.wait_for(50);
    disk.fill_but(0);
    load.wait_for_refusals(20);
    assert_eq!(probe(&server, "/healthz"), 200);
    disk.empty();
    // It panics, and does not always come up again by itself: whoever runs it starts it then.
    if Session::open(cluster.port(), "postgres").is_err() {
        cluster.stop(Shutdown::Immediate);
        cluster.start_again();
    }
    assert!(load.wait_for(1) < HEALS_WITHIN);
    load.wait_for(100);
    load.settle(&server);
}
