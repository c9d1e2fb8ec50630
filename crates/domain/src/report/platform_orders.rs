//! Orders of a platform by how their visitor came to be known, and those that figures leave out by why.

use std::collections::BTreeMap;

use super::packed::{Packed, Packing, add};
use super::sheet::{Sheet, SheetFault, whole};
use crate::order::platform::{Carrier, LeftOut};

/// Adds up orders of a platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlatformOrdersTally {
    /// Those without a carrier under `None`.
    counted: BTreeMap<Option<Carrier>, u64>,
    left_out: BTreeMap<LeftOut, u64>,
}

/// Orders of a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformOrders {
    /// Those that figures count, by carrier in the order of [`Carrier::ALL`]; `None` (last): no visitor is known.
    pub carriers: Vec<(Option<Carrier>, u64)>,
    /// Those that figures leave out, by the name of why.
    pub left_out: Vec<(LeftOut, u64)>,
}

impl PlatformOrdersTally {
    /// So many orders more that figures count, whose visitor came to be known in one way, or is not known.
    pub fn add_counted(&mut self, carrier: Option<Carrier>, orders: u64) {
        *self.counted.entry(carrier).or_default() += orders;
    }

    /// So many orders more that figures leave out.
    pub fn add_left_out(&mut self, why: LeftOut, orders: u64) {
        *self.left_out.entry(why).or_default() += orders;
    }

    /// What it comes to.
    #[must_use]
    pub fn finish(self) -> PlatformOrders {
        let mut carriers: Vec<_> = self.counted.into_iter().collect();
        carriers.sort_by_key(|(carrier, _)| (carrier.is_none(), *carrier));
        let mut left_out: Vec<_> = self.left_out.into_iter().collect();
        left_out.sort_by_key(|(why, _)| why.code());
        PlatformOrders { carriers, left_out }
    }

    fn read(&mut self, packed: &mut Packed<'_>) -> Option<()> {
        for _ in 0..packed.length()? {
            let carrier = match packed.text()? {
                "" => None,
                code => Some(Carrier::from_code(code)?),
            };
            add(self.counted.entry(carrier).or_default(), packed.count()?)?;
        }
        for _ in 0..packed.length()? {
            let why = LeftOut::from_code(packed.text()?)?;
            add(self.left_out.entry(why).or_default(), packed.count()?)?;
        }
        Some(())
    }
}

impl Sheet for PlatformOrdersTally {
    fn to_bytes(&self) -> Vec<u8> {
        let mut packing = Packing::default();
        packing.length(self.counted.len());
        for (carrier, orders) in &self.counted {
            packing.text(carrier.map_or("", Carrier::code));
            packing.count(*orders);
        }
        packing.length(self.left_out.len());
        for (why, orders) in &self.left_out {
            packing.text(why.code());
            packing.count(*orders);
        }
        packing.into_bytes()
    }

    fn absorb(&mut self, bytes: &[u8]) -> Result<(), SheetFault> {
        let mut packed = Packed::new(bytes);
        let read = self.read(&mut packed);
        whole(read, packed.is_at_end())
    }

    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::{in_parts_and_whole, is_read_without_a_panic};
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Sold {
        Counted(Option<Carrier>),
        LeftOut(LeftOut),
    }

    fn add(tally: &mut PlatformOrdersTally, sold: &Sold) {
        match sold {
            Sold::Counted(carrier) => tally.add_counted(*carrier, 1),
            Sold::LeftOut(why) => tally.add_left_out(*why, 1),
        }
    }

    fn sold() -> impl Strategy<Value = Sold> {
        prop_oneof![
            prop::option::of(prop::sample::select(Carrier::ALL.to_vec())).prop_map(Sold::Counted),
            prop::sample::select(LeftOut::ALL.to_vec()).prop_map(Sold::LeftOut),
        ]
    }

    proptest! {
        #[test]
        fn parts_add_up(
            all in prop::collection::vec(sold(), 0..20),
            cut in 0_usize..20,
            any in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let (parts, whole) = in_parts_and_whole(&all, cut, PlatformOrdersTally::default, add);
            prop_assert_eq!(&parts, &whole);
            is_read_without_a_panic(PlatformOrdersTally::default, &whole, &any);
        }
    }

    #[test]
    fn those_without_a_visitor_come_last() {
        let mut tally = PlatformOrdersTally::default();
        for carrier in [None, Some(Carrier::Pixel), Some(Carrier::LineProperty)] {
            tally.add_counted(carrier, 2);
        }
        let told = tally.finish().carriers;
        assert_eq!(told, [(Some(Carrier::LineProperty), 2), (Some(Carrier::Pixel), 2), (None, 2)]);
    }
}
