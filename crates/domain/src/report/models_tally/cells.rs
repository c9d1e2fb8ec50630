//! What one widget or product gets under every model.

use std::collections::BTreeMap;

use super::super::models::{Credited, CreditedMoney, ModelShare};
use super::super::packed::{Currencies, Packed, Packing, add_minor};
use crate::attribution::AttributionType;
use crate::money::Currency;
use crate::rules::Model;

const MODELS: usize = Model::ALL.len();

/// A share of one conversion under one model.
pub(super) struct Share {
    /// Place of the model in [`Model::ALL`].
    pub place: usize,
    /// Billionths.
    pub weight: u32,
    /// The order's.
    pub currency: Currency,
    /// Direct or assisted.
    pub kind: AttributionType,
    /// Attributed, minor units.
    pub minor: i64,
}

/// Weights and money, each by the places of [`Model::ALL`].
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    weights: [u128; MODELS],
    /// Direct and assisted; a currency in which nothing is attributed has no line.
    money: BTreeMap<Currency, [(i128, i128); MODELS]>,
}

impl Cells {
    pub(super) fn add(&mut self, share: &Share) {
        self.weights[share.place] += u128::from(share.weight);
        if share.minor == 0 {
            return;
        }
        let line = &mut self.money.entry(share.currency).or_default()[share.place];
        match share.kind {
            AttributionType::Direct => line.0 += i128::from(share.minor),
            AttributionType::Assisted => line.1 += i128::from(share.minor),
            AttributionType::None => {}
        }
    }

    /// The other's money besides, without its weights.
    pub(super) fn add_money_of(&mut self, other: &Self) {
        for (currency, lines) in &other.money {
            let own = self.money.entry(*currency).or_default();
            for (own, line) in own.iter_mut().zip(lines) {
                *own = (own.0 + line.0, own.1 + line.1);
            }
        }
    }

    pub(super) const fn weight(&self, place: usize) -> u128 {
        self.weights[place]
    }

    /// A line a currency in which there is anything.
    pub(super) fn lines(&self, place: usize) -> Vec<CreditedMoney> {
        let lines = self.money.iter().map(|(currency, lines)| (*currency, lines[place]));
        lines
            .filter(|(_, line)| *line != (0, 0))
            .map(|(currency, (direct_minor, assisted_minor))| CreditedMoney {
                currency,
                direct_minor,
                assisted_minor,
            })
            .collect()
    }

    pub(super) fn share(&self, credited: Credited, place: usize) -> ModelShare {
        ModelShare { credited, weight: self.weight(place), money: self.lines(place) }
    }

    pub(super) fn currencies(&self) -> impl Iterator<Item = Currency> + '_ {
        self.money.keys().copied()
    }

    pub(super) fn write(&self, packing: &mut Packing, currencies: &Currencies) {
        for weight in self.weights {
            // A billion of billionths for each of more conversions than there are atoms.
            packing.number(i128::try_from(weight).unwrap_or(i128::MAX));
        }
        packing.length(self.money.len());
        for (currency, lines) in &self.money {
            packing.length(currencies.place(*currency));
            for (direct, assisted) in lines {
                packing.number(*direct);
                packing.number(*assisted);
            }
        }
    }

    pub(super) fn read(&mut self, packed: &mut Packed<'_>, currencies: &[Currency]) -> Option<()> {
        for weight in &mut self.weights {
            *weight = weight.checked_add(packed.number()?)?;
        }
        for _ in 0..packed.length()? {
            let currency = currencies.get(usize::try_from(packed.count()?).ok()?)?;
            for line in self.money.entry(*currency).or_default() {
                add_minor(&mut line.0, packed.number()?)?;
                add_minor(&mut line.1, packed.number()?)?;
            }
        }
        Some(())
    }
}
