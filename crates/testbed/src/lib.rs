//! For tests only: throw-away PostgreSQL clusters, and a relay that breaks connections to them.
//!
//! **How to use it.** `testbed::database()` makes an empty database and gives a [`Database`]: its `address()` is
//! `postgres://postgres@127.0.0.1:PORT/NAME`, and it is dropped with the value. All of a test program's databases stand
//! in one cluster, started at the first; all of a `scripts/test` run stand in one that the program `selektable-testbed
//! COMMAND…` starts and names in `SELEKTABLE_TEST_POSTGRES`. By hand: `cargo run -q -p selektable-testbed -- bash`
//! gives a shell with a cluster (`psql "$SELEKTABLE_TEST_POSTGRES"`), ended with the shell. Clusters stand in `/dev/shm`
//! where there is room; `TMPDIR=/var/tmp` puts them on the disk, as measuring needs.
//! [`database_like`] copies a database that was prepared once. Tests that stop, kill or fill the server take a cluster
//! of their own: [`Cluster::start`]. Tests that break the network put a [`Relay`] between; [`Bouncer`] is `PgBouncer` in
//! transaction mode. [`Session`] runs SQL without any client library. With `SELEKTABLE_TEST_CITUS=1` what tests share stands
//! on [`Citus`] (`scripts/test-citus`).
//!
//! Clusters end with the process that started them, however it ends. Where PostgreSQL is missing, everything here panics
//! with a sentence that names `scripts/setup`: no test is passed over in silence.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a test that can not go on says where"
)]

mod binaries;
mod bouncer;
mod citus;
mod cluster;
mod database;
mod guardian;
mod protocol;
mod relay;
mod session;

pub use bouncer::Bouncer;
pub use citus::{CITUS_VARIABLE, Citus};
pub use cluster::{Cluster, Shutdown};
pub use database::{ADDRESS_VARIABLE, Database, Shared, database, database_like};
pub use relay::Relay;
pub use session::{Rows, Session, SqlError};
