//! Amounts, dates and names of platforms as an order keeps them: what is odd is mended and said, never refused.

use crate::fault::{Notes, Place};
use crate::money::{AMOUNT_MINOR_MAX, Currency};
use crate::opaque::ProductId;
use crate::order::platform::PLATFORM_TEXT_BYTES_MAX;
use crate::read::{AHEAD_MS_MAX, EARLIEST};
use crate::time::Timestamp;

use super::UNNAMED_PRODUCT;
use super::decimal::read_decimal;

/// A signed amount; `None`, with a warning, when it can't be read.
pub(super) fn signed(text: &str, currency: Currency, place: Place<'_>, notes: &mut Notes) -> Option<i64> {
    match read_decimal(text, currency) {
        Ok(amount) => {
            if amount.is_rounded {
                notes.warn(place, "amount_rounded", "has more digits than its currency: it was rounded");
            }
            Some(amount.minor)
        }
        Err(fault) => {
            notes.warn(place, "unreadable_amount", &fault.to_string());
            None
        }
    }
}

/// An amount that can't be negative: less than 0 counts as 0, with a warning.
pub(super) fn amount(text: &str, currency: Currency, place: Place<'_>, notes: &mut Notes) -> Option<i64> {
    let minor = signed(text, currency, place, notes)?;
    if minor < 0 {
        notes.warn(place, "negative_amount", "is below 0 and counts as 0");
    }
    Some(minor.max(0))
}

/// A sum of amounts, kept within 0 to 2^53 − 1.
pub(super) fn within_limits(sum: i128) -> i64 {
    i64::try_from(sum.clamp(0, i128::from(AMOUNT_MINOR_MAX))).unwrap_or(AMOUNT_MINOR_MAX)
}

/// A date within the contract's limits: before 1971 counts as 1971, more than 1 h ahead as the time of receipt.
///
/// A platform's own clock orders its snapshots. One that is ahead by more than an hour is wrong; since platforms build
/// or repeat a body when they send it, the time of receipt then orders them better than nothing.
pub(super) fn date(at: Timestamp, received_at: Timestamp, place: Place<'_>, notes: &mut Notes) -> Timestamp {
    if at < EARLIEST {
        notes.warn(place, "date_out_of_range", "is before 1971, and counts as 1971");
        return EARLIEST;
    }
    if at > received_at.plus_millis(AHEAD_MS_MAX) {
        let detail = "is more than one hour ahead of our clock; the time of receipt counts";
        notes.warn(place, "date_out_of_range", detail);
        return received_at;
    }
    at
}

/// The dates of an order: when it was placed and when the snapshot was true. Without a date of its own a snapshot
/// counts as old as its order, so that every snapshot of a platform has one and any order of arrival ends alike.
pub(super) fn dates(
    placed: Option<Timestamp>,
    modified: Option<Timestamp>,
    received_at: Timestamp,
    notes: &mut Notes,
) -> (Timestamp, Timestamp) {
    let placed_place = Place::Key(&Place::Root, "created_at");
    let stated = placed.map(|at| date(at, received_at, placed_place, notes));
    if stated.is_none() {
        let detail = "is missing or no date; the time of receipt counts";
        notes.warn(placed_place, "date_missing", detail);
    }
    if stated.is_some_and(|at| at > received_at) {
        let detail = "is ahead of our clock; where the two differ, our clock counts";
        notes.warn(placed_place, "order_in_future", detail);
    }
    let modified = modified.map(|at| date(at, received_at, Place::Key(&Place::Root, "updated_at"), notes));
    (stated.unwrap_or(received_at), modified.or(stated).unwrap_or(EARLIEST))
}

/// A platform's own word, without control characters and cut to [`PLATFORM_TEXT_BYTES_MAX`].
pub(super) fn short(text: &str) -> String {
    let mut kept = String::new();
    for character in text.trim().chars().filter(|character| !character.is_control()) {
        if kept.len() + character.len_utf8() > PLATFORM_TEXT_BYTES_MAX {
            break;
        }
        kept.push(character);
    }
    kept
}

/// A numeric id as the text that orders carry.
pub(super) fn product(id: Option<u64>) -> Option<ProductId> {
    ProductId::parse(&id?.to_string()).ok()
}

/// The product of a line that names none, with a warning.
pub(super) fn unnamed(place: Place<'_>, notes: &mut Notes) -> Option<ProductId> {
    let detail = "names neither product nor variant (a custom line or a deleted product): it matches nothing";
    notes.warn(place, "line_without_product", detail);
    ProductId::parse(UNNAMED_PRODUCT).ok()
}

/// The host name of an address, lower case, without user, port and a final point.
pub(super) fn host(address: &str) -> Option<String> {
    let behind = address.trim().split_once("://").map_or(address.trim(), |(_, rest)| rest);
    let authority = behind.split(['/', '?', '#', '\\']).next()?;
    let authority = authority.rsplit('@').next()?;
    let host = authority.split(':').next()?.trim_end_matches('.').to_ascii_lowercase();
    let is_host = |character: char| character.is_alphanumeric() || matches!(character, '-' | '.');
    (!host.is_empty() && host.len() <= 253 && host.chars().all(is_host)).then_some(host)
}

/// Most hosts of one body that are told.
const HOSTS_MAX: usize = 10;

/// Every host once, in order of appearance, at most [`HOSTS_MAX`].
pub(super) fn hosts<'a>(addresses: impl Iterator<Item = std::borrow::Cow<'a, str>>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for host in addresses.filter_map(|address| host(&address)) {
        if !found.contains(&host) {
            found.push(host);
        }
        if found.len() == HOSTS_MAX {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://Shop.Example:8443/x?y", Some("shop.example"))]
    #[case("shop.example", Some("shop.example"))]
    #[case("http://user:word@shop.example/", Some("shop.example"))]
    #[case("http://localhost/wordpress/", Some("localhost"))]
    #[case("https://shop.example.", Some("shop.example"))]
    #[case("https:///x", None)]
    #[case("https://a b/", None)]
    #[case("", None)]
    fn the_host_of_an_address(#[case] address: &str, #[case] expected: Option<&str>) {
        assert_eq!(host(address).as_deref(), expected);
    }

    #[test]
    fn a_platforms_word_is_cut_between_characters() {
        assert_eq!(short(&format!(" {}é\u{0}", "x".repeat(63))), "x".repeat(63));
        assert_eq!(short("a\nb"), "ab");
    }

    #[test]
    fn dates_out_of_range_are_mended_and_said() {
        let now = Timestamp::from_millis(1_795_428_900_000);
        let mut notes = Notes::default();
        let far = now.plus_millis(AHEAD_MS_MAX + 1);
        assert_eq!(dates(Some(far), Some(far), now, &mut notes), (now, now));
        assert_eq!(dates(None, None, now, &mut notes), (now, EARLIEST));
        assert_eq!(dates(Some(Timestamp::from_millis(0)), None, now, &mut notes), (EARLIEST, EARLIEST));
        let near = now.plus_millis(AHEAD_MS_MAX);
        assert_eq!(dates(Some(near), None, now, &mut notes), (near, near));
        let codes: Vec<&str> = notes.warnings.iter().map(|warning| warning.code).collect();
        assert_eq!(
            codes,
            [
                "date_out_of_range",
                "date_out_of_range",
                "date_missing",
                "date_out_of_range",
                "order_in_future"
            ]
        );
    }
}
