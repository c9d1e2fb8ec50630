//! What the shop sells. Prices in euro cents.

pub use selektable_scenery::Model;

/// One product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// The shop's id, the same for `Selektable.open()` and in an order's items.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What it is.
    pub kind: &'static str,
    /// Two sentences.
    pub description: &'static str,
    /// Width × depth × height.
    pub size: &'static str,
    /// Price of one, in euro cents.
    pub price_cents: i64,
    /// Its drawing.
    pub model: Model,
    /// How often it is looked at, against the others; for the made-up history.
    pub popularity: u32,
}

/// The currency of every price.
pub const CURRENCY: &str = "EUR";

/// Everything the shop sells.
pub const PRODUCTS: [Product; 8] = [
    Product {
        id: "sofa-duin",
        title: "Duin",
        kind: "Two-seat sofa",
        description: "Deep seats, loose cushions and short oak legs. The wool blend is the green of marram grass.",
        size: "226 × 90 × 85 cm",
        price_cents: 124_900,
        model: Model::Sofa,
        popularity: 9,
    },
    Product {
        id: "armchair-kade",
        title: "Kade",
        kind: "Armchair",
        description: "An open oak frame that carries two cushions. Light enough to carry to the window.",
        size: "74 × 86 × 98 cm",
        price_cents: 48_900,
        model: Model::Armchair,
        popularity: 7,
    },
    Product {
        id: "lamp-maan",
        title: "Maan",
        kind: "Floor lamp",
        description: "A brass arc with a globe of opal glass. Warm light, dimmed at the foot.",
        size: "70 × 34 × 158 cm",
        price_cents: 17_900,
        model: Model::FloorLamp,
        popularity: 6,
    },
    Product {
        id: "rug-zand",
        title: "Zand",
        kind: "Round rug",
        description: "Hand-tufted rings of undyed and plant-dyed wool. Lies flat from the first day.",
        size: "⌀ 250 cm",
        price_cents: 32_900,
        model: Model::Rug,
        popularity: 6,
    },
    Product {
        id: "table-stip",
        title: "Stip",
        kind: "Side table",
        description: "Three turned walnut legs and a top the size of a tray. Needs no tools.",
        size: "⌀ 54 × 54 cm",
        price_cents: 12_900,
        model: Model::SideTable,
        popularity: 5,
    },
    Product {
        id: "plant-klei",
        title: "Klei",
        kind: "Plant in a pot",
        description: "A rubber plant that forgives. The pot is thrown by hand, each a little different.",
        size: "⌀ 35 × 110 cm",
        price_cents: 5_900,
        model: Model::Plant,
        popularity: 5,
    },
    Product {
        id: "sideboard-brug",
        title: "Brug",
        kind: "Sideboard",
        description: "Three doors in solid oak with brass knobs. Hides a record player and all its cables.",
        size: "168 × 42 × 74 cm",
        price_cents: 89_900,
        model: Model::Sideboard,
        popularity: 4,
    },
    Product {
        id: "pouf-kei",
        title: "Kei",
        kind: "Pouf",
        description: "Knitted cotton around a firm core: a seat, a footrest, a place for the tray.",
        size: "⌀ 68 × 42 cm",
        price_cents: 9_900,
        model: Model::Pouf,
        popularity: 4,
    },
];

/// The product of an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_product_has_its_own_id_and_drawing() {
        for (place, product) in PRODUCTS.iter().enumerate() {
            assert_eq!(find(product.id), Some(product));
            assert_eq!(product.model, Model::ALL[place]);
            assert!(product.price_cents > 0 && product.popularity > 0);
        }
    }
}
