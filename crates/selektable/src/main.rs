#![forbid(unsafe_code)]
//! The server binary.

fn main() {}
