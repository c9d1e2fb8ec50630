//! Decimal text to minor units, exactly: by the currency's ISO 4217 exponent, whatever number of digits a shop writes,
//! and never through a float.
//!
//! Taken: an optional sign, digits, and optionally a point and digits. No exponent, no grouping, no white space inside.

use crate::money::{AMOUNT_MINOR_MAX, Currency};

/// An amount read from decimal text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalAmount {
    /// Minor units, −(2^53 − 1) to 2^53 − 1.
    pub minor: i64,
    /// Whether digits beyond the currency's were rounded, half away from zero; zeros don't count.
    pub is_rounded: bool,
}

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalFault {
    /// Not digits with an optional sign and an optional point.
    #[error("is not a decimal number such as 12.50")]
    NotDecimal,
    /// Beyond 2^53 − 1 minor units.
    #[error("is larger than an amount can be")]
    TooLarge,
}

/// Reads an amount of a currency.
///
/// Example: `19.90` EUR is 1990, `1000.00` JPY is 1000, `0.0005` KWD is 1 (rounded), `-16.20` USD is −1620.
pub fn read_decimal(text: &str, currency: Currency) -> Result<DecimalAmount, DecimalFault> {
    let (is_negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return Err(DecimalFault::NotDecimal),
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return Err(DecimalFault::NotDecimal);
    }
    let digits = usize::try_from(currency.exponent()).unwrap_or(0);
    let (kept, cut) = fraction.split_at(digits.min(fraction.len()));
    let padding = std::iter::repeat_n(b'0', digits - kept.len());
    let mut minor = scale(whole.bytes().chain(kept.bytes()).chain(padding))?;
    if cut.as_bytes().first().is_some_and(|digit| *digit >= b'5') {
        minor += 1;
    }
    if minor > AMOUNT_MINOR_MAX {
        return Err(DecimalFault::TooLarge);
    }
    let is_rounded = cut.bytes().any(|digit| digit != b'0');
    Ok(DecimalAmount { minor: if is_negative { -minor } else { minor }, is_rounded })
}

fn scale(digits: impl Iterator<Item = u8>) -> Result<i64, DecimalFault> {
    let mut minor = 0_i64;
    for digit in digits {
        minor = minor * 10 + i64::from(digit - b'0');
        if minor > AMOUNT_MINOR_MAX {
            return Err(DecimalFault::TooLarge);
        }
    }
    Ok(minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn currency(code: &str) -> Currency {
        Currency::read_stored(code).unwrap()
    }

    #[rstest]
    #[case("19.90", "EUR", 1_990, false)]
    #[case("19.9", "EUR", 1_990, false)]
    #[case("20", "EUR", 2_000, false)]
    #[case("+0.10", "EUR", 10, false)]
    #[case("-16.20", "USD", -1_620, false)]
    #[case("23600", "JPY", 23_600, false)]
    #[case("1000.00", "JPY", 1_000, false)]
    #[case("1000.50", "JPY", 1_001, true)]
    #[case("1.234", "KWD", 1_234, false)]
    #[case("1.2", "KWD", 1_200, false)]
    #[case("0.0005", "KWD", 1, true)]
    #[case("0.00049", "KWD", 0, true)]
    #[case("1.2345", "CLF", 12_345, false)]
    #[case("-0.005", "EUR", -1, true)]
    #[case("0.0049999999999999999999999999", "EUR", 0, true)]
    #[case("0.00500000000000000000000000000", "EUR", 1, true)]
    #[case("195.6600", "EUR", 19_566, false)]
    #[case("00000000000000000000000000012", "EUR", 1_200, false)]
    #[case("90071992547409.91", "EUR", AMOUNT_MINOR_MAX, false)]
    fn a_decimal_text_is_minor_units_by_the_iso_exponent(
        #[case] text: &str,
        #[case] code: &str,
        #[case] minor: i64,
        #[case] is_rounded: bool,
    ) {
        assert_eq!(read_decimal(text, currency(code)), Ok(DecimalAmount { minor, is_rounded }));
    }

    #[test]
    fn anything_else_is_no_amount() {
        for text in [
            "", "-", ".", "1.", ".5", "1,5", "1 000", "1e3", "1E+2", "NaN", "0x1", "--1", "+-1", "1.2.3",
            "€1", "١",
        ] {
            assert_eq!(read_decimal(text, currency("EUR")), Err(DecimalFault::NotDecimal), "{text}");
        }
        for text in
            ["90071992547409.92", "90071992547409.915", "-90071992547409.92", "9".repeat(400).as_str()]
        {
            assert_eq!(read_decimal(text, currency("EUR")), Err(DecimalFault::TooLarge), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_survives_being_written_with_any_number_of_zeros(minor in -AMOUNT_MINOR_MAX..=AMOUNT_MINOR_MAX, zeros in 0_usize..6, code in prop::sample::select(vec!["JPY", "EUR", "KWD", "CLF"])) {
            let currency = currency(code);
            let digits = usize::try_from(currency.exponent()).unwrap();
            let padded = format!("{:0>width$}", minor.abs(), width = digits + 1);
            let (whole, fraction) = padded.split_at(padded.len() - digits);
            let sign = if minor < 0 { "-" } else { "" };
            let fraction = format!("{fraction}{}", "0".repeat(zeros));
            let text = if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
            prop_assert_eq!(read_decimal(&text, currency), Ok(DecimalAmount { minor, is_rounded: false }));
        }

        #[test]
        fn rounding_is_never_off_by_more_than_half_a_unit(units in 0_i64..1_000_000, tail in "[0-9]{1,12}") {
            let text = format!("{units}.{tail}");
            let read = read_decimal(&text, currency("JPY")).unwrap();
            let twice_the_tail = 2 * tail.parse::<i128>().unwrap();
            let one = 10_i128.pow(u32::try_from(tail.len()).unwrap());
            prop_assert_eq!(read.minor - units, i64::from(twice_the_tail >= one));
            prop_assert_eq!(read.is_rounded, twice_the_tail != 0);
        }
    }
}
