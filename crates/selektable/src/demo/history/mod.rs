//! Three weeks of a shop's life, made up: the same seed and the same days always give the same facts, ids included.
//!
//! What is made here are facts only (visits, pictures, orders). What they mean is decided by the same code that decides
//! about real ones: a story such as "bought the next day on another device" only arranges who does what when.

mod calendar;
mod chance;
mod fates;
mod pen;
mod stories;
mod tell;

use selektable_domain::id::WidgetId;
use selektable_domain::order::Order;
use selektable_domain::time::{DAY_MS, Interval, Range, Timestamp, Zone, buckets};
use selektable_domain::visualization::Visualization;
use selektable_store::ingest::Event;

pub use tell::{Told, tell};

/// Days of the history, before today.
pub const DAYS: usize = 21;
/// The seed of the demo's history.
pub const SEED: u64 = 2_026;

/// Facts, each list in the order of its times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// What browsers reported.
    pub visits: Vec<Visit>,
    /// The pictures.
    pub visualizations: Vec<Visualization>,
    /// The orders, as the shop's server sent them: one order may be sent several times in its life.
    pub orders: Vec<SentOrder>,
}

/// One tab's session.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The browser.
    pub visitor: selektable_domain::opaque::VisitorId,
    /// The session.
    pub session: selektable_domain::opaque::SessionId,
    /// What happened in it.
    pub events: Vec<Event>,
}

/// One snapshot of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct SentOrder {
    /// When it reached us.
    pub received_at: Timestamp,
    /// The snapshot.
    pub order: Order,
}

/// Why no history can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryFault {
    /// The calendar ends somewhere.
    #[error("the machine's clock stands outside the calendar: set it")]
    Clock,
    /// A made-up id is none.
    #[error("the history holds a text that is no id; this is a mistake in the program, please report it")]
    Id(#[from] selektable_domain::opaque::OpaqueIdFault),
    /// A made-up currency is none.
    #[error(
        "the history holds a text that is no currency; this is a mistake in the program, please report it"
    )]
    Currency(#[from] selektable_domain::money::CurrencyFault),
}

/// The [`DAYS`] days of a zone before the day that holds `now`.
pub fn days_before(now: Timestamp, zone: &Zone) -> Result<Vec<Range>, HistoryFault> {
    // Half a day more than the oldest midnight is inside the oldest day, also when clocks were changed in between.
    let length = i64::try_from(DAYS).unwrap_or(0) * DAY_MS - DAY_MS / 2;
    let today = buckets(Range { from: now, to: now.plus_millis(1) }, Interval::Day, zone)
        .ok()
        .and_then(|days| days.first().copied())
        .ok_or(HistoryFault::Clock)?;
    let past = Range { from: today.from.plus_millis(-length), to: today.from };
    buckets(past, Interval::Day, zone).map_err(|_| HistoryFault::Clock)
}

/// Writes the history of a widget's store over `days`, oldest first.
pub fn write(seed: u64, days: &[Range], widget: WidgetId) -> Result<History, HistoryFault> {
    let mut pen = pen::Pen::new(seed, days, widget);
    for story in stories::shuffled(&mut pen.chance) {
        stories::write(story, &mut pen)?;
    }
    let mut history = pen.history;
    history.visits.sort_by_key(|visit| visit.events.first().map(|event| event.at));
    history.visualizations.sort_by_key(|visualization| visualization.at);
    history.orders.sort_by_key(|sent| sent.received_at);
    Ok(history)
}

#[cfg(test)]
mod tests;
