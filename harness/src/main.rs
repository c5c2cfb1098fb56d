//! The command line: arguments in, exit code out.

mod cli;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A run makes and drops millions of small texts.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(cli::main())
}
