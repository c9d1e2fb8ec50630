//! `selektable pull orders`: looks orders up at the store's platform, also beside a running server.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use selektable_domain::report::reconciliation::Comparison;
use selektable_domain::time::Timestamp;
use selektable_store::platforms::{PlatformAccess, PullLine, PullMode, PullRun, PullState};
use selektable_store::settings::StoreRecord;
use selektable_store::{Access, SharedStore, Tenant};

use super::chosen::Chosen;
use super::options::{Misuse, PlatformOptions};
use super::output::{complain, progress, say};
use crate::ambient;
use crate::config::Config;
use crate::http::pulls::PullAnswer;
use crate::pulls::access::Entered;
use crate::pulls::asking::Patience;
use crate::pulls::brought::Brought;
use crate::pulls::remote::Remote;
use crate::pulls::run::{Pull, begin_or_resume};
use crate::pulls::{self, StartFault};
use crate::serving::open_store;

/// How long another look-up of the same store is waited for: longer than one that was killed keeps others away.
const TURN_WAIT: Duration = Duration::from_secs(15);
/// Lines that are shown; the API has up to 500.
const LINES_SHOWN: usize = 20;

#[derive(Debug, Subcommand)]
pub(super) enum PullCommand {
    /// Look up orders that changed since a time, and take in what is missing here
    Orders(PullArguments),
}

#[derive(Debug, Args)]
pub(super) struct PullArguments {
    #[command(flatten)]
    chosen: Chosen,
    /// A day of the store's calendar, such as 2026-11-01, or an instant (RFC 3339). The same one again goes on with a
    /// look-up that was interrupted
    #[arg(long, value_name = "DATE")]
    since: String,
    /// Take nothing in; report what is missing or differs (exit code 1 when something does)
    #[arg(long)]
    compare: bool,
    /// Print one line of JSON, as the API's list of pulls has it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    platform: PlatformOptions,
    #[command(flatten)]
    access: AccessOptions,
}

/// Instead of what the store's page Reconciliation has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Access, unless the store has it")]
struct AccessOptions {
    /// The shop's address; for Shopify its ….myshopify.com name
    #[arg(long, env = "SELEKTABLE_PLATFORM_ADDRESS", value_name = "ADDRESS")]
    address: Option<String>,
    /// WooCommerce: Consumer key. Other users of this machine can read arguments: prefer the environment
    #[arg(long, env = "SELEKTABLE_PLATFORM_KEY", hide_env_values = true, value_name = "ck_…")]
    key: Option<String>,
    /// WooCommerce: Consumer secret
    #[arg(long, env = "SELEKTABLE_PLATFORM_SECRET", hide_env_values = true, value_name = "cs_…")]
    secret: Option<String>,
    /// Shopify: Admin API access token
    #[arg(long, env = "SELEKTABLE_PLATFORM_TOKEN", hide_env_values = true, value_name = "shpat_…")]
    token: Option<String>,
}

impl PullCommand {
    pub(super) fn platforms(&self) -> &PlatformOptions {
        let Self::Orders(arguments) = self;
        &arguments.platform
    }
}

/// Looks orders up until the platform has no more.
pub(super) async fn run(command: PullCommand, config: &Config) -> anyhow::Result<ExitCode> {
    let PullCommand::Orders(arguments) = command;
    let store = open_store(config, Access::Administer).await?;
    let pulled = pull(&arguments, config, &store).await;
    store.close().await?;
    let run = pulled?;
    report(&run, arguments.json)?;
    let found = run.missing + run.differing;
    let failed = run.state != PullState::Done || (arguments.compare && found > 0);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn pull(arguments: &PullArguments, config: &Config, store: &SharedStore) -> anyhow::Result<PullRun> {
    let tenant = arguments.chosen.tenant(store).await?;
    let record = store.store(tenant).await?;
    let since = instant(&arguments.since, &record)?;
    let access = arguments.access.judge(store, tenant, &record, config).await?;
    let remote = Remote::new(&access, config.platform_reach, Patience::PULL)?;
    let mode = if arguments.compare { PullMode::Compare } else { PullMode::BringIn };
    let turn = pulls::turn(store, tenant.store);
    if !turn.wait(TURN_WAIT).await? {
        return Err(StartFault::Running.into());
    }
    let run = begin_or_resume(store, tenant, since, mode).await?;
    if run.cursor.is_some() {
        complain("going on where it was interrupted");
    }
    let pull = Pull { store, tenant, remote, brought: &Brought::default(), run };
    let ended = turn.keep_while(pull.go_on(&progress("looking orders up"))).await;
    turn.release().await;
    Ok(ended.ok_or(StartFault::Running)??)
}

/// A day begins at midnight in the store's zone.
fn instant(text: &str, store: &StoreRecord) -> Result<Timestamp, Misuse> {
    let fault = || {
        Misuse(format!("--since: `{text}` is neither a day, such as 2026-11-01, nor an instant (RFC 3339)"))
    };
    let at = if let Ok(at) = Timestamp::parse_rfc3339(text) {
        at
    } else {
        let day: jiff::civil::Date = text.parse().map_err(|_| fault())?;
        let zone = jiff::tz::TimeZoneDatabase::bundled().get(store.settings.zone.name());
        let midnight = zone.and_then(|zone| day.to_zoned(zone)).map_err(|_| fault())?;
        Timestamp::from_millis(midnight.timestamp().as_millisecond())
    };
    if at > ambient::now() {
        return Err(Misuse(format!("--since: `{text}` is later than now")));
    }
    Ok(at)
}

impl AccessOptions {
    async fn judge(
        &self,
        store: &SharedStore,
        tenant: Tenant,
        record: &StoreRecord,
        config: &Config,
    ) -> anyhow::Result<PlatformAccess> {
        if self.address.is_none() && self.key.is_none() && self.secret.is_none() && self.token.is_none() {
            let known = store.platform_link(tenant).await?.access;
            let how = "how to look orders up was not entered yet: do so on the store's page Reconciliation, or give --address \
                       with --key and --secret (WooCommerce) or --token (Shopify)";
            return known.ok_or_else(|| Misuse(how.to_owned()).into());
        }
        let entered = Entered {
            address: self.address.clone(),
            key: self.key.clone(),
            secret: self.secret.clone(),
            token: self.token.clone(),
        };
        let judged = entered.judge(record.platform, config.platform_reach);
        Ok(judged.map_err(|faults| {
            let told: Vec<String> = faults
                .iter()
                .map(|fault| format!("--{}: {}", fault.pointer.trim_start_matches('/'), fault.detail))
                .collect();
            Misuse(told.join("\n"))
        })?)
    }
}

fn report(run: &PullRun, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return Ok(say(&serde_json::to_string(&PullAnswer::from(run))?)?);
    }
    for line in run.lines.iter().take(LINES_SHOWN) {
        say(&words(line))?;
    }
    let more = run.lines.len().saturating_sub(LINES_SHOWN);
    if more > 0 {
        say(&format!("… and {more} more (--json has them)"))?;
    }
    if let PullState::Failed(why) = &run.state {
        complain(why);
    }
    let verb = if run.mode == PullMode::Compare { "compared" } else { "looked up" };
    Ok(say(&format!(
        "{} orders {verb}: {} missing here, {} differing, {} the same, {} passed over",
        run.orders, run.missing, run.differing, run.same, run.passed_over
    ))?)
}

fn words(line: &PullLine) -> String {
    let number = line.number.as_ref().map(|number| format!(" ({number})")).unwrap_or_default();
    let found = match &line.found {
        Comparison::Same => "the same".to_owned(),
        Comparison::Missing => "was not here".to_owned(),
        Comparison::PassedOver(code) => format!("passed over: {code}"),
        Comparison::Differs(fields) => {
            let told: Vec<String> = fields
                .iter()
                .map(|one| format!("{} {} here, {} there", one.field, one.ours, one.theirs))
                .collect();
            told.join("; ")
        }
    };
    format!("{}{number}: {found}", line.order)
}
