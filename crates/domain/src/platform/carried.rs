//! The visitor that an order carries with it: names and values that the script or the plugin wrote.

use std::borrow::Cow;

use super::raw::{Members, Raw};
use crate::fault::{Notes, Place};
use crate::opaque::{OpaqueIdFault, SessionId, VisitorId};

/// Most names with values that are looked at in one place.
const PAIRS_MAX: usize = 1_000;
const VISITOR: &str = "selektable_visitor_id";
const SESSION: &str = "selektable_session_id";

/// A name and its value, as shops attach them to carts, lines and orders.
pub(super) type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The visitor and the session of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Carried {
    pub(super) visitor: VisitorId,
    pub(super) session: Option<SessionId>,
}

/// Names with values that are texts or numbers: from an array of objects, as platforms write them, or from one object,
/// as some apps do.
pub(super) fn pairs<'a>(value: Option<Raw<'a>>, name_key: &str) -> Vec<Pair<'a>> {
    let Some(value) = value else { return Vec::new() };
    let of_element = |element: Members<'a>| {
        Some((element.get(name_key)?.text()?, element.get("value")?.text_or_number()?))
    };
    if let Some(members) = value.members() {
        let owned =
            |(name, value): (&str, Raw<'a>)| Some((Cow::Owned(name.to_owned()), value.text_or_number()?));
        return members.iter().filter_map(owned).take(PAIRS_MAX).collect();
    }
    value.elements().take(PAIRS_MAX).filter_map(Raw::members).filter_map(of_element).collect()
}

/// The value of a name, with or without the underscores that hide it from shoppers.
pub(super) fn value_of<'p>(pairs: &'p [Pair<'_>], name: &'p str) -> impl Iterator<Item = &'p str> {
    let is_it = move |written: &str| written.trim().trim_start_matches('_').eq_ignore_ascii_case(name);
    pairs.iter().filter(move |(written, _)| is_it(written)).map(|(_, value)| value.trim())
}

/// Who is named, if anybody: of repeated names the first that stands for somebody. A session alone names nobody.
pub(super) fn carried(pairs: &[Pair<'_>], place: Place<'_>, notes: &mut Notes) -> Option<Carried> {
    let visitor = first_usable(pairs, VISITOR, VisitorId::parse, place, notes)?;
    let session = first_usable(pairs, SESSION, SessionId::parse, place, notes);
    Some(Carried { visitor, session })
}

fn first_usable<T>(
    pairs: &[Pair<'_>],
    name: &str,
    parse: fn(&str) -> Result<T, OpaqueIdFault>,
    place: Place<'_>,
    notes: &mut Notes,
) -> Option<T> {
    for value in value_of(pairs, name) {
        match parse(value) {
            Ok(id) => return Some(id),
            Err(OpaqueIdFault::Empty) => {}
            Err(fault) => {
                let detail = format!("the id of the visitor or session {fault}, so it names nobody");
                notes.warn(place, "visitor_unusable", &detail);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str) -> (Option<(String, Option<String>)>, usize) {
        let mut notes = Notes::default();
        let pairs = pairs(Raw::read(json), "name");
        let carried = carried(&pairs, Place::Root, &mut notes);
        let texts = carried.map(|it| (it.visitor.to_string(), it.session.map(|session| session.to_string())));
        (texts, notes.warnings.len())
    }

    #[test]
    fn names_may_repeat_and_values_may_be_odd() {
        let json = r#"[null, 7, {"name":"selektable_visitor_id","value":null}, {"name":"_selektable_visitor_id","value":"undefined"},
            {"name":"selektable_visitor_id","value":""}, {"name":"__selektable_visitor_id","value":" v-1 "},
            {"name":"selektable_visitor_id","value":"v-2"}, {"name":"selektable_session_id","value":12}]"#;
        assert_eq!(found(json), (Some(("v-1".into(), Some("12".into()))), 1));
        assert_eq!(found(r#"{"_selektable_visitor_id":"v-3","other":{}}"#), (Some(("v-3".into(), None)), 0));
        assert_eq!(found(r#"[{"name":"selektable_session_id","value":"s"}]"#), (None, 0));
        assert_eq!(found("12"), (None, 0));
    }
}
