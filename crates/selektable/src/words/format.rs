//! Values as people read them: money, counts, lengths of time, instants. Pure; knows no page.
//!
//! Two rules hold everywhere: what is unknown is [`UNKNOWN`], never 0 or an empty cell, and a share is written as
//! "12 of 48", never as a bare percentage.

use std::fmt::Write;

use selektable_domain::money::Currency;
use selektable_domain::time::{DAY_MS, HOUR_MS, Timestamp, Zone};

/// What stands where nothing can be said.
pub(crate) const UNKNOWN: &str = "–";

/// Keeps a number and its unit on one line.
const NO_BREAK_SPACE: char = '\u{a0}';
const MINUS: char = '\u{2212}';
const MINUTE_MS: i64 = 60_000;

/// A whole number with thousands separators: `1,234,567`.
#[must_use]
pub(crate) fn integer(value: impl Into<i128>) -> String {
    let value = value.into();
    let digits = grouped(value.unsigned_abs());
    if value < 0 { format!("{MINUS}{digits}") } else { digits }
}

fn grouped(value: u128) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An amount of minor units in its currency: `€10.00`, `¥1,000`, `KD 1.234`, `CHF 5.00`.
#[must_use]
pub(crate) fn money(minor: impl Into<i128>, currency: Currency) -> String {
    let minor = minor.into();
    let unit = 10_u128.pow(currency.exponent());
    let amount = minor.unsigned_abs();
    let sign = if minor < 0 { MINUS.to_string() } else { String::new() };
    let whole = grouped(amount / unit);
    let places = currency.exponent() as usize;
    let fraction = if places == 0 { String::new() } else { format!(".{:0places$}", amount % unit) };
    let symbol =
        symbol(currency).map_or_else(|| format!("{}{NO_BREAK_SPACE}", currency.code()), str::to_owned);
    format!("{sign}{symbol}{whole}{fraction}")
}

/// A difference of money with its sign: `+€10.00`, `−€10.00`, `€0.00`.
#[must_use]
pub(crate) fn signed_money(minor: impl Into<i128>, currency: Currency) -> String {
    let minor = minor.into();
    let plus = if minor > 0 { "+" } else { "" };
    format!("{plus}{}", money(minor, currency))
}

/// Symbols that no reader mistakes for another currency's; all others are written by their code.
fn symbol(currency: Currency) -> Option<&'static str> {
    Some(match currency.code() {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        "JPY" => "¥",
        "CNY" => "CN¥",
        "INR" => "₹",
        "KRW" => "₩",
        "ILS" => "₪",
        "TRY" => "₺",
        "UAH" => "₴",
        "VND" => "₫",
        "BRL" => "R$",
        "CAD" => "CA$",
        "AUD" => "A$",
        "NZD" => "NZ$",
        "MXN" => "MX$",
        "KWD" => "KD\u{a0}",
        _ => return None,
    })
}

/// `12 of 48`.
#[must_use]
pub(crate) fn of(part: u64, whole: u64) -> String {
    format!("{} of {}", integer(part), integer(whole))
}

/// Bytes as hexadecimal digits, two each.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing into memory does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// With a capital letter, as a sentence or a label begins.
#[must_use]
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `1 order`, `2 orders`.
#[must_use]
pub(crate) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{} {}", integer(count), if count == 1 { one } else { several })
}

/// A sum of weights in billionths as a number: `1`, `1.5`, `0.333`. Rounded to three decimals.
#[must_use]
pub(crate) fn weight(billionths: impl Into<u128>) -> String {
    let thousandths = billionths.into().saturating_add(500_000) / 1_000_000;
    let whole = grouped(thousandths / 1_000);
    match thousandths % 1_000 {
        0 => whole,
        rest => format!("{whole}.{}", format!("{rest:03}").trim_end_matches('0')),
    }
}

/// Words joined as a sentence lists them: `a`, `a and b`, `a, b and c`.
#[must_use]
pub(crate) fn listed(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

/// A length of time in its two largest units: `2 h 14 min`, `3 days 4 h`, `45 s`. A negative length is written as
/// its size; the words around it say "after".
#[must_use]
pub(crate) fn duration(millis: i64) -> String {
    let millis = i64::try_from(millis.unsigned_abs()).unwrap_or(i64::MAX);
    let (days, hours) = (millis / DAY_MS, millis % DAY_MS / HOUR_MS);
    let (minutes, seconds) = (millis % HOUR_MS / MINUTE_MS, millis % MINUTE_MS / 1_000);
    let days_text = if days == 1 { "1 day".to_owned() } else { format!("{} days", integer(days)) };
    match (days, hours, minutes) {
        (1.., 0, _) => days_text,
        (1.., _, _) => format!("{days_text} {hours} h"),
        (_, 1.., 0) => format!("{hours} h"),
        (_, 1.., _) => format!("{hours} h {minutes} min"),
        (_, _, 1..) => format!("{minutes} min"),
        _ if seconds > 0 => format!("{seconds} s"),
        _ => "less than a second".to_owned(),
    }
}

/// A window of whole days or hours, as it was set: `7 days`, `36 h`.
#[must_use]
pub(crate) fn window(millis: i64) -> String {
    if millis % DAY_MS == 0 { duration(millis) } else { format!("{} h", integer(millis / HOUR_MS)) }
}

/// An instant, as a cell shows it and as a machine reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instant {
    /// In the store's zone, to the minute.
    pub shown: String,
    /// The exact instant with its zone, for the tooltip.
    pub exact: String,
    /// RFC 3339 in UTC, for `datetime`.
    pub machine: String,
}

/// An instant in a store's zone.
#[must_use]
pub(crate) fn instant(at: Timestamp, zone: &Zone) -> Instant {
    let machine = at.to_rfc3339();
    let local = zone.local(at);
    let write = |pattern: &str| local.as_ref().map(|zoned| zoned.strftime(pattern).to_string());
    Instant {
        shown: write("%-d %b %Y, %H:%M").unwrap_or_else(|| machine.clone()),
        exact: write("%Y-%m-%d %H:%M:%S%.3f %:z")
            .map_or_else(|| machine.clone(), |text| format!("{text} ({})", zone.name())),
        machine,
    }
}

/// The day of an instant in a store's zone: `2 Mar 2026`.
#[must_use]
pub(crate) fn day(at: Timestamp, zone: &Zone) -> String {
    zone.local(at).map_or_else(|| at.to_rfc3339(), |local| local.strftime("%-d %b %Y").to_string())
}

/// Splits an id for a cell that cuts it in the middle: the tail is always shown, the head as far as it fits.
#[must_use]
pub(crate) fn cut(id: &str) -> (&str, &str) {
    const TAIL_CHARS: usize = 6;
    let count = id.chars().count();
    if count <= 2 * TAIL_CHARS {
        return (id, "");
    }
    let place = id.char_indices().nth(count - TAIL_CHARS).map_or(id.len(), |(place, _)| place);
    id.split_at(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[rstest]
    #[case(1_000, "JPY", "¥1,000")]
    #[case(1_234, "KWD", "KD\u{a0}1.234")]
    #[case(431_000, "EUR", "€4,310.00")]
    #[case(5, "USD", "$0.05")]
    #[case(0, "USD", "$0.00")]
    #[case(-1_205, "EUR", "\u{2212}€12.05")]
    #[case(500, "CHF", "CHF\u{a0}5.00")]
    #[case(i128::from(u64::MAX) * 100, "EUR", "€18,446,744,073,709,551,615.00")]
    fn money_is_written_by_its_currencys_exponent(
        #[case] minor: i128,
        #[case] code: &str,
        #[case] text: &str,
    ) {
        assert_eq!(money(minor, currency(code)), text);
    }

    #[test]
    fn a_difference_says_its_sign() {
        let shown = [5, 0, -5].map(|minor| signed_money(minor, currency("USD")));
        assert_eq!(shown, ["+$0.05", "$0.00", "\u{2212}$0.05"]);
    }

    #[rstest]
    #[case(0, "less than a second")]
    #[case(45_000, "45 s")]
    #[case(60_000, "1 min")]
    #[case(8_040_000, "2 h 14 min")]
    #[case(HOUR_MS, "1 h")]
    #[case(DAY_MS, "1 day")]
    #[case(3 * DAY_MS + 4 * HOUR_MS, "3 days 4 h")]
    #[case(-2 * HOUR_MS, "2 h")]
    #[case(i64::MIN, "106,751,991,167 days 7 h")]
    fn a_length_of_time_is_written_in_two_units(#[case] millis: i64, #[case] text: &str) {
        assert_eq!(duration(millis), text);
    }

    #[test]
    fn bytes_are_two_hexadecimal_digits_each() {
        assert_eq!(hex(&[0x0a, 0xff, 0]), "0aff00");
    }

    #[test]
    fn windows_are_written_as_they_were_set() {
        assert_eq!(window(7 * DAY_MS), "7 days");
        assert_eq!(window(36 * HOUR_MS), "36 h");
    }

    #[test]
    fn numbers_are_grouped_and_shares_name_both_numbers() {
        assert_eq!(integer(999), "999");
        assert_eq!(integer(1_000), "1,000");
        assert_eq!(integer(-1_234_567), "\u{2212}1,234,567");
        assert_eq!(of(12, 4_800), "12 of 4,800");
        assert_eq!(counted(1, "order", "orders"), "1 order");
        assert_eq!(counted(0, "order", "orders"), "0 orders");
    }

    #[test]
    fn an_instant_stands_in_the_stores_zone_and_names_it() {
        let zone = Zone::parse("Europe/Amsterdam").unwrap();
        let at = Timestamp::parse_rfc3339("2026-11-23T10:15:07.250Z").unwrap();
        assert_eq!(
            instant(at, &zone),
            Instant {
                shown: "23 Nov 2026, 11:15".into(),
                exact: "2026-11-23 11:15:07.250 +01:00 (Europe/Amsterdam)".into(),
                machine: "2026-11-23T10:15:07.250Z".into(),
            }
        );
    }

    #[test]
    fn weights_are_rounded_to_three_decimals() {
        let said = [0_u32, 1_000_000_000, 1_500_000_000, 333_333_334, 66_666_667, 999_999_999].map(weight);
        assert_eq!(said, ["0", "1", "1.5", "0.333", "0.067", "1"]);
        assert_eq!(weight(1_234_000_000_000_u128), "1,234");
    }

    #[test]
    fn an_id_is_cut_without_losing_a_character() {
        assert_eq!(cut("1042"), ("1042", ""));
        assert_eq!(cut("conv_01kb0z5x8q9w7e3r5t1y2m4n6p"), ("conv_01kb0z5x8q9w7e3r5t1y", "2m4n6p"));
        let (head, tail) = cut("ééééééééééééééé");
        assert_eq!(format!("{head}{tail}"), "ééééééééééééééé");
    }
}
