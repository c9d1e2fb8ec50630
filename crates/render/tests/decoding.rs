//! What is let in, and what is left of it.
#![expect(clippy::unwrap_used, reason = "helpers of tests, in which a failure is to panic")]

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;
use rstest::rstest;
use selektable_render::{Cutout, ImageFault, Limits, Photo, Placement, Product, Products, Quality, compose};

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Red on the left, blue on the right; 64 by 32.
fn red_and_blue() -> RgbImage {
    RgbImage::from_fn(64, 32, |x, _| if x < 32 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) })
}

/// EXIF with an orientation and, in its GPS part, the latitude reference `N` and a marker to look for.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
    exif.extend([0, 2]);
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    exif.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    exif.extend([0, 0, 0, 0]);
    exif.extend([0, 1, 0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPS-52.5200-13.4050");
    exif
}

/// The JPEG with an APP1 segment right after its start marker.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let exif = exif(orientation);
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// The finished picture with a product that covers next to nothing of it.
fn finished(photo: &Photo) -> selektable_render::Picture {
    let speck =
        RgbaImage::from_fn(40, 40, |x, y| Rgba([90, 90, 90, if (x, y) < (20, 20) { 255 } else { 0 }]));
    let cutout = Cutout::from_image(&encoded(speck, ImageFormat::Png), &Limits::PRODUCT).unwrap();
    let placement = Placement::new(1.5, 1.5, 0.02, 0.0).unwrap();
    compose(photo, &Products::new(vec![Product { cutout, placement }]).unwrap())
}

#[rstest]
#[case(1, (64, 32), (4, 16))]
#[case(3, (64, 32), (60, 16))]
#[case(6, (32, 64), (16, 4))]
#[case(8, (32, 64), (16, 60))]
fn a_photo_is_turned_upright_by_its_exif(
    #[case] orientation: u8,
    #[case] size: (u32, u32),
    #[case] red: (u32, u32),
) {
    let jpeg = with_exif(&encoded(red_and_blue(), ImageFormat::Jpeg), orientation);
    let picture = finished(&Photo::decode(&jpeg, &Limits::PHOTO).unwrap());
    assert_eq!((picture.width(), picture.height()), size);
    let at = 3 * (red.1 * size.0 + red.0) as usize;
    assert!(picture.rgb()[at] > 150 && picture.rgb()[at + 2] < 100, "red is where up is");
}

#[test]
fn where_and_with_what_a_photo_was_taken_is_gone_from_the_picture() {
    let jpeg = with_exif(&encoded(red_and_blue(), ImageFormat::Jpeg), 6);
    assert!(contains(&jpeg, b"Exif") && contains(&jpeg, b"GPS-52"), "the photo has them");
    let out = finished(&Photo::decode(&jpeg, &Limits::PHOTO).unwrap()).to_jpeg(Quality::DEFAULT).unwrap();
    for trace in [&b"Exif"[..], b"GPS", b"MM\0\x2a", &[0xff, 0xe1]] {
        assert!(!contains(&out, trace), "{trace:?}");
    }
}

#[test]
fn the_preview_of_a_cutout_carries_no_metadata() {
    let jpeg = with_exif(&encoded(red_and_blue(), ImageFormat::Jpeg), 1);
    let png = Cutout::from_image(&jpeg, &Limits::PRODUCT).unwrap().to_png().unwrap();
    assert!(!contains(&png, b"eXIf") && !contains(&png, b"GPS") && !contains(&png, b"tEXt"));
}

#[test]
fn broken_exif_is_no_reason_to_refuse_a_photo() {
    let mut jpeg = with_exif(&encoded(red_and_blue(), ImageFormat::Jpeg), 6);
    jpeg[20..40].fill(0xff);
    assert!(Photo::decode(&jpeg, &Limits::PHOTO).is_ok());
}

#[rstest]
#[case(ImageFormat::Png)]
#[case(ImageFormat::Jpeg)]
#[case(ImageFormat::WebP)]
fn each_supported_format_is_read(#[case] format: ImageFormat) {
    let photo = Photo::decode(&encoded(red_and_blue(), format), &Limits::PHOTO).unwrap();
    assert_eq!((photo.width(), photo.height()), (64, 32));
}

#[test]
fn grey_and_16_bit_pictures_are_read() {
    let grey = image::GrayImage::from_pixel(20, 20, image::Luma([90]));
    let deep = image::ImageBuffer::from_pixel(20, 20, Rgba([0x80ff_u16, 0x4000, 0x2000, 0xffff]));
    for bytes in
        [encoded(grey, ImageFormat::Png), encoded(DynamicImage::ImageRgba16(deep.clone()), ImageFormat::Png)]
    {
        assert!(Photo::decode(&bytes, &Limits::PHOTO).is_ok());
    }
    let photo =
        Photo::decode(&encoded(DynamicImage::ImageRgba16(deep), ImageFormat::Png), &Limits::PHOTO).unwrap();
    assert_eq!(finished(&photo).rgb()[..3], [0x80, 0x40, 0x20]);
}

/// A PNG whose header claims that size, with a right checksum and almost no data.
fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (length, chunk) in [(13u32, header), (0, b"IDAT".to_vec()), (0, b"IEND".to_vec())] {
        png.extend(length.to_be_bytes());
        png.extend(&chunk);
        png.extend(crc32(&chunk).to_be_bytes());
    }
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[rstest]
#[case(100_000, 100_000)]
#[case(12_001, 1)]
#[case(1, 12_001)]
#[case(12_000, 12_000)]
#[case(u32::MAX >> 1, u32::MAX >> 1)]
fn a_decompression_bomb_is_refused_by_its_header(#[case] width: u32, #[case] height: u32) {
    let fault = Photo::decode(&png_claiming(width, height), &Limits::PHOTO).unwrap_err();
    assert!(matches!(fault, ImageFault::TooManyPixels { .. }), "{fault}");
}

#[test]
fn sixteen_bits_a_channel_halve_the_area() {
    let deep = image::ImageBuffer::from_pixel(100, 100, Rgba([0u16, 0, 0, 0xffff]));
    let bytes = encoded(DynamicImage::ImageRgba16(deep), ImageFormat::Png);
    let limits = Limits { area_pixels_max: 10_000, ..Limits::PHOTO };
    assert!(matches!(Photo::decode(&bytes, &limits), Err(ImageFault::TooManyPixels { .. })));
    assert!(Photo::decode(&bytes, &Limits { area_pixels_max: 20_000, ..limits }).is_ok());
}

#[test]
fn a_file_one_byte_over_the_limit_is_refused_and_one_at_it_is_read() {
    let bytes = encoded(red_and_blue(), ImageFormat::Png);
    let count = bytes.len() as u64;
    let limits = Limits { bytes_max: count - 1, ..Limits::PHOTO };
    assert_eq!(
        Photo::decode(&bytes, &limits),
        Err(ImageFault::TooManyBytes { bytes: count, bytes_max: count - 1 })
    );
    assert!(Photo::decode(&bytes, &Limits { bytes_max: count, ..limits }).is_ok());
}

#[rstest]
#[case(b"")]
#[case(b"<svg xmlns='http://www.w3.org/2000/svg'/>")]
#[case(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;")]
#[case(b"%PDF-1.7")]
#[case(b"BM______________________")]
fn what_is_no_supported_picture_is_refused(#[case] bytes: &[u8]) {
    assert_eq!(Photo::decode(bytes, &Limits::PHOTO), Err(ImageFault::Unsupported));
}

#[test]
fn a_truncated_png_is_damaged() {
    let bytes = encoded(red_and_blue(), ImageFormat::Png);
    for length in [9, 30, bytes.len() / 2] {
        assert_eq!(Photo::decode(&bytes[..length], &Limits::PHOTO), Err(ImageFault::Damaged), "{length}");
    }
}

#[test]
fn an_animated_png_is_refused() {
    let bytes = encoded(red_and_blue(), ImageFormat::Png);
    let mut control = b"acTL".to_vec();
    control.extend([0, 0, 0, 1, 0, 0, 0, 0]);
    let mut animated = bytes[..33].to_vec();
    animated.extend(8u32.to_be_bytes());
    animated.extend(&control);
    animated.extend(crc32(&control).to_be_bytes());
    animated.extend(&bytes[33..]);
    assert_eq!(Photo::decode(&animated, &Limits::PHOTO), Err(ImageFault::Animated));
}

#[test]
fn an_animated_webp_is_refused() {
    let mut body = b"WEBPVP8X".to_vec();
    body.extend([10, 0, 0, 0, 0b10, 0, 0, 0, 15, 0, 0, 15, 0, 0]);
    body.extend(b"ANIM\x06\0\0\0\xff\xff\xff\xff\0\0");
    body.extend(b"ANMF\x18\0\0\0\0\0\0\0\0\0\x0f\0\0\x0f\0\0\x64\0\0\0VP8L\0\0\0\0");
    let mut webp = b"RIFF".to_vec();
    webp.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    webp.extend(body);
    assert_eq!(Photo::decode(&webp, &Limits::PHOTO), Err(ImageFault::Animated));
}

#[test]
fn a_large_photo_is_made_smaller_and_a_small_one_is_left() {
    let large = RgbImage::from_pixel(3000, 1500, Rgb([10, 200, 30]));
    let photo = Photo::decode(&encoded(large, ImageFormat::Png), &Limits::PHOTO).unwrap();
    assert_eq!((photo.width(), photo.height()), (2048, 1024));
    assert_eq!(finished(&photo).rgb()[..3], [10, 200, 30]);
}

proptest! {
    #[test]
    fn no_bytes_make_decoding_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), magic in 0..4usize) {
        let magic: &[u8] = [&b""[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x40\0\0\0WEBP"][magic];
        let bytes = [magic, &bytes].concat();
        let _ = Photo::decode(&bytes, &Limits::PHOTO);
        let _ = Cutout::from_image(&bytes, &Limits::PRODUCT);
    }

    #[test]
    fn no_damage_to_a_real_file_makes_decoding_panic(
        format in prop_oneof![Just(ImageFormat::Png), Just(ImageFormat::Jpeg), Just(ImageFormat::WebP)],
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        keep in any::<proptest::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = encoded(red_and_blue(), format);
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if cut {
            bytes.truncate(keep.index(bytes.len()));
        }
        // Small limits keep a damaged size field from costing the test's time.
        let limits = Limits { area_pixels_max: 1_000_000, ..Limits::PHOTO };
        let _ = Photo::decode(&bytes, &limits);
        let _ = Cutout::from_image(&bytes, &limits);
    }
}
