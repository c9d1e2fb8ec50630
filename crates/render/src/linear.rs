//! sRGB and linear light. Blending, shrinking and shading are right only in linear light: done on sRGB
//! values, edges turn dark and shadows dirty.

use std::sync::LazyLock;

/// Fine enough that the darkest sRGB steps (1/3294 of linear light) stay apart and every value returns to itself.
const STEPS: usize = 16_384;

static FROM_SRGB: LazyLock<[f32; 256]> = LazyLock::new(|| {
    let mut table = [0.0; 256];
    for (value, entry) in (0u8..=255).zip(&mut table) {
        let s = f32::from(value) / 255.0;
        *entry = if s <= 0.040_45 { s / 12.92 } else { ((s + 0.055) / 1.055).powf(2.4) };
    }
    table
});

static TO_SRGB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    (0u16..)
        .take(STEPS + 1)
        .map(|step| {
            let linear = f32::from(step) / steps();
            let s =
                if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
            byte(s * 255.0)
        })
        .collect()
});

#[expect(clippy::cast_precision_loss, reason = "16,384 is exact in f32")]
const fn steps() -> f32 {
    STEPS as f32
}

/// Rounds to the nearest byte, clamped.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=255 before")]
pub(crate) fn byte(value: f32) -> u8 {
    value.clamp(0.0, 255.0).round() as u8
}

/// The linear light, 0 to 1, of an sRGB byte.
pub(crate) fn from_srgb(value: u8) -> f32 {
    FROM_SRGB[usize::from(value)]
}

/// The sRGB byte of linear light; what is outside 0 to 1 is clamped.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the table before")]
pub(crate) fn to_srgb(linear: f32) -> u8 {
    TO_SRGB[(linear.clamp(0.0, 1.0) * steps()).round() as usize]
}

/// An opaque sRGB pixel in linear light.
pub(crate) fn rgb_from_srgb(rgb: [u8; 3]) -> [f32; 3] {
    rgb.map(from_srgb)
}

/// Relative luminance (Rec. 709) of linear RGB.
pub(crate) fn luminance(rgb: [f32; 3]) -> f32 {
    0.212_6 * rgb[0] + 0.715_2 * rgb[1] + 0.072_2 * rgb[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_srgb_byte_returns_to_itself() {
        for value in 0..=255u8 {
            assert_eq!(to_srgb(from_srgb(value)), value);
        }
    }

    #[test]
    fn what_is_no_light_becomes_black_and_too_much_becomes_white() {
        assert_eq!(to_srgb(-1.0), 0);
        assert_eq!(to_srgb(f32::NAN), 0);
        assert_eq!(to_srgb(7.0), 255);
    }
}
