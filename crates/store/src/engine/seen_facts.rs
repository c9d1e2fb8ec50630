//! Facts that only prove that a visitor was there: what browsers report besides logins and claims. They are by far the
//! most, so they stand apart, by the month in which they reached us, and go month by month (see [`super::retention`]).

use std::collections::BTreeSet;

use crate::db::{Row, params};
use selektable_domain::id::StoreId;
use selektable_domain::opaque::VisitorId;
use selektable_domain::time::{DAY_MS, Month, Timestamp};

use super::facts::{WholeFact, seen_digest};
use super::rows::{Reading, collect, first};
use super::work::Work;
use crate::body::{EventFact, FactKind, read_event};
use crate::ingest::EventKind;
use crate::{StoreError, StoreResult, Tenant};

/// How long after the turn of a month an event is also looked for in the month before. A browser keeps an event that
/// could not be sent for a day at most; nothing sends an older one again.
const REPEATED_WITHIN: i64 = 7 * DAY_MS;

/// Adds an event; `false` when its id is known already: in the month it reaches us in, or, within a week of the turn of
/// the month, in the one before.
pub(super) fn append(
    work: &Work<'_>,
    tenant: Tenant,
    received_at: Timestamp,
    (key, body): (&str, &str),
) -> StoreResult<bool> {
    let (store, month) = (tenant.store_number, Month::of(received_at));
    if received_at.millis_since(month.begins()) < REPEATED_WITHIN && is_in(work, store, month.plus(-1), key)?
    {
        return Ok(false);
    }
    if let Some(server) = work.connection.postgres() {
        server.make_month(month.number())?;
    }
    let digest = seen_digest(tenant.store, key, received_at, body);
    let sql = "INSERT INTO seen_facts (store, month, key, received_at, body, digest) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    let row = params![store, month.number(), key, received_at.as_millis(), body, digest];
    Ok(work.connection.prepare_cached(sql)?.execute(row)? == 1)
}

fn is_in(work: &Work<'_>, store: i64, month: Month, key: &str) -> StoreResult<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM seen_facts WHERE store = ?1 AND month = ?2 AND key = ?3)";
    let row = params![store, month.number(), key];
    Ok(work.connection.prepare_cached(sql)?.query_row(row, |row| row.get(0))?)
}

/// Every event that counts: not those of months that are rolled off, of which some may still be there.
pub(super) const ALL_SEEN: &str = "SELECT f.store, f.month, f.key, f.body, f.received_at FROM seen_facts f WHERE f.month >= \
     coalesce((SELECT max(r.before) FROM roll_offs r WHERE r.store = f.store), 0)";

/// The events of one store and month, in the columns of [`ALL_SEEN`].
pub(super) const SEEN_IN: &str = "SELECT f.store, f.month, f.key, f.body, f.received_at FROM seen_facts f WHERE f.store = ?1 AND f.month = ?2";

/// Who an event saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeenIn {
    /// Row number of its store.
    pub store: i64,
    /// The month it reached us in.
    pub month: i64,
    /// Who.
    pub visitor: VisitorId,
    /// When it reached us.
    pub received_at: Timestamp,
}

/// Reads a row of [`ALL_SEEN`].
pub(super) fn read_seen(row: &Row<'_>) -> StoreResult<SeenIn> {
    let row = Reading::new(row, "seen_facts", 2);
    let told = read_event(row.text(3)?).map_err(|words| row.damaged(words))?;
    if !is_seen(&told) {
        return Err(row.damaged("it tells more than that a visitor was there"));
    }
    Ok(SeenIn { store: row.get(0)?, month: row.get(1)?, visitor: told.visitor, received_at: row.time(4)? })
}

/// Whether an event only proves that its visitor was there.
pub(super) const fn is_seen(told: &EventFact) -> bool {
    matches!(told.event.kind, EventKind::Seen { .. })
}

/// The months of which a store has events, oldest first.
pub(super) fn months(work: &Work<'_>, store: i64) -> StoreResult<Vec<i64>> {
    let sql = "SELECT min(month) FROM seen_facts WHERE store = ?1 AND month > ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    let (mut found, mut after) = (Vec::new(), i64::MIN);
    while let Some(month) = statement.query_row(params![store, after], |row| row.get::<Option<i64>>(0))? {
        found.push(month);
        after = month;
    }
    Ok(found)
}

/// The months of which any store has events.
pub(super) fn all_months(work: &Work<'_>) -> StoreResult<BTreeSet<i64>> {
    let mut found = BTreeSet::new();
    for store in stores(work)? {
        found.extend(months(work, store)?);
    }
    Ok(found)
}

/// Every store's number.
pub(super) fn stores(work: &Work<'_>) -> StoreResult<Vec<i64>> {
    let mut statement = work.connection.prepare_cached("SELECT number FROM stores ORDER BY number")?;
    collect(statement.query(())?, |row| Ok(row.get(0)?))
}

/// One event, with all that its digest covers.
pub(super) fn by_key(work: &Work<'_>, store: i64, month: i64, key: &str) -> StoreResult<Option<WholeFact>> {
    let sql = "SELECT received_at, body FROM seen_facts WHERE store = ?1 AND month = ?2 AND key = ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(params![store, month, key])?, |row| {
        let row = Reading::new(row, "seen_facts", 1);
        Ok(WholeFact {
            seq: 0,
            month: Some(month),
            kind: FactKind::Event,
            key: Some(key.to_owned()),
            subject: None,
            received_at: row.time(0)?,
            body: row.get(1)?,
        })
    })
}

/// Writes another body over an event, with its digest: only for erasing.
pub(super) fn replace_body(
    work: &Work<'_>,
    tenant: Tenant,
    (month, key): (i64, &str),
    (received_at, body): (Timestamp, &str),
) -> StoreResult<()> {
    let digest = seen_digest(tenant.store, key, received_at, body);
    let sql = "UPDATE seen_facts SET body = ?4, digest = ?5 WHERE store = ?1 AND month = ?2 AND key = ?3";
    let row = params![tenant.store_number, month, key, body, digest];
    work.connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// Whether a row is what came in, in the month it came in: `store id, month, key, received_at, body, digest`.
pub(super) fn is_whole(row: &Row<'_>) -> StoreResult<bool> {
    let row = Reading::new(row, "seen_facts", 2);
    let store: StoreId = row.id(0)?;
    let received_at = row.time(3)?;
    let digest = seen_digest(store, row.text(2)?, received_at, row.text(4)?);
    let month: i64 = row.get(1)?;
    Ok(digest.as_slice() == row.bytes(5)? && Month::of(received_at).number() == month)
}

/// A month as it is stored.
pub(super) fn month(number: i64) -> StoreResult<Month> {
    Month::from_number(number).ok_or_else(|| StoreError::Inconsistent {
        table: "seen_facts",
        row: number.to_string(),
        detail: "it is no month".to_owned(),
    })
}
