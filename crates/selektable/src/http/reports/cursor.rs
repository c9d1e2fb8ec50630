//! Cursors as text: opaque to callers, checked on the way back. The check finds accidents (cut, edited, taken from
//! another list). It is no signature: a made-up cursor only names a place in the caller's own list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use selektable_domain::opaque::ProductId;
use selektable_domain::report::Cursor;
use selektable_domain::time::Timestamp;

/// Which list a cursor belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum List {
    /// Conversions.
    Conversions,
    /// Visualizations.
    Visualizations,
    /// Deliveries.
    Deliveries,
}

impl List {
    const fn mark(self) -> u8 {
        match self {
            Self::Conversions => 1,
            Self::Visualizations => 2,
            Self::Deliveries => 3,
        }
    }
}

/// Bytes under the check: mark, time, row.
const BODY_BYTES: usize = 17;
const TEXT_BYTES: usize = BODY_BYTES + 4;

/// The text of a cursor.
#[must_use]
pub(in crate::http) fn write(list: List, cursor: Cursor) -> String {
    let mut bytes = [0; TEXT_BYTES];
    bytes[0] = list.mark();
    bytes[1..9].copy_from_slice(&cursor.at.as_millis().to_be_bytes());
    bytes[9..BODY_BYTES].copy_from_slice(&cursor.row.to_be_bytes());
    let check = crc32fast::hash(&bytes[..BODY_BYTES]);
    bytes[BODY_BYTES..].copy_from_slice(&check.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads [`write()`]'s text; `None` for anything else.
#[must_use]
pub(in crate::http) fn read(list: List, text: &str) -> Option<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == TEXT_BYTES)?;
    let (body, check) = bytes.split_at(BODY_BYTES);
    if body[0] != list.mark() || crc32fast::hash(body).to_be_bytes() != check {
        return None;
    }
    let number = |from: usize| body[from..from + 8].try_into().map(i64::from_be_bytes).ok();
    Some(Cursor { at: Timestamp::from_millis(number(1)?), row: number(9)? })
}

/// The list of aliases goes by product id, so its cursor is the last one: mark, id, check.
const ALIASES: u8 = 4;

/// The text of a cursor in the list of aliases.
#[must_use]
pub(in crate::http) fn write_alias(last: &ProductId) -> String {
    let mut bytes = vec![ALIASES];
    bytes.extend_from_slice(last.as_str().as_bytes());
    let check = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&check.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads [`write_alias()`]'s text; `None` for anything else.
#[must_use]
pub(in crate::http) fn read_alias(text: &str) -> Option<ProductId> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (body, check) = bytes.split_last_chunk::<4>()?;
    let (mark, id) = body.split_first()?;
    if *mark != ALIASES || crc32fast::hash(body).to_be_bytes() != *check {
        return None;
    }
    ProductId::parse(std::str::from_utf8(id).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back_and_belongs_to_its_list(at: i64, row: i64) {
            let cursor = Cursor { at: Timestamp::from_millis(at), row };
            let text = write(List::Conversions, cursor);
            prop_assert_eq!(read(List::Conversions, &text), Some(cursor));
            prop_assert_eq!(read(List::Deliveries, &text), None);
        }

        #[test]
        fn a_cursor_with_one_changed_character_is_refused(at: i64, row: i64, place in 0..28_usize) {
            let text = write(List::Visualizations, Cursor { at: Timestamp::from_millis(at), row });
            let other = if text.as_bytes()[place] == b'A' { "B" } else { "A" };
            let changed = format!("{}{other}{}", &text[..place], &text[place + 1..]);
            prop_assert_eq!(read(List::Visualizations, &changed), None);
        }

        #[test]
        fn a_cursor_of_aliases_comes_back_and_belongs_to_no_other_list(id in "[a-z0-9é/]{1,40}x") {
            let last = ProductId::parse(&id).unwrap();
            let text = write_alias(&last);
            prop_assert_eq!(read(List::Conversions, &text), None);
            prop_assert_eq!(read_alias(&text[1..]), None);
            prop_assert_eq!(read_alias(&text), Some(last));
        }

        #[test]
        fn no_text_panics(text: String) {
            prop_assert_eq!(read_alias(&text), None);
            prop_assert_eq!(read(List::Conversions, &text), None);
        }
    }
}
