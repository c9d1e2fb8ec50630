//! Ids that others make: orders, products, visitors, sessions, users. Compared byte for byte, never folded or
//! trimmed (SPEC section 2); refused when they stand for nobody (SPEC section 5.1), because such an id would link
//! two people who have nothing to do with each other.

use std::fmt;

/// Longest foreign id, in bytes of UTF-8.
pub const OPAQUE_ID_BYTES_MAX: usize = 255;

/// Why a text can't be an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpaqueIdFault {
    /// Nothing, or only white space.
    #[error("is empty: send the id itself, for a visitor as Selektable.getIdentity() gives it")]
    Empty,
    /// What a program writes when it has no id.
    #[error(
        "stands for nobody (such as `undefined`, `null`, `0` or `[object Object]`): the value was lost before it was sent"
    )]
    Placeholder,
    /// More than [`OPAQUE_ID_BYTES_MAX`] bytes.
    #[error("is longer than 255 bytes")]
    TooLong,
    /// A control character (U+0000 to U+001F, U+007F to U+009F).
    #[error("contains a control character")]
    ControlCharacter,
}

impl OpaqueIdFault {
    /// The stable code of SPEC section 12's `errors[].code`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty_identifier",
            Self::Placeholder => "placeholder_identifier",
            Self::TooLong => "too_long",
            Self::ControlCharacter => "control_character",
        }
    }
}

/// Letter case is ignored here, though ids are never folded: `NULL` and `null` are the same accident.
const PLACEHOLDERS: [&str; 6] = ["undefined", "null", "nan", "anonymous", "0", "[object object]"];
const ZERO_UUID: &str = "00000000-0000-0000-0000-000000000000";

fn check(text: &str) -> Result<(), OpaqueIdFault> {
    if text.trim().is_empty() {
        return Err(OpaqueIdFault::Empty);
    }
    if text.len() > OPAQUE_ID_BYTES_MAX {
        return Err(OpaqueIdFault::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(OpaqueIdFault::ControlCharacter);
    }
    if text == ZERO_UUID || PLACEHOLDERS.iter().any(|placeholder| text.eq_ignore_ascii_case(placeholder)) {
        return Err(OpaqueIdFault::Placeholder);
    }
    Ok(())
}

/// Rules for ids whose only job is to be the same twice: any text within the length.
fn check_any_text(text: &str) -> Result<(), OpaqueIdFault> {
    match check(text) {
        Err(OpaqueIdFault::Placeholder) => Ok(()),
        other => other,
    }
}

macro_rules! opaque_ids {
    ($($(#[$doc:meta])* $name:ident, $check:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes the text as it is, or says why it can't be an id.
            pub fn parse(text: &str) -> Result<Self, OpaqueIdFault> {
                $check(text).map(|()| Self(text.into()))
            }

            /// The text as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({:?})", stringify!($name), &self.0)
            }
        }
    )*};
}

opaque_ids! {
    /// The shop's id of an order or lead; with the store it names one conversion for ever.
    OrderId, check;
    /// The shop's id of a product or of one of its variants; both live in one space, because shops pass either
    /// where the other is meant.
    ProductId, check;
    /// A browser, as the embed script or the shop names it.
    VisitorId, check;
    /// A tab's session, as the embed script names it.
    SessionId, check;
    /// The shop's own customer id.
    UserId, check;
    /// The public id of a visualization: ours (`viz_…`) or the caller's own.
    VisualizationId, check_any_text;
    /// The id a browser gave one of its events; it counts once.
    EventId, check_any_text;
    /// A platform's token of a cart or a checkout.
    CartToken, check;
    /// A platform's id of a repayment.
    RefundId, check_any_text;
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", OpaqueIdFault::Empty)]
    #[case(" \u{a0}", OpaqueIdFault::Empty)]
    #[case("undefined", OpaqueIdFault::Placeholder)]
    #[case("null", OpaqueIdFault::Placeholder)]
    #[case("NULL", OpaqueIdFault::Placeholder)]
    #[case("NaN", OpaqueIdFault::Placeholder)]
    #[case("anonymous", OpaqueIdFault::Placeholder)]
    #[case("0", OpaqueIdFault::Placeholder)]
    #[case("[object Object]", OpaqueIdFault::Placeholder)]
    #[case("00000000-0000-0000-0000-000000000000", OpaqueIdFault::Placeholder)]
    #[case("a\u{0}b", OpaqueIdFault::ControlCharacter)]
    #[case("a\u{85}b", OpaqueIdFault::ControlCharacter)]
    fn an_id_that_stands_for_nobody_is_refused(#[case] text: &str, #[case] fault: OpaqueIdFault) {
        assert_eq!(VisitorId::parse(text), Err(fault));
    }

    #[test]
    fn the_limit_counts_bytes_and_is_included() {
        assert!(OrderId::parse(&"x".repeat(255)).is_ok());
        assert_eq!(OrderId::parse(&"x".repeat(256)), Err(OpaqueIdFault::TooLong));
        assert_eq!(OrderId::parse(&"é".repeat(128)), Err(OpaqueIdFault::TooLong));
    }

    #[test]
    fn an_id_is_kept_byte_for_byte() {
        for text in [" 7", "7", "A", "a", "é", "e\u{301}", "00", "null-1"] {
            assert_eq!(OrderId::parse(text).unwrap().as_str(), text);
        }
    }
}
