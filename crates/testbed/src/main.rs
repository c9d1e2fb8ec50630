//! `selektable-testbed COMMAND…`: runs a command beside a throw-away cluster, whose address it finds in
//! `SELEKTABLE_TEST_POSTGRES`; ends the cluster with it.

use std::process::{Command, ExitCode};

use selektable_testbed::{ADDRESS_VARIABLE, Shared};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("selektable-testbed: name a command to run beside PostgreSQL");
        return ExitCode::from(2);
    };
    let shared = Shared::start();
    let ran = Command::new(&program)
        .args(arguments)
        .env(ADDRESS_VARIABLE, shared.cluster().address("postgres"))
        .status();
    match ran {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("selektable-testbed: can't run {}: {error}", program.display());
            ExitCode::from(127)
        }
    }
}
