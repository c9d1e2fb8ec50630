//! The product without its background.

use std::sync::Arc;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbaImage};

use crate::background::Backdrop;
use crate::fault::{EncodeFault, ImageFault};
use crate::limits::{CUTOUT_SIDE_PIXELS_MAX, Limits};
use crate::shrink::Size;
use crate::{decode, matte, rgba};

/// The longer side of the preview, in pixels, at most.
const PREVIEW_SIDE_PIXELS_MAX: u32 = 1024;
/// Alpha up to this is invisible, and does not hold the box open.
const ALPHA_INVISIBLE: u8 = 8;
/// Fewer visible pixels than this are no product.
const VISIBLE_PIXELS_MIN: usize = 16;

/// How the product was told from its background.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CutoutKind {
    /// By the picture's own alpha channel.
    Alpha,
    /// By a plain background, found along the border.
    PlainBackground,
    /// Not at all: the background is not plain, and the whole rectangle is the product.
    Rectangle,
}

/// A product's picture, trimmed to what can be seen of it; at most 1536 pixels on the longer side.
///
/// Cloning shares the pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cutout {
    kind: CutoutKind,
    pub(crate) pixels: Arc<RgbaImage>,
}

impl Cutout {
    /// Reads a JPEG, PNG or WebP and cuts the product out.
    ///
    /// 1. When at least 1 in 200 pixels is more transparent than not, the alpha channel decides.
    /// 2. Else, when the border is plain (one colour, or an even gradient of any colour, with noise), what is
    ///    connected with the border in that colour is background. What the product encloses goes only where
    ///    the background is not white: enclosed white may be the product.
    /// 3. Else the whole rectangle is kept, and [`Cutout::kind`] says so.
    ///
    /// The EXIF orientation is applied and all metadata dropped.
    pub fn from_image(bytes: &[u8], limits: &Limits) -> Result<Self, ImageFault> {
        let mut pixels = decode::upright(bytes, limits, CUTOUT_SIDE_PIXELS_MAX)?;
        let kind = if has_transparency(&pixels) {
            CutoutKind::Alpha
        } else {
            for pixel in pixels.pixels_mut() {
                let [red, green, blue] = rgba::on_white(pixel.0);
                pixel.0 = [red, green, blue, 255];
            }
            if let Some(backdrop) = Backdrop::of(&pixels) {
                matte::cut(&mut pixels, &backdrop);
                CutoutKind::PlainBackground
            } else {
                CutoutKind::Rectangle
            }
        };
        Ok(Self { kind, pixels: Arc::new(trimmed(&pixels)?) })
    }

    /// How the product was told from its background.
    #[must_use]
    pub fn kind(&self) -> CutoutKind {
        self.kind
    }

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

    /// A PNG with alpha for the live preview, at most 1024 pixels on the longer side, of the same proportions
    /// as what [`crate::compose`] places, without metadata.
    pub fn to_png(&self) -> Result<Vec<u8>, EncodeFault> {
        let to = self.size().fitted(PREVIEW_SIDE_PIXELS_MAX);
        let pixels = rgba::fitted(self.size(), to, |x, y| self.pixels.get_pixel(x, y).0);
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes).write_image(&pixels, to.width, to.height, ExtendedColorType::Rgba8)?;
        Ok(bytes)
    }

    pub(crate) fn size(&self) -> Size {
        Size { width: self.width(), height: self.height() }
    }
}

fn has_transparency(pixels: &RgbaImage) -> bool {
    let transparent = pixels.pixels().filter(|pixel| pixel.0[3] < 128).count();
    transparent * 200 >= pixels.len() / 4
}

fn trimmed(pixels: &RgbaImage) -> Result<RgbaImage, ImageFault> {
    let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
    let mut visible = 0;
    for (x, y, pixel) in pixels.enumerate_pixels() {
        if pixel.0[3] > ALPHA_INVISIBLE {
            visible += 1;
            (left, top) = (left.min(x), top.min(y));
            (right, bottom) = (right.max(x), bottom.max(y));
        }
    }
    if visible < VISIBLE_PIXELS_MIN {
        return Err(ImageFault::Empty);
    }
    Ok(image::imageops::crop_imm(pixels, left, top, right - left + 1, bottom - top + 1).to_image())
}
