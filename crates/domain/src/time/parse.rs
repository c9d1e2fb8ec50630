//! From strict JSON to a range of time: the body of `POST …/rulesets/{version}/dry-run`.

use super::{Range, Timestamp};
use crate::fault::{Fault, Notes, Place};
use crate::json::Json;
use crate::read::{self, Fields, Value};

/// Reads `from` and `to`; where one is missing the range is open to that side.
///
/// # Errors
/// Every fault, with its place.
pub fn parse_range(json: &Json<'_>) -> Result<Range, Vec<Fault>> {
    let mut notes = Notes::default();
    let fields = Value::root(json).fields(&mut notes);
    let range = fields.and_then(|fields| range(fields, &mut notes));
    notes.finish(range).map(|(range, _)| range)
}

fn range(fields: Fields<'_, '_>, notes: &mut Notes) -> Option<Range> {
    let from = fields.optional("from", notes, instant).unwrap_or(Range::ALL.from);
    let to = fields.optional("to", notes, instant).unwrap_or(Range::ALL.to);
    if from >= to && notes.faults.is_empty() {
        let place = Place::Key(&fields.place, "to");
        return notes.refuse(place, "empty_range", "must be later than `from`");
    }
    Some(Range { from, to })
}

fn instant(value: Value<'_, '_>, notes: &mut Notes) -> Option<Timestamp> {
    let text = read::text(value, notes)?;
    Timestamp::parse_rfc3339(text)
        .map_or_else(|fault| notes.refuse(value.place, "invalid_date", fault.to_string()), Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, parse};

    fn outcome(body: &str) -> Result<Range, Vec<(String, &'static str)>> {
        let told = |faults: Vec<Fault>| faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect();
        parse_range(&parse(body.as_bytes(), Limits::SINGLE).unwrap()).map_err(told)
    }

    #[test]
    fn a_range_is_open_where_nothing_is_said() {
        assert_eq!(outcome("{}"), Ok(Range::ALL));
        let from = Timestamp::parse_rfc3339("2026-03-01T00:00:00Z").unwrap();
        assert_eq!(outcome(r#"{"from":"2026-03-01T00:00:00Z"}"#), Ok(Range { from, ..Range::ALL }));
    }

    #[test]
    fn every_fault_of_a_range_is_told() {
        let expected = [("/from".to_owned(), "invalid_date"), ("/to".to_owned(), "wrong_type")];
        assert_eq!(outcome(r#"{"from":"x","to":7}"#), Err(expected.to_vec()));
        let at = "2026-03-01T00:00:00Z";
        let empty = outcome(&format!(r#"{{"from":"{at}","to":"{at}"}}"#));
        assert_eq!(empty, Err(vec![("/to".to_owned(), "empty_range")]));
    }
}
