//! What is to be drawn: parts, each a form of a material at a place; and from where it is looked at.

use super::form::Form;
use super::vector::{Turn, V3, v3};

/// What a part is made of: decides pattern and shine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Finish {
    /// Woven cloth: dull, finely speckled.
    Cloth,
    /// Wood, its grain along the part's x axis.
    Wood,
    /// Knitted in rings about the part's y axis, in turns of two tones.
    Rings,
    /// Fired clay, a little shiny.
    Clay,
    /// Leaves.
    Leaf,
    /// Metal.
    Metal,
    /// Gives light by itself.
    Glow,
    /// A painted wall.
    Plaster,
    /// Floor boards along the z axis.
    Boards,
}

/// One solid of a scene.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) form: Form,
    pub(super) finish: Finish,
    /// Linear light.
    pub(super) colour: V3,
    at: V3,
    turn: Turn,
    reach: f32,
}

impl Part {
    /// A point of the scene in the part's own axes.
    pub(super) fn own(&self, p: V3) -> V3 {
        self.turn.undo(p - self.at)
    }

    /// Distance of `p`, or a lower bound of it that is at least `enough`.
    pub(super) fn distance(&self, p: V3, enough: f32) -> f32 {
        let bound = (p - self.at).length() - self.reach;
        if bound > enough { bound } else { self.form.distance(self.own(p)) }
    }
}

/// Where the viewer stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Camera {
    pub(super) eye: V3,
    pub(super) right: V3,
    pub(super) up: V3,
    pub(super) ahead: V3,
}

impl Camera {
    /// At `eye`, looking at `target`.
    pub(super) fn looking(eye: V3, target: V3) -> Self {
        let ahead = (target - eye).unit();
        let right = ahead.cross(v3(0.0, 1.0, 0.0)).unit();
        Self { eye, right, up: right.cross(ahead), ahead }
    }

    /// Round about `target`: `yaw` degrees to the right of its front, `pitch` degrees above it, `metres` away.
    pub(super) fn around(target: V3, yaw: f32, pitch: f32, metres: f32) -> Self {
        let (ys, yc) = yaw.to_radians().sin_cos();
        let (ps, pc) = pitch.to_radians().sin_cos();
        Self::looking(target + v3(ys * pc, ps, yc * pc) * metres, target)
    }
}

/// Sunlight through a window: a rectangle that the light passes, and what it is worth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    pub(super) centre: V3,
    pub(super) half_width: f32,
    pub(super) half_height: f32,
}

/// Parts, viewer, light.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) parts: Vec<Part>,
    pub(super) camera: Camera,
    /// Towards the light.
    pub(super) light: V3,
    /// A window in a wall of constant z that throws a patch of light; none outdoors.
    pub(super) opening: Option<Opening>,
}

impl Scene {
    /// An empty studio.
    pub(super) fn new(camera: Camera) -> Self {
        Self { parts: Vec::new(), camera, light: v3(-0.55, 0.9, 0.6).unit(), opening: None }
    }

    /// Adds a part that stands straight.
    pub(super) fn add(&mut self, form: Form, at: V3, finish: Finish, colour: u32) {
        self.add_turned(form, at, (0.0, 0.0), finish, colour);
    }

    /// Adds a part turned by (yaw, tilt) degrees. `colour` is `0xRRGGBB` as a screen has it.
    pub(super) fn add_turned(&mut self, form: Form, at: V3, turn: (f32, f32), finish: Finish, colour: u32) {
        let turn = if turn == (0.0, 0.0) { Turn::NONE } else { Turn::new(turn.0, turn.1) };
        self.parts.push(Part { form, finish, colour: linear(colour), at, turn, reach: form.reach() });
    }

    /// Adds a round bar between two points.
    pub(super) fn bar(&mut self, from: V3, to: V3, radii: (f32, f32), finish: Finish, colour: u32) {
        self.add(Form::Bar { end: to - from, from: radii.0, to: radii.1 }, from, finish, colour);
    }

    /// Distance of the nearest part, and which it is.
    pub(super) fn nearest(&self, p: V3) -> (f32, usize) {
        let mut best = (f32::MAX, usize::MAX);
        for (place, part) in self.parts.iter().enumerate() {
            let distance = part.distance(p, best.0);
            if distance < best.0 {
                best = (distance, place);
            }
        }
        best
    }
}

/// A screen's `0xRRGGBB` as linear light.
pub(super) fn linear(colour: u32) -> V3 {
    let [_, red, green, blue] = colour.to_be_bytes();
    let part = |value: u8| (f32::from(value) / 255.0).powf(2.2);
    v3(part(red), part(green), part(blue))
}
