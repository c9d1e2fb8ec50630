//! From strict JSON to what is asked.

use selektable_domain::fault::Fault;
use selektable_domain::json::{Json, Object};
use selektable_domain::time::{DAY_MS, Timestamp};
use selektable_store::platforms::PullMode;

use crate::pulls::access::Entered;

/// 1971-01-01T00:00:00Z, as for the dates of orders.
const EARLIEST: Timestamp = Timestamp::from_millis(365 * DAY_MS);

/// Since when, and what to do with what is found.
pub(super) fn parse_pull(json: &Json<'_>, now: Timestamp) -> Result<(Timestamp, PullMode), Vec<Fault>> {
    let fields = object(json)?;
    let mut faults = Vec::new();
    let since = match text(fields, "since", &mut faults) {
        Some(text) => read_since(&text, now, &mut faults),
        None if faults.is_empty() => refuse(&mut faults, "/since", "missing", "is required"),
        None => None,
    };
    let mode = match text(fields, "mode", &mut faults) {
        None => Some(PullMode::BringIn),
        Some(code) => PullMode::from_code(&code)
            .or_else(|| refuse(&mut faults, "/mode", "unknown_mode", "must be `bring_in` or `compare`")),
    };
    since.zip(mode).filter(|_| faults.is_empty()).ok_or(faults)
}

fn read_since(text: &str, now: Timestamp, faults: &mut Vec<Fault>) -> Option<Timestamp> {
    match Timestamp::parse_rfc3339(text) {
        Err(fault) => refuse(faults, "/since", "invalid_date", &fault.to_string()),
        Ok(since) if since < EARLIEST => refuse(faults, "/since", "out_of_range", "must not be before 1971"),
        Ok(since) if since > now => refuse(faults, "/since", "out_of_range", "must not be later than now"),
        Ok(since) => Some(since),
    }
}

/// How orders are looked up, as it was entered.
pub(super) fn parse_access(json: &Json<'_>) -> Result<Entered, Vec<Fault>> {
    let fields = object(json)?;
    let mut faults = Vec::new();
    let mut read = |name| text(fields, name, &mut faults);
    let entered =
        Entered { address: read("address"), key: read("key"), secret: read("secret"), token: read("token") };
    if faults.is_empty() { Ok(entered) } else { Err(faults) }
}

fn object<'j, 'a>(json: &'j Json<'a>) -> Result<&'j Object<'a>, Vec<Fault>> {
    let detail = || format!("must be an object, not {}", json.kind());
    json.as_object().ok_or_else(|| vec![fault("", "wrong_type", &detail())])
}

fn text(fields: &Object<'_>, name: &str, faults: &mut Vec<Fault>) -> Option<String> {
    let json = fields.get(name).filter(|json| !matches!(json, Json::Null))?;
    let read = json.as_text().map(str::to_owned);
    read.or_else(|| {
        let detail = format!("must be a string, not {}", json.kind());
        refuse(faults, &format!("/{name}"), "wrong_type", &detail)
    })
}

fn refuse<T>(faults: &mut Vec<Fault>, pointer: &str, code: &'static str, detail: &str) -> Option<T> {
    faults.push(fault(pointer, code, detail));
    None
}

fn fault(pointer: &str, code: &'static str, detail: &str) -> Fault {
    Fault { pointer: pointer.to_owned(), code, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use selektable_domain::json::{Limits, parse};

    use super::*;

    fn pull(body: &str) -> Result<(Timestamp, PullMode), Vec<Fault>> {
        let now = Timestamp::parse_rfc3339("2026-11-23T00:00:00Z").unwrap();
        parse_pull(&parse(body.as_bytes(), Limits::SINGLE).unwrap(), now)
    }

    #[test]
    fn a_pull_brings_in_unless_it_is_told_to_compare() {
        let since = Timestamp::parse_rfc3339("2026-11-01T00:00:00Z").unwrap();
        assert_eq!(pull(r#"{"since":"2026-11-01T00:00:00Z"}"#), Ok((since, PullMode::BringIn)));
        assert_eq!(
            pull(r#"{"since":"2026-11-01T01:00:00+01:00","mode":"compare"}"#),
            Ok((since, PullMode::Compare))
        );
    }

    #[rstest]
    #[case("{}", &["/since missing"])]
    #[case("[]", &[" wrong_type"])]
    #[case(r#"{"since":1,"mode":2}"#, &["/since wrong_type", "/mode wrong_type"])]
    #[case(r#"{"since":"2026-11-01","mode":"both"}"#, &["/since invalid_date", "/mode unknown_mode"])]
    #[case(r#"{"since":"1970-06-01T00:00:00Z"}"#, &["/since out_of_range"])]
    #[case(r#"{"since":"2026-11-24T00:00:00Z"}"#, &["/since out_of_range"])]
    fn every_fault_is_told(#[case] body: &str, #[case] expected: &[&str]) {
        let faults = pull(body).unwrap_err();
        let told: Vec<String> =
            faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect();
        assert_eq!(told, expected);
    }
}
