//! Orders out of a file.

use anyhow::Context;
use csv::StringRecord;
use selektable_domain::id::StoreId;
use selektable_domain::platform::import::{Columns, ImportFault, Imported, ROWS_MAX, Row, read_json_line};
use selektable_domain::report::DeliveryFault;
use selektable_domain::time::Timestamp;
use selektable_store::ingest::{OrderDelivery, OrderIngested};
use selektable_store::{SharedStore, Tenant};
use serde::Deserialize;

use super::lines::Lines;
use super::source::{Seen, Source};
use super::table::{Table, TableRow};
use super::{BATCH, Format, Tally};
use crate::ambient;
use crate::cli::options::Misuse;
use crate::patient;

/// Takes every order of the file in.
pub(super) async fn import(source: Source, store: &SharedStore, tenant: Tenant) -> anyhow::Result<Tally> {
    let Source { reader, format, seen } = source;
    let show = seen.progress("importing orders (bytes)");
    let mut taking = Taking::new(store, tenant, seen);
    match format {
        Format::Ndjson => {
            let mut lines = Lines::new(reader);
            while let Some(line) = lines.next().context("the file can't be read on")? {
                let read = match line {
                    Ok((number, text)) if names_another_store(&text, tenant) => {
                        Err(vec![of_another_store(number)])
                    }
                    Ok((number, text)) => {
                        read_json_line(&text, number, taking.now).map(|order| (number, order))
                    }
                    Err(fault) => Err(vec![fault]),
                };
                taking.take(read, &show).await?;
            }
        }
        Format::Csv | Format::Auto => {
            let mut orders = Orders::open(Table::open(reader).context("the file can't be read")?, tenant)?;
            while let Some(order) = orders.next(taking.now).context("the file can't be read on")? {
                taking.take(order, &show).await?;
            }
        }
    }
    taking.finish(&show).await
}

/// An order with its first line, or what is wrong with it.
type Read = Result<(u64, Imported), Vec<ImportFault>>;

/// Orders on their way into the storage.
struct Taking<'a> {
    store: &'a SharedStore,
    tenant: Tenant,
    seen: Seen,
    now: Timestamp,
    request_id: String,
    waiting: Vec<(u64, OrderDelivery)>,
    tally: Tally,
}

impl<'a> Taking<'a> {
    fn new(store: &'a SharedStore, tenant: Tenant, seen: Seen) -> Self {
        let now = ambient::now();
        let request_id = format!("import-{}", now.as_millis());
        Self { store, tenant, seen, now, request_id, waiting: Vec::new(), tally: Tally::default() }
    }

    async fn take(&mut self, read: Read, show: &impl Fn(&Seen)) -> anyhow::Result<()> {
        match read {
            Err(faults) => self.tally.refuse(faults),
            Ok((line, imported)) => self.waiting.push((line, self.delivery(imported))),
        }
        if self.waiting.len() >= BATCH {
            self.write().await?;
            show(&self.seen);
        }
        Ok(())
    }

    async fn finish(mut self, show: &impl Fn(&Seen)) -> anyhow::Result<Tally> {
        self.write().await?;
        show(&self.seen);
        Ok(self.tally)
    }

    async fn write(&mut self) -> anyhow::Result<()> {
        let Some((first, _)) = self.waiting.first() else { return Ok(()) };
        let stopped = format!(
            "stopped at line {first}; what stands before it is taken, and importing the file again goes on from there"
        );
        let (lines, deliveries): (Vec<u64>, Vec<OrderDelivery>) =
            std::mem::take(&mut self.waiting).into_iter().unzip();
        let ingested = patient::ingest(self.store, deliveries).await.context(stopped)?;
        for (line, ingested) in lines.into_iter().zip(ingested) {
            match ingested {
                OrderIngested::Taken { outcome, .. } => self.tally.took(outcome),
                OrderIngested::CurrencyChanged(refused) => self.tally.refuse(vec![ImportFault {
                    line,
                    place: "currency".to_owned(),
                    code: "currency_changed",
                    detail: refused.to_string(),
                }]),
            }
        }
        Ok(())
    }

    fn delivery(&self, Imported { order, warnings }: Imported) -> OrderDelivery {
        OrderDelivery {
            tenant: self.tenant,
            id: ambient::new_id(),
            conversion: ambient::new_id(),
            request_id: self.request_id.clone(),
            received_at: self.now,
            topic: None,
            order,
            warnings: warnings.into_iter().map(DeliveryFault::from).collect(),
            sample: false,
        }
    }
}

/// The orders of a CSV file: rows of one order stand one below the other.
struct Orders<R> {
    table: Table<R>,
    columns: Columns,
    names: StringRecord,
    tenant: Tenant,
    /// The first row of the next order, or a row that is none.
    ahead: Option<Result<TableRow, ImportFault>>,
}

impl<R: std::io::BufRead> Orders<R> {
    fn open(table: Table<R>, tenant: Tenant) -> Result<Self, Misuse> {
        let names = table.names().clone();
        let columns = Columns::of(&names.iter().collect::<Vec<_>>()).ok_or_else(unknown_columns)?;
        Ok(Self { table, columns, names, tenant, ahead: None })
    }

    fn next(&mut self, now: Timestamp) -> std::io::Result<Option<Read>> {
        let first = match self.ahead.take() {
            Some(ahead) => ahead,
            None => match self.table.next()? {
                Some(row) => row,
                None => return Ok(None),
            },
        };
        let first = match first {
            Ok(first) => first,
            Err(fault) => return Ok(Some(Err(vec![fault]))),
        };
        let key = self.key(&first);
        let mut group = vec![first];
        while let Some(row) = self.table.next()? {
            match row {
                Ok(row) if key.is_some() && self.key(&row) == key => {
                    // One more than is read, so that the reader sees that there were too many.
                    if group.len() <= ROWS_MAX {
                        group.push(row);
                    }
                }
                other => {
                    self.ahead = Some(other);
                    break;
                }
            }
        }
        let is_elsewhere = |row: &&TableRow| {
            let named = row.value(&self.names, STORE_ID);
            named.is_some_and(|named| !is_store(named, self.tenant))
        };
        if let Some(row) = group.iter().find(is_elsewhere) {
            return Ok(Some(Err(vec![of_another_store(row.line)])));
        }
        let rows: Vec<Row<'_>> = group.iter().map(|row| row.row(&self.names)).collect();
        let line = rows.first().map_or(0, |row| row.line);
        Ok(Some(self.columns.read(&rows, now).map(|order| (line, order))))
    }

    fn key(&self, row: &TableRow) -> Option<String> {
        self.columns.order_key(&row.row(&self.names)).map(str::to_owned)
    }
}

const STORE_ID: &str = "storeId";

/// Bodies of our own webhook say which store they are for; a file of another store is a mistake.
#[derive(Deserialize)]
struct Addressed {
    #[serde(rename = "storeId")]
    store: Option<String>,
}

fn names_another_store(text: &str, tenant: Tenant) -> bool {
    // Most files don't say it, and their lines need not be read twice.
    text.contains(STORE_ID)
        && serde_json::from_str::<Addressed>(text)
            .is_ok_and(|said| said.store.is_some_and(|named| !is_store(&named, tenant)))
}

fn is_store(named: &str, tenant: Tenant) -> bool {
    named.trim().parse::<StoreId>().ok() == Some(tenant.store)
}

fn of_another_store(line: u64) -> ImportFault {
    let detail = "must be the store that the import is for (--store)".to_owned();
    ImportFault { line, place: STORE_ID.to_owned(), code: "not_this_stores", detail }
}

fn unknown_columns() -> Misuse {
    Misuse(
        "the first line names neither the columns of Shopify's order export (Name, Financial Status, Total, …) nor ours \
         (orderId, totalCents or total, currency, orderCreatedAt, …). WooCommerce has no such export: use `selektable pull \
         orders`"
            .to_owned(),
    )
}
