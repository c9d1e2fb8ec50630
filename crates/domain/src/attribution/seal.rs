//! A decision's seal: SHA-256 over ruleset, evidence and outcome, so that a flipped bit in a stored decision shows.
//!
//! The evidence is sealed apart, and its seal goes into the decision's: whether a stored decision is what was
//! written can be checked from its own row; whether its evidence is still what it was, by deciding again. Visitors,
//! sessions and users are not sealed, only how each candidate belongs to the person: so erasing a person changes no
//! decision and no seal.

use sha2::{Digest, Sha256};

use super::{AttributionType, Conversion, Decision, Evidence, Reason};
use crate::order::Order;
use crate::rules::Ruleset;

/// 32 bytes of SHA-256.
pub type Seal = [u8; 32];

/// A stored decision, as far as its seal covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeSeal {
    /// Direct, assisted or none.
    pub kind: AttributionType,
    /// Why.
    pub reason: Reason,
    /// Net order under a credit, minor units.
    pub order_minor: i64,
    /// Matched lines, minor units.
    pub matched_minor: i64,
    /// Attributed, minor units.
    pub attributed_minor: i64,
    /// Provisional, minor units.
    pub provisional_minor: i64,
    /// Matched lines before refunds, minor units.
    pub lines_minor: i64,
    /// See [`Decision::time_to_conversion_ms`].
    pub time_to_conversion_ms: Option<i64>,
    /// See [`Decision::window_missed_by_ms`].
    pub window_missed_by_ms: Option<i64>,
    /// See [`Decision::lag_direct_ms`].
    pub lag_direct_ms: Option<i64>,
    /// See [`Decision::lag_any_ms`].
    pub lag_any_ms: Option<i64>,
}

/// One share, as far as a seal covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditSeal<'a> {
    /// Public id of the visualization.
    pub visualization: &'a str,
    /// The 16 bytes of its widget.
    pub widget: &'a [u8; 16],
    /// Billionths.
    pub weight: u32,
    /// Shares of gross, net, matched lines, attributed and provisional, minor units.
    pub minor: [i64; 5],
}

struct Sealing(Sha256);

impl Sealing {
    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    /// Before every list, so that two lists can't be cut in two ways.
    fn count(&mut self, count: usize) {
        self.number(i64::try_from(count).unwrap_or(i64::MAX));
    }

    fn number(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    fn numbers<const COUNT: usize>(&mut self, numbers: [i64; COUNT]) {
        for number in numbers {
            self.number(number);
        }
    }

    fn number_if(&mut self, number: Option<i64>) {
        self.0.update([u8::from(number.is_some())]);
        self.number(number.unwrap_or(0));
    }

    fn end(self) -> Seal {
        self.0.finalize().into()
    }
}

/// Seals what a decision rests on: the order as it counts, and every candidate before it.
#[must_use]
pub fn seal_evidence(conversion: Conversion<'_>, decision: &Decision, evidence: &Evidence) -> Seal {
    let mut seal = Sealing(Sha256::new());
    seal.text("evidence 1");
    seal_order(&mut seal, conversion.order);
    seal.number(conversion.occurred_at.as_millis());
    seal.number(i64::from(evidence.visitor_seen));
    // What came after the conversion decides nothing but the reason, and the reason is part of the outcome: a new
    // visualization must not touch every earlier order of its shopper.
    let before = || decision.candidates.iter().filter(|candidate| candidate.age_ms >= 0);
    seal.count(before().count());
    for candidate in before() {
        let shown = &candidate.visualization;
        seal.text(shown.id.as_str());
        seal.0.update(shown.widget.as_bytes());
        seal.number(candidate.age_ms);
        seal.text(candidate.person_link.code());
        seal.numbers([candidate.matches_product, candidate.makes_direct].map(i64::from));
        seal.count(shown.products.len());
        for product in &shown.products {
            seal.text(product.product.as_str());
            seal.count(product.variants.len());
            for variant in &product.variants {
                seal.text(variant.as_str());
            }
        }
    }
    // Only where it decides, so that decisions made before there was such a thing are sealed as they were.
    if let (Reason::EvidenceExpired, Some(gone)) = (decision.reason, evidence.events_gone_before) {
        seal.text("events gone before");
        seal.number(gone.as_millis());
    }
    seal.end()
}

fn seal_order(seal: &mut Sealing, order: &Order) {
    seal.text(order.id.as_str());
    seal.text(order.source.code());
    seal.text(order.currency.code());
    seal.text(order.status.code());
    seal.numbers([
        order.total_minor,
        order.refunded_minor,
        order.created_at.as_millis(),
        i64::from(order.left_out().is_some()),
    ]);
    seal.count(order.items.len());
    for item in &order.items {
        seal.text(item.product.as_str());
        seal.text(item.variant.as_ref().map_or("", |variant| variant.as_str()));
        seal.numbers([i64::from(item.quantity), item.price_minor, item.total_minor]);
    }
    // Orders that no platform told of are sealed as they always were.
    if order.platform.is_some() {
        seal.text(order.origin().code());
        seal.number(i64::from(order.is_refund_itemised()));
    }
}

/// Seals a decision: its rules, the seal of its evidence, and its outcome with every share, in ascending order of the
/// visualizations' ids.
#[must_use]
pub fn seal_decision<'a>(
    rules: &Ruleset,
    evidence: &Seal,
    outcome: &OutcomeSeal,
    credits: impl IntoIterator<Item = CreditSeal<'a>>,
) -> Seal {
    let mut seal = Sealing(Sha256::new());
    seal.text("decision 1");
    seal.number(i64::from(rules.version));
    seal.number(rules.window.as_millis());
    for code in [
        rules.model.code(),
        rules.basis.code(),
        rules.products.code(),
        rules.leads.code(),
        rules.counts.code(),
    ] {
        seal.text(code);
    }
    seal.0.update(evidence);
    seal.text(outcome.kind.code());
    seal.text(outcome.reason.code());
    let OutcomeSeal { order_minor, matched_minor, attributed_minor, provisional_minor, lines_minor, .. } =
        *outcome;
    seal.numbers([order_minor, matched_minor, attributed_minor, provisional_minor, lines_minor]);
    for millis in [
        outcome.time_to_conversion_ms,
        outcome.window_missed_by_ms,
        outcome.lag_direct_ms,
        outcome.lag_any_ms,
    ] {
        seal.number_if(millis);
    }
    for credit in credits {
        seal.text(credit.visualization);
        seal.0.update(credit.widget);
        seal.number(i64::from(credit.weight));
        seal.numbers(credit.minor);
    }
    seal.end()
}
