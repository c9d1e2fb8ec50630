//! What is wrong or odd about a payload, with the place where it stands. Parsers collect these, so that a caller
//! learns every fault of a body at once (SPEC section 12).
//!
//! A detail says what the place must hold and never repeats what it holds: that may be personal.

use std::fmt;

use crate::report::DeliveryFault;

/// Most warnings of one code in one payload: an order of 1,000 numeric product ids needs to be told once or twice.
pub const WARNINGS_PER_CODE_MAX: usize = 20;

/// One reason to refuse a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) to the place; empty for the whole payload.
    pub pointer: String,
    /// Stable code of SPEC section 12's `errors[].code`.
    pub code: &'static str,
    /// What the place must hold.
    pub detail: String,
}

/// One thing that is odd, and no reason to refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// JSON Pointer (RFC 6901) to the place.
    pub pointer: String,
    /// Stable code of SPEC section 5.1's warnings.
    pub code: &'static str,
    /// What was made of it.
    pub detail: String,
}

impl From<Fault> for DeliveryFault {
    fn from(Fault { pointer, code, detail }: Fault) -> Self {
        Self { pointer: Some(pointer), code: code.to_owned(), detail }
    }
}

impl From<Warning> for DeliveryFault {
    fn from(Warning { pointer, code, detail }: Warning) -> Self {
        Self { pointer: Some(pointer), code: code.to_owned(), detail }
    }
}

/// A place in a JSON value; its `Display` is a JSON Pointer. Costs nothing until it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'a> {
    /// The whole value.
    Root,
    /// A member of the object at the place.
    Key(&'a Place<'a>, &'a str),
    /// An element of the array at the place.
    Index(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(parent, key) => {
                write!(formatter, "{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Self::Index(parent, index) => write!(formatter, "{parent}/{index}"),
        }
    }
}

/// Faults and warnings found so far.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) faults: Vec<Fault>,
    pub(crate) warnings: Vec<Warning>,
}

impl Notes {
    /// Notes a fault. Gives `None`, so that a reader can end with it.
    pub(crate) fn refuse<T>(
        &mut self,
        place: Place<'_>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Option<T> {
        self.faults.push(Fault { pointer: place.to_string(), code, detail: detail.into() });
        None
    }

    /// Notes a warning, unless there are [`WARNINGS_PER_CODE_MAX`] of its code.
    pub(crate) fn warn(&mut self, place: Place<'_>, code: &'static str, detail: &str) {
        let of_code = self.warnings.iter().filter(|warning| warning.code == code).count();
        if of_code < WARNINGS_PER_CODE_MAX {
            self.warnings.push(Warning { pointer: place.to_string(), code, detail: detail.to_owned() });
        }
    }

    /// The value with its warnings, or every fault. A reader that gives `None` has noted why.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<(T, Vec<Warning>), Vec<Fault>> {
        match value {
            Some(value) if self.faults.is_empty() => Ok((value, self.warnings)),
            _ => Err(self.faults),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_escapes_tilde_and_slash() {
        let items = Place::Key(&Place::Root, "a/b~c");
        assert_eq!(Place::Index(&items, 3).to_string(), "/a~1b~0c/3");
        assert_eq!(Place::Root.to_string(), "");
    }

    #[test]
    fn warnings_of_one_code_are_bounded_and_do_not_crowd_out_others() {
        let mut notes = Notes::default();
        (0..100).for_each(|place| notes.warn(Place::Index(&Place::Root, place), "often", ""));
        notes.warn(Place::Root, "once", "");
        assert_eq!(notes.warnings.len(), WARNINGS_PER_CODE_MAX + 1);
    }
}
