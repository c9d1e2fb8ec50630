//! Ids that mean nothing, in the place of those of an erased person (SPEC section 14).
//!
//! Each old id becomes `erased-` and 26 characters, the same wherever it stood, so that what belonged together still
//! does and every decision stays as it was. They come from SHA-256 over a random seed and the old id. The seed is
//! used for one erasure and then forgotten: without it nobody can tell whose a pseudonym was, not even by trying
//! every id there is.
//!
//! Example: erasing user `ann` turns her orders' `visitorId` `v-1` into `erased-3f…`, and `ann` into `erased-0k…`.
//! When her shop sends a refund for one of those orders later, with `v-1` and `ann` in it, the order keeps its
//! pseudonyms: see [`keep_erased`].

use std::fmt;

use sha2::{Digest, Sha256};

use crate::id::{TEXT_LENGTH, is_base32, to_base32};
use crate::opaque::{EventId, OpaqueIdFault, SessionId, UserId, VisitorId};
use crate::order::Order;
use crate::order::version::OrderState;

const PREFIX: &str = "erased-";

/// 32 random bytes, for one erasure.
#[derive(Clone)]
pub struct PseudonymSeed(pub [u8; 32]);

impl fmt::Debug for PseudonymSeed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PseudonymSeed(…)")
    }
}

/// What one seed makes of ids.
#[derive(Clone, Debug)]
pub struct Pseudonyms(PseudonymSeed);

impl Pseudonyms {
    /// Of a seed that was not used before.
    #[must_use]
    pub const fn of(seed: PseudonymSeed) -> Self {
        Self(seed)
    }

    /// In the place of a visitor.
    pub fn visitor(&self, id: &VisitorId) -> Result<VisitorId, OpaqueIdFault> {
        VisitorId::parse(&self.text("visitor", id.as_str()))
    }

    /// In the place of a session.
    pub fn session(&self, id: &SessionId) -> Result<SessionId, OpaqueIdFault> {
        SessionId::parse(&self.text("session", id.as_str()))
    }

    /// In the place of a user.
    pub fn user(&self, id: &UserId) -> Result<UserId, OpaqueIdFault> {
        UserId::parse(&self.text("user", id.as_str()))
    }

    /// The id of the event that says that a visitor was seen, where its own events are another's now.
    pub fn sighting(&self, id: &VisitorId) -> Result<EventId, OpaqueIdFault> {
        EventId::parse(&self.text("sighting", id.as_str()))
    }

    fn text(&self, kind: &str, id: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0.0);
        hash.update(kind);
        // No kind holds a zero byte, so no two pairs have the same bytes.
        hash.update([0]);
        hash.update(id);
        let mut bits = [0; 16];
        bits.copy_from_slice(&hash.finalize()[..16]);
        format!("{PREFIX}{}", to_base32(u128::from_be_bytes(bits)))
    }
}

/// Whether an id stands in the place of an erased one.
#[must_use]
pub fn is_pseudonym(id: &str) -> bool {
    id.strip_prefix(PREFIX).is_some_and(|rest| rest.len() == TEXT_LENGTH && is_base32(rest))
}

/// The snapshot with other ids than it came with, where the order's person was erased: those the order has, so that no
/// later delivery brings an erased id back. Where only the session was (somebody else in it was erased), only the
/// session stays. `None` when the snapshot may keep its own.
#[must_use]
pub fn keep_erased(known: &OrderState, sent: &Order) -> Option<Order> {
    let stored = &known.winner().order;
    if is_erased(stored) || is_erased(&known.order()) {
        let Order { visitor, session, user, .. } = stored.clone();
        return Some(Order { visitor, session, user, ..sent.clone() });
    }
    let session = stored.session.clone().filter(|session| is_pseudonym(session.as_str()))?;
    Some(Order { session: Some(session), ..sent.clone() })
}

fn is_erased(order: &Order) -> bool {
    let visitor = order.visitor.as_ref().map(VisitorId::as_str);
    let user = order.user.as_ref().map(UserId::as_str);
    let named = visitor.or(user);
    let session = order.session.as_ref().map(SessionId::as_str).filter(|_| named.is_none());
    [visitor, user, session].into_iter().flatten().any(is_pseudonym)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::opaque::OrderId;
    use crate::order::version::Outcome;
    use crate::order::{OrderStatus, Source};
    use crate::time::Timestamp;

    fn pseudonyms(seed: u8) -> Pseudonyms {
        Pseudonyms::of(PseudonymSeed([seed; 32]))
    }

    fn visitor(text: &str) -> VisitorId {
        VisitorId::parse(text).unwrap()
    }

    fn order(ids: [&str; 3]) -> Order {
        Order {
            id: OrderId::parse("o-1").unwrap(),
            source: Source::Server,
            visitor: VisitorId::parse(ids[0]).ok(),
            session: SessionId::parse(ids[1]).ok(),
            user: UserId::parse(ids[2]).ok(),
            currency: Currency::parse("EUR").unwrap(),
            total_minor: 100,
            refunded_minor: 0,
            status: OrderStatus::Completed,
            created_at: Timestamp::from_millis(1_000),
            updated_at: None,
            items: Vec::new(),
            test: false,
            label: None,
            platform: None,
        }
    }

    fn state(ids: [&str; 3]) -> OrderState {
        OrderState::begin(order(ids), Timestamp::from_millis(1_000))
    }

    fn erased(kind: &str) -> String {
        pseudonyms(1).text(kind, kind)
    }

    #[test]
    fn an_id_has_one_pseudonym_per_erasure_and_kind() {
        let one = pseudonyms(1).visitor(&visitor("v")).unwrap();
        assert!(is_pseudonym(one.as_str()), "{one}");
        assert_eq!(pseudonyms(1).visitor(&visitor("v")).unwrap(), one);
        assert_ne!(pseudonyms(1).visitor(&visitor("w")).unwrap(), one);
        assert_ne!(pseudonyms(2).visitor(&visitor("v")).unwrap(), one);
        assert_ne!(pseudonyms(1).user(&UserId::parse("v").unwrap()).unwrap().as_str(), one.as_str());
        assert_eq!(format!("{:?}", pseudonyms(7)), "Pseudonyms(PseudonymSeed(…))");
    }

    #[test]
    fn only_what_this_module_makes_is_taken_for_a_pseudonym() {
        for other in ["erased-", "erased-by-me", "v", "erased-0000000000000000000000000U"] {
            assert!(!is_pseudonym(other), "{other}");
        }
    }

    #[test]
    fn an_erased_order_keeps_its_ids_whatever_is_sent() {
        let [v, s, u] = ["visitor", "session", "user"].map(erased);
        let mut known = state([&v, &s, &u]);
        let again = keep_erased(&known, &order(["visitor", "session", "user"])).unwrap();
        assert_eq!(known.admit(again, Timestamp::from_millis(2_000)), Ok(Outcome::Unchanged));
        let refunded = Order { status: OrderStatus::Refunded, ..order(["visitor", "session", "other"]) };
        let kept = keep_erased(&known, &refunded).unwrap();
        assert_eq!(kept.status, OrderStatus::Refunded);
        assert_eq!(
            [kept.visitor, kept.user.map(|user| visitor(user.as_str()))],
            [Some(visitor(&v)), Some(visitor(&u))]
        );
        let nameless = state(["", &s, ""]);
        let kept = keep_erased(&nameless, &order(["visitor", "session", "user"]));
        assert_eq!(kept, Some(order(["", &s, ""])));
    }

    #[test]
    fn an_order_of_somebody_else_keeps_only_the_session_they_shared() {
        let s = erased("session");
        let sent = order(["v", "session", "bob"]);
        assert_eq!(keep_erased(&state(["v", &s, ""]), &sent), Some(order(["v", &s, "bob"])));
        assert_eq!(keep_erased(&state(["v", "session", ""]), &sent), None);
    }
}
