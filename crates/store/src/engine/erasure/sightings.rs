//! When the visitors of an erasure were first seen, after it.
//!
//! Where two people shared a browser, the erased one's share of it has a pseudonym of its own. That an order's
//! visitor was seen at all is evidence (it tells `visitor_never_seen` from `never_visualized`), and it may rest on a
//! fact that is now of the other share. Then an event of no meaning says so for this share, and no decision changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::params;
use selektable_domain::opaque::{OpaqueIdFault, SessionId, VisitorId};
use selektable_domain::pseudonym::Pseudonyms;
use selektable_domain::time::Timestamp;

use super::super::facts::{self, NewFact};
use super::super::work::Work;
use super::survey::first_seen;
use crate::body::{FactKind, write_event};
use crate::ingest::{Event, EventKind};
use crate::{StoreError, StoreResult, Tenant};

/// Name of the event that only says that a visitor was seen.
const SEEN: &str = "seen";

/// What the facts of an erasure tell of visitors: by visitor, when the person's own ones first saw it, and when the
/// others did.
#[derive(Default)]
pub(super) struct Sightings(BTreeMap<VisitorId, [Option<Timestamp>; 2]>);

/// Whose a sighting is.
#[derive(Clone, Copy)]
pub(super) enum Whose {
    /// The erased person's.
    Own,
    /// Somebody else's on the same browser.
    Others,
}

/// Where sightings are written.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The unit of work.
    pub work: &'a Work<'a>,
    /// The store.
    pub tenant: Tenant,
    /// The erasure's.
    pub pseudonyms: &'a Pseudonyms,
    /// When the person is erased.
    pub at: Timestamp,
}

impl Sightings {
    /// Notes one.
    pub(super) fn note(&mut self, visitor: &VisitorId, whose: Whose, at: Timestamp) {
        let seen = &mut self.0.entry(visitor.clone()).or_default()[whose as usize];
        *seen = Some(seen.map_or(at, |known| known.min(at)));
    }

    /// Writes the rows of the visitors. `buyers` are the visitors that the person's own orders named before.
    pub(super) fn settle(self, place: Place<'_>, buyers: &BTreeSet<VisitorId>) -> StoreResult<()> {
        let mut before = BTreeMap::new();
        for visitor in self.0.keys().chain(buyers) {
            if let Some(seen) = first_seen(place.work, place.tenant.store_number, visitor)? {
                before.insert(visitor.clone(), seen);
            }
        }
        for (visitor, [own, others]) in &self.0 {
            place.forget(visitor)?;
            if let Some(at) = own {
                place.see(&place.pseudonym(visitor)?, *at)?;
            }
            if let Some(at) = others {
                place.see(visitor, *at)?;
            }
        }
        for (visitor, seen) in &before {
            if buyers.contains(visitor) {
                place.vouch(&place.pseudonym(visitor)?, *seen)?;
            }
            if place.bought(visitor)? {
                place.vouch(visitor, *seen)?;
            }
        }
        Ok(())
    }
}

impl Place<'_> {
    fn pseudonym(&self, visitor: &VisitorId) -> StoreResult<VisitorId> {
        self.pseudonyms.visitor(visitor).map_err(broken)
    }

    fn see(&self, visitor: &VisitorId, at: Timestamp) -> StoreResult<()> {
        let sql = "INSERT INTO visitors (store, visitor, first_seen) VALUES (?1, ?2, ?3)";
        let row = params![self.tenant.store_number, visitor.as_str(), at.as_millis()];
        self.work.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn forget(&self, visitor: &VisitorId) -> StoreResult<()> {
        let sql = "DELETE FROM visitors WHERE store = ?1 AND visitor = ?2";
        let row = params![self.tenant.store_number, visitor.as_str()];
        self.work.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn bought(&self, visitor: &VisitorId) -> StoreResult<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM conversions WHERE store = ?1 AND visitor = ?2)";
        let row = params![self.tenant.store_number, visitor.as_str()];
        Ok(self.work.connection.prepare_cached(sql)?.query_row(row, |row| row.get(0))?)
    }

    /// Says by a fact that a visitor was seen, unless another one does.
    fn vouch(&self, visitor: &VisitorId, seen: Timestamp) -> StoreResult<()> {
        if first_seen(self.work, self.tenant.store_number, visitor)?.is_some() {
            return Ok(());
        }
        let id = self.pseudonyms.sighting(visitor).map_err(broken)?;
        let session = SessionId::parse(id.as_str()).map_err(broken)?;
        let kind = EventKind::Seen { name: SEEN.to_owned(), properties: "{}".to_owned() };
        let event = Event { id, at: seen, kind };
        let fact = NewFact {
            store_number: self.tenant.store_number,
            store: self.tenant.store,
            kind: FactKind::Event,
            key: Some(event.id.as_str()),
            subject: None,
            received_at: self.at,
            body: &write_event(visitor, &session, &event, false),
        };
        facts::append(self.work, fact)?;
        self.see(visitor, seen)
    }
}

/// A pseudonym is always an id; if it were not, nothing would be written.
pub(super) fn broken(fault: OpaqueIdFault) -> StoreError {
    StoreError::Unavailable(format!("a pseudonym {fault}"))
}
