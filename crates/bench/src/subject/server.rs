//! Starts the programs under load.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::load;
use crate::process;
use crate::requests::Shop;

/// A started server; ended with [`Server::stop`], or at once when dropped.
pub(crate) struct Server {
    child: Child,
    /// Its process.
    pub(crate) pid: u32,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From start to the line that says so.
    pub(crate) ready: Duration,
}

impl Server {
    /// Starts a program that prints `listening on http://ADDRESS`. What it logs goes to standard error of this one when
    /// it does not come up.
    pub(crate) async fn start(program: &Path, arguments: &[String]) -> anyhow::Result<Self> {
        let begin = Instant::now();
        let log = tempfile::tempfile()?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(log.try_clone()?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| not_built(program))?;
        let pid = child.id().context("the server has ended")?;
        let mut lines = BufReader::new(child.stdout.take().context("no standard output")?).lines();
        let Some(line) = lines.next_line().await? else {
            anyhow::bail!("the server ended before it listened: {}", end_of(log)?);
        };
        let address =
            line.strip_prefix("listening on http://").context("an unexpected first line")?.trim().parse()?;
        Ok(Self { child, pid, address, ready: begin.elapsed() })
    }

    /// See [`process::memory_mib`].
    pub(crate) fn memory_mib(&self, figure: &str) -> anyhow::Result<f64> {
        process::memory_mib(self.pid, figure)
    }

    /// Ends the server as an operator would and waits for it.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        signal(self.pid, "TERM").await?;
        self.child.wait().await?;
        Ok(())
    }

    /// Logs in to the dashboard; answers the cookie.
    pub(crate) async fn log_in(&self, shop: &Shop) -> anyhow::Result<String> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("email", &shop.email)
            .append_pair("password", &shop.password)
            .finish();
        let request = format!(
            "POST /login HTTP/1.1\r\nhost: {}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            shop.host,
            form.len()
        );
        let answer = load::exchange(self.address, request.as_bytes()).await?;
        let cookie = answer.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("set-cookie").then(|| value.trim().split(';').next())?
        });
        let first = answer.lines().next().unwrap_or_default();
        Ok(cookie.with_context(|| format!("the login gave no cookie: {first}"))?.to_owned())
    }
}

/// Sends a signal to a process that this program started.
pub(crate) async fn signal(pid: u32, name: &str) -> anyhow::Result<()> {
    let status = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status().await?;
    ensure!(status.success(), "kill -{name} failed");
    Ok(())
}

fn end_of(mut log: std::fs::File) -> anyhow::Result<String> {
    use std::io::{Read, Seek};
    let mut text = String::new();
    log.rewind()?;
    log.read_to_string(&mut text)?;
    Ok(text.lines().rev().take(5).collect::<Vec<_>>().join(" / "))
}

fn not_built(program: &Path) -> String {
    format!("{} can't be started: build it first (cargo build --release --workspace)", program.display())
}

/// The program `selektable` beside this one, or what `SELEKTABLE_PROGRAM` names.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    match std::env::var_os("SELEKTABLE_PROGRAM") {
        Some(program) => Ok(program.into()),
        None => Ok(std::env::current_exe()?.with_file_name("selektable")),
    }
}

/// Runs `selektable setup` for an empty database.
pub(crate) async fn set_up(data: &[String], platform: &str, secret: Option<&str>) -> anyhow::Result<Shop> {
    const SETUP: [&str; 8] =
        ["setup", "--json", "--org", "Bench", "--store", "Bench", "--email", "bench@example.com"];
    let program = program()?;
    let output = Command::new(&program)
        .args(SETUP)
        .args(["--platform", platform])
        .args(secret.iter().flat_map(|secret| ["--webhook-secret", secret]))
        .args(data)
        .output()
        .await
        .with_context(|| not_built(&program))?;
    ensure!(output.status.success(), "setup failed: {}", String::from_utf8_lossy(&output.stderr));
    let made: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let text =
        |name: &str| made[name].as_str().map(str::to_owned).with_context(|| format!("setup gave no {name}"));
    Ok(Shop {
        host: "127.0.0.1".to_owned(),
        key: text("apiKey")?,
        organization_id: text("organizationId")?,
        store_id: text("storeId")?,
        widget_id: text("widgetId")?,
        email: text("email")?,
        password: text("password")?,
    })
}
