//! From `serde_json`'s tokens to the tree, with the refusals that `serde_json` does not make.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Json, JsonFault, Limits, Object, POINTER_BYTES_MAX};
use crate::fault::Place;

/// Up to so many keys are compared one by one; beyond, a set keeps the search for duplicates from growing with the
/// square of their number.
const KEYS_COMPARED_MAX: usize = 16;

pub(super) fn build(text: &str, limits: Limits) -> Result<Json<'_>, JsonFault> {
    let work = Work { limits, values: Cell::new(0), fault: RefCell::new(None) };
    let mut reader = serde_json::Deserializer::from_str(text);
    let tree = Seed { work: &work, place: Place::Root, depth: 0 }.deserialize(&mut reader);
    let tree = tree.map_err(|error| work.fault.take().unwrap_or_else(|| syntax_fault(&error)))?;
    reader.end().map_err(|error| JsonFault::TrailingText { line: error.line(), column: error.column() })?;
    Ok(tree)
}

fn syntax_fault(error: &serde_json::Error) -> JsonFault {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let problem = text.split(" at line ").next().unwrap_or_default();
    // The kind is private in `serde_json`; a test pins the sentence.
    if problem == "number out of range" {
        return JsonFault::NumberTooLarge { line, column };
    }
    JsonFault::Syntax { problem: problem.to_owned(), line, column }
}

/// What one reading shares between all its values.
struct Work {
    limits: Limits,
    values: Cell<usize>,
    /// Our own refusal; `serde_json`'s error then only carries the news outwards.
    fault: RefCell<Option<JsonFault>>,
}

impl Work {
    fn refuse<T, E: Error>(&self, fault: JsonFault) -> Result<T, E> {
        *self.fault.borrow_mut() = Some(fault);
        Err(E::custom("refused"))
    }
}

fn pointer(place: Place<'_>) -> String {
    let mut text = place.to_string();
    if text.len() > POINTER_BYTES_MAX {
        let boundary = (0..=POINTER_BYTES_MAX).rev().find(|place| text.is_char_boundary(*place));
        text.truncate(boundary.unwrap_or(0));
        text.push('…');
    }
    text
}

/// One value to come.
#[derive(Clone, Copy)]
struct Seed<'w> {
    work: &'w Work,
    place: Place<'w>,
    /// Arrays and objects around it.
    depth: usize,
}

impl Seed<'_> {
    fn enter<E: Error>(&self) -> Result<(), E> {
        let depth_max = self.work.limits.depth_max;
        if self.depth < depth_max {
            return Ok(());
        }
        self.work.refuse(JsonFault::NestingTooDeep { depth_max, pointer: pointer(self.place) })
    }

    fn text<'de, E: Error>(&self, text: Cow<'de, str>) -> Result<Cow<'de, str>, E> {
        // `serde_json` refuses a raw U+0000, and an escaped one makes the text an owned one.
        if matches!(&text, Cow::Owned(owned) if owned.contains('\0')) {
            return self.work.refuse(JsonFault::NulCharacter { pointer: pointer(self.place) });
        }
        Ok(text)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        let values = self.work.values.get() + 1;
        self.work.values.set(values);
        let values_max = self.work.limits.values_max;
        if values > values_max {
            return self.work.refuse(JsonFault::TooManyValues { values_max });
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json<'de>, E> {
        self.text(Cow::Owned(text.to_owned())).map(Json::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json<'de>, A::Error> {
        self.enter()?;
        let mut elements = Vec::new();
        let element =
            |index| Seed { work: self.work, place: Place::Index(&self.place, index), depth: self.depth + 1 };
        while let Some(value) = access.next_element_seed(element(elements.len()))? {
            elements.push(value);
        }
        Ok(Json::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json<'de>, A::Error> {
        self.enter()?;
        let mut members = Vec::new();
        let mut keys = Keys::default();
        while let Some(key) = access.next_key_seed(KeySeed(self))? {
            let place = Place::Key(&self.place, &key);
            if !keys.is_new(key.clone(), &members) {
                return self.work.refuse(JsonFault::DuplicateKey { pointer: pointer(place) });
            }
            let value = access.next_value_seed(Seed { work: self.work, place, depth: self.depth + 1 })?;
            members.push((key, value));
        }
        Ok(Json::Object(Object(members)))
    }
}

/// Keys of a large object; empty for a small one.
#[derive(Default)]
struct Keys<'de>(BTreeSet<Cow<'de, str>>);

impl<'de> Keys<'de> {
    fn is_new(&mut self, key: Cow<'de, str>, members: &[(Cow<'de, str>, Json<'de>)]) -> bool {
        if members.len() < KEYS_COMPARED_MAX {
            return members.iter().all(|(known, _)| *known != key);
        }
        if self.0.is_empty() {
            self.0.extend(members.iter().map(|(known, _)| known.clone()));
        }
        self.0.insert(key)
    }
}

/// A key to come, in the object that the seed stands for.
struct KeySeed<'w>(Seed<'w>);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed<'_> {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Cow<'de, str>, E> {
        self.0.text(Cow::Owned(key.to_owned()))
    }
}
