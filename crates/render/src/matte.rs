//! Cutting along a plain background: what is reached from the border in the background's colour goes, the
//! edge is softened by how much background it holds, and that background is taken out of its colour.

use image::RgbaImage;

use crate::background::{Backdrop, colour, distance, luma};
use crate::linear;

/// Between this and the tolerance, colours are background only where they change slowly: a soft shadow on
/// the paper goes, a product of nearly the same colour stays behind its edge.
const SLOW_REACH: f32 = 1.5;
/// The most two neighbours differ where colours change slowly.
const SLOW_STEP: f32 = 3.0;
/// Depth from the edge, in pixels, from which a pixel is taken to be all product.
const CORE_DEPTH: u8 = 4;
/// How far to look for the product's own colour behind a pixel of the edge.
const CORE_REACH: u32 = 4;
/// How far the background grows back towards the product, in pixels: the flood stays this far off, and a
/// little more beside noise.
const EDGE_STEPS: u8 = 3;
/// How often noise is shaved off the edge.
const SHAVES: u8 = 3;
/// Noise differs from the paper by at most this many tolerances.
const NOISE_REACH: f32 = 2.5;
/// Alpha up to this is noise of the compression around the product.
const ALPHA_NOISE: f32 = 0.12;
/// Alpha from this on is all product.
const ALPHA_FULL: f32 = 0.92;
/// Paper brighter than this (of 255) may be white product where the product encloses it, and stays.
const WHITE_LUMA_MIN: f32 = 235.0;
/// An enclosed patch of paper is looked through when it is at least this share of the picture.
const HOLE_SHARE: usize = 2_000;
/// A patch smaller than this share of the largest is noise of the compression.
const SPECK_SHARE: usize = 500;
/// A patch smaller than this many pixels is noise of the compression.
const SPECK_PIXELS_MIN: usize = 12;

/// Makes the background transparent.
pub(crate) fn cut(pixels: &mut RgbaImage, backdrop: &Backdrop) {
    let grid = Grid::new(pixels);
    let alike = grid.map(|x, y| is_alike(pixels, backdrop, grid, x, y));
    let open = grid.map(|x, y| grid.around(x, y, 1).all(|(x, y)| alike[grid.index(x, y)]));
    let mut reached = flooded(&open, grid);
    add_holes(&mut reached, &open, backdrop, grid);
    let mut background = reached;
    for _ in 0..EDGE_STEPS {
        background = grid.map(|x, y| {
            let index = grid.index(x, y);
            let next_to = || grid.around(x, y, 1).any(|(x, y)| background[grid.index(x, y)]);
            background[index] || alike[index] && next_to()
        });
    }
    shave(&mut background, pixels, backdrop, grid);
    drop_specks(&mut background, grid);
    let depth = depths(&background, grid);
    soften(pixels, backdrop, grid, &depth);
}

/// Indices and neighbours of a picture's pixels.
#[derive(Clone, Copy)]
struct Grid {
    width: u32,
    height: u32,
}

impl Grid {
    fn new(pixels: &RgbaImage) -> Self {
        Self { width: pixels.width(), height: pixels.height() }
    }

    fn cells(self) -> usize {
        self.width as usize * self.height as usize
    }

    fn index(self, x: u32, y: u32) -> usize {
        y as usize * self.width as usize + x as usize
    }

    fn map(self, cell: impl Fn(u32, u32) -> bool) -> Vec<bool> {
        self.coordinates().map(|(x, y)| cell(x, y)).collect()
    }

    fn coordinates(self) -> impl Iterator<Item = (u32, u32)> {
        (0..self.height).flat_map(move |y| (0..self.width).map(move |x| (x, y)))
    }

    /// The square around a pixel, clipped to the picture, the pixel itself included.
    fn around(self, x: u32, y: u32, reach: u32) -> impl Iterator<Item = (u32, u32)> {
        let columns = x.saturating_sub(reach)..(x + reach + 1).min(self.width);
        (y.saturating_sub(reach)..(y + reach + 1).min(self.height))
            .flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }

    /// The pixels left, right, above and below that exist.
    fn beside(self, x: u32, y: u32) -> impl Iterator<Item = (u32, u32)> {
        [
            (x > 0).then(|| (x - 1, y)),
            (x + 1 < self.width).then(|| (x + 1, y)),
            (y > 0).then(|| (x, y - 1)),
            (y + 1 < self.height).then(|| (x, y + 1)),
        ]
        .into_iter()
        .flatten()
    }
}

/// Every pixel reached with `true` from the starts through pixels that `may` be entered, 4-connected.
fn fill(grid: Grid, reached: &mut [bool], starts: Vec<(u32, u32)>, may: impl Fn(usize) -> bool) -> usize {
    let mut open = starts;
    open.retain(|(x, y)| !std::mem::replace(&mut reached[grid.index(*x, *y)], true));
    let mut count = open.len();
    while let Some((x, y)) = open.pop() {
        for (x, y) in grid.beside(x, y) {
            let index = grid.index(x, y);
            if may(index) && !reached[index] {
                reached[index] = true;
                count += 1;
                open.push((x, y));
            }
        }
    }
    count
}

/// What is connected with the border through `open`: pixels whose neighbours are background-like too.
///
/// A path is three pixels wide by that, so the flood doesn't leak through a pixel-sized gap in a pale
/// product's outline.
fn flooded(open: &[bool], grid: Grid) -> Vec<bool> {
    let band = (grid.width.min(grid.height) / 100).clamp(1, 8);
    let on_border =
        |x: u32, y: u32| x < band || y < band || x >= grid.width - band || y >= grid.height - band;
    let starts = grid.coordinates().filter(|(x, y)| on_border(*x, *y) && open[grid.index(*x, *y)]).collect();
    let mut reached = vec![false; grid.cells()];
    fill(grid, &mut reached, starts, |index| open[index]);
    reached
}

/// Adds the paper seen through the product, as between a stool's legs, unless the paper is white.
///
/// White inside of a product may be the product: a clock's face, a lamp's shade, a label. That a product has
/// just the grey or the colour of its paper there, with its gradient, is not to be expected.
fn add_holes(reached: &mut [bool], open: &[bool], backdrop: &Backdrop, grid: Grid) {
    let mut seen = reached.to_vec();
    for (x, y) in grid.coordinates() {
        let index = grid.index(x, y);
        if seen[index] || !open[index] || luma(backdrop.at(x, y)) > WHITE_LUMA_MIN {
            continue;
        }
        if fill(grid, &mut seen, vec![(x, y)], |index| open[index]) >= grid.cells() / HOLE_SHARE {
            fill(grid, reached, vec![(x, y)], |index| open[index]);
        }
    }
}

fn is_alike(pixels: &RgbaImage, backdrop: &Backdrop, grid: Grid, x: u32, y: u32) -> bool {
    let own = colour(pixels, x, y);
    let off = distance(own, backdrop.at(x, y));
    off <= backdrop.tolerance
        || off <= SLOW_REACH * backdrop.tolerance
            && grid.beside(x, y).all(|(x, y)| distance(own, colour(pixels, x, y)) <= SLOW_STEP)
}

/// Turns the noise that compression leaves around the product into background: what is nearly the paper's
/// colour and has more background than product around it. Thin parts in a colour of their own stay.
fn shave(background: &mut Vec<bool>, pixels: &RgbaImage, backdrop: &Backdrop, grid: Grid) {
    for _ in 0..SHAVES {
        *background = grid.map(|x, y| {
            let alone = || {
                let outside = grid.around(x, y, 2).filter(|(x, y)| background[grid.index(*x, *y)]).count();
                2 * outside > grid.around(x, y, 2).count()
            };
            let faint =
                || distance(colour(pixels, x, y), backdrop.at(x, y)) <= NOISE_REACH * backdrop.tolerance;
            background[grid.index(x, y)] || alone() && faint()
        });
    }
}

/// Turns patches of product too small to be any into background.
fn drop_specks(background: &mut [bool], grid: Grid) {
    let mut seen = background.to_vec();
    let mut patches = Vec::new();
    for (x, y) in grid.coordinates() {
        if !seen[grid.index(x, y)] {
            let size = fill(grid, &mut seen, vec![(x, y)], |index| !background[index]);
            patches.push((size, (x, y)));
        }
    }
    let largest = patches.iter().map(|(size, _)| *size).max().unwrap_or(0);
    let least = (largest / SPECK_SHARE).max(SPECK_PIXELS_MIN);
    for (_, start) in patches.into_iter().filter(|(size, _)| *size < least) {
        fill(grid, background, vec![start], |_| true);
    }
}

/// How deep in the product a pixel lies: 0 is background, then 1 at the edge up to `CORE_DEPTH` inside.
fn depths(background: &[bool], grid: Grid) -> Vec<u8> {
    let mut depth: Vec<u8> = background.iter().map(|outside| if *outside { 0 } else { CORE_DEPTH }).collect();
    for level in 1..CORE_DEPTH {
        for (x, y) in grid.coordinates() {
            let near_edge = || grid.around(x, y, 1).any(|(x, y)| depth[grid.index(x, y)] == level - 1);
            if depth[grid.index(x, y)] == CORE_DEPTH && near_edge() {
                depth[grid.index(x, y)] = level;
            }
        }
    }
    depth
}

/// Sets alpha, and takes the background out of the colours along the edge.
fn soften(pixels: &mut RgbaImage, backdrop: &Backdrop, grid: Grid, depth: &[u8]) {
    let edge: Vec<(u32, u32, [u8; 4])> = grid
        .coordinates()
        .filter_map(|(x, y)| match depth[grid.index(x, y)] {
            0 if grid.around(x, y, 1).all(|(x, y)| depth[grid.index(x, y)] == 0) => None,
            CORE_DEPTH.. => None,
            _ => Some((x, y, unmixed(pixels, backdrop, grid, depth, x, y))),
        })
        .collect();
    for (pixel, depth) in pixels.pixels_mut().zip(depth) {
        if *depth == 0 {
            pixel.0 = [0; 4];
        }
    }
    for (x, y, rgba) in edge {
        pixels.get_pixel_mut(x, y).0 = rgba;
    }
}

/// One pixel of the edge as product and alpha.
///
/// The pixel is read as `alpha·product + (1 - alpha)·background`, both known from nearby; where they are too
/// alike to tell, alpha is the share of product among the neighbours.
fn unmixed(pixels: &RgbaImage, backdrop: &Backdrop, grid: Grid, depth: &[u8], x: u32, y: u32) -> [u8; 4] {
    let (own, paper) = (colour(pixels, x, y), backdrop.at(x, y));
    let product = product_colour(pixels, grid, depth, x, y).unwrap_or(own);
    let alpha = if distance(product, paper) > 1.5 * backdrop.tolerance {
        projection(own, paper, product)
    } else {
        geometric_alpha(grid, depth, x, y)
    };
    let alpha = ((alpha - ALPHA_NOISE) / (ALPHA_FULL - ALPHA_NOISE)).clamp(0.0, 1.0);
    if alpha < 1.0 / 64.0 {
        return [0; 4];
    }
    let mut rgba = [0; 4];
    for (channel, value) in rgba.iter_mut().take(3).enumerate() {
        let clean = ((own[channel] - (1.0 - alpha) * paper[channel]) / alpha).clamp(0.0, 255.0);
        // The fainter the pixel, the less its own colour can be trusted.
        *value = linear::byte(clean * alpha + product[channel] * (1.0 - alpha));
    }
    rgba[3] = linear::byte(alpha * 255.0);
    rgba
}

/// Where between `from` (0) and `to` (1) a colour lies.
fn projection(own: [f32; 3], from: [f32; 3], to: [f32; 3]) -> f32 {
    let (mut along, mut length) = (0.0, 0.0);
    for channel in 0..3 {
        let direction = to[channel] - from[channel];
        along += (own[channel] - from[channel]) * direction;
        length += direction * direction;
    }
    (along / length.max(1e-6)).clamp(0.0, 1.0)
}

fn geometric_alpha(grid: Grid, depth: &[u8], x: u32, y: u32) -> f32 {
    if depth[grid.index(x, y)] > 1 {
        return 1.0;
    }
    let (mut inside, mut all) = (0.0, 0.0);
    for (x, y) in grid.around(x, y, 1) {
        all += 1.0;
        inside += if depth[grid.index(x, y)] > 0 { 1.0 } else { 0.0 };
    }
    let share: f32 = inside / all;
    share * share * (3.0 - 2.0 * share)
}

/// The product's colour behind a pixel of the edge: the deepest pixels nearby, the nearer the weightier.
fn product_colour(pixels: &RgbaImage, grid: Grid, depth: &[u8], x: u32, y: u32) -> Option<[f32; 3]> {
    let nearby = || grid.around(x, y, CORE_REACH);
    let deepest = nearby().map(|(x, y)| depth[grid.index(x, y)]).max().filter(|depth| *depth > 0)?;
    let (mut sum, mut weights) = ([0.0; 3], 0.0);
    for (other_x, other_y) in nearby().filter(|(x, y)| depth[grid.index(*x, *y)] == deepest) {
        let (dx, dy) = (other_x.abs_diff(x), other_y.abs_diff(y));
        let weight = 1.0 / f32::from(u16::try_from(dx * dx + dy * dy + 1).unwrap_or(u16::MAX)).powi(2);
        weights += weight;
        for (total, value) in sum.iter_mut().zip(colour(pixels, other_x, other_y)) {
            *total += value * weight;
        }
    }
    Some(sum.map(|total| total / weights))
}
