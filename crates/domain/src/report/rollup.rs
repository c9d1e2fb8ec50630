//! What happened in one small span of time, summed up: figures of a long range are a sum of these, not a count of rows.
//!
//! Sums are kept by adding what each write changes: a decision in place of another one is the new one once more and the
//! old one once less. So every number here may be negative in a change, and none is in the sum of all changes.

mod bytes;

use std::collections::BTreeMap;

use super::RevenueLine;
use super::figures::{Amounts, Counted};
use crate::attribution::{AttributionType, Reason};
use crate::money::Currency;

pub use bytes::RollupFault;

/// Sums of a span of time, or what changes of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollup {
    visualizations: i64,
    /// In the order of [`AttributionType::ALL`].
    by_type: [i64; AttributionType::ALL.len()],
    /// In the order of [`Reason::ALL`].
    unattributed: [i64; Reason::ALL.len()],
    versions: BTreeMap<u32, i64>,
    money: BTreeMap<Currency, Money>,
}

/// Money of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Money {
    /// Orders in it: a line without any is no line, a line of free orders is one.
    orders: i64,
    /// Gross, refunded, net, direct, assisted, provisional; minor units.
    sums: [i128; 6],
}

impl Money {
    fn add(&mut self, other: &Self, times: i64) {
        self.orders += other.orders * times;
        let sums = self.sums.iter_mut().zip(other.sums);
        sums.for_each(|(sum, other)| *sum += other * i128::from(times));
    }

    fn line(&self, currency: Currency) -> RevenueLine {
        let [gross_minor, refunded_minor, net_minor, direct_minor, assisted_minor, provisional_minor] =
            self.sums;
        RevenueLine {
            currency,
            gross_minor,
            refunded_minor,
            net_minor,
            direct_minor,
            assisted_minor,
            provisional_minor,
        }
    }
}

/// The place of a value in the list of all of them.
fn place<T: PartialEq>(all: &[T], value: &T) -> usize {
    all.iter().position(|known| known == value).unwrap_or(0)
}

impl Rollup {
    /// So many visualizations more; negative: less.
    pub const fn add_visualizations(&mut self, times: i64) {
        self.visualizations += times;
    }

    /// A conversion with its money so many times more: 1 when it is written, −1 when it is taken back.
    pub fn add_conversion(&mut self, counted: Counted, currency: Currency, amounts: Amounts, times: i64) {
        if counted.status.counts_as_conversion() {
            self.by_type[place(&AttributionType::ALL, &counted.kind)] += times;
            if counted.kind == AttributionType::None {
                self.unattributed[place(&Reason::ALL, &counted.reason)] += times;
            }
            add_to(&mut self.versions, counted.ruleset_version, times);
        }
        let attributed = |kind| if counted.kind == kind { amounts.attributed_minor } else { 0 };
        let sums = [
            amounts.gross_minor,
            amounts.refunded_minor,
            amounts.net_minor,
            attributed(AttributionType::Direct),
            attributed(AttributionType::Assisted),
            amounts.provisional_minor,
        ];
        self.add_money(currency, &Money { orders: 1, sums }, times);
    }

    /// Adds another span's sums, or a change.
    pub fn absorb(&mut self, other: &Self) {
        self.visualizations += other.visualizations;
        let counts = self.by_type.iter_mut().chain(&mut self.unattributed);
        let others = other.by_type.iter().chain(&other.unattributed);
        counts.zip(others).for_each(|(count, other)| *count += other);
        other.versions.iter().for_each(|(version, count)| add_to(&mut self.versions, *version, *count));
        other.money.iter().for_each(|(currency, money)| self.add_money(*currency, money, 1));
    }

    fn add_money(&mut self, currency: Currency, money: &Money, times: i64) {
        let line = self.money.entry(currency).or_default();
        line.add(money, times);
        if *line == Money::default() {
            self.money.remove(&currency);
        }
    }

    /// Whether nothing happened, or nothing changed.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Visualizations made.
    ///
    /// # Errors
    /// When there are less than none: not all of the changes are in the sum.
    pub fn visualizations(&self) -> Result<u64, RollupFault> {
        count(self.visualizations)
    }

    /// Conversions by type, each with its count.
    pub(super) fn by_type(&self) -> Result<[u64; AttributionType::ALL.len()], RollupFault> {
        let [direct, assisted, none] = self.by_type;
        Ok([count(direct)?, count(assisted)?, count(none)?])
    }

    /// Reasons of unattributed conversions that occur.
    pub(super) fn unattributed(&self) -> impl Iterator<Item = Result<(Reason, u64), RollupFault>> + '_ {
        let occurring = Reason::ALL.into_iter().zip(self.unattributed).filter(|(_, times)| *times != 0);
        occurring.map(|(reason, times)| Ok((reason, count(times)?)))
    }

    /// Versions of rules that decided, each with its count.
    pub(super) fn versions(&self) -> impl Iterator<Item = Result<(u32, u64), RollupFault>> + '_ {
        self.versions.iter().map(|(version, times)| Ok((*version, count(*times)?)))
    }

    /// A line a currency.
    pub(super) fn lines(&self) -> impl Iterator<Item = Result<RevenueLine, RollupFault>> + '_ {
        self.money.iter().map(|(currency, money)| {
            if money.orders > 0 { Ok(money.line(*currency)) } else { Err(RollupFault::Negative) }
        })
    }
}

fn add_to(counts: &mut BTreeMap<u32, i64>, key: u32, times: i64) {
    let count = counts.entry(key).or_default();
    *count += times;
    if *count == 0 {
        counts.remove(&key);
    }
}

fn count(times: i64) -> Result<u64, RollupFault> {
    u64::try_from(times).map_err(|_| RollupFault::Negative)
}

#[cfg(test)]
mod tests {
    use super::super::figures::FiguresTally;
    use super::*;
    use crate::order::OrderStatus;
    use proptest::prelude::*;

    type Sold = (Counted, Currency, Amounts);

    fn sold() -> impl Strategy<Value = Sold> {
        let kind = prop::sample::select(AttributionType::ALL.to_vec());
        let reason = prop::sample::select(Reason::ALL.to_vec());
        let status = prop::sample::select(OrderStatus::BY_RANK.to_vec());
        let currency = prop::sample::select(vec!["EUR", "JPY", "KWD"]);
        let amounts = prop::array::uniform5(any::<i64>().prop_map(i128::from));
        (kind, reason, status, 1_u32..4, currency, amounts).prop_map(
            |(kind, reason, status, ruleset_version, currency, amounts)| {
                let [gross_minor, refunded_minor, net_minor, attributed_minor, provisional_minor] = amounts;
                (
                    Counted { kind, reason, status, ruleset_version },
                    Currency::parse(currency).unwrap(),
                    Amounts { gross_minor, refunded_minor, net_minor, attributed_minor, provisional_minor },
                )
            },
        )
    }

    fn rollup(sold: &[Sold], times: i64) -> Rollup {
        sold.iter().fold(Rollup::default(), |mut sum, (counted, currency, amounts)| {
            sum.add_conversion(*counted, *currency, *amounts, times);
            sum.add_visualizations(3 * times);
            sum
        })
    }

    proptest! {
        #[test]
        fn a_sum_of_changes_tells_what_a_count_of_what_stands_tells(
            stands in prop::collection::vec(sold(), 0..12),
            taken_back in prop::collection::vec(sold(), 0..12),
        ) {
            // What is taken back was written before, and the order of changes is of no matter.
            let mut sum = rollup(&taken_back, -1);
            sum.absorb(&rollup(&stands, 1));
            sum.absorb(&rollup(&taken_back, 1));
            let mut told = FiguresTally::default();
            told.absorb(&sum).unwrap();
            let mut counted = FiguresTally::default();
            for (conversion, currency, amounts) in &stands {
                counted.count(*conversion);
                counted.add(*currency, conversion.kind, *amounts);
            }
            prop_assert_eq!(told.summary(0, 0), counted.summary(0, 0));
            prop_assert_eq!(sum.visualizations(), Ok(3 * stands.len() as u64));
        }

        #[test]
        fn sums_are_read_as_they_were_written(one in prop::collection::vec(sold(), 0..12), times in -2_i64..3) {
            let sum = rollup(&one, times);
            let written = sum.to_bytes();
            prop_assert_eq!(Rollup::from_bytes(&written), Ok(sum));
            for length in 0..written.len() {
                prop_assert_eq!(Rollup::from_bytes(&written[..length]), Err(RollupFault::Unreadable));
            }
        }

        #[test]
        fn no_bytes_are_read_with_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Rollup::from_bytes(&bytes);
        }
    }

    #[test]
    fn what_is_taken_back_leaves_nothing() {
        let free = Counted {
            kind: AttributionType::None,
            reason: Reason::NeverVisualized,
            status: OrderStatus::Completed,
            ruleset_version: 1,
        };
        let euro = Currency::parse("EUR").unwrap();
        let mut sum = Rollup::default();
        sum.add_conversion(free, euro, Amounts::default(), 1);
        assert!(!sum.is_nothing(), "a free order has a line");
        sum.add_conversion(free, euro, Amounts::default(), -1);
        assert!(sum.is_nothing());
    }

    #[test]
    fn less_than_none_is_told_and_not_shown() {
        let mut sum = Rollup::default();
        sum.add_visualizations(-1);
        assert_eq!(sum.visualizations(), Err(RollupFault::Negative));
    }
}
