//! Three numbers: a place, a direction, a colour.

use std::ops::{Add, Mul, Neg, Sub};

/// Metres for places (x to the right, y up, z towards the viewer), linear light 0 to 1 for colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct V3 {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) z: f32,
}

/// Shorthand for a [`V3`].
pub(crate) const fn v3(x: f32, y: f32, z: f32) -> V3 {
    V3 { x, y, z }
}

impl V3 {
    pub(crate) const ZERO: Self = v3(0.0, 0.0, 0.0);

    pub(crate) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub(crate) fn cross(self, other: Self) -> Self {
        v3(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )
    }

    pub(crate) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    pub(crate) fn unit(self) -> Self {
        self * (1.0 / self.length().max(1e-9))
    }

    pub(crate) fn abs(self) -> Self {
        v3(self.x.abs(), self.y.abs(), self.z.abs())
    }

    pub(crate) fn max0(self) -> Self {
        v3(self.x.max(0.0), self.y.max(0.0), self.z.max(0.0))
    }

    pub(crate) fn largest(self) -> f32 {
        self.x.max(self.y).max(self.z)
    }

    /// Part by part, for colours.
    pub(crate) fn tint(self, other: Self) -> Self {
        v3(self.x * other.x, self.y * other.y, self.z * other.z)
    }
}

impl Add for V3 {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        v3(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl Sub for V3 {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        v3(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Mul<f32> for V3 {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        v3(self.x * factor, self.y * factor, self.z * factor)
    }
}

impl Neg for V3 {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

/// A rotation: its three columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn([V3; 3]);

impl Turn {
    pub(crate) const NONE: Self = Self([v3(1.0, 0.0, 0.0), v3(0.0, 1.0, 0.0), v3(0.0, 0.0, 1.0)]);

    /// About the x axis by `tilt` (positive leans the top towards the viewer), then about y by `yaw`; degrees.
    pub(crate) fn new(yaw: f32, tilt: f32) -> Self {
        let (ys, yc) = yaw.to_radians().sin_cos();
        let (ts, tc) = tilt.to_radians().sin_cos();
        Self([v3(yc, 0.0, -ys), v3(ys * ts, tc, yc * ts), v3(ys * tc, -ts, yc * tc)])
    }

    /// From the scene's axes to the part's own.
    pub(crate) fn undo(&self, v: V3) -> V3 {
        let [x, y, z] = self.0;
        v3(x.dot(v), y.dot(v), z.dot(v))
    }
}
