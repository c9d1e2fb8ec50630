//! Draws a room and three products, and renders them as a shopper would place them, to be looked at.
//!
//! `cargo run -p selektable-render --example compose -- <directory>` writes one JPEG for each scene and a PNG
//! for each cut-out. Nothing is downloaded: all pictures are drawn here.

use std::error::Error;
use std::io::Cursor;
use std::path::PathBuf;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use selektable_render::{Cutout, Limits, Photo, Placement, Product, Products, Quality, compose};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let to = PathBuf::from(std::env::args().nth(1).ok_or("say into which directory to write")?);
    std::fs::create_dir_all(&to)?;
    let bright = Photo::decode(&encoded(&room(1.0, [1.0, 0.96, 0.88]), ImageFormat::Jpeg)?, &Limits::PHOTO)?;
    let dark = Photo::decode(&encoded(&room(0.22, [1.0, 0.8, 0.55]), ImageFormat::Jpeg)?, &Limits::PHOTO)?;
    let armchair = cutout(drawn(900, |_, _| [0.0; 4], armchair), ImageFormat::Png)?;
    let vase = cutout(drawn(900, |_, _| [1.0; 4], vase), ImageFormat::Jpeg)?;
    let stool = cutout(drawn(900, studio, stool), ImageFormat::Jpeg)?;
    for (name, cutout) in [("armchair", &armchair), ("vase", &vase), ("stool", &stool)] {
        std::fs::write(to.join(format!("cutout-{name}.png")), cutout.to_png()?)?;
    }
    let scenes = [
        ("alpha", &bright, vec![(&armchair, 0.42, 0.66, 0.34, 0.0)]),
        ("white", &bright, vec![(&vase, 0.5, 0.62, 0.22, 0.0)]),
        ("gradient", &bright, vec![(&stool, 0.6, 0.7, 0.24, 0.0)]),
        ("dark", &dark, vec![(&armchair, 0.35, 0.66, 0.34, 0.0), (&vase, 0.72, 0.66, 0.15, 0.0)]),
        ("rotated", &bright, vec![(&armchair, 0.5, 0.55, 0.3, 24.0)]),
        ("outside", &bright, vec![(&armchair, 0.98, 0.8, 0.5, 0.0), (&stool, 0.03, 0.72, 0.25, -8.0)]),
        (
            "many",
            &bright,
            vec![
                (&armchair, 0.3, 0.66, 0.3, 0.0),
                (&stool, 0.6, 0.74, 0.2, 0.0),
                (&vase, 0.6, 0.5, 0.1, 0.0),
            ],
        ),
    ];
    for (name, photo, places) in scenes {
        let products = places
            .into_iter()
            .map(|(cutout, x, y, scale, turn)| {
                Ok(Product { cutout: cutout.clone(), placement: Placement::new(x, y, scale, turn)? })
            })
            .collect::<Outcome<Vec<_>>>()?;
        let picture = compose(photo, &Products::new(products)?);
        std::fs::write(to.join(format!("scene-{name}.jpg")), picture.to_jpeg(Quality::DEFAULT)?)?;
    }
    Ok(())
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Outcome<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}

fn cutout(picture: RgbaImage, format: ImageFormat) -> Outcome<Cutout> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgba8(picture);
    if format == ImageFormat::Jpeg {
        picture.into_rgb8().write_to(&mut bytes, format)?;
    } else {
        picture.write_to(&mut bytes, format)?;
    }
    Ok(Cutout::from_image(&bytes.into_inner(), &Limits::PRODUCT)?)
}

/// A wall with a window's light on it, and a wooden floor.
fn room(brightness: f32, light: [f32; 3]) -> RgbImage {
    let (width, height) = (1600, 1200);
    RgbImage::from_fn(width, height, |column, row| {
        let (x, y) = (unit(column, width), unit(row, height));
        let glow = 0.55 + 0.45 * (-((x - 0.85) * (x - 0.85) + (y - 0.2) * (y - 0.2)) * 2.5).exp();
        let base = if y < 0.58 {
            [0.82, 0.80, 0.76]
        } else if y < 0.605 {
            [0.93, 0.92, 0.9]
        } else {
            let depth = 1.0 / (y - 0.45);
            let plank = ((x - 0.5) * depth * 5.0 + 40.0).fract();
            let grain = 0.03 * ((x - 0.5) * depth * 140.0).sin();
            if plank < 0.03 { [0.3, 0.2, 0.13] } else { [0.58 + grain, 0.42 + grain, 0.28 + grain] }
        };
        let mut pixel = [0; 3];
        for ((channel, base), light) in pixel.iter_mut().zip(base).zip(light) {
            let noise = (hash(column, row) - 0.5) * 0.03;
            *channel = byte((base * glow * light).powf(1.0 + (1.0 - brightness)) * brightness.sqrt() + noise);
        }
        Rgb(pixel)
    })
}

/// Grey paper under a lamp, darker to the bottom.
fn studio(x: f32, y: f32) -> [f32; 4] {
    let grey = 0.86 - 0.22 * y - 0.05 * x;
    [grey, grey, grey * 1.01, 1.0]
}

/// A square picture, each pixel the mean of nine points of the shape on the ground.
fn drawn(
    side: u32,
    ground: impl Fn(f32, f32) -> [f32; 4],
    shape: impl Fn(f32, f32) -> Option<[f32; 3]>,
) -> RgbaImage {
    RgbaImage::from_fn(side, side, |column, row| {
        let mut sum = [0.0; 4];
        for sub in 0..9u32 {
            let x = unit(column * 3 + sub % 3, side * 3);
            let y = unit(row * 3 + sub / 3, side * 3);
            let [red, green, blue, alpha] =
                shape(x, y).map_or_else(|| ground(x, y), |[red, green, blue]| [red, green, blue, 1.0]);
            for (total, value) in sum.iter_mut().zip([red * alpha, green * alpha, blue * alpha, alpha]) {
                *total += value / 9.0;
            }
        }
        let cover = f32::max(sum[3], 1e-6);
        Rgba([byte(sum[0] / cover), byte(sum[1] / cover), byte(sum[2] / cover), byte(sum[3])])
    })
}

/// Distance to a box with round corners; below 0 is inside.
fn rounded(x: f32, y: f32, [left, top, right, bottom]: [f32; 4], corner: f32) -> f32 {
    let dx = (x - f32::midpoint(left, right)).abs() - (right - left) / 2.0 + corner;
    let dy = (y - f32::midpoint(top, bottom)).abs() - (bottom - top) / 2.0 + corner;
    dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0) - corner
}

fn armchair(x: f32, y: f32) -> Option<[f32; 3]> {
    let lit = |shade: f32| Some([0.16 * shade, 0.42 * shade, 0.38 * shade]);
    let arms =
        rounded(x, y, [0.06, 0.42, 0.22, 0.84], 0.07).min(rounded(x, y, [0.78, 0.42, 0.94, 0.84], 0.07));
    if arms < 0.0 {
        return lit(1.15 + arms * 3.0);
    }
    let cushion = rounded(x, y, [0.2, 0.56, 0.8, 0.72], 0.05);
    if cushion < 0.0 {
        return lit((1.3 + cushion * 4.0) * (1.1 - 0.3 * (y - 0.56)));
    }
    if rounded(x, y, [0.2, 0.66, 0.8, 0.84], 0.02) < 0.0 {
        return lit(0.8);
    }
    let back = rounded(x, y, [0.14, 0.08, 0.86, 0.7], 0.12);
    if back < 0.0 {
        return lit(1.0 + back * 1.5 + 0.1 * (x * 20.0).sin().abs());
    }
    let legs = [0.12, 0.84]
        .map(|left| rounded(x, y, [left, 0.8, left + 0.04, 0.96], 0.01))
        .into_iter()
        .fold(f32::MAX, f32::min);
    (legs < 0.0).then_some([0.35, 0.22, 0.12])
}

/// White china: an outline, shading, and a handle that encloses some of the paper.
fn vase(x: f32, y: f32) -> Option<[f32; 3]> {
    if !(0.12..0.9).contains(&y) {
        return None;
    }
    let half = 0.12 + 0.13 * ((y - 0.12) * 4.4).sin().max(-0.35);
    let across = (x - 0.45) / half;
    if across.abs() <= 1.0 {
        let shade = 0.99 - 0.32 * across.powi(4) - 0.06 * across.max(0.0);
        let shade = if (0.14..0.88).contains(&y) { shade } else { 0.82 };
        let band = if (0.5..0.53).contains(&y) { [0.2, 0.35, 0.6] } else { [shade, shade, shade * 0.99] };
        return Some(band);
    }
    let ring = (x - 0.66).hypot(y - 0.34);
    ((0.085..0.12).contains(&ring)).then_some([0.8, 0.8, 0.79])
}

fn stool(x: f32, y: f32) -> Option<[f32; 3]> {
    let grain = 0.04 * (y * 90.0 + (x * 9.0).sin() * 2.0).sin();
    if rounded(x, y, [0.18, 0.2, 0.82, 0.3], 0.045) < 0.0 {
        return Some([0.66 + grain, 0.45 + grain, 0.26 + grain]);
    }
    let leg = |foot: f32, top: f32| {
        let middle = top + (foot - top) * (y - 0.28) / 0.64;
        (0.28..0.92).contains(&y) && (x - middle).abs() < 0.026
    };
    if leg(0.16, 0.28) || leg(0.84, 0.72) {
        return Some([0.58 + grain, 0.38 + grain, 0.2 + grain]);
    }
    let bar = rounded(x, y, [0.22, 0.66, 0.78, 0.7], 0.01) < 0.0;
    (bar || leg(0.42, 0.45) && y < 0.86).then_some([0.42 + grain, 0.27 + grain, 0.15 + grain])
}

#[expect(clippy::cast_precision_loss, reason = "sides of some thousand pixels")]
fn unit(index: u32, count: u32) -> f32 {
    (index as f32 + 0.5) / count as f32
}

/// Noise from 0 to 1 that is the same in every run.
fn hash(x: u32, y: u32) -> f32 {
    let mixed = (x.wrapping_mul(374_761_393) ^ y.wrapping_mul(668_265_263)).wrapping_mul(1_274_126_177);
    unit(mixed >> 20, 4096)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte before")]
fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}
