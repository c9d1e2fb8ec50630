//! Where the shopper put the product, how large and how turned.

use crate::fault::PlacementFault;

/// A product's place in the photo, in fractions of the photo, so that it means the same at every resolution.
///
/// Example: `Placement::new(0.5, 0.75, 0.4, 0.0)` stands in the middle, three quarters down, 40 % as wide as
/// the photo, upright.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    x: f64,
    y: f64,
    scale: f64,
    rotation_degrees: f64,
}

impl Placement {
    /// The least and the greatest `x` and `y`: the product's centre may leave the photo by half its side.
    pub const CENTRE: (f64, f64) = (-0.5, 1.5);
    /// The least and the greatest `scale`.
    pub const SCALE: (f64, f64) = (0.02, 3.0);

    /// Checks and keeps a place.
    ///
    /// - `x`, `y`: the product's centre as a fraction of the photo's width and height, from the top left,
    ///   -0.5 to 1.5.
    /// - `scale`: the product's width before turning as a fraction of the photo's width, 0.02 to 3.
    /// - `rotation_degrees`: clockwise, any finite number, kept as 0 to below 360.
    pub fn new(x: f64, y: f64, scale: f64, rotation_degrees: f64) -> Result<Self, PlacementFault> {
        Ok(Self {
            x: within("x", x, Self::CENTRE)?,
            y: within("y", y, Self::CENTRE)?,
            scale: within("scale", scale, Self::SCALE)?,
            rotation_degrees: turn(finite("rotation", rotation_degrees)?),
        })
    }

    /// The centre's distance from the left, as a fraction of the photo's width.
    #[must_use]
    pub fn x(&self) -> f64 {
        self.x
    }

    /// The centre's distance from the top, as a fraction of the photo's height.
    #[must_use]
    pub fn y(&self) -> f64 {
        self.y
    }

    /// The product's width as a fraction of the photo's width.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Degrees clockwise, 0 to below 360.
    #[must_use]
    pub fn rotation_degrees(&self) -> f64 {
        self.rotation_degrees
    }
}

fn finite(field: &'static str, value: f64) -> Result<f64, PlacementFault> {
    if value.is_finite() { Ok(value) } else { Err(PlacementFault::NotFinite { field }) }
}

fn within(field: &'static str, value: f64, (low, high): (f64, f64)) -> Result<f64, PlacementFault> {
    let value = finite(field, value)?;
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(PlacementFault::OutOfRange { field, value, low, high })
    }
}

/// A tiny negative angle's remainder rounds to 360 itself, which is 0.
fn turn(degrees: f64) -> f64 {
    let turned = degrees.rem_euclid(360.0);
    if turned < 360.0 { turned } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0.0, 0.0)]
    #[case(-90.0, 270.0)]
    #[case(725.0, 5.0)]
    #[case(-1e-20, 0.0)]
    fn a_rotation_is_kept_as_one_turn_clockwise(#[case] given: f64, #[case] kept: f64) {
        let placement = Placement::new(0.5, 0.5, 0.3, given).unwrap();
        assert!((placement.rotation_degrees() - kept).abs() < 1e-9);
    }

    #[rstest]
    #[case(-0.51, 0.5, 0.3, "x")]
    #[case(0.5, 1.51, 0.3, "y")]
    #[case(0.5, 0.5, 0.019, "scale")]
    #[case(0.5, 0.5, 3.01, "scale")]
    fn what_is_out_of_range_is_named(#[case] x: f64, #[case] y: f64, #[case] scale: f64, #[case] name: &str) {
        let fault = Placement::new(x, y, scale, 0.0).unwrap_err();
        assert!(matches!(fault, PlacementFault::OutOfRange { field, .. } if field == name), "{fault}");
    }

    #[test]
    fn the_limits_themselves_are_accepted() {
        assert!(Placement::new(-0.5, 1.5, 0.02, 0.0).is_ok());
        assert!(Placement::new(1.5, -0.5, 3.0, 0.0).is_ok());
    }

    #[rstest]
    #[case(f64::NAN)]
    #[case(f64::INFINITY)]
    fn what_is_not_finite_is_refused_everywhere(#[case] bad: f64) {
        assert_eq!(Placement::new(bad, 0.5, 0.3, 0.0), Err(PlacementFault::NotFinite { field: "x" }));
        assert_eq!(Placement::new(0.5, bad, 0.3, 0.0), Err(PlacementFault::NotFinite { field: "y" }));
        assert_eq!(Placement::new(0.5, 0.5, bad, 0.0), Err(PlacementFault::NotFinite { field: "scale" }));
        assert_eq!(Placement::new(0.5, 0.5, 0.3, bad), Err(PlacementFault::NotFinite { field: "rotation" }));
    }
}
