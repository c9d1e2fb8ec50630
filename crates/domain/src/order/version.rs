//! Which of several snapshots of one order counts (SPEC section 5.1): a fold whose end does not depend on the order
//! of arrival, except where the rule itself says "the later arrival".
//!
//! The rule compares two snapshots by their own times when both carry one, else by rank of status. Taken pair by
//! pair that is not transitive (timed 1 `completed` < timed 2 `pending` < untimed `on-hold` < timed 1), and a fold
//! that kept only the winner would depend on arrival. So the best timed and the best untimed snapshot are both
//! kept, and only those two meet by rank. The rejected choice, keeping only the winner, is a few bytes smaller.
//!
//! A platform's snapshots carry the platform's own time, some of them the same second; among those the order of
//! arrival decides nothing either. What a platform tells apart from snapshots (a repayment, a deletion) and what is kept
//! for good (the first visitor) is folded beside them, so that any order of arrival and any repetition ends alike.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::platform::{Carrier, Claim, EXPORT_REFUND, OrderNote, REFUNDS_MAX, Refund, Token};
use super::{Order, OrderStatus, Source};
use crate::money::Currency;
use crate::opaque::{RefundId, SessionId, VisitorId};
use crate::time::Timestamp;

/// A snapshot and when it came, counted from 1 per order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The snapshot as it came.
    pub order: Order,
    /// 1 for the first accepted snapshot of this order.
    pub arrival: u32,
}

/// The best snapshots of one kind of source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    /// Best of those that say when they were true.
    pub timed: Option<Version>,
    /// Best of those that don't.
    pub untimed: Option<Version>,
}

impl Heads {
    fn winner(&self) -> Option<&Version> {
        match (&self.timed, &self.untimed) {
            (Some(timed), Some(untimed)) => {
                let rank = |version: &Version| {
                    let order = &version.order;
                    (order.status.rank(), order.source != Source::Import, version.arrival)
                };
                Some(if rank(timed) > rank(untimed) { timed } else { untimed })
            }
            (one, other) => one.as_ref().or(other.as_ref()),
        }
    }

    fn admit(&mut self, version: Version) {
        let slot = if version.order.updated_at.is_some() { &mut self.timed } else { &mut self.untimed };
        if slot.as_ref().is_none_or(|best| age(&version.order, &best.order).is_ge()) {
            *slot = Some(version);
        }
    }
}

/// Whether the one snapshot is later than the other. Of two snapshots of a platform with one time and status, the one
/// with more given back is: repayments don't always move the platform's time. After that a total order over the
/// content decides, in which a real order beats a test, what was not imported beats what was, and the snapshot that
/// tells more beats the one that tells less: a pull knows no tokens and not every line.
fn age(one: &Order, other: &Order) -> Ordering {
    let time = |order: &Order| (order.updated_at, order.status.rank());
    let is_live = |order: &Order| order.source != Source::Import;
    let content = |order: &Order| {
        let tokens = order.platform.as_ref().map_or(0, |part| part.tokens.len());
        (order.refunded_minor, !order.test, is_live(order), order.items.len(), tokens)
    };
    let by_time = time(one).cmp(&time(other));
    if one.platform.is_none() || other.platform.is_none() {
        return by_time.then_with(|| is_live(one).cmp(&is_live(other)));
    }
    by_time.then_with(|| content(one).cmp(&content(other))).then_with(|| one.cmp(other))
}

/// Most tokens of one order; a snapshot has two.
pub const TOKENS_MAX: usize = 16;

/// The visitor whom a platform's snapshots named first, by the platform's own time; kept for good.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FirstVisitor {
    /// The snapshot's time.
    pub at: Option<Timestamp>,
    /// Who.
    pub visitor: VisitorId,
    /// In which session, where said.
    pub session: Option<SessionId>,
    /// How it came to be known.
    pub carrier: Option<Carrier>,
}

impl FirstVisitor {
    fn of(order: &Order) -> Option<Self> {
        let carrier = order.platform.as_ref()?.carrier;
        let (visitor, session) = (order.visitor.clone()?, order.session.clone());
        Some(Self { at: order.updated_at, visitor, session, carrier })
    }
}

/// What is known of an order besides its snapshots. Every part is a maximum or a minimum of what was told, so the
/// order of telling does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Besides {
    /// Who was named first.
    pub first_visitor: Option<FirstVisitor>,
    /// Shopify's repayments by id, each at the most it was told to be: one that is still under way moves nothing yet.
    pub refunds: BTreeMap<RefundId, Refund>,
    /// Repayments told of in a currency that is not known to be the order's.
    pub told_refunds: Vec<(Currency, Refund)>,
    /// When we were last told that it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When we were last told that it is back.
    pub restored_at: Option<Timestamp>,
    /// Tokens by which browsers can claim it, of every snapshot, at most [`TOKENS_MAX`].
    pub tokens: BTreeSet<Token>,
    /// The browser that claimed it by a token, while no snapshot names a visitor.
    pub claimed: Option<Claim>,
}

impl Besides {
    fn see(&mut self, order: &Order) {
        if let Some(named) = FirstVisitor::of(order)
            && self.first_visitor.as_ref().is_none_or(|first| named < *first)
        {
            self.first_visitor = Some(named);
        }
        let Some(part) = &order.platform else { return };
        for token in &part.tokens {
            self.tokens.insert(token.clone());
            if self.tokens.len() > TOKENS_MAX {
                self.tokens.pop_last();
            }
        }
        if adds_refunds_up(order.source) {
            part.refunds.iter().for_each(|refund| self.refund(refund));
        }
    }

    fn refund(&mut self, refund: &Refund) {
        keep_most(&mut self.refunds, refund);
        // Those with the smallest ids stay, whatever came first.
        if self.refunds.len() > REFUNDS_MAX {
            self.refunds.pop_last();
        }
    }

    /// Takes a note in; says whether it told anything new.
    pub fn note(&mut self, note: &OrderNote, received_at: Timestamp) -> bool {
        let before = self.clone();
        match note {
            OrderNote::Refund { refund, currency } => {
                let told = (*currency, refund.clone());
                if let Err(place) = self.told_refunds.binary_search(&told) {
                    self.told_refunds.insert(place, told);
                    self.told_refunds.truncate(REFUNDS_MAX);
                }
            }
            OrderNote::Deleted => self.deleted_at = self.deleted_at.max(Some(received_at)),
            OrderNote::Restored => self.restored_at = self.restored_at.max(Some(received_at)),
        }
        *self != before
    }

    /// Every repayment that counts for an order in this currency.
    fn refunds_in(&self, currency: Currency) -> Vec<Refund> {
        let mut all = self.refunds.clone();
        for (_, refund) in self.told_refunds.iter().filter(|(told, _)| *told == currency) {
            keep_most(&mut all, refund);
        }
        all.into_values().collect()
    }

    /// Whether it is deleted, seen from a snapshot. A `WooCommerce` order can come back, which a later snapshot tells
    /// as well as a note; nothing brings a deleted Shopify order back.
    fn is_deleted(&self, winner: &Order) -> bool {
        let Some(deleted_at) = self.deleted_at else { return false };
        match winner.source {
            Source::WooCommerce => self.restored_at.max(winner.updated_at) < Some(deleted_at),
            Source::Shopify | Source::Import | Source::Server | Source::Browser => {
                self.restored_at < Some(deleted_at)
            }
        }
    }
}

/// Two tellings of one repayment: the one with more money counts, and of equals the one with the later date.
fn keep_most(known: &mut BTreeMap<RefundId, Refund>, refund: &Refund) {
    let best = known.entry(refund.id.clone()).or_insert_with(|| refund.clone());
    if (best.minor, best.at) < (refund.minor, refund.at) {
        *best = refund.clone();
    }
}

fn merge<'r>(known: Vec<Refund>, others: impl Iterator<Item = &'r Refund>) -> Vec<Refund> {
    let mut all: BTreeMap<RefundId, Refund> = known.into_iter().map(|it| (it.id.clone(), it)).collect();
    for refund in others {
        keep_most(&mut all, refund);
    }
    all.into_values().collect()
}

/// Whether repayments of different snapshots add up. Shopify's are for ever and each delivery may lack some; in
/// `WooCommerce` one can be deleted, so what the latest snapshot says counts.
fn adds_refunds_up(source: Source) -> bool {
    source == Source::Shopify
}

/// Everything that is known of one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderState {
    /// Snapshots from servers, platforms and imports.
    pub verified: Heads,
    /// Snapshots from browsers; they count only while there is no verified one.
    pub browser: Heads,
    /// The identity a browser gave before any server spoke; kept for good (SPEC section 5.2).
    pub browser_identity: Option<(Option<VisitorId>, Option<SessionId>)>,
    /// When the first snapshot reached us.
    pub first_received_at: Timestamp,
    /// Accepted snapshots so far.
    pub arrivals: u32,
    /// What is known besides snapshots.
    pub besides: Besides,
}

/// What one snapshot did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The first of its order.
    Created,
    /// It counts now.
    Updated,
    /// Equal to what counted already.
    Unchanged,
    /// Older than what counts; kept as a delivery.
    Stale,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Created, Self::Updated, Self::Unchanged, Self::Stale];

    /// The name on the wire (`result`).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Stale => "stale",
        }
    }

    /// Reads [`Outcome::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// A known order was sent in another currency; nothing of the snapshot is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this order is known in {known}; an order's currency can't change to {sent}")]
pub struct CurrencyChanged {
    /// Currency of the order so far.
    pub known: crate::money::Currency,
    /// Currency of the refused snapshot.
    pub sent: crate::money::Currency,
}

impl OrderState {
    /// The state after an order's first snapshot.
    #[must_use]
    pub fn begin(order: Order, received_at: Timestamp) -> Self {
        Self::after(Besides::default(), order, received_at)
    }

    /// The state after an order's first snapshot, of which notes were told before.
    #[must_use]
    pub fn after(mut besides: Besides, order: Order, received_at: Timestamp) -> Self {
        besides.see(&order);
        let from_browser = order.source == Source::Browser;
        let browser_identity = from_browser.then(|| (order.visitor.clone(), order.session.clone()));
        let (mut verified, mut browser) = (Heads::default(), Heads::default());
        let heads = if from_browser { &mut browser } else { &mut verified };
        heads.admit(Version { order, arrival: 1 });
        Self { verified, browser, browser_identity, first_received_at: received_at, arrivals: 1, besides }
    }

    /// Takes one more snapshot in.
    pub fn admit(&mut self, order: Order, received_at: Timestamp) -> Result<Outcome, CurrencyChanged> {
        let known = self.winner().order.currency;
        if known != order.currency {
            return Err(CurrencyChanged { known, sent: order.currency });
        }
        if self.winner().order == order {
            return Ok(Outcome::Unchanged);
        }
        self.first_received_at = self.first_received_at.min(received_at);
        let from_browser = order.source == Source::Browser;
        if from_browser && self.verified.winner().is_some() {
            return Ok(Outcome::Stale);
        }
        self.besides.see(&order);
        self.arrivals += 1;
        let arrival = self.arrivals;
        let heads = if from_browser { &mut self.browser } else { &mut self.verified };
        heads.admit(Version { order, arrival });
        Ok(if self.winner().arrival == arrival { Outcome::Updated } else { Outcome::Stale })
    }

    /// Takes a note in; says whether it told anything new. A deletion that is told again is news where orders come
    /// back: it may be a second one.
    pub fn note(&mut self, note: &OrderNote, received_at: Timestamp) -> bool {
        let winner = &self.winner().order;
        let is_for_good = winner.source == Source::Shopify && self.besides.is_deleted(winner);
        if *note == OrderNote::Deleted && is_for_good {
            return false;
        }
        self.besides.note(note, received_at)
    }

    /// Whether a token may still say whose it is: no snapshot does.
    #[must_use]
    pub fn can_be_claimed(&self) -> bool {
        self.besides.first_visitor.is_none()
            && self.browser_identity.is_none()
            && !self.besides.tokens.is_empty()
    }

    /// The snapshot that counts, as it came.
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "`begin` admits a snapshot, and heads are only replaced"
    )]
    pub fn winner(&self) -> &Version {
        let winner = self.verified.winner().or_else(|| self.browser.winner());
        winner.expect("an order's state holds at least one snapshot")
    }

    /// The order as it counts: the winning snapshot with the identity that is kept, every repayment and whether it was
    /// deleted.
    #[must_use]
    pub fn order(&self) -> Order {
        let mut order = self.winner().order.clone();
        if let Some((visitor, session)) = &self.browser_identity {
            order.visitor = visitor.clone().or(order.visitor);
            order.session = session.clone().or(order.session);
        } else {
            self.name_visitor(&mut order);
        }
        self.add_refunds(&mut order);
        if self.besides.is_deleted(&order) {
            order.status = OrderStatus::Cancelled;
        }
        order
    }

    /// A file may tell of less than was given back since, or of one sum only: then what gives back more counts.
    fn add_refunds(&self, order: &mut Order) {
        let adds_up = adds_refunds_up(order.source);
        let mut refunds = self.besides.refunds_in(order.currency);
        if !adds_up && (order.source != Source::Import || refunds.is_empty()) {
            return;
        }
        let own = order.platform.iter().flat_map(|part| &part.refunds);
        if !adds_up {
            refunds = merge(refunds, own.filter(|refund| refund.id.as_str() != EXPORT_REFUND));
        }
        let sum = refunds.iter().map(|refund| refund.minor).fold(0, i64::saturating_add);
        if adds_up || sum >= order.refunded_minor {
            order.refunded_minor = sum;
            if let Some(part) = &mut order.platform {
                part.refunds = refunds;
            }
        }
    }

    fn name_visitor(&self, order: &mut Order) {
        let Some(part) = &mut order.platform else { return };
        if let Some(first) = &self.besides.first_visitor {
            order.visitor = Some(first.visitor.clone());
            order.session.clone_from(&first.session);
            part.carrier = first.carrier;
        } else if let Some(claimed) = &self.besides.claimed {
            order.visitor = Some(claimed.visitor.clone());
            order.session = Some(claimed.session.clone());
            part.carrier = Some(claimed.kind.carrier());
        }
    }

    /// `t_c` of SPEC section 6: when the order was placed, or when it reached us if that is earlier.
    #[must_use]
    pub fn occurred_at(&self) -> Timestamp {
        self.winner().order.created_at.min(self.first_received_at)
    }
}

#[cfg(test)]
mod tests;
