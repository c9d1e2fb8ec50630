//! Solids as distances: how far a point lies outside a form (negative inside). Measures in metres, each form about
//! its own centre.

use super::vector::{V3, v3};

/// A solid.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// A box with rounded edges; `half` is half its size.
    Block { half: V3, round: f32 },
    /// A rounded box that swells in the middle of its upper and lower face.
    Cushion { half: V3, round: f32, swell: f32 },
    /// An upright cylinder with rounded edges.
    Drum { radius: f32, half_height: f32, round: f32 },
    /// An upright cut cone with rounded edges.
    Bucket { bottom: f32, top: f32, half_height: f32, round: f32 },
    /// A round bar from `-half` to `half`, tapering from one radius to the other.
    Bar { half: V3, from: f32, to: f32 },
    /// A ball, stretched.
    Ball { radii: V3 },
}

impl Form {
    /// Distance of `p` to the surface; never too large by more than a few per cent.
    pub(crate) fn distance(&self, p: V3) -> f32 {
        match *self {
            Self::Block { half, round } => block(p, half, round),
            Self::Cushion { half, round, swell } => {
                let bump = |at: f32, limit: f32| (1.0 - (at / limit).powi(2)).max(0.0);
                (block(p, half, round) - swell * bump(p.x, half.x) * bump(p.z, half.z)) * 0.8
            }
            Self::Drum { radius, half_height, round } => {
                let across = (p.x * p.x + p.z * p.z).sqrt() - radius + round;
                let along = p.y.abs() - half_height + round;
                across.max(along).min(0.0) + across.max(0.0).hypot(along.max(0.0)) - round
            }
            Self::Bucket { bottom, top, half_height, round } => {
                bucket(p, bottom - round, top - round, half_height - round) - round
            }
            Self::Bar { half, from, to } => {
                let along = (p.dot(half) / half.dot(half)).clamp(-1.0, 1.0);
                (p - half * along).length() - (from + (to - from) * (along + 1.0) * 0.5)
            }
            Self::Ball { radii } => {
                let scaled = v3(p.x / radii.x, p.y / radii.y, p.z / radii.z);
                let twice = v3(scaled.x / radii.x, scaled.y / radii.y, scaled.z / radii.z);
                let reach = scaled.length();
                reach * (reach - 1.0) / twice.length().max(1e-6)
            }
        }
    }

    /// Radius of a ball about the centre that holds the form.
    pub(crate) fn reach(&self) -> f32 {
        match *self {
            Self::Block { half, .. } => half.length(),
            Self::Cushion { half, swell, .. } => half.length() + swell,
            Self::Drum { radius, half_height, .. } => radius.hypot(half_height),
            Self::Bucket { bottom, top, half_height, .. } => bottom.max(top).hypot(half_height),
            Self::Bar { half, from, to } => half.length() + from.max(to),
            Self::Ball { radii } => radii.largest(),
        }
    }
}

fn block(p: V3, half: V3, round: f32) -> f32 {
    let q = p.abs() - half + v3(round, round, round);
    q.max0().length() + q.largest().min(0.0) - round
}

fn bucket(p: V3, bottom: f32, top: f32, half_height: f32) -> f32 {
    let across = (p.x * p.x + p.z * p.z).sqrt();
    let (slope_x, slope_y) = (top - bottom, 2.0 * half_height);
    let cap_radius = if p.y < 0.0 { bottom } else { top };
    let cap = (across - across.min(cap_radius), p.y.abs() - half_height);
    let along =
        ((top - across) * slope_x + (half_height - p.y) * slope_y) / (slope_x * slope_x + slope_y * slope_y);
    let along = along.clamp(0.0, 1.0);
    let side = (across - top + slope_x * along, p.y - half_height + slope_y * along);
    let inside = side.0 < 0.0 && cap.1 < 0.0;
    let nearest = (cap.0 * cap.0 + cap.1 * cap.1).min(side.0 * side.0 + side.1 * side.1).sqrt();
    if inside { -nearest } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_centre_is_inside_and_a_point_beyond_the_reach_is_outside_every_form() {
        let forms = [
            Form::Block { half: v3(0.5, 0.2, 0.3), round: 0.05 },
            Form::Cushion { half: v3(0.5, 0.2, 0.3), round: 0.05, swell: 0.04 },
            Form::Drum { radius: 0.3, half_height: 0.1, round: 0.02 },
            Form::Bucket { bottom: 0.2, top: 0.3, half_height: 0.2, round: 0.01 },
            Form::Bar { half: v3(0.0, 0.5, 0.1), from: 0.03, to: 0.02 },
            Form::Ball { radii: v3(0.3, 0.2, 0.1) },
        ];
        for form in forms {
            assert!(form.distance(v3(0.0, 0.001, 0.0)) < 0.0, "{form:?}");
            let outside = v3(0.6, 0.7, -0.5).unit() * (form.reach() + 0.1);
            assert!(form.distance(outside) > 0.0, "{form:?}");
        }
    }
}
