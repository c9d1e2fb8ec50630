//! A throw-away PostgreSQL cluster: made with `initdb`, listening on 127.0.0.1 and on a socket in its own folder, with
//! PostgreSQL's own settings for durability (`fsync`, `synchronous_commit` and `full_page_writes` are on).

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::process::{Child, Command};

use super::server::signal;

/// Settings that differ from PostgreSQL's own: room for the load's connections, and for a history of some gigabytes.
const SETTINGS: [&str; 5] = [
    "max_connections=300",
    "shared_buffers=512MB",
    "max_wal_size=4GB",
    "listen_addresses=127.0.0.1",
    "log_min_messages=fatal",
];
/// Longest time until it takes connections.
const READY: Duration = Duration::from_secs(60);
const USER: &str = "bench";

/// A running cluster; ended with [`Cluster::stop`], or at once when dropped.
pub(crate) struct Cluster {
    child: Child,
    /// The postmaster.
    pub(crate) pid: u32,
    port: u16,
    password: String,
}

impl Cluster {
    /// Makes a cluster in a folder of its own, and its password beside the data.
    pub(crate) async fn make(folder: &Path) -> anyhow::Result<()> {
        let owner = Owner::of(folder)?;
        std::fs::create_dir_all(folder)?;
        owner.give(folder)?;
        let password = format!("{:032x}", u128::from_be_bytes(selektable::ambient::random_bytes()));
        let file = password_file(folder);
        std::fs::write(&file, password)?;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
        owner.give(&file)?;
        let output = owner
            .command(&binaries()?.join("initdb"), folder)
            .args(["--username", USER, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"])
            .arg("--pwfile")
            .arg(&file)
            .arg("--pgdata")
            .arg(data(folder))
            .output()
            .await
            .context("initdb can't be started")?;
        ensure!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Starts the cluster of a folder, and waits until it takes connections.
    pub(crate) async fn start(folder: &Path) -> anyhow::Result<Self> {
        let owner = Owner::of(folder)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let password = std::fs::read_to_string(password_file(folder))?;
        let log = std::fs::File::create(folder.join("log"))?;
        let mut command = owner.command(&binaries()?.join("postgres"), folder);
        command.arg("-D").arg(data(folder)).arg("-k").arg(folder).args(["-p", &port.to_string()]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let child = command.stdout(Stdio::null()).stderr(log).spawn().context("postgres can't be started")?;
        let pid = child.id().context("postgres has ended")?;
        let mut cluster = Self { child, pid, port, password };
        cluster.wait(folder).await?;
        Ok(cluster)
    }

    async fn wait(&mut self, folder: &Path) -> anyhow::Result<()> {
        let begin = Instant::now();
        while let Err(fault) = tokio_postgres::connect(&self.address("postgres"), tokio_postgres::NoTls).await
        {
            let ended = self.child.try_wait()?.is_some();
            let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            ensure!(!ended && begin.elapsed() < READY, "PostgreSQL does not answer: {fault} {}", log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Makes an empty database; answers its address.
    pub(crate) async fn create_database(&self, name: &str) -> anyhow::Result<String> {
        let (client, connection) =
            tokio_postgres::connect(&self.address("postgres"), tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE \"{name}\"")).await?;
        drop(client);
        connection.await??;
        Ok(self.address(name))
    }

    /// The address of one of its databases.
    pub(crate) fn address(&self, database: &str) -> String {
        format!("postgres://{USER}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// Ends it in order: everything is in its files afterwards.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        signal(self.pid, "INT").await?;
        self.child.wait().await?;
        Ok(())
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn password_file(folder: &Path) -> PathBuf {
    folder.join("password")
}

/// The folder of PostgreSQL's programs: Debian's newest, else where `PATH` has them.
fn binaries() -> anyhow::Result<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut majors: Vec<u32> =
        debian.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    majors.sort_unstable();
    let debian = majors.iter().rev().map(|major| PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")));
    let search = std::env::var_os("PATH").unwrap_or_default();
    debian
        .chain(std::env::split_paths(&search))
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .context("PostgreSQL's programs (initdb, postgres) are not installed")
}

/// As whom PostgreSQL runs: it refuses root, for whom the user `postgres` stands in.
struct Owner(Option<(u32, u32)>);

impl Owner {
    /// For data below a folder that this program made.
    fn of(folder: &Path) -> anyhow::Result<Self> {
        let made = folder.ancestors().find(|folder| folder.exists()).context("no folder")?;
        let myself = std::fs::metadata("/proc/self")?.uid();
        if myself != 0 {
            return Ok(Self(None));
        }
        // Everybody may pass through the folder of this run; what is in it stays closed.
        let open = std::fs::metadata(made)?.permissions().mode() | 0o711;
        std::fs::set_permissions(made, std::fs::Permissions::from_mode(open))?;
        let users = std::fs::read_to_string("/etc/passwd")?;
        let ids = users.lines().find_map(|line| {
            let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        Ok(Self(Some(ids.context("root can't run PostgreSQL, and there is no user `postgres`")?)))
    }

    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env_remove("PGDATA").stdin(Stdio::null()).kill_on_drop(true);
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }

    fn give(&self, path: &Path) -> anyhow::Result<()> {
        if let Some((user, group)) = self.0 {
            chown(path, Some(user), Some(group))?;
        }
        Ok(())
    }
}
