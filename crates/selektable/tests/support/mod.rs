//! The real program on a free port over an empty database, and a small HTTP client that hides nothing.
#![allow(dead_code, unused_imports, reason = "every test program uses a part of it")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can not go on says where"
)]
#![allow(clippy::format_push_string, reason = "clearer here, and not on a hot path")]
#![allow(unreachable_pub, reason = "shared by test programs, each of which is a crate")]

mod client;
mod engine;
mod raw;
mod shop;

pub use client::{Answer, Client};
pub use engine::{address_of, on_postgres, program_on, stands_in};
pub use raw::{Ended, Raw, exchange};
pub use shop::Shop;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;

/// What `selektable setup --json` answers.
#[derive(Clone, Debug)]
pub struct Setup {
    pub organization_id: String,
    pub store_id: String,
    pub widget_id: String,
    pub api_key: String,
    pub email: String,
    pub password: String,
    /// The secret of a platform's webhooks, where setup made one.
    pub webhook_secret: Option<String>,
}

/// A running server; ended (`SIGKILL`) and its folder removed when dropped.
pub struct TestServer {
    pub address: SocketAddr,
    pub setup: Setup,
    data: tempfile::TempDir,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    child: Mutex<Option<Child>>,
}

impl TestServer {
    /// The same in a folder of its own below another one, with an environment for the server alone.
    pub fn start_below(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir_in(folder).expect("a folder for the test");
        let setup = set_up(data.path(), "Test Organization", "merchant@example.com", &[]);
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self::of(data, setup, Vec::new(), environment.collect())
    }

    fn of(
        data: tempfile::TempDir,
        setup: Setup,
        arguments: Vec<String>,
        environment: Vec<(String, String)>,
    ) -> Self {
        let (child, address) = serve(data.path(), &arguments, &environment);
        Self { address, setup, data, arguments, environment, child: Mutex::new(Some(child)) }
    }

    /// Sets a store up and serves it on a free port.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with more arguments for `serve`.
    pub fn start_with(arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a folder for the test");
        let setup = set_up(data.path(), "Test Organization", "merchant@example.com", &[]);
        Self::on(data, setup, arguments)
    }

    /// Sets a store up with more arguments for `setup` (`--platform woocommerce`), and serves it with more for `serve`.
    pub fn start_shop(of_setup: &[&str], of_serve: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a folder for the test");
        let setup = set_up(data.path(), "Test Organization", "merchant@example.com", of_setup);
        Self::on(data, setup, of_serve)
    }

    /// Sets a store up in the database at an address, and serves it.
    pub fn start_at(address: &str, arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a folder for the test");
        engine::place(data.path(), address);
        let setup = set_up(data.path(), "Test Organization", "merchant@example.com", &[]);
        Self::on(data, setup, arguments)
    }

    /// The same with more arguments for `setup`.
    pub fn start_shop_at(address: &str, of_setup: &[&str], of_serve: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a folder for the test");
        engine::place(data.path(), address);
        let setup = set_up(data.path(), "Test Organization", "merchant@example.com", of_setup);
        Self::on(data, setup, of_serve)
    }

    /// One more server of a store, by any address of its database.
    pub fn join(address: &str, setup: &Setup, arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a folder for the test");
        engine::place(data.path(), address);
        Self::on(data, setup.clone(), arguments)
    }

    fn on(data: tempfile::TempDir, setup: Setup, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(ToString::to_string).collect();
        Self::of(data, setup, arguments, Vec::new())
    }

    /// Serves an empty folder, as before the first set-up; `setup` holds empty texts.
    pub fn start_empty() -> Self {
        let data = tempfile::tempdir().expect("a folder for the test");
        let nothing = String::new;
        let setup = Setup {
            organization_id: nothing(),
            store_id: nothing(),
            widget_id: nothing(),
            api_key: nothing(),
            email: nothing(),
            password: nothing(),
            webhook_secret: None,
        };
        Self::of(data, setup, Vec::new(), Vec::new())
    }

    /// `http://ADDRESS` and a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The folder of the database.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.child.lock().unwrap().as_ref().expect("the server runs").id()
    }

    /// Another organization with a store, a widget and a key of its own, made beside the running server.
    pub fn another_organization(&self, name: &str) -> Setup {
        set_up(self.data.path(), name, &format!("{name}@example.com"), &[])
    }

    /// `kill -9`.
    pub fn kill(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            child.kill().expect("the server can be killed");
            child.wait().expect("the server ends");
        }
    }

    /// Asks the server to stop (`SIGTERM`) and waits for it; its exit code.
    pub fn stop(&self) -> Option<i32> {
        self.signal("TERM");
        self.wait()
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), pid.as_str()]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// Waits until it has ended by itself; its exit code.
    pub fn wait(&self) -> Option<i32> {
        let mut child = self.child.lock().unwrap().take().expect("the server runs");
        child.wait().expect("the server ends").code()
    }

    /// What it has logged, since the folder was made.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join("test-server.log")).unwrap_or_default()
    }

    /// Serves the same folder again, on another free port.
    pub fn restart(&mut self) {
        self.kill();
        self.serve_again();
    }

    /// Serves the same folder again after it has ended.
    pub fn serve_again(&mut self) {
        let (child, address) = serve(self.data.path(), &self.arguments, &self.environment);
        self.address = address;
        *self.child.lock().unwrap() = Some(child);
    }

    /// Runs another command of the program on the same folder.
    pub fn run(&self, arguments: &[&str]) -> Output {
        program_on(self.data()).args(arguments).output().expect("the program starts")
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.kill();
        engine::forget(self.data.path());
    }
}

/// The program under test, with an environment that sets nothing.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_selektable"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SELEKTABLE_")) {
        command.env_remove(name);
    }
    command
}

/// Runs `selektable setup --json` in a folder.
pub fn set_up(data: &Path, organization: &str, email: &str, more: &[&str]) -> Setup {
    let output = program_on(data)
        .args(["setup", "--org", organization, "--store", "Test Store", "--email", email, "--json"])
        .args(more)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "setup failed: {}", String::from_utf8_lossy(&output.stderr));
    let made: serde_json::Value = serde_json::from_slice(&output.stdout).expect("setup --json prints JSON");
    let text =
        |name: &str| made[name].as_str().unwrap_or_else(|| panic!("setup gave no {name}: {made}")).to_owned();
    Setup {
        organization_id: text("organizationId"),
        store_id: text("storeId"),
        widget_id: text("widgetId"),
        api_key: text("apiKey"),
        email: text("email"),
        password: text("password"),
        webhook_secret: made["webhookSecret"].as_str().map(str::to_owned),
    }
}

fn serve(data: &Path, arguments: &[String], environment: &[(String, String)]) -> (Child, SocketAddr) {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(data.join("test-server.log"));
    let mut child = program_on(data)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped())
        .stderr(log.expect("a log file"))
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    let Some(address) = line.trim().strip_prefix("listening on http://") else {
        let log = std::fs::read_to_string(data.join("test-server.log")).unwrap_or_default();
        panic!("the server did not start: {line:?}\n{log}");
    };
    (child, address.parse().expect("an address"))
}
