//! What every measurement can be told.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::value_parser;

use crate::seed::history::DAYS;

/// The engine under the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Engine {
    /// The embedded one.
    Sqlite,
    /// PostgreSQL: `--database`, or a throw-away cluster of this run.
    Postgres,
}

/// Where the data is.
#[derive(clap::Args, Clone)]
pub(crate) struct Place {
    /// The engine under the server
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    pub(crate) engine: Engine,
    /// An empty PostgreSQL database of this machine (postgres://…); without it a throw-away cluster is started
    #[arg(long)]
    pub(crate) database: Option<String>,
    /// Folder for the data, which is kept there and used again; without it a temporary one is used
    #[arg(long)]
    pub(crate) keep: Option<PathBuf>,
}

impl Place {
    /// Refuses what does not fit together, and every database of another machine.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let Some(database) = &self.database else { return Ok(()) };
        ensure!(self.engine == Engine::Postgres, "--database goes with --engine postgres");
        ensure!(self.keep.is_none(), "--keep is for data of this program, not for --database");
        ensure!(is_local(database)?, "the database must be on this machine: 127.0.0.1, ::1 or a socket");
        Ok(())
    }
}

fn is_local(database: &str) -> anyhow::Result<bool> {
    use tokio_postgres::config::Host;
    let config: tokio_postgres::Config =
        database.parse().context("--database is no address of a PostgreSQL database")?;
    let local_name = |name: &String| {
        name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    };
    let hosts = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => local_name(name),
        Host::Unix(_) => true,
    });
    Ok(hosts && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback))
}

/// How much load, on how large a history.
#[derive(clap::Args, Clone)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Length of each measured run
    #[arg(long, default_value_t = 10, value_parser = value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,
    /// Connections of the load
    #[arg(long, default_value_t = 64, value_parser = value_parser!(u64).range(1..=1024))]
    pub(crate) connections: u64,
    /// Visualizations in the history that is there before the load; none, or at least 1,000
    #[arg(long, default_value_t = 0, value_parser = none_or_from::<1_000>)]
    pub(crate) visualizations: u64,
    /// Orders in that history; needs visualizations
    #[arg(long, default_value_t = 0, value_parser = none_or_from::<100>)]
    pub(crate) conversions: u64,
    /// Length of that history, which ends now; reports read the last 90 days whatever it is
    #[arg(long, default_value_t = DAYS, value_parser = value_parser!(u64).range(DAYS..=3_650))]
    pub(crate) days: u64,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

/// Most facts of a kind that a history may have.
const HISTORY_MAX: u64 = 100_000_000;

fn none_or_from<const LEAST: u64>(text: &str) -> Result<u64, String> {
    let number: u64 = text.parse().map_err(|_| "not a whole number".to_owned())?;
    if number == 0 || (LEAST..=HISTORY_MAX).contains(&number) {
        return Ok(number);
    }
    Err(format!("either 0 or {LEAST} to {HISTORY_MAX}"))
}

impl Common {
    /// See [`Common::seconds`].
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Visualizations, orders and days of the history.
    pub(crate) fn history(&self) -> [u64; 3] {
        [self.visualizations, self.conversions, self.days]
    }

    /// Refuses what does not fit together.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        self.place.check()?;
        ensure!(
            self.conversions == 0 || self.visualizations > 0,
            "--conversions needs --visualizations: orders of a history go back to them"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        common: Common,
    }

    fn read(arguments: &[&str]) -> Result<Common, String> {
        let line = Line::try_parse_from([&["x"], arguments].concat()).map_err(|fault| fault.to_string())?;
        line.common.check().map_err(|fault| fault.to_string())?;
        Ok(line.common)
    }

    #[test]
    fn a_run_without_options_is_bounded() {
        let common = read(&[]).unwrap();
        assert_eq!((common.seconds, common.connections, common.visualizations), (10, 64, 0));
    }

    #[test]
    fn time_connections_and_sizes_beyond_their_bounds_are_refused() {
        for wrong in [
            ["--seconds", "0"],
            ["--seconds", "601"],
            ["--connections", "1025"],
            ["--visualizations", "999"],
            ["--days", "89"],
            ["--visualizations", "100000001"],
        ] {
            assert!(read(&wrong).is_err(), "{wrong:?}");
        }
        assert!(read(&["--visualizations", "0"]).is_ok());
        assert!(read(&["--conversions", "100"]).is_err());
        assert!(read(&["--visualizations", "1000", "--conversions", "100"]).is_ok());
    }

    #[test]
    fn a_database_must_be_postgresql_and_on_this_machine() {
        let with = |engine: &str, database: &str| read(&["--engine", engine, "--database", database]);
        for local in [
            "postgres://bench@127.0.0.1:5433/bench",
            "postgres://bench@localhost/bench",
            "postgres://bench@[::1]/bench",
            "postgres:///bench?host=/run/postgresql",
        ] {
            assert!(with("postgres", local).is_ok(), "{local}");
        }
        for wrong in ["postgres://bench@192.0.2.1/bench", "postgres://bench@db.example/bench", "nonsense"] {
            assert!(with("postgres", wrong).is_err(), "{wrong}");
        }
        assert!(with("sqlite", "postgres://bench@127.0.0.1/bench").is_err());
    }
}
