//! The facts: rows that are only ever added, each with a digest over its content. Only erasing a person changes them.
//! What only proves that a visitor was there stands apart, see [`seen_facts`].

use crate::db::{Keyed, Row, params};
use selektable_domain::id::{ConversionId, StoreId};
use selektable_domain::time::Timestamp;

use super::rows::{Reading, collect, first};
use super::seen_facts;
use super::work::Work;
use crate::body::{FactContent, FactKind, digest};
use crate::{StoreError, StoreResult, Tenant};

/// A fact to add.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewFact<'a> {
    /// Row number of its store.
    pub store_number: i64,
    /// Id of its store.
    pub store: StoreId,
    /// What it tells.
    pub kind: FactKind,
    /// What makes it unique in its store and kind, where something does.
    pub key: Option<&'a str>,
    /// The conversion an order's snapshot belongs to.
    pub subject: Option<ConversionId>,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Its JSON.
    pub body: &'a str,
}

/// Adds a fact that may come again, under a number that was taken for it.
const UNKEYED: &str = "INSERT INTO facts (seq, store, kind, subject, received_at, body, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// Adds a fact; `None` when its key is known already. Answers its number.
pub(super) fn append(work: &Work<'_>, fact: NewFact<'_>) -> StoreResult<Option<i64>> {
    let subject = fact.subject.as_ref().map(|id| id.as_bytes().as_slice());
    let digest = digest(FactContent {
        store: fact.store.as_bytes(),
        kind: fact.kind.code(),
        key: fact.key,
        subject,
        received_at: fact.received_at.as_millis(),
        body: fact.body,
    });
    if let (Some(server), None) = (work.connection.postgres(), fact.key) {
        let number = server.next_fact()?;
        let row = params![
            number,
            fact.store_number,
            fact.kind.code(),
            subject,
            fact.received_at.as_millis(),
            fact.body,
            digest
        ];
        work.connection.insert(Keyed { sql: UNKEYED, keys: &[] }, row)?;
        return Ok(Some(number));
    }
    let sql = "INSERT INTO facts (store, kind, key, subject, received_at, body, digest) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING RETURNING seq";
    let mut statement = work.connection.prepare_cached(sql)?;
    let rows = statement.query(params![
        fact.store_number,
        fact.kind.code(),
        fact.key,
        subject,
        fact.received_at.as_millis(),
        fact.body,
        digest,
    ])?;
    first(rows, |row| Ok(row.get(0)?))
}

/// The digest of an event that stands in `seen_facts`: as if it stood here.
pub(super) fn seen_digest(store: StoreId, key: &str, received_at: Timestamp, body: &str) -> [u8; 32] {
    digest(FactContent {
        store: store.as_bytes(),
        kind: FactKind::Event.code(),
        key: Some(key),
        subject: None,
        received_at: received_at.as_millis(),
        body,
    })
}

/// The number of the fact with a key.
pub(super) fn by_key(work: &Work<'_>, store: i64, kind: FactKind, key: &str) -> StoreResult<Option<i64>> {
    let sql = "SELECT seq FROM facts WHERE store = ?1 AND kind = ?2 AND key = ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(params![store, kind.code(), key])?, |row| Ok(row.get(0)?))
}

/// A stored fact, as a full pass over the table sees it.
pub(super) struct StoredFact<'r> {
    /// Its number.
    pub seq: i64,
    /// Row number of its store.
    pub store_number: i64,
    /// What it tells.
    pub kind: FactKind,
    /// The conversion an order's snapshot belongs to.
    pub subject: Option<ConversionId>,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Its JSON.
    pub body: &'r str,
}

/// Every fact in order of arrival.
pub(super) const ALL_FACTS: &str =
    "SELECT seq, store, kind, subject, received_at, body FROM facts ORDER BY seq";

/// Reads a row of [`ALL_FACTS`].
pub(super) fn read_fact<'r>(row: &'r Row<'r>) -> StoreResult<StoredFact<'r>> {
    let row = Reading::new(row, "facts", 0);
    let subject = match row.get::<Option<Vec<u8>>>(3)? {
        Some(_) => Some(row.id(3)?),
        None => None,
    };
    Ok(StoredFact {
        seq: row.get(0)?,
        store_number: row.get(1)?,
        kind: row.code(2, FactKind::from_code)?,
        subject,
        received_at: row.time(4)?,
        body: row.text(5)?,
    })
}

/// Which fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FactName {
    /// One with a number.
    Numbered(i64),
    /// An event that only proves that a visitor was there.
    Seen {
        /// The month it reached us in.
        month: i64,
        /// Its id.
        key: String,
    },
}

/// A fact with all that its digest covers.
#[derive(Clone, Debug)]
pub(super) struct WholeFact {
    /// Its number; 0 in a month's table, where there are none.
    pub seq: i64,
    /// The month in whose table it stands, if it does.
    pub month: Option<i64>,
    /// What it tells.
    pub kind: FactKind,
    /// What makes it unique in its store and kind.
    pub key: Option<String>,
    /// The conversion an order's snapshot belongs to.
    pub subject: Option<ConversionId>,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Its JSON.
    pub body: String,
}

impl WholeFact {
    /// Its name.
    pub(super) fn name(&self) -> FactName {
        match (self.month, &self.key) {
            (Some(month), Some(key)) => FactName::Seen { month, key: key.clone() },
            _ => FactName::Numbered(self.seq),
        }
    }

    /// That its body can't be read.
    pub(super) fn damaged(&self, detail: String) -> StoreError {
        StoreError::Inconsistent { table: "facts", row: self.seq.to_string(), detail }
    }
}

fn read_whole(row: &Row<'_>) -> StoreResult<WholeFact> {
    let row = Reading::new(row, "facts", 0);
    let subject = match row.get::<Option<Vec<u8>>>(3)? {
        Some(_) => Some(row.id(3)?),
        None => None,
    };
    Ok(WholeFact {
        seq: row.get(0)?,
        month: None,
        kind: row.code(1, FactKind::from_code)?,
        key: row.get(2)?,
        subject,
        received_at: row.time(4)?,
        body: row.get(5)?,
    })
}

/// A store's fact by its name.
pub(super) fn by_name(work: &Work<'_>, store: i64, name: &FactName) -> StoreResult<Option<WholeFact>> {
    match name {
        FactName::Numbered(seq) => by_number(work, store, *seq),
        FactName::Seen { month, key } => seen_facts::by_key(work, store, *month, key),
    }
}

/// The fact with a number, of a store.
pub(super) fn by_number(work: &Work<'_>, store: i64, seq: i64) -> StoreResult<Option<WholeFact>> {
    let sql = "SELECT seq, kind, key, subject, received_at, body FROM facts WHERE seq = ?1 AND store = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(params![seq, store])?, read_whole)
}

/// An order's facts in order of arrival.
pub(super) fn of_subject(work: &Work<'_>, store: i64, subject: ConversionId) -> StoreResult<Vec<WholeFact>> {
    let sql = "SELECT seq, kind, key, subject, received_at, body FROM facts \
               WHERE subject = ?1 AND store = ?2 ORDER BY seq";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![subject.as_bytes(), store])?, read_whole)
}

/// Writes another body over a fact, with its digest: only for erasing, which is the one thing that changes facts.
pub(super) fn replace_body(work: &Work<'_>, tenant: Tenant, fact: &WholeFact, body: &str) -> StoreResult<()> {
    if let FactName::Seen { month, key } = fact.name() {
        return seen_facts::replace_body(work, tenant, (month, &key), (fact.received_at, body));
    }
    let digest = digest(FactContent {
        store: tenant.store.as_bytes(),
        kind: fact.kind.code(),
        key: fact.key.as_deref(),
        subject: fact.subject.as_ref().map(|id| id.as_bytes().as_slice()),
        received_at: fact.received_at.as_millis(),
        body,
    });
    let sql = "UPDATE facts SET body = ?2, digest = ?3 WHERE seq = ?1 AND +store = ?4";
    work.connection.prepare_cached(sql)?.execute(params![fact.seq, body, digest, tenant.store_number])?;
    Ok(())
}

/// How many facts there are, for showing progress.
pub(super) fn count(work: &Work<'_>) -> StoreResult<u64> {
    let sql = "SELECT (SELECT count(*) FROM facts) + (SELECT count(*) FROM seen_facts)";
    let count: i64 = work.connection.query_row(sql, (), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}
