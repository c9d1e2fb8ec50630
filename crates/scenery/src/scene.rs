//! What is to be drawn: parts, each a form of a material at a place; and from where it is looked at.

use super::form::Form;
use super::vector::{Turn, V3, v3};

/// What a part is made of: decides pattern and shine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Finish {
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
pub(crate) struct Part {
    pub(crate) form: Form,
    pub(crate) finish: Finish,
    /// Linear light.
    pub(crate) colour: V3,
    at: V3,
    turn: Turn,
    reach: f32,
}

impl Part {
    /// A point of the scene in the part's own axes.
    pub(crate) fn own(&self, p: V3) -> V3 {
        self.turn.undo(p - self.at)
    }

    /// Distance of `p`, or a lower bound of it that is at least `enough`.
    pub(crate) fn distance(&self, p: V3, enough: f32) -> f32 {
        let bound = (p - self.at).length() - self.reach;
        if bound > enough { bound } else { self.form.distance(self.own(p)) }
    }
}

/// Where the viewer stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Camera {
    pub(crate) eye: V3,
    pub(crate) right: V3,
    pub(crate) up: V3,
    pub(crate) ahead: V3,
}

impl Camera {
    /// At `eye`, looking at `target`.
    pub(crate) fn looking(eye: V3, target: V3) -> Self {
        let ahead = (target - eye).unit();
        let right = ahead.cross(v3(0.0, 1.0, 0.0)).unit();
        Self { eye, right, up: right.cross(ahead), ahead }
    }

    /// Round about `target`: `yaw` degrees to the right of its front, `pitch` degrees above it, `metres` away.
    pub(crate) fn around(target: V3, yaw: f32, pitch: f32, metres: f32) -> Self {
        let (ys, yc) = yaw.to_radians().sin_cos();
        let (ps, pc) = pitch.to_radians().sin_cos();
        Self::looking(target + v3(ys * pc, ps, yc * pc) * metres, target)
    }
}

/// Sunlight through a window: a rectangle that the light passes, and what it is worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub(crate) centre: V3,
    pub(crate) half_width: f32,
    pub(crate) half_height: f32,
}

/// Parts, viewer, light.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) parts: Vec<Part>,
    pub(crate) camera: Camera,
    /// Towards the light.
    pub(crate) light: V3,
    /// A window in a wall of constant z that throws a patch of light; none outdoors.
    pub(crate) opening: Option<Opening>,
}

impl Scene {
    /// An empty studio.
    pub(crate) fn new(camera: Camera) -> Self {
        Self { parts: Vec::new(), camera, light: v3(-0.55, 0.9, 0.6).unit(), opening: None }
    }

    /// Adds a part that stands straight.
    pub(crate) fn add(&mut self, form: Form, at: V3, finish: Finish, colour: u32) {
        self.add_turned(form, at, (0.0, 0.0), finish, colour);
    }

    /// Adds a part turned by (yaw, tilt) degrees. `colour` is `0xRRGGBB` as a screen has it.
    pub(crate) fn add_turned(&mut self, form: Form, at: V3, turn: (f32, f32), finish: Finish, colour: u32) {
        let turn = if turn == (0.0, 0.0) { Turn::NONE } else { Turn::new(turn.0, turn.1) };
        self.parts.push(Part { form, finish, colour: linear(colour), at, turn, reach: form.reach() });
    }

    /// Adds a round bar between two points.
    pub(crate) fn bar(&mut self, from: V3, to: V3, radii: (f32, f32), finish: Finish, colour: u32) {
        let half = (to - from) * 0.5;
        self.add(Form::Bar { half, from: radii.0, to: radii.1 }, from + half, finish, colour);
    }

    /// Distance of the nearest part.
    pub(crate) fn nearest(&self, p: V3) -> f32 {
        self.parts.iter().fold(f32::MAX, |best, part| best.min(part.distance(p, best)))
    }

    /// What a ray can come within `margin` of. Most rays pass by most parts: they are neither asked nor do they
    /// shorten the ray's steps.
    pub(crate) fn along(&self, from: V3, direction: V3, margin: f32) -> Along<'_> {
        let near = |part: &(usize, &Part)| {
            let way = part.1.at - from;
            let ahead = way.dot(direction).max(0.0);
            (way - direction * ahead).length() <= part.1.reach + margin
        };
        let parts = self.parts.iter().enumerate().filter(near).collect();
        Along { from, direction, parts }
    }
}

/// A ray and what it may meet.
pub(crate) struct Along<'a> {
    from: V3,
    direction: V3,
    parts: Vec<(usize, &'a Part)>,
}

impl Along<'_> {
    /// The point so many metres on.
    pub(crate) fn at(&self, gone: f32) -> V3 {
        self.from + self.direction * gone
    }

    /// Distance of the nearest part from there, and which it is.
    pub(crate) fn nearest(&self, gone: f32) -> (f32, usize) {
        let place = self.at(gone);
        let mut best = (f32::MAX, usize::MAX);
        for (number, part) in &self.parts {
            let distance = part.distance(place, best.0);
            if distance < best.0 {
                best = (distance, *number);
            }
        }
        best
    }
}

/// A screen's `0xRRGGBB` as linear light.
pub(crate) fn linear(colour: u32) -> V3 {
    let [_, red, green, blue] = colour.to_be_bytes();
    let part = |value: u8| (f32::from(value) / 255.0).powf(2.2);
    v3(part(red), part(green), part(blue))
}
