//! Ids that we make: a prefix, an underscore, and 26 characters that sort by time.
//!
//! The 128 bits are a UUID of version 7; the text is Crockford's base 32 in lower case, most significant bits
//! first, so text order, byte order and creation order agree. In a database only the 16 bytes are kept.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of 128 bits in base 32.
pub(crate) const TEXT_LENGTH: usize = 26;

/// What an id stands for; ties the prefix to the type so that a store's id can't be passed as a widget's.
pub trait Kind {
    /// The text before the underscore, such as `store`.
    const PREFIX: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $marker:ident, $alias:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $marker {}
        impl Kind for $marker {
            const PREFIX: &'static str = $prefix;
        }
        $(#[$doc])*
        pub type $alias = Id<$marker>;
    )*};
}

kinds! {
    /// The tenant: owns stores, members and keys.
    OrganizationKind, OrganizationId, "org";
    /// One shop.
    StoreKind, StoreId, "store";
    /// One configured visualizer of a store.
    WidgetKind, WidgetId, "widget";
    /// One order or lead.
    ConversionKind, ConversionId, "conv";
    /// One request that brought a conversion in.
    DeliveryKind, DeliveryId, "dlv";
    /// One API key (its public handle, never the secret).
    KeyKind, KeyId, "key";
    /// One person who logs in to the dashboard.
    MemberKind, MemberId, "usr";
    /// A visualization whose id we made; see [`crate::visualization::VisualizationId`] for the public text.
    VisualizationKind, OwnVisualizationId, "viz";
}

/// A typed 128-bit id.
pub struct Id<K>(Uuid, PhantomData<K>);

impl<K> Id<K> {
    /// Wraps a UUID made by the shell (version 7) or read back from storage.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The 16 bytes, most significant first.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Reads the 16 bytes that [`Id::as_bytes`] gave; `None` for any other length.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok().map(Self::from_uuid)
    }
}

/// Why a text is no id of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id of the form {prefix}_ followed by 26 characters")]
pub struct IdFault {
    prefix: &'static str,
    text: String,
}

impl<K: Kind> FromStr for Id<K> {
    type Err = IdFault;

    fn from_str(text: &str) -> Result<Self, IdFault> {
        parse_bits(text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')))
            .map(|bits| Self::from_uuid(Uuid::from_u128(bits)))
            .ok_or_else(|| IdFault { prefix: K::PREFIX, text: text.chars().take(64).collect() })
    }
}

fn parse_bits(digits: Option<&str>) -> Option<u128> {
    let digits = digits.filter(|digits| digits.len() == TEXT_LENGTH)?;
    digits.bytes().try_fold(0_u128, |bits, digit| {
        let value = ALPHABET.iter().position(|known| *known == digit)?;
        // 26 digits hold 130 bits: a first digit above 7 would not fit.
        bits.checked_mul(32).map(|shifted| shifted | value as u128)
    })
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}_{}", K::PREFIX, to_base32(self.0.as_u128()))
    }
}

/// 128 bits as [`TEXT_LENGTH`] characters.
pub(crate) fn to_base32(bits: u128) -> String {
    let places = (0..TEXT_LENGTH).rev();
    places.map(|place| char::from(ALPHABET[((bits >> (5 * place)) & 31) as usize])).collect()
}

/// Whether every character is one of those of [`to_base32`].
pub(crate) fn is_base32(text: &str) -> bool {
    text.bytes().all(|byte| ALPHABET.contains(&byte))
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

// Derives would ask the same of the marker types, which are never values.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_and_bytes_come_back_as_they_were_and_sort_alike(one: u128, other: u128) {
            let (one, other) = (StoreId::from_uuid(Uuid::from_u128(one)), StoreId::from_uuid(Uuid::from_u128(other)));
            prop_assert_eq!(one.to_string().parse::<StoreId>(), Ok(one));
            prop_assert_eq!(StoreId::from_slice(one.as_bytes()), Some(one));
            prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = text.parse::<WidgetId>();
        }
    }

    #[test]
    fn another_kinds_prefix_other_lengths_and_too_large_numbers_are_refused() {
        let id = StoreId::from_uuid(Uuid::from_u128(1));
        assert!(id.to_string().parse::<WidgetId>().is_err());
        assert!(format!("{id}0").parse::<StoreId>().is_err());
        assert!("store_80000000000000000000000000".parse::<StoreId>().is_err());
        assert!(id.to_string().to_uppercase().parse::<StoreId>().is_err());
        assert!("store_xxx".parse::<StoreId>().is_err());
    }
}
