//! A placement in pixels: where in the photo the product lies, and which point of it a pixel shows.

use crate::placement::Placement;
use crate::shrink::Size;

/// A turned rectangle in the photo.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Footprint {
    centre: (f32, f32),
    /// Width and height before turning, in pixels of the photo, at least 1.
    pub(crate) width: f32,
    pub(crate) height: f32,
    sine: f32,
    cosine: f32,
}

/// A rectangle of whole pixels, from `left`, `top` up to but without `right`, `bottom`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) right: u32,
    pub(crate) bottom: u32,
}

impl Bounds {
    pub(crate) fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }
}

impl Footprint {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "places within 6,200 pixels, to a thousandth of a pixel"
    )]
    pub(crate) fn new(placement: &Placement, cutout: Size, photo: Size) -> Self {
        let width = (placement.scale() * f64::from(photo.width)) as f32;
        let (sine, cosine) = placement.rotation_degrees().to_radians().sin_cos();
        Self {
            centre: (
                (placement.x() * f64::from(photo.width)) as f32,
                (placement.y() * f64::from(photo.height)) as f32,
            ),
            width: width.max(1.0),
            height: (width * cutout.height as f32 / cutout.width as f32).max(1.0),
            sine: sine as f32,
            cosine: cosine as f32,
        }
    }

    /// The point of the product, 0 to 1 from its top left, that lies at a point of the photo.
    pub(crate) fn unit(&self, x: f32, y: f32) -> (f32, f32) {
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let along = dx * self.cosine + dy * self.sine;
        let down = dy * self.cosine - dx * self.sine;
        (along / self.width + 0.5, down / self.height + 0.5)
    }

    /// Half the width and height of the upright box around the turned rectangle.
    fn half_box(&self) -> (f32, f32) {
        let (sine, cosine) = (self.sine.abs(), self.cosine.abs());
        (0.5 * (self.width * cosine + self.height * sine), 0.5 * (self.width * sine + self.height * cosine))
    }

    /// Top and bottom of the upright box, in pixels of the photo, also outside of it.
    pub(crate) fn vertical_extent(&self) -> (f32, f32) {
        let half = self.half_box().1;
        (self.centre.1 - half, self.centre.1 + half)
    }

    /// The photo's pixels within `margin` of the upright box.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "clamped to the photo before"
    )]
    pub(crate) fn bounds(&self, margin: f32, photo: Size) -> Bounds {
        let (half_width, half_height) = self.half_box();
        let across = |value: f32| value.clamp(0.0, photo.width as f32) as u32;
        let down = |value: f32| value.clamp(0.0, photo.height as f32) as u32;
        Bounds {
            left: across((self.centre.0 - half_width - margin).floor()),
            top: down((self.centre.1 - half_height - margin).floor()),
            right: across((self.centre.0 + half_width + margin).ceil()),
            bottom: down((self.centre.1 + half_height + margin).ceil()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: Size = Size { width: 400, height: 200 };
    const SQUARE: Size = Size { width: 50, height: 50 };

    fn footprint(x: f64, y: f64, scale: f64, turn: f64) -> Footprint {
        Footprint::new(&Placement::new(x, y, scale, turn).unwrap(), SQUARE, PHOTO)
    }

    #[test]
    fn the_scale_is_a_share_of_the_photos_width() {
        let bounds = footprint(0.5, 0.5, 0.25, 0.0).bounds(0.0, PHOTO);
        assert_eq!(bounds, Bounds { left: 150, top: 50, right: 250, bottom: 150 });
    }

    #[test]
    fn a_quarter_turn_clockwise_brings_the_left_side_up() {
        let (u, v) = footprint(0.5, 0.5, 0.25, 90.0).unit(200.0, 50.0);
        assert!(u.abs() < 1e-5 && (v - 0.5).abs() < 1e-5, "{u} {v}");
    }

    #[test]
    fn what_is_outside_the_photo_has_no_pixels() {
        assert!(footprint(1.5, 0.5, 0.1, 0.0).bounds(0.0, PHOTO).is_empty());
    }
}
