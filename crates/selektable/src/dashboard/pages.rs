//! Pages of lists in the address: `after` is the place of the last row seen (DESIGN: lists page by key).

use selektable_domain::report::{Cursor, Page};
use selektable_domain::time::Timestamp;

use super::form::Values;
use super::format;
use super::parts::Pager;

const AFTER: &str = "after";

/// The place to read on from; what can't be read is the beginning.
#[must_use]
pub(crate) fn read(asked: &Values) -> Option<Cursor> {
    let (at, row) = asked.get(AFTER).split_once('.')?;
    Some(Cursor { at: Timestamp::from_millis(at.parse().ok()?), row: row.parse().ok()? })
}

fn write(cursor: Cursor) -> String {
    format!("{}.{}", cursor.at.as_millis(), cursor.row)
}

/// Links around a page of rows, which have a name for one and for several; `link` makes the list's address with more pairs.
#[must_use]
pub(crate) fn pager<T>(
    (one, several): (&str, &'static str),
    page: &Page<T>,
    asked: &Values,
    link: impl Fn(&[(&str, &str)]) -> String,
) -> Pager {
    Pager {
        rows: several,
        shown: format::counted(page.data.len() as u64, one, several),
        first: read(asked).map(|_| link(&[])),
        next: page.next.map(|cursor| link(&[(AFTER, &write(cursor))])),
        words: ["Newest", "Older"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_as_it_was_and_nonsense_is_the_beginning() {
        let cursor = Cursor { at: Timestamp::from_millis(-5), row: 7 };
        let asked = Values::from([(AFTER, write(cursor).as_str())]);
        assert_eq!(read(&asked), Some(cursor));
        for nonsense in ["", ".", "1", "a.b", "1.2.3"] {
            assert_eq!(read(&Values::from([(AFTER, nonsense)])), None, "{nonsense}");
        }
    }
}
