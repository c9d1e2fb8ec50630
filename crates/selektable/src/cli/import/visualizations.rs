//! Visualizations out of a file, read as the body of `POST /api/v1/visualizations` is (SPEC section 4).

use std::collections::HashMap;

use anyhow::Context;
use futures::{StreamExt, stream};
use selektable_domain::id::StoreId;
use selektable_domain::json::{self, Limits};
use selektable_domain::order::version::Outcome;
use selektable_domain::platform::import::{ImportFault, Row};
use selektable_domain::time::Timestamp;
use selektable_domain::visualization::{PRODUCTS_MAX, ServerVisualization, Visualization, parse_server};
use selektable_store::ingest::NewVisualization;
use selektable_store::settings::StoreRecord;
use selektable_store::{SharedStore, StoreResult, Tenant};
use serde_json::{Value, json};

use super::lines::Lines;
use super::source::Source;
use super::table::Table;
use super::{BATCH, Format, Tally};
use crate::ambient;
use crate::cli::options::Misuse;
use crate::patient;

/// Between the ids of one value.
const ID_SEPARATOR: char = '|';

/// Records every visualization of the file.
pub(super) async fn import(source: Source, store: &SharedStore, tenant: Tenant) -> anyhow::Result<Tally> {
    let Source { reader, format, seen } = source;
    let show = seen.progress("importing visualizations (bytes)");
    let mut recording = Recording::new(store, tenant).await?;
    match format {
        Format::Ndjson => {
            let mut lines = Lines::new(reader);
            while let Some(line) = lines.next().context("the file can't be read on")? {
                match line {
                    Ok((number, text)) => recording.read(number, &text),
                    Err(fault) => recording.tally.refuse(vec![fault]),
                }
                recording.write_if_many(|| show(&seen)).await?;
            }
        }
        Format::Csv | Format::Auto => {
            let mut table = Table::open(reader).context("the file can't be read")?;
            let names = table.names().clone();
            if !names.iter().any(|name| name.trim().eq_ignore_ascii_case("visualizationId")) {
                return Err(unknown_columns().into());
            }
            while let Some(row) = table.next().context("the file can't be read on")? {
                match row {
                    Ok(row) => {
                        let body = recording.body(&row.row(&names));
                        recording.read(row.line, &body.to_string());
                    }
                    Err(fault) => recording.tally.refuse(vec![fault]),
                }
                recording.write_if_many(|| show(&seen)).await?;
            }
        }
    }
    recording.write().await?;
    show(&seen);
    Ok(recording.tally)
}

struct Recording<'a> {
    store: &'a SharedStore,
    tenant: Tenant,
    record: std::sync::Arc<StoreRecord>,
    now: Timestamp,
    waiting: Vec<(u64, NewVisualization)>,
    tally: Tally,
}

impl<'a> Recording<'a> {
    async fn new(store: &'a SharedStore, tenant: Tenant) -> StoreResult<Self> {
        let record = store.store(tenant).await?;
        let (now, tally) = (ambient::now(), Tally::default());
        Ok(Self { store, tenant, record, now, waiting: Vec::new(), tally })
    }

    fn read(&mut self, line: u64, text: &str) {
        match self.parse(line, text) {
            Ok(new) => self.waiting.push((line, new)),
            Err(faults) => self.tally.refuse(faults),
        }
    }

    fn parse(&self, line: u64, text: &str) -> Result<NewVisualization, Vec<ImportFault>> {
        let fault =
            |place: &str, code, detail: String| ImportFault { line, place: place.to_owned(), code, detail };
        let json = json::parse(text.as_bytes(), Limits::SINGLE).map_err(|broken| {
            vec![fault(broken.pointer().unwrap_or("the line"), broken.code(), broken.to_string())]
        })?;
        let missing = ["visualizationId", "createdAt"].into_iter().filter(|name| {
            json.as_object().is_some_and(|fields| matches!(fields.get(name), None | Some(json::Json::Null)))
        });
        let mut faults: Vec<ImportFault> = missing
            .map(|name| {
                let why = "is required in a file, so that importing it again changes nothing";
                fault(&format!("/{name}"), "missing", why.to_owned())
            })
            .collect();
        match parse_server(&json, self.now) {
            Err(wrong) => {
                faults.extend(wrong.into_iter().map(|one| fault(&one.pointer, one.code, one.detail)));
            }
            Ok(sent) if faults.is_empty() => return self.own(sent, line),
            Ok(_) => {}
        }
        Err(faults)
    }

    /// Only of the store that the import is for, and of one of its widgets.
    fn own(&self, sent: ServerVisualization, line: u64) -> Result<NewVisualization, Vec<ImportFault>> {
        let fault = |place: &str, detail: &str| {
            vec![ImportFault {
                line,
                place: place.to_owned(),
                code: "not_this_stores",
                detail: detail.to_owned(),
            }]
        };
        if sent.store_id.parse::<StoreId>().ok() != Some(self.tenant.store) {
            return Err(fault("/storeId", "must be the store that the import is for"));
        }
        let organization = self.tenant.organization.to_string();
        if sent.organization_id.as_ref().is_some_and(|named| *named != organization) {
            return Err(fault("/organizationId", "must be the store's own organization"));
        }
        let widgets = &self.record.widgets;
        let known = sent.widget_id.parse().ok().filter(|id| widgets.iter().any(|widget| widget.id == *id));
        let (Some(widget), Some(id)) = (known, sent.id) else {
            return Err(fault("/widgetId", "must be one of the store's widgets"));
        };
        let visualization = Visualization {
            id,
            widget,
            visitor: Some(sent.visitor),
            session: Some(sent.session),
            products: sent.products,
            at: sent.at,
        };
        Ok(NewVisualization {
            tenant: self.tenant,
            visualization,
            renderer: None,
            picture: None,
            received_at: self.now,
            sample: false,
        })
    }

    async fn write_if_many(&mut self, written: impl Fn()) -> anyhow::Result<()> {
        if self.waiting.len() >= BATCH {
            self.write().await?;
            written();
        }
        Ok(())
    }

    /// Calls that wait at the same time share a transaction.
    async fn write(&mut self) -> anyhow::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let store = self.store;
        let mut recorded = stream::iter(waiting)
            .map(|(line, new)| async move {
                (line, patient::retry(|| store.record_visualization(new.clone())).await)
            })
            .buffered(BATCH);
        while let Some((line, recorded)) = recorded.next().await {
            let stopped = || format!("stopped at line {line}; importing the file again goes on from there");
            let created = recorded.with_context(stopped)?.created;
            self.tally.took(if created { Outcome::Created } else { Outcome::Unchanged });
        }
        Ok(())
    }

    /// A row as the body it stands for. Store and widget may be left out where there is no choice.
    fn body(&self, row: &Row<'_>) -> Value {
        let cells: HashMap<String, &str> = row
            .cells
            .iter()
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let cell = |name: &str| cells.get(&name.to_ascii_lowercase()).map(|text| (*text).to_owned());
        let only_widget = match self.record.widgets.as_slice() {
            [only] => Some(only.id.to_string()),
            _ => None,
        };
        let products: Vec<Value> = (1..=PRODUCTS_MAX)
            .filter_map(|number| {
                let number = if number == 1 { String::new() } else { number.to_string() };
                let product = cell(&format!("productId{number}"))?;
                let variants = cell(&format!("variantIds{number}")).unwrap_or_default();
                let variants: Vec<&str> =
                    variants.split(ID_SEPARATOR).map(str::trim).filter(|id| !id.is_empty()).collect();
                Some(json!({"productId": product, "variantIds": variants}))
            })
            .collect();
        let mut body = json!({
            "storeId": cell("storeId").unwrap_or_else(|| self.tenant.store.to_string()),
            "products": products,
        });
        for name in ["organizationId", "visualizationId", "visitorId", "sessionId", "createdAt"] {
            put(&mut body, name, cell(name));
        }
        put(&mut body, "widgetId", cell("widgetId").or(only_widget));
        body
    }
}

fn put(body: &mut Value, name: &str, text: Option<String>) {
    if let Some(text) = text {
        body[name] = Value::String(text);
    }
}

fn unknown_columns() -> Misuse {
    Misuse(
        "the first line must name the columns visualizationId, visitorId, sessionId, productId and createdAt, and may name \
         storeId, widgetId, variantIds, productId2 to productId5 and variantIds2 to variantIds5"
            .to_owned(),
    )
}
