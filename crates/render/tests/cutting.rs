//! How a product is told from its background.
#![expect(clippy::unwrap_used, reason = "helpers of tests, in which a failure is to panic")]

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use proptest::prelude::*;
use selektable_render::{Cutout, CutoutKind, ImageFault, Limits};

fn encoded(picture: RgbaImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgba8(picture);
    let picture = if format == ImageFormat::Jpeg { picture.into_rgb8().into() } else { picture };
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn drawn(shade: impl Fn(u32, u32) -> [u8; 4]) -> RgbaImage {
    RgbaImage::from_fn(300, 240, |x, y| Rgba(shade(x, y)))
}

fn opaque([red, green, blue]: [u8; 3]) -> [u8; 4] {
    [red, green, blue, 255]
}

fn cut(picture: RgbaImage, format: ImageFormat) -> Cutout {
    Cutout::from_image(&encoded(picture, format), &Limits::PRODUCT).unwrap()
}

/// The cut-out as the browser gets it.
fn pixels(cutout: &Cutout) -> RgbaImage {
    image::load_from_memory(&cutout.to_png().unwrap()).unwrap().into_rgba8()
}

/// Whether the point is in the box from (100, 60) up to (200, 180).
fn boxed(x: u32, y: u32) -> bool {
    (100..200).contains(&x) && (60..180).contains(&y)
}

fn is_about(value: u32, expected: u32) -> bool {
    value.abs_diff(expected) <= 2
}

#[test]
fn an_alpha_channel_decides_and_is_trimmed_to_the_product() {
    let cutout = cut(drawn(|x, y| [10, 120, 90, if boxed(x, y) { 255 } else { 0 }]), ImageFormat::Png);
    assert_eq!((cutout.kind(), cutout.width(), cutout.height()), (CutoutKind::Alpha, 100, 120));
}

#[test]
fn half_transparent_pixels_stay_half_transparent() {
    let glass = |x, y| if boxed(x, y) { [10, 120, 90, 140] } else { [0; 4] };
    assert_eq!(pixels(&cut(drawn(glass), ImageFormat::Png)).get_pixel(50, 60).0, [10, 120, 90, 140]);
}

#[test]
fn a_product_on_white_in_a_jpeg_is_cut_along_its_edge() {
    let shade = |x, y| opaque(if boxed(x, y) { [30, 60, 120] } else { [255; 3] });
    let cutout = cut(drawn(shade), ImageFormat::Jpeg);
    assert_eq!(cutout.kind(), CutoutKind::PlainBackground);
    assert!(is_about(cutout.width(), 100) && is_about(cutout.height(), 120), "{cutout:?}");
}

#[test]
fn a_product_on_coloured_paper_and_on_a_gradient_is_cut_out() {
    let paper = |x: u32, y: u32| {
        let shade = u8::try_from(140 + x / 6 + y / 8).unwrap();
        [shade, shade, shade - 30]
    };
    let shade = |x, y| opaque(if boxed(x, y) { [90, 30, 30] } else { paper(x, y) });
    let cutout = cut(drawn(shade), ImageFormat::Jpeg);
    assert_eq!(cutout.kind(), CutoutKind::PlainBackground);
    assert!(is_about(cutout.width(), 100) && is_about(cutout.height(), 120));
}

#[test]
fn white_that_the_product_encloses_stays_although_the_paper_is_white() {
    let face = |x: u32, y: u32| (110..190).contains(&x) && (70..170).contains(&y);
    let shade = |x, y| opaque(if boxed(x, y) && !face(x, y) { [40, 40, 45] } else { [255; 3] });
    let picture = pixels(&cut(drawn(shade), ImageFormat::Jpeg));
    assert_eq!(picture.get_pixel(picture.width() / 2, picture.height() / 2).0[3], 255);
}

#[test]
fn a_gap_of_one_pixel_in_a_pale_outline_lets_no_flood_in() {
    let face = |x: u32, y: u32| (104..196).contains(&x) && (64..176).contains(&y) || x == 150 && y < 70;
    let shade = |x, y| opaque(if boxed(x, y) && !face(x, y) { [190; 3] } else { [255; 3] });
    let picture = pixels(&cut(drawn(shade), ImageFormat::Png));
    assert_eq!(picture.get_pixel(picture.width() / 2, picture.height() / 2).0[3], 255);
}

#[test]
fn grey_paper_is_seen_through_between_the_legs() {
    let hole = |x: u32, y: u32| (120..180).contains(&x) && (80..160).contains(&y);
    let shade = |x, y| opaque(if boxed(x, y) && !hole(x, y) { [80, 50, 20] } else { [200; 3] });
    let picture = pixels(&cut(drawn(shade), ImageFormat::Jpeg));
    assert_eq!(picture.get_pixel(picture.width() / 2, picture.height() / 2).0[3], 0);
}

#[test]
fn the_edge_is_soft_and_holds_none_of_the_papers_colour() {
    // Columns 100 and 199 are half paper, as a camera sees an edge.
    let shade = |x, y| {
        opaque(match x {
            100 | 199 if boxed(x, y) => [128, 128, 228],
            _ if boxed(x, y) => [0, 0, 200],
            _ => [255; 3],
        })
    };
    let picture = pixels(&cut(drawn(shade), ImageFormat::Png));
    let [red, green, _, alpha] = picture.get_pixel(0, 60).0;
    assert!((90..=170).contains(&alpha), "soft: {alpha}");
    assert!(red < 40 && green < 40, "no white in it: {red} {green}");
}

#[test]
fn noise_of_the_compression_is_not_taken_for_product() {
    let mut bytes = Vec::new();
    let shade = |x, y| opaque(if boxed(x, y) { [20, 20, 20] } else { [246, 246, 244] });
    let picture = DynamicImage::ImageRgba8(drawn(shade)).into_rgb8();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 45).encode_image(&picture).unwrap();
    let cutout = Cutout::from_image(&bytes, &Limits::PRODUCT).unwrap();
    assert!(is_about(cutout.width(), 100) && is_about(cutout.height(), 120), "{cutout:?}");
}

#[test]
fn a_busy_background_keeps_the_rectangle_and_says_so() {
    let shade = |x: u32, y: u32| {
        opaque(if (x / 12 + y / 12).is_multiple_of(2) { [60, 90, 40] } else { [190, 160, 120] })
    };
    let cutout = cut(drawn(shade), ImageFormat::Jpeg);
    assert_eq!((cutout.kind(), cutout.width(), cutout.height()), (CutoutKind::Rectangle, 300, 240));
}

#[test]
fn a_picture_without_a_product_is_empty() {
    for (picture, format) in [
        (drawn(|_, _| opaque([255; 3])), ImageFormat::Jpeg),
        (drawn(|_, _| opaque([120, 130, 140])), ImageFormat::Png),
        (drawn(|_, _| [9, 9, 9, 0]), ImageFormat::Png),
    ] {
        assert_eq!(Cutout::from_image(&encoded(picture, format), &Limits::PRODUCT), Err(ImageFault::Empty));
    }
}

#[test]
fn the_preview_is_at_most_1024_pixels_a_side_in_the_cutouts_proportions() {
    let picture = RgbaImage::from_fn(3000, 1500, |x, _| Rgba([1, 2, 3, if x < 20 { 100 } else { 255 }]));
    let cutout = cut(picture, ImageFormat::Png);
    assert_eq!((cutout.width(), cutout.height()), (1536, 768));
    assert_eq!(pixels(&cutout).dimensions(), (1024, 512));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_picture_makes_cutting_panic(
        width in 1..40u32,
        height in 1..40u32,
        seed in any::<u64>(),
        levels in prop_oneof![Just(2u64), Just(9), Just(255)],
        alpha in any::<bool>(),
    ) {
        let mut state = seed | 1;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u8::try_from((state >> 33) % levels).unwrap()
        };
        let picture = RgbaImage::from_fn(width, height, |_, _| {
            Rgba([next(), next(), next(), if alpha { next().wrapping_mul(200) } else { 255 }])
        });
        if let Ok(cutout) = Cutout::from_image(&encoded(picture, ImageFormat::Png), &Limits::PRODUCT) {
            prop_assert!(cutout.width() <= width && cutout.height() <= height);
            prop_assert!(cutout.to_png().is_ok());
        }
    }
}
