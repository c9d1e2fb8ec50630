//! Where to read on in Shopify's orders. Its cursors stand for a place in the order of change, so orders that change
//! meanwhile move to the end and are read again there; but a cursor is only good for the very same question, and not for
//! ever.

use selektable_domain::time::Timestamp;

/// Shopify's times have seconds.
const SECOND_MS: i64 = 1_000;

/// Where to read on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// Orders changed then or later.
    pub(super) since: Timestamp,
    /// The latest change that was seen.
    pub(super) seen: Timestamp,
    /// Shopify's own cursor.
    pub(super) after: Option<String>,
}

impl Position {
    /// The beginning of a pull.
    pub(super) fn start(since: Timestamp) -> Self {
        let second = Timestamp::from_millis(since.as_millis().div_euclid(SECOND_MS) * SECOND_MS);
        Self { since: second, seen: second, after: None }
    }

    /// After a page.
    pub(super) fn after_page(&self, modified: impl Iterator<Item = Timestamp>, cursor: String) -> Self {
        let seen = modified.fold(self.seen, Timestamp::max);
        Self { since: self.since, seen, after: Some(cursor) }
    }

    /// Without a cursor, for when Shopify does not know it any more: on from what was seen, a second of it again.
    pub(super) fn without_cursor(&self) -> Self {
        let since = self.seen.plus_millis(-SECOND_MS).max(self.since);
        Self { since, seen: self.seen, after: None }
    }

    pub(super) fn write(&self) -> String {
        let after = self.after.as_deref().unwrap_or_default();
        format!("{}|{}|{after}", self.since.as_millis(), self.seen.as_millis())
    }

    /// Reads [`Position::write`]; anything else starts at the beginning.
    pub(super) fn read(text: Option<&str>, since: Timestamp) -> Self {
        text.and_then(Self::parse).unwrap_or_else(|| Self::start(since))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '|');
        let mut time = || Some(Timestamp::from_millis(parts.next()?.parse().ok()?));
        let (since, seen) = (time()?, time()?);
        let after = parts.next()?;
        Some(Self { since, seen, after: (!after.is_empty()).then(|| after.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written() {
        let at = Timestamp::from_millis;
        let start = Position::start(at(10_900));
        assert_eq!(start.since, at(10_000));
        let on = start.after_page([at(12_000), at(11_000)].into_iter(), "ey|J9==".to_owned());
        for position in [&start, &on] {
            assert_eq!(Position::read(Some(&position.write()), at(0)), *position);
        }
        assert_eq!(Position::read(Some("x"), at(5_000)), Position::start(at(5_000)));
        let fresh = on.without_cursor();
        assert_eq!((fresh.since, fresh.after), (at(11_000), None));
    }
}
