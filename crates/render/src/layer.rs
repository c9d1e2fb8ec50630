//! A product at the size it is shown, ready to be sampled at any point.

use crate::cutout::Cutout;
use crate::rgba;
use crate::shrink::{Size, shrink};

const FULL: f32 = 65_535.0;

/// Premultiplied linear light, 16 bits a channel: half the memory of f32, and finer than sRGB's darkest step.
pub(crate) struct Layer {
    size: Size,
    pixels: Vec<[u16; 4]>,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to u16 before")]
fn quantised(value: f32) -> u16 {
    (value.clamp(0.0, 1.0) * FULL).round() as u16
}

/// Weights of Catmull-Rom for the four pixels around a point that lies `t` after the second.
fn cubic(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (-t3 + 2.0 * t2 - t),
        0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
        0.5 * (-3.0 * t3 + 4.0 * t2 + t),
        0.5 * (t3 - t2),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "sides are far below 2^24")]
fn side(pixels: u32) -> f32 {
    pixels as f32
}

impl Layer {
    /// The product averaged down to about `width` by `height`; where that is larger, it stays as it is.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sides within 2^24, positive"
    )]
    pub(crate) fn of(cutout: &Cutout, width: f32, height: f32) -> Self {
        let from = cutout.size();
        let size = Size {
            width: (width.ceil() as u32).clamp(1, from.width),
            height: (height.ceil() as u32).clamp(1, from.height),
        };
        let mut pixels = Vec::with_capacity(size.area());
        let load = |x, y| rgba::premultiplied(cutout.pixels.get_pixel(x, y).0);
        shrink(from, size, load, |row| pixels.extend(row.iter().map(|pixel| pixel.map(quantised))));
        Self { size, pixels }
    }

    /// Transparent outside the product, so that its edges are smooth under rotation.
    fn pixel(&self, x: i32, y: i32) -> [f32; 4] {
        let at = |value: i32, side: u32| u32::try_from(value).ok().filter(|value| *value < side);
        match (at(x, self.size.width), at(y, self.size.height)) {
            (Some(x), Some(y)) => {
                self.pixels[y as usize * self.size.width as usize + x as usize].map(f32::from)
            }
            _ => [0.0; 4],
        }
    }

    /// Whether a point of the product, 0 to 1, can show anything.
    pub(crate) fn reaches(&self, (u, v): (f32, f32)) -> bool {
        let (across, down) = self.place((u, v));
        let (width, height) = (side(self.size.width), side(self.size.height));
        across > -2.0 && down > -2.0 && across < width + 1.0 && down < height + 1.0
    }

    /// Pixel coordinates, whole numbers at the pixels' middles.
    fn place(&self, (u, v): (f32, f32)) -> (f32, f32) {
        (u * side(self.size.width) - 0.5, v * side(self.size.height) - 0.5)
    }

    /// Premultiplied linear light at a point that the layer reaches, by Catmull-Rom; sharper under rotation
    /// and enlargement than bilinear. Its overshoot is cut off, so colour never exceeds cover.
    #[expect(clippy::cast_possible_truncation, reason = "within the layer and two pixels")]
    pub(crate) fn sample(&self, point: (f32, f32)) -> [f32; 4] {
        let (across, down) = self.place(point);
        let (left, top) = (across.floor(), down.floor());
        let (columns, rows) = (cubic(across - left), cubic(down - top));
        let (left, top) = (left as i32, top as i32);
        let mut sum = [0.0; 4];
        for (y, row) in (top - 1..).zip(rows) {
            for (x, column) in (left - 1..).zip(columns) {
                let weight = row * column;
                for (total, value) in sum.iter_mut().zip(self.pixel(x, y)) {
                    *total += weight * value;
                }
            }
        }
        let cover = (sum[3] / FULL).clamp(0.0, 1.0);
        let [red, green, blue, _] = sum.map(|value| (value / FULL).clamp(0.0, cover));
        [red, green, blue, cover]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_of_the_filter_add_up_to_one() {
        for step in 0..=10u8 {
            let sum: f32 = cubic(f32::from(step) / 10.0).iter().sum();
            assert!((sum - 1.0).abs() < 1e-6);
        }
    }
}
