//! What was given back, by repayment: the money that moved, in the currency of the order.

use super::sale::{Part, Payment, Repayment};
use crate::fault::{Notes, Place};
use crate::money::Currency;
use crate::opaque::RefundId;
use crate::order::platform::{REFUNDS_MAX, Refund};
use crate::platform::settle;
use crate::read::{AHEAD_MS_MAX, EARLIEST};
use crate::time::Timestamp;

/// Every repayment by id ascending, each once.
pub(super) fn refunds(
    repayments: &[Repayment<'_>],
    currency: Currency,
    received_at: Timestamp,
    notes: &mut Notes,
) -> Vec<Refund> {
    let list = Place::Key(&Place::Root, "refunds");
    let mut read: Vec<Refund> = repayments
        .iter()
        .enumerate()
        .filter_map(|(index, repayment)| {
            refund(repayment, currency, received_at, Place::Index(&list, index), notes)
        })
        .collect();
    read.sort();
    // The largest amount of an id is the last one after sorting.
    read.reverse();
    read.dedup_by(|later, earlier| later.id == earlier.id);
    read.reverse();
    read.truncate(REFUNDS_MAX);
    read
}

/// One repayment; `None` without an id. Money that has not moved yet counts as 0.
pub(super) fn refund(
    repayment: &Repayment<'_>,
    currency: Currency,
    received_at: Timestamp,
    place: Place<'_>,
    notes: &mut Notes,
) -> Option<Refund> {
    let id = RefundId::parse(&repayment.id?.to_string()).ok()?;
    let minor = moved(repayment, currency, place, notes).unwrap_or(0);
    let made_at = repayment.created_at.as_deref().and_then(|text| Timestamp::parse_rfc3339(text).ok());
    let latest = received_at.plus_millis(AHEAD_MS_MAX);
    Some(Refund { id, minor, at: made_at.filter(|at| (EARLIEST..=latest).contains(at)) })
}

/// The shop's currency as far as a repayment tells it without its order.
pub(super) fn currency_of(repayment: &Repayment<'_>) -> Option<Currency> {
    let of_parts = repayment.parts.iter().filter_map(|part| part.currency.as_deref());
    let of_payments = repayment.payments.iter().filter_map(|payment| payment.currency.as_deref());
    of_parts.chain(of_payments).find_map(|code| Currency::read_stored(&code.to_ascii_uppercase()))
}

/// The money that moved; `None`, with a warning, when it can't be told in this currency.
fn moved(repayment: &Repayment<'_>, currency: Currency, place: Place<'_>, notes: &mut Notes) -> Option<i64> {
    let done: Vec<&Payment<'_>> = repayment.payments.iter().filter(|payment| is_done(payment)).collect();
    if done.is_empty() {
        return Some(0);
    }
    let is_shops = |payment: &&Payment<'_>| is_code(payment.currency.as_deref(), currency);
    if done.iter().all(is_shops) {
        let place = Place::Key(&place, "transactions");
        let amounts: Vec<i64> = done
            .iter()
            .filter_map(|payment| {
                settle::amount(payment.amount.as_deref().unwrap_or_default(), currency, place, notes)
            })
            .collect();
        let sum = amounts.iter().map(|minor| i128::from(*minor)).sum();
        return (amounts.len() == done.len()).then(|| settle::within_limits(sum));
    }
    // Paid back in the shopper's currency: what it is made of is told in the shop's.
    let parts: Vec<&Part<'_>> =
        repayment.parts.iter().filter(|part| is_code(part.currency.as_deref(), currency)).collect();
    if parts.is_empty() {
        notes.warn(place, "refund_in_other_currency", "is told in another currency than the order's only");
        return None;
    }
    let of_part = |part: &&Part<'_>| -> i128 {
        let minor = settle::signed(&part.amount, currency, place, notes).unwrap_or(0);
        i128::from(if part.is_adjustment { -minor } else { minor })
    };
    Some(settle::within_limits(parts.iter().map(of_part).sum()))
}

fn is_done(payment: &Payment<'_>) -> bool {
    let is = |text: &Option<std::borrow::Cow<'_, str>>, word: &str| {
        text.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(word))
    };
    is(&payment.kind, "refund") && is(&payment.status, "success")
}

/// Without a code it is the shop's.
fn is_code(code: Option<&str>, currency: Currency) -> bool {
    code.is_none_or(|code| code.eq_ignore_ascii_case(currency.code()))
}
