//! Numbers and texts packed into bytes: numbers of seven bits a byte, the lowest first; those that may be negative beside
//! the positive (0, −1, 1, −2, …). What is read may be anything: it gives `None`, never a panic.

use std::collections::BTreeMap;

use crate::money::Currency;

/// Bytes that are being written.
#[derive(Debug, Default)]
pub(super) struct Packing(Vec<u8>);

impl Packing {
    /// A number that may be negative.
    #[expect(clippy::cast_sign_loss, reason = "the bits are meant")]
    pub(super) fn number(&mut self, number: impl Into<i128>) {
        let number = number.into();
        self.unsigned(((number << 1) ^ (number >> 127)) as u128);
    }

    /// A number of things.
    pub(super) fn count(&mut self, count: u64) {
        self.unsigned(count.into());
    }

    /// How many things follow.
    pub(super) fn length(&mut self, length: usize) {
        // A memory holds no more than that.
        self.count(length as u64);
    }

    #[expect(clippy::cast_possible_truncation, reason = "seven bits at a time are meant")]
    fn unsigned(&mut self, mut rest: u128) {
        while rest >= 0x80 {
            self.0.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.0.push(rest as u8);
    }

    /// A text behind its length.
    pub(super) fn text(&mut self, text: &str) {
        self.length(text.len());
        self.bytes(text.as_bytes());
    }

    /// Bytes whose number the reader knows.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// What was written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Bytes that are being read.
pub(super) struct Packed<'a>(&'a [u8]);

impl<'a> Packed<'a> {
    /// From the first on.
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether all was read.
    pub(super) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// See [`Packing::number`].
    #[expect(clippy::cast_possible_wrap, reason = "half of an unsigned number fits")]
    pub(super) fn number<T: TryFrom<i128>>(&mut self) -> Option<T> {
        let found = self.unsigned()?;
        let half = (found >> 1) as i128;
        T::try_from(if found & 1 == 0 { half } else { !half }).ok()
    }

    /// See [`Packing::count`].
    pub(super) fn count(&mut self) -> Option<u64> {
        u64::try_from(self.unsigned()?).ok()
    }

    /// See [`Packing::length`]. Each of the things takes a byte at least.
    pub(super) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.count()?).ok().filter(|length| *length <= self.0.len())
    }

    fn unsigned(&mut self) -> Option<u128> {
        let mut low = 0_u64;
        // Nine bytes fill a word; most numbers have fewer.
        for place in 0..9 {
            let byte = self.byte()?;
            low |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Some(low.into());
            }
        }
        let mut found = u128::from(low);
        for place in 9..19 {
            let byte = self.byte()?;
            found |= u128::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Some(found);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// See [`Packing::text`].
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.length()?;
        self.text_of(length)
    }

    /// A text of so many bytes.
    pub(super) fn text_of(&mut self, length: usize) -> Option<&'a str> {
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    /// So many bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

/// Currencies by their places in a list that stands before what names them.
#[derive(Debug, Default)]
pub(super) struct Currencies(BTreeMap<Currency, usize>);

impl Currencies {
    /// Writes the list.
    pub(super) fn write(packing: &mut Packing, all: impl Iterator<Item = Currency>) -> Self {
        let mut known: BTreeMap<Currency, usize> = all.map(|currency| (currency, 0)).collect();
        packing.length(known.len());
        for (place, (currency, known)) in known.iter_mut().enumerate() {
            packing.bytes(currency.code().as_bytes());
            *known = place;
        }
        Self(known)
    }

    /// The place of one of them.
    pub(super) fn place(&self, currency: Currency) -> usize {
        self.0.get(&currency).copied().unwrap_or_default()
    }

    /// Reads the list.
    pub(super) fn read(packed: &mut Packed<'_>) -> Option<Vec<Currency>> {
        (0..packed.length()?).map(|_| Currency::read_stored(packed.text_of(3)?)).collect()
    }
}

/// Adds a number of things; `None` when they are more than there can be.
pub(super) fn add(count: &mut u64, more: u64) -> Option<()> {
    *count = count.checked_add(more)?;
    Some(())
}

/// Adds an amount in the same way.
pub(super) fn add_minor(sum: &mut i128, more: i128) -> Option<()> {
    *sum = sum.checked_add(more)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(number in any::<i128>(), count in any::<u64>(), text in ".{0,20}") {
            let mut packing = Packing::default();
            packing.number(number);
            packing.count(count);
            packing.text(&text);
            let bytes = packing.into_bytes();
            let mut packed = Packed::new(&bytes);
            prop_assert_eq!(packed.number::<i128>(), Some(number));
            prop_assert_eq!(packed.count(), Some(count));
            prop_assert_eq!(packed.text(), Some(text.as_str()));
            prop_assert!(packed.is_at_end());
        }
    }
}
