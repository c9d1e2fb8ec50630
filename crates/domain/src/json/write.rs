//! Back from the tree to text, for the parts of a payload that are kept as they came.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Json, Object};

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i128(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Array(elements) => {
                let mut sequence = serializer.serialize_seq(Some(elements.len()))?;
                elements.iter().try_for_each(|element| sequence.serialize_element(element))?;
                sequence.end()
            }
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}

/// The value as JSON without white space; `None` if that takes more than `bytes_max` bytes.
#[must_use]
pub fn to_compact_text(value: &impl Serialize, bytes_max: usize) -> Option<String> {
    serde_json::to_string(value).ok().filter(|text| text.len() <= bytes_max)
}
