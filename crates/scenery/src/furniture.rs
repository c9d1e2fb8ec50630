//! The shop's furniture as scenes, in metres, standing on the floor (y = 0) and facing the viewer.

use super::form::Form;
use super::scene::{Camera, Finish, Scene};
use super::vector::{V3, v3};
use crate::Model;

const OAK: u32 = 0xB98A58;
const WALNUT: u32 = 0x7A5236;
const BRASS: u32 = 0xB08D4F;
const BLACK: u32 = 0x34322F;

/// The scene of one product.
pub(crate) fn scene(model: Model) -> Scene {
    match model {
        Model::Sofa => sofa(),
        Model::Armchair => armchair(),
        Model::FloorLamp => floor_lamp(),
        Model::Rug => rug(),
        Model::SideTable => side_table(),
        Model::Plant => plant(),
        Model::Sideboard => sideboard(),
        Model::Pouf => pouf(),
    }
}

/// Nearly from the front: the renderer that puts the product into a photo knows no perspective.
fn studio(target: V3, yaw: f32, pitch: f32, metres: f32) -> Scene {
    Scene::new(Camera::around(target, yaw, pitch, metres))
}

fn cushion(half: V3, swell: f32) -> Form {
    Form::Cushion { half, round: half.y.min(half.z).min(0.085), swell }
}

fn sofa() -> Scene {
    const CLOTH: u32 = 0x9AA38C;
    let mut scene = studio(v3(0.0, 0.42, 0.0), 9.0, 12.0, 5.6);
    scene.add(
        Form::Block { half: v3(0.98, 0.12, 0.43), round: 0.05 },
        v3(0.0, 0.27, 0.0),
        Finish::Cloth,
        CLOTH,
    );
    scene.add(
        Form::Block { half: v3(0.98, 0.30, 0.11), round: 0.08 },
        v3(0.0, 0.55, -0.36),
        Finish::Cloth,
        CLOTH,
    );
    for side in [-1.0, 1.0] {
        scene.add(
            Form::Block { half: v3(0.11, 0.24, 0.45), round: 0.09 },
            v3(side * 1.03, 0.40, 0.0),
            Finish::Cloth,
            CLOTH,
        );
        scene.add(cushion(v3(0.45, 0.09, 0.38), 0.035), v3(side * 0.46, 0.45, 0.07), Finish::Cloth, CLOTH);
        scene.add_turned(
            cushion(v3(0.43, 0.10, 0.23), 0.05),
            v3(side * 0.455, 0.72, -0.16),
            (0.0, 72.0),
            Finish::Cloth,
            CLOTH,
        );
        for depth in [-0.34, 0.36] {
            scene.bar(
                v3(side * 0.94, 0.18, depth),
                v3(side * 0.98, 0.0, depth),
                (0.024, 0.016),
                Finish::Wood,
                OAK,
            );
        }
    }
    scene.add_turned(
        cushion(v3(0.21, 0.065, 0.21), 0.05),
        v3(-0.66, 0.70, 0.08),
        (24.0, 64.0),
        Finish::Cloth,
        0xB5623C,
    );
    scene
}

fn armchair() -> Scene {
    const CLOTH: u32 = 0x47626B;
    let mut scene = studio(v3(0.0, 0.45, 0.0), 24.0, 13.0, 3.8);
    scene.add_turned(
        cushion(v3(0.29, 0.085, 0.32), 0.04),
        v3(0.0, 0.42, 0.02),
        (0.0, -6.0),
        Finish::Cloth,
        CLOTH,
    );
    scene.add_turned(
        cushion(v3(0.29, 0.08, 0.33), 0.045),
        v3(0.0, 0.74, -0.34),
        (0.0, 71.0),
        Finish::Cloth,
        CLOTH,
    );
    for side in [-0.36, 0.36] {
        scene.bar(v3(side, 0.60, 0.30), v3(side * 1.03, 0.0, 0.36), (0.024, 0.016), Finish::Wood, OAK);
        scene.bar(v3(side, 0.56, -0.34), v3(side * 1.03, 0.0, -0.46), (0.024, 0.016), Finish::Wood, OAK);
        scene.bar(v3(side, 0.32, 0.32), v3(side, 0.27, -0.40), (0.020, 0.020), Finish::Wood, OAK);
        scene.add_turned(
            Form::Block { half: v3(0.036, 0.016, 0.40), round: 0.014 },
            v3(side, 0.60, -0.02),
            (0.0, -4.0),
            Finish::Wood,
            OAK,
        );
    }
    scene.bar(v3(-0.36, 0.32, 0.30), v3(0.36, 0.32, 0.30), (0.020, 0.020), Finish::Wood, OAK);
    scene.bar(v3(-0.36, 0.28, -0.36), v3(0.36, 0.28, -0.36), (0.020, 0.020), Finish::Wood, OAK);
    scene
}

fn floor_lamp() -> Scene {
    let mut scene = studio(v3(0.1, 0.85, 0.0), 12.0, 9.0, 4.4);
    scene.add(
        Form::Drum { radius: 0.17, half_height: 0.018, round: 0.012 },
        v3(-0.22, 0.018, 0.0),
        Finish::Metal,
        BLACK,
    );
    scene.bar(v3(-0.22, 0.03, 0.0), v3(-0.22, 1.15, 0.0), (0.013, 0.013), Finish::Metal, BRASS);
    let arc = |degrees: f32| {
        let (sin, cos) = degrees.to_radians().sin_cos();
        v3(0.13 - 0.35 * cos, 1.15 + 0.42 * sin, 0.0)
    };
    let bends: Vec<V3> = (0..=30_u8).map(|nth| arc(f32::from(nth) * 5.0)).collect();
    for pair in bends.windows(2) {
        scene.bar(pair[0], pair[1], (0.013, 0.013), Finish::Metal, BRASS);
    }
    let tip = bends[bends.len() - 1];
    scene.bar(tip, tip - v3(0.0, 0.10, 0.0), (0.009, 0.009), Finish::Metal, BRASS);
    scene.add(
        Form::Drum { radius: 0.045, half_height: 0.03, round: 0.01 },
        tip - v3(0.0, 0.11, 0.0),
        Finish::Metal,
        BRASS,
    );
    scene.add(Form::Ball { radii: v3(0.17, 0.17, 0.17) }, tip - v3(0.0, 0.29, 0.0), Finish::Glow, 0xFFE9C4);
    scene
}

fn rug() -> Scene {
    let mut scene = studio(v3(0.0, 0.0, 0.0), 0.0, 30.0, 5.2);
    scene.add(
        Form::Drum { radius: 1.25, half_height: 0.012, round: 0.010 },
        v3(0.0, 0.012, 0.0),
        Finish::Rings,
        0xCDB592,
    );
    for (radius, colour) in
        [(1.02, 0xB0694A), (0.98, 0xCDB592), (0.62, 0x5C7068), (0.56, 0xCDB592), (0.24, 0xB0694A)]
    {
        // Each a hair higher than the one before, so that the inner one shows.
        let lift = 0.012 + (1.25 - radius) * 0.002;
        scene.add(
            Form::Drum { radius, half_height: 0.013, round: 0.002 },
            v3(0.0, lift, 0.0),
            Finish::Rings,
            colour,
        );
    }
    scene
}

fn side_table() -> Scene {
    let mut scene = studio(v3(0.0, 0.28, 0.0), 18.0, 18.0, 2.6);
    scene.add(
        Form::Drum { radius: 0.27, half_height: 0.016, round: 0.012 },
        v3(0.0, 0.52, 0.0),
        Finish::Wood,
        WALNUT,
    );
    scene.add(
        Form::Drum { radius: 0.07, half_height: 0.02, round: 0.01 },
        v3(0.0, 0.49, 0.0),
        Finish::Wood,
        WALNUT,
    );
    for nth in 0..3_u8 {
        let (sin, cos) = (f32::from(nth) * 120.0 + 40.0).to_radians().sin_cos();
        scene.bar(
            v3(sin * 0.10, 0.50, cos * 0.10),
            v3(sin * 0.26, 0.0, cos * 0.26),
            (0.021, 0.013),
            Finish::Wood,
            WALNUT,
        );
    }
    scene
}

fn plant() -> Scene {
    let mut scene = studio(v3(0.0, 0.5, 0.0), 10.0, 13.0, 3.0);
    potted_plant(&mut scene, V3::ZERO, 1.0);
    scene
}

/// The plant in its pot at a place on the floor, `size` times as large as the shop's.
pub(crate) fn potted_plant(scene: &mut Scene, at: V3, size: f32) {
    let pot =
        Form::Bucket { bottom: 0.115 * size, top: 0.165 * size, half_height: 0.15 * size, round: 0.012 };
    scene.add(pot, at + v3(0.0, 0.15, 0.0) * size, Finish::Clay, 0xB86B4B);
    let rim = Form::Drum { radius: 0.175 * size, half_height: 0.022 * size, round: 0.012 };
    scene.add(rim, at + v3(0.0, 0.29, 0.0) * size, Finish::Clay, 0xC47A58);
    scene.add(
        Form::Drum { radius: 0.15 * size, half_height: 0.01, round: 0.005 },
        at + v3(0.0, 0.31, 0.0) * size,
        Finish::Cloth,
        0x4A3B30,
    );
    for nth in 0..17_u8 {
        let (turn, high) = (f32::from(nth) * 137.5, f32::from(nth) / 16.0);
        let (sin, cos) = turn.to_radians().sin_cos();
        let reach = 0.34 - 0.22 * high;
        let tip = at + v3(sin * reach, 0.52 + 0.50 * high, cos * reach) * size;
        let root = at + v3(sin * 0.03, 0.31, cos * 0.03) * size;
        scene.bar(root, tip, (0.008 * size, 0.005 * size), Finish::Leaf, 0x5E7A43);
        let leaf = Form::Ball { radii: v3(0.075, 0.013, 0.155) * size };
        let colour = if nth % 3 == 0 { 0x7FA05A } else { 0x557F46 };
        scene.add_turned(
            leaf,
            tip + v3(sin * 0.07, 0.03, cos * 0.07) * size,
            (turn, -28.0 - 38.0 * high),
            Finish::Leaf,
            colour,
        );
    }
}

fn sideboard() -> Scene {
    let mut scene = studio(v3(0.0, 0.40, 0.0), 10.0, 11.0, 5.2);
    scene.add(
        Form::Block { half: v3(0.84, 0.27, 0.21), round: 0.014 },
        v3(0.0, 0.47, 0.0),
        Finish::Wood,
        OAK,
    );
    for door in [-1.0, 0.0, 1.0] {
        scene.add(
            Form::Block { half: v3(0.262, 0.235, 0.012), round: 0.006 },
            v3(door * 0.544, 0.47, 0.212),
            Finish::Wood,
            0xC99C69,
        );
        let knob = v3(door * 0.544 + 0.20, 0.56, 0.235);
        scene.add(Form::Ball { radii: v3(0.017, 0.017, 0.017) }, knob, Finish::Metal, BRASS);
    }
    for side in [-0.70, 0.70] {
        for depth in [-0.13, 0.13] {
            scene.bar(
                v3(side, 0.22, depth),
                v3(side * 1.07, 0.0, depth * 1.2),
                (0.024, 0.015),
                Finish::Wood,
                WALNUT,
            );
        }
    }
    scene
}

fn pouf() -> Scene {
    let mut scene = studio(v3(0.0, 0.18, 0.0), 0.0, 20.0, 2.4);
    scene.add(
        Form::Drum { radius: 0.34, half_height: 0.195, round: 0.15 },
        v3(0.0, 0.195, 0.0),
        Finish::Rings,
        0xC9923E,
    );
    scene.add(Form::Ball { radii: v3(0.035, 0.012, 0.035) }, v3(0.0, 0.39, 0.0), Finish::Cloth, 0xA97627);
    scene
}
