//! The binary: hands over to the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    golive::cli::demo_process::run(&args).unwrap_or(ExitCode::SUCCESS)
}
