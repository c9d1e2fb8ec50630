#![forbid(unsafe_code)]
//! The `selektable` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    selektable::cli::main()
}
