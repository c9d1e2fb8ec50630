#![forbid(unsafe_code)]
//! The server program as this crate was built with it, for tests: Cargo builds no other crate's programs for them.

use std::process::ExitCode;

fn main() -> ExitCode {
    selektable::cli::main()
}
