//! One pull: page by page, each compared, taken in, and written down before the next one is asked for.
//!
//! A pull that ends at any point goes on at its cursor. The page it was at is then read again: taking an order in twice
//! changes nothing, and what the first time was missing counts as the same the second time.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use selektable_domain::order::Order;
use selektable_domain::platform::PlatformOrder;
use selektable_domain::report::DeliveryFault;
use selektable_domain::report::reconciliation::Comparison;
use selektable_domain::time::Timestamp;
use selektable_store::ingest::OrderDelivery;
use selektable_store::maintain::Progress;
use selektable_store::platforms::{PULL_LINES_MAX, PullLine, PullMode, PullRun, PullState};
use selektable_store::{SharedStore, StoreResult, Tenant};

use super::brought::Brought;
use super::page::{Entry, Found, Page};
use super::remote::Remote;
use crate::{ambient, patient};

/// A pull of one store.
pub struct Pull<'a> {
    /// The storage.
    pub store: &'a SharedStore,
    /// Whose orders.
    pub tenant: Tenant,
    /// Where they come from.
    pub remote: Remote,
    /// What was brought in already, by this process.
    pub brought: &'a Brought,
    /// How far it is.
    pub run: PullRun,
}

/// A pull that begins now, or goes on where an interrupted one of the same beginning stopped.
///
/// # Errors
/// The storage's.
pub async fn begin_or_resume(
    store: &SharedStore,
    tenant: Tenant,
    since: Timestamp,
    mode: PullMode,
) -> StoreResult<PullRun> {
    let now = ambient::now();
    let known = store.pulls(tenant).await?;
    let resumable = known.iter().find(|run| run.mode == mode && run.since == since && can_go_on(run));
    let run = match resumable {
        Some(run) => PullRun { state: PullState::Running, updated_at: now, ..run.clone() },
        None => new_run(since, mode, first_free(now, &known)),
    };
    store.save_pull(tenant, run.clone()).await?;
    Ok(run)
}

/// One that gave up goes on too, if it takes orders in: what changed since lies ahead of its cursor.
fn can_go_on(run: &PullRun) -> bool {
    match run.state {
        PullState::Running => true,
        PullState::Failed(_) => run.mode == PullMode::BringIn && run.cursor.is_some(),
        PullState::Done => false,
    }
}

/// A run is named by when it began.
fn first_free(now: Timestamp, known: &[PullRun]) -> Timestamp {
    let mut at = now;
    while known.iter().any(|run| run.started_at == at) {
        at = at.plus_millis(1);
    }
    at
}

fn new_run(since: Timestamp, mode: PullMode, started_at: Timestamp) -> PullRun {
    PullRun {
        started_at,
        mode,
        since,
        cursor: None,
        state: PullState::Running,
        updated_at: started_at,
        orders: 0,
        missing: 0,
        differing: 0,
        same: 0,
        passed_over: 0,
        lines: Vec::new(),
    }
}

impl Pull<'_> {
    /// Pulls to the end, or until the platform gives up; says how it ended, which is written down too.
    ///
    /// # Errors
    /// The storage's; the pull then stands as interrupted.
    pub async fn go_on(mut self, progress: &Progress) -> StoreResult<PullRun> {
        let mut counted = HashSet::new();
        while self.run.state == PullState::Running {
            match self.remote.page(self.run.since, self.run.cursor.as_deref()).await {
                Ok(page) => self.take(page, &mut counted, progress).await?,
                Err(fault) => self.run.state = PullState::Failed(fault.to_string()),
            }
            self.run.updated_at = ambient::now();
            self.store.save_pull(self.tenant, self.run.clone()).await?;
        }
        Ok(self.run)
    }

    async fn take(&mut self, page: Page, counted: &mut HashSet<u64>, progress: &Progress) -> StoreResult<()> {
        let Page { entries, next, left } = page;
        let orders: Vec<Order> =
            entries.iter().filter_map(order_of).map(|found| found.order.clone()).collect();
        let compared = if orders.is_empty() {
            Vec::new()
        } else {
            self.store.compare_orders(self.tenant, orders).await?
        };
        self.note(&entries, &compared, counted);
        if self.run.mode == PullMode::BringIn {
            self.bring_in(entries, &compared).await?;
        }
        progress(self.run.orders, self.run.orders + left.unwrap_or(0));
        self.run.state = if next.is_some() { PullState::Running } else { PullState::Done };
        self.run.cursor = next;
        Ok(())
    }

    /// Counts each order once, however often pages overlap; one without an id can't be told from another.
    fn note(&mut self, entries: &[Entry], compared: &[Comparison], counted: &mut HashSet<u64>) {
        let mut compared = compared.iter();
        for entry in entries {
            let found = match &entry.found {
                Found::Order(_) => compared.next().cloned().unwrap_or(Comparison::Same),
                Found::PassedOver { code, .. } => Comparison::PassedOver(code.clone()),
            };
            if !entry.id.is_empty() && !counted.insert(fingerprint(&entry.id)) {
                continue;
            }
            self.run.orders += 1;
            match found {
                Comparison::Same => self.run.same += 1,
                Comparison::Missing => self.run.missing += 1,
                Comparison::Differs(_) => self.run.differing += 1,
                Comparison::PassedOver(_) => self.run.passed_over += 1,
            }
            let is_kept = found != Comparison::Same && self.run.lines.len() < PULL_LINES_MAX;
            if let Some(order) = entry.order_id().filter(|_| is_kept) {
                self.run.lines.push(PullLine { order, number: number_of(entry), found });
            }
        }
    }

    async fn bring_in(&mut self, entries: Vec<Entry>, compared: &[Comparison]) -> StoreResult<()> {
        let store = self.tenant.store;
        let orders = entries.into_iter().filter_map(|entry| match entry.found {
            Found::Order(order) => Some(*order),
            Found::PassedOver { .. } => None,
        });
        let wanted: Vec<PlatformOrder> = orders
            .zip(compared)
            .filter(|(found, comparison)| {
                **comparison != Comparison::Same || !self.brought.knows(store, &found.order)
            })
            .map(|(found, _)| found)
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let deliveries: Vec<OrderDelivery> = wanted.iter().map(|found| self.delivery(found)).collect();
        patient::ingest(self.store, deliveries).await?;
        for found in &wanted {
            self.brought.note(store, &found.order);
        }
        Ok(())
    }

    fn delivery(&self, found: &PlatformOrder) -> OrderDelivery {
        OrderDelivery {
            tenant: self.tenant,
            id: ambient::new_id(),
            conversion: ambient::new_id(),
            request_id: format!("pull-{}", self.run.started_at.as_millis()),
            received_at: ambient::now(),
            // Only webhooks have one: what is looked up is no sign that they arrive.
            topic: None,
            order: found.order.clone(),
            warnings: found.warnings.iter().cloned().map(DeliveryFault::from).collect(),
            sample: false,
        }
    }
}

fn order_of(entry: &Entry) -> Option<&PlatformOrder> {
    match &entry.found {
        Found::Order(order) => Some(order),
        Found::PassedOver { .. } => None,
    }
}

fn number_of(entry: &Entry) -> Option<String> {
    match &entry.found {
        Found::Order(order) => order.order.platform.as_ref().and_then(|part| part.number.clone()),
        Found::PassedOver { number, .. } => number.clone(),
    }
}

/// A million orders are remembered in some megabytes; two that share a fingerprint would only be counted as one.
fn fingerprint(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
