//! Starts the programs under load and reads their memory.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::orders::Shop;

/// A started server; ended with [`Server::stop`].
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From start to the line that says so.
    pub(crate) ready: Duration,
}

impl Server {
    /// Starts a program that prints `listening on http://ADDRESS`.
    pub(crate) async fn start(program: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let begin = Instant::now();
        let mut child = Command::new(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| {
                format!("{} can't be started: build it first (cargo build --release)", program.display())
            })?;
        let mut lines = BufReader::new(child.stdout.take().context("no standard output")?).lines();
        let line = lines.next_line().await?.context("the server ended before it listened")?;
        let address =
            line.strip_prefix("listening on http://").context("an unexpected first line")?.trim().parse()?;
        Ok(Self { child, address, ready: begin.elapsed() })
    }

    /// A figure of `/proc/PID/status` in MiB, such as `VmRSS` (now) or `VmHWM` (highest so far).
    pub(crate) fn memory_mib(&self, figure: &str) -> anyhow::Result<f64> {
        let pid = self.child.id().context("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'));
        let kib: f64 = line.context("no such figure")?.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024.0)
    }

    /// Ends the server as an operator would and waits for it.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().context("the server has ended")?;
        ensure!(
            Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?.success(),
            "kill -TERM failed"
        );
        self.child.wait().await?;
        Ok(())
    }
}

/// The program beside this one.
pub(crate) fn sibling(name: &str) -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// Runs `selektable setup` on an empty data folder.
pub(crate) async fn set_up(
    program: &Path,
    data: &str,
    platform: &str,
    secret: Option<&str>,
) -> anyhow::Result<Shop> {
    let output = Command::new(program)
        .arg("setup")
        .args(secret.iter().flat_map(|secret| ["--webhook-secret", secret]))
        .args([
            "--platform",
            platform,
            "--org",
            "Bench",
            "--store",
            "Bench",
            "--email",
            "bench@example.com",
            "--json",
            "--data-dir",
            data,
        ])
        .output()
        .await
        .with_context(|| {
            format!("{} can't be started: build it first (cargo build --release)", program.display())
        })?;
    ensure!(output.status.success(), "setup failed: {}", String::from_utf8_lossy(&output.stderr));
    let made: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let text =
        |name: &str| made[name].as_str().map(str::to_owned).with_context(|| format!("setup gave no {name}"));
    let now = selektable::ambient::now();
    Ok(Shop {
        host: "127.0.0.1".to_owned(),
        key: text("apiKey")?,
        organization_id: text("organizationId")?,
        store_id: text("storeId")?,
        widget_id: text("widgetId")?,
        ordered_at: now.to_rfc3339(),
        visualized_at: now.plus_millis(-3_600_000).to_rfc3339(),
    })
}
