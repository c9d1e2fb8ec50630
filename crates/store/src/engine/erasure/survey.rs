//! Which facts an erasure goes through. Bodies have no index, so the store's facts are read once for the person's
//! ids and once more for the sessions of what is found: on a reading connection, before the writer is asked, which
//! then only looks at what came in meanwhile. Events of a month stand in no order of arrival, so of them the writer looks
//! through the latest month again.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::params;
use selektable_domain::id::ConversionId;
use selektable_domain::identity::Person;
use selektable_domain::opaque::{UserId, VisitorId};
use selektable_domain::time::Timestamp;

use super::super::conversions::{self, Head};
use super::super::facts::{self, FactName, WholeFact};
use super::super::people;
use super::super::rows::{Reading, collect};
use super::super::work::Work;
use crate::StoreResult;
use crate::body::{FactKind, Names, names, read_event, read_order, read_sighting, read_visualization};
use crate::ingest::EventKind;
use crate::rules::Erasing;

/// What is to be erased.
pub(in super::super) struct Survey {
    /// How far it looked.
    until: Until,
    /// The person's browsers, also those that were somebody else's at other times.
    pub visitors: BTreeSet<String>,
    /// Facts that name the person or one of the browsers.
    pub naming: BTreeSet<FactName>,
    /// The person's own among them.
    pub own: Own,
    /// Facts of anybody in the sessions of the person's own.
    pub sharing: BTreeSet<FactName>,
}

impl Survey {
    /// Looks through all facts of a store.
    pub(in super::super) fn of(work: &Work<'_>, store: i64, who: &Erasing) -> StoreResult<Self> {
        let until = Until::now(work, store)?;
        let visitors = browsers(work, store, who)?;
        let naming = scan(work, store, Until::default(), |found| names_person(found, who, &visitors))?;
        let own = Own::among(work, store, who, &naming)?;
        let sharing =
            scan(work, store, Until::default(), |found| is_in(found.session.as_ref(), &own.sessions))?;
        Ok(Self { until, visitors, naming, own, sharing })
    }

    /// The same with what came in since; everything once more only when that named browsers or sessions that were
    /// not looked for.
    pub(super) fn brought_up_to_date(
        mut self,
        work: &Work<'_>,
        store: i64,
        who: &Erasing,
    ) -> StoreResult<Self> {
        let visitors = browsers(work, store, who)?;
        if !visitors.is_subset(&self.visitors) {
            return Self::of(work, store, who);
        }
        self.visitors = visitors;
        let newer = scan(work, store, self.until, |found| names_person(found, who, &self.visitors))?;
        self.naming.extend(newer);
        let own = Own::among(work, store, who, &self.naming)?;
        if !own.sessions.is_subset(&self.own.sessions) {
            return Self::of(work, store, who);
        }
        self.own = own;
        let newer = scan(work, store, self.until, |found| is_in(found.session.as_ref(), &self.own.sessions))?;
        self.sharing.extend(newer);
        Ok(self)
    }

    /// Every fact that may change.
    pub(super) fn facts(&self) -> BTreeSet<FactName> {
        self.naming.iter().chain(&self.own.facts).chain(&self.sharing).cloned().collect()
    }
}

/// The person's own facts.
#[derive(Default)]
pub(in super::super) struct Own {
    /// Their names; with one of an order's, all of that order's.
    pub facts: BTreeSet<FactName>,
    /// The orders among them, by row number, as they stand before.
    pub conversions: BTreeMap<i64, Head>,
    /// Every session in them.
    pub sessions: BTreeSet<String>,
}

impl Own {
    fn among(work: &Work<'_>, store: i64, who: &Erasing, naming: &BTreeSet<FactName>) -> StoreResult<Self> {
        let (mut own, mut orders) = (Self::default(), BTreeSet::new());
        for name in naming {
            let Some(fact) = facts::by_name(work, store, name)? else { continue };
            match fact.kind {
                FactKind::Order => orders.extend(fact.subject),
                FactKind::Visualization | FactKind::Event | FactKind::Sighting => {
                    if is_of(work, store, who, &fact)? {
                        own.add(&fact)?;
                    }
                }
                FactKind::Alias | FactKind::Note | FactKind::RollOff => {}
            }
        }
        for subject in orders {
            own.add_order(work, store, who, subject)?;
        }
        Ok(own)
    }

    fn add(&mut self, fact: &WholeFact) -> StoreResult<()> {
        let found = names(fact.kind, &fact.body).map_err(|detail| fact.damaged(detail))?;
        self.facts.insert(fact.name());
        self.sessions.extend(found.session);
        Ok(())
    }

    fn add_order(
        &mut self,
        work: &Work<'_>,
        store: i64,
        who: &Erasing,
        subject: ConversionId,
    ) -> StoreResult<()> {
        let snapshots = facts::of_subject(work, store, subject)?;
        let first = snapshots.iter().find(|fact| fact.kind == FactKind::Order);
        let Some(number) = first.map(|fact| fact.seq) else { return Ok(()) };
        let Some(head) = conversions::by_number(work, store, number)? else { return Ok(()) };
        let is_own = match who {
            Person::Visitor(visitor) => head.order.visitor.as_ref() == Some(visitor),
            Person::User(user) => {
                head.person.as_ref() == Some(user) || head.order.user.as_ref() == Some(user)
            }
        };
        if is_own {
            snapshots.iter().try_for_each(|fact| self.add(fact))?;
            self.conversions.insert(number, head);
        }
        Ok(())
    }
}

fn is_of(work: &Work<'_>, store: i64, who: &Erasing, fact: &WholeFact) -> StoreResult<bool> {
    let (visitor, at, user) = told_by(fact)?;
    let Some(visitor) = visitor else { return Ok(false) };
    match who {
        Person::Visitor(wanted) => Ok(visitor == *wanted),
        // A login is of whom it names, also when another one of the same instant holds.
        Person::User(wanted) => match user {
            Some(user) => Ok(user == *wanted),
            None => Ok(people::user_at(work, store, &visitor, at)?.as_ref() == Some(wanted)),
        },
    }
}

/// Who was where when, and who they said they are.
pub(super) fn told_by(fact: &WholeFact) -> StoreResult<(Option<VisitorId>, Timestamp, Option<UserId>)> {
    let damaged = |detail: String| fact.damaged(detail);
    match fact.kind {
        FactKind::Event => {
            let told = read_event(&fact.body).map_err(damaged)?;
            let user = match told.event.kind {
                EventKind::Identify { user, .. } => Some(user),
                EventKind::Seen { .. } | EventKind::Claim { .. } => None,
            };
            Ok((Some(told.visitor), told.event.at, user))
        }
        FactKind::Visualization => {
            let told = read_visualization(&fact.body).map_err(damaged)?.visualization;
            Ok((told.visitor, told.at, None))
        }
        FactKind::Order => {
            let told = read_order(&fact.body).map_err(damaged)?.order;
            Ok((told.visitor, told.created_at, told.user))
        }
        FactKind::Sighting => {
            let told = read_sighting(&fact.body).map_err(damaged)?;
            Ok((Some(told.visitor), told.at, None))
        }
        FactKind::Alias | FactKind::Note | FactKind::RollOff => Ok((None, fact.received_at, None)),
    }
}

/// How far a look went: the newest numbered fact, and the latest month with events.
#[derive(Clone, Copy, Default)]
struct Until {
    number: i64,
    month: i64,
}

impl Until {
    fn now(work: &Work<'_>, store: i64) -> StoreResult<Self> {
        let sql = "SELECT coalesce(max(seq), 0) FROM facts";
        let number = work.connection.prepare_cached(sql)?.query_row((), |row| row.get(0))?;
        let sql = "SELECT coalesce(max(month), 0) FROM seen_facts WHERE store = ?1";
        let month = work.connection.prepare_cached(sql)?.query_row([store], |row| row.get(0))?;
        Ok(Self { number, month })
    }
}

/// The person's browsers.
pub(super) fn browsers(work: &Work<'_>, store: i64, who: &Erasing) -> StoreResult<BTreeSet<String>> {
    match who {
        Person::Visitor(visitor) => Ok(BTreeSet::from([visitor.to_string()])),
        Person::User(user) => {
            let sql = "SELECT DISTINCT visitor FROM identity_links WHERE store = ?1 AND user = ?2";
            let mut statement = work.connection.prepare_cached(sql)?;
            let found =
                collect(statement.query(params![store, user.as_str()])?, |row| Ok(row.get::<String>(0)?))?;
            Ok(found.into_iter().collect())
        }
    }
}

fn names_person(found: &Names, who: &Erasing, visitors: &BTreeSet<String>) -> bool {
    let by_user = match who {
        Person::User(user) => found.user.as_deref() == Some(user.as_str()),
        Person::Visitor(_) => false,
    };
    by_user || is_in(found.visitor.as_ref(), visitors)
}

fn is_in(id: Option<&String>, set: &BTreeSet<String>) -> bool {
    id.is_some_and(|id| set.contains(id))
}

/// A store's facts behind those of a look before, and all of the latest month then, whose names are wanted.
fn scan(
    work: &Work<'_>,
    store: i64,
    after: Until,
    wanted: impl Fn(&Names) -> bool,
) -> StoreResult<BTreeSet<FactName>> {
    let sql = "SELECT seq, kind, body FROM facts WHERE store = ?1 AND seq > ?2 ORDER BY seq";
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![store, after.number])?;
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "facts", 0);
        let kind = row.code(1, FactKind::from_code)?;
        let named = names(kind, row.text(2)?).map_err(|fault| row.damaged(fault))?;
        if wanted(&named) {
            found.insert(FactName::Numbered(row.get(0)?));
        }
    }
    drop(rows);
    scan_seen(work, store, after.month, wanted, &mut found)?;
    Ok(found)
}

/// Also of months that are being rolled off: until they are gone, they name people.
fn scan_seen(
    work: &Work<'_>,
    store: i64,
    from: i64,
    wanted: impl Fn(&Names) -> bool,
    found: &mut BTreeSet<FactName>,
) -> StoreResult<()> {
    let sql = "SELECT month, key, body FROM seen_facts WHERE store = ?1 AND month >= ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![store, from])?;
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "seen_facts", 1);
        let named = names(FactKind::Event, row.text(2)?).map_err(|fault| row.damaged(fault))?;
        if wanted(&named) {
            found.insert(FactName::Seen { month: row.get(0)?, key: row.get(1)? });
        }
    }
    Ok(())
}
