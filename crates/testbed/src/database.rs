//! Databases for tests, many in one cluster.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::citus::{self, Citus};
use crate::cluster::{Cluster, address};
use crate::{Session, SqlError};

/// Names the cluster that all test programs of a run share: `postgres://postgres@127.0.0.1:PORT/postgres`.
pub const ADDRESS_VARIABLE: &str = "SELEKTABLE_TEST_POSTGRES";

/// What all tests of a program, or of a run, share.
pub enum Shared {
    /// One server.
    One(Cluster),
    /// Several nodes.
    Spread(Citus),
}

impl Shared {
    /// Starts one server, or the nodes that `SELEKTABLE_TEST_CITUS=1` asks for.
    pub fn start() -> Self {
        if Citus::is_wanted() { Self::Spread(Citus::start()) } else { Self::One(Cluster::start()) }
    }

    /// Whom to ask.
    pub fn cluster(&self) -> &Cluster {
        match self {
            Self::One(cluster) => cluster,
            Self::Spread(citus) => citus.coordinator(),
        }
    }
}

/// A database; dropped with the value, whoever is still connected.
#[derive(Debug)]
pub struct Database {
    port: u16,
    name: String,
    /// The ports of other nodes with a part of it.
    workers: Vec<u16>,
}

/// A new, empty database in the shared cluster.
pub fn database() -> Database {
    Database::make(shared_port(), None)
}

/// A copy of a database of the shared cluster that `prepare` is given the address of, once per name and run. It must have
/// closed its connections when it returns.
pub fn database_like(name: &str, prepare: impl FnOnce(&str)) -> Database {
    let port = shared_port();
    let template = format!("like_{name}");
    let mut session = Session::open(port, "postgres").unwrap_or_else(|error| panic!("{error:?}"));
    // Test programs run side by side: one prepares, the others wait. A name without the mark is of one that failed.
    let script = [
        "SELECT pg_advisory_lock(2026)".to_owned(),
        format!("SELECT count(*) FROM pg_database WHERE datname = '{template}' AND datistemplate"),
    ];
    sql(session.run(&script[0]));
    if sql(session.value(&script[1])) == "0" {
        sql(session.run(&format!("DROP DATABASE IF EXISTS {template} WITH (FORCE)")));
        sql(session.run(&format!("CREATE DATABASE {template}")));
        prepare(&address(port, &template));
        sql(session.run(&format!("ALTER DATABASE {template} IS_TEMPLATE true ALLOW_CONNECTIONS false")));
    }
    sql(session.run("SELECT pg_advisory_unlock(2026)"));
    Database::make(port, Some(&template))
}

impl Database {
    pub(crate) fn make(port: u16, template: Option<&str>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut session = Session::open(port, "postgres").unwrap_or_else(|error| panic!("{error:?}"));
        let workers = sql(citus::workers(&mut session));
        let empty = if workers.is_empty() { "template1" } else { citus::TEMPLATE };
        assert!(workers.is_empty() || template.is_none(), "what was prepared stands on one server");
        let template = template.unwrap_or(empty);
        let make = format!("CREATE DATABASE {name} TEMPLATE {template}");
        sql(session.run(&make));
        for port in &workers {
            sql(sql(Session::open(*port, "postgres")).run(&make));
        }
        Self { port, name, workers }
    }

    /// `postgres://postgres@127.0.0.1:PORT/NAME`.
    pub fn address(&self) -> String {
        address(self.port, &self.name)
    }

    /// The port of its cluster on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its name in the cluster.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of the same database by another way (a relay's or a bouncer's port).
    pub fn address_by(&self, port: u16) -> String {
        address(port, &self.name)
    }

    /// A connection to it.
    pub fn session(&self) -> Session {
        sql(Session::open(self.port, &self.name))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A cluster that is gone took it along.
        for port in [self.port].iter().chain(&self.workers) {
            if let Ok(mut session) = Session::open(*port, "postgres") {
                let _ = session.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
            }
        }
    }
}

fn sql<T>(answer: Result<T, SqlError>) -> T {
    answer.unwrap_or_else(|error| panic!("PostgreSQL: {} {}", error.code, error.message))
}

/// The port of the run's cluster, or of one of this test program.
fn shared_port() -> u16 {
    static OWN: OnceLock<Shared> = OnceLock::new();
    match std::env::var(ADDRESS_VARIABLE) {
        Ok(address) => {
            let port = address.rsplit_once(':').and_then(|(_, rest)| rest.split('/').next()?.parse().ok());
            port.unwrap_or_else(|| panic!("{ADDRESS_VARIABLE} has no port: {address}"))
        }
        Err(_) => OWN.get_or_init(Shared::start).cluster().port(),
    }
}
