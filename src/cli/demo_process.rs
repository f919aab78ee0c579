//! The processes of the demo, which golive starts from itself: `golive demo-host` and the like. They are no
//! commands for people, so that they stand before the command line is read.

use std::{io, io::Write as _, process::ExitCode};

use crate::demo;

/// Runs one if `args` (without the program's name) ask for it.
pub fn run(args: &[String]) -> Option<ExitCode> {
    match demo::hidden(args, Box::new(io::stdout()))? {
        Ok(()) => Some(ExitCode::SUCCESS),
        Err(error) => {
            // Whoever started us reads the log; if even that can't be written, the status says it.
            let _ = writeln!(io::stderr(), "golive {}: {error}", args.first().map_or("", String::as_str));
            Some(ExitCode::FAILURE)
        }
    }
}
