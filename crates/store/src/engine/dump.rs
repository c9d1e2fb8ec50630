//! The canonical dump; see [`crate::canonical`] for what a line is.

use std::io::{BufWriter, Write};

use crate::db::{Row, params};
use selektable_domain::id::{ConversionKind, Id, Kind, OrganizationKind, StoreKind, WidgetKind};
use serde_json::value::RawValue;

use super::rows::{Reading, collect, hex};
use super::work::Work;
use crate::StoreResult;
use crate::canonical::{
    AliasLine, AwaitedLine, CarriedAliasLine, ClaimLine, ConversionLine, CreditLine, FactLine, Line,
    LinkLine, OrganizationLine, ProductLine, RulesetLine, ScheduleEntry, ScheduleLine, StoreLine,
    VisitorLine, VisualizationLine, WidgetLine, not_written, write_line,
};
use crate::maintain::CanonicalSink;

type Reader = for<'r> fn(&Work<'_>, Reading<'r>) -> StoreResult<Line<'r>>;

/// What is written, in its order: table, query, reader. Every query sorts by what names the line, bytes of text as
/// they are, so that another engine sorts alike.
const SECTIONS: [(&str, &str, Reader); 16] = [
    ("organizations", "SELECT id, name, created_at FROM organizations ORDER BY id", organization),
    (
        "stores",
        "SELECT s.id, o.id, s.platform, s.name, s.currency, s.zone, s.keep_traits, s.created_at, s.number, \
         s.keep_events_days FROM stores s JOIN organizations o ON o.number = s.organization ORDER BY s.id",
        store,
    ),
    (
        "rulesets",
        "SELECT s.id, r.version, r.window_ms, r.model, r.basis, r.products, r.leads, r.counts, r.created_at, \
         r.published_at FROM rulesets r JOIN stores s ON s.number = r.store ORDER BY s.id, r.version",
        ruleset,
    ),
    (
        "schedule_revisions",
        "SELECT s.id, r.revision, r.cause, r.at, r.store FROM schedule_revisions r \
         JOIN stores s ON s.number = r.store ORDER BY s.id, r.revision",
        schedule,
    ),
    (
        "widgets",
        "SELECT s.id, w.id, w.kind, w.name, w.accent, w.retention_hours, w.created_at \
         FROM widgets w JOIN stores s ON s.number = w.store ORDER BY s.id, w.id",
        widget,
    ),
    (
        "facts",
        "SELECT s.id, f.kind, f.received_at, f.key, f.subject, f.digest, f.body FROM facts f \
         JOIN stores s ON s.number = f.store \
         ORDER BY s.id, f.kind, f.received_at, f.key NULLS FIRST, f.digest",
        fact,
    ),
    (
        "seen_facts",
        "SELECT s.id, 'event', f.received_at, f.key, NULL, f.digest, f.body FROM seen_facts f \
         JOIN stores s ON s.number = f.store WHERE f.month >= \
         coalesce((SELECT max(r.before) FROM roll_offs r WHERE r.store = f.store), 0) \
         ORDER BY s.id, f.month, f.received_at, f.key",
        fact,
    ),
    (
        "visitors",
        // What was rolled off counts for nothing, also while some of it is still there.
        "SELECT s.id, v.visitor, v.stays, CASE WHEN v.seen_month >= g.first_kept THEN v.seen_month ELSE 0 END \
         FROM (SELECT t.*, coalesce((SELECT max(r.before) FROM roll_offs r WHERE r.store = t.number), 0) AS first_kept \
         FROM stores t) AS g JOIN stores s ON s.number = g.number JOIN visitors v ON v.store = s.number \
         WHERE v.stays = 1 OR v.seen_month >= g.first_kept ORDER BY s.id, v.visitor",
        visitor,
    ),
    (
        "identity_links",
        "SELECT DISTINCT s.id, l.visitor, l.at, l.user FROM identity_links l \
         JOIN stores s ON s.number = l.store ORDER BY s.id, l.visitor, l.at, l.user",
        link,
    ),
    (
        "alias_table",
        "SELECT s.id, a.variant, a.product FROM alias_table a JOIN stores s ON s.number = a.store \
         ORDER BY s.id, a.variant",
        alias,
    ),
    (
        "carried_aliases",
        "SELECT s.id, a.variant, a.product, a.shown, a.orders FROM carried_aliases a \
         JOIN stores s ON s.number = a.store ORDER BY s.id, a.variant, a.product",
        carried_alias,
    ),
    (
        "products_seen",
        "SELECT DISTINCT s.id, p.product FROM shown_products p JOIN stores s ON s.number = p.store \
         ORDER BY s.id, p.product",
        product,
    ),
    (
        "claims",
        "SELECT s.id, c.kind, c.token, c.at, c.visitor, c.session FROM claims c JOIN stores s ON s.number = c.store \
         ORDER BY s.id, c.kind, c.token, c.at, c.visitor, c.session",
        claim,
    ),
    (
        "awaited_orders",
        "SELECT s.id, a.order_id, a.conversion FROM awaited_orders a JOIN stores s ON s.number = a.store \
         ORDER BY s.id, a.order_id",
        awaited,
    ),
    (
        "visualizations",
        "SELECT s.id, v.id, v.widget, v.visitor, v.session, v.at, v.products, v.renderer, v.received_at, v.sample, \
         v.person \
         FROM visualizations v JOIN stores s ON s.number = v.store ORDER BY s.id, v.id",
        visualization,
    ),
    (
        "conversions",
        "SELECT s.id, c.order_id, c.id, c.source, c.visitor, c.session, c.user, c.currency, c.total_minor, \
         c.refunded_minor, c.status, c.created_at, c.updated_at, c.items, c.test, c.label, c.sample, c.occurred_at, \
         c.first_received_at, d.kind, d.reason, d.ruleset_version, d.order_minor, d.matched_minor, \
         d.attributed_minor, d.provisional_minor, d.time_to_conversion_ms, d.window_missed_by_ms, c.number, \
         c.person, d.lines_minor, d.is_revenue, d.lag_direct_ms, d.lag_any_ms, d.evidence, d.seal, c.platform, \
         c.carrier, c.left_out, c.store \
         FROM conversions c JOIN stores s ON s.number = c.store \
         JOIN generations g ON g.store = c.store AND g.state = 'live' \
         JOIN decisions d ON d.store = c.store AND d.generation = g.generation \
         AND d.occurred_at = c.occurred_at AND d.conversion = c.number ORDER BY s.id, c.order_id",
        conversion,
    ),
];

/// Writes everything from one snapshot.
pub(super) fn dump(work: &Work<'_>, sink: CanonicalSink) -> StoreResult<()> {
    let mut sink = BufWriter::new(sink);
    for (table, sql, read) in SECTIONS {
        let mut statement = work.connection.prepare(sql)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()?.as_ref() {
            write_line(&mut sink, &read(work, Reading::new(row, table, 1))?)?;
        }
    }
    sink.flush().map_err(not_written)
}

fn id<K: Kind>(row: Reading<'_>, column: usize) -> StoreResult<String> {
    row.id::<K>(column).map(|id| id.to_string())
}

fn raw(row: Reading<'_>, column: usize) -> StoreResult<&RawValue> {
    serde_json::from_str(row.text(column)?).map_err(|fault| row.damaged(fault.to_string()))
}

fn organization<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::Organization(OrganizationLine {
        organization_id: id::<OrganizationKind>(row, 0)?,
        name: row.text(1)?,
        created_at: row.get(2)?,
    }))
}

fn store<'r>(work: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    let sql = "SELECT origin FROM store_origins WHERE store = ?1 ORDER BY place";
    let mut statement = work.connection.prepare_cached(sql)?;
    let origins = collect(statement.query([row.get::<i64>(8)?])?, |row: &Row<'_>| Ok(row.get(0)?))?;
    Ok(Line::Store(StoreLine {
        store_id: id::<StoreKind>(row, 0)?,
        organization_id: id::<OrganizationKind>(row, 1)?,
        platform: row.text(2)?,
        name: row.text(3)?,
        currency: row.text(4)?,
        zone: row.text(5)?,
        keep_traits: row.get(6)?,
        keep_events_days: row.get(9)?,
        origins,
        created_at: row.get(7)?,
    }))
}

fn ruleset<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::Ruleset(RulesetLine {
        store_id: id::<StoreKind>(row, 0)?,
        version: row.get(1)?,
        window_ms: row.get(2)?,
        model: row.text(3)?,
        basis: row.text(4)?,
        products: row.text(5)?,
        leads: row.text(6)?,
        counts: row.text(7)?,
        created_at: row.get(8)?,
        published_at: row.get(9)?,
    }))
}

fn schedule<'r>(work: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    let sql =
        "SELECT from_at, version FROM schedule_entries WHERE store = ?1 AND revision = ?2 ORDER BY place";
    let mut statement = work.connection.prepare_cached(sql)?;
    let (store, revision): (i64, u32) = (row.get(4)?, row.get(1)?);
    let entries = collect(statement.query(params![store, revision])?, |row: &Row<'_>| {
        Ok(ScheduleEntry { from: row.get(0)?, version: row.get(1)? })
    })?;
    Ok(Line::Schedule(ScheduleLine {
        store_id: id::<StoreKind>(row, 0)?,
        revision,
        cause: row.text(2)?,
        at: row.get(3)?,
        entries,
    }))
}

fn alias<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::Alias(AliasLine {
        store_id: id::<StoreKind>(row, 0)?,
        variant_id: row.text(1)?,
        product_id: row.text_if(2)?,
    }))
}

fn carried_alias<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::CarriedAlias(CarriedAliasLine {
        store_id: id::<StoreKind>(row, 0)?,
        variant_id: row.text(1)?,
        product_id: row.text(2)?,
        shown: row.get(3)?,
        orders: row.get(4)?,
    }))
}

fn widget<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::Widget(WidgetLine {
        store_id: id::<StoreKind>(row, 0)?,
        widget_id: id::<WidgetKind>(row, 1)?,
        kind: row.text(2)?,
        name: row.text(3)?,
        accent: row.text_if(4)?,
        retention_hours: row.get(5)?,
        created_at: row.get(6)?,
    }))
}

fn fact<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    let subject: Option<Vec<u8>> = row.get(4)?;
    let conversion = subject.and_then(|bytes| Id::<ConversionKind>::from_slice(&bytes));
    let digest: Vec<u8> = row.get(5)?;
    Ok(Line::Fact(FactLine {
        store_id: id::<StoreKind>(row, 0)?,
        kind: row.text(1)?,
        received_at: row.get(2)?,
        key: row.text_if(3)?,
        conversion_id: conversion.map(|id| id.to_string()),
        digest: hex(&digest),
        body: raw(row, 6)?,
    }))
}

fn visitor<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::Visitor(VisitorLine {
        store_id: id::<StoreKind>(row, 0)?,
        visitor_id: row.text(1)?,
        stays: row.flag(2)?,
        seen_month: row.get(3)?,
    }))
}

fn link<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::IdentityLink(LinkLine {
        store_id: id::<StoreKind>(row, 0)?,
        visitor_id: row.text(1)?,
        at: row.get(2)?,
        user_id: row.text(3)?,
    }))
}

fn claim<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::Claim(ClaimLine {
        store_id: id::<StoreKind>(row, 0)?,
        kind: row.text(1)?,
        token: row.text(2)?,
        at: row.get(3)?,
        visitor_id: row.text(4)?,
        session_id: row.text(5)?,
    }))
}

fn awaited<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::AwaitedOrder(AwaitedLine {
        store_id: id::<StoreKind>(row, 0)?,
        order_id: row.text(1)?,
        conversion_id: id::<ConversionKind>(row, 2)?,
    }))
}

fn product<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::ProductSeen(ProductLine { store_id: id::<StoreKind>(row, 0)?, product_id: row.text(1)? }))
}

fn visualization<'r>(_: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::Visualization(VisualizationLine {
        store_id: id::<StoreKind>(row, 0)?,
        visualization_id: row.text(1)?,
        widget_id: id::<WidgetKind>(row, 2)?,
        visitor_id: row.text_if(3)?,
        session_id: row.text_if(4)?,
        at: row.get(5)?,
        products: raw(row, 6)?,
        renderer: row.text_if(7)?,
        received_at: row.get(8)?,
        sample: row.get(9)?,
        person_id: row.text_if(10)?,
    }))
}

fn conversion<'r>(work: &Work<'_>, row: Reading<'r>) -> StoreResult<Line<'r>> {
    Ok(Line::Conversion(Box::new(ConversionLine {
        store_id: id::<StoreKind>(row, 0)?,
        order_id: row.text(1)?,
        conversion_id: id::<ConversionKind>(row, 2)?,
        source: row.text(3)?,
        visitor_id: row.text_if(4)?,
        session_id: row.text_if(5)?,
        user_id: row.text_if(6)?,
        currency: row.text(7)?,
        total: row.get(8)?,
        refunded: row.get(9)?,
        status: row.text(10)?,
        created_at: row.get(11)?,
        updated_at: row.get(12)?,
        items: raw(row, 13)?,
        test: row.get(14)?,
        label: row.text_if(15)?,
        sample: row.get(16)?,
        occurred_at: row.get(17)?,
        received_at: row.get(18)?,
        kind: row.text(19)?,
        reason: row.text(20)?,
        ruleset_version: row.get(21)?,
        order_minor: row.get(22)?,
        matched_minor: row.get(23)?,
        attributed_minor: row.get(24)?,
        provisional_minor: row.get(25)?,
        time_to_conversion_ms: row.get(26)?,
        window_missed_by_ms: row.get(27)?,
        person_id: row.text_if(29)?,
        lines_minor: row.get(30)?,
        is_revenue: row.get(31)?,
        lag_direct_ms: row.get(32)?,
        lag_any_ms: row.get(33)?,
        evidence: hex(row.bytes(34)?),
        seal: hex(row.bytes(35)?),
        platform: row.text_if(36)?.map(|_| raw(row, 36)).transpose()?,
        carrier: row.text_if(37)?,
        left_out: row.text_if(38)?,
        credits: credits(work, row.get(28)?, row.get(39)?)?,
    })))
}

fn credits(work: &Work<'_>, conversion: i64, store: i64) -> StoreResult<Vec<CreditLine>> {
    let sql = "SELECT v.id, cr.widget, cr.weight, cr.gross_minor, cr.order_minor, cr.matched_minor, \
               cr.attributed_minor, cr.provisional_minor FROM conversions c JOIN credits cr ON cr.store = c.store AND cr.conversion = c.number \
               JOIN generations g ON g.store = cr.store AND g.generation = cr.generation AND g.state = 'live' \
               JOIN visualizations v ON v.number = cr.visualization AND +v.store = cr.store \
               WHERE c.number = ?1 AND +c.store = ?2 ORDER BY v.id";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([conversion, store])?, |row| {
        let row = Reading::new(row, "credits", 0);
        Ok(CreditLine {
            visualization_id: row.get(0)?,
            widget_id: id::<WidgetKind>(row, 1)?,
            weight: row.get(2)?,
            gross_minor: row.get(3)?,
            order_minor: row.get(4)?,
            matched_minor: row.get(5)?,
            attributed_minor: row.get(6)?,
            provisional_minor: row.get(7)?,
        })
    })
}
