//! The finished picture.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, RgbImage};

use crate::fault::EncodeFault;

/// How much of the picture JPEG keeps, 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quality(u8);

impl Quality {
    /// 88: no visible loss in a photo, about a third of the bytes of 100.
    pub const DEFAULT: Self = Self(88);

    /// The nearest quality from 1 to 100.
    #[must_use]
    pub const fn nearest(quality: u8) -> Self {
        match quality {
            0 => Self(1),
            1..=100 => Self(quality),
            101.. => Self(100),
        }
    }
}

impl Default for Quality {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Photo and products in one, as large as the photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub(crate) pixels: RgbImage,
}

impl Picture {
    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.pixels.width()
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.pixels.height()
    }

    /// The sRGB pixels, row by row from the top, three bytes each.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        self.pixels.as_raw()
    }

    /// Baseline JPEG of the pixels alone, without any metadata.
    pub fn to_jpeg(&self, quality: Quality) -> Result<Vec<u8>, EncodeFault> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, quality.0).encode(
            self.pixels.as_raw(),
            self.pixels.width(),
            self.pixels.height(),
            ExtendedColorType::Rgb8,
        )?;
        Ok(bytes)
    }
}
