//! Sums as bytes, as they are stored: numbers of seven bits a byte, the lowest first, negative ones beside the positive
//! (0, −1, 1, −2, …); types, reasons and currencies by their codes. A sum has one way to be written.

use super::{Money, Rollup};
use crate::attribution::Reason;
use crate::money::Currency;

/// Why sums are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RollupFault {
    /// The bytes are no sums.
    #[error("it can't be read")]
    Unreadable,
    /// Less than nothing happened.
    #[error("it counts less than none")]
    Negative,
}

impl Rollup {
    /// The bytes to be stored.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        let numbers = [self.visualizations].into_iter().chain(self.by_type);
        numbers.for_each(|number| write(&mut bytes, number.into()));
        let reasons: Vec<_> = Reason::ALL.iter().zip(self.unattributed).filter(|(_, n)| *n != 0).collect();
        write_length(&mut bytes, reasons.len());
        for (reason, count) in reasons {
            write_length(&mut bytes, reason.code().len());
            bytes.extend_from_slice(reason.code().as_bytes());
            write(&mut bytes, count.into());
        }
        write_length(&mut bytes, self.versions.len());
        for (version, count) in &self.versions {
            write(&mut bytes, (*version).into());
            write(&mut bytes, (*count).into());
        }
        write_length(&mut bytes, self.money.len());
        for (currency, money) in &self.money {
            bytes.extend_from_slice(currency.code().as_bytes());
            write(&mut bytes, money.orders.into());
            money.sums.iter().for_each(|sum| write(&mut bytes, *sum));
        }
        bytes
    }

    /// Reads [`Rollup::to_bytes`].
    ///
    /// # Errors
    /// When these bytes are no sums.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RollupFault> {
        let mut rest = Rest(bytes);
        read(&mut rest).filter(|_| rest.0.is_empty()).ok_or(RollupFault::Unreadable)
    }
}

fn read(rest: &mut Rest<'_>) -> Option<Rollup> {
    let mut sum = Rollup { visualizations: rest.number()?, ..Rollup::default() };
    for count in &mut sum.by_type {
        *count = rest.number()?;
    }
    for _ in 0..rest.number::<u16>()? {
        let length = rest.number::<u16>()?;
        let reason = Reason::from_code(rest.text(length.into())?)?;
        let place = Reason::ALL.iter().position(|known| *known == reason)?;
        sum.unattributed[place] = rest.number()?;
    }
    for _ in 0..rest.number::<u32>()? {
        let version = rest.number()?;
        sum.versions.insert(version, rest.number()?);
    }
    for _ in 0..rest.number::<u16>()? {
        let currency = Currency::read_stored(rest.text(3)?)?;
        let mut money = Money { orders: rest.number()?, ..Money::default() };
        for sum in &mut money.sums {
            *sum = rest.number()?;
        }
        sum.money.insert(currency, money);
    }
    Some(sum)
}

fn write_length(bytes: &mut Vec<u8>, length: usize) {
    // Reasons, versions and currencies are few.
    write(bytes, i128::try_from(length).unwrap_or(0));
}

#[expect(clippy::cast_sign_loss, reason = "the bits are meant")]
#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time are meant")]
fn write(bytes: &mut Vec<u8>, number: i128) {
    let mut rest = ((number << 1) ^ (number >> 127)) as u128;
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    #[expect(clippy::cast_possible_wrap, reason = "half of an unsigned number fits")]
    fn number<T: TryFrom<i128>>(&mut self) -> Option<T> {
        let mut found = 0_u128;
        for place in 0..19 {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            found |= u128::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                let half = (found >> 1) as i128;
                return T::try_from(if found & 1 == 0 { half } else { !half }).ok();
            }
        }
        None
    }

    fn text(&mut self, length: usize) -> Option<&'a str> {
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
}
