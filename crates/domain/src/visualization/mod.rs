//! What a shopper was shown: the products of one generated picture.

mod parse;

pub use parse::{ServerVisualization, parse_products, parse_server};

use crate::id::WidgetId;
use crate::opaque::{ProductId, SessionId, VisitorId};
use crate::time::Timestamp;

pub use crate::opaque::VisualizationId;

/// Most products in one picture (SPEC section 2).
pub const PRODUCTS_MAX: usize = 5;
/// Most variant ids of one shown product.
pub const VARIANTS_MAX: usize = 100;

/// A product in a picture, with the ids of its variants where the shop gave them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownProduct {
    /// The id passed to `Selektable.open()`.
    pub product: ProductId,
    /// Ids an order may carry instead.
    pub variants: Vec<ProductId>,
}

impl ShownProduct {
    /// Whether an order line's id names this product or one of its variants.
    #[must_use]
    pub fn is(&self, id: &ProductId) -> bool {
        self.product == *id || self.variants.contains(id)
    }
}

/// One visualization, as attribution sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visualization {
    /// Public id, unique in its store.
    pub id: VisualizationId,
    /// The widget that made it.
    pub widget: WidgetId,
    /// The browser; `None` when the shopper gave no consent.
    pub visitor: Option<VisitorId>,
    /// The tab's session; `None` when the shopper gave no consent.
    pub session: Option<SessionId>,
    /// 1 to [`PRODUCTS_MAX`] products.
    pub products: Vec<ShownProduct>,
    /// When it was made, by our clock (or the caller's `createdAt` for a backfill).
    pub at: Timestamp,
}
