#![forbid(unsafe_code)]
//! Puts a product into a photo, on this machine, pixels in and pixels out.
//!
//! ```text
//! bytes ─► Photo ──────────────┐
//! bytes ─► Cutout ─┐           ├─► compose ─► Picture ─► JPEG bytes
//!        Placement ┴► Products ┘
//! ```
//!
//! Nothing here reads a file, the network, a clock or chance: the same inputs give the same bytes.
//! It deliberately knows no perspective, no depth and no occlusion: the shopper places the product, and
//! the renderer makes it sit in the light of the photo.
//!
//! # Memory
//!
//! Decoding is the peak. With the default [`Limits`] the decoded pixels take at most 200 MB
//! ([`Limits::allocation_bytes_max`]); a progressive JPEG holds up to 6 bytes a pixel of coefficients
//! beside them, so the worst file that passes (50 megapixels, progressive) takes about 450 MB for the time
//! of its decoding, a usual 12-megapixel photo 36 MB (108 MB when progressive). What remains is at most
//! 12.6 MB for a [`Photo`] and 9.4 MB for a [`Cutout`]; cutting out takes up to 60 MB while it lasts. [`compose`] adds one copy of the photo and at most
//! 25 MB for the product at hand, whatever the number of products. Callers bound how many run at once.

mod background;
mod compose;
mod cutout;
mod decode;
mod fault;
mod footprint;
mod layer;
mod light;
mod limits;
mod linear;
mod matte;
mod photo;
mod picture;
mod placement;
mod products;
mod rgba;
mod shadow;
mod shrink;

pub use compose::{Step, compose, compose_with};
pub use cutout::{Cutout, CutoutKind};
pub use fault::{EncodeFault, ImageFault, PlacementFault, ProductsFault};
pub use limits::Limits;
pub use photo::Photo;
pub use picture::{Picture, Quality};
pub use placement::Placement;
pub use products::{Product, Products};
