//! What an order was worth when: its ledger, one row for every change of the order or of its decision.

use selektable_domain::ledger::LedgerEntry;
use selektable_domain::money::Currency;
use selektable_domain::time::Zone;

use super::parts::{Amount, Kind, Status, TimeText};
use super::words;

const MINUTE_MS: i64 = 60_000;

/// One entry.
pub(super) struct TimelineRow {
    /// What happened.
    pub cause: &'static str,
    /// Since when it is so.
    pub at: TimeText,
    /// Since when we know, where that is later as a clock shows it.
    pub known_at: Option<TimeText>,
    /// The order's status after it.
    pub status: Status,
    /// Gross after it.
    pub gross: Amount,
    /// Given back by then.
    pub refunded: Amount,
    /// What is left.
    pub net: Amount,
    /// Direct, assisted or none after it.
    pub kind: Kind,
    /// Why.
    pub reason: &'static str,
    /// Attributed after it, or what would be once it counts.
    pub attributed: Amount,
    /// Under which version of the rules.
    pub ruleset: u32,
}

/// The entries, oldest first.
#[must_use]
pub(super) fn rows(ledger: &[LedgerEntry], currency: Currency, zone: &Zone) -> Vec<TimelineRow> {
    ledger.iter().map(|entry| row(entry, currency, zone)).collect()
}

fn row(entry: &LedgerEntry, currency: Currency, zone: &Zone) -> TimelineRow {
    let plain = |minor: i64| Amount::plain(minor, currency);
    TimelineRow {
        cause: words::ledger_cause(entry.cause),
        at: TimeText::new(entry.at, zone),
        known_at: (entry.known_at.millis_since(entry.at) >= MINUTE_MS)
            .then(|| TimeText::new(entry.known_at, zone)),
        status: entry.status.into(),
        gross: plain(entry.gross_minor),
        refunded: if entry.refunded_minor > 0 {
            Amount::reversed(entry.refunded_minor, currency)
        } else {
            plain(0)
        },
        net: plain(entry.net_minor()),
        kind: entry.kind.into(),
        reason: words::reason(entry.reason),
        attributed: if entry.provisional_minor > 0 {
            Amount::provisional(entry.provisional_minor, currency)
        } else {
            plain(entry.attributed_minor)
        },
        ruleset: entry.ruleset_version,
    }
}
