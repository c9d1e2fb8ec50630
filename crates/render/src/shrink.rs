//! Shrinking by exact area average, row by row.
//!
//! Chosen over the image crate's resize because that holds a four-channel f32 copy between its two passes
//! (over 100 MB for a large photo) and averages alpha unaware; this holds two rows.

/// Width and height in pixels, both at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Size {
    /// The same proportions with the longer side at most `side_max`; never larger, never empty.
    pub(crate) fn fitted(self, side_max: u32) -> Self {
        let longer = self.width.max(self.height);
        if longer <= side_max {
            return self;
        }
        let scaled = |side: u32| {
            let rounded = (u64::from(side) * u64::from(side_max) + u64::from(longer) / 2) / u64::from(longer);
            u32::try_from(rounded).unwrap_or(side_max).clamp(1, side_max)
        };
        Self { width: scaled(self.width), height: scaled(self.height) }
    }

    /// Width times height.
    pub(crate) fn area(self) -> usize {
        self.width as usize * self.height as usize
    }
}

/// How one source pixel is shared between the target pixel it starts in and the next one.
#[derive(Clone, Copy)]
struct Share {
    target: usize,
    here: f32,
    next: f32,
}

/// The shares of every source pixel along one axis; for each target they add up to 1.
///
/// Exact in integers: on a line of `from * to` units a source pixel covers `to` of them and a target `from`.
#[expect(clippy::cast_precision_loss, reason = "sides are far below 2^24")]
fn shares(from: u32, to: u32) -> impl Iterator<Item = Share> {
    let (from, to) = (u64::from(from), u64::from(to));
    (0..from).map(move |source| {
        let start = source * to;
        let target = start / from;
        let here = to.min((target + 1) * from - start);
        Share {
            target: usize::try_from(target).unwrap_or(usize::MAX),
            here: here as f32 / from as f32,
            next: (to - here) as f32 / from as f32,
        }
    })
}

/// Averages `from` pixels down to `to` pixels.
///
/// `load` gives a source pixel; `store` is called once for each target row, from the top. A side that would
/// grow is left as it is: the caller never asks for it, and sampling is what enlarges.
pub(crate) fn shrink<const N: usize>(
    from: Size,
    to: Size,
    load: impl Fn(u32, u32) -> [f32; N],
    mut store: impl FnMut(&[[f32; N]]),
) {
    debug_assert!(to.width <= from.width && to.height <= from.height);
    let width = to.width as usize;
    let columns: Vec<Share> = shares(from.width, to.width).collect();
    // One pixel more than the row: the last source pixel's empty share of "the next" lands there.
    let mut row = vec![[0.0; N]; width + 1];
    let mut current = vec![[0.0; N]; width + 1];
    let mut following = vec![[0.0; N]; width + 1];
    let mut done = 0;
    for (y, share) in (0..from.height).zip(shares(from.height, to.height)) {
        if share.target > done {
            store(&current[..width]);
            std::mem::swap(&mut current, &mut following);
            following.fill([0.0; N]);
            done = share.target;
        }
        row.fill([0.0; N]);
        for (x, column) in (0..from.width).zip(&columns) {
            let pixel = load(x, y);
            add(&mut row[column.target], pixel, column.here);
            add(&mut row[column.target + 1], pixel, column.next);
        }
        for (index, pixel) in row.iter().enumerate() {
            add(&mut current[index], *pixel, share.here);
            add(&mut following[index], *pixel, share.next);
        }
    }
    store(&current[..width]);
}

fn add<const N: usize>(sum: &mut [f32; N], pixel: [f32; N], weight: f32) {
    for (total, value) in sum.iter_mut().zip(pixel) {
        *total += value * weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shrunk(from: Size, to: Size, load: impl Fn(u32, u32) -> f32) -> Vec<f32> {
        let mut out = Vec::new();
        shrink(from, to, |x, y| [load(x, y)], |row| out.extend(row.iter().map(|pixel| pixel[0])));
        out
    }

    #[test]
    fn a_flat_picture_stays_flat_at_every_ratio() {
        for to in 1..=7 {
            let out = shrunk(Size { width: 7, height: 5 }, Size { width: to, height: to.min(5) }, |_, _| 0.5);
            assert_eq!(out.len(), (to * to.min(5)) as usize);
            assert!(out.iter().all(|value| (value - 0.5).abs() < 1e-5), "{to}: {out:?}");
        }
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn each_target_is_the_average_of_what_it_covers() {
        let out = shrunk(Size { width: 3, height: 1 }, Size { width: 2, height: 1 }, |x, _| x as f32);
        assert!((out[0] - 1.0 / 3.0).abs() < 1e-6 && (out[1] - 5.0 / 3.0).abs() < 1e-6, "{out:?}");
    }

    #[test]
    fn a_line_thinner_than_a_pixel_stays_visible_after_fitting() {
        assert_eq!(Size { width: 12_000, height: 1 }.fitted(2048), Size { width: 2048, height: 1 },);
        assert_eq!(Size { width: 400, height: 300 }.fitted(2048), Size { width: 400, height: 300 });
        assert_eq!(Size { width: 4000, height: 3000 }.fitted(2048), Size { width: 2048, height: 1536 });
    }
}
