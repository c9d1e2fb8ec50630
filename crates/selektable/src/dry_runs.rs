//! Dry runs of rules over history: work of seconds to minutes, begun by one request and looked at by later ones, of
//! whichever process.
//!
//! What is asked names the run: the same question again gives its progress, then its result, for some minutes. A
//! published or rolled back ruleset makes it another question, because a dry run compares with what stands. How runs
//! stand is in the database; one whose process died is begun again by the next who asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use selektable_domain::report::dry_run::DryRun;
use selektable_domain::time::Range;
use selektable_store::processes::{DryRunNote, DryRunQuestion, DryRunStands, Holder};
use selektable_store::{StoreError, StoreResult, Tenant};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::ambient;
use crate::app::App;

/// How long a request waits for the result before it is told the progress.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// How often progress is written down.
const NOTE_EVERY: Duration = Duration::from_secs(1);
/// Pauses between two looks at a run: the first, and the longest.
const LOOK_FIRST: Duration = Duration::from_millis(10);
const LOOK_MAX: Duration = Duration::from_millis(160);

/// How a dry run stands.
#[derive(Clone, Debug)]
pub enum DryRunStatus {
    /// It goes on; ask again.
    Running {
        /// Conversions decided.
        done: u64,
        /// Of about so many; 0 while that is not known.
        about: u64,
    },
    /// It is done, at most five minutes ago.
    Done(Box<DryRun>),
    /// The store has no such version.
    Unknown,
    /// Another dry run of the store goes on, or several of other stores do; nothing was begun.
    Busy,
}

/// Begins a dry run, or looks how the one that was begun stands. Waits [`PATIENCE`] for the result.
///
/// # Errors
/// The storage's, also those of a run that was begun before; each is told once.
pub async fn start_or_look(
    app: &App,
    tenant: Tenant,
    version: u32,
    range: Range,
) -> StoreResult<DryRunStatus> {
    let revision = app.store.store(tenant).await?.schedule.revision();
    let question = DryRunQuestion { revision, version, range };
    let until = Instant::now() + PATIENCE;
    let mut pause = LOOK_FIRST;
    let mut stands = start(app, tenant, question).await?;
    loop {
        let (done, about) = match stands {
            DryRunStands::Done(found) => return Ok(DryRunStatus::Done(found)),
            DryRunStands::Failed(why) => return Err(StoreError::Unavailable(why)),
            DryRunStands::Unknown => return Ok(DryRunStatus::Unknown),
            DryRunStands::Busy => return Ok(DryRunStatus::Busy),
            DryRunStands::Begun => (0, 0),
            DryRunStands::Running { done, about } => (done, about),
        };
        if Instant::now() >= until {
            return Ok(DryRunStatus::Running { done, about });
        }
        tokio::time::sleep(pause).await;
        pause = LOOK_MAX.min(pause * 2);
        stands = match app.store.look_at_dry_run(tenant, question).await? {
            // Told once, and begun again where its process gave it up.
            Some(DryRunStands::Failed(_)) | None => start(app, tenant, question).await?,
            Some(stands) => stands,
        };
    }
}

/// Begins it in this process, unless one is at it.
async fn start(app: &App, tenant: Tenant, question: DryRunQuestion) -> StoreResult<DryRunStands> {
    let holder = Holder(ambient::random_bytes());
    let stands = app.store.begin_dry_run(tenant, question, holder).await?;
    if stands == DryRunStands::Begun {
        tokio::spawn(run(app.clone(), tenant, question, holder));
    }
    Ok(stands)
}

#[derive(Debug, Default)]
struct Counted {
    done: AtomicU64,
    about: AtomicU64,
}

impl Counted {
    fn note(&self) -> DryRunNote {
        DryRunNote::GoesOn {
            done: self.done.load(Ordering::Relaxed),
            about: self.about.load(Ordering::Relaxed),
        }
    }
}

async fn run(app: App, tenant: Tenant, question: DryRunQuestion, holder: Holder) {
    let counted = Arc::<Counted>::default();
    let counting = Arc::clone(&counted);
    let store = app.store.clone();
    // A task of its own, so that one that panics is told of too.
    let work = tokio::spawn(async move {
        let progress = Box::new(move |done, about| {
            counting.done.store(done, Ordering::Relaxed);
            counting.about.store(about, Ordering::Relaxed);
        });
        store.dry_run(tenant, question.version, question.range, progress).await
    });
    let Some(note) = end(&app, tenant, question, holder, work, &counted).await else { return };
    if let Err(error) = app.store.note_dry_run(tenant, question, holder, note).await {
        tracing::warn!(%error, "the end of a dry run was not kept");
    }
}

/// What to write down at its end; `None` when another process has it now.
async fn end(
    app: &App,
    tenant: Tenant,
    question: DryRunQuestion,
    holder: Holder,
    mut work: JoinHandle<StoreResult<Option<DryRun>>>,
    counted: &Counted,
) -> Option<DryRunNote> {
    loop {
        tokio::select! {
            ended = &mut work => return Some(match ended {
                Ok(Ok(Some(found))) => DryRunNote::Done(Box::new(found)),
                Ok(Ok(None)) => DryRunNote::GivenUp,
                Ok(Err(error)) => DryRunNote::Failed(error.to_string()),
                Err(_) => DryRunNote::Failed("a dry run ended without a result".to_owned()),
            }),
            () = app.lifecycle.drained() => {
                work.abort();
                return Some(DryRunNote::GivenUp);
            }
            () = tokio::time::sleep(NOTE_EVERY) => {
                let noted = app.store.note_dry_run(tenant, question, holder, counted.note()).await;
                if matches!(noted, Ok(false)) {
                    work.abort();
                    return None;
                }
            }
        }
    }
}
