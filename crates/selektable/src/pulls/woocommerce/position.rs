//! Where to read on in a shop's orders. Numbers of pages are no good for that: an order that changes moves to the end,
//! those behind it move up, and one of them is skipped between two pages.

use selektable_domain::time::Timestamp;

/// `modified_after` has seconds.
const SECOND_MS: i64 = 1_000;

/// Which orders are read. `status=any` leaves out those in the trash, and a deletion that was not delivered would never
/// be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walk {
    /// Every status.
    Any,
    /// The trash.
    Trash,
}

impl Walk {
    pub(super) const fn status(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Trash => "trash",
        }
    }
}

/// In which order they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// By when they were changed: an order that changes meanwhile is read again at the end.
    Modified,
    /// By id, for shops that can't sort by change (before `WooCommerce` 5.8) or whose plugins sort otherwise. Orders
    /// only ever join such a list; those that join it behind our back are read by the next pull.
    Id,
}

impl By {
    pub(super) const fn orderby(self) -> &'static str {
        match self {
            Self::Modified => "modified",
            Self::Id => "id",
        }
    }
}

/// Where to read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) walk: Walk,
    pub(super) by: By,
    /// Orders changed later than this, in whole seconds.
    pub(super) after: Timestamp,
    /// So many of them were read already.
    pub(super) offset: u64,
}

impl Position {
    /// The beginning of a pull.
    pub(super) fn start(since: Timestamp) -> Self {
        let second = since.as_millis().div_euclid(SECOND_MS) - 1;
        Self {
            walk: Walk::Any,
            by: By::Modified,
            after: Timestamp::from_millis(second * SECOND_MS),
            offset: 0,
        }
    }

    /// The same orders, read by id.
    pub(super) fn by_id(self) -> Self {
        Self { by: By::Id, offset: 0, ..self }
    }

    /// The next list, or the end. It starts where the pull started.
    pub(super) fn next_walk(self, since: Timestamp) -> Option<Self> {
        match self.walk {
            Walk::Any => Some(Self { walk: Walk::Trash, ..Self::start(since) }),
            Walk::Trash => None,
        }
    }

    /// After a page that was not the last one. Pages overlap: by a second of change, or, where more orders than fit one
    /// page changed in one second (a bulk edit), by half a page, so that orders may leave that second meanwhile.
    pub(super) fn after_page(self, modified: &[Timestamp], length: u64) -> Self {
        if self.by == By::Id {
            return Self { offset: self.offset + length, ..self };
        }
        if !modified.is_sorted() {
            return self.by_id();
        }
        let latest = modified.last().map(|latest| latest.plus_millis(-SECOND_MS));
        match latest.filter(|latest| *latest > self.after) {
            Some(after) => Self { after, offset: 0, ..self },
            None => Self { offset: self.offset + length.div_ceil(2), ..self },
        }
    }

    pub(super) fn write(self) -> String {
        let by = self.by.orderby();
        format!("{}|{by}|{}|{}", self.walk.status(), self.after.as_millis(), self.offset)
    }

    /// Reads [`Position::write`]; anything else starts at the beginning.
    pub(super) fn read(text: Option<&str>, since: Timestamp) -> Self {
        text.and_then(Self::parse).unwrap_or_else(|| Self::start(since))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('|');
        let walk =
            [Walk::Any, Walk::Trash].into_iter().find(|walk| Some(walk.status()) == parts.clone().next());
        parts.next();
        let by = [By::Modified, By::Id].into_iter().find(|by| Some(by.orderby()) == parts.clone().next());
        parts.next();
        let after = Timestamp::from_millis(parts.next()?.parse().ok()?);
        let offset = parts.next()?.parse().ok()?;
        Some(Self { walk: walk?, by: by?, after, offset })
    }

    /// `modified_after`, in UTC without its `Z`, as `dates_are_gmt=true` wants it.
    pub(super) fn after_text(self) -> String {
        self.after.to_rfc3339().chars().take("2026-11-01T00:00:00".len()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * SECOND_MS)
    }

    #[test]
    fn a_position_is_read_as_it_was_written() {
        let start = Position::start(Timestamp::from_millis(10_500));
        assert_eq!(start.after, at(9), "an order of that very second is among them");
        for position in
            [start, start.by_id(), start.next_walk(at(10)).unwrap(), Position { offset: 350, ..start }]
        {
            assert_eq!(Position::read(Some(&position.write()), at(0)), position);
        }
        assert_eq!(Position::read(Some("any|modified|x|0"), at(5)), Position::start(at(5)));
        assert_eq!(Position::read(None, at(5)), Position::start(at(5)));
        assert_eq!(start.next_walk(at(10)).unwrap().next_walk(at(10)), None);
    }

    #[test]
    fn pages_overlap_by_a_second_and_in_one_full_second_by_half_a_page() {
        let start = Position::start(at(10));
        let next = start.after_page(&[at(11), at(20)], 2);
        assert_eq!((next.after, next.offset), (at(19), 0));
        let stuck = next.after_page(&[at(20), at(20)], 2);
        assert_eq!((stuck.after, stuck.offset), (at(19), 1));
        let on = stuck.after_page(&[at(20), at(21)], 2);
        assert_eq!((on.after, on.offset), (at(20), 0));
    }

    #[test]
    fn a_page_out_of_order_is_read_again_by_id() {
        let next = Position { offset: 50, ..Position::start(at(10)) }.after_page(&[at(20), at(12)], 2);
        assert_eq!((next.by, next.after, next.offset), (By::Id, at(9), 0));
        assert_eq!(next.after_page(&[at(20), at(12)], 2).offset, 2);
    }
}
