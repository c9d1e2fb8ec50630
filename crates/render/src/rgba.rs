//! Pixels with an alpha channel: straight sRGB where they are kept, premultiplied linear light where they are
//! averaged. Averaging straight values would pull the unseen colour of transparent pixels into the edges.

use crate::linear;
use crate::shrink::{Size, shrink};

/// sRGB with straight alpha to premultiplied linear light.
pub(crate) fn premultiplied([red, green, blue, alpha]: [u8; 4]) -> [f32; 4] {
    let cover = f32::from(alpha) / 255.0;
    let [red, green, blue] = linear::rgb_from_srgb([red, green, blue]).map(|channel| channel * cover);
    [red, green, blue, cover]
}

/// Premultiplied linear light to sRGB with straight alpha.
fn straight([red, green, blue, cover]: [f32; 4]) -> [u8; 4] {
    let alpha = linear::byte(cover * 255.0);
    if alpha == 0 {
        return [0; 4];
    }
    let [red, green, blue] = [red, green, blue].map(|channel| linear::to_srgb(channel / cover));
    [red, green, blue, alpha]
}

/// The opaque colour of a pixel laid on white.
pub(crate) fn on_white(rgba: [u8; 4]) -> [u8; 3] {
    if rgba[3] == 255 {
        return [rgba[0], rgba[1], rgba[2]];
    }
    let [red, green, blue, cover] = premultiplied(rgba);
    [red, green, blue].map(|channel| linear::to_srgb(channel + 1.0 - cover))
}

/// The bytes of a picture shrunk to `to`, four a pixel, row by row. Copied as they are when the size stays.
pub(crate) fn fitted(from: Size, to: Size, load: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(to.area() * 4);
    if from == to {
        for y in 0..to.height {
            bytes.extend((0..to.width).flat_map(|x| load(x, y)));
        }
    } else {
        let load = |x, y| premultiplied(load(x, y));
        shrink(from, to, load, |row| bytes.extend(row.iter().flat_map(|pixel| straight(*pixel))));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinking_keeps_the_unseen_colour_of_transparent_pixels_out() {
        let from = Size { width: 2, height: 1 };
        let bytes = fitted(from, Size { width: 1, height: 1 }, |x, _| {
            if x == 0 { [200, 100, 50, 255] } else { [0, 255, 0, 0] }
        });
        assert_eq!(bytes, [200, 100, 50, 128]);
    }

    #[test]
    fn what_is_transparent_shows_the_white_below() {
        assert_eq!(on_white([10, 20, 30, 0]), [255, 255, 255]);
        assert_eq!(on_white([10, 20, 30, 255]), [10, 20, 30]);
    }
}
