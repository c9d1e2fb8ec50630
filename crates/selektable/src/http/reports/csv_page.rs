//! Reports as CSV (RFC 4180: comma, CRLF, quotes where needed; UTF-8; a header line).
//!
//! Orders carry text that anybody may have typed, and spreadsheets run cells that begin like a formula. So a text
//! cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets a `'` in front; numbers we compute are
//! left alone.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::http::problem::Problem;

/// A document under construction.
pub(in crate::http) struct CsvPage {
    writer: csv::Writer<Vec<u8>>,
    row: Vec<String>,
}

impl CsvPage {
    /// A document with its header line.
    pub(in crate::http) fn new(columns: &[&str]) -> Self {
        let writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let mut page = Self { writer, row: columns.iter().map(|&column| column.to_owned()).collect() };
        page.end_row();
        page
    }

    /// Adds a text cell, made safe for spreadsheets.
    pub(in crate::http) fn text(&mut self, text: &str) -> &mut Self {
        self.row.push(harmless(text).into_owned());
        self
    }

    /// Adds a text cell that may be empty.
    pub(in crate::http) fn maybe(&mut self, text: Option<&str>) -> &mut Self {
        self.text(text.unwrap_or(""))
    }

    /// Adds a number, or an empty cell.
    pub(in crate::http) fn number(&mut self, number: impl Into<Option<i128>>) -> &mut Self {
        self.row.push(number.into().map(|number| number.to_string()).unwrap_or_default());
        self
    }

    /// Adds `true` or `false`.
    pub(in crate::http) fn flag(&mut self, flag: bool) -> &mut Self {
        self.text(if flag { "true" } else { "false" })
    }

    /// Ends the row.
    pub(in crate::http) fn end_row(&mut self) {
        // Writing into memory does not fail, and every row has the header's number of cells.
        let written = self.writer.write_record(&self.row);
        debug_assert!(written.is_ok(), "a row has another number of cells than the header: {:?}", self.row);
        self.row.clear();
    }

    /// The answer.
    pub(in crate::http) fn finish(self) -> Result<(HeaderMap, Vec<u8>), Problem> {
        let bytes = self.writer.into_inner().map_err(|error| {
            tracing::error!(error = %error, "a CSV document could not be finished");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "csv_failed", "The document could not be made.")
        })?;
        let csv = HeaderValue::from_static("text/csv; charset=utf-8");
        Ok((HeaderMap::from_iter([(header::CONTENT_TYPE, csv)]), bytes))
    }
}

/// Every line of money, or one empty one: counts without money are a row too.
pub(in crate::http) fn lines<T>(money: &[T]) -> Vec<Option<&T>> {
    if money.is_empty() { vec![None] } else { money.iter().map(Some).collect() }
}

fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return Cow::Owned(format!("'{text}"));
    }
    Cow::Borrowed(text)
}

/// Whether the caller would rather have CSV: `text/csv` stands in `Accept` with at least JSON's weight.
pub(in crate::http) fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<(&str, f32)> = accept.flat_map(|value| value.split(',')).map(weighted).collect();
    let weight = |wanted: &str| ranges.iter().find(|(range, _)| range.eq_ignore_ascii_case(wanted));
    let (csv, json) = (weight("text/csv"), weight("application/json"));
    csv.is_some_and(|(_, csv)| *csv > 0.0 && json.is_none_or(|(_, json)| csv >= json))
}

fn weighted(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or("");
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |text| text.parse().ok());
    (name, weight.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_spreadsheets_would_run_are_made_text() {
        let mut page = CsvPage::new(&["a", "b", "c"]);
        page.text("=1+1").text("@cmd").text("-2").end_row();
        page.text("+49").text("\tx").number(-5).end_row();
        page.text("say \"hi\", all").maybe(None).number(None).end_row();
        let text = String::from_utf8(page.finish().unwrap().1).unwrap();
        assert_eq!(text, "a,b,c\r\n'=1+1,'@cmd,'-2\r\n'+49,'\tx,-5\r\n\"say \"\"hi\"\", all\",,\r\n");
    }

    #[test]
    fn csv_is_given_to_those_who_prefer_it() {
        let wanted = |accept: &str| {
            is_wanted(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_str(accept).unwrap())]))
        };
        assert!(wanted("text/csv"));
        assert!(wanted("application/json;q=0.5, Text/CSV;q=0.9"));
        assert!(!wanted("application/json, text/csv;q=0.5"));
        assert!(!wanted("text/csv;q=0"));
        assert!(!wanted("*/*"));
        assert!(!is_wanted(&HeaderMap::new()));
    }
}
