//! Orders that are looked up at the platform itself, because webhooks get lost: `WooCommerce` never sends one twice
//! (PLATFORMS section 2), and Shopify gives up after four hours.
//!
//! **Invariants.** One pull per store at a time in a process. A pull writes its cursor only after what is before it is on
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

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use selektable_domain::id::StoreId;
use selektable_domain::time::Timestamp;
use selektable_store::platforms::{PlatformAccess, PullMode, PullRun, PullState};
use selektable_store::{StoreError, StoreResult, Tenant};

use crate::ambient;
use crate::app::App;
use asking::Patience;
use brought::Brought;
use fault::AccessFault;
use remote::Remote;
use run::Pull;

/// How long somebody who entered keys waits to hear whether they work.
const CHECK_TIME_MAX: Duration = Duration::from_secs(15);

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
    running: Arc<Mutex<HashSet<StoreId>>>,
    brought: Arc<Brought>,
}

/// While it lives, no other pull of its store starts; it goes with the pull, also when that panics.
struct Turn {
    running: Arc<Mutex<HashSet<StoreId>>>,
    store: StoreId,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.store);
    }
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
        let turn = self.take_turn(tenant.store).ok_or(StartFault::Running)?;
        let run = run::begin_or_resume(&app.store, tenant, since, mode).await?;
        let begun = run.clone();
        let (app, brought) = (app.clone(), Arc::clone(&self.brought));
        tokio::spawn(async move {
            let pulling = pull(&app, tenant, &access, &brought, run);
            let ended = tokio::select! {
                () = app.lifecycle.drained() => None,
                ended = pulling => Some(ended),
            };
            drop(turn);
            tell(tenant.store, ended);
        });
        Ok(begun)
    }

    /// Whether a pull of a store goes on in this process; one that stands as running and does not was interrupted.
    #[must_use]
    pub fn is_running(&self, store: StoreId) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).contains(&store)
    }

    fn take_turn(&self, store: StoreId) -> Option<Turn> {
        let is_free = self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(store);
        is_free.then(|| Turn { running: Arc::clone(&self.running), store })
    }
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

fn tell(store: StoreId, ended: Option<StoreResult<PullRun>>) {
    match ended {
        None => {
            tracing::info!(%store, "looking orders up was interrupted by the stop; it goes on with the next start");
        }
        Some(Err(error)) => {
            tracing::warn!(%store, %error, "looking orders up was interrupted; it goes on later");
        }
        Some(Ok(run)) => match &run.state {
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
