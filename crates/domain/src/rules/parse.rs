//! From strict JSON to a draft of rules: the body of `POST …/rulesets`. What it leaves out stays as it is in force.

use super::{CountsFrom, LeadDirect, Model, ProductMatch, RevenueBasis, Ruleset};
use crate::fault::{Fault, Notes, Place};
use crate::json::Json;
use crate::read::{self, Fields, Value};
use crate::time::{DAY_MS, HOUR_MS, Window};

/// Shortest and longest window in a unit of so many milliseconds.
const fn window_limits(unit_ms: i64) -> (i64, i64) {
    (HOUR_MS / unit_ms, 365 * DAY_MS / unit_ms)
}

/// Reads a draft, or gives every fault it has. Its version is still that of `in_force`: the store numbers it.
///
/// # Errors
/// Every fault, with its place.
pub fn parse_draft(json: &Json<'_>, in_force: &Ruleset) -> Result<Ruleset, Vec<Fault>> {
    let mut notes = Notes::default();
    let fields = Value::root(json).fields(&mut notes);
    let draft = fields.map(|fields| draft(fields, in_force, &mut notes));
    notes.finish(draft).map(|(draft, _)| draft)
}

fn draft(fields: Fields<'_, '_>, in_force: &Ruleset, notes: &mut Notes) -> Ruleset {
    let model = fields.optional("model", notes, read::one_of(&Model::ALL, Model::code));
    let basis = fields.optional("basis", notes, read::one_of(&RevenueBasis::ALL, RevenueBasis::code));
    let products = fields.optional("products", notes, read::one_of(&ProductMatch::ALL, ProductMatch::code));
    let leads = fields.optional("leads", notes, read::one_of(&LeadDirect::ALL, LeadDirect::code));
    let counts = fields.optional("counts", notes, read::one_of(&CountsFrom::ALL, CountsFrom::code));
    Ruleset {
        version: in_force.version,
        window: window(fields, notes).unwrap_or(in_force.window),
        model: model.unwrap_or(in_force.model),
        basis: basis.unwrap_or(in_force.basis),
        products: products.unwrap_or(in_force.products),
        leads: leads.unwrap_or(in_force.leads),
        counts: counts.unwrap_or(in_force.counts),
    }
}

fn window(fields: Fields<'_, '_>, notes: &mut Notes) -> Option<Window> {
    let hours = length(fields, "windowHours", HOUR_MS, "a number of hours", notes);
    let seconds = length(fields, "windowSeconds", 1_000, "a number of seconds", notes);
    if hours.is_some() && seconds.is_some() {
        let place = Place::Key(&fields.place, "windowSeconds");
        return notes.refuse(place, "contradiction", "must not stand beside windowHours");
    }
    hours.or(seconds).and_then(|millis| Window::from_millis(millis).ok())
}

/// A window's length in milliseconds.
fn length(fields: Fields<'_, '_>, key: &str, unit_ms: i64, what: &str, notes: &mut Notes) -> Option<i64> {
    let units =
        fields.optional(key, notes, |value, notes| read::integer(value, window_limits(unit_ms), what, notes));
    units.map(|units| units * unit_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, parse};
    use serde_json::{Value as Payload, json};

    fn outcome(payload: &Payload) -> Result<Ruleset, Vec<Fault>> {
        let body = payload.to_string();
        parse_draft(&parse(body.as_bytes(), Limits::SINGLE).unwrap(), &Ruleset::FIRST)
    }

    #[test]
    fn what_a_draft_leaves_out_stays_as_it_is() {
        assert_eq!(outcome(&json!({})), Ok(Ruleset::FIRST));
        let window = Window::from_hours(36).unwrap();
        let expected = Ruleset { window, model: Model::TimeDecay, ..Ruleset::FIRST };
        assert_eq!(
            outcome(&json!({ "windowHours": 36, "model": "time_decay", "leads": null })),
            Ok(expected)
        );
        assert_eq!(outcome(&json!({ "windowSeconds": 129_600, "model": "time_decay" })), Ok(expected));
        let all = outcome(&json!({
            "basis": "matched_lines", "products": "exact", "leads": "same_person", "counts": "any",
        }));
        let all = all.unwrap();
        assert_eq!(
            (all.basis, all.products, all.leads, all.counts),
            (RevenueBasis::MatchedLines, ProductMatch::Exact, LeadDirect::SamePerson, CountsFrom::Any)
        );
    }

    #[test]
    fn every_fault_of_a_draft_is_told_with_its_place() {
        let faults = outcome(&json!({
            "windowHours": 8_761, "windowSeconds": 3_599, "model": "best", "basis": 1, "products": "", "leads": [],
            "counts": "PAID",
        }));
        let told: Vec<(String, &str)> =
            faults.unwrap_err().into_iter().map(|fault| (fault.pointer, fault.code)).collect();
        let expected = [
            ("/model", "unknown_value"),
            ("/basis", "wrong_type"),
            ("/products", "unknown_value"),
            ("/leads", "wrong_type"),
            ("/counts", "unknown_value"),
            ("/windowHours", "out_of_range"),
            ("/windowSeconds", "out_of_range"),
        ];
        assert_eq!(told, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
        let both = outcome(&json!({ "windowHours": 1, "windowSeconds": 3_600 })).unwrap_err();
        assert_eq!((both[0].pointer.as_str(), both[0].code), ("/windowSeconds", "contradiction"));
        assert_eq!(outcome(&json!([])).unwrap_err()[0].code, "wrong_type");
        let detail = &outcome(&json!({ "counts": "x" })).unwrap_err()[0].detail;
        assert_eq!(detail, "must be paid, completed, placed or any");
    }
}
