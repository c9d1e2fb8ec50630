//! Everything that bears on one conversion, found by index: the people in it, and nobody else.

use rusqlite::{Params, params};
use selektable_domain::attribution::Evidence;
use selektable_domain::identity::{Person, person_at};
use selektable_domain::opaque::{SessionId, VisitorId, VisualizationId};
use selektable_domain::order::Order;
use selektable_domain::time::Timestamp;
use selektable_domain::visualization::Visualization;

use super::links;
use super::rows::Reading;
use super::work::Work;
use crate::StoreResult;
use crate::body::read_products;

/// Most visualizations of one visitor, or of one session, that one decision looks at: the latest 1,000 up to the
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

    fn forget_from(&mut self, place: usize) {
        self.numbers.truncate(place);
        self.evidence.visualizations.truncate(place);
    }

    fn has_links_of(&self, visitor: &VisitorId) -> bool {
        self.evidence.links.iter().any(|link| link.visitor == *visitor)
    }
}

/// Whether the store ever saw a visitor: an event or a visualization, not merely an order that names it.
pub(super) fn visitor_seen(work: &Work<'_>, store: i64, visitor: &VisitorId) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM visitors WHERE store = ?1 AND visitor = ?2)";
    let mut statement = work.connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![store, visitor.as_str()], |row| row.get(0))?)
}

/// Whether the store ever saw anybody.
pub(super) fn any_visitor(work: &Work<'_>, store: i64) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM visitors WHERE store = ?1)";
    let mut statement = work.connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![store], |row| row.get(0))?)
}

/// Gathers the evidence for an order that occurred at a time.
pub(super) fn gather(
    work: &Work<'_>,
    store: i64,
    order: &Order,
    occurred_at: Timestamp,
) -> StoreResult<Gathered> {
    let mut gathered = Gathered { evidence: Evidence::default(), numbers: Vec::new() };
    if let Some(visitor) = &order.visitor {
        gathered.evidence.visitor_seen = visitor_seen(work, store, visitor)?;
        gathered.evidence.links = links::of_visitor(work, store, visitor)?;
        if gathered.evidence.visitor_seen {
            by_visitor(work, store, visitor, occurred_at, &mut gathered)?;
        }
        if let Person::User(user) = person_at(visitor, occurred_at, &gathered.evidence.links) {
            for other in links::visitors_of(work, store, &user)?.iter().filter(|other| *other != visitor) {
                gathered.evidence.links.extend(links::of_visitor(work, store, other)?);
                by_visitor(work, store, other, occurred_at, &mut gathered)?;
            }
        }
    }
    if let Some(session) = &order.session {
        let known = gathered.numbers.len();
        by_session(work, store, session, occurred_at, &mut gathered)?;
        links_of_strangers(work, store, known, &mut gathered)?;
    }
    Ok(gathered)
}

/// Links of the visitors that came in by session only.
fn links_of_strangers(work: &Work<'_>, store: i64, from: usize, gathered: &mut Gathered) -> StoreResult<()> {
    let came = gathered.evidence.visualizations[from..].iter().filter_map(|known| known.visitor.clone());
    for visitor in came.collect::<std::collections::BTreeSet<_>>() {
        if !gathered.has_links_of(&visitor) {
            gathered.evidence.links.extend(links::of_visitor(work, store, &visitor)?);
        }
    }
    Ok(())
}

macro_rules! columns {
    () => {
        "SELECT number, id, widget, visitor, session, at, products FROM visualizations WHERE store = ?1 AND "
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
            " = ?2 AND at <= ?3 ORDER BY at DESC, id DESC LIMIT 1000) UNION ALL SELECT * FROM (",
            columns!(),
            $owner,
            " = ?2 AND at > ?3 ORDER BY at, id LIMIT 100)"
        )
    };
}

fn by_visitor(
    work: &Work<'_>,
    store: i64,
    visitor: &VisitorId,
    at: Timestamp,
    gathered: &mut Gathered,
) -> StoreResult<()> {
    let known = gathered.numbers.len();
    let found = take(work, every!("visitor"), params![store, visitor.as_str()], gathered)?;
    if found > VISUALIZATIONS_MAX {
        gathered.forget_from(known);
        take(work, around!("visitor"), params![store, visitor.as_str(), at.as_millis()], gathered)?;
    }
    Ok(())
}

fn by_session(
    work: &Work<'_>,
    store: i64,
    session: &SessionId,
    at: Timestamp,
    gathered: &mut Gathered,
) -> StoreResult<()> {
    let known = gathered.numbers.len();
    let found = take(work, every!("session"), params![store, session.as_str()], gathered)?;
    if found > VISUALIZATIONS_MAX {
        gathered.forget_from(known);
        take(work, around!("session"), params![store, session.as_str(), at.as_millis()], gathered)?;
    }
    Ok(())
}

/// Adds the rows that are not there yet; says how many rows there were.
fn take(work: &Work<'_>, sql: &str, parameters: impl Params, gathered: &mut Gathered) -> StoreResult<usize> {
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut found = 0;
    while let Some(row) = rows.next()? {
        found += 1;
        let row = Reading::new(row, "visualizations", 0);
        let number = row.get(0)?;
        if !gathered.numbers.contains(&number) {
            gathered.numbers.push(number);
            gathered.evidence.visualizations.push(read_visualization(row)?);
        }
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
