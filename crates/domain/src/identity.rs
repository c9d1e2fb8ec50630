//! Who a visitor is, at a time (SPEC section 8).
//!
//! Example: visitor `v` is linked to `ann` at 10:00 and to `bob` at 12:00. At 9:00 and at 11:00 `v` is Ann, at
//! 12:00 Bob. A visitor without any link is itself.

mod parse;

pub use parse::parse_person;

use crate::opaque::{UserId, VisitorId};
use crate::time::Timestamp;

/// "This visitor was this user from then on", said by `identify()` or by an order's `userId`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link {
    /// When it was said.
    pub at: Timestamp,
    /// The user.
    pub user: UserId,
    /// The browser.
    pub visitor: VisitorId,
}

/// A person, as far as the facts tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Person {
    /// A known customer, whatever browsers they use.
    User(UserId),
    /// A browser nobody ever logged in on.
    Visitor(VisitorId),
}

/// Links in the order in which one looks a visitor up, so that a user with ten thousand browsers costs no more per
/// browser than a user with one.
#[derive(Clone, Debug)]
pub struct Logins<'a>(Vec<&'a Link>);

impl<'a> Logins<'a> {
    /// Sorts links that may be in any order, hold repetitions and name any visitors.
    #[must_use]
    pub fn of(links: &'a [Link]) -> Self {
        let mut sorted: Vec<&Link> = links.iter().collect();
        sorted.sort_unstable_by_key(|link| (&link.visitor, link.at, &link.user));
        Self(sorted)
    }

    /// The user behind `visitor` at `at`; `None` for a visitor without any link, who is a person of their own. Says
    /// the same as [`person_at`].
    #[must_use]
    pub fn user_at(&self, visitor: &VisitorId, at: Timestamp) -> Option<&'a UserId> {
        let start = self.0.partition_point(|link| link.visitor < *visitor);
        let own = &self.0[start..];
        let own = &own[..own.partition_point(|link| link.visitor == *visitor)];
        let known_by_then = own.partition_point(|link| link.at <= at);
        own.get(known_by_then.saturating_sub(1)).map(|link| &link.user)
    }
}

/// The person behind `visitor` at `at`. `links` may be in any order, hold repetitions and name other visitors;
/// two links of one instant are ordered by user id, so the answer does not depend on the order of arrival.
#[must_use]
pub fn person_at(visitor: &VisitorId, at: Timestamp, links: &[Link]) -> Person {
    let own = || links.iter().filter(|link| link.visitor == *visitor);
    let latest = own().filter(|link| link.at <= at).max();
    latest
        .or_else(|| own().min())
        .map_or_else(|| Person::Visitor(visitor.clone()), |link| Person::User(link.user.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn visitor(name: &str) -> VisitorId {
        VisitorId::parse(name).unwrap()
    }

    fn link(name: &str, user: &str, at: i64) -> Link {
        Link { at: Timestamp::from_millis(at), user: UserId::parse(user).unwrap(), visitor: visitor(name) }
    }

    fn at(millis: i64, links: &[Link]) -> Person {
        person_at(&visitor("v"), Timestamp::from_millis(millis), links)
    }

    #[test]
    fn a_visitor_is_the_user_of_the_time_and_the_first_user_before() {
        let links = [link("v", "bob", 12), link("v", "ann", 10), link("w", "zoe", 1)];
        let user = |name: &str| Person::User(UserId::parse(name).unwrap());
        assert_eq!(
            [at(9, &links), at(10, &links), at(11, &links), at(12, &links)],
            [user("ann"), user("ann"), user("ann"), user("bob")]
        );
        assert_eq!(at(9, &[]), Person::Visitor(visitor("v")));
    }

    proptest! {
        #[test]
        fn order_and_repetition_of_links_change_nothing(mut links in prop::collection::vec((0..3_i64, "[ab]", "[vw]"), 0..8), when in 0..4_i64, turn in 0..8_usize) {
            let made: Vec<Link> = links.iter().map(|(at, user, visitor)| link(visitor, user, *at)).collect();
            let before = at(when, &made);
            let places = links.len().max(1);
            links.rotate_left(turn % places);
            links.extend(links.clone());
            let again: Vec<Link> = links.iter().map(|(at, user, visitor)| link(visitor, user, *at)).collect();
            prop_assert_eq!(before, at(when, &again));
        }

        #[test]
        fn looking_up_in_sorted_links_says_the_same(links in prop::collection::vec((0..4_i64, "[ab]", "[vw]"), 0..8), when in -1..5_i64) {
            let made: Vec<Link> = links.iter().map(|(at, user, visitor)| link(visitor, user, *at)).collect();
            for name in ["u", "v", "w", "x"] {
                let wanted = match person_at(&visitor(name), Timestamp::from_millis(when), &made) {
                    Person::User(user) => Some(user),
                    Person::Visitor(_) => None,
                };
                let found = Logins::of(&made).user_at(&visitor(name), Timestamp::from_millis(when)).cloned();
                prop_assert_eq!(found, wanted);
            }
        }
    }
}
