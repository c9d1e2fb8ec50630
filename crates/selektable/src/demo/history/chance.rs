//! Chance that repeats itself: `SplitMix64` (Steele, Lea, Flood 2014), chosen because its whole state is one number and
//! its numbers will never change with a library's version.

/// A stream of numbers, the same for the same seed.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.abs_diff(low).saturating_add(1);
        low.saturating_add_unsigned(self.bits() % width.max(1))
    }

    /// True in so many of 100 cases.
    pub(super) fn percent(&mut self, share: i64) -> bool {
        self.between(1, 100) <= share
    }

    /// A place, as likely as its weight says; 0 when there are no weights.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        pick(weights, self.bits())
    }

    /// Fisher and Yates.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for place in (1..list.len()).rev() {
            let other = usize::try_from(self.bits() % (place as u64 + 1)).unwrap_or(0);
            list.swap(place, other);
        }
    }
}

/// Numbers that look random and leave no gaps: multiples of the golden ratio, modulo 1. For what should be spread
/// over the days, where honest chance would leave one of 21 days empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Spread(u64);

impl Spread {
    /// A place, as likely as its weight says; 0 when there are no weights.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        pick(weights, self.0)
    }
}

/// The place at a fraction (of 2^64) of all weight.
fn pick(weights: &[u32], fraction: u64) -> usize {
    let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let mut left = (total * u128::from(fraction)) >> 64;
    for (place, weight) in weights.iter().enumerate() {
        if left < u128::from(*weight) {
            return place;
        }
        left -= u128::from(*weight);
    }
    0
}
