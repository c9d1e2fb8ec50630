//! What proves that the visitors of an erasure were there, after it.
//!
//! Where two people shared a browser, the erased one's share of it has a pseudonym of its own. That an order's
//! visitor was seen at all is evidence (it tells `visitor_never_seen` from `never_visualized`), and it may rest on a
//! fact that is now of the other share. Then a fact that says just this says so for this share, and no decision changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::params;
use selektable_domain::opaque::{OpaqueIdFault, VisitorId};
use selektable_domain::pseudonym::Pseudonyms;
use selektable_domain::time::Timestamp;

use super::super::facts::{self, NewFact};
use super::super::visitors::{self, Sight};
use super::super::work::Work;
use crate::body::{FactKind, SightingFact, write_sighting};
use crate::{StoreError, StoreResult, Tenant};

/// What the facts of an erasure tell of visitors: by visitor, what the person's own ones prove, and what the others do.
#[derive(Default)]
pub(super) struct Sightings(BTreeMap<VisitorId, [Option<Sight>; 2]>);

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
    pub(super) fn note(&mut self, visitor: &VisitorId, whose: Whose, sight: Sight) {
        let seen = &mut self.0.entry(visitor.clone()).or_default()[whose as usize];
        *seen = Some(seen.unwrap_or_default().join(sight));
    }

    /// Writes the rows of the visitors. `buyers` are the visitors that the person's own orders named before.
    pub(super) fn settle(self, place: Place<'_>, buyers: &BTreeSet<VisitorId>) -> StoreResult<()> {
        let mut before = BTreeSet::new();
        for visitor in self.0.keys().chain(buyers) {
            if visitors::was_seen(place.work, place.tenant.store_number, visitor)? {
                before.insert(visitor.clone());
            }
        }
        for (visitor, [own, others]) in &self.0 {
            place.forget(visitor)?;
            if let Some(sight) = own {
                place.see(&place.pseudonym(visitor)?, *sight)?;
            }
            if let Some(sight) = others {
                place.see(visitor, *sight)?;
            }
        }
        for visitor in &before {
            if buyers.contains(visitor) {
                place.vouch(&place.pseudonym(visitor)?)?;
            }
            if place.bought(visitor)? {
                place.vouch(visitor)?;
            }
        }
        Ok(())
    }
}

impl Place<'_> {
    fn pseudonym(&self, visitor: &VisitorId) -> StoreResult<VisitorId> {
        self.pseudonyms.visitor(visitor).map_err(broken)
    }

    fn see(&self, visitor: &VisitorId, sight: Sight) -> StoreResult<()> {
        visitors::write(self.work, self.tenant.store_number, visitor, sight)
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

    /// Says by a fact that a visitor was seen, unless one does that stays: events of the share may be rolled off, and a
    /// roll-off that has begun looks at no visitor twice.
    fn vouch(&self, visitor: &VisitorId) -> StoreResult<()> {
        let store = self.tenant.store_number;
        let known = visitors::look(self.work, store, visitor)?.map(|(known, _)| known).unwrap_or_default();
        if known.stays {
            return Ok(());
        }
        let id = self.pseudonyms.sighting(visitor).map_err(broken)?;
        let fact = NewFact {
            store_number: store,
            store: self.tenant.store,
            kind: FactKind::Sighting,
            key: Some(id.as_str()),
            subject: None,
            received_at: self.at,
            body: &write_sighting(&SightingFact { visitor: visitor.clone(), at: self.at }),
        };
        facts::append(self.work, fact)?;
        self.see(visitor, known.join(Sight::STAYS))
    }
}

/// A pseudonym is always an id; if it were not, nothing would be written.
pub(super) fn broken(fault: OpaqueIdFault) -> StoreError {
    StoreError::Unavailable(format!("a pseudonym {fault}"))
}
