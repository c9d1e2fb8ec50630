//! Money: integers in a currency's minor unit, never a float, and two currencies never added (SPEC section 7).
//!
//! Worked example: 1,000 JPY is ¥1,000 (exponent 0), 1,000 EUR is €10.00 (2), 1,000 KWD is KD 1.000 (3).

use std::fmt;

/// Largest amount one order may carry, in minor units: 2^53 − 1, the largest whole number every JSON reader keeps.
pub const AMOUNT_MINOR_MAX: i64 = (1 << 53) - 1;

/// A currency of ISO 4217 that is money (has a minor unit).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// Why a text names no currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an ISO 4217 currency code in use, such as EUR or USD")]
pub struct CurrencyFault;

/// Still in `iso_currency`'s list for old data, no longer in use (ISO 4217 list of 2026-02).
const WITHDRAWN: [&str; 4] = ["BGN", "HRK", "CUC", "ANG"];

impl Currency {
    /// Reads a three-letter code in any case; refuses metals, test codes and withdrawn codes.
    pub fn parse(text: &str) -> Result<Self, CurrencyFault> {
        let upper = text.to_ascii_uppercase();
        if WITHDRAWN.contains(&upper.as_str()) {
            return Err(CurrencyFault);
        }
        Self::read_stored(&upper).ok_or(CurrencyFault)
    }

    /// Reads a code that was accepted once; withdrawn codes stay readable.
    #[must_use]
    pub fn read_stored(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(code).filter(|currency| currency.exponent().is_some()).map(Self)
    }

    /// The upper-case code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the decimal point: 0 for JPY, 2 for EUR, 3 for KWD.
    #[must_use]
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

/// An amount in one currency, in its minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units (cents for EUR, yen for JPY).
    pub minor: i64,
    /// The currency; amounts of two currencies are never added.
    pub currency: Currency,
}

/// Splits an amount by weights into whole minor units whose sum is the amount exactly: every share is rounded
/// towards zero, and the units left over go one each to the largest remainders, ties to the earlier place
/// (Hamilton's method of largest remainder; SPEC section 6).
///
/// Example: 100 by `[1, 1, 1]` is `[34, 33, 33]`; 1 cent over seven equal touches is `[1, 0, 0, 0, 0, 0, 0]`.
/// All shares are 0 when there are no weights or they sum to 0.
#[must_use]
pub fn split_largest_remainder(minor: i64, weights: &[u32]) -> Vec<i64> {
    let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if total == 0 {
        return vec![0; weights.len()];
    }
    let amount = i128::from(minor.unsigned_abs());
    let mut shares: Vec<i128> = weights.iter().map(|weight| amount * i128::from(*weight) / total).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|place| (-(amount * i128::from(weights[*place]) % total), *place));
    let left_over = amount - shares.iter().sum::<i128>();
    for place in by_remainder.into_iter().take(usize::try_from(left_over).unwrap_or(usize::MAX)) {
        shares[place] += 1;
    }
    // Each share lies between 0 and `amount`, which came from an i64.
    shares.into_iter().map(|share| i64::try_from(share).unwrap_or(i64::MAX) * minor.signum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_split_conserves_money_and_stays_within_one_unit(minor in -AMOUNT_MINOR_MAX..=AMOUNT_MINOR_MAX, weights in prop::collection::vec(0_u32..=1_000_000_000, 1..12)) {
            let shares = split_largest_remainder(minor, &weights);
            let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
            prop_assert_eq!(shares.iter().sum::<i64>(), if total == 0 { 0 } else { minor });
            for (share, weight) in shares.iter().zip(&weights) {
                let exact = i128::from(minor) * i128::from(*weight);
                prop_assert!(total == 0 || (i128::from(*share) * total - exact).abs() < total);
            }
        }
    }

    #[test]
    fn left_over_units_go_to_the_largest_remainders() {
        assert_eq!(split_largest_remainder(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split_largest_remainder(1, &[1; 7]), [1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(split_largest_remainder(10, &[1, 2]), [3, 7]);
        assert_eq!(split_largest_remainder(5, &[]), Vec::<i64>::new());
    }

    #[test]
    fn codes_are_read_in_any_case_and_only_when_in_use() {
        assert_eq!(Currency::parse("eur").map(Currency::code), Ok("EUR"));
        for refused in ["", "EU", "EURO", "XAU", "XXX", "XTS", "BGN", "HRK", "ZZZ", "E\u{131}R"] {
            assert_eq!(Currency::parse(refused), Err(CurrencyFault), "{refused}");
        }
        assert!(Currency::read_stored("HRK").is_some(), "old orders stay readable");
    }

    #[test]
    fn exponents_are_those_of_iso_4217() {
        for (code, exponent) in
            [("JPY", 0), ("HUF", 2), ("MGA", 2), ("KWD", 3), ("EUR", 2), ("ISK", 0), ("CLF", 4)]
        {
            assert_eq!(Currency::parse(code).unwrap().exponent(), exponent, "{code}");
        }
    }
}
