//! `PgBouncer` in transaction mode before a cluster.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::binaries;
use crate::cluster::{Cluster, address, free_port};
use crate::guardian::Guardian;
use crate::{Session, SqlError};

/// A running pooler; ended when dropped.
pub struct Bouncer {
    folder: tempfile::TempDir,
    port: u16,
    child: Child,
    _guardian: Guardian,
}

impl Bouncer {
    /// Pools connections to a cluster: at most `connections` to each database, each lent for one transaction.
    pub fn before(cluster: &Cluster, connections: u32) -> Self {
        let folder = tempfile::Builder::new().prefix("selektable-pgb-").tempdir().expect("a folder");
        let owner = cluster.owner();
        owner.own(folder.path());
        let port = free_port();
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
             default_pool_size = {connections}\nmax_client_conn = 500\npidfile = {folder}/pid\n\
             admin_users = postgres\n",
            cluster.port(),
            folder = folder.path().display(),
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, settings).expect("a settings file");
        let log = std::fs::File::create(folder.path().join("log")).expect("a log file");
        let child = owner
            .command(&binaries::pgbouncer(), folder.path())
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("pgbouncer starts");
        let guardian = Guardian::watch(folder.path(), &folder.path().join("pid"), "pgbouncer");
        let bouncer = Self { folder, port, child, _guardian: guardian };
        bouncer.wait();
        bouncer
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a database by the pooler.
    pub fn address(&self, database: &str) -> String {
        address(self.port, database)
    }

    fn wait(&self) {
        let began = Instant::now();
        while let Err(SqlError { code, message }) = Session::open(self.port, "postgres") {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "PgBouncer does not answer: {code} {message}\n{}",
                std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
