//! Sums of conversions: what stands, and what a refund changes, so that money can be read by either date.
//!
//! Example: an order of 100.00 on 3 March, 30.00 given back on 9 April. By order date March has gross 100.00, refunded
//! 30.00, net 70.00. By refund date March has [`Stake::amounts`] of nothing refunded (net 100.00), April has
//! [`Stake::change`] from 0 to 30.00 (net −30.00). The changes telescope, so that all dates together sum to the same
//! cent either way.

use std::collections::{BTreeMap, HashMap};

use super::rollup::{Rollup, RollupFault};
use super::{RevenueLine, SeriesBucket, Summary, TypeCounts};
use crate::attribution::{AttributionType, Reason};
use crate::money::{Currency, split_largest_remainder};
use crate::order::OrderStatus;
use crate::rules::{CountsFrom, RevenueBasis};
use crate::time::Range;

/// What an order's money is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earning {
    /// Revenue.
    Revenue,
    /// It may still become revenue.
    Provisional,
    /// It never was, and will not be.
    Nothing,
}

impl Earning {
    /// Of an order by refund date: one that was reversed earned, until then, what the status before says. Without a
    /// status before, the order came in reversed and earned nothing.
    #[must_use]
    pub fn by_refund_date(counts: CountsFrom, status: OrderStatus, before: Option<OrderStatus>) -> Self {
        let stood = if status.is_reversed() { before } else { Some(status) };
        match stood {
            Some(stood) if counts.is_revenue(stood) => Self::Revenue,
            // What was called off before it was paid is not expected any more.
            Some(_) if counts.is_provisional(status) => Self::Provisional,
            _ => Self::Nothing,
        }
    }
}

/// One conversion's money, as far as it depends on what was given back.
#[derive(Clone, Copy, Debug)]
pub struct Stake {
    /// Gross total, minor units, at least 0.
    pub gross_minor: i64,
    /// What its money is.
    pub earning: Earning,
    /// Its type.
    pub kind: AttributionType,
    /// Basis of the rules that decided.
    pub basis: RevenueBasis,
    /// See [`crate::attribution::Decision::lines_minor`].
    pub lines_minor: i64,
}

/// Whose part of a conversion is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Share<'a> {
    /// All of it.
    Whole,
    /// The part of some of its credits: the weight of each credit in the order of the decision, and whether it is
    /// wanted.
    Part(&'a [(u32, bool)]),
}

impl Share<'_> {
    fn of(self, minor: i64) -> i128 {
        match self {
            Self::Whole => i128::from(minor),
            Self::Part(credits) => {
                let weights: Vec<u32> = credits.iter().map(|(weight, _)| *weight).collect();
                let shares = split_largest_remainder(minor, &weights);
                shares
                    .iter()
                    .zip(credits)
                    .filter(|(_, (_, wanted))| *wanted)
                    .map(|(share, _)| i128::from(*share))
                    .sum()
            }
        }
    }
}

/// Amounts, or changes of amounts, minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Everything ordered.
    pub gross_minor: i128,
    /// What of it was given back.
    pub refunded_minor: i128,
    /// What is left, if it is revenue.
    pub net_minor: i128,
    /// Attributed.
    pub attributed_minor: i128,
    /// Would be attributed once paid.
    pub provisional_minor: i128,
}

impl Stake {
    /// The amounts when so much of it is given back; more than gross is all of it.
    #[must_use]
    pub fn amounts(&self, refunded_minor: i64, share: Share<'_>) -> Amounts {
        let net = self.gross_minor - refunded_minor.clamp(0, self.gross_minor);
        let in_play = match self.kind {
            AttributionType::Direct | AttributionType::Assisted => self.basis.in_play(net, self.lines_minor),
            AttributionType::None => 0,
        };
        let (gross_minor, net_minor, in_play) =
            (share.of(self.gross_minor), share.of(net), share.of(in_play));
        let when = |earning, minor| if self.earning == earning { minor } else { 0 };
        Amounts {
            gross_minor,
            refunded_minor: gross_minor - net_minor,
            net_minor: when(Earning::Revenue, net_minor),
            attributed_minor: when(Earning::Revenue, in_play),
            provisional_minor: when(Earning::Provisional, in_play),
        }
    }

    /// What changes when what was given back goes from one amount to another.
    #[must_use]
    pub fn change(&self, from_minor: i64, to_minor: i64, share: Share<'_>) -> Amounts {
        let (before, after) = (self.amounts(from_minor, share), self.amounts(to_minor, share));
        Amounts {
            gross_minor: after.gross_minor - before.gross_minor,
            refunded_minor: after.refunded_minor - before.refunded_minor,
            net_minor: after.net_minor - before.net_minor,
            attributed_minor: after.attributed_minor - before.attributed_minor,
            provisional_minor: after.provisional_minor - before.provisional_minor,
        }
    }
}

/// A conversion as it is counted.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// Its type.
    pub kind: AttributionType,
    /// Its reason.
    pub reason: Reason,
    /// Its status: cancelled ones are not counted.
    pub status: OrderStatus,
    /// Version of the rules that decided it.
    pub ruleset_version: u32,
}

/// Counts and sums of a range, or of one bucket of a series. Tests are left out before.
#[derive(Clone, Debug, Default)]
pub struct FiguresTally {
    by_type: TypeCounts,
    unattributed: HashMap<Reason, u64>,
    revenue: BTreeMap<Currency, RevenueLine>,
    versions: BTreeMap<u32, u64>,
}

impl FiguresTally {
    /// Counts a conversion, once.
    pub fn count(&mut self, conversion: Counted) {
        if !conversion.status.counts_as_conversion() {
            return;
        }
        self.by_type.count(conversion.kind);
        if conversion.kind == AttributionType::None {
            *self.unattributed.entry(conversion.reason).or_default() += 1;
        }
        *self.versions.entry(conversion.ruleset_version).or_default() += 1;
    }

    /// Adds money of a conversion of this type.
    pub fn add(&mut self, currency: Currency, kind: AttributionType, amounts: Amounts) {
        let line = self.revenue.entry(currency).or_insert_with(|| RevenueLine::zero(currency));
        line.gross_minor += amounts.gross_minor;
        line.refunded_minor += amounts.refunded_minor;
        line.net_minor += amounts.net_minor;
        match kind {
            AttributionType::Direct => line.direct_minor += amounts.attributed_minor,
            AttributionType::Assisted => line.assisted_minor += amounts.attributed_minor,
            AttributionType::None => {}
        }
        line.provisional_minor += amounts.provisional_minor;
    }

    /// Adds sums of a span of time; its visualizations are not the tally's matter.
    ///
    /// # Errors
    /// When anything in them is less than none.
    pub fn absorb(&mut self, sums: &Rollup) -> Result<(), RollupFault> {
        let [direct, assisted, none] = sums.by_type()?;
        self.by_type.direct += direct;
        self.by_type.assisted += assisted;
        self.by_type.none += none;
        for found in sums.unattributed() {
            let (reason, count) = found?;
            *self.unattributed.entry(reason).or_default() += count;
        }
        for found in sums.versions() {
            let (version, count) = found?;
            *self.versions.entry(version).or_default() += count;
        }
        for found in sums.lines() {
            let more = found?;
            let line = self.revenue.entry(more.currency).or_insert_with(|| RevenueLine::zero(more.currency));
            line.gross_minor += more.gross_minor;
            line.refunded_minor += more.refunded_minor;
            line.net_minor += more.net_minor;
            line.direct_minor += more.direct_minor;
            line.assisted_minor += more.assisted_minor;
            line.provisional_minor += more.provisional_minor;
        }
        Ok(())
    }

    /// The totals, with the visualizations and their visitors.
    #[must_use]
    pub fn summary(self, visualizations: u64, visitors: u64) -> Summary {
        Summary {
            visualizations,
            visitors,
            by_type: self.by_type,
            unattributed: reasons(self.unattributed),
            revenue: self.revenue.into_values().collect(),
            ruleset_versions: self.versions.into_iter().collect(),
        }
    }

    /// The totals of a bucket.
    #[must_use]
    pub fn bucket(self, range: Range, visualizations: u64) -> SeriesBucket {
        let revenue = self.revenue.into_values().collect();
        SeriesBucket { range, visualizations, by_type: self.by_type, revenue }
    }
}

/// Reasons, most first, equal ones by name.
pub(super) fn reasons(counts: HashMap<Reason, u64>) -> Vec<(Reason, u64)> {
    let mut found: Vec<(Reason, u64)> = counts.into_iter().collect();
    found.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), reason.code()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MARCH: Stake = Stake {
        gross_minor: 10_000,
        earning: Earning::Revenue,
        kind: AttributionType::Direct,
        basis: RevenueBasis::MatchedLines,
        lines_minor: 8_000,
    };

    fn plus(one: Amounts, other: Amounts) -> Amounts {
        Amounts {
            gross_minor: one.gross_minor + other.gross_minor,
            refunded_minor: one.refunded_minor + other.refunded_minor,
            net_minor: one.net_minor + other.net_minor,
            attributed_minor: one.attributed_minor + other.attributed_minor,
            provisional_minor: one.provisional_minor + other.provisional_minor,
        }
    }

    #[test]
    fn a_refund_takes_from_matched_lines_only_what_the_rest_does_not_cover() {
        let march = MARCH.amounts(0, Share::Whole);
        let april = MARCH.change(0, 3_000, Share::Whole);
        assert_eq!((march.net_minor, march.attributed_minor), (10_000, 8_000));
        // 70.00 are left: the lines of 80.00 lose 10.00.
        assert_eq!((april.net_minor, april.attributed_minor, april.refunded_minor), (-3_000, -1_000, 3_000));
        assert_eq!(plus(march, april), MARCH.amounts(3_000, Share::Whole));
    }

    #[test]
    fn what_was_called_off_before_it_was_paid_was_never_revenue() {
        let earning = |status, before| Earning::by_refund_date(CountsFrom::Paid, status, before);
        assert_eq!(earning(OrderStatus::Refunded, Some(OrderStatus::Completed)), Earning::Revenue);
        assert_eq!(earning(OrderStatus::Cancelled, Some(OrderStatus::Pending)), Earning::Nothing);
        assert_eq!(earning(OrderStatus::Cancelled, None), Earning::Nothing);
        assert_eq!(earning(OrderStatus::Pending, None), Earning::Provisional);
        assert_eq!(earning(OrderStatus::Processing, None), Earning::Revenue);
    }

    fn stakes() -> impl Strategy<Value = Stake> {
        let earning = prop::sample::select(vec![Earning::Revenue, Earning::Provisional, Earning::Nothing]);
        let kind = prop::sample::select(AttributionType::ALL.to_vec());
        let basis = prop::sample::select(RevenueBasis::ALL.to_vec());
        (0_i64..=1_000, earning, kind, basis, 0_i64..=1_000).prop_map(
            |(gross_minor, earning, kind, basis, lines)| Stake {
                gross_minor,
                earning,
                kind,
                basis,
                lines_minor: lines.min(gross_minor),
            },
        )
    }

    proptest! {
        #[test]
        fn by_refund_date_all_dates_sum_to_the_order_date_to_the_cent(
            stake in stakes(),
            refunds in prop::collection::vec(0_i64..=1_500, 0..6),
            credits in prop::collection::vec((1_u32..=1_000_000_000, any::<bool>()), 1..8),
        ) {
            for share in [Share::Whole, Share::Part(&credits)] {
                let (mut sum, mut refunded) = (stake.amounts(0, share), 0);
                for next in &refunds {
                    sum = plus(sum, stake.change(refunded, *next, share));
                    refunded = *next;
                }
                prop_assert_eq!(sum, stake.amounts(refunded, share));
            }
        }

        #[test]
        fn shares_of_all_credits_sum_to_the_whole_after_every_refund(
            stake in stakes(),
            refunded in 0_i64..=1_500,
            weights in prop::collection::vec((1_u32..=1_000_000_000, 0_u8..3), 1..8),
        ) {
            let part = |widget: u8| -> Vec<(u32, bool)> {
                weights.iter().map(|(weight, whose)| (*weight, *whose == widget)).collect()
            };
            let parts = (0..3).map(|widget| stake.amounts(refunded, Share::Part(&part(widget))));
            prop_assert_eq!(parts.fold(Amounts::default(), plus), stake.amounts(refunded, Share::Whole));
        }
    }
}
