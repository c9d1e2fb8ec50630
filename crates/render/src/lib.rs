#![forbid(unsafe_code)]
//! Puts a product into a photo, on this machine, pixels in and pixels out.
