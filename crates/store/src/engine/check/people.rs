//! The person beside visualizations and conversions: looked up per linked visitor; who is linked to nobody has none.

use crate::db::params;
use crate::db::types::ValueRef;
use selektable_domain::identity::{Link, Person, person_at};
use selektable_domain::opaque::{UserId, VisitorId};
use selektable_domain::time::Timestamp;

use super::super::rows::Reading;
use super::super::work::Work;
use super::found::{Found, Table};
use crate::StoreResult;

/// A table with a person: its visitors' rows, all rows with a person, and those whose visitor is linked to nobody.
struct Owned {
    table: Table,
    of_visitor: &'static str,
    with_person: &'static str,
    unlinked: &'static str,
}

macro_rules! owned {
    ($table:literal, $place:ident, $at:literal, $index:literal) => {
        Owned {
            table: Table::$place,
            of_visitor: concat!(
                "SELECT number, ",
                $at,
                ", person FROM ",
                $table,
                " WHERE store = ?1 AND visitor = ?2"
            ),
            with_person: concat!(
                "SELECT count(*) FROM ",
                $table,
                " INDEXED BY ",
                $index,
                " WHERE person IS NOT NULL"
            ),
            unlinked: concat!(
                "SELECT number, person FROM ",
                $table,
                " o WHERE person IS NOT NULL AND NOT EXISTS \
                 (SELECT 1 FROM identity_links l WHERE l.store = o.store AND l.visitor = o.visitor)"
            ),
        }
    };
}

const OWNED: [Owned; 2] = [
    owned!("visualizations", Visualizations, "at", "visualizations_person"),
    owned!("conversions", Conversions, "occurred_at", "conversions_person"),
];

/// Compares every person that is stored, and every one that should be.
pub(super) fn compare(work: &Work<'_>) -> StoreResult<Found> {
    let mut found = Found::default();
    let mut named = [0_i64; 2];
    let sql = "SELECT store, visitor, at, user FROM identity_links ORDER BY store, visitor, at, user";
    let mut statement = work.connection.prepare(sql)?;
    let mut rows = statement.query(())?;
    let mut links: Vec<Link> = Vec::new();
    let mut store = 0;
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "identity_links", 1);
        let link = Link {
            at: row.time(2)?,
            user: row.opaque(3, UserId::parse)?,
            visitor: row.opaque(1, VisitorId::parse)?,
        };
        let next_store = row.get(0)?;
        if store != next_store || links.first().is_some_and(|known| known.visitor != link.visitor) {
            visitor(work, store, &links, &mut named, &mut found)?;
            links.clear();
        }
        store = next_store;
        links.push(link);
    }
    visitor(work, store, &links, &mut named, &mut found)?;
    for (owned, named) in OWNED.iter().zip(named) {
        let stored: i64 = work.connection.query_row(owned.with_person, (), |row| row.get(0))?;
        if stored != named {
            unlinked(work, owned, &mut found)?;
        }
    }
    Ok(found)
}

/// Compares what one visitor did; counts the rows with a person.
fn visitor(
    work: &Work<'_>,
    store: i64,
    links: &[Link],
    named: &mut [i64; 2],
    found: &mut Found,
) -> StoreResult<()> {
    let Some(first) = links.first() else { return Ok(()) };
    for (owned, named) in OWNED.iter().zip(named) {
        let mut statement = work.connection.prepare_cached(owned.of_visitor)?;
        let mut rows = statement.query(params![store, first.visitor.as_str()])?;
        while let Some(row) = rows.next()?.as_ref() {
            let was = row.get_ref(2)?;
            *named += i64::from(was != ValueRef::Null);
            let person = person_at(&first.visitor, Timestamp::from_millis(row.get(1)?), links);
            let is = match &person {
                Person::User(user) => ValueRef::Text(user.as_str().as_bytes()),
                Person::Visitor(_) => ValueRef::Null,
            };
            if was != is {
                found.column(owned.table, row.get(0)?, "person", (was, is));
            }
        }
    }
    Ok(())
}

fn unlinked(work: &Work<'_>, owned: &Owned, found: &mut Found) -> StoreResult<()> {
    let mut statement = work.connection.prepare(owned.unlinked)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()?.as_ref() {
        found.column(owned.table, row.get(0)?, "person", (row.get_ref(1)?, ValueRef::Null));
    }
    Ok(())
}
