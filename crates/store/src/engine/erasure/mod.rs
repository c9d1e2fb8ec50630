//! Erasing a person: every id of theirs is replaced by a pseudonym, in facts and in what is derived from them, so
//! that what belonged together still does. Counts, money, decisions, seals and the ledger stay as they are.
//!
//! Own facts of the person get pseudonyms for visitor and session, too. On a browser that was somebody else's at
//! other times, the facts of those times keep its id: from now on it is two browsers. Sessions are renamed wherever
//! they occur. Facts of others that merely name the person (an older snapshot of somebody's order) lose that name.
//!
//! What is deleted is overwritten in the file, and the log that still holds it is emptied after the commit.

pub(super) mod claimed;
mod sightings;
mod survey;
#[cfg(test)]
mod tests;
pub(super) mod wipe;

use std::collections::{BTreeMap, BTreeSet};

use crate::db::params;
use selektable_domain::id::ConversionId;
use selektable_domain::identity::{Link, Person};
use selektable_domain::opaque::{SessionId, UserId, VisitorId};
use selektable_domain::pseudonym::Pseudonyms;
use selektable_domain::time::Timestamp;

use self::sightings::{Place, Sightings, Whose, broken};
pub(super) use self::survey::Survey;
use super::conversions;
use super::facts::{self, FactName, WholeFact};
use super::figures::rollups;
use super::people::{self, SaidLink};
use super::rows::first;
use super::visitors::Sight;
use super::work::{Touched, Work};
use super::{claims, fold, redecide, roll_offs};
use crate::body::{FactKind, Renaming, read_event, read_visualization, rename};
use crate::ingest::EventKind;
use crate::rules::{Erased, Erasing};
use crate::{StoreResult, Tenant};

/// One erasure.
pub(super) struct Request<'a> {
    /// Whose data it is.
    pub tenant: Tenant,
    /// Whom to erase.
    pub who: &'a Erasing,
    /// What ids become.
    pub pseudonyms: &'a Pseudonyms,
    /// When.
    pub at: Timestamp,
}

/// Erases a person; `survey` is what a look before found.
pub(super) fn erase(work: &Work<'_>, request: &Request<'_>, survey: Survey) -> StoreResult<Erased> {
    let survey = survey.brought_up_to_date(work, request.tenant.store_number, request.who)?;
    let mut pass = Pass {
        work,
        request,
        survey: &survey,
        first_kept: roll_offs::first_kept(work, request.tenant.store_number)?,
        erased: Erased::default(),
        found: Found::default(),
    };
    wipe::overwriting(work, || {
        survey.facts().iter().try_for_each(|name| pass.fact(name))?;
        if pass.erased.facts > 0 {
            pass.derived()?;
            pass.record()?;
            wipe::free_pages(work)?;
            work.empty_log();
        }
        Ok(pass.erased)
    })
}

/// What was come across on the way through the facts.
#[derive(Default)]
struct Found {
    sightings: Sightings,
    /// Orders of which some snapshot changed.
    orders: BTreeSet<ConversionId>,
    /// Visualizations that changed, by number.
    visualizations: BTreeSet<i64>,
}

struct Pass<'a> {
    work: &'a Work<'a>,
    request: &'a Request<'a>,
    survey: &'a Survey,
    /// The first month of which events are kept.
    first_kept: i64,
    erased: Erased,
    found: Found,
}

impl Pass<'_> {
    fn store(&self) -> i64 {
        self.request.tenant.store_number
    }

    /// Rewrites one fact, where anything in it is to go, and the link that it says.
    fn fact(&mut self, name: &FactName) -> StoreResult<()> {
        let Some(before) = facts::by_name(self.work, self.store(), name)? else { return Ok(()) };
        self.note_sighting(&before)?;
        let body = self.renamed(&before)?;
        if body == before.body {
            return Ok(());
        }
        facts::replace_body(self.work, self.request.tenant, &before, &body)?;
        self.erased.facts += 1;
        match before.kind {
            FactKind::Order => self.found.orders.extend(before.subject),
            FactKind::Visualization => {
                self.found.visualizations.insert(before.seq);
            }
            FactKind::Event => {
                let after = WholeFact { body, ..before.clone() };
                move_link(self.work, self.store(), (said_by(&before)?, said_by(&after)?))?;
                self.found.orders.extend(move_claim(self.work, self.store(), &after)?);
            }
            FactKind::Alias | FactKind::Note | FactKind::RollOff | FactKind::Sighting => {}
        }
        Ok(())
    }

    fn renamed(&self, fact: &WholeFact) -> StoreResult<String> {
        let own = self.survey.own.facts.contains(&fact.name());
        let (wanted_visitor, wanted_user) = match self.request.who {
            Person::Visitor(visitor) => (Some(visitor), None),
            Person::User(user) => (None, Some(user)),
        };
        let renaming = Renaming {
            pseudonyms: self.request.pseudonyms,
            visitor: &|id: &VisitorId| own || wanted_visitor == Some(id),
            session: &|id: &SessionId| self.survey.own.sessions.contains(id.as_str()),
            user: &|id: &UserId| wanted_user == Some(id),
            forget: own,
        };
        rename(fact.kind, &fact.body, &renaming).map_err(|detail| fact.damaged(detail))
    }

    /// Orders don't say that their visitor was seen.
    fn note_sighting(&mut self, fact: &WholeFact) -> StoreResult<()> {
        let sight = match (fact.kind, fact.month) {
            (FactKind::Event, Some(month)) => Sight::in_month(month),
            (FactKind::Event | FactKind::Visualization | FactKind::Sighting, _) => Sight::STAYS,
            (FactKind::Order | FactKind::Alias | FactKind::Note | FactKind::RollOff, _) => return Ok(()),
        };
        // What is being rolled off proves nothing any more.
        if !sight.counts(self.first_kept) {
            return Ok(());
        }
        let (visitor, ..) = survey::told_by(fact)?;
        if let Some(visitor) = visitor.filter(|visitor| self.survey.visitors.contains(visitor.as_str())) {
            let own = self.survey.own.facts.contains(&fact.name());
            self.found.sightings.note(&visitor, if own { Whose::Own } else { Whose::Others }, sight);
        }
        Ok(())
    }

    /// Everything that is derived from the rewritten facts. Links come first: persons follow from them.
    fn derived(&mut self) -> StoreResult<()> {
        let mut heads = BTreeMap::new();
        for subject in &self.found.orders {
            if let Some(head) = fold::of_subject(self.work, self.store(), *subject)? {
                let before = conversions::by_number(self.work, self.store(), head.number)?
                    .and_then(|head| head.link());
                move_link(self.work, self.store(), (before, head.link()))?;
                heads.insert(head.number, head);
            }
        }
        let mut visitors = BTreeSet::new();
        for seq in &self.found.visualizations {
            self.erased.visualizations += 1;
            visitors.extend(visitor_of(self.work, self.store(), *seq)?);
            self.erased.pictures += update_visualization(self.work, self.store(), *seq, self.survey)?;
            visitors.extend(visitor_of(self.work, self.store(), *seq)?);
        }
        rollups::settle_erased(self.work, self.store(), &visitors)?;
        for head in heads.values_mut() {
            self.erased.conversions += 1;
            head.person = match &head.order.visitor {
                Some(visitor) => people::user_at(self.work, self.store(), visitor, head.occurred_at)?,
                None => None,
            };
            rollups::mark_conversion(self.work, self.store(), head.occurred_at)?;
            conversions::update(self.work, self.store(), head)?;
        }
        self.settle_sightings()?;
        let mut touched = Touched::default();
        for number in self.survey.own.conversions.keys() {
            touched.note(*number);
        }
        self.settle_people(&mut touched)?;
        redecide::touched(self.work, self.store(), touched, self.request.at).map(|_| ())
    }

    /// Where two logins of one instant are on one browser, which of them holds may change with a name; then what others
    /// did on the browser is somebody else's now.
    fn settle_people(&self, touched: &mut Touched) -> StoreResult<()> {
        for known in &self.survey.visitors {
            let visitor = VisitorId::parse(known).map_err(broken)?;
            people::settle(self.work, self.store(), &visitor, touched)?;
            let pseudonym = self.request.pseudonyms.visitor(&visitor).map_err(broken)?;
            people::settle(self.work, self.store(), &pseudonym, touched)?;
        }
        Ok(())
    }

    fn settle_sightings(&mut self) -> StoreResult<()> {
        let Request { tenant, pseudonyms, at, .. } = *self.request;
        let place = Place { work: self.work, tenant, pseudonyms, at };
        let buyers = self.survey.own.conversions.values().filter_map(|head| head.order.visitor.clone());
        std::mem::take(&mut self.found.sightings).settle(place, &buyers.collect())
    }

    /// That somebody was erased; not who.
    fn record(&self) -> StoreResult<()> {
        let sql = "INSERT INTO erasures (store, at, facts, conversions, visualizations) VALUES (?1, ?2, ?3, ?4, ?5)";
        let Erased { facts, conversions, visualizations, .. } = self.erased;
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.work.connection.prepare_cached(sql)?.execute(params![
            self.store(),
            self.request.at.as_millis(),
            count(facts),
            count(conversions),
            count(visualizations),
        ])?;
        Ok(())
    }
}

/// The link that an event says.
fn said_by(fact: &WholeFact) -> StoreResult<Option<SaidLink>> {
    let told = read_event(&fact.body).map_err(|detail| fact.damaged(detail))?;
    Ok(match told.event.kind {
        EventKind::Seen { .. } | EventKind::Claim { .. } => None,
        EventKind::Identify { user, .. } => {
            Some(SaidLink { link: Link { at: told.event.at, user, visitor: told.visitor }, origin: fact.seq })
        }
    })
}

/// Writes the ids of a claim's fact into its rows; answers the orders that can be claimed by its tokens. None of the
/// person's own has its visitor by it any more (see [`claimed`]); another's may have a session that is renamed.
fn move_claim(work: &Work<'_>, store: i64, fact: &WholeFact) -> StoreResult<Vec<ConversionId>> {
    let told = read_event(&fact.body).map_err(|detail| fact.damaged(detail))?;
    let EventKind::Claim { tokens } = &told.event.kind else { return Ok(Vec::new()) };
    let sql = "UPDATE claims SET visitor = ?2, session = ?3 WHERE fact = ?1 AND +store = ?4";
    let row = params![fact.seq, told.visitor.as_str(), told.session.as_str(), store];
    work.connection.prepare_cached(sql)?.execute(row)?;
    let mut orders = Vec::new();
    for token in tokens {
        for number in claims::claimable(work, store, token)? {
            orders.extend(conversions::by_number(work, store, number)?.map(|head| head.id));
        }
    }
    Ok(orders)
}

/// Renames a link where it stands. It touches nobody: everything of the person moves with it.
fn move_link(
    work: &Work<'_>,
    store: i64,
    (was, is): (Option<SaidLink>, Option<SaidLink>),
) -> StoreResult<()> {
    let (Some(was), Some(is)) = (was, is) else { return Ok(()) };
    let sql = "UPDATE identity_links SET visitor = ?6, user = ?7 \
               WHERE store = ?1 AND visitor = ?2 AND at = ?3 AND user = ?4 AND origin = ?5";
    work.connection.prepare_cached(sql)?.execute(params![
        store,
        was.link.visitor.as_str(),
        was.link.at.as_millis(),
        was.link.user.as_str(),
        was.origin,
        is.link.visitor.as_str(),
        is.link.user.as_str(),
    ])?;
    Ok(())
}

/// Who made a visualization, as it stands.
fn visitor_of(work: &Work<'_>, store: i64, seq: i64) -> StoreResult<Option<String>> {
    let sql = "SELECT visitor FROM visualizations WHERE number = ?1 AND +store = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    Ok(first(statement.query([seq, store])?, |row| Ok(row.get(0)?))?.flatten())
}

/// Writes the ids of a visualization's fact into its row; deletes its kept picture when it is the person's own, and
/// says how many that were.
fn update_visualization(work: &Work<'_>, store: i64, seq: i64, survey: &Survey) -> StoreResult<u64> {
    let Some(fact) = facts::by_number(work, store, seq)? else { return Ok(0) };
    let shown = read_visualization(&fact.body).map_err(|detail| fact.damaged(detail))?.visualization;
    let person = match &shown.visitor {
        Some(visitor) => people::user_at(work, store, visitor, shown.at)?,
        None => None,
    };
    let sql =
        "UPDATE visualizations SET visitor = ?2, session = ?3, person = ?4 WHERE number = ?1 AND +store = ?5";
    work.connection.prepare_cached(sql)?.execute(params![
        seq,
        shown.visitor.as_ref().map(VisitorId::as_str),
        shown.session.as_ref().map(SessionId::as_str),
        person.as_ref().map(UserId::as_str),
        store,
    ])?;
    if !survey.own.facts.contains(&FactName::Numbered(seq)) {
        return Ok(0);
    }
    let sql = "DELETE FROM pictures WHERE visualization = ?1";
    Ok(work.connection.prepare_cached(sql)?.execute([seq])? as u64)
}
