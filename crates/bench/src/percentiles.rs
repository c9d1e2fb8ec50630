//! Latencies, put in order.

use serde::Serialize;

/// Milliseconds that a share of all requests stay within.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "units stand last in names")]
pub(crate) struct Percentiles {
    /// Half of them.
    pub p50_ms: f64,
    /// 90 %.
    pub p90_ms: f64,
    /// 99 %.
    pub p99_ms: f64,
    /// All of them.
    pub max_ms: f64,
}

impl Percentiles {
    /// Of microseconds, in any order; all zero of none.
    pub(crate) fn of(mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        Self {
            p50_ms: nearest_rank(&micros, 500),
            p90_ms: nearest_rank(&micros, 900),
            p99_ms: nearest_rank(&micros, 990),
            max_ms: nearest_rank(&micros, 1_000),
        }
    }
}

/// The smallest value that at least `per_mille` of a thousand values don't exceed.
fn nearest_rank(ascending: &[u32], per_mille: usize) -> f64 {
    let rank = (ascending.len() * per_mille).div_ceil(1_000);
    ascending.get(rank.saturating_sub(1)).map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_values_the_median_is_the_fiftieth_and_the_highest_is_the_last() {
        let backwards: Vec<u32> = (1..=100).rev().map(|value| value * 1_000).collect();
        let found = Percentiles::of(backwards);
        assert_eq!(found, Percentiles { p50_ms: 50.0, p90_ms: 90.0, p99_ms: 99.0, max_ms: 100.0 });
    }

    #[test]
    fn one_value_is_every_percentile_of_itself() {
        let found = Percentiles::of(vec![2_500]);
        assert_eq!(found, Percentiles { p50_ms: 2.5, p90_ms: 2.5, p99_ms: 2.5, max_ms: 2.5 });
    }

    #[test]
    fn no_value_has_no_percentile_but_zero() {
        assert_eq!(Percentiles::of(Vec::new()), Percentiles::default());
    }

    #[test]
    fn one_slow_request_in_a_hundred_shows_in_the_highest_only() {
        let mut micros = vec![1_000; 99];
        micros.push(90_000);
        let found = Percentiles::of(micros);
        assert_eq!((found.p99_ms, found.max_ms), (1.0, 90.0));
    }
}
