//! What becomes of an order after it was placed: the snapshots the shop sends in its life.

use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::time::{DAY_MS, HOUR_MS, Timestamp};

use super::SentOrder;

/// From the shop's checkout to our door.
const ON_THE_WAY_MS: i64 = 900;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Paid; `completed` once it is two days old.
    Paid,
    /// Paid by bank transfer after a day or two.
    PaidLater,
    /// Waits for its money.
    Unpaid,
    /// Waits for a delivery date.
    Held,
    /// Called off after three hours.
    Cancelled,
    /// Sent back.
    Refunded,
    /// One line sent back.
    PartlyRefunded,
    /// One line sent back weeks later, so that a report by refund date differs from one by order date.
    PartlyRefundedLate,
}

/// How long after its order a late refund is made.
const LATE_MS: i64 = 15 * DAY_MS;

/// By number, so that each kind is met whatever the days; a young order more often still waits for something.
const fn fate(number: usize, age: i64) -> Fate {
    if age > LATE_MS + DAY_MS && number % 5 == 1 {
        return Fate::PartlyRefundedLate;
    }
    if age < 4 * DAY_MS {
        return match number % 7 {
            2 => Fate::Unpaid,
            5 => Fate::Held,
            _ => Fate::Paid,
        };
    }
    match number % 26 {
        2 | 15 => Fate::Refunded,
        6 | 19 => Fate::PartlyRefunded,
        10 => Fate::Cancelled,
        4 | 13 | 24 => Fate::PaidLater,
        _ => Fate::Paid,
    }
}

/// The snapshots of an order, the first as it was placed. `number` counts orders; nothing happens after `until`.
pub(super) fn snapshots(order: &Order, number: usize, until: Timestamp) -> Vec<SentOrder> {
    let lead = order.items.is_empty();
    let age = until.millis_since(order.created_at);
    let paid = if lead || age > 2 * DAY_MS { OrderStatus::Completed } else { OrderStatus::Processing };
    let life: Vec<(i64, OrderStatus, i64)> = match fate(number, age) {
        _ if lead => vec![(0, paid, 0)],
        Fate::Paid => vec![(0, paid, 0)],
        Fate::Unpaid => vec![(0, OrderStatus::Pending, 0)],
        Fate::Held => vec![(0, OrderStatus::OnHold, 0)],
        Fate::PaidLater => vec![
            (0, OrderStatus::Pending, 0),
            (26 * HOUR_MS, OrderStatus::Processing, 0),
            (3 * DAY_MS, OrderStatus::Completed, 0),
        ],
        Fate::Cancelled => vec![(0, OrderStatus::Processing, 0), (3 * HOUR_MS, OrderStatus::Cancelled, 0)],
        Fate::Refunded => vec![(0, paid, 0), (4 * DAY_MS, OrderStatus::Refunded, order.total_minor)],
        Fate::PartlyRefunded => vec![(0, paid, 0), (3 * DAY_MS, OrderStatus::Completed, a_line(order))],
        Fate::PartlyRefundedLate => vec![(0, paid, 0), (LATE_MS, OrderStatus::Completed, a_line(order))],
    };
    life.into_iter()
        .map(|(after, status, refunded)| snapshot(order, after, status, refunded))
        .filter(|sent| sent.received_at < until)
        .collect()
}

/// What one line sent back is worth, at most half of the order.
fn a_line(order: &Order) -> i64 {
    order.items.last().map_or(0, |item| item.price_minor.min(order.total_minor / 2))
}

fn snapshot(order: &Order, after: i64, status: OrderStatus, refunded_minor: i64) -> SentOrder {
    let received_at = order.created_at.plus_millis(after + ON_THE_WAY_MS);
    SentOrder { received_at, order: Order { status, refunded_minor, ..order.clone() } }
}
