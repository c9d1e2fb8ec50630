//! Whether the file is whole: every fact's digest, every decision's seal, the journal's chains, SQLite's own checks,
//! and that every derived row has its fact.

use crate::db::Row;
use selektable_domain::id::StoreId;

use super::facts;
use super::figures::{rollups, sheets};
use super::replay::PROGRESS_ROWS;
use super::rows::{Reading, collect, display};
use super::sealed;
use super::seen_facts;
use super::work::Work;
use crate::StoreResult;
use crate::body::{FactContent, digest};
use crate::maintain::{Progress, VerifyReport};

/// Most faults reported.
const FAULTS_MAX: usize = 100;

/// Derived rows without what they come from, and stored counts that don't add up.
const ORPHANS: [(&str, &str); 14] = [
    (
        "SELECT c.number FROM conversions c LEFT JOIN facts f ON f.seq = c.number AND +f.store = c.store \
         WHERE f.seq IS NULL OR f.kind <> 'order' OR f.subject IS DISTINCT FROM c.id",
        "conversion {} has not the fact it names",
    ),
    (
        "SELECT v.number FROM visualizations v LEFT JOIN facts f ON f.seq = v.number AND +f.store = v.store \
         WHERE f.seq IS NULL OR f.kind <> 'visualization' OR f.key IS DISTINCT FROM v.id",
        "visualization {} has not the fact it names",
    ),
    (
        "SELECT f.seq FROM facts f LEFT JOIN visualizations v ON v.number = f.seq AND +v.store = f.store \
         WHERE f.kind = 'visualization' AND v.number IS NULL",
        "fact {} is a visualization, and there is none",
    ),
    (
        "SELECT f.seq FROM facts f WHERE f.kind = 'order' AND NOT EXISTS \
         (SELECT 1 FROM conversions c WHERE c.store = f.store AND c.id = f.subject \
          AND c.order_id = $order_id)",
        "fact {} is an order, and there is no conversion of it",
    ),
    (
        "SELECT cr.conversion FROM credits cr LEFT JOIN conversions c ON c.number = cr.conversion \
         AND +c.store = cr.store LEFT JOIN visualizations v ON v.number = cr.visualization \
         AND +v.store = cr.store WHERE c.number IS NULL OR v.number IS NULL",
        "a credit of conversion {} names a row that is not there",
    ),
    (
        "SELECT cr.conversion FROM credits cr LEFT JOIN decisions d ON d.store = cr.store \
         AND d.generation = cr.generation AND d.occurred_at = cr.occurred_at AND d.conversion = cr.conversion \
         WHERE d.conversion IS NULL AND (cr.store, cr.generation) NOT IN \
         (SELECT store, generation FROM generations WHERE state = 'retired')",
        "a credit of conversion {} has no decision",
    ),
    (
        "SELECT d.conversion FROM decisions d LEFT JOIN generations g ON g.store = d.store \
         AND g.generation = d.generation LEFT JOIN conversions c ON c.number = d.conversion \
         AND +c.store = d.store WHERE g.store IS NULL OR (g.state <> 'retired' AND (c.number IS NULL \
         OR c.occurred_at <> d.occurred_at OR c.status <> d.status OR c.currency <> d.currency \
         OR (CASE WHEN c.left_out IS NULL THEN 0 ELSE 1 END) <> d.left_out OR c.total_minor <> d.gross_minor OR (CASE WHEN c.person IS NULL THEN 0 ELSE 1 END) <> d.known_user))",
        "the decision on conversion {} is not about a conversion as it is",
    ),
    (
        "SELECT c.number FROM conversions c LEFT JOIN generations g ON g.store = c.store AND g.state = 'live' \
         LEFT JOIN decisions d ON d.store = c.store AND d.generation = g.generation \
         AND d.occurred_at = c.occurred_at AND d.conversion = c.number WHERE d.conversion IS NULL",
        "conversion {} has no decision",
    ),
    (
        "SELECT c.number FROM conversions c LEFT JOIN ledger l ON l.conversion = c.number AND l.entry = 1 \
         AND +l.store = c.store \
         WHERE l.conversion IS NULL",
        "conversion {} is not in the journal",
    ),
    (
        "SELECT s.number FROM stores s WHERE (SELECT count(*) FROM generations g \
         WHERE g.store = s.number AND g.state = 'live') <> 1 OR (SELECT count(*) FROM generations g \
         WHERE g.store = s.number AND g.state = 'building') > 1",
        "store {} has not one set of decisions that is shown",
    ),
    (
        "SELECT r.conversion FROM redecisions r LEFT JOIN conversions c ON c.number = r.conversion \
         AND +c.store = r.store WHERE c.number IS NULL",
        "conversion {} waits to be decided again, and is not there",
    ),
    (
        "SELECT p.visualization FROM shown_products p LEFT JOIN visualizations v ON v.number = p.visualization \
         AND +v.store = p.store WHERE v.number IS NULL OR v.at <> p.at",
        "a shown product belongs to visualization {}, which is not there",
    ),
    (
        "SELECT d.number FROM deliveries d LEFT JOIN conversions c ON c.number = d.conversion \
         AND +c.store = d.store WHERE d.conversion IS NOT NULL AND c.number IS NULL",
        "delivery {} names a conversion that is not there",
    ),
    (
        "SELECT p.visualization FROM pictures p LEFT JOIN visualizations v ON v.number = p.visualization \
         WHERE v.number IS NULL",
        "a picture belongs to visualization {}, which is not there",
    ),
];

/// Checks everything from one snapshot.
pub(super) fn verify(work: &Work<'_>, progress: &Progress) -> StoreResult<VerifyReport> {
    let mut report = VerifyReport::default();
    check_digests(work, progress, &mut report)?;
    sealed::decisions(work, &mut |fault| add(&mut report, fault))?;
    sealed::journal(work, &mut |fault| add(&mut report, fault))?;
    check_file(work, &mut report)?;
    if let Err(fault) = rollups::check::compare(work, &mut |fault| add(&mut report, fault)) {
        add(&mut report, format!("sums for reports could not be checked: {fault}"));
    }
    if let Err(fault) = sheets::check::compare(work, &mut |fault| add(&mut report, fault)) {
        add(&mut report, format!("sheets for reports could not be checked: {fault}"));
    }
    for (sql, words) in ORPHANS {
        let sql = &sql.replace("$order_id", work.connection.order_id_in_body());
        // A fact whose JSON is damaged makes its query fail; its digest told already.
        match collect_numbers(work, sql) {
            Ok(numbers) => numbers.iter().for_each(|number| add(&mut report, words.replace("{}", number))),
            Err(fault) => add(&mut report, format!("a check could not be made: {fault}")),
        }
    }
    Ok(report)
}

fn add(report: &mut VerifyReport, fault: String) {
    if report.faults.len() < FAULTS_MAX {
        report.faults.push(fault);
    }
}

fn collect_numbers(work: &Work<'_>, sql: &str) -> StoreResult<Vec<String>> {
    let mut statement = work.connection.prepare(&format!("{sql} LIMIT {FAULTS_MAX}"))?;
    collect(statement.query(())?, |row| Ok(display(row.get_ref(0)?)))
}

fn check_digests(work: &Work<'_>, progress: &Progress, report: &mut VerifyReport) -> StoreResult<()> {
    let about = facts::count(work)?;
    let sql = "SELECT f.seq, s.id, f.kind, f.key, f.subject, f.received_at, f.body, f.digest \
               FROM facts f LEFT JOIN stores s ON s.number = f.store ORDER BY f.seq";
    let mut statement = work.connection.prepare(sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()?.as_ref() {
        report.facts += 1;
        match is_whole(row) {
            Ok(true) => {}
            Ok(false) => add(report, format!("fact {} has not the content it came with", sequence(row))),
            Err(fault) => add(report, format!("fact {} can't be read: {fault}", sequence(row))),
        }
        if report.facts.is_multiple_of(PROGRESS_ROWS) {
            progress(report.facts, about);
        }
    }
    drop(rows);
    check_seen(work, (about, progress), report)
}

fn check_seen(
    work: &Work<'_>,
    (about, progress): (u64, &Progress),
    report: &mut VerifyReport,
) -> StoreResult<()> {
    let sql = "SELECT s.id, f.month, f.key, f.received_at, f.body, f.digest \
               FROM seen_facts f LEFT JOIN stores s ON s.number = f.store";
    let mut statement = work.connection.prepare(sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()?.as_ref() {
        report.facts += 1;
        let event = || row.get_ref(2).map_or_else(|_| "?".to_owned(), display);
        match seen_facts::is_whole(row) {
            Ok(true) => {}
            Ok(false) => add(report, format!("event {} has not the content it came with", event())),
            Err(fault) => add(report, format!("event {} can't be read: {fault}", event())),
        }
        if report.facts.is_multiple_of(PROGRESS_ROWS) {
            progress(report.facts, about);
        }
    }
    progress(report.facts, about);
    Ok(())
}

fn sequence(row: &Row<'_>) -> String {
    row.get_ref(0).map_or_else(|_| "?".to_owned(), display)
}

fn is_whole(row: &Row<'_>) -> StoreResult<bool> {
    let row = Reading::new(row, "facts", 0);
    let (store, subject): (StoreId, Option<Vec<u8>>) = (row.id(1)?, row.get(4)?);
    let content = FactContent {
        store: store.as_bytes(),
        kind: row.text(2)?,
        key: row.text_if(3)?,
        subject: subject.as_deref(),
        received_at: row.get(5)?,
        body: row.text(6)?,
    };
    Ok(digest(content).as_slice() == row.get::<Vec<u8>>(7)?)
}

fn check_file(work: &Work<'_>, report: &mut VerifyReport) -> StoreResult<()> {
    // A server's pages are its own to check (`pg_checksums`, `pg_amcheck`).
    if work.connection.sqlite().is_none() {
        return Ok(());
    }
    let mut statement = work.connection.prepare(&format!("PRAGMA integrity_check({FAULTS_MAX})"))?;
    for words in collect(statement.query(())?, |row| Ok(row.get::<String>(0)?))? {
        if words != "ok" {
            add(report, words);
        }
    }
    let mut statement = work.connection.prepare("PRAGMA foreign_key_check")?;
    for words in collect(statement.query(())?, |row| {
        Ok(format!(
            "row {} of {} names a row that is not there",
            display(row.get_ref(1)?),
            display(row.get_ref(0)?)
        ))
    })? {
        add(report, words);
    }
    Ok(())
}
