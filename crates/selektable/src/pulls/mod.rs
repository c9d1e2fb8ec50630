//! Orders that are looked up at the platform itself, because webhooks get lost: `WooCommerce` never sends one twice
//! (PLATFORMS section 2), and Shopify gives up after four hours.
//!
//! **Invariants.** One pull per store at a time, of whatever process: it holds a lease. A pull writes its cursor only after what is before it is on
//! disk. Keys and tokens stand in no log and in no sentence.

pub mod access;
pub mod asking;
pub mod brought;
pub mod fault;
pub mod page;
pub mod remote;
pub mod run;
pub mod upkeep;

mod shopify;
mod woocommerce;

use std::sync::Arc;
use std::time::Duration;

use selektable_domain::id::StoreId;
use selektable_domain::time::Timestamp;
use selektable_store::platforms::{PlatformAccess, PullMode, PullRun, PullState};
use selektable_store::processes::LeaseName;
use selektable_store::{SharedStore, StoreError, StoreResult, Tenant};

use crate::ambient;
use crate::app::App;
use crate::lease::Lease;
use asking::Patience;
use brought::Brought;
use fault::AccessFault;
use remote::Remote;
use run::Pull;

/// How long somebody who entered keys waits to hear whether they work.
const CHECK_TIME_MAX: Duration = Duration::from_secs(15);

/// How long a process that says nothing keeps a pull; another goes on with it then.
pub const TURN_FOR: Duration = Duration::from_secs(10);
/// How long a pull that is done may take to give its turn back.
const GIVING_BACK_MAX: Duration = Duration::from_secs(1);

/// Why a pull was not started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartFault {
    /// Nobody entered how orders are looked up.
    #[error(
        "how to look orders up at the platform was not entered yet: the store's page Reconciliation has a place for it"
    )]
    NoAccess,
    /// One goes on.
    #[error("orders of this store are being looked up already: wait until that is done")]
    Running,
    /// The storage can't say.
    #[error(transparent)]
    Storage(#[from] StoreError),
}

/// The pulls of one server.
#[derive(Debug, Default)]
pub struct Pulls {
    brought: Arc<Brought>,
}

/// The right to pull a store's orders; not taken yet. While it is held, no other process pulls them.
#[must_use]
pub fn turn(store: &SharedStore, of: StoreId) -> Lease {
    Lease::new(store, turn_name(of), TURN_FOR)
}

fn turn_name(of: StoreId) -> String {
    format!("pull {of}")
}

impl Pulls {
    /// Starts a pull in the background, or goes on with an interrupted one of the same beginning.
    ///
    /// # Errors
    /// See [`StartFault`].
    pub async fn start(
        &self,
        app: &App,
        tenant: Tenant,
        since: Timestamp,
        mode: PullMode,
    ) -> Result<(), StartFault> {
        self.begin(app, tenant, since, mode).await.map(|_| ())
    }

    /// The same, and how it stands at its beginning.
    ///
    /// # Errors
    /// See [`StartFault`].
    pub async fn begin(
        &self,
        app: &App,
        tenant: Tenant,
        since: Timestamp,
        mode: PullMode,
    ) -> Result<PullRun, StartFault> {
        let access = app.store.platform_link(tenant).await?.access.ok_or(StartFault::NoAccess)?;
        let turn = turn(&app.store, tenant.store);
        take(app, tenant, &turn).await?;
        self.go_on(app, tenant, access, turn, (since, mode)).await
    }

    /// Pulls in the background, in a turn that was taken.
    async fn go_on(
        &self,
        app: &App,
        tenant: Tenant,
        access: PlatformAccess,
        turn: Lease,
        (since, mode): (Timestamp, PullMode),
    ) -> Result<PullRun, StartFault> {
        let run = match run::begin_or_resume(&app.store, tenant, since, mode).await {
            Ok(run) => run,
            Err(error) => {
                turn.release().await;
                return Err(error.into());
            }
        };
        let begun = run.clone();
        let (app, brought) = (app.clone(), Arc::clone(&self.brought));
        tokio::spawn(async move {
            let pulling = pull(&app, tenant, &access, &brought, run);
            let ended = tokio::select! {
                () = app.lifecycle.drained() => Ended::Stopped,
                ended = turn.keep_while(pulling) => ended.map_or(Ended::Elsewhere, Ended::Told),
            };
            turn.release().await;
            tell(tenant.store, ended);
        });
        Ok(begun)
    }

    /// Whether a pull of a store goes on in any process; one that stands as running and does not was interrupted.
    ///
    /// # Errors
    /// The storage's.
    pub async fn is_running(&self, store: &SharedStore, of: StoreId) -> StoreResult<bool> {
        store.lease_is_held(LeaseName(turn_name(of))).await
    }
}

/// Takes a turn. A pull that is done gives its own back a moment after it says so; nobody is refused for that.
async fn take(app: &App, tenant: Tenant, turn: &Lease) -> Result<(), StartFault> {
    if turn.hold().await? {
        return Ok(());
    }
    let runs = app.store.pulls(tenant).await?;
    let goes_on = runs.iter().any(|run| run.state == PullState::Running);
    if !goes_on && turn.wait(GIVING_BACK_MAX).await? { Ok(()) } else { Err(StartFault::Running) }
}

/// How a pull ended for this process.
enum Ended {
    /// The server stops.
    Stopped,
    /// Another process took it over.
    Elsewhere,
    /// By itself.
    Told(StoreResult<PullRun>),
}

async fn pull(
    app: &App,
    tenant: Tenant,
    access: &PlatformAccess,
    brought: &Brought,
    mut run: PullRun,
) -> StoreResult<PullRun> {
    let remote = match Remote::new(access, app.config.platform_reach, Patience::PULL) {
        Ok(remote) => remote,
        Err(fault) => {
            run.state = PullState::Failed(fault.to_string());
            run.updated_at = ambient::now();
            app.store.save_pull(tenant, run.clone()).await?;
            return Ok(run);
        }
    };
    let pull = Pull { store: &app.store, tenant, remote, brought, run };
    pull.go_on(&(Box::new(|_, _| ()) as selektable_store::maintain::Progress)).await
}

fn tell(store: StoreId, ended: Ended) {
    match ended {
        Ended::Elsewhere => tracing::info!(%store, "another process looks orders up"),
        Ended::Stopped => {
            tracing::info!(%store, "looking orders up was interrupted by the stop; it goes on with the next start");
        }
        Ended::Told(Err(error)) => {
            tracing::warn!(%store, %error, "looking orders up was interrupted; it goes on later");
        }
        Ended::Told(Ok(run)) => match &run.state {
            PullState::Failed(why) => tracing::warn!(%store, why, "orders could not be looked up"),
            PullState::Running | PullState::Done => {
                tracing::info!(%store, orders = run.orders, missing = run.missing, differing = run.differing, "orders were looked up");
            }
        },
    }
}

/// Tries one cheap request with what a merchant entered.
///
/// # Errors
/// Why orders can't be read, in a sentence.
pub async fn check_access(app: &App, access: &PlatformAccess) -> Result<(), AccessFault> {
    let mut remote = Remote::new(access, app.config.platform_reach, Patience::ONCE)?;
    let checked = tokio::time::timeout(CHECK_TIME_MAX, remote.check()).await;
    checked.unwrap_or_else(|_| Err(AccessFault::Unreachable("no answer within 15 seconds".to_owned())))
}
