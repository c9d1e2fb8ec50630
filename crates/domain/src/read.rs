//! Readers of single fields: each turns one JSON value into a domain value, or notes the fault and gives `None`.
//! What an order, an event and a visualization have in common stands here, so that one rule has one wording.

use crate::fault::{Notes, Place};
use crate::json::{Json, Object};
use crate::money::{AMOUNT_MINOR_MAX, Currency};
use crate::opaque::{OPAQUE_ID_BYTES_MAX, OpaqueIdFault};
use crate::order::{LABEL_BYTES_MAX, OrderStatus};
use crate::time::{HOUR_MS, Timestamp};

/// 1971-01-01T00:00:00Z: anything earlier is a clock that was never set (SPEC section 5.1).
pub(crate) const EARLIEST: Timestamp = Timestamp::from_millis(365 * 24 * HOUR_MS);
/// How far a sender's clock may be ahead of ours, milliseconds (SPEC section 5.1).
pub(crate) const AHEAD_MS_MAX: i64 = HOUR_MS;

/// A JSON value and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Value<'j, 'p> {
    pub(crate) json: &'j Json<'j>,
    pub(crate) place: Place<'p>,
}

impl<'j, 'p> Value<'j, 'p> {
    /// A whole payload.
    pub(crate) const fn root(json: &'j Json<'j>) -> Self {
        Self { json, place: Place::Root }
    }

    fn wrong_type<T>(self, wanted: &str, notes: &mut Notes) -> Option<T> {
        let detail = format!("must be {wanted}, not {}", self.json.kind());
        notes.refuse(self.place, "wrong_type", detail)
    }

    /// The members, if it is an object.
    pub(crate) fn fields(self, notes: &mut Notes) -> Option<Fields<'j, 'p>> {
        match self.json.as_object() {
            Some(object) => Some(Fields { object, place: self.place }),
            None => self.wrong_type("an object", notes),
        }
    }

    /// The elements, if it is an array.
    pub(crate) fn elements(self, notes: &mut Notes) -> Option<&'j [Json<'j>]> {
        match self.json.as_array() {
            Some(elements) => Some(elements),
            None => self.wrong_type("an array", notes),
        }
    }
}

/// An object whose fields are read one by one.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'j, 'p> {
    pub(crate) object: &'j Object<'j>,
    pub(crate) place: Place<'p>,
}

impl<'j> Fields<'j, '_> {
    /// A field that must be there.
    pub(crate) fn required<T>(
        &self,
        key: &str,
        notes: &mut Notes,
        read: impl FnOnce(Value<'j, '_>, &mut Notes) -> Option<T>,
    ) -> Option<T> {
        let place = Place::Key(&self.place, key);
        match self.object.get(key) {
            Some(json) => read(Value { json, place }, notes),
            None => notes.refuse(place, "missing", "is required"),
        }
    }

    /// A field that may be missing; `null` is the same as missing, since many serializers write it for "no value".
    pub(crate) fn optional<T>(
        &self,
        key: &str,
        notes: &mut Notes,
        read: impl FnOnce(Value<'j, '_>, &mut Notes) -> Option<T>,
    ) -> Option<T> {
        match self.object.get(key) {
            None | Some(Json::Null) => None,
            Some(json) => read(Value { json, place: Place::Key(&self.place, key) }, notes),
        }
    }
}

/// Reads every element, also after a bad one.
pub(crate) fn each<'j, T>(
    list: Place<'_>,
    elements: &'j [Json<'j>],
    notes: &mut Notes,
    read: impl Fn(Value<'j, '_>, &mut Notes) -> Option<T>,
) -> Option<Vec<T>> {
    let found: Vec<Option<T>> = elements
        .iter()
        .enumerate()
        .map(|(index, json)| read(Value { json, place: Place::Index(&list, index) }, notes))
        .collect();
    found.into_iter().collect()
}

/// A string.
pub(crate) fn text<'j>(value: Value<'j, '_>, notes: &mut Notes) -> Option<&'j str> {
    match value.json.as_text() {
        Some(text) => Some(text),
        None => value.wrong_type("a string", notes),
    }
}

/// An id of ours, as text: whether it names something is judged where tenants are known, and an unknown one must
/// not be told from a malformed one.
pub(crate) fn own_id(value: Value<'_, '_>, notes: &mut Notes) -> Option<String> {
    let text = text(value, notes)?;
    let fault = if text.trim().is_empty() {
        OpaqueIdFault::Empty
    } else if text.len() > OPAQUE_ID_BYTES_MAX {
        OpaqueIdFault::TooLong
    } else if text.chars().any(char::is_control) {
        OpaqueIdFault::ControlCharacter
    } else {
        return Some(text.to_owned());
    };
    notes.refuse(value.place, fault.code(), fault.to_string())
}

/// A reader of ids that must be strings.
pub(crate) fn id<'j, T>(
    parse: fn(&str) -> Result<T, OpaqueIdFault>,
) -> impl Fn(Value<'j, '_>, &mut Notes) -> Option<T> {
    move |value, notes| parsed_id(parse, text(value, notes)?, value.place, notes)
}

/// A reader of ids that may be JSON integers too; those are kept as their decimal text, with a warning.
pub(crate) fn id_or_number<'j, T>(
    parse: fn(&str) -> Result<T, OpaqueIdFault>,
) -> impl Fn(Value<'j, '_>, &mut Notes) -> Option<T> {
    move |value, notes| match value.json {
        Json::Text(text) => parsed_id(parse, text, value.place, notes),
        Json::Integer(number) => {
            let detail = "is a number and is kept as its decimal text: send ids as strings";
            notes.warn(value.place, "id_as_number", detail);
            parsed_id(parse, &number.to_string(), value.place, notes)
        }
        Json::Float(_) => {
            notes.refuse(value.place, "not_an_integer", "must be a string, or an integer of at most 64 bits")
        }
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => value.wrong_type("a string", notes),
    }
}

fn parsed_id<T>(
    parse: fn(&str) -> Result<T, OpaqueIdFault>,
    text: &str,
    place: Place<'_>,
    notes: &mut Notes,
) -> Option<T> {
    parse(text).map_or_else(|fault| notes.refuse(place, fault.code(), fault.to_string()), Some)
}

/// A whole number within limits, both included. `what` names its unit in the sentence.
///
/// A double of 2^53 or more is whole whatever it was written as, so it is out of range, not "not an integer".
pub(crate) fn integer(
    value: Value<'_, '_>,
    (least, most): (i64, i64),
    what: &str,
    notes: &mut Notes,
) -> Option<i64> {
    let range = || format!("must be {what} from {least} to {most}");
    match value.json {
        Json::Integer(number) => match i64::try_from(*number) {
            Ok(number) if (least..=most).contains(&number) => Some(number),
            _ => notes.refuse(value.place, "out_of_range", range()),
        },
        Json::Float(number) if number.abs() >= 2_f64.powi(53) => {
            notes.refuse(value.place, "out_of_range", range())
        }
        Json::Float(_) | Json::Text(_) => {
            let detail =
                format!("must be {what}, written as a JSON integer: no string, fraction or exponent");
            notes.refuse(value.place, "not_an_integer", detail)
        }
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => {
            value.wrong_type("an integer", notes)
        }
    }
}

/// An amount: 0 to 2^53 − 1 minor units.
pub(crate) fn amount(value: Value<'_, '_>, notes: &mut Notes) -> Option<i64> {
    integer(value, (0, AMOUNT_MINOR_MAX), "an amount in the currency's minor unit", notes)
}

/// `true` or `false`.
pub(crate) fn boolean(value: Value<'_, '_>, notes: &mut Notes) -> Option<bool> {
    if let Json::Bool(flag) = value.json { Some(*flag) } else { value.wrong_type("true or false", notes) }
}

/// A currency in use.
pub(crate) fn currency(value: Value<'_, '_>, notes: &mut Notes) -> Option<Currency> {
    Currency::parse(text(value, notes)?)
        .map_or_else(|fault| notes.refuse(value.place, "unknown_currency", fault.to_string()), Some)
}

/// A reader of one of a closed set of names.
pub(crate) fn one_of<T: Copy>(
    all: &[T],
    code: fn(T) -> &'static str,
) -> impl Fn(Value<'_, '_>, &mut Notes) -> Option<T> {
    move |value, notes| {
        let text = text(value, notes)?;
        let known = all.iter().copied().find(|one| code(*one) == text);
        known.or_else(|| notes.refuse(value.place, "unknown_value", format!("must be {}", any_of(all, code))))
    }
}

/// `a, b or c`.
fn any_of<T: Copy>(all: &[T], code: fn(T) -> &'static str) -> String {
    let codes: Vec<&str> = all.iter().map(|one| code(*one)).collect();
    match codes.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// One of the six statuses.
pub(crate) fn status(value: Value<'_, '_>, notes: &mut Notes) -> Option<OrderStatus> {
    let known = OrderStatus::from_code(text(value, notes)?);
    let detail = "must be pending, processing, on-hold, completed, refunded or cancelled";
    known.or_else(|| notes.refuse(value.place, "unknown_value", detail))
}

/// A short name, such as `lead`.
pub(crate) fn label(value: Value<'_, '_>, notes: &mut Notes) -> Option<String> {
    let text = text(value, notes)?;
    if text.trim().is_empty() {
        return notes.refuse(value.place, "empty_text", "must not be empty");
    }
    if text.len() > LABEL_BYTES_MAX {
        return notes.refuse(value.place, "too_long", "is longer than 64 bytes");
    }
    if text.chars().any(char::is_control) {
        return notes.refuse(value.place, "control_character", "contains a control character");
    }
    Some(text.to_owned())
}

/// An instant from 1971 to one hour ahead of `now`, both included. One that is ahead is given back as stated, with
/// a warning of the code `ahead`; where our clock counts instead, the caller takes the earlier of the two.
pub(crate) fn date(
    value: Value<'_, '_>,
    now: Timestamp,
    ahead: &'static str,
    notes: &mut Notes,
) -> Option<Timestamp> {
    let at = match Timestamp::parse_rfc3339(text(value, notes)?) {
        Ok(at) => at,
        Err(fault) => return notes.refuse(value.place, "invalid_date", fault.to_string()),
    };
    if at < EARLIEST {
        return notes.refuse(
            value.place,
            "date_out_of_range",
            "is before 1971: check the sender's clock and unit",
        );
    }
    if at > now.plus_millis(AHEAD_MS_MAX) {
        let detail = "is more than one hour ahead of our clock: check the sender's clock and zone";
        return notes.refuse(value.place, "date_out_of_range", detail);
    }
    if at > now {
        notes.warn(value.place, ahead, "is ahead of our clock; where the two differ, our clock counts");
    }
    Some(at)
}
