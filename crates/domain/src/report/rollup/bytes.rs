//! Sums as bytes, as they are stored: numbers packed (see [`super::super::packed`]); types, reasons and currencies by
//! their codes. A sum has one way to be written.

use super::super::packed::{Packed, Packing};
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
        let mut packing = Packing::default();
        let numbers = [self.visualizations].into_iter().chain(self.by_type);
        numbers.for_each(|number| packing.number(number));
        let reasons: Vec<_> = Reason::ALL.iter().zip(self.unattributed).filter(|(_, n)| *n != 0).collect();
        length(&mut packing, reasons.len());
        for (reason, count) in reasons {
            length(&mut packing, reason.code().len());
            packing.bytes(reason.code().as_bytes());
            packing.number(count);
        }
        length(&mut packing, self.versions.len());
        for (version, count) in &self.versions {
            packing.number(*version);
            packing.number(*count);
        }
        length(&mut packing, self.money.len());
        for (currency, money) in &self.money {
            packing.bytes(currency.code().as_bytes());
            packing.number(money.orders);
            money.sums.iter().for_each(|sum| packing.number(*sum));
        }
        packing.into_bytes()
    }

    /// Reads [`Rollup::to_bytes`].
    ///
    /// # Errors
    /// When these bytes are no sums.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RollupFault> {
        let mut packed = Packed::new(bytes);
        read(&mut packed).filter(|_| packed.is_at_end()).ok_or(RollupFault::Unreadable)
    }
}

fn read(packed: &mut Packed<'_>) -> Option<Rollup> {
    let mut sum = Rollup { visualizations: packed.number()?, ..Rollup::default() };
    for count in &mut sum.by_type {
        *count = packed.number()?;
    }
    for _ in 0..packed.number::<u16>()? {
        let length = packed.number::<u16>()?;
        let reason = Reason::from_code(packed.text_of(length.into())?)?;
        let place = Reason::ALL.iter().position(|known| *known == reason)?;
        sum.unattributed[place] = packed.number()?;
    }
    for _ in 0..packed.number::<u32>()? {
        let version = packed.number()?;
        sum.versions.insert(version, packed.number()?);
    }
    for _ in 0..packed.number::<u16>()? {
        let currency = Currency::read_stored(packed.text_of(3)?)?;
        let mut money = Money { orders: packed.number()?, ..Money::default() };
        for sum in &mut money.sums {
            *sum = packed.number()?;
        }
        sum.money.insert(currency, money);
    }
    Some(sum)
}

fn length(packing: &mut Packing, length: usize) {
    // Reasons, versions and currencies are few.
    packing.number(i128::try_from(length).unwrap_or(0));
}
