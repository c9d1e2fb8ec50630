//! The shopper's photo, upright and of working size.

use image::RgbImage;

use crate::decode;
use crate::fault::ImageFault;
use crate::limits::{Limits, PHOTO_SIDE_PIXELS_MAX};
use crate::rgba;

/// A photo ready to be composed: upright, opaque, without metadata, at most 2048 pixels on the longer side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    pub(crate) pixels: RgbImage,
}

impl Photo {
    /// Reads a JPEG, PNG or WebP.
    ///
    /// Applies the EXIF orientation, then drops all metadata. What is transparent is shown on white. Pixels
    /// are taken as sRGB; an embedded colour profile is dropped with the rest.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, ImageFault> {
        let upright = decode::upright(bytes, limits, PHOTO_SIDE_PIXELS_MAX)?;
        let mut pixels = RgbImage::new(upright.width(), upright.height());
        for (target, source) in pixels.pixels_mut().zip(upright.pixels()) {
            target.0 = rgba::on_white(source.0);
        }
        Ok(Self { pixels })
    }

    /// Width in pixels; that of the finished picture too.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.pixels.width()
    }

    /// Height in pixels; that of the finished picture too.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.pixels.height()
    }
}
