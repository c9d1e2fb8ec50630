//! From texts to a [`Config`]: flags, environment and file are joined, then judged together, so that one start tells
//! every fault.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use url::Url;

use crate::http::fetch::platform::Reach;

use super::{Config, ConnectionLimits, LogFormat, LogOptions};

/// Longest time-out that can be set, in milliseconds: an hour.
const TIMEOUT_MS_MAX: u64 = 3_600_000;
/// Longest time between two look-ups at a platform that can be set, in seconds: a day.
const PULL_INTERVAL_S_MAX: u64 = 86_400;
/// Most connections that can be set.
const CONNECTIONS_MAX: usize = 100_000;

/// One setting: its name as a flag (`--data-dir`) and in the file (`data-dir`), from which the environment's
/// (`SELEKTABLE_DATA_DIR`) is made.
pub type Name = &'static str;

/// Every setting there is.
pub const NAMES: [Name; 17] = [
    "listen",
    "metrics-listen",
    "database",
    "data-dir",
    "public-url",
    "trusted-proxies",
    "allow-private-platforms",
    "pull-interval-s",
    "log-format",
    "log-filter",
    "head-timeout-ms",
    "body-timeout-ms",
    "idle-timeout-ms",
    "write-timeout-ms",
    "drain-delay-ms",
    "drain-timeout-ms",
    "connections-max",
];

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigFaults(pub Vec<String>);

impl std::error::Error for ConfigFaults {}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the configuration can't be used:")?;
        self.0.iter().try_for_each(|fault| write!(formatter, "\n  - {fault}"))
    }
}

/// What was set, as text, and what is wrong so far.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    set: BTreeMap<Name, (String, Origin)>,
    faults: Vec<String>,
}

#[derive(Clone, Debug)]
enum Origin {
    Command,
    File(PathBuf),
}

impl Settings {
    /// Takes what stands in a TOML file.
    pub fn read_file(&mut self, path: &Path) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.faults.push(format!("{} can't be read: {error}", path.display())),
        };
        match text.parse::<toml::Table>() {
            Ok(table) => table.iter().for_each(|(key, value)| self.take_from_file(key, value, path)),
            Err(error) => self.faults.push(format!("{} is not TOML: {error}", path.display())),
        }
    }

    fn take_from_file(&mut self, key: &str, value: &toml::Value, path: &Path) {
        let Some(name) = NAMES.into_iter().find(|name| *name == key) else {
            let known = NAMES.join(", ");
            return self
                .faults
                .push(format!("`{key}` in {} is not known; known are {known}", path.display()));
        };
        match text_of(value) {
            Some(text) => {
                self.set.insert(name, (text, Origin::File(path.to_owned())));
            }
            None => self.faults.push(format!(
                "`{key}` in {} must be a text, a number, true or false, or a list of texts",
                path.display()
            )),
        }
    }

    /// Takes a flag or environment variable, which goes before the file. An empty one is none: that is how a
    /// container's environment says "not set".
    pub fn take_from_command(&mut self, name: Name, text: Option<&String>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.set.insert(name, (text.clone(), Origin::Command));
        }
    }

    /// The configuration, or every fault.
    pub fn judge(mut self) -> Result<Config, ConfigFaults> {
        let usual = Config::default();
        let data_dir = self.read("data-dir", usual.data_dir, |text| Ok(PathBuf::from(text)));
        let in_data_dir = format!("sqlite:{}", data_dir.join("selektable.db").display());
        let config = Config {
            listen: self.read("listen", usual.listen, parse_socket),
            metrics_listen: self.read("metrics-listen", None, |text| parse_socket(text).map(Some)),
            database: self.read("database", in_data_dir, parse_database),
            data_dir,
            public_url: self.read("public-url", None, |text| parse_public_url(text).map(Some)),
            trusted_proxies: self.read("trusted-proxies", Vec::new(), parse_addresses),
            platform_reach: self.read("allow-private-platforms", usual.platform_reach, parse_reach),
            pull_interval: self.read("pull-interval-s", usual.pull_interval, parse_pull_interval),
            limits: self.limits(),
            log: self.log(),
        };
        if config.metrics_listen == Some(config.listen) && config.listen.port() != 0 {
            self.faults
                .push("`listen` and `metrics-listen` are the same address: give metrics its own".to_owned());
        }
        if self.faults.is_empty() { Ok(config) } else { Err(ConfigFaults(self.faults)) }
    }

    fn limits(&mut self) -> ConnectionLimits {
        let usual = ConnectionLimits::default();
        ConnectionLimits {
            head: self.read("head-timeout-ms", usual.head, parse_time),
            body: self.read("body-timeout-ms", usual.body, parse_time),
            idle: self.read("idle-timeout-ms", usual.idle, parse_time),
            write_stall: self.read("write-timeout-ms", usual.write_stall, parse_time),
            drain_delay: self.read("drain-delay-ms", usual.drain_delay, parse_delay),
            drain: self.read("drain-timeout-ms", usual.drain, parse_time),
            connections_max: self.read("connections-max", usual.connections_max, parse_connections),
        }
    }

    fn log(&mut self) -> LogOptions {
        LogOptions {
            format: self.read("log-format", None, |text| parse_log_format(text).map(Some)),
            filter: self.read("log-filter", LogOptions::default().filter, parse_log_filter),
        }
    }

    /// One setting; when it is wrong, its fault is kept and the usual value stands in for it.
    fn read<T>(&mut self, name: Name, usual: T, parse: impl Fn(&str) -> Result<T, String>) -> T {
        let Some((text, origin)) = self.set.get(name) else { return usual };
        match parse(text) {
            Ok(value) => value,
            Err(what) => {
                let place = match origin {
                    Origin::Command => format!("--{name} (or {})", environment_name(name)),
                    Origin::File(path) => format!("`{name}` in {}", path.display()),
                };
                self.faults.push(format!("{place}: `{text}` {what}"));
                usual
            }
        }
    }
}

fn environment_name(name: Name) -> String {
    format!("SELEKTABLE_{}", name.replace('-', "_").to_ascii_uppercase())
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

fn parse_socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "is not an address with a port, such as 127.0.0.1:8080 or [::]:8080".to_owned())
}

fn parse_database(text: &str) -> Result<String, String> {
    // Whose grammar it is the store knows; a wrong one is told without what may be a password in it.
    match text.split_once(':') {
        Some(("sqlite" | "postgres" | "postgresql", rest)) if !rest.is_empty() => Ok(text.to_owned()),
        _ => Err("is not a database address: use sqlite:PATH or postgres://USER@HOST/NAME".to_owned()),
    }
}

fn parse_public_url(text: &str) -> Result<Url, String> {
    let fault = || "is not the address of a server, such as https://visualizer.example".to_owned();
    let url = Url::parse(text).map_err(|_| fault())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    let served = matches!(url.scheme(), "http" | "https") && url.has_host();
    if served && bare && anonymous { Ok(url) } else { Err(fault()) }
}

fn parse_addresses(text: &str) -> Result<Vec<IpAddr>, String> {
    text.split(',')
        .map(|one| one.trim().parse::<IpAddr>().map(|address| address.to_canonical()))
        .collect::<Result<_, _>>()
        .map_err(|_| "is not a list of IP addresses, such as 10.0.0.1,10.0.0.2".to_owned())
}

fn parse_time(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(millis) if (1..=TIMEOUT_MS_MAX).contains(&millis) => Ok(Duration::from_millis(millis)),
        _ => Err(format!("is not a time of 1 to {TIMEOUT_MS_MAX} milliseconds")),
    }
}

/// As [`parse_time`], or none.
fn parse_delay(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(millis) if millis <= TIMEOUT_MS_MAX => Ok(Duration::from_millis(millis)),
        _ => Err(format!("is not a time of 0 to {TIMEOUT_MS_MAX} milliseconds")),
    }
}

fn parse_reach(text: &str) -> Result<Reach, String> {
    match text {
        "true" => Ok(Reach::Anywhere),
        "false" => Ok(Reach::Public),
        _ => Err("is neither true nor false".to_owned()),
    }
}

fn parse_pull_interval(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(seconds) if seconds <= PULL_INTERVAL_S_MAX => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("is not a time of 0 (never by itself) to {PULL_INTERVAL_S_MAX} seconds")),
    }
}

fn parse_connections(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(number) if (1..=CONNECTIONS_MAX).contains(&number) => Ok(number),
        _ => Err(format!("is not a number from 1 to {CONNECTIONS_MAX}")),
    }
}

fn parse_log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("is neither text nor json".to_owned()),
    }
}

fn parse_log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("is no log filter, such as info, warn or selektable=debug,info".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(flags: &[(Name, &str)], file: Option<&str>) -> Result<Config, ConfigFaults> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("selektable.toml");
        let mut settings = Settings::default();
        if let Some(text) = file {
            std::fs::write(&path, text).unwrap();
            settings.read_file(&path);
        }
        for (name, text) in flags {
            settings.take_from_command(name, Some(&(*text).to_owned()));
        }
        settings.judge()
    }

    #[test]
    fn nothing_set_is_the_usual_server() {
        let config = judged(&[], None).unwrap();
        assert_eq!(config.listen, SocketAddr::from(([127, 0, 0, 1], 8080)));
        assert_eq!(config.database, "sqlite:./data/selektable.db");
        assert_eq!(config.limits, ConnectionLimits::default());
    }

    #[test]
    fn the_database_lies_in_the_data_dir_unless_it_is_told_elsewhere() {
        assert_eq!(judged(&[("data-dir", "/d")], None).unwrap().database, "sqlite:/d/selektable.db");
        let elsewhere = judged(&[("data-dir", "/d"), ("database", "sqlite:/e/x.db")], None).unwrap();
        assert_eq!(elsewhere.database, "sqlite:/e/x.db");
    }

    #[test]
    fn a_flag_goes_before_the_file_and_an_empty_one_is_none() {
        let file = "listen = \"127.0.0.1:1\"\nidle-timeout-ms = 5\ntrusted-proxies = [\"10.0.0.1\", \"::1\"]";
        let config = judged(&[("listen", "127.0.0.1:2"), ("idle-timeout-ms", "")], Some(file)).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.limits.idle, Duration::from_millis(5));
        assert_eq!(config.trusted_proxies.len(), 2);
    }

    #[test]
    fn every_fault_is_told_at_once_and_with_its_place() {
        let file = "lisen = \"x\"\nlisten = true\nconnections-max = 0\n";
        let flags = [("public-url", "shop.example/path"), ("log-format", "xml"), ("database", "mysql://x")];
        let ConfigFaults(faults) = judged(&flags, Some(file)).unwrap_err();
        assert_eq!(faults.len(), 6, "{faults:#?}");
        for part in ["`lisen`", "`listen`", "`connections-max`", "--public-url", "--log-format", "--database"]
        {
            assert!(faults.iter().any(|fault| fault.contains(part)), "{part} is missing in {faults:#?}");
        }
        assert!(faults.iter().any(|fault| fault.contains("SELEKTABLE_PUBLIC_URL")));
    }

    #[test]
    fn a_file_that_is_missing_or_no_toml_is_told() {
        let mut settings = Settings::default();
        settings.read_file(Path::new("does-not-exist.toml"));
        assert!(settings.judge().unwrap_err().to_string().contains("can't be read"));
        assert!(judged(&[], Some("listen = ")).unwrap_err().to_string().contains("is not TOML"));
    }

    #[test]
    fn private_platforms_are_allowed_only_in_so_many_words() {
        let reach = |flags: &[(Name, &str)], file| judged(flags, file).map(|config| config.platform_reach);
        assert_eq!(reach(&[], None), Ok(Reach::Public));
        assert_eq!(reach(&[], Some("allow-private-platforms = true")), Ok(Reach::Anywhere));
        let overruled =
            reach(&[("allow-private-platforms", "false")], Some("allow-private-platforms = true"));
        assert_eq!(overruled, Ok(Reach::Public));
        assert!(reach(&[("allow-private-platforms", "yes")], None).is_err());
        assert!(judged(&[("pull-interval-s", "86401")], None).is_err());
    }

    #[test]
    fn metrics_have_an_address_of_their_own() {
        let same = [("listen", "127.0.0.1:80"), ("metrics-listen", "127.0.0.1:80")];
        assert!(judged(&same, None).is_err());
        assert!(judged(&[("listen", "127.0.0.1:0"), ("metrics-listen", "127.0.0.1:0")], None).is_ok());
    }
}
