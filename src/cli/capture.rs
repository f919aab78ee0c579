//! `golive capture-output DIR`: the process that writes down what a unit's service prints. The engine starts it;
//! it is no command for people.

use std::{
    ffi::OsString,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use crate::engine;

/// The exit status where a command could not be begun.
const FAILED: i32 = 127;

/// Runs a command that goes on where its conductor is ended, if `args` ask for that.
pub fn keep(args: &[OsString]) -> Option<ExitCode> {
    let status = engine::keep(args, (io::stdout(), io::stderr()))?.unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "the command could not be begun: {error}");
        FAILED
    });
    Some(ExitCode::from(u8::try_from(status).unwrap_or(u8::MAX)))
}

/// Runs it if `args` (without the program's name) ask for it.
pub fn run(args: &[OsString]) -> Option<ExitCode> {
    let [word, dir] = args else { return None };
    if word != engine::CAPTURE {
        return None;
    }
    Some(match engine::capture(Path::new(dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The status says it where this can't be written.
            let _ = writeln!(io::stderr(), "golive {}: {}: {error}", engine::CAPTURE, dir.display());
            ExitCode::FAILURE
        }
    })
}
