//! What can be wrong with the inputs, in sentences the person who chose them can act on.

use thiserror::Error;

/// Why bytes are no usable picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ImageFault {
    /// The file is larger than [`crate::Limits::bytes_max`].
    #[error(
        "The picture's file has {bytes} bytes; at most {bytes_max} are accepted. Choose a smaller file or save it \
         with stronger compression."
    )]
    TooManyBytes {
        /// The file's size.
        bytes: u64,
        /// The limit it broke.
        bytes_max: u64,
    },
    /// Its header claims more pixels than [`crate::Limits`] allow; nothing was decoded.
    #[error(
        "The picture has too many pixels; at most {side_pixels_max} a side and {area_pixels_max} in all are \
         accepted (half as many with 16 bits a channel). Make it smaller and try again."
    )]
    TooManyPixels {
        /// The limit of a side.
        side_pixels_max: u32,
        /// The limit of width times height.
        area_pixels_max: u64,
    },
    /// The bytes are no JPEG, PNG or WebP, whatever their name says.
    #[error("The file is not a picture in a supported format. Choose a JPEG, PNG or WebP file.")]
    Unsupported,
    /// The picture moves.
    #[error("Animated pictures are not supported. Choose a still JPEG, PNG or WebP file.")]
    Animated,
    /// The format is right and the contents are broken.
    #[error("The picture is damaged and can't be read. Export it again, or choose another file.")]
    Damaged,
    /// After cutting out, no product is left.
    #[error(
        "No product can be seen in the picture: it is empty, or all of one colour. Choose a picture that shows the \
         product."
    )]
    Empty,
}

/// Why a placement can't be.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum PlacementFault {
    /// The number is NaN or infinite.
    #[error("The placement's {field} must be a finite number.")]
    NotFinite {
        /// `x`, `y`, `scale` or `rotation`.
        field: &'static str,
    },
    /// The number is outside its range.
    #[error("The placement's {field} is {value}; it must be from {low} to {high}.")]
    OutOfRange {
        /// `x`, `y` or `scale`.
        field: &'static str,
        /// The number given.
        value: f64,
        /// The least accepted.
        low: f64,
        /// The greatest accepted.
        high: f64,
    },
}

/// Why a list of products can't be composed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProductsFault {
    /// There is nothing to place.
    #[error("At least one product is needed.")]
    None,
    /// More than [`crate::Products::MAX`].
    #[error("{count} products were given; one picture holds at most {max}.")]
    TooMany {
        /// How many were given.
        count: usize,
        /// How many are accepted.
        max: usize,
    },
}

/// The finished picture could not be written. Not the input's fault.
#[derive(Debug, Error)]
#[error("The picture could not be encoded: {0}. Report this: it is a defect of the renderer.")]
pub struct EncodeFault(#[from] pub(crate) image::ImageError);
