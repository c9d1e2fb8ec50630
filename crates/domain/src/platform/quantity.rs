//! Numbers of pieces, which some shops write with a fraction.

use crate::order::QUANTITY_MAX;

/// Whole pieces of a decimal number: a fraction counts as one more, anything unreadable as one; at most
/// [`QUANTITY_MAX`]. `None` for nothing or less.
pub(super) fn pieces(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.starts_with('-') {
        return None;
    }
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return Some(1);
    }
    // Digits only, so what can't be read is too large.
    let whole: u32 = whole.parse().unwrap_or(QUANTITY_MAX);
    let part = u32::from(fraction.bytes().any(|digit| digit != b'0'));
    Some(whole.min(QUANTITY_MAX).saturating_add(part).min(QUANTITY_MAX)).filter(|pieces| *pieces > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_of_a_piece_is_one_more() {
        for (text, expected) in [
            ("2", Some(2)),
            ("1.5", Some(2)),
            ("0.25", Some(1)),
            ("3.0", Some(3)),
            ("0", None),
            ("-1", None),
            ("1e3", Some(1)),
            ("99999999999999999999", Some(QUANTITY_MAX)),
            ("1000000.5", Some(QUANTITY_MAX)),
        ] {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }
}
