//! Databases for tests, many in one cluster.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cluster::{Cluster, address};
use crate::{Session, SqlError};

/// Names the cluster that all test programs of a run share: `postgres://postgres@127.0.0.1:PORT/postgres`.
pub const ADDRESS_VARIABLE: &str = "SELEKTABLE_TEST_POSTGRES";

/// A database; dropped with the value, whoever is still connected.
#[derive(Debug)]
pub struct Database {
    port: u16,
    name: String,
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
        let template = template.unwrap_or("template1");
        let mut session = Session::open(port, "postgres").unwrap_or_else(|error| panic!("{error:?}"));
        sql(session.run(&format!("CREATE DATABASE {name} TEMPLATE {template}")));
        Self { port, name }
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
        if let Ok(mut session) = Session::open(self.port, "postgres") {
            let _ = session.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}

fn sql<T>(answer: Result<T, SqlError>) -> T {
    answer.unwrap_or_else(|error| panic!("PostgreSQL: {} {}", error.code, error.message))
}

/// The port of the run's cluster, or of one of this test program.
fn shared_port() -> u16 {
    static OWN: OnceLock<Cluster> = OnceLock::new();
    match std::env::var(ADDRESS_VARIABLE) {
        Ok(address) => {
            let port = address.rsplit_once(':').and_then(|(_, rest)| rest.split('/').next()?.parse().ok());
            port.unwrap_or_else(|| panic!("{ADDRESS_VARIABLE} has no port: {address}"))
        }
        Err(_) => OWN.get_or_init(Cluster::start).port(),
    }
}
