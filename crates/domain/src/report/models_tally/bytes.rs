//! The comparison of models as a sheet. Which model is in force is no part of it.

use super::super::TypeCounts;
use super::super::packed::{Currencies, Packed, Packing, add, add_minor};
use super::super::sheet::{Sheet, SheetFault, whole};
use super::ModelsTally;
use super::cells::Cells;
use crate::attribution::Reason;
use crate::id::WidgetId;
use crate::money::Currency;
use crate::opaque::ProductId;

impl Sheet for ModelsTally {
    fn to_bytes(&self) -> Vec<u8> {
        let mut packing = Packing::default();
        let cells = self.widgets.values().chain(self.products.values());
        let all = cells.flat_map(Cells::currencies).chain(self.unattributed_money.keys().copied());
        let currencies = Currencies::write(&mut packing, all);
        self.write_counts(&mut packing, &currencies);
        packing.length(self.widgets.len());
        for (widget, cells) in &self.widgets {
            packing.bytes(widget.as_bytes());
            cells.write(&mut packing, &currencies);
        }
        let mut products: Vec<_> = self.products.iter().collect();
        products.sort_unstable_by_key(|(product, _)| *product);
        packing.length(products.len());
        for (product, cells) in products {
            packing.text(product.as_str());
            cells.write(&mut packing, &currencies);
        }
        packing.into_bytes()
    }

    fn absorb(&mut self, bytes: &[u8]) -> Result<(), SheetFault> {
        let mut packed = Packed::new(bytes);
        let read = self.read(&mut packed);
        whole(read, packed.is_at_end())
    }

    fn is_nothing(&self) -> bool {
        self.by_type == TypeCounts::default()
    }
}

impl ModelsTally {
    fn write_counts(&self, packing: &mut Packing, currencies: &Currencies) {
        let by_type = self.by_type;
        for count in [by_type.direct, by_type.assisted, by_type.none] {
            packing.count(count);
        }
        let mut reasons: Vec<_> =
            self.unattributed.iter().map(|(reason, count)| (reason.code(), *count)).collect();
        reasons.sort_unstable();
        packing.length(reasons.len());
        for (reason, count) in reasons {
            packing.text(reason);
            packing.count(count);
        }
        packing.length(self.unattributed_money.len());
        for (currency, minor) in &self.unattributed_money {
            packing.length(currencies.place(*currency));
            packing.number(*minor);
        }
    }

    fn read(&mut self, packed: &mut Packed<'_>) -> Option<()> {
        let currencies = Currencies::read(packed)?;
        self.read_counts(packed, &currencies)?;
        for _ in 0..packed.length()? {
            let widget = WidgetId::from_slice(packed.bytes(16)?)?;
            self.widgets.entry(widget).or_default().read(packed, &currencies)?;
        }
        let products = packed.length()?;
        self.products.reserve(products);
        for _ in 0..products {
            let product = packed.text()?;
            if let Some(cells) = self.products.get_mut(product) {
                cells.read(packed, &currencies)?;
            } else {
                let product = ProductId::parse(product).ok()?;
                self.products.entry(product).or_default().read(packed, &currencies)?;
            }
        }
        Some(())
    }

    fn read_counts(&mut self, packed: &mut Packed<'_>, currencies: &[Currency]) -> Option<()> {
        let by_type = &mut self.by_type;
        for count in [&mut by_type.direct, &mut by_type.assisted, &mut by_type.none] {
            add(count, packed.count()?)?;
        }
        for _ in 0..packed.length()? {
            let reason = Reason::from_code(packed.text()?)?;
            add(self.unattributed.entry(reason).or_default(), packed.count()?)?;
        }
        for _ in 0..packed.length()? {
            let currency = currencies.get(usize::try_from(packed.count()?).ok()?)?;
            add_minor(self.unattributed_money.entry(*currency).or_default(), packed.number()?)?;
        }
        Some(())
    }
}
