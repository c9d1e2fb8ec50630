//! Dry runs of rules over history: work of seconds to minutes, begun by one request and looked at by later ones.
//!
//! What is asked names the run: the same question again gives its progress, then its result, for some minutes. A
//! published or rolled back ruleset makes it another question, because a dry run compares with what stands.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use selektable_domain::id::StoreId;
use selektable_domain::report::dry_run::DryRun;
use selektable_domain::time::Range;
use selektable_store::maintain::Progress;
use selektable_store::{StoreError, StoreResult, Tenant};
use tokio::sync::watch;

use crate::app::App;

/// Most dry runs at one time, one a store: each reads a store's history, and ingest goes on beside them.
pub const RUNNING_MAX: usize = 4;
/// Most results kept; the oldest go first.
pub const KEPT_MAX: usize = 64;
/// How long a result is kept.
pub const KEPT_FOR: Duration = Duration::from_secs(5 * 60);
/// How long a request waits for the result before it is told the progress.
pub const PATIENCE: Duration = Duration::from_secs(2);

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
    /// It is done, at most [`KEPT_FOR`] ago.
    Done(Arc<DryRun>),
    /// The store has no such version.
    Unknown,
    /// Another dry run of the store goes on, or [`RUNNING_MAX`] of other stores do; nothing was begun.
    Busy,
}

/// Begins a dry run, or looks how the one that was begun stands. Waits [`PATIENCE`] for the result.
///
/// # Errors
/// The storage's, also those of a run that was begun before.
pub async fn start_or_look(
    app: &App,
    tenant: Tenant,
    version: u32,
    range: Range,
) -> StoreResult<DryRunStatus> {
    let revision = app.store.store(tenant).await?.schedule.revision();
    let question = Question { store: tenant.store, revision, version, range };
    let (store, lifecycle) = (app.store.clone(), app.lifecycle.clone());
    let run = |progress| async move {
        tokio::select! {
            () = lifecycle.drained() => Err(StoreError::Closed),
            found = store.dry_run(tenant, version, range, progress) => found,
        }
    };
    app.dry_runs.start_or_look(question, PATIENCE, run).await
}

/// The runs of one server.
#[derive(Debug, Default)]
pub struct DryRuns(Mutex<Vec<Run>>);

/// What makes two dry runs the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Question {
    store: StoreId,
    /// The schedule that stands.
    revision: u32,
    version: u32,
    range: Range,
}

#[derive(Clone, Debug)]
struct Run {
    question: Question,
    counted: Arc<Counted>,
    /// `None` while it goes on. The sender goes with the task, also when that panics.
    outcome: watch::Receiver<Option<Outcome>>,
}

#[derive(Debug)]
struct Outcome {
    found: StoreResult<Option<Arc<DryRun>>>,
    at: Instant,
}

#[derive(Debug, Default)]
struct Counted {
    done: AtomicU64,
    about: AtomicU64,
}

impl Run {
    fn goes_on(&self) -> bool {
        self.outcome.borrow().is_none() && self.outcome.has_changed().is_ok()
    }

    fn is_kept(&self) -> bool {
        self.outcome
            .borrow()
            .as_ref()
            .map_or_else(|| self.outcome.has_changed().is_ok(), |outcome| outcome.at.elapsed() < KEPT_FOR)
    }

    fn begin<F>(question: Question, run: impl FnOnce(Progress) -> F) -> Self
    where
        F: Future<Output = StoreResult<Option<DryRun>>> + Send + 'static,
    {
        let counted = Arc::<Counted>::default();
        let counting = Arc::clone(&counted);
        let work = run(Box::new(move |done, about| {
            counting.done.store(done, Ordering::Relaxed);
            counting.about.store(about, Ordering::Relaxed);
        }));
        let (sender, outcome) = watch::channel(None);
        tokio::spawn(async move {
            let found = work.await.map(|found| found.map(Arc::new));
            // Nobody may be looking any more.
            sender.send_replace(Some(Outcome { found, at: Instant::now() }));
        });
        Self { question, counted, outcome }
    }

    async fn look(&mut self, patience: Duration) -> StoreResult<DryRunStatus> {
        match tokio::time::timeout(patience, self.outcome.wait_for(Option::is_some)).await {
            Err(_) => Ok(DryRunStatus::Running {
                done: self.counted.done.load(Ordering::Relaxed),
                about: self.counted.about.load(Ordering::Relaxed),
            }),
            Ok(Err(_)) => Err(StoreError::Unavailable("a dry run ended without a result".to_owned())),
            Ok(Ok(outcome)) => match outcome.as_ref().map(|outcome| &outcome.found) {
                Some(Ok(Some(found))) => Ok(DryRunStatus::Done(Arc::clone(found))),
                Some(Ok(None)) | None => Ok(DryRunStatus::Unknown),
                Some(Err(error)) => Err(error.clone()),
            },
        }
    }
}

impl DryRuns {
    async fn start_or_look<F>(
        &self,
        question: Question,
        patience: Duration,
        run: impl FnOnce(Progress) -> F,
    ) -> StoreResult<DryRunStatus>
    where
        F: Future<Output = StoreResult<Option<DryRun>>> + Send + 'static,
    {
        let Some(mut found) = self.find_or_begin(question, run) else { return Ok(DryRunStatus::Busy) };
        let status = found.look(patience).await;
        if !matches!(status, Ok(DryRunStatus::Running { .. } | DryRunStatus::Done(_))) {
            // Told once; asked again, it is tried again.
            self.runs().retain(|run| run.question != question);
        }
        status
    }

    fn find_or_begin<F>(&self, question: Question, run: impl FnOnce(Progress) -> F) -> Option<Run>
    where
        F: Future<Output = StoreResult<Option<DryRun>>> + Send + 'static,
    {
        let mut runs = self.runs();
        runs.retain(Run::is_kept);
        if let Some(known) = runs.iter().find(|run| run.question == question) {
            return Some(known.clone());
        }
        let going_on: Vec<&Run> = runs.iter().filter(|run| run.goes_on()).collect();
        if going_on.len() >= RUNNING_MAX || going_on.iter().any(|run| run.question.store == question.store) {
            return None;
        }
        if runs.len() >= KEPT_MAX
            && let Some(oldest) = runs.iter().position(|run| !run.goes_on())
        {
            runs.remove(oldest);
        }
        let begun = Run::begin(question, run);
        runs.push(begun.clone());
        Some(begun)
    }

    fn runs(&self) -> MutexGuard<'_, Vec<Run>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient;
    use selektable_domain::rules::Ruleset;
    use tokio::sync::oneshot;

    const SOON: Duration = Duration::from_millis(20);
    const LATE: Duration = Duration::from_secs(20);

    fn question(version: u32) -> Question {
        Question { store: ambient::new_id(), revision: 1, version, range: Range::ALL }
    }

    fn result() -> DryRun {
        DryRun {
            rules: Ruleset::FIRST,
            conversions: 7,
            changed: 0,
            flips: Vec::new(),
            money: Vec::new(),
            widgets: Vec::new(),
            orders: Vec::new(),
        }
    }

    async fn ask<F>(
        runs: &DryRuns,
        question: Question,
        patience: Duration,
        run: impl FnOnce(Progress) -> F,
    ) -> DryRunStatus
    where
        F: Future<Output = StoreResult<Option<DryRun>>> + Send + 'static,
    {
        runs.start_or_look(question, patience, run).await.unwrap()
    }

    #[tokio::test]
    async fn the_same_question_gives_progress_then_the_result_of_the_one_run() {
        let runs = DryRuns::default();
        let asked = question(2);
        let (end, ended) = oneshot::channel::<()>();
        let first = ask(&runs, asked, SOON, |progress| async move {
            progress(3, 10);
            let _ = ended.await;
            Ok(Some(result()))
        })
        .await;
        assert!(matches!(first, DryRunStatus::Running { done: 3, about: 10 }), "{first:?}");
        let other = Question { version: 3, ..asked };
        assert!(matches!(ask(&runs, other, SOON, |_| never()).await, DryRunStatus::Busy));
        end.send(()).unwrap();
        for _ in 0..2 {
            let done = ask(&runs, asked, LATE, |_| never()).await;
            assert!(matches!(&done, DryRunStatus::Done(found) if found.conversions == 7), "{done:?}");
        }
        let again = Question { revision: 2, ..asked };
        let again = ask(&runs, again, SOON, |_| never()).await;
        assert!(matches!(again, DryRunStatus::Running { .. }), "another schedule stands: {again:?}");
    }

    #[tokio::test]
    async fn an_unknown_version_and_a_failure_are_told_once_and_tried_again() {
        let runs = DryRuns::default();
        let asked = question(2);
        assert!(matches!(ask(&runs, asked, LATE, |_| async { Ok(None) }).await, DryRunStatus::Unknown));
        let failed = runs.start_or_look(asked, LATE, |_| async { Err(StoreError::Busy) }).await;
        assert_eq!(failed.unwrap_err(), StoreError::Busy);
        let done = ask(&runs, asked, LATE, |_| async { Ok(Some(result())) }).await;
        assert!(matches!(done, DryRunStatus::Done(_)));
    }

    #[tokio::test]
    async fn a_run_that_panics_holds_up_nobody() {
        let runs = DryRuns::default();
        let asked = question(2);
        let failed = runs.start_or_look(asked, LATE, |_| async { panic!("as a test") }).await;
        assert!(matches!(failed, Err(StoreError::Unavailable(_))));
        let done = ask(&runs, asked, LATE, |_| async { Ok(Some(result())) }).await;
        assert!(matches!(done, DryRunStatus::Done(_)));
    }

    #[tokio::test]
    async fn runs_and_results_are_bounded() {
        let runs = DryRuns::default();
        for _ in 0..RUNNING_MAX {
            assert!(matches!(ask(&runs, question(1), SOON, |_| never()).await, DryRunStatus::Running { .. }));
        }
        assert!(matches!(ask(&runs, question(1), SOON, |_| never()).await, DryRunStatus::Busy));
        let runs = DryRuns::default();
        for _ in 0..KEPT_MAX + 5 {
            ask(&runs, question(1), LATE, |_| async { Ok(Some(result())) }).await;
        }
        assert_eq!(runs.runs().len(), KEPT_MAX);
    }

    async fn never() -> StoreResult<Option<DryRun>> {
        std::future::pending().await
    }
}
