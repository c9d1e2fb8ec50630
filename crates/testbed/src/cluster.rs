//! A PostgreSQL server over a folder of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use crate::Session;
use crate::binaries::{self, Owner};
use crate::database::Database;
use crate::guardian::Guardian;

/// Longer than any start or stop, recovery included, takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Below the ports that the kernel gives to outgoing connections: a client that tries to reach a stopped server must not
/// take its port by accident.
const PORTS: std::ops::Range<u16> = 15_000..32_000;

/// How a server is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Ends the sessions and writes everything (`SIGINT`).
    Fast,
    /// Ends at once, recovers at the next start (`SIGQUIT`).
    Immediate,
    /// `kill -9` of the first process; the others notice and end.
    Kill,
}

/// A running server; ended and its folder removed when dropped, and also when the process ends in any other way.
///
/// It listens on loopback and lets everybody in as `postgres`. It is durable (`fsync` is on), small, and its texts sort
/// by the rules of English, so that a statement which forgets to compare bytewise is found.
pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    owner: Owner,
    settings: Vec<String>,
    port: u16,
    child: Mutex<Option<Child>>,
    guardian: Option<Guardian>,
}

impl Cluster {
    /// Makes a cluster and starts it.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more settings, each `name=value` as `postgresql.conf` knows them.
    pub fn start_with(settings: &[&str]) -> Self {
        Self::start_in(&quick_folder(), settings)
    }

    /// The same in a folder inside another one, for example of a small file system. Others must be able to enter it.
    pub fn start_in(parent: &Path, settings: &[&str]) -> Self {
        Self::over(parent, settings, Self::make)
    }

    /// Starts a server over a data folder that `fill` brings there, as from a backup; the folder is empty before.
    pub fn start_from(fill: impl FnOnce(&Path), settings: &[&str]) -> Self {
        Self::over(&quick_folder(), settings, |cluster| {
            let data = cluster.data();
            std::fs::create_dir(&data).expect("a folder for the data");
            fill(&data);
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            std::fs::set_permissions(&data, private).expect("a folder of ours");
            cluster.owner.own_all(&data);
        })
    }

    fn over(parent: &Path, settings: &[&str], make: impl FnOnce(&Self)) -> Self {
        let programs = binaries::postgres();
        let folder = tempfile::Builder::new().prefix("selektable-pg-").tempdir_in(parent);
        let folder = folder.expect("a folder for the cluster");
        let owner = Owner::choose(folder.path());
        owner.own(folder.path());
        let mut cluster = Self {
            guardian: None,
            programs,
            owner,
            settings: settings.iter().map(ToString::to_string).collect(),
            port: 0,
            child: Mutex::new(None),
            folder,
        };
        make(&cluster);
        let pid_file = cluster.data().join("postmaster.pid");
        cluster.guardian = Some(Guardian::watch(cluster.folder.path(), &pid_file, "postgres"));
        for _ in 0..5 {
            cluster.port = free_port();
            if cluster.try_start() {
                return cluster;
            }
        }
        panic!("PostgreSQL does not start:\n{}", cluster.log());
    }

    /// The port on 127.0.0.1; the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a database of this cluster.
    pub fn address(&self, database: &str) -> String {
        address(self.port, database)
    }

    /// A new, empty database; dropped with the value.
    pub fn database(&self) -> Database {
        Database::make(self.port, None)
    }

    /// A connection to a database of this cluster.
    pub fn session(&self, database: &str) -> Session {
        Session::open(self.port, database).unwrap_or_else(|error| panic!("{error:?}\n{}", self.log()))
    }

    /// Stops it and waits until its processes are gone.
    pub fn stop(&self, how: Shutdown) {
        let Some(mut child) = self.child.lock().unwrap().take() else { return };
        let signal = match how {
            Shutdown::Fast => "INT",
            Shutdown::Immediate => "QUIT",
            Shutdown::Kill => "KILL",
        };
        // Not yet waited for, so its id is its own, also when it has ended by itself.
        let _ = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
        child.wait().expect("PostgreSQL ends");
        if how == Shutdown::Kill {
            self.wait_for_orphans();
        }
    }

    /// Starts it again on the same folder and port, with the same settings; waits until it takes connections.
    pub fn start_again(&self) {
        assert!(self.child.lock().unwrap().is_none(), "it runs");
        assert!(self.try_start(), "PostgreSQL does not start again:\n{}", self.log());
    }

    /// Stops and starts it.
    pub fn restart(&self, how: Shutdown) {
        self.stop(how);
        self.start_again();
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Makes its user own a file or folder, such as one for a tablespace.
    pub fn give(&self, path: &Path) {
        self.owner.own(path);
    }

    /// Who runs it.
    pub(crate) fn owner(&self) -> Owner {
        self.owner
    }

    fn make(&self) {
        let made = self
            .owner
            .command(&self.programs.join("initdb"), self.folder.path())
            .args([
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-sync",
                "--no-instructions",
            ])
            .args(["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US", "--pgdata"])
            .arg(self.data())
            .output()
            .expect("initdb starts");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    }

    /// Starts the server and waits until it answers; `false` when it ended instead.
    fn try_start(&self) -> bool {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join("log"));
        let mut command = self.owner.command(&self.programs.join("postgres"), self.folder.path());
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string(), "-k"]).arg(self.folder.path());
        let small = [
            "listen_addresses=127.0.0.1",
            "shared_buffers=32MB",
            "max_connections=300",
            "max_wal_size=256MB",
        ];
        for setting in small.into_iter().chain(self.settings.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log.expect("a log file"));
        let mut child = command.spawn().expect("postgres starts");
        let began = Instant::now();
        loop {
            if child.try_wait().expect("a child of ours").is_some() {
                return false;
            }
            // A refusal for lack of connections is an answer too.
            match Session::open(self.port, "postgres") {
                Ok(_) => break,
                Err(error) if error.code == "53300" => break,
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
            assert!(began.elapsed() < PATIENCE, "PostgreSQL does not answer:\n{}", self.log());
        }
        *self.child.lock().unwrap() = Some(child);
        true
    }

    /// After `kill -9` of the first process its children hold the shared memory until they notice; none would start
    /// beside them.
    fn wait_for_orphans(&self) {
        let began = Instant::now();
        while processes_in(&self.data()) {
            assert!(began.elapsed() < PATIENCE, "PostgreSQL's processes do not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Where a test's output goes.
            eprintln!("PostgreSQL's log:\n{}", self.log());
        }
        self.stop(Shutdown::Immediate);
        self.guardian.take();
    }
}

/// The address of a database on this machine.
pub(crate) fn address(port: u16, database: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{database}")
}

/// Where clusters stand unless `TMPDIR` says: in memory, if there is enough of it. A process that is killed loses nothing
/// that it has written to memory either, and a database there is made in a tenth of the time.
fn quick_folder() -> PathBuf {
    const ENOUGH: u64 = 3 << 30;
    let shared = Path::new("/dev/shm");
    let room = rustix::fs::statvfs(shared).map_or(0, |room| room.f_bavail * room.f_frsize);
    let chosen = std::env::var_os("TMPDIR").is_some();
    if room >= ENOUGH && !chosen { shared.to_owned() } else { std::env::temp_dir() }
}

/// Whether a process works in a folder.
fn processes_in(folder: &Path) -> bool {
    let all = std::fs::read_dir("/proc").expect("/proc is there");
    all.flatten().any(|entry| std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == folder))
}

/// A port that nobody listens on; another at each call.
pub(crate) fn free_port() -> u16 {
    static STEP: AtomicU16 = AtomicU16::new(0);
    let spread = std::process::id().wrapping_mul(7_919);
    loop {
        let step = spread.wrapping_add(u32::from(STEP.fetch_add(13, Ordering::Relaxed)));
        let port =
            PORTS.start + u16::try_from(step % u32::from(PORTS.end - PORTS.start)).expect("in the range");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
