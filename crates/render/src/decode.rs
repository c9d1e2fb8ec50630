//! From untrusted bytes to oriented sRGB pixels of working size; metadata ends here.

use std::io::Cursor;

use image::codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, RgbaImage};

use crate::fault::ImageFault;
use crate::limits::Limits;
use crate::rgba;
use crate::shrink::Size;

/// Decodes, shrinks to `side_max` on the longer side, and turns upright.
///
/// The format is read from the bytes, never from a name. Shrunk before it is turned, so that turning copies
/// the small picture and not the large one.
pub(crate) fn upright(bytes: &[u8], limits: &Limits, side_max: u32) -> Result<RgbaImage, ImageFault> {
    let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if count > limits.bytes_max {
        return Err(ImageFault::TooManyBytes { bytes: count, bytes_max: limits.bytes_max });
    }
    let (raw, orientation) = match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => {
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), decoder_limits(limits))
                .map_err(|error| fault(&error, limits))?;
            still(decoder.is_apng().unwrap_or(true))?;
            Raw::read(decoder, limits)?
        }
        Ok(ImageFormat::Jpeg) => {
            let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(|error| fault(&error, limits))?;
            Raw::read(decoder, limits)?
        }
        Ok(ImageFormat::WebP) => {
            let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(|error| fault(&error, limits))?;
            still(decoder.has_animation())?;
            Raw::read(decoder, limits)?
        }
        Ok(_) | Err(_) => return Err(ImageFault::Unsupported),
    };
    let mut upright = DynamicImage::ImageRgba8(raw.fitted(side_max)?);
    upright.apply_orientation(orientation);
    Ok(upright.into_rgba8())
}

fn still(animated: bool) -> Result<(), ImageFault> {
    if animated { Err(ImageFault::Animated) } else { Ok(()) }
}

fn decoder_limits(limits: &Limits) -> image::Limits {
    let mut own = image::Limits::no_limits();
    own.max_image_width = Some(limits.side_pixels_max);
    own.max_image_height = Some(limits.side_pixels_max);
    own.max_alloc = Some(limits.allocation_bytes_max());
    own
}

fn fault(error: &ImageError, limits: &Limits) -> ImageFault {
    match error {
        ImageError::Limits(limit)
            if matches!(
                limit.kind(),
                LimitErrorKind::DimensionError | LimitErrorKind::InsufficientMemory
            ) =>
        {
            too_many_pixels(limits)
        }
        ImageError::Unsupported(_) => ImageFault::Unsupported,
        _ => ImageFault::Damaged,
    }
}

fn too_many_pixels(limits: &Limits) -> ImageFault {
    ImageFault::TooManyPixels {
        side_pixels_max: limits.side_pixels_max,
        area_pixels_max: limits.area_pixels_max,
    }
}

/// Decoded samples as the decoder gives them. Read pixel by pixel, so that no second full copy is made.
struct Raw {
    size: Size,
    channels: usize,
    sample_bytes: usize,
    samples: Vec<u8>,
}

impl Raw {
    /// Everything that can be refused from the header is refused before the buffer is made.
    fn read(mut decoder: impl ImageDecoder, limits: &Limits) -> Result<(Self, Orientation), ImageFault> {
        decoder.set_limits(decoder_limits(limits)).map_err(|error| fault(&error, limits))?;
        let (width, height) = decoder.dimensions();
        let total = decoder.total_bytes();
        if u64::from(width) * u64::from(height) > limits.area_pixels_max
            || total > limits.allocation_bytes_max()
        {
            return Err(too_many_pixels(limits));
        }
        // A broken EXIF block is no reason to refuse the pixels.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let color = decoder.color_type();
        let channels = usize::from(color.channel_count());
        let sample_bytes = usize::from(color.bytes_per_pixel()) / channels;
        if width == 0 || height == 0 || !matches!((channels, sample_bytes), (1..=4, 1..=2)) {
            return Err(ImageFault::Unsupported);
        }
        let mut samples = vec![0; usize::try_from(total).map_err(|_| too_many_pixels(limits))?];
        decoder.read_image(&mut samples).map_err(|error| fault(&error, limits))?;
        Ok((Self { size: Size { width, height }, channels, sample_bytes, samples }, orientation))
    }

    fn sample(&self, index: usize) -> u8 {
        if self.sample_bytes == 1 {
            return self.samples[index];
        }
        let wide = u16::from_ne_bytes([self.samples[2 * index], self.samples[2 * index + 1]]);
        wide.to_be_bytes()[0]
    }

    fn rgba(&self, x: u32, y: u32) -> [u8; 4] {
        let first = (y as usize * self.size.width as usize + x as usize) * self.channels;
        let at = |offset: usize| self.sample(first + offset);
        match self.channels {
            1 => [at(0), at(0), at(0), 255],
            2 => [at(0), at(0), at(0), at(1)],
            3 => [at(0), at(1), at(2), 255],
            _ => [at(0), at(1), at(2), at(3)],
        }
    }

    fn fitted(self, side_max: u32) -> Result<RgbaImage, ImageFault> {
        let to = self.size.fitted(side_max);
        let pixels = rgba::fitted(self.size, to, |x, y| self.rgba(x, y));
        RgbaImage::from_raw(to.width, to.height, pixels).ok_or(ImageFault::Damaged)
    }
}
