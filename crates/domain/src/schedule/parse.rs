//! From strict JSON to when rules come into force: the body of `POST …/rulesets/{version}/publish`.

use super::Effective;
use crate::fault::{Fault, Notes};
use crate::json::Json;
use crate::read::{self, Value};
use crate::time::Timestamp;

/// Reads `effective`: `now`, `everything`, or an instant that is not later than now.
///
/// # Errors
/// Every fault, with its place.
pub fn parse_effective(json: &Json<'_>, now: Timestamp) -> Result<Effective, Vec<Fault>> {
    let mut notes = Notes::default();
    let fields = Value::root(json).fields(&mut notes);
    let found = fields.and_then(|fields| {
        fields.required("effective", &mut notes, |value, notes| effective(value, now, notes))
    });
    notes.finish(found).map(|(found, _)| found)
}

fn effective(value: Value<'_, '_>, now: Timestamp, notes: &mut Notes) -> Option<Effective> {
    match read::text(value, notes)? {
        "now" => Some(Effective::From(now)),
        "everything" => Some(Effective::Everything),
        text => match Timestamp::parse_rfc3339(text) {
            Ok(at) if at > now => {
                notes.refuse(value.place, "date_out_of_range", "must not be later than now")
            }
            Ok(at) => Some(Effective::From(at)),
            Err(fault) => {
                let detail = format!("must be `now`, `everything` or an instant: {fault}");
                notes.refuse(value.place, "invalid_date", detail)
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, parse};
    use rstest::rstest;

    const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);

    fn outcome(body: &str) -> Result<Effective, Vec<Fault>> {
        parse_effective(&parse(body.as_bytes(), Limits::SINGLE).unwrap(), NOW)
    }

    #[test]
    fn rules_come_into_force_now_for_everything_or_from_an_instant_on() {
        assert_eq!(outcome(r#"{"effective":"now"}"#), Ok(Effective::From(NOW)));
        assert_eq!(outcome(r#"{"effective":"everything"}"#), Ok(Effective::Everything));
        let at = Timestamp::parse_rfc3339("2026-03-01T00:00:00Z").unwrap();
        assert_eq!(outcome(r#"{"effective":"2026-03-01T00:00:00Z"}"#), Ok(Effective::From(at)));
    }

    #[rstest]
    #[case("{}", "missing")]
    #[case(r#"{"effective":null}"#, "wrong_type")]
    #[case(r#"{"effective":1}"#, "wrong_type")]
    #[case(r#"{"effective":"Now"}"#, "invalid_date")]
    #[case(r#"{"effective":"2026-03-01"}"#, "invalid_date")]
    #[case(r#"{"effective":"2027-03-01T00:00:00Z"}"#, "date_out_of_range")]
    #[case("[]", "wrong_type")]
    fn anything_else_is_refused(#[case] body: &str, #[case] code: &str) {
        assert_eq!(outcome(body).unwrap_err()[0].code, code);
    }
}
