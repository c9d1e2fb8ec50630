//! Visualizations in, with their pictures, and listed.

use crate::db::params;
use selektable_domain::report::{
    Cursor, PAGE_ROWS_MAX, Page, PictureRecord, VisualizationQuery, VisualizationRecord,
};

use super::deliveries::{after, page};
use super::evidence::read_visualization;
use super::facts::{self, NewFact};
use super::rows::{Reading, collect};
use super::work::{Touched, Work};
use super::{apply, pictures, redecide};
use crate::body::{FactKind, VisualizationFact, write_visualization};
use crate::ingest::{NewVisualization, VisualizationRecorded};
use crate::{StoreResult, Tenant};

/// Records a visualization; a known id changes nothing.
pub(super) fn record(work: &Work<'_>, new: &NewVisualization) -> StoreResult<VisualizationRecorded> {
    let store = new.tenant.store_number;
    let shown = &new.visualization;
    let fact = facts::append(
        work,
        NewFact {
            store_number: store,
            store: new.tenant.store,
            kind: FactKind::Visualization,
            key: Some(shown.id.as_str()),
            subject: None,
            received_at: new.received_at,
            body: &write_visualization(shown, new.renderer.as_deref(), new.sample),
        },
    )?;
    let Some(number) = fact else {
        let known = facts::by_key(work, store, FactKind::Visualization, shown.id.as_str())?;
        let picture = known.map(|number| pictures::of_visualization(work, number)).transpose()?.flatten();
        return Ok(VisualizationRecorded { created: false, picture, redecided: 0 });
    };
    let content = VisualizationFact {
        visualization: shown.clone(),
        renderer: new.renderer.clone(),
        sample: new.sample,
    };
    let mut touched = Touched::default();
    apply::visualization(work, store, number, new.received_at, &content, &mut touched)?;
    if let Some(picture) = &new.picture {
        pictures::insert(work, number, picture)?;
    }
    let redecided = redecide::touched(work, new.tenant.store_number, touched, new.received_at)?.changed;
    let picture = new.picture.as_ref().map(|picture| (picture.token.clone(), picture.expires_at));
    Ok(VisualizationRecorded { created: true, picture, redecided })
}

/// One page of visualizations, newest first.
pub(super) fn list(
    work: &Work<'_>,
    tenant: Tenant,
    query: &VisualizationQuery,
) -> StoreResult<Page<VisualizationRecord>> {
    let limit = query.limit.clamp(1, PAGE_ROWS_MAX);
    let widget = if query.widget.is_some() { "v.widget = ?7" } else { "CAST(?7 AS TEXT) IS NULL" };
    let sql = format!(
        "SELECT v.number, v.id, v.widget, v.visitor, v.session, v.at, v.products, v.renderer, v.received_at, \
         v.sample, p.token, p.expires_at \
         FROM visualizations v LEFT JOIN pictures p ON p.visualization = v.number \
         WHERE v.store = ?1 AND {widget} AND v.at >= ?2 AND v.at < ?3 AND (v.at, v.number) < (?4, ?5) \
         ORDER BY v.at DESC, v.number DESC LIMIT ?6"
    );
    let (at, row) = after(query.cursor);
    let mut statement = work.connection.prepare_cached(&sql)?;
    let rows = statement.query(params![
        tenant.store_number,
        query.range.from.as_millis(),
        query.range.to.as_millis(),
        at,
        row,
        limit + 1,
        query.widget.as_ref().map(|id| id.as_bytes().as_slice()),
    ])?;
    Ok(page(collect(rows, read)?, limit))
}

fn read(row: &crate::db::Row<'_>) -> StoreResult<(Cursor, VisualizationRecord)> {
    let row = Reading::new(row, "visualizations", 0);
    let visualization = read_visualization(row)?;
    let picture = match row.get::<Option<String>>(10)? {
        Some(token) => Some(PictureRecord { token, expires_at: row.time(11)? }),
        None => None,
    };
    let cursor = Cursor { at: visualization.at, row: row.get(0)? };
    let record = VisualizationRecord {
        visualization,
        renderer: row.get(7)?,
        received_at: row.time(8)?,
        picture,
        sample: row.get(9)?,
    };
    Ok((cursor, record))
}
