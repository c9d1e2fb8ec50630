//! The shadow a product throws.
//!
//! Three soft copies of its outline:
//! - **contact**: narrow, a little lower; ties it to what is right behind or below it;
//! - **room**: wide, lower; the room's light from above;
//! - **ground**: pressed flat onto the line on which the product stands; the pool under furniture.
//!
//! They grow from a quarter at the product's top to full strength at its bottom, as light comes from above and
//! contact is below. In a dark place shadows are weak, so strength follows the light's brightness. Shadows
//! multiply linear light: they never add colour and never turn black.

use crate::cutout::Cutout;
use crate::footprint::{Bounds, Footprint};
use crate::layer::Layer;
use crate::light::Light;
use crate::shrink::Size;

/// One soft copy of the outline; lengths as shares of the product's size.
struct Copy {
    blur: f32,
    strength: f32,
    shape: Shape,
}

/// How a copy differs from the outline.
enum Shape {
    /// Moved down by this share of the product's size.
    Lower(f32),
    /// Pressed to the height from this share above the product's lowest line to this share below it.
    Flat(f32, f32),
}

const COPIES: [Copy; 3] = [
    Copy { blur: 0.010, strength: 0.34, shape: Shape::Lower(0.010) },
    Copy { blur: 0.042, strength: 0.32, shape: Shape::Lower(0.034) },
    Copy { blur: 0.020, strength: 0.55, shape: Shape::Flat(0.060, 0.030) },
];
/// How far shadow reaches beyond the product's box, as a share of its size: the widest blur and its drop.
const BEYOND: f32 = 0.042 * 3.2 + 0.034;
/// Strength at the product's top, as a share of that at its bottom.
const TOP: f32 = 0.25;
/// Cells along the longer side of the region: shadows are soft, so they are made small and enlarged.
const CELLS: u32 = 420;
/// Darkness below this (of 1) changes no pixel.
const INVISIBLE: f32 = 1.0 / 1024.0;

/// How much light is taken from each pixel of a region.
pub(crate) struct Shadow {
    /// The region; outside of it there is no shadow.
    pub(crate) bounds: Bounds,
    step: f32,
    cells: Size,
    taken: Vec<f32>,
}

impl Shape {
    /// The height in the photo whose outline is shown at height `y`.
    fn source(&self, y: f32, footprint: &Footprint, length: f32) -> f32 {
        match self {
            Self::Lower(drop) => y - drop * length,
            Self::Flat(above, below) => {
                let (top, bottom) = footprint.vertical_extent();
                let share = (y - bottom + above * length) / ((above + below) * length);
                top + share * (bottom - top)
            }
        }
    }
}

impl Shadow {
    /// The shadow of a product in that light.
    pub(crate) fn new(cutout: &Cutout, footprint: &Footprint, light: &Light, photo: Size) -> Self {
        let length = length(footprint, photo);
        let bounds = footprint.bounds(length * BEYOND + 2.0, photo);
        let mut shadow = Self::empty(bounds);
        if bounds.is_empty() {
            return shadow;
        }
        let layer = Layer::of(cutout, footprint.width / shadow.step, footprint.height / shadow.step);
        let force = 0.40 + 0.60 * smoothstep(0.01, 0.30, light.brightness);
        // A margin of the blur's reach: what lies outside the photo throws its shadow into it.
        let margin = whole(length * BEYOND / shadow.step) + 2;
        for copy in COPIES {
            let soft =
                shadow.outline(&layer, footprint, margin, &|y| copy.shape.source(y, footprint, length));
            let soft = soft.blurred(copy.blur * length / shadow.step);
            shadow.take(&soft, margin, copy.strength * force);
        }
        shadow.fade_upwards(footprint);
        shadow
    }

    #[expect(clippy::cast_precision_loss, reason = "sides are far below 2^24")]
    fn empty(bounds: Bounds) -> Self {
        if bounds.is_empty() {
            return Self { bounds, step: 1.0, cells: Size { width: 0, height: 0 }, taken: Vec::new() };
        }
        let (width, height) = (bounds.right - bounds.left, bounds.bottom - bounds.top);
        let step = width.max(height).div_ceil(CELLS).max(1);
        let cells = Size { width: width.div_ceil(step), height: height.div_ceil(step) };
        Self { bounds, step: step as f32, cells, taken: vec![0.0; cells.area()] }
    }

    /// The product's cover at each height's `source`, on this region's cells and `margin` more on every side.
    #[expect(clippy::cast_precision_loss, reason = "sides are far below 2^24")]
    fn outline(
        &self,
        layer: &Layer,
        footprint: &Footprint,
        margin: u32,
        source: &dyn Fn(f32) -> f32,
    ) -> Field {
        let size = Size { width: self.cells.width + 2 * margin, height: self.cells.height + 2 * margin };
        let mut cells = Vec::with_capacity(size.area());
        for row in 0..size.height {
            let y = source(self.bounds.top as f32 + (row as f32 - margin as f32 + 0.5) * self.step);
            for column in 0..size.width {
                let x = self.bounds.left as f32 + (column as f32 - margin as f32 + 0.5) * self.step;
                let point = footprint.unit(x, y);
                cells.push(if layer.reaches(point) { layer.sample(point)[3] } else { 0.0 });
            }
        }
        Field { size, cells }
    }

    /// Takes more light; what one copy left, the next takes its share of.
    fn take(&mut self, soft: &Field, margin: u32, strength: f32) {
        let width = self.cells.width as usize;
        for (row, taken) in (margin..).zip(self.taken.chunks_exact_mut(width)) {
            let start = (row * soft.size.width + margin) as usize;
            for (taken, cover) in taken.iter_mut().zip(&soft.cells[start..]) {
                *taken = 1.0 - (1.0 - *taken) * (1.0 - strength * cover);
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "sides are far below 2^24")]
    fn fade_upwards(&mut self, footprint: &Footprint) {
        let (top, bottom) = footprint.vertical_extent();
        let width = self.cells.width as usize;
        for (row, taken) in (0u32..).zip(self.taken.chunks_exact_mut(width)) {
            let y = self.bounds.top as f32 + (row as f32 + 0.5) * self.step;
            let share = TOP + (1.0 - TOP) * smoothstep(top, bottom, y);
            for cell in taken {
                *cell *= share;
            }
        }
    }

    /// The share of light taken from a pixel, 0 to 1, between the cells' middles; 0 outside the region.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "clamped to the cells before"
    )]
    pub(crate) fn taken_at(&self, x: u32, y: u32) -> f32 {
        let Bounds { left, top, right, bottom } = self.bounds;
        if x < left || y < top || x >= right || y >= bottom {
            return 0.0;
        }
        let cell = |offset: u32, count: u32| {
            ((offset as f32 + 0.5) / self.step - 0.5).clamp(0.0, (count - 1) as f32)
        };
        let (across, down) = (cell(x - left, self.cells.width), cell(y - top, self.cells.height));
        let (column, row) = (across.floor(), down.floor());
        let (right_share, low_share) = (across - column, down - row);
        let (column, row) = (column as usize, row as usize);
        let width = self.cells.width as usize;
        let (next_column, next_row) =
            ((column + 1).min(width - 1), (row + 1).min(self.cells.height as usize - 1));
        let along = |row: usize| {
            let (one, other) = (self.taken[row * width + column], self.taken[row * width + next_column]);
            one + (other - one) * right_share
        };
        let (upper, lower) = (along(row), along(next_row));
        let taken = upper + (lower - upper) * low_share;
        if taken < INVISIBLE { 0.0 } else { taken }
    }
}

/// What blur and drop are shares of: the product's mean side, but no more than the photo's shorter side, so
/// that a product larger than the photo does not dim all of it.
#[expect(clippy::cast_precision_loss, reason = "sides are far below 2^24")]
fn length(footprint: &Footprint, photo: Size) -> f32 {
    (footprint.width * footprint.height).sqrt().min(photo.width.min(photo.height) as f32)
}

fn smoothstep(from: f32, to: f32, value: f32) -> f32 {
    let share = ((value - from) / (to - from)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn whole(value: f32) -> u32 {
    value.ceil().max(0.0) as u32
}

/// Numbers on a grid.
struct Field {
    size: Size,
    cells: Vec<f32>,
}

impl Field {
    /// A near-Gaussian blur: three box blurs along each axis.
    fn blurred(mut self, sigma: f32) -> Self {
        let reach = box_reach(sigma);
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        for _ in 0..3 {
            for row in 0..height {
                box_blur(&mut self.cells, row * width, 1, width, reach);
            }
            for column in 0..width {
                box_blur(&mut self.cells, column, width, height, reach);
            }
        }
        self
    }
}

/// The reach of each of three boxes that together blur like a Gaussian of that width.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn box_reach(sigma: f32) -> usize {
    (((4.0 * sigma * sigma + 1.0).sqrt() - 1.0) / 2.0).round().max(0.0) as usize
}

/// Blurs one line of cells, `count` of them from `start` every `stride`; outside there is nothing.
#[expect(clippy::cast_precision_loss, reason = "a window of some hundred cells")]
fn box_blur(cells: &mut [f32], start: usize, stride: usize, count: usize, reach: usize) {
    if reach == 0 {
        return;
    }
    let line: Vec<f32> = (0..count).map(|index| cells[start + index * stride]).collect();
    let share = 1.0 / (2 * reach + 1) as f32;
    let mut sum: f32 = line.iter().take(reach).sum();
    for index in 0..count {
        sum += line.get(index + reach).copied().unwrap_or(0.0);
        if index > reach {
            sum -= line[index - reach - 1];
        }
        cells[start + index * stride] = (sum * share).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blur_spreads_what_is_there_and_loses_nothing() {
        let mut cells = vec![0.0; 41 * 41];
        cells[20 * 41 + 20] = 1.0;
        let soft = Field { size: Size { width: 41, height: 41 }, cells }.blurred(3.0);
        let sum: f32 = soft.cells.iter().sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");
        assert!(soft.cells[20 * 41 + 20] < 0.05);
    }

    #[test]
    fn a_blur_reaches_no_farther_than_the_region_is_made_for() {
        for sigma in [0.4, 1.0, 2.5, 6.0, 18.0] {
            assert!(3.0 * f32::from(u16::try_from(box_reach(sigma)).unwrap()) <= 3.2 * sigma + 1.5);
        }
    }
}
