//! Everything that bears on one conversion, found by index: the person in it, and nobody else.

use std::collections::BTreeSet;

use crate::db::{Keyed, Params, Statement, params};
use selektable_domain::attribution::Evidence;
use selektable_domain::identity::Link;
use selektable_domain::opaque::{SessionId, UserId, VisitorId, VisualizationId};
use selektable_domain::order::Order;
use selektable_domain::time::Timestamp;
use selektable_domain::visualization::Visualization;

use super::aliases;
use super::conversions::Head;
use super::rows::Reading;
use super::work::Work;
use super::{people, roll_offs, visitors};
use crate::StoreResult;
use crate::body::read_products;

/// Most visualizations of one person, or of one session, that one decision looks at: the latest 1,000 up to the
/// conversion and the earliest 100 after it, which can only explain. A shopper has a handful; the bound holds against
/// a browser that makes them without end. The numbers stand in [`around`], too: as parameters they would make SQLite
/// plan the query again on every use, which costs more than the query.
const VISUALIZATIONS_MAX: usize = 1_100;

/// Evidence, and the row number of each of its visualizations.
pub(super) struct Gathered {
    /// What [`selektable_domain::attribution::decide`] asks for.
    pub evidence: Evidence,
    numbers: Vec<i64>,
}

impl Gathered {
    /// Row number of one of the visualizations.
    pub(super) fn number_of(&self, id: &VisualizationId) -> Option<i64> {
        let place = self.evidence.visualizations.iter().position(|known| known.id == *id)?;
        self.numbers.get(place).copied()
    }

    /// Links stay: each is true, whoever asks.
    fn forget_from(&mut self, place: usize) {
        self.numbers.truncate(place);
        self.evidence.visualizations.truncate(place);
    }
}

/// Whom evidence is gathered for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The number of the order's first fact.
    pub number: i64,
    /// The order.
    pub order: &'a Order,
    /// When it occurred.
    pub occurred_at: Timestamp,
    /// Who its visitor was then.
    pub user: Option<&'a UserId>,
}

impl<'a> Wanted<'a> {
    /// For a conversion.
    pub(super) const fn of(head: &'a Head) -> Self {
        Self {
            number: head.number,
            order: &head.order,
            occurred_at: head.occurred_at,
            user: head.person.as_ref(),
        }
    }
}

/// Gathers the evidence for an order.
///
/// The person beside each visualization was written when it, or a link of its visitor, came in. So links are not
/// looked up here: each person becomes the one link that says so at exactly that time.
pub(super) fn gather(work: &Work<'_>, store: i64, wanted: Wanted<'_>) -> StoreResult<Gathered> {
    let mut gathered = Gathered { evidence: Evidence::default(), numbers: Vec::new() };
    let Wanted { number, order, occurred_at: at, user } = wanted;
    if let Some(visitor) = &order.visitor {
        match user {
            Some(user) => {
                link(&mut gathered, at, user, visitor);
                by_owner(work, &PERSON, store, user.as_str(), at, &mut gathered)?;
            }
            None => by_owner(work, &VISITOR, store, visitor.as_str(), at, &mut gathered)?,
        }
        // Who visualized was seen.
        let visualized =
            gathered.evidence.visualizations.iter().any(|known| known.visitor.as_ref() == Some(visitor));
        gathered.evidence.visitor_seen = visualized || visitors::was_seen(work, store, visitor)?;
        if !gathered.evidence.visitor_seen {
            gathered.evidence.events_gone_before = roll_offs::gone_before(work, store, number)?;
        }
    }
    if let Some(session) = &order.session {
        by_owner(work, &SESSION, store, session.as_str(), at, &mut gathered)?;
    }
    let ordered = order.items.iter().flat_map(|item| [Some(&item.product), item.variant.as_ref()]);
    let shown = gathered.evidence.visualizations.iter().flat_map(|known| &known.products);
    let ids = ordered.flatten().chain(shown.map(|shown| &shown.product));
    gathered.evidence.groups = aliases::groups(work, store, ids)?;
    Ok(gathered)
}

/// Gathers the evidence for an order with every link of everybody in it: to tell what would have changed the decision,
/// it must be known who was who at other times than those of the facts.
pub(super) fn gather_whole(work: &Work<'_>, store: i64, head: &Head) -> StoreResult<Gathered> {
    let mut gathered = gather(work, store, Wanted::of(head))?;
    let shown = gathered.evidence.visualizations.iter().filter_map(|known| known.visitor.clone());
    for visitor in shown.chain(head.order.visitor.clone()).collect::<BTreeSet<_>>() {
        gathered.evidence.links.extend(people::links_of(work, store, &visitor)?);
    }
    Ok(gathered)
}

fn link(gathered: &mut Gathered, at: Timestamp, user: &UserId, visitor: &VisitorId) {
    gathered.evidence.links.push(Link { at, user: user.clone(), visitor: visitor.clone() });
}

macro_rules! columns {
    () => {
        "SELECT number, id, widget, visitor, session, at, products, person FROM visualizations WHERE store = ?1 AND "
    };
}

/// Everything of one visitor or session, in the order of the index, and one more than is wanted.
macro_rules! every {
    ($owner:literal) => {
        concat!(columns!(), $owner, " = ?2 LIMIT 1101")
    };
}

/// The two sides of a conversion, each from its own time outwards.
macro_rules! around {
    ($owner:literal) => {
        concat!(
            "SELECT * FROM (",
            columns!(),
            $owner,
            " = ?2 AND at <= ?3 ORDER BY at DESC, id DESC LIMIT 1000) AS before UNION ALL SELECT * FROM (",
            columns!(),
            $owner,
            " = ?2 AND at > ?3 ORDER BY at, id LIMIT 100) AS later"
        )
    };
}

/// The two queries of one index.
pub(super) struct Owner {
    /// Everything, when it is not too much.
    pub every: Keyed,
    around: &'static str,
}

pub(super) const VISITOR: Owner =
    Owner { every: Keyed { sql: every!("visitor"), keys: &[] }, around: around!("visitor") };
pub(super) const PERSON: Owner =
    Owner { every: Keyed { sql: every!("person"), keys: &[] }, around: around!("person") };
pub(super) const SESSION: Owner =
    Owner { every: Keyed { sql: every!("session"), keys: &[] }, around: around!("session") };

fn by_owner(
    work: &Work<'_>,
    sql: &Owner,
    store: i64,
    owner: &str,
    at: Timestamp,
    gathered: &mut Gathered,
) -> StoreResult<()> {
    let known = gathered.numbers.len();
    let found = take(work.connection.prepare_keyed(sql.every)?, params![store, owner], gathered)?;
    if found > VISUALIZATIONS_MAX {
        gathered.forget_from(known);
        take(work.connection.prepare_cached(sql.around)?, params![store, owner, at.as_millis()], gathered)?;
    }
    Ok(())
}

/// Adds the rows that are not there yet; says how many rows there were.
fn take(
    mut statement: Statement<'_>,
    parameters: impl Params,
    gathered: &mut Gathered,
) -> StoreResult<usize> {
    let mut rows = statement.query(parameters)?;
    let mut found = 0;
    let known = gathered.numbers.len();
    while let Some(row) = rows.next()?.as_ref() {
        found += 1;
        let row = Reading::new(row, "visualizations", 0);
        let number = row.get(0)?;
        // One index gives no row twice.
        if gathered.numbers[..known].contains(&number) {
            continue;
        }
        let shown = read_visualization(row)?;
        if let (Some(user), Some(visitor)) = (row.opaque_if(7, UserId::parse)?, &shown.visitor) {
            link(gathered, shown.at, &user, visitor);
        }
        gathered.numbers.push(number);
        gathered.evidence.visualizations.push(shown);
    }
    Ok(found)
}

/// Reads `number, id, widget, visitor, session, at, products`.
pub(super) fn read_visualization(row: Reading<'_>) -> StoreResult<Visualization> {
    Ok(Visualization {
        id: row.opaque(1, VisualizationId::parse)?,
        widget: row.id(2)?,
        visitor: row.opaque_if(3, VisitorId::parse)?,
        session: row.opaque_if(4, SessionId::parse)?,
        at: row.time(5)?,
        products: row.json(6, read_products)?,
    })
}
