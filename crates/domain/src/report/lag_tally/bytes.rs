//! The lag report as a sheet. It counts what the window in force would credit, so it is of use under that one alone.

use super::super::packed::{Currencies, Packed, Packing, add, add_minor};
use super::super::sheet::{Sheet, SheetFault, whole};
use super::{Advice, Histogram, LagTally, cell};
use crate::money::Currency;

impl Sheet for LagTally {
    fn to_bytes(&self) -> Vec<u8> {
        let mut packing = Packing::default();
        packing.number(self.in_force.as_millis());
        packing.count(self.conversions);
        for bar in &self.curve {
            packing.count(bar.direct);
            packing.count(bar.other);
        }
        self.direct_lags.write(&mut packing);
        let all = self.windows.iter().flat_map(|advice| advice.revenue.keys().copied());
        let currencies = Currencies::write(&mut packing, all);
        self.windows.iter().for_each(|advice| advice.write(&mut packing, &currencies));
        let safari = &self.safari;
        for count in [safari.late_known_users, safari.late_browsers, safari.strangers] {
            packing.count(count);
        }
        packing.into_bytes()
    }

    fn absorb(&mut self, bytes: &[u8]) -> Result<(), SheetFault> {
        let mut packed = Packed::new(bytes);
        match packed.number::<i64>() {
            Some(window) if window == self.in_force.as_millis() => {}
            Some(_) => return Err(SheetFault::OtherWindow),
            None => return Err(SheetFault::Unreadable),
        }
        let read = self.read(&mut packed);
        whole(read, packed.is_at_end())
    }

    fn is_nothing(&self) -> bool {
        self.conversions == 0
    }
}

impl LagTally {
    fn read(&mut self, packed: &mut Packed<'_>) -> Option<()> {
        add(&mut self.conversions, packed.count()?)?;
        for bar in &mut self.curve {
            add(&mut bar.direct, packed.count()?)?;
            add(&mut bar.other, packed.count()?)?;
        }
        self.direct_lags.read(packed)?;
        let currencies = Currencies::read(packed)?;
        for advice in &mut self.windows {
            advice.read(packed, &currencies)?;
        }
        let safari = &mut self.safari;
        for count in [&mut safari.late_known_users, &mut safari.late_browsers, &mut safari.strangers] {
            add(count, packed.count()?)?;
        }
        Some(())
    }
}

impl Histogram {
    /// A cell is named by any lag in it.
    fn write(&self, packing: &mut Packing) {
        packing.length(self.cells.len());
        for (count, longest) in self.cells.values() {
            packing.count(*count);
            packing.number(*longest);
        }
    }

    fn read(&mut self, packed: &mut Packed<'_>) -> Option<()> {
        for _ in 0..packed.length()? {
            let (more, longest) = (packed.count()?, packed.number::<i64>()?);
            let (count, known) = self.cells.entry(cell(longest)).or_default();
            add(count, more)?;
            *known = longest.max(*known);
            add(&mut self.count, more)?;
        }
        Some(())
    }
}

impl Advice {
    fn write(&self, packing: &mut Packing, currencies: &Currencies) {
        packing.count(self.direct);
        packing.count(self.assisted);
        packing.length(self.revenue.len());
        for (currency, (direct, assisted)) in &self.revenue {
            packing.length(currencies.place(*currency));
            packing.number(*direct);
            packing.number(*assisted);
        }
    }

    fn read(&mut self, packed: &mut Packed<'_>, currencies: &[Currency]) -> Option<()> {
        add(&mut self.direct, packed.count()?)?;
        add(&mut self.assisted, packed.count()?)?;
        for _ in 0..packed.length()? {
            let currency = currencies.get(usize::try_from(packed.count()?).ok()?)?;
            let line = self.revenue.entry(*currency).or_default();
            add_minor(&mut line.0, packed.number()?)?;
            add_minor(&mut line.1, packed.number()?)?;
        }
        Some(())
    }
}
