//! How a model shares credit: billionths that sum to the whole, from integers alone, so that every machine gives the
//! same (SPEC section 6).
//!
//! Example, time decay, window 7 days (half-life 42 h), touches 42 h and 0 h before: halves stand 1 : 2, so a third
//! and two thirds.

use super::WEIGHT_WHOLE;
use crate::money::split_largest_remainder;
use crate::rules::Model;
use crate::time::{DAY_MS, Window};

/// Shortest half-life of time decay: one day (SPEC section 6).
const HALF_LIFE_MS_MIN: i64 = DAY_MS;
/// Share of the first and of the last of three touches or more, in billionths: 40 %.
const END: u32 = WEIGHT_WHOLE / 10 * 4;
/// One in the fixed point of [`half_to_the`]: 31 fraction bits, so that a weight fits `u32`.
const ONE: u64 = 1 << 31;

/// Weights of eligible touches with these ages (milliseconds before the conversion), oldest first. They sum to
/// [`WEIGHT_WHOLE`] exactly, or there are none.
#[must_use]
pub fn weights(model: Model, window: Window, ages_ms: &[i64]) -> Vec<u32> {
    let count = ages_ms.len();
    match model {
        Model::LastTouch => only(count, count.saturating_sub(1)),
        Model::FirstTouch => only(count, 0),
        Model::Linear => portions(WEIGHT_WHOLE, &vec![1; count]),
        Model::PositionBased => position_based(count),
        Model::TimeDecay => time_decay(window, ages_ms),
    }
}

fn only(count: usize, chosen: usize) -> Vec<u32> {
    (0..count).map(|place| if place == chosen { WEIGHT_WHOLE } else { 0 }).collect()
}

fn portions(whole: u32, weights: &[u32]) -> Vec<u32> {
    let shares = split_largest_remainder(i64::from(whole), weights);
    // Each share lies between 0 and `whole`.
    shares.into_iter().map(|share| u32::try_from(share).unwrap_or(0)).collect()
}

fn position_based(count: usize) -> Vec<u32> {
    if count < 3 {
        return portions(WEIGHT_WHOLE, &vec![1; count]);
    }
    let between = portions(WEIGHT_WHOLE - 2 * END, &vec![1; count - 2]);
    [END].into_iter().chain(between).chain([END]).collect()
}

fn time_decay(window: Window, ages_ms: &[i64]) -> Vec<u32> {
    let half_life = (window.as_millis() / 4).max(HALF_LIFE_MS_MIN);
    let raw: Vec<u32> = ages_ms.iter().map(|age| half_to_the(*age, half_life)).collect();
    portions(WEIGHT_WHOLE, &raw)
}

/// `2^(−age/half_life)` with 31 fraction bits, 1 to 2^31. The fraction of the exponent is taken bit by bit: bit *i*
/// multiplies by `2^(−2^(−i))`, and each of those is the square root of the one before.
fn half_to_the(age_ms: i64, half_life_ms: i64) -> u32 {
    let (age, half_life) = (age_ms.max(0).unsigned_abs(), half_life_ms.max(1).unsigned_abs());
    let halvings = age / half_life;
    let fraction = (u128::from(age % half_life) << 32) / u128::from(half_life);
    // Squares of numbers with 62 fraction bits fit 128 bits.
    let (mut value, mut factor) = (1_u128 << 62, 1_u128 << 61);
    for bit in (0..32).rev() {
        factor = (factor << 62).isqrt();
        if (fraction >> bit) & 1 == 1 {
            value = (value * factor) >> 62;
        }
    }
    let scaled = u64::try_from(value >> 31).unwrap_or(ONE) >> halvings.min(63);
    u32::try_from(scaled.clamp(1, ONE)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR_MS;
    use proptest::prelude::*;

    fn shared(model: Model, ages: &[i64]) -> Vec<u32> {
        weights(model, Window::DEFAULT, ages)
    }

    #[test]
    fn each_model_shares_as_the_specification_has_it() {
        let whole = WEIGHT_WHOLE;
        assert_eq!(shared(Model::LastTouch, &[3, 2, 1]), [0, 0, whole]);
        assert_eq!(shared(Model::FirstTouch, &[3, 2, 1]), [whole, 0, 0]);
        assert_eq!(shared(Model::Linear, &[3, 2, 1]), [333_333_334, 333_333_333, 333_333_333]);
        assert_eq!(shared(Model::PositionBased, &[1]), [whole]);
        assert_eq!(shared(Model::PositionBased, &[2, 1]), [whole / 2, whole / 2]);
        assert_eq!(shared(Model::PositionBased, &[3, 2, 1]), [400_000_000, 200_000_000, 400_000_000]);
        assert_eq!(
            shared(Model::PositionBased, &[5, 4, 3, 2, 1]),
            [400_000_000, 66_666_667, 66_666_667, 66_666_666, 400_000_000]
        );
    }

    #[test]
    fn time_decay_halves_with_a_quarter_of_the_window_and_at_least_a_day() {
        assert_eq!(shared(Model::TimeDecay, &[42 * HOUR_MS, 0]), [333_333_333, 666_666_667]);
        let short = Window::from_hours(1).unwrap();
        let within = weights(Model::TimeDecay, short, &[HOUR_MS, 0]);
        // 2^(−1/24) = 0.971532…: 0.971532 / 1.971532 = 0.492780….
        assert!(within[0].abs_diff(492_780_276) < 2_000, "{within:?}");
    }

    proptest! {
        #[test]
        fn weights_sum_to_the_whole_and_later_touches_decay_less(
            model in prop::sample::select(Model::ALL.to_vec()),
            hours in 1_i64..=365 * 24,
            mut parts in prop::collection::vec(0_i64..=1_000_000, 1..60),
        ) {
            parts.sort_unstable_by(|one, other| other.cmp(one));
            let window = Window::from_hours(hours).unwrap();
            let ages: Vec<i64> = parts.iter().map(|part| window.as_millis() / 1_000_000 * part).collect();
            let found = weights(model, window, &ages);
            prop_assert_eq!(found.iter().map(|weight| u64::from(*weight)).sum::<u64>(), u64::from(WEIGHT_WHOLE));
            if model == Model::TimeDecay {
                prop_assert!(found.windows(2).all(|pair| pair[0] <= pair[1] + 1));
            }
        }

        #[test]
        fn the_power_is_that_of_floating_point(age in 0_i64..=365 * DAY_MS, half_life in DAY_MS..=92 * DAY_MS) {
            #[expect(clippy::cast_precision_loss, reason = "both are far below 2^53")]
            let exact = (-(age as f64) / half_life as f64).exp2() * f64::from(1_u32 << 31);
            prop_assert!((f64::from(half_to_the(age, half_life)) - exact).abs() <= 2.0);
        }
    }
}
