//! How much picture is let in. Checked against the header, before anything is decoded.

/// The longer side of a [`crate::Photo`] and of the finished picture, in pixels, at most.
pub(crate) const PHOTO_SIDE_PIXELS_MAX: u32 = 2048;

/// The longer side of a [`crate::Cutout`], in pixels, at most: sharp at full width of the finished picture,
/// and small enough that cutting out stays well under a second.
pub(crate) const CUTOUT_SIDE_PIXELS_MAX: u32 = 1536;

/// What a picture may weigh to be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The file's size in bytes, at most.
    pub bytes_max: u64,
    /// Width and height in pixels, each at most.
    pub side_pixels_max: u32,
    /// Width times height in pixels, at most.
    pub area_pixels_max: u64,
}

impl Limits {
    /// For a shopper's photo: 15 MiB, 12,000 pixels a side, 50 megapixels.
    pub const PHOTO: Self =
        Self { bytes_max: 15 * 1024 * 1024, side_pixels_max: 12_000, area_pixels_max: 50_000_000 };

    /// For a shop's product picture: 10 MiB, 8,000 pixels a side, 25 megapixels.
    pub const PRODUCT: Self =
        Self { bytes_max: 10 * 1024 * 1024, side_pixels_max: 8_000, area_pixels_max: 25_000_000 };

    /// The most bytes the decoded pixels may take: four for each pixel of the area.
    ///
    /// Every 8-bit picture within the area fits; one with 16 bits a channel fits at half the area.
    #[must_use]
    pub const fn allocation_bytes_max(&self) -> u64 {
        self.area_pixels_max.saturating_mul(4)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::PHOTO
    }
}
