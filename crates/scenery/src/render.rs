//! From a scene to pixels: march a ray, shade what it meets, smooth the edges.

use image::{Rgba, RgbaImage};

use super::scene::{Finish, Part, Scene};
use super::vector::{V3, v3};

const STEPS_MAX: u32 = 110;
const FAR_METRES: f32 = 14.0;
const TOUCH_METRES: f32 = 0.000_6;
/// Pixels of the longer side of the sketch that finds where a product ends.
const SKETCH_PX: u32 = 150;
/// Half the field of view of a sketch and of a frame, as a tangent.
const SKETCH_TANGENT: f32 = 0.42;
const FRAME_TANGENT: f32 = 0.62;
/// No shadow is longer.
const SHADOW_METRES: f32 = 2.6;
/// Width of a shadow's soft edge for every metre of its length.
const SOFT: f32 = 0.055;
/// An edge pixel is the mean of so many rays, squared.
const EDGE_RAYS: u8 = 3;

/// A rectangle of the picture plane, one metre before the eye; y grows upwards.
#[derive(Clone, Copy)]
struct View {
    left: f32,
    top: f32,
    pixel: f32,
}

/// What one ray saw.
#[derive(Clone, Copy)]
struct Sample {
    colour: V3,
    part: usize,
}

const NOTHING: usize = usize::MAX;

/// The scene as wide as asked, seen at a wide angle.
pub(crate) fn frame(scene: &Scene, width: u32, height: u32) -> RgbaImage {
    let pixel = 2.0 * FRAME_TANGENT / float(width);
    draw(scene, View { left: -FRAME_TANGENT, top: pixel * float(height) / 2.0, pixel }, width, height)
}

/// The scene cut to what is in it, with a narrow margin; its longer side has `side` pixels.
pub(crate) fn fitted(scene: &Scene, side: u32) -> RgbaImage {
    let pixel = 2.0 * SKETCH_TANGENT / float(SKETCH_PX);
    let sketch = View { left: -SKETCH_TANGENT, top: SKETCH_TANGENT, pixel };
    let seen = |x: u32, y: u32| {
        march(scene, scene.camera.eye, ray(scene, sketch, float(x) + 0.5, float(y) + 0.5)).is_some()
    };
    let hits: Vec<(u32, u32)> = (0..SKETCH_PX)
        .flat_map(|y| (0..SKETCH_PX).map(move |x| (x, y)))
        .filter(|(x, y)| seen(*x, *y))
        .collect();
    let bounds = |of: fn(&(u32, u32)) -> u32| {
        let (low, high) =
            (hits.iter().map(of).min().unwrap_or(0), hits.iter().map(of).max().unwrap_or(SKETCH_PX));
        // A sketch pixel and a half of margin: what a coarse look missed at the rim.
        (float(low) - 1.5, float(high) + 2.5)
    };
    let ((left, right), (top, bottom)) = (bounds(|hit| hit.0), bounds(|hit| hit.1));
    let (wide, high) = ((right - left) * pixel, (bottom - top) * pixel);
    let fine = wide.max(high) / float(side);
    let view = View { left: sketch.left + left * pixel, top: sketch.top - top * pixel, pixel: fine };
    draw(scene, view, whole(wide / fine).clamp(1, side), whole(high / fine).clamp(1, side))
}

fn draw(scene: &Scene, view: View, width: u32, height: u32) -> RgbaImage {
    let samples = in_bands(height, width, |x, y| sample(scene, view, float(x) + 0.5, float(y) + 0.5));
    let at = |x: u32, y: u32| samples[(y * width + x) as usize];
    let pixels = in_bands(height, width, |x, y| {
        let own = at(x, y);
        let differs = |x: u32, y: u32| at(x.min(width - 1), y.min(height - 1)).part != own.part;
        let edge = differs(x + 1, y)
            || differs(x, y + 1)
            || differs(x.saturating_sub(1), y)
            || differs(x, y.saturating_sub(1));
        if edge {
            smooth(scene, view, x, y)
        } else {
            finish(own.colour, if own.part == NOTHING { 0.0 } else { 1.0 })
        }
    });
    RgbaImage::from_fn(width, height, |x, y| pixels[(y * width + x) as usize])
}

/// Row by row, in as many bands as there are processors.
fn in_bands<T: Send + Clone>(height: u32, width: u32, pixel: impl Fn(u32, u32) -> T + Sync) -> Vec<T> {
    let bands =
        std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1));
    let rows = height.div_ceil(bands).max(1);
    let band = |from: u32| -> Vec<T> {
        (from..(from + rows).min(height))
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .map(|(x, y)| pixel(x, y))
            .collect()
    };
    std::thread::scope(|scope| {
        let band = &band;
        let starts: Vec<u32> = (0..bands).map(|nth| nth * rows).filter(|start| *start < height).collect();
        let running: Vec<_> = starts
            .iter()
            .map(|start| {
                let start = *start;
                scope.spawn(move || band(start))
            })
            .collect();
        // A band that panicked is drawn again here, where the panic has a caller.
        running
            .into_iter()
            .zip(starts)
            .flat_map(|(thread, start)| thread.join().unwrap_or_else(|_| band(start)))
            .collect()
    })
}

fn smooth(scene: &Scene, view: View, x: u32, y: u32) -> Rgba<u8> {
    let (mut colour, mut covered) = (V3::ZERO, 0.0_f32);
    let place = |nth: u8| (f32::from(nth) + 0.5) / f32::from(EDGE_RAYS);
    for down in 0..EDGE_RAYS {
        for across in 0..EDGE_RAYS {
            let seen = sample(scene, view, float(x) + place(across), float(y) + place(down));
            if seen.part != NOTHING {
                colour = colour + seen.colour;
                covered += 1.0;
            }
        }
    }
    let rays = f32::from(EDGE_RAYS).powi(2);
    finish(colour * (1.0 / covered.max(1.0)), covered / rays)
}

fn finish(colour: V3, alpha: f32) -> Rgba<u8> {
    let part = |light: f32| byte((light / (1.0 + 0.18 * light) * 1.12).clamp(0.0, 1.0).powf(1.0 / 2.2));
    Rgba([part(colour.x), part(colour.y), part(colour.z), byte(alpha)])
}

fn ray(scene: &Scene, view: View, x: f32, y: f32) -> V3 {
    let camera = &scene.camera;
    let (right, up) = (view.left + x * view.pixel, view.top - y * view.pixel);
    (camera.ahead + camera.right * right + camera.up * up).unit()
}

fn sample(scene: &Scene, view: View, x: f32, y: f32) -> Sample {
    let direction = ray(scene, view, x, y);
    match march(scene, scene.camera.eye, direction) {
        Some((place, part)) => Sample { colour: shade(scene, place, direction, part), part },
        None => Sample { colour: V3::ZERO, part: NOTHING },
    }
}

fn march(scene: &Scene, from: V3, direction: V3) -> Option<(V3, usize)> {
    let ray = scene.along(from, direction, 0.0);
    let mut gone = 0.0;
    for _ in 0..STEPS_MAX {
        let (distance, part) = ray.nearest(gone);
        if distance < TOUCH_METRES * (1.0 + gone) {
            return Some((ray.at(gone), part));
        }
        gone += distance;
        if gone > FAR_METRES {
            break;
        }
    }
    None
}

fn shade(scene: &Scene, place: V3, direction: V3, part: usize) -> V3 {
    let part = &scene.parts[part];
    let colour = pattern(part, place);
    let normal = normal(part, place);
    if part.finish == Finish::Glow {
        // Opal glass is brightest where it is looked at straight.
        return colour * (0.72 + 0.6 * normal.dot(-direction).max(0.0));
    }
    let open = openness(scene, place, normal);
    let key = normal.dot(scene.light).max(0.0) * lit(scene, place + normal * 0.004);
    let sky = (0.5 + 0.5 * normal.y) * open;
    let bounce = (0.5 - 0.5 * normal.y) * open;
    let light = v3(1.0, 0.95, 0.88) * (0.95 * key)
        + v3(0.50, 0.54, 0.60) * (0.85 * sky)
        + v3(0.40, 0.36, 0.31) * (0.60 * bounce)
        + v3(0.12, 0.12, 0.12);
    let half = (scene.light - direction).unit();
    let (shine, sharp) = shine(part.finish);
    let spark = normal.dot(half).max(0.0).powf(sharp) * shine * key.min(1.0);
    colour.tint(light) + v3(spark, spark, spark) + sunlit(scene, place, normal, colour)
}

const fn shine(finish: Finish) -> (f32, f32) {
    match finish {
        Finish::Cloth | Finish::Rings | Finish::Plaster | Finish::Glow => (0.0, 1.0),
        Finish::Wood | Finish::Boards => (0.06, 18.0),
        Finish::Clay | Finish::Leaf => (0.14, 24.0),
        Finish::Metal => (0.6, 40.0),
    }
}

fn normal(part: &Part, place: V3) -> V3 {
    let step = 0.001;
    let at = |x: f32, y: f32, z: f32| v3(x, y, z) * part.distance(place + v3(x, y, z) * step, f32::MAX);
    (at(1.0, -1.0, -1.0) + at(-1.0, -1.0, 1.0) + at(-1.0, 1.0, -1.0) + at(1.0, 1.0, 1.0)).unit()
}

/// How much of the sky a point sees: 0 in a crease, 1 in the open. The floor takes some of it, drawn or not.
fn openness(scene: &Scene, place: V3, normal: V3) -> f32 {
    let mut closed = 0.0;
    let mut worth = 1.0;
    for reach in [0.02_f32, 0.06, 0.13, 0.24] {
        let probe = place + normal * reach;
        let free = scene.nearest(probe).min(probe.y.max(0.0) + 0.02);
        closed += (reach - free).max(0.0) / reach * worth * 0.42;
        worth *= 0.75;
    }
    (1.0 - closed).clamp(0.12, 1.0)
}

/// Share of the light that reaches a point, with soft edges.
fn lit(scene: &Scene, from: V3) -> f32 {
    let ray = scene.along(from, scene.light, SOFT * SHADOW_METRES);
    let (mut share, mut gone) = (1.0_f32, 0.015);
    for _ in 0..36 {
        let distance = ray.nearest(gone).0;
        share = share.min(0.5 + 0.5 * distance / (SOFT * gone));
        if share < 0.0 || gone > SHADOW_METRES {
            break;
        }
        gone += distance.clamp(0.012, 0.25);
    }
    let share = share.max(0.0);
    share * share * (3.0 - 2.0 * share)
}

/// The patch of sun that falls in through the scene's opening.
fn sunlit(scene: &Scene, place: V3, normal: V3, colour: V3) -> V3 {
    let Some(opening) = scene.opening else { return V3::ZERO };
    let sun = v3(-0.42, 0.62, -0.9).unit();
    let away = (opening.centre.z - place.z) / sun.z;
    let through = place + sun * away - opening.centre;
    let edge = |off: f32, half: f32| ((half - off.abs()) / 0.05).clamp(0.0, 1.0);
    // The bars of the window's cross throw a shadow too.
    let bars = (through.x.abs() / 0.035).min(through.y.abs() / 0.035).clamp(0.0, 1.0);
    let worth = edge(through.x, opening.half_width) * edge(through.y, opening.half_height) * bars;
    let facing = normal.dot(sun).max(0.0);
    if away <= 0.0
        || worth * facing <= 0.0
        || march(scene, place + normal * 0.01, sun).is_some_and(|(met, _)| met.z > opening.centre.z + 0.12)
    {
        return V3::ZERO;
    }
    colour.tint(v3(1.0, 0.88, 0.66)) * (worth * facing * 0.85)
}

fn pattern(part: &Part, place: V3) -> V3 {
    let own = part.own(place);
    let by = match part.finish {
        Finish::Cloth => 0.94 + 0.10 * noise(own * 210.0) + 0.05 * noise(own * 34.0),
        Finish::Wood => {
            0.86 + 0.16 * noise(v3(own.x * 3.0, own.y * 46.0, own.z * 46.0)) + 0.06 * noise(own * 160.0)
        }
        Finish::Rings => {
            let across = own.x.hypot(own.z);
            let ring = (across * 26.0 + own.y * 40.0).fract();
            0.78 + 0.2 * (ring * std::f32::consts::PI).sin() + 0.10 * noise(own * 140.0)
        }
        Finish::Clay => 0.95 + 0.07 * noise(own * 60.0),
        Finish::Leaf => 0.84 + 0.22 * noise(own * 18.0),
        Finish::Metal | Finish::Glow => 1.0,
        Finish::Plaster => 0.975 + 0.03 * noise(own * 7.0) + 0.012 * noise(own * 90.0),
        Finish::Boards => boards(place),
    };
    part.colour * by
}

fn boards(place: V3) -> f32 {
    let lane = place.x / 0.16;
    let row = lane.floor();
    let along = place.z / 1.7 + noise(v3(row * 7.3, 0.5, 0.5)) * 3.0;
    let seam = (lane.fract().abs().min(1.0 - lane.fract().abs()) / 0.02).clamp(0.62, 1.0);
    let joint = (along.rem_euclid(1.0) / 0.004).clamp(0.66, 1.0);
    let board = 0.86 + 0.22 * noise(v3(row * 3.1, along.floor() * 5.7, 0.5));
    let grain = 0.94
        + 0.11 * noise(v3(place.x * 60.0, row, place.z * 2.6))
        + 0.04 * noise(v3(place.x * 240.0, row, place.z * 7.0));
    board * grain * seam * joint
}

/// Smooth noise from 0 to 1, the same for the same point.
fn noise(place: V3) -> f32 {
    let cell = v3(place.x.floor(), place.y.floor(), place.z.floor());
    let within = place - cell;
    let mix = |low: f32, high: f32, at: f32| low + (high - low) * at * at * (3.0 - 2.0 * at);
    let edge = |up: f32, out: f32| {
        let corner = |right: f32| scatter(cell.x + right, cell.y + up, cell.z + out);
        mix(corner(0.0), corner(1.0), within.x)
    };
    let face = |out: f32| mix(edge(0.0, out), edge(1.0, out), within.y);
    mix(face(0.0), face(1.0), within.z)
}

#[expect(clippy::cast_possible_truncation, reason = "a hash may drop whatever it likes")]
fn scatter(x: f32, y: f32, z: f32) -> f32 {
    let whole = |part: f32| (part as i32).cast_unsigned();
    let mut bits = whole(x).wrapping_mul(0x9E37_79B1)
        ^ whole(y).wrapping_mul(0x85EB_CA77)
        ^ whole(z).wrapping_mul(0xC2B2_AE3D);
    bits = (bits ^ (bits >> 15)).wrapping_mul(0x2C1B_3C6D);
    bits = (bits ^ (bits >> 12)).wrapping_mul(0x297A_2D39);
    float((bits ^ (bits >> 15)) >> 8) / 16_777_216.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "pixels and 24-bit numbers: a 32-bit float holds them exactly"
)]
const fn float(number: u32) -> f32 {
    number as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of pixels, never negative"
)]
fn whole(number: f32) -> u32 {
    number.round() as u32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value lies between 0 and 255"
)]
fn byte(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}
