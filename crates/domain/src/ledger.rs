//! What an order was worth when: an append-only journal, one entry for every change of an order or of its decision.
//!
//! Each entry holds the whole state after the change and two times: since when it is so (`at`: the order's own date,
//! or when the change was made), and since when we know (`known_at`). So a report can be read by order date or by
//! refund date, and *as known on a date*: of every conversion the last entry known by then.
//!
//! Example: an order of 100.00 on 3 March, 30.00 given back on 9 April. By order date March has 70.00. By refund date
//! March has 100.00 and April −30.00. As known on 31 March, March has 100.00, by either date.

use crate::attribution::{AttributionType, Reason};
use crate::order::{Order, OrderStatus};
use crate::rules::CountsFrom;
use crate::time::Timestamp;

/// Why an entry was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LedgerCause {
    /// The order came in.
    Created,
    /// Its status became one that is revenue.
    Paid,
    /// Something else about it changed.
    Edited,
    /// A part of it was given back.
    PartlyRefunded,
    /// All of it was given back.
    Refunded,
    /// It was called off.
    Cancelled,
    /// What was given back or called off counts again, wholly or in part.
    Reopened,
    /// A fact that came later changed its decision: a visualization, a login, an alias.
    Evidence,
    /// Other rules came into force.
    Rules,
}

impl LedgerCause {
    /// Every cause.
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Paid,
        Self::Edited,
        Self::PartlyRefunded,
        Self::Refunded,
        Self::Cancelled,
        Self::Reopened,
        Self::Evidence,
        Self::Rules,
    ];

    /// The name in API and database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Paid => "paid",
            Self::Edited => "edited",
            Self::PartlyRefunded => "partly_refunded",
            Self::Refunded => "refunded",
            Self::Cancelled => "cancelled",
            Self::Reopened => "reopened",
            Self::Evidence => "evidence",
            Self::Rules => "rules",
        }
    }

    /// Reads [`LedgerCause::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.code() == code)
    }

    /// What a change of the order was. `None` for `before` means that the order is new.
    #[must_use]
    pub fn of_order(before: Option<&Order>, after: &Order) -> Self {
        let Some(before) = before else { return Self::Created };
        match (before.status, after.status) {
            (was, OrderStatus::Cancelled) if was != OrderStatus::Cancelled => return Self::Cancelled,
            (was, OrderStatus::Refunded) if was != OrderStatus::Refunded => return Self::Refunded,
            (was, is) if was.is_reversed() && !is.is_reversed() => return Self::Reopened,
            _ => {}
        }
        let (was, is) = (before.refunded(), after.refunded());
        if is > was {
            return if is == after.total_minor { Self::Refunded } else { Self::PartlyRefunded };
        }
        if is < was && after.total_minor >= before.total_minor {
            return Self::Reopened;
        }
        let paid = |order: &Order| CountsFrom::Paid.is_revenue(order.status);
        if !paid(before) && paid(after) { Self::Paid } else { Self::Edited }
    }

    /// Since when it is so: the order's own date for its creation and for decisions; for a change of the order, when
    /// the snapshot says it was made, else when it reached us, never before the order itself. A repayment that says
    /// itself when it was made counts then.
    #[must_use]
    pub fn effective_at(self, order: &Order, occurred_at: Timestamp, received_at: Timestamp) -> Timestamp {
        let stated = match self {
            Self::Created | Self::Evidence | Self::Rules => return occurred_at,
            Self::PartlyRefunded | Self::Refunded => order.last_refund_at().or(order.updated_at),
            Self::Paid | Self::Edited | Self::Cancelled | Self::Reopened => order.updated_at,
        };
        stated.unwrap_or(received_at).min(received_at).max(occurred_at)
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// 1 for the first of its conversion.
    pub entry: u32,
    /// Why.
    pub cause: LedgerCause,
    /// Since when it is so.
    pub at: Timestamp,
    /// Since when we know.
    pub known_at: Timestamp,
    /// The order's status after it.
    pub status: OrderStatus,
    /// Gross total after it, minor units.
    pub gross_minor: i64,
    /// Given back by then, minor units, 0 to gross.
    pub refunded_minor: i64,
    /// The decision's type after it.
    pub kind: AttributionType,
    /// And its reason.
    pub reason: Reason,
    /// Version of the rules that decided.
    pub ruleset_version: u32,
    /// Attributed, minor units.
    pub attributed_minor: i64,
    /// Would be attributed once paid, minor units.
    pub provisional_minor: i64,
}

impl LedgerEntry {
    /// Gross minus refunded.
    #[must_use]
    pub const fn net_minor(&self) -> i64 {
        self.gross_minor - self.refunded_minor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::opaque::OrderId;
    use crate::order::Source;
    use rstest::rstest;

    fn order(status: OrderStatus, total_minor: i64, refunded_minor: i64) -> Order {
        Order {
            id: OrderId::parse("o-1").unwrap(),
            source: Source::Server,
            visitor: None,
            session: None,
            user: None,
            currency: Currency::parse("EUR").unwrap(),
            total_minor,
            refunded_minor,
            status,
            created_at: Timestamp::from_millis(1_000),
            updated_at: None,
            items: Vec::new(),
            test: false,
            label: None,
            platform: None,
        }
    }

    #[rstest]
    #[case::paid((OrderStatus::Pending, 100, 0), (OrderStatus::Processing, 100, 0), LedgerCause::Paid)]
    #[case::shipped((OrderStatus::Processing, 100, 0), (OrderStatus::Completed, 100, 0), LedgerCause::Edited)]
    #[case::a_part_back((OrderStatus::Completed, 100, 0), (OrderStatus::Completed, 100, 30), LedgerCause::PartlyRefunded)]
    #[case::more_back((OrderStatus::Completed, 100, 30), (OrderStatus::Completed, 100, 31), LedgerCause::PartlyRefunded)]
    #[case::all_back((OrderStatus::Completed, 100, 30), (OrderStatus::Completed, 100, 100), LedgerCause::Refunded)]
    #[case::all_back_by_status((OrderStatus::Completed, 100, 0), (OrderStatus::Refunded, 100, 0), LedgerCause::Refunded)]
    #[case::called_off((OrderStatus::Pending, 100, 0), (OrderStatus::Cancelled, 100, 0), LedgerCause::Cancelled)]
    #[case::called_off_after_a_refund((OrderStatus::Refunded, 100, 0), (OrderStatus::Cancelled, 100, 0), LedgerCause::Cancelled)]
    #[case::on_again((OrderStatus::Cancelled, 100, 0), (OrderStatus::Processing, 100, 0), LedgerCause::Reopened)]
    #[case::a_refund_undone((OrderStatus::Completed, 100, 30), (OrderStatus::Completed, 100, 10), LedgerCause::Reopened)]
    #[case::a_line_removed((OrderStatus::Completed, 100, 0), (OrderStatus::Completed, 90, 0), LedgerCause::Edited)]
    #[case::a_smaller_order_caps_its_refund((OrderStatus::Completed, 100, 100), (OrderStatus::Completed, 50, 100), LedgerCause::Edited)]
    fn a_change_of_an_order_has_one_cause(
        #[case] before: (OrderStatus, i64, i64),
        #[case] after: (OrderStatus, i64, i64),
        #[case] cause: LedgerCause,
    ) {
        let made = |(status, total, refunded)| order(status, total, refunded);
        assert_eq!(LedgerCause::of_order(Some(&made(before)), &made(after)), cause);
    }

    #[test]
    fn a_first_snapshot_is_a_creation_whatever_its_status() {
        let cancelled = order(OrderStatus::Cancelled, 100, 0);
        assert_eq!(LedgerCause::of_order(None, &cancelled), LedgerCause::Created);
    }

    #[rstest]
    #[case::as_stated(Some(2_000), 3_000, 2_000)]
    #[case::when_it_reached_us(None, 3_000, 3_000)]
    #[case::never_in_the_future(Some(9_000), 3_000, 3_000)]
    #[case::never_before_the_order(Some(500), 3_000, 1_000)]
    fn a_refund_is_dated_by_its_snapshot(
        #[case] updated: Option<i64>,
        #[case] received: i64,
        #[case] at: i64,
    ) {
        let mut refunded = order(OrderStatus::Completed, 100, 30);
        refunded.updated_at = updated.map(Timestamp::from_millis);
        let dated = |cause: LedgerCause| {
            let (occurred, received) = (refunded.created_at, Timestamp::from_millis(received));
            cause.effective_at(&refunded, occurred, received).as_millis()
        };
        assert_eq!(dated(LedgerCause::PartlyRefunded), at);
        assert_eq!([LedgerCause::Created, LedgerCause::Evidence, LedgerCause::Rules].map(dated), [1_000; 3]);
    }

    #[test]
    fn every_cause_is_read_back_by_its_code() {
        assert!(LedgerCause::ALL.iter().all(|cause| LedgerCause::from_code(cause.code()) == Some(*cause)));
    }
}
