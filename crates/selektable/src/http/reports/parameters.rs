//! The query of a report: every parameter read into a domain value, every fault told at once with a pointer such as
//! `/query/from`. A parameter without a value counts as missing, because forms send those; unknown ones are ignored.

use http::StatusCode;
use selektable_domain::report::{Cursor, PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX};
use selektable_domain::time::{Range, Timestamp};

use super::cursor::{self, List};
use crate::http::problem::{Fault, Problem};

/// Longest query, in bytes.
const QUERY_BYTES_MAX: usize = 8_192;

/// A query that is being read.
#[derive(Debug)]
pub(in crate::http) struct Parameters {
    pairs: Vec<(String, String)>,
    faults: Vec<Fault>,
}

/// Code and sentence of what is wrong with one parameter.
pub(in crate::http) type Refused = (&'static str, String);

impl Parameters {
    /// Splits a query into its parameters.
    pub(in crate::http) fn parse(raw: Option<&str>) -> Result<Self, Problem> {
        let raw = raw.unwrap_or("");
        if raw.len() > QUERY_BYTES_MAX {
            let detail = "The query is longer than 8 KiB.";
            return Err(Problem::new(StatusCode::URI_TOO_LONG, "uri_too_long", detail));
        }
        let pairs = url::form_urlencoded::parse(raw.as_bytes()).into_owned();
        Ok(Self { pairs: pairs.filter(|(_, value)| !value.is_empty()).collect(), faults: Vec::new() })
    }

    /// A parameter, if it is there. When it can't be read the fault is noted, for [`Parameters::check`].
    pub(in crate::http) fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, Refused>,
    ) -> Option<T> {
        let mut given = self.pairs.iter().filter(|(known, _)| known == name);
        let (_, value) = given.next()?;
        let result = match given.next() {
            Some(_) => Err(("duplicate_parameter", "stands more than once".to_owned())),
            None => read(value),
        };
        result.map_err(|refused| self.refuse(name, refused)).ok()
    }

    /// A parameter that is one of a closed set.
    pub(in crate::http) fn one_of<T>(
        &mut self,
        name: &str,
        known: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.optional(name, |text| {
            read(text).ok_or_else(|| ("unknown_value", format!("must be one of {known}")))
        })
    }

    /// `from` and `to`; all there is where they are missing.
    pub(in crate::http) fn range(&mut self) -> Range {
        self.range_or(Range::ALL.to, |_| Range::ALL.from)
    }

    /// `from` and `to`; without `to` the range ends at `end`, without `from` it is `length_ms` long.
    pub(in crate::http) fn recent_range(&mut self, end: Timestamp, length_ms: i64) -> Range {
        self.range_or(end, |to| to.plus_millis(-length_ms))
    }

    fn range_or(&mut self, end: Timestamp, start: impl FnOnce(Timestamp) -> Timestamp) -> Range {
        let from = self.optional("from", instant);
        let given_to = self.optional("to", instant);
        let to = given_to.unwrap_or(end);
        let range = Range { from: from.unwrap_or_else(|| start(to)), to };
        if range.from >= range.to && self.faults.is_empty() {
            let name = if given_to.is_some() { "to" } else { "from" };
            self.refuse(
                name,
                ("empty_range", "`from` must be before `to`, which is not part of the range".into()),
            );
        }
        range
    }

    /// `cursor` and `limit` of a list.
    pub(in crate::http) fn page(&mut self, list: List) -> (Option<Cursor>, u32) {
        (self.cursor(|text| cursor::read(list, text)), self.limit())
    }

    /// `cursor` of a list, by the reader of its texts.
    pub(in crate::http) fn cursor<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.optional("cursor", |text| {
            let detail = "must be the nextCursor of an answer of this list, unchanged";
            read(text).ok_or_else(|| ("invalid_cursor", detail.to_owned()))
        })
    }

    /// `limit` of a list.
    pub(in crate::http) fn limit(&mut self) -> u32 {
        let limit = self.optional("limit", |text| {
            let rows = text.parse().ok().filter(|rows| (1..=PAGE_ROWS_MAX).contains(rows));
            rows.ok_or_else(|| ("out_of_range", format!("must be a number from 1 to {PAGE_ROWS_MAX}")))
        });
        limit.unwrap_or(PAGE_ROWS_DEFAULT)
    }

    fn refuse(&mut self, name: &str, refused: Refused) {
        self.faults.push(fault_of(name, refused));
    }

    /// All is well so far, or 422 with every fault.
    pub(in crate::http) fn check(&mut self) -> Result<(), Problem> {
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::content(std::mem::take(&mut self.faults))) }
    }

    /// The query again, with another cursor: the next page's.
    #[must_use]
    pub(in crate::http) fn with_cursor(&self, cursor: &str) -> String {
        let others = self.pairs.iter().filter(|(name, _)| name != "cursor");
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(others)
            .append_pair("cursor", cursor)
            .finish()
    }
}

/// The fault of one parameter.
pub(in crate::http) fn fault_of(name: &str, (code, detail): Refused) -> Fault {
    Fault { pointer: format!("/query/{name}"), code: code.to_owned(), detail }
}

/// An instant. In a query `+` means a space, and many clients forget to write `+01:00` as `%2B01:00`; a space there
/// can mean nothing else.
pub(in crate::http) fn instant(text: &str) -> Result<Timestamp, Refused> {
    let offset = text.len().saturating_sub(6);
    let repaired = match (text.get(..offset), text.get(offset..)) {
        (Some(start), Some(rest)) if rest.starts_with(' ') => format!("{start}+{}", &rest[1..]),
        _ => text.to_owned(),
    };
    Timestamp::parse_rfc3339(&repaired).map_err(|fault| ("invalid_date", fault.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(query: &str) -> Vec<(String, String)> {
        let mut parameters = Parameters::parse(Some(query)).unwrap();
        parameters.range();
        parameters.page(List::Conversions);
        let problem = parameters.check().err();
        let faults = problem.map(|problem| problem.faults).unwrap_or_default();
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn every_fault_of_a_query_is_told_with_its_place() {
        let told = faults("from=yesterday&to=2026-11-23&limit=0&cursor=AAAA");
        let expected = [
            ("/query/from", "invalid_date"),
            ("/query/to", "invalid_date"),
            ("/query/cursor", "invalid_cursor"),
            ("/query/limit", "out_of_range"),
        ];
        assert_eq!(told, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
        assert_eq!(faults("limit=1&limit=2")[0].1, "duplicate_parameter");
        assert_eq!(faults("limit=201")[0].1, "out_of_range");
        assert_eq!(faults("limit=-1")[0].1, "out_of_range");
    }

    #[test]
    fn a_range_without_an_instant_in_it_is_refused() {
        let at = "2026-11-23T10:00:00Z";
        assert_eq!(
            faults(&format!("from={at}&to={at}")),
            [("/query/to".to_owned(), "empty_range".to_owned())]
        );
        assert_eq!(faults(&format!("from={at}&to=2026-11-23T10:00:00.001Z")), []);
    }

    #[test]
    fn a_plus_sign_that_was_not_escaped_is_understood() {
        let mut parameters = Parameters::parse(Some("from=2026-11-23T11:00:00+01:00")).unwrap();
        let range = parameters.range();
        assert_eq!(range.from.to_rfc3339(), "2026-11-23T10:00:00.000Z");
        parameters.check().unwrap();
    }

    #[test]
    fn empty_and_unknown_parameters_are_passed_over() {
        assert_eq!(faults("from=&limit=&unknown=1&utm_source=x"), []);
    }

    #[test]
    fn the_next_page_keeps_the_question() {
        let parameters = Parameters::parse(Some("type=direct&cursor=old&limit=5")).unwrap();
        assert_eq!(parameters.with_cursor("new"), "type=direct&limit=5&cursor=new");
    }
}
