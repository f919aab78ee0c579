//! From the arguments to the exit status.

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser as _, error::ErrorKind};

use super::{
    arguments::{Arguments, Word},
    capture,
    command::{
        check, close, cockpit, completions, conductor, declare, demo, doctor, go_on, hold, init, item, open,
        plan, promote, record, report, rollback, rollout, run, sessions, start, status, vote, watch,
    },
    context::Context,
    demo_process,
    exit::Exit,
    failure::Failure,
    out::Out,
};
use crate::{clock::Clock, engine};

/// What `golive` does from start to end.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(ended) = capture::run(&words).or_else(|| demo_process::run(&words)) {
        return ended;
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return wrong_use(&error).into(),
    };
    engine::tls::ready();
    let out = Out::new(arguments.everywhere.form());
    let context = Context { everywhere: arguments.everywhere, out, clock: Clock::System };
    let ended = match arguments.word {
        Some(_) if arguments.cockpit.any() => Err(Failure::usage(
            "--theme, --no-mouse and --ascii are the cockpit's, and a command has none",
            "golive without a command opens it",
        )),
        Some(word) => carry_out(word, &context),
        None => cockpit::run(&arguments.cockpit, &context),
    };
    ended.unwrap_or_else(|failure| out.fail(&failure)).into()
}

fn carry_out(word: Word, context: &Context) -> Result<Exit, Failure> {
    match word {
        Word::Demo(arguments) => demo::run(arguments, context),
        Word::Init(arguments) => init::run(&arguments, context),
        Word::Check(arguments) => check::run(&arguments, context),
        Word::Open(arguments) => open::run(arguments, context),
        Word::Sessions => sessions::run(context),
        Word::Status(arguments) => status::run(&arguments, context),
        Word::Item(arguments) => item::run(arguments, context),
        Word::Vote(arguments) => vote::run(arguments, context),
        Word::Declare(arguments) => declare::run(arguments, context),
        Word::Start(arguments) => start::run(arguments, context),
        Word::Hold(arguments) => hold::run(arguments, context),
        Word::Continue(arguments) => go_on::run(&arguments, context),
        Word::Promote(arguments) => promote::run(&arguments, context),
        Word::Rollback(arguments) => rollback::run(arguments, context),
        Word::Rollout(arguments) => rollout::run(arguments, context),
        Word::Watch(arguments) => watch::run(arguments, context),
        Word::Close(arguments) => close::run(arguments, context),
        Word::Run(arguments) => run::run(arguments, context),
        Word::Plan(arguments) => plan::run(&arguments, context),
        Word::Record(arguments) => record::run(arguments, context),
        Word::Report(arguments) => report::run(&arguments, context),
        Word::Conductor(arguments) => conductor::run(&arguments, context),
        Word::Doctor => doctor::run(context),
        Word::Completions(arguments) => completions::run(&arguments, context),
    }
}

/// `--help` and `--version` are no mistakes; everything else is, and says what may have been meant.
fn wrong_use(error: &clap::Error) -> Exit {
    // Where even this can't be printed there is nobody to tell.
    drop(error.print());
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
        _ => Exit::Usage,
    }
}
