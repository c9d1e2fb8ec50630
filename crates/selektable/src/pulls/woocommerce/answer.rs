//! What `WooCommerce` answers: orders, or a complaint.

use http::HeaderMap;
use selektable_domain::platform::pull::PullFault;
use selektable_domain::platform::woocommerce::page;
use selektable_domain::platform::{Message, Reading};
use selektable_domain::time::Timestamp;
use selektable_store::settings::Platform;
use serde::Deserialize;
use serde_json::Value;

use crate::http::fetch::platform::Answer;
use crate::pulls::fault::AccessFault;
use crate::pulls::page::{Entry, Found};

/// What decides where to read on; the order itself is read by the domain.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Peeked {
    id: Value,
    number: Value,
    date_modified_gmt: Value,
}

#[derive(Deserialize)]
struct Complained {
    code: String,
}

/// Whether an error's body says that the keys are right and may not read orders.
pub(super) fn may_not_view(body: &[u8]) -> bool {
    let complained: Option<Complained> = serde_json::from_slice(without_mark(body)).ok();
    complained.is_some_and(|complained| complained.code == "woocommerce_rest_cannot_view")
}

/// The orders of a page.
pub(super) fn orders(answer: &Answer, now: Timestamp) -> Result<Vec<Entry>, AccessFault> {
    let readings = page::read_page(&answer.body, now).map_err(fault)?;
    // The domain reads more leniently; what can't be peeked at is read as well, only without where it stands.
    let peeked: Vec<Peeked> = serde_json::from_slice(without_mark(&answer.body)).unwrap_or_default();
    let peeked = peeked.into_iter().chain(std::iter::repeat_with(Peeked::default));
    Ok(readings.into_iter().zip(peeked).map(|(reading, peeked)| entry(reading, &peeked)).collect())
}

fn fault(fault: PullFault) -> AccessFault {
    match fault {
        PullFault::Throttled { .. } => AccessFault::TooBusy,
        PullFault::AccessDenied => AccessFault::NoRight(Platform::WooCommerce),
        PullFault::TooCostly => AccessFault::Refused(fault.to_string()),
        PullFault::Refused(words) => AccessFault::Refused(words),
        PullFault::Unreadable => AccessFault::NotAShop(Platform::WooCommerce),
    }
}

/// A theme or plugin file saved with a byte order mark puts it before every answer.
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

fn entry(reading: Reading, peeked: &Peeked) -> Entry {
    let number = text(&peeked.number);
    let found = match reading.message {
        Message::Order(order) => Found::Order(order),
        Message::Ignored(ignored) => Found::PassedOver { number, code: ignored.code().to_owned() },
        Message::Note { .. } | Message::Uninstalled | Message::Privacy(_) | Message::OwnerLostAccess => {
            Found::PassedOver { number, code: "no_order".to_owned() }
        }
    };
    let modified = peeked.date_modified_gmt.as_str().and_then(utc);
    Entry { id: text(&peeked.id).unwrap_or_default(), modified, found }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// `2026-11-01T00:00:00`, UTC without its `Z`.
fn utc(text: &str) -> Option<Timestamp> {
    let text = text.trim_end_matches('Z');
    Timestamp::parse_rfc3339(&format!("{text}Z")).ok()
}

/// `X-WP-Total`: how many orders the question finds.
pub(super) fn total(headers: &HeaderMap) -> Option<u64> {
    headers.get("x-wp-total")?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::fetch::platform::Verdict;

    fn answered(body: &[u8]) -> Result<Vec<Entry>, AccessFault> {
        let answer = Answer { verdict: Verdict::Good, headers: HeaderMap::new(), body: body.to_vec() };
        orders(&answer, Timestamp::from_millis(0))
    }

    #[test]
    fn a_list_is_a_list_and_anything_else_is_no_shop() {
        assert!(answered(b"[]").unwrap().is_empty());
        assert_eq!(answered(b"\xef\xbb\xbf[{},{}]").unwrap().len(), 2);
        for body in ["<!doctype html><title>Maintenance</title>", ""] {
            assert!(matches!(answered(body.as_bytes()), Err(AccessFault::NotAShop(_))), "{body}");
        }
    }

    #[test]
    fn what_is_no_order_is_passed_over_and_keeps_its_id_and_its_time() {
        let body = br#"[{"id":7,"number":"W-7","status":"checkout-draft","date_modified_gmt":"1970-01-01T00:00:01"}]"#;
        let entry = &answered(body).unwrap()[0];
        assert_eq!((entry.id.as_str(), entry.modified), ("7", Some(Timestamp::from_millis(1_000))));
        assert!(matches!(&entry.found, Found::PassedOver { number: Some(number), .. } if number == "W-7"));
        assert!(may_not_view(br#"{"code":"woocommerce_rest_cannot_view","data":{}}"#));
        assert!(!may_not_view(b"<html>"));
    }
}
