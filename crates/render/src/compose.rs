//! Photo, products and places to one picture.

use image::RgbImage;

use crate::footprint::Footprint;
use crate::layer::Layer;
use crate::light::Light;
use crate::linear;
use crate::photo::Photo;
use crate::picture::Picture;
use crate::products::{Product, Products};
use crate::shadow::Shadow;
use crate::shrink::Size;

/// How far composing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Products painted so far, from 1.
    pub done: usize,
    /// Products in all.
    pub of: usize,
}

/// Puts the products into the photo.
///
/// For each product, from back to front: its light is matched to the photo around it, its shadow is laid on
/// what is already there, then it is painted. Pixels that neither product nor shadow reaches keep the photo's
/// bytes. The same inputs give the same picture, byte for byte.
#[must_use]
pub fn compose(photo: &Photo, products: &Products) -> Picture {
    compose_with(photo, products, &mut |_| {})
}

/// As [`compose`], telling `on_step` after each product.
pub fn compose_with(photo: &Photo, products: &Products, on_step: &mut dyn FnMut(Step)) -> Picture {
    let mut pixels = photo.pixels.clone();
    let of = products.as_slice().len();
    for (product, done) in products.as_slice().iter().zip(1..) {
        place(&photo.pixels, &mut pixels, product);
        on_step(Step { done, of });
    }
    Picture { pixels }
}

/// Light is read from the photo itself, so that one product does not change another's.
fn place(photo: &RgbImage, pixels: &mut RgbImage, Product { cutout, placement }: &Product) {
    let size = Size { width: photo.width(), height: photo.height() };
    let footprint = Footprint::new(placement, cutout.size(), size);
    let light = Light::at(photo, &footprint);
    darken(pixels, &Shadow::new(cutout, &footprint, &light, size));
    let layer = Layer::of(cutout, footprint.width, footprint.height);
    paint(pixels, &layer, &footprint, light.gain());
}

fn darken(pixels: &mut RgbImage, shadow: &Shadow) {
    for y in shadow.bounds.top..shadow.bounds.bottom {
        for x in shadow.bounds.left..shadow.bounds.right {
            let taken = shadow.taken_at(x, y);
            if taken > 0.0 {
                let pixel = pixels.get_pixel_mut(x, y);
                pixel.0 = pixel.0.map(|value| linear::to_srgb(linear::from_srgb(value) * (1.0 - taken)));
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "sides are far below 2^24")]
fn paint(pixels: &mut RgbImage, layer: &Layer, footprint: &Footprint, gain: [f32; 3]) {
    let size = Size { width: pixels.width(), height: pixels.height() };
    // Two pixels more than the box: the filter's reach.
    let bounds = footprint.bounds(2.0, size);
    for y in bounds.top..bounds.bottom {
        for x in bounds.left..bounds.right {
            let point = footprint.unit(x as f32 + 0.5, y as f32 + 0.5);
            if layer.reaches(point) {
                let pixel = pixels.get_pixel_mut(x, y);
                pixel.0 = over(pixel.0, layer.sample(point), gain);
            }
        }
    }
}

/// The product's light on what is below, in linear light.
fn over(below: [u8; 3], [red, green, blue, cover]: [f32; 4], gain: [f32; 3]) -> [u8; 3] {
    if cover < 1.0 / 1024.0 {
        return below;
    }
    let mut rgb = below;
    for ((value, own), gain) in rgb.iter_mut().zip([red, green, blue]).zip(gain) {
        *value = linear::to_srgb((own * gain).min(cover) + linear::from_srgb(*value) * (1.0 - cover));
    }
    rgb
}
