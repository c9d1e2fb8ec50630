//! PostgreSQL on several nodes, with the `citus` extension: a coordinator and two workers, each a cluster.

use crate::cluster::Cluster;
use crate::{Session, SqlError};

/// Asks for it: all that tests share stands on such nodes then.
pub const CITUS_VARIABLE: &str = "SELEKTABLE_TEST_CITUS";
/// How many workers stand behind the coordinator.
const WORKERS: usize = 2;
/// The database, on each node, that others are copies of.
pub(crate) const TEMPLATE: &str = "like_nodes";
/// Each node has a maintenance process for each database; few shards, because each is a table that is made and dropped.
const SETTINGS: [&str; 7] = [
    "shared_preload_libraries=citus",
    "max_worker_processes=200",
    "max_prepared_transactions=400",
    "max_locks_per_transaction=1024",
    "citus.shard_count=4",
    "citus.node_conninfo=sslmode=disable",
    "wal_level=logical",
];

/// The nodes; ended when dropped.
pub struct Citus {
    coordinator: Cluster,
    workers: Vec<Cluster>,
}

impl Citus {
    /// Whether the tests are to run on it.
    pub fn is_wanted() -> bool {
        std::env::var(CITUS_VARIABLE).is_ok_and(|wanted| wanted == "1")
    }

    /// Starts the nodes. Where PostgreSQL has no such extension it says so and panics.
    pub fn start() -> Self {
        assert!(crate::binaries::has_library("citus"), "{}", missing());
        let workers: Vec<Cluster> = (0..WORKERS).map(|_| Cluster::start_with(&SETTINGS)).collect();
        let coordinator = Cluster::start_with(&SETTINGS);
        let ports: Vec<u16> = workers.iter().map(Cluster::port).collect();
        join(coordinator.port(), &ports, "postgres");
        make_template(coordinator.port(), &ports);
        Self { coordinator, workers }
    }

    /// The node that is asked.
    pub fn coordinator(&self) -> &Cluster {
        &self.coordinator
    }

    /// The node where a store's rows stand in a database, by the store's number.
    pub fn node_of(&self, database: &crate::Database, store: i64) -> &Cluster {
        let sql = format!(
            "SELECT nodeport FROM pg_dist_shard_placement WHERE shardid = \
             get_shard_id_for_distribution_column('store_writers', {store})"
        );
        let port = database.session().value(&sql).unwrap_or_else(|error| panic!("{error:?}"));
        let node = self.workers.iter().find(|worker| worker.port().to_string() == port);
        node.unwrap_or_else(|| panic!("store {store} stands on no worker: {port:?}"))
    }
}

fn missing() -> String {
    format!(
        "Citus is not installed for the PostgreSQL in {}: docs/scaling.md says how to get it, and \
         SELEKTABLE_TEST_PROGRAMS=FOLDER names the programs of another PostgreSQL",
        crate::binaries::postgres().display()
    )
}

/// The ports of a coordinator's workers, none where the server is no coordinator.
pub(crate) fn workers(session: &mut Session) -> Result<Vec<u16>, SqlError> {
    if session.value("SELECT coalesce(to_regclass('pg_dist_node')::text, '')")?.is_empty() {
        return Ok(Vec::new());
    }
    let ports = session.run("SELECT nodeport FROM pg_dist_node WHERE groupid <> 0 ORDER BY nodeport")?;
    Ok(ports.into_iter().flatten().flatten().filter_map(|port| port.parse().ok()).collect())
}

/// Makes what every database of the tests is a copy of: empty, and its nodes know each other.
fn make_template(coordinator: u16, workers: &[u16]) {
    let on_all = |sql: &str| {
        for port in workers.iter().chain([&coordinator]) {
            run(*port, "postgres", sql);
        }
    };
    on_all(&format!("CREATE DATABASE {TEMPLATE}"));
    join(coordinator, workers, TEMPLATE);
    // What has connections, those of Citus's own processes too, is not copied.
    on_all(&format!("ALTER DATABASE {TEMPLATE} IS_TEMPLATE true ALLOW_CONNECTIONS false"));
    on_all(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{TEMPLATE}'"));
}

fn run(port: u16, database: &str, sql: &str) {
    let mut session = Session::open(port, database).unwrap_or_else(|error| panic!("{error:?}"));
    session.run(sql).unwrap_or_else(|error| panic!("Citus: {} {}", error.code, error.message));
}

/// Makes nodes of the databases that have one name on all of them.
fn join(coordinator: u16, workers: &[u16], database: &str) {
    for port in workers.iter().chain([&coordinator]) {
        run(*port, database, "CREATE EXTENSION citus");
    }
    let host = format!("SELECT citus_set_coordinator_host('127.0.0.1', {coordinator})");
    run(coordinator, database, &host);
    for port in workers {
        run(coordinator, database, &format!("SELECT citus_add_node('127.0.0.1', {port})"));
    }
}
