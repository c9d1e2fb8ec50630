//! An empty corner of a living room: boards, a window with sun, a picture, a plant; room for a product in the middle.

use super::form::Form;
use super::furniture::potted_plant;
use super::scene::{Camera, Finish, Opening, Scene};
use super::vector::v3;

const WALL_Z: f32 = -2.3;
const WINDOW_X: f32 = -1.45;
const WINDOW_Y: f32 = 1.72;
const WHITE: u32 = 0xF3EFE8;

/// The room.
pub(crate) fn scene() -> Scene {
    let mut scene = Scene::new(Camera::looking(v3(0.25, 1.42, 3.1), v3(0.02, 0.98, -2.0)));
    scene.light = v3(-0.35, 0.75, 0.7).unit();
    shell(&mut scene);
    window(&mut scene);
    frame(&mut scene);
    potted_plant(&mut scene, v3(2.05, 0.0, -1.75), 1.25);
    scene
}

fn shell(scene: &mut Scene) {
    let wall = |half, at, colour| (Form::Block { half, round: 0.0 }, at, Finish::Plaster, colour);
    let walls = [
        wall(v3(4.2, 2.2, 0.1), v3(0.0, 1.6, WALL_Z - 0.1), 0xE4DCCD),
        wall(v3(0.1, 2.2, 4.0), v3(2.75, 1.6, 0.0), 0xD9CFBE),
    ];
    for (form, at, finish, colour) in walls {
        scene.add(form, at, finish, colour);
    }
    scene.add(
        Form::Block { half: v3(4.2, 0.1, 4.2), round: 0.0 },
        v3(0.0, -0.1, 0.0),
        Finish::Boards,
        0xB98D62,
    );
    scene.add(
        Form::Block { half: v3(4.2, 0.055, 0.012), round: 0.006 },
        v3(0.0, 0.055, WALL_Z + 0.012),
        Finish::Plaster,
        WHITE,
    );
    scene.add(
        Form::Block { half: v3(0.012, 0.055, 4.0), round: 0.006 },
        v3(2.64, 0.055, 0.0),
        Finish::Plaster,
        WHITE,
    );
}

fn window(scene: &mut Scene) {
    let centre = v3(WINDOW_X, WINDOW_Y, WALL_Z);
    let (half_width, half_height) = (0.62, 0.78);
    scene.add(
        Form::Block { half: v3(half_width, half_height, 0.012), round: 0.0 },
        centre,
        Finish::Glow,
        0xE6F0F6,
    );
    let mut piece = |half, off| {
        scene.add(Form::Block { half, round: 0.008 }, centre + off, Finish::Plaster, WHITE);
    };
    for side in [-1.0, 1.0] {
        piece(v3(0.045, half_height + 0.045, 0.05), v3(side * half_width, 0.0, 0.02));
        piece(v3(half_width + 0.045, 0.045, 0.05), v3(0.0, side * half_height, 0.02));
    }
    piece(v3(0.022, half_height, 0.03), v3(0.0, 0.0, 0.02));
    piece(v3(half_width, 0.022, 0.03), v3(0.0, 0.0, 0.02));
    piece(v3(half_width + 0.11, 0.02, 0.11), v3(0.0, -half_height - 0.05, 0.06));
    scene.opening = Some(Opening { centre, half_width, half_height });
}

fn frame(scene: &mut Scene) {
    let at = v3(1.25, 1.78, WALL_Z + 0.02);
    scene.add(Form::Block { half: v3(0.36, 0.46, 0.018), round: 0.004 }, at, Finish::Wood, 0x8A6242);
    scene.add(
        Form::Block { half: v3(0.335, 0.435, 0.018), round: 0.0 },
        at + v3(0.0, 0.0, 0.004),
        Finish::Plaster,
        WHITE,
    );
    let shape = |radius: f32| Form::Ball { radii: v3(radius, radius, 0.006) };
    scene.add(shape(0.15), at + v3(-0.04, 0.10, 0.024), Finish::Clay, 0xC9794F);
    scene.add(shape(0.19), at + v3(0.06, -0.14, 0.022), Finish::Clay, 0x56706C);
}
