//! Strict JSON: the one way in for every body that meets the network (SPEC section 12).
//!
//! What common readers let through is refused here, because two programs that read it differently would disagree
//! about an order: duplicate keys (also when one is written with escapes, also inside objects nobody reads),
//! `\u0000`, lone surrogates, a byte order mark, invalid UTF-8, trailing text, deep nesting and numbers beyond a
//! double. The tokens themselves are read by `serde_json`; only the tree is ours, and it borrows from the body.
//!
//! Numbers: a whole number of up to 64 bits is kept exactly ([`Json::Integer`]). All others are [`Json::Float`]:
//! those with a fraction or an exponent, those beyond 64 bits, and `-0`, which no integer can hold.

mod build;
mod write;

use std::borrow::Cow;

pub use write::to_compact_text;

/// Longest pointer that a [`JsonFault`] repeats, in bytes; keys come from outside and may be of any length.
pub const POINTER_BYTES_MAX: usize = 512;

/// How large a body's tree may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Deepest nesting; a body that is one array or object has depth 1.
    pub depth_max: usize,
    /// Most values, keys not counted.
    pub values_max: usize,
}

impl Limits {
    /// For one order, one batch of events, one visualization. A body of 256 KiB can't hold more values than this.
    pub const SINGLE: Self = Self { depth_max: 32, values_max: 1 << 17 };
    /// For a batch of orders.
    pub const BATCH: Self = Self { depth_max: 32, values_max: 1 << 20 };
}

/// A JSON value; text is borrowed from the body unless it was written with escapes.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number of up to 64 bits, written without fraction and exponent.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// A string, without U+0000.
    Text(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object; no key twice.
    Object(Object<'a>),
}

/// An object's members in the order in which they were written; no key twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Object<'a> {
    /// The value of a key, if it is there.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Keys and values as written.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Json<'a>)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value))
    }
}

impl<'a> FromIterator<(&'a str, Json<'a>)> for Object<'a> {
    fn from_iter<I: IntoIterator<Item = (&'a str, Json<'a>)>>(members: I) -> Self {
        Self(members.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect())
    }
}

impl<'a> Json<'a> {
    /// The object, if it is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Json<'a>]> {
        if let Self::Array(elements) = self { Some(elements) } else { None }
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// What it is, for a sentence: `a string`, `null`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// Why a body is not JSON as this product takes it. Each is an answer of 400; no sentence repeats a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// Nothing but white space.
    #[error("The body is empty: send a JSON value with Content-Type application/json.")]
    EmptyBody,
    /// Bytes that are no UTF-8.
    #[error("The body is not UTF-8: the byte at offset {offset} can't stand there.")]
    InvalidUtf8 {
        /// Bytes before the first wrong one.
        offset: usize,
    },
    /// U+FEFF before the value.
    #[error("The body begins with a byte order mark: send UTF-8 without one.")]
    ByteOrderMark,
    /// Any other breach of the grammar, lone surrogates included.
    #[error("The body is not JSON: {problem} (line {line}, column {column}).")]
    Syntax {
        /// What the reader met, without the text itself.
        problem: String,
        /// Counted from 1.
        line: usize,
        /// Counted in bytes.
        column: usize,
    },
    /// More text after the value.
    #[error("There is text after the JSON value (line {line}, column {column}): send one value only.")]
    TrailingText {
        /// Counted from 1.
        line: usize,
        /// Counted in bytes.
        column: usize,
    },
    /// A number that no double can hold, such as 1e999.
    #[error("A number is too large for any reader (line {line}, column {column}).")]
    NumberTooLarge {
        /// Counted from 1.
        line: usize,
        /// Counted in bytes.
        column: usize,
    },
    /// An object that has a key twice; escapes are resolved before keys are compared.
    #[error("The key at {pointer} stands twice in its object: send each key once.")]
    DuplicateKey {
        /// Where its second value would stand.
        pointer: String,
    },
    /// U+0000 in a string or a key.
    #[error("The text at {pointer:?} contains \\u0000, which no field may contain.")]
    NulCharacter {
        /// The string; for a key, the object it stands in.
        pointer: String,
    },
    /// Deeper than [`Limits::depth_max`].
    #[error("Arrays and objects are nested deeper than {depth_max} levels.")]
    NestingTooDeep {
        /// The limit.
        depth_max: usize,
        /// The first value that is too deep.
        pointer: String,
    },
    /// More values than [`Limits::values_max`].
    #[error("The body holds more than {values_max} values.")]
    TooManyValues {
        /// The limit.
        values_max: usize,
    },
}

impl JsonFault {
    /// The answer's stable `code`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EmptyBody => "empty_body",
            Self::InvalidUtf8 { .. } => "invalid_utf8",
            Self::ByteOrderMark => "byte_order_mark",
            Self::Syntax { .. } => "invalid_json",
            Self::TrailingText { .. } => "trailing_text",
            Self::NumberTooLarge { .. } => "number_too_large",
            Self::DuplicateKey { .. } => "duplicate_key",
            Self::NulCharacter { .. } => "nul_character",
            Self::NestingTooDeep { .. } => "nesting_too_deep",
            Self::TooManyValues { .. } => "too_many_values",
        }
    }

    /// JSON Pointer to the place, where there is one.
    #[must_use]
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::DuplicateKey { pointer }
            | Self::NulCharacter { pointer }
            | Self::NestingTooDeep { pointer, .. } => Some(pointer),
            Self::EmptyBody
            | Self::InvalidUtf8 { .. }
            | Self::ByteOrderMark
            | Self::Syntax { .. }
            | Self::TrailingText { .. }
            | Self::NumberTooLarge { .. }
            | Self::TooManyValues { .. } => None,
        }
    }
}

/// Reads one JSON value and nothing else. Time and memory grow with the body's length, not faster.
pub fn parse(body: &[u8], limits: Limits) -> Result<Json<'_>, JsonFault> {
    let text =
        std::str::from_utf8(body).map_err(|fault| JsonFault::InvalidUtf8 { offset: fault.valid_up_to() })?;
    if text.starts_with('\u{feff}') {
        return Err(JsonFault::ByteOrderMark);
    }
    if text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
        return Err(JsonFault::EmptyBody);
    }
    build::build(text, limits)
}

#[cfg(test)]
mod tests;
