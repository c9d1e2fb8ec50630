//! Pages of the file that a disk has spoilt. A figure is right, or it is an error.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use serde_json::Value;

use super::mount::database;
use crate::support::{Client, Shop, program};

/// Bytes of a page.
const PAGE: usize = 4_096;
/// Of that many pages one is served, too; every one is verified.
const SERVED_OF: usize = 7;

/// A small history in one file, and what it says while it is whole.
struct Whole {
    content: Vec<u8>,
    dump: Vec<u8>,
    key: String,
    reports: Vec<(String, Value)>,
}

impl Whole {
    fn new() -> Self {
        let mut shop = Shop::open();
        let range = "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z";
        let names = ["summary", "timeseries", "models", "products", "conversions", "visualizations"];
        let paths = names.map(|name| shop.path(&format!("{name}?{range}")));
        let reports = paths.map(|path| {
            let answer = shop.client.get(&path);
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            (path, answer.json)
        });
        let server = shop.server;
        assert_eq!(server.stop(), Some(0));
        let dump = server.run(&["dump", "--canonical"]).stdout;
        let content = std::fs::read(database(server.data())).unwrap();
        Self { content, dump, key: server.setup.api_key.clone(), reports: reports.into() }
    }

    fn pages(&self) -> usize {
        self.content.len() / PAGE
    }

    /// The file with one page that holds nonsense.
    fn with_a_damaged(&self, page: usize) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut content = self.content.clone();
        content[page * PAGE..(page + 1) * PAGE].iter_mut().for_each(|byte| *byte ^= 0x5a);
        std::fs::write(database(folder.path()), content).unwrap();
        folder
    }
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    program().args(arguments).arg("--data-dir").arg(data).output().unwrap()
}

#[test]
fn a_damaged_page_is_found_by_verify_unless_nothing_stands_in_it() {
    let whole = Whole::new();
    let mut found = 0;
    for page in 0..whole.pages() {
        let folder = whole.with_a_damaged(page);
        let output = run(folder.path(), &["verify"]);
        if output.status.success() {
            let dumped = run(folder.path(), &["dump", "--canonical"]);
            assert!(
                dumped.status.success() && dumped.stdout == whole.dump,
                "page {page} is damaged in silence"
            );
        } else {
            let told = [output.stdout, output.stderr].concat();
            assert!(!told.is_empty(), "page {page}");
            found += 1;
        }
    }
    assert!(found * 2 > whole.pages(), "{found} of {}", whole.pages());
}

#[test]
fn a_server_on_a_damaged_page_answers_right_or_with_an_error() {
    let whole = Whole::new();
    let mut refused = 0;
    for page in (0..whole.pages()).step_by(SERVED_OF) {
        let folder = whole.with_a_damaged(page);
        let (server, address) = match Serving::start(folder.path()) {
            Ok(started) => started,
            Err(told) => {
                assert!(told.contains("damaged"), "page {page}: {told}");
                refused += 1;
                continue;
            }
        };
        for (path, right) in &whole.reports {
            let answer = Client::to(address, &whole.key).get(path);
            match answer.status {
                200 => assert_eq!(&answer.json, right, "page {page}: a wrong figure: {path}"),
                status => {
                    assert!(status >= 500, "page {page}: {path}: {}", answer.text());
                    refused += 1;
                }
            }
        }
        drop(server);
    }
    assert!(refused > 0, "no damage was met at all");
}

/// A server that may not start; ended when dropped.
struct Serving(Child);

impl Serving {
    fn start(data: &Path) -> Result<(Self, SocketAddr), String> {
        let log: PathBuf = data.join("log");
        let child = program()
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut serving = Self(child);
        let mut line = String::new();
        BufReader::new(serving.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        match line.trim().strip_prefix("listening on http://") {
            Some(address) => Ok((serving, address.parse().unwrap())),
            None => Err(std::fs::read_to_string(log).unwrap()),
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
