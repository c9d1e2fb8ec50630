//! What is put into one photo: one to five products, each with its place.

use crate::cutout::Cutout;
use crate::fault::ProductsFault;
use crate::placement::Placement;

/// One product and where it stands.
#[derive(Clone, Debug)]
pub struct Product {
    /// Its picture.
    pub cutout: Cutout,
    /// Its place.
    pub placement: Placement,
}

/// One to five products, painted in this order: the last stands in front.
#[derive(Clone, Debug)]
pub struct Products(Vec<Product>);

impl Products {
    /// The most products one picture holds.
    pub const MAX: usize = 5;

    /// Checks the count.
    pub fn new(products: Vec<Product>) -> Result<Self, ProductsFault> {
        match products.len() {
            0 => Err(ProductsFault::None),
            1..=Self::MAX => Ok(Self(products)),
            count => Err(ProductsFault::TooMany { count, max: Self::MAX }),
        }
    }

    /// The products from back to front.
    #[must_use]
    pub fn as_slice(&self) -> &[Product] {
        &self.0
    }
}
