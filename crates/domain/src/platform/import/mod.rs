//! Files of orders: Shopify's order export and our own columns as CSV; REST orders of either platform and our own
//! webhook bodies as one JSON value a line. All end as orders of source [`Source::Import`](crate::order::Source).
//!
//! `WooCommerce` has no CSV export of orders of its own, and each plugin's columns differ and can be rearranged: its
//! orders come from the REST API, or line by line as JSON. E-mail addresses, names and addresses are never read.

mod own;
mod text;

pub use text::read_json_line;

use super::shopify;
use crate::fault::Warning;
use crate::order::Order;
use crate::time::Timestamp;

/// Most rows of one order.
pub const ROWS_MAX: usize = 10_000;

/// A row of a CSV file.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Column names with this row's values, as in the file.
    pub cells: Vec<(&'a str, &'a str)>,
}

impl<'a> Row<'a> {
    /// The value of a column, in any case of letters; `None` when it is empty.
    pub(super) fn cell(&self, column: &str) -> Option<&'a str> {
        let found = self.cells.iter().find(|(name, _)| is_column(name, column));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }
}

fn is_column(written: &str, column: &str) -> bool {
    written.trim_start_matches('\u{feff}').trim().eq_ignore_ascii_case(column)
}

/// An order out of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The order, of source `import`.
    pub order: Order,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

/// Why a row, or a line of JSON, is no order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {place}: {detail}")]
pub struct ImportFault {
    /// Line of the file, from 1.
    pub line: u64,
    /// The column, or the JSON Pointer.
    pub place: String,
    /// Stable code.
    pub code: &'static str,
    /// What must stand there.
    pub detail: String,
}

/// Whose columns a CSV file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Shopify's order export (Orders > Export > CSV for Excel, or plain CSV).
    Shopify,
    /// Our own: the field names of SPEC section 5.1, one row per line of an order.
    Own,
}

impl Columns {
    /// Tells by the head of a file whose it is; `None` if it is neither.
    ///
    /// Example: `Name,Email,Financial Status,…` is Shopify's, `orderId,totalCents,…` is ours.
    #[must_use]
    pub fn of(head: &[&str]) -> Option<Self> {
        let has = |column: &str| head.iter().any(|written| is_column(written, column));
        if has("orderId") && (has("total") || has("totalCents")) {
            return Some(Self::Own);
        }
        (has("Name") && has("Financial Status") && has("Total") && has("Lineitem quantity"))
            .then_some(Self::Shopify)
    }

    /// What all rows of one order have in common; they stand one below the other.
    #[must_use]
    pub fn order_key<'a>(self, row: &Row<'a>) -> Option<&'a str> {
        row.cell(match self {
            Self::Shopify => "Name",
            Self::Own => "orderId",
        })
    }

    /// Reads the rows of one order, all of one [`Columns::order_key`], or every fault they have.
    pub fn read(self, rows: &[Row<'_>], now: Timestamp) -> Result<Imported, Vec<ImportFault>> {
        let rows = &rows[..rows.len().min(ROWS_MAX)];
        let Some(first) = rows.first() else { return Err(Vec::new()) };
        match self {
            Self::Own => own::read(first, rows, now),
            Self::Shopify => shopify::read_export(first, rows, now).map_err(|fault| vec![fault]),
        }
    }
}

/// An instant as exports write it: RFC 3339, or `2026-11-23 10:15:00 +0100`, or the latter with `UTC`.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(at) = Timestamp::parse_rfc3339(text) {
        return Some(at);
    }
    let (date_and_time, zone) = text.rsplit_once(' ')?;
    let zone = match zone {
        "UTC" | "GMT" => "Z".to_owned(),
        _ => {
            let (hours, minutes) = zone.split_at_checked(3).filter(|(_, minutes)| minutes.len() == 2)?;
            format!("{hours}:{minutes}")
        }
    };
    Timestamp::parse_rfc3339(&format!("{date_and_time}{zone}")).ok()
}
