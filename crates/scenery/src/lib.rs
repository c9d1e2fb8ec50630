#![forbid(unsafe_code)]
//! The demo shop's pictures, drawn here: small scenes of simple solids, ray-marched, so that the repository carries no
//! photograph of anybody's. The same build draws the same pixels every time.

mod form;
#[expect(clippy::unreadable_literal, reason = "a colour is read as 0xRRGGBB")]
mod furniture;
mod render;
#[expect(clippy::unreadable_literal, reason = "a colour is read as 0xRRGGBB")]
mod room;
mod scene;
mod vector;

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, RgbaImage};
pub use image::{ImageError, ImageResult};

/// Longer side of a product picture, in pixels.
pub const PRODUCT_SIDE_PX: u32 = 640;
/// Width of the sample room, in pixels; its height is three quarters of that.
pub const ROOM_WIDTH_PX: u32 = 1_024;
const JPEG_QUALITY: u8 = 88;

/// The drawing of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Model {
    /// Two-seat sofa.
    Sofa,
    /// Lounge chair with a wooden frame.
    Armchair,
    /// Floor lamp with an arc.
    FloorLamp,
    /// Round rug.
    Rug,
    /// Three-legged table.
    SideTable,
    /// Plant in a pot.
    Plant,
    /// Sideboard with three doors.
    Sideboard,
    /// Round pouf.
    Pouf,
}

impl Model {
    /// Every model.
    pub const ALL: [Self; 8] = [
        Self::Sofa,
        Self::Armchair,
        Self::FloorLamp,
        Self::Rug,
        Self::SideTable,
        Self::Plant,
        Self::Sideboard,
        Self::Pouf,
    ];
}

/// A product on a transparent background, as PNG; its longer side has `side_px` pixels.
pub fn product_png(model: Model, side_px: u32) -> ImageResult<Vec<u8>> {
    png(product(model, side_px))
}

/// The empty room a visitor without a photo can take, as JPEG.
pub fn room_jpeg(width_px: u32) -> ImageResult<Vec<u8>> {
    let image = DynamicImage::ImageRgba8(render::frame(&room::scene(), width_px, width_px * 3 / 4)).to_rgb8();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode_image(&image)?;
    Ok(bytes)
}

fn product(model: Model, side_px: u32) -> RgbaImage {
    render::fitted(&furniture::scene(model), side_px)
}

fn png(image: RgbaImage) -> ImageResult<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(image).write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL_PX: u32 = 40;

    #[test]
    fn every_product_stands_free_on_a_transparent_background_and_fills_its_picture() {
        for model in Model::ALL {
            let image = product(model, SMALL_PX);
            let (width, height) = image.dimensions();
            assert_eq!(width.max(height), SMALL_PX, "{model:?}");
            for (x, y) in [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)] {
                assert_eq!(image.get_pixel(x, y).0[3], 0, "{model:?} has a background at {x},{y}");
            }
            let solid = image.pixels().filter(|pixel| pixel.0[3] == 255).count();
            assert!(solid * 20 > (width * height) as usize, "{model:?} is hardly to be seen");
        }
    }

    #[test]
    fn a_drawing_is_the_same_every_time() {
        assert_eq!(product(Model::Plant, SMALL_PX), product(Model::Plant, SMALL_PX));
    }

    #[test]
    fn the_room_is_a_landscape_photo_without_holes() {
        let image = image::load_from_memory(&room_jpeg(80).unwrap()).unwrap().to_rgb8();
        assert_eq!(image.dimensions(), (80, 60));
        let darkest =
            image.pixels().map(|pixel| pixel.0.iter().map(|part| u32::from(*part)).sum::<u32>()).min();
        assert!(darkest > Some(40), "something in the room is black: {darkest:?}");
    }
}
