//! What the finished picture keeps of the photo and shows of the product.
#![expect(clippy::unwrap_used, reason = "helpers of tests, in which a failure is to panic")]

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;
use selektable_render::{
    Cutout, Limits, Photo, Picture, Placement, Product, Products, ProductsFault, Quality, Step, compose,
    compose_with,
};

fn encoded(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn photo_of(picture: RgbImage) -> Photo {
    Photo::decode(&encoded(picture), &Limits::PHOTO).unwrap()
}

/// Of even light, and no two neighbouring pixels alike.
fn photo(width: u32, height: u32) -> Photo {
    photo_of(RgbImage::from_fn(width, height, |x, y| {
        let shade = 180 + u8::try_from((x * 7 + y * 13) % 16).unwrap();
        Rgb([shade, shade - 3, shade - 6])
    }))
}

/// A plain colour of that size within a transparent margin.
fn block(width: u32, height: u32, [red, green, blue]: [u8; 3]) -> Cutout {
    let picture = RgbaImage::from_fn(width + 20, height + 20, |x, y| {
        let inside = (10..width + 10).contains(&x) && (10..height + 10).contains(&y);
        Rgba([red, green, blue, if inside { 255 } else { 0 }])
    });
    Cutout::from_image(&encoded(picture), &Limits::PRODUCT).unwrap()
}

fn one(cutout: Cutout, x: f64, y: f64, scale: f64, turn: f64) -> Products {
    let placement = Placement::new(x, y, scale, turn).unwrap();
    Products::new(vec![Product { cutout, placement }]).unwrap()
}

fn at(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let start = 3 * (y * picture.width() + x) as usize;
    picture.rgb()[start..start + 3].try_into().unwrap()
}

/// The photo as it is finished when nothing reaches it.
fn untouched(photo: &Photo) -> Picture {
    compose(photo, &one(block(30, 30, [0; 3]), 1.5, 1.5, 0.02, 0.0))
}

#[test]
fn a_photo_that_nothing_reaches_keeps_every_byte() {
    let source =
        RgbImage::from_fn(90, 70, |x, y| Rgb([x, y, x + y].map(|shade| u8::try_from(shade).unwrap())));
    assert_eq!(untouched(&photo_of(source.clone())).rgb(), source.as_raw());
}

#[test]
fn the_product_stands_where_it_was_put() {
    let picture = compose(&photo(400, 300), &one(block(60, 30, [200, 20, 20]), 0.25, 0.5, 0.3, 0.0));
    // 120 by 60 pixels around (100, 150).
    for (x, y) in [(42, 122), (158, 178), (100, 150)] {
        assert!(at(&picture, x, y)[0] > 140 && at(&picture, x, y)[1] < 60, "{x} {y}");
    }
    for (x, y) in [(37, 150), (163, 150), (100, 117)] {
        assert!(at(&picture, x, y)[1] > 100, "{x} {y}");
    }
}

#[test]
fn a_quarter_turn_clockwise_puts_the_left_end_up() {
    let picture = RgbaImage::from_fn(120, 50, |x, y| {
        let inside = (10..110).contains(&x) && (10..40).contains(&y);
        let colour = if x < 60 { [200, 10, 10] } else { [10, 10, 200] };
        Rgba([colour[0], colour[1], colour[2], if inside { 255 } else { 0 }])
    });
    let cutout = Cutout::from_image(&encoded(picture), &Limits::PRODUCT).unwrap();
    let picture = compose(&photo(300, 300), &one(cutout, 0.5, 0.5, 0.5, 90.0));
    assert!(at(&picture, 150, 100)[0] > 120 && at(&picture, 150, 200)[2] > 120);
}

#[test]
fn soft_edges_are_never_darker_than_product_and_photo() {
    let white = photo_of(RgbImage::from_pixel(200, 200, Rgb([255; 3])));
    let dot = RgbaImage::from_fn(200, 200, |x, y| {
        let far = (f64::from(x) - 100.0).hypot(f64::from(y) - 100.0);
        // The unseen colour is black: premultiplied sampling must not show it.
        if far < 80.0 { Rgba([250, 250, 250, 255]) } else { Rgba([0; 4]) }
    });
    let cutout = Cutout::from_image(&encoded(dot), &Limits::PRODUCT).unwrap();
    let picture = compose(&white, &one(cutout, 0.5, 0.5, 0.5, 33.0));
    // The product's upper half: its shadow there is faint.
    for y in 45..95 {
        for x in 0..200 {
            assert!(at(&picture, x, y)[0] > 200, "{x} {y} {:?}", at(&picture, x, y));
        }
    }
}

#[test]
fn below_the_product_lies_a_shadow_and_above_it_hardly_any() {
    let grey = photo_of(RgbImage::from_pixel(300, 300, Rgb([190; 3])));
    let picture = compose(&grey, &one(block(50, 50, [190; 3]), 0.5, 0.5, 0.4, 0.0));
    let (above, below) = (at(&picture, 150, 86)[0], at(&picture, 150, 213)[0]);
    assert!(below < 165 && above > 180 && below > 60, "{above} {below}");
}

#[test]
fn a_shadow_is_weaker_in_the_dark() {
    let share = |shade: u8| {
        let photo = photo_of(RgbImage::from_pixel(300, 300, Rgb([shade; 3])));
        let picture = compose(&photo, &one(block(50, 50, [90; 3]), 0.5, 0.5, 0.4, 0.0));
        f64::from(at(&picture, 150, 213)[0]) / f64::from(shade)
    };
    assert!(share(50) > share(200));
}

#[test]
fn a_product_is_darker_in_a_dark_photo_and_keeps_its_hue() {
    let shown = |shade: u8| {
        let photo = photo_of(RgbImage::from_pixel(100, 100, Rgb([shade; 3])));
        at(&compose(&photo, &one(block(40, 40, [180, 90, 40]), 0.5, 0.5, 0.5, 0.0)), 50, 50)
    };
    let (dark, bright) = (shown(40), shown(190));
    assert!(dark[0] < bright[0] && dark[0] > dark[1] && dark[1] > dark[2], "{dark:?} {bright:?}");
    assert!(bright[0].abs_diff(180) < 12, "well lit, it is as it was: {bright:?}");
}

#[test]
fn the_last_product_stands_in_front() {
    let place = Placement::new(0.5, 0.5, 0.4, 0.0).unwrap();
    let product = |colour| Product { cutout: block(40, 40, colour), placement: place };
    let products = Products::new(vec![product([200, 0, 0]), product([0, 0, 200])]).unwrap();
    let mut steps = Vec::new();
    let picture = compose_with(&photo(200, 200), &products, &mut |step| steps.push(step));
    assert!(at(&picture, 100, 100)[2] > 120 && at(&picture, 100, 100)[0] < 60);
    assert_eq!(steps, [Step { done: 1, of: 2 }, Step { done: 2, of: 2 }]);
}

#[test]
fn one_to_five_products_are_accepted() {
    let product =
        Product { cutout: block(20, 20, [9; 3]), placement: Placement::new(0.5, 0.5, 0.1, 0.0).unwrap() };
    assert_eq!(Products::new(vec![]).unwrap_err(), ProductsFault::None);
    assert!(Products::new(vec![product.clone(); 5]).is_ok());
    assert_eq!(Products::new(vec![product; 6]).unwrap_err(), ProductsFault::TooMany { count: 6, max: 5 });
}

#[test]
fn the_jpeg_has_the_pictures_size_and_better_quality_takes_more_bytes() {
    let picture = untouched(&photo(120, 80));
    let (low, high) =
        (picture.to_jpeg(Quality::nearest(0)).unwrap(), picture.to_jpeg(Quality::nearest(255)).unwrap());
    assert!(low.len() < high.len());
    let read = image::load_from_memory(&high).unwrap();
    assert_eq!((read.width(), read.height()), (120, 80));
}

fn placements() -> impl Strategy<Value = Placement> {
    let edges = |low: f64, high: f64| prop_oneof![4 => low..=high, 1 => Just(low), 1 => Just(high)];
    (edges(-0.5, 1.5), edges(-0.5, 1.5), edges(0.02, 3.0), -1e6..1e6f64)
        .prop_map(|(x, y, scale, turn)| Placement::new(x, y, scale, turn).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_placement_gives_a_picture_of_the_photos_size_and_twice_the_same(
        size in (1..90u32, 1..90u32),
        shape in (1..60u32, 1..60u32),
        places in proptest::collection::vec(placements(), 1..=5),
    ) {
        let photo = photo(size.0, size.1);
        let cutout = block(shape.0.max(4), shape.1.max(4), [10, 200, 90]);
        let products = Products::new(
            places.into_iter().map(|placement| Product { cutout: cutout.clone(), placement }).collect(),
        ).unwrap();
        let picture = compose(&photo, &products);
        prop_assert_eq!((picture.width(), picture.height()), size);
        prop_assert_eq!(picture, compose(&photo, &products));
    }

    #[test]
    fn what_is_far_from_product_and_shadow_keeps_its_bytes(placement in placements(), shape in (8..60u32, 8..60u32)) {
        let photo = photo(160, 120);
        let before = untouched(&photo);
        let products =
            Products::new(vec![Product { cutout: block(shape.0, shape.1, [0, 0, 0]), placement }]).unwrap();
        let after = compose(&photo, &products);
        let width = placement.scale() * 160.0;
        let height = width * f64::from(shape.1) / f64::from(shape.0);
        // Half the diagonal holds the product in any turn; a fifth of it more, and some pixels, its shadow.
        let reach = width.hypot(height) / 2.0 * 1.4 + 6.0;
        for y in 0..120 {
            for x in 0..160 {
                let far = (f64::from(x) - placement.x() * 160.0).hypot(f64::from(y) - placement.y() * 120.0);
                if far > reach {
                    prop_assert_eq!(at(&after, x, y), at(&before, x, y), "{} {}", x, y);
                }
            }
        }
    }
}
