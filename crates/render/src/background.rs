//! Is the background plain, and which colour has it where?
//!
//! A plain background is modelled as a smooth surface over the picture, fitted to its border:
//! `colour(x, y) = a + b·x + c·y + d·(x² + y²)` for each channel, x and y from -1 to 1. That holds one colour,
//! a gradient in any direction and a vignette. The fit is robust: samples far off it (a product that touches
//! the border) are left out and it is fitted again.

use image::RgbaImage;

/// The terms of the surface.
const TERMS: usize = 4;
/// How often the surface is fitted, each time without the samples that lay far off.
const ROUNDS: usize = 6;
/// Border samples along one side, at most.
const SAMPLES_A_SIDE: u32 = 400;
/// Smaller pictures have no border to speak of.
const SIDE_PIXELS_MIN: u32 = 8;
/// With more noise than this (of 255) a background is texture.
const NOISE_MAX: f32 = 8.0;
/// The share of the border that must lie on the surface.
const PLAIN_SHARE_MIN: f32 = 0.75;
/// The share of a side that must lie on the surface for the side to count; three sides must.
const PLAIN_SIDE_SHARE_MIN: f32 = 0.5;

/// A plain background.
#[derive(Clone, Debug)]
pub(crate) struct Backdrop {
    surface: Surface,
    /// Colours nearer than this to the surface are background, in the units of [`distance`].
    pub(crate) tolerance: f32,
}

/// Brightness of a colour in sRGB steps, 0 to 255.
pub(crate) fn luma([red, green, blue]: [f32; 3]) -> f32 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// How different two colours look, in sRGB steps (0 to about 255): lightness and both colour differences
/// weigh alike. sRGB is near enough to even steps of perception for telling paper from product.
pub(crate) fn distance(one: [f32; 3], other: [f32; 3]) -> f32 {
    let [red, green, blue] = [one[0] - other[0], one[1] - other[1], one[2] - other[2]];
    let luma = luma([red, green, blue]);
    let (blueness, redness) = (0.564 * (blue - luma), 0.713 * (red - luma));
    (luma * luma + blueness * blueness + redness * redness).sqrt()
}

/// A pixel's colour in sRGB steps.
pub(crate) fn colour(pixels: &RgbaImage, x: u32, y: u32) -> [f32; 3] {
    let [red, green, blue, _] = pixels.get_pixel(x, y).0;
    [red, green, blue].map(f32::from)
}

impl Backdrop {
    /// The plain background of an opaque picture, if it has one.
    pub(crate) fn of(pixels: &RgbaImage) -> Option<Self> {
        if pixels.width().min(pixels.height()) < SIDE_PIXELS_MIN {
            return None;
        }
        let samples = border(pixels);
        let surface = Surface::fitted(pixels.dimensions(), &samples)?;
        let off = |sample: &Sample| distance(sample.colour, surface.at(sample.x, sample.y));
        let noise = 1.482_6 * median(samples.iter().map(off))?;
        if noise > NOISE_MAX {
            return None;
        }
        let tolerance = (4.0 * noise + 4.0).clamp(6.0, 26.0);
        let share = |side: Option<u8>| {
            let (mut plain, mut all) = (0.0, 0.0);
            for sample in samples.iter().filter(|sample| side.is_none_or(|side| sample.side == side)) {
                all += 1.0;
                plain += if off(sample) <= tolerance { 1.0 } else { 0.0 };
            }
            plain / f32::max(all, 1.0)
        };
        let plain_sides = (0..4).filter(|side| share(Some(*side)) >= PLAIN_SIDE_SHARE_MIN).count();
        (share(None) >= PLAIN_SHARE_MIN && plain_sides >= 3).then_some(Self { surface, tolerance })
    }

    /// The background's colour at a pixel.
    pub(crate) fn at(&self, x: u32, y: u32) -> [f32; 3] {
        self.surface.at(x, y)
    }
}

struct Sample {
    x: u32,
    y: u32,
    side: u8,
    colour: [f32; 3],
}

/// Samples along all four sides at three depths, so that a one-pixel frame line does not decide alone.
fn border(pixels: &RgbaImage) -> Vec<Sample> {
    let (width, height) = pixels.dimensions();
    let depth = (width.min(height) / 100).clamp(2, 8);
    let mut samples = Vec::new();
    let mut take = |x: u32, y: u32, side: u8| {
        samples.push(Sample { x, y, side, colour: colour(pixels, x, y) });
    };
    for inset in [0, depth / 2, depth] {
        for x in (0..width).step_by(width.div_ceil(SAMPLES_A_SIDE) as usize) {
            take(x, inset, 0);
            take(x, height - 1 - inset, 1);
        }
        for y in (0..height).step_by(height.div_ceil(SAMPLES_A_SIDE) as usize) {
            take(inset, y, 2);
            take(width - 1 - inset, y, 3);
        }
    }
    samples
}

fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// A smooth colour over the picture.
#[derive(Clone, Debug)]
struct Surface {
    width: f32,
    height: f32,
    channels: [[f32; TERMS]; 3],
}

impl Surface {
    /// `None` when the samples don't determine a surface.
    #[expect(clippy::cast_precision_loss, reason = "sides are far below 2^24")]
    fn fitted((width, height): (u32, u32), samples: &[Sample]) -> Option<Self> {
        let mut surface = Self { width: width as f32, height: height as f32, channels: [[0.0; TERMS]; 3] };
        for (channel, terms) in surface.channels.iter_mut().enumerate() {
            terms[0] = median(samples.iter().map(|sample| sample.colour[channel]))?;
        }
        for _ in 0..ROUNDS {
            let off = |sample: &Sample| distance(sample.colour, surface.at(sample.x, sample.y));
            let near = (3.0 * 1.482_6 * median(samples.iter().map(off))?).max(4.0);
            surface = surface.refitted(samples.iter().filter(|sample| off(sample) <= near))?;
        }
        Some(surface)
    }

    /// Least squares through the samples.
    fn refitted<'a>(&self, samples: impl Iterator<Item = &'a Sample>) -> Option<Self> {
        let mut system = [[0.0; TERMS + 3]; TERMS];
        for sample in samples {
            let terms = self.terms(sample.x, sample.y).map(f64::from);
            for (row, factor) in system.iter_mut().zip(terms) {
                for (cell, term) in row.iter_mut().zip(terms.into_iter().chain(sample.colour.map(f64::from)))
                {
                    *cell += factor * term;
                }
            }
        }
        Some(Self { channels: solved(system)?, ..*self })
    }

    #[expect(clippy::cast_precision_loss, reason = "sides are far below 2^24")]
    fn terms(&self, x: u32, y: u32) -> [f32; TERMS] {
        let x = (2.0 * x as f32 + 1.0) / self.width - 1.0;
        let y = (2.0 * y as f32 + 1.0) / self.height - 1.0;
        [1.0, x, y, x * x + y * y]
    }

    fn at(&self, x: u32, y: u32) -> [f32; 3] {
        let terms = self.terms(x, y);
        self.channels.map(|factors| {
            let value: f32 = factors.iter().zip(terms).map(|(factor, term)| factor * term).sum();
            value.clamp(0.0, 255.0)
        })
    }
}

/// Gauss-Jordan with pivots: the terms for three right-hand sides at once.
#[expect(clippy::cast_possible_truncation, reason = "colours of 0 to 255 need no more than f32")]
fn solved(mut system: [[f64; TERMS + 3]; TERMS]) -> Option<[[f32; TERMS]; 3]> {
    for column in 0..TERMS {
        let pivot = (column..TERMS)
            .max_by(|one, other| system[*one][column].abs().total_cmp(&system[*other][column].abs()))?;
        system.swap(column, pivot);
        let head = system[column];
        if head[column].abs() < 1e-9 {
            return None;
        }
        for (index, row) in system.iter_mut().enumerate() {
            let factor = if index == column { 0.0 } else { row[column] / head[column] };
            for (cell, above) in row.iter_mut().zip(head) {
                *cell -= factor * above;
            }
        }
    }
    let mut channels = [[0.0; TERMS]; 3];
    for (channel, terms) in channels.iter_mut().enumerate() {
        for (index, term) in terms.iter_mut().enumerate() {
            *term = (system[index][TERMS + channel] / system[index][index]) as f32;
        }
    }
    Some(channels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    fn picture(shade: impl Fn(u32, u32) -> [u8; 3]) -> RgbaImage {
        RgbaImage::from_fn(200, 120, |x, y| {
            let [red, green, blue] = shade(x, y);
            Rgba([red, green, blue, 255])
        })
    }

    fn noise(x: u32, y: u32) -> u8 {
        u8::try_from((x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(97) >> 29).unwrap()
    }

    #[test]
    fn one_colour_is_plain_and_held_tightly() {
        let backdrop = Backdrop::of(&picture(|_, _| [250, 249, 246])).unwrap();
        assert!(distance(backdrop.at(100, 60), [250.0, 249.0, 246.0]) < 0.5);
        assert!(backdrop.tolerance < 6.5);
    }

    #[test]
    fn a_gradient_is_plain_and_its_middle_is_known_from_its_border() {
        let grey = |x: u32| u8::try_from(200 - x / 2).unwrap();
        let backdrop = Backdrop::of(&picture(|x, _| [grey(x); 3])).unwrap();
        assert!(distance(backdrop.at(100, 60), [150.0; 3]) < 2.0);
    }

    #[test]
    fn noise_widens_the_tolerance() {
        let backdrop = Backdrop::of(&picture(|x, y| [230 + 2 * noise(x, y); 3])).unwrap();
        assert!(backdrop.tolerance > 12.0, "{}", backdrop.tolerance);
    }

    #[test]
    fn a_product_on_part_of_the_border_does_not_move_the_colour() {
        let backdrop =
            Backdrop::of(&picture(|x, y| if y > 60 && (60..140).contains(&x) { [20; 3] } else { [240; 3] }))
                .unwrap();
        assert!(distance(backdrop.at(10, 10), [240.0; 3]) < 1.0);
    }

    #[test]
    fn stripes_are_not_plain() {
        assert!(
            Backdrop::of(&picture(|x, _| if (x / 10).is_multiple_of(2) { [60; 3] } else { [180; 3] }))
                .is_none()
        );
    }

    #[test]
    fn wall_and_floor_are_not_plain() {
        assert!(Backdrop::of(&picture(|_, y| if y < 60 { [220; 3] } else { [110, 80, 60] })).is_none());
    }
}
