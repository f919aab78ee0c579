//! The processes of the demo, which golive starts from itself: `golive demo-host` and the like. They are no
//! commands for people, so that they stand before the command line is read.

use std::{
    ffi::OsString,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use rustix::process::{Signal, getpid, kill_process};

use super::{arguments::Everywhere, context::Context, exit::Exit, failure::Failure, hosting, out::Out};
use crate::{
    clock::Clock,
    demo::{self, Layout, Tether},
};

/// The conductor of a demo: a conductor that ends with it.
pub const CONDUCTOR: &str = "demo-conductor";

/// Runs one if `args` (without the program's name) ask for it.
pub fn run(args: &[OsString]) -> Option<ExitCode> {
    let args: Option<Vec<String>> = args.iter().map(|word| word.clone().into_string().ok()).collect();
    let args = args?;
    let done = match &args[..] {
        [command, dir] if command == CONDUCTOR => {
            conductor(Path::new(dir)).map(drop).map_err(|error| error.what)
        }
        _ => demo::hidden(&args, Box::new(io::stdout()))?.map_err(|error| error.to_string()),
    };
    let Err(error) = done else { return Some(ExitCode::SUCCESS) };
    // Whoever started us reads the log; if even that can't be written, the status says it.
    let _ = writeln!(io::stderr(), "golive {}: {error}", args.first().map_or("", String::as_str));
    Some(ExitCode::FAILURE)
}

fn conductor(dir: &Path) -> Result<Exit, Failure> {
    crate::engine::tls::ready();
    let failed = |error: &dyn std::fmt::Display| Failure::internal(error.to_string());
    let tether = Tether::hold(dir).map_err(|error| failed(&error))?;
    let gone = tether.gone();
    let waiting = tokio::runtime::Builder::new_current_thread().build().map_err(|error| failed(&error))?;
    let wait = move || {
        waiting.block_on(gone);
        // As if somebody had told it: what is decided is written. If it does not end, the tether ends it.
        let _ = kill_process(getpid(), Signal::TERM);
    };
    std::thread::Builder::new().name("end".into()).spawn(wait).map_err(|error| failed(&error))?;
    hosting::run_in_background(&context(&Layout::new(dir)))
}

/// What every command is given, for the project of a demo.
pub fn context(layout: &Layout) -> Context {
    let everywhere = Everywhere {
        project: Some(layout.project()),
        data_dir: Some(layout.data()),
        ..Everywhere::default()
    };
    let out = Out::new(everywhere.form());
    Context { everywhere, out, clock: Clock::System }
}
