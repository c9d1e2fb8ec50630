//! Matching the product's light to the photo's.
//!
//! Light is read from the photo twice, around the product (its box grown by a third) and in the whole photo,
//! and the geometric mean of both is taken: a dark sofa behind the product is not a dark room.
//!
//! **Exposure.** `Y` is the upper quartile of linear luminance: what is well lit, whatever is painted dark.
//! A product picture is taken in light where that is about 0.50, so
//! `exposure = (Y / 0.50)^0.6`, kept within 0.28 to 1.08.
//!
//! **White balance.** Near-grey pixels tell the colour of light, saturated ones that of paint: the mean colour
//! is weighted by `(1 - saturation)²`. With `c` that mean over its luminance,
//! `white = c^p` for each channel, then divided by its own luminance so that it changes no brightness. `p` is
//! 0.45, or less where a channel would leave 1/1.22 to 1.22: bounding the power and not each channel keeps the
//! hue, so that candlelight stays amber and doesn't turn pink.
//!
//! `gain = exposure · white` multiplies the product in linear light. The powers below 1 and the bounds keep a
//! product's colour believable: at most about -1.8 stops, and no white turned orange.

use image::RgbImage;

use crate::footprint::{Bounds, Footprint};
use crate::linear;
use crate::shrink::Size;

/// The upper quartile of luminance in the light product pictures are taken in.
const WELL_LIT: f32 = 0.50;
const EXPOSURE_POWER: f32 = 0.6;
const EXPOSURE: (f32, f32) = (0.28, 1.08);
const WHITE_POWER: f32 = 0.45;
const WHITE_MAX: f32 = 1.22;
/// How much of its box is looked at around a product, on each side.
const SURROUNDINGS: f32 = 1.0 / 3.0;
/// Samples along each axis: enough for a quartile, and the same cost for every size.
const SAMPLES: u32 = 64;

/// The light of a photo where a product stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Light {
    /// Upper quartile of luminance, 0 to 1.
    pub(crate) brightness: f32,
    /// Mean colour of what is near grey, divided by its luminance.
    colour: [f32; 3],
}

impl Light {
    /// Reads the light where a product stands.
    pub(crate) fn at(photo: &RgbImage, footprint: &Footprint) -> Self {
        let size = Size { width: photo.width(), height: photo.height() };
        let margin = footprint.width.max(footprint.height) * SURROUNDINGS;
        let whole = Bounds { left: 0, top: 0, right: size.width, bottom: size.height };
        let everywhere = Self::of(photo, whole);
        let around = footprint.bounds(margin, size);
        if around.is_empty() { everywhere } else { Self::of(photo, around).between(everywhere) }
    }

    fn of(photo: &RgbImage, bounds: Bounds) -> Self {
        let step = |from: u32, to: u32| ((to - from).div_ceil(SAMPLES)).max(1) as usize;
        let mut luminances = Vec::new();
        let (mut sum, mut weights) = ([0.0; 3], 0.0);
        for y in (bounds.top..bounds.bottom).step_by(step(bounds.top, bounds.bottom)) {
            for x in (bounds.left..bounds.right).step_by(step(bounds.left, bounds.right)) {
                let rgb = linear::rgb_from_srgb(photo.get_pixel(x, y).0);
                luminances.push(linear::luminance(rgb));
                let greyness = 1.0 - saturation(rgb);
                let weight = greyness * greyness + 1e-3;
                weights += weight;
                for (total, channel) in sum.iter_mut().zip(rgb) {
                    *total += channel * weight;
                }
            }
        }
        let mean = sum.map(|total| total / f32::max(weights, 1e-6) + 1e-4);
        let luminance = linear::luminance(mean);
        Self { brightness: upper_quartile(luminances), colour: mean.map(|channel| channel / luminance) }
    }

    fn between(self, other: Self) -> Self {
        let mean = |one: f32, other: f32| (one * other).sqrt();
        let mut colour = self.colour;
        for (channel, other) in colour.iter_mut().zip(other.colour) {
            *channel = mean(*channel, other);
        }
        Self { brightness: mean(self.brightness, other.brightness), colour }
    }

    /// What the product's linear light is multiplied by. The formula is this module's.
    pub(crate) fn gain(&self) -> [f32; 3] {
        let exposure = (self.brightness / WELL_LIT).powf(EXPOSURE_POWER).clamp(EXPOSURE.0, EXPOSURE.1);
        let farthest = self.colour.iter().fold(1e-6_f32, |far, channel| far.max(channel.ln().abs()));
        let power = WHITE_POWER.min(WHITE_MAX.ln() / farthest);
        let white = self.colour.map(|channel| channel.powf(power));
        let luminance = linear::luminance(white);
        white.map(|channel| exposure * channel / luminance)
    }
}

/// 0 for grey to 1 for a pure colour, in linear light.
fn saturation(rgb: [f32; 3]) -> f32 {
    let (low, high) =
        rgb.iter().fold((f32::MAX, 0.0_f32), |(low, high), channel| (low.min(*channel), high.max(*channel)));
    if high > 0.0 { (high - low) / high } else { 0.0 }
}

fn upper_quartile(mut values: Vec<f32>) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let index = (values.len() * 3 / 4).min(values.len() - 1);
    *values.select_nth_unstable_by(index, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placement::Placement;
    use image::Rgb;

    fn gain_in(photo: &RgbImage, x: f64) -> [f32; 3] {
        let size = Size { width: photo.width(), height: photo.height() };
        let placement = Placement::new(x, 0.5, 0.2, 0.0).unwrap();
        Light::at(photo, &Footprint::new(&placement, Size { width: 10, height: 10 }, size)).gain()
    }

    fn flat(rgb: [u8; 3]) -> RgbImage {
        RgbImage::from_pixel(100, 80, Rgb(rgb))
    }

    #[test]
    fn a_well_lit_grey_room_leaves_the_product_as_it_is() {
        for channel in gain_in(&flat([188, 188, 188]), 0.5) {
            assert!((channel - 1.0).abs() < 0.03, "{channel}");
        }
    }

    #[test]
    fn darkness_dims_but_never_below_the_bound() {
        assert!(linear::luminance(gain_in(&flat([60, 60, 60]), 0.5)) < 0.6);
        assert!((linear::luminance(gain_in(&flat([0, 0, 0]), 0.5)) - EXPOSURE.0).abs() < 1e-3);
    }

    #[test]
    fn brightness_lifts_but_never_above_the_bound() {
        assert!((linear::luminance(gain_in(&flat([255, 255, 255]), 0.5)) - EXPOSURE.1).abs() < 1e-3);
    }

    #[test]
    fn warm_light_warms_the_product_without_changing_its_brightness() {
        let [red, green, blue] = gain_in(&flat([190, 168, 140]), 0.5);
        assert!(red > green && green > blue);
        assert!(red / blue < 1.6, "still believable: {red} {blue}");
    }

    #[test]
    fn candlelight_keeps_its_hue_and_is_bounded() {
        let [red, green, blue] = gain_in(&flat([120, 80, 30]), 0.5);
        assert!(red > green && green > blue);
        assert!(red / green < green / blue, "amber, not pink: {red} {green} {blue}");
        assert!(red / blue <= 1.5, "{red} {blue}");
    }

    #[test]
    fn a_colourful_wall_is_paint_and_moves_the_white_less_than_tinted_grey() {
        let mut wall = flat([170, 170, 170]);
        for y in 0..80 {
            for x in 0..50 {
                wall.put_pixel(x, y, Rgb([200, 20, 20]));
            }
        }
        let [red, _, blue] = gain_in(&wall, 0.5);
        assert!(red / blue < 1.1, "{red} {blue}");
    }

    #[test]
    fn the_side_of_the_photo_it_stands_on_counts() {
        let mut photo = flat([200, 200, 200]);
        for y in 0..80 {
            for x in 0..50 {
                photo.put_pixel(x, y, Rgb([40, 40, 40]));
            }
        }
        assert!(gain_in(&photo, 0.2)[1] < gain_in(&photo, 0.8)[1]);
    }
}
