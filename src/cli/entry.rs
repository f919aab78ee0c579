//! From the arguments to the exit status.

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser as _, error::ErrorKind};

use super::{
    arguments::{Arguments, Word},
    capture,
    command::{
        check, close, cockpit, compare, completions, conductor, declare, demo, doctor, drill, go_on, hold,
        init, item, open, plan, promote, record, rehearse, repair, replace, report, rollback, rollout, run,
        scale, sessions, start, status, timeline, vote, watch,
    },
    context::Context,
    demo_process,
    exit::Exit,
    failure::Failure,
    out::{Form, Out},
};
use crate::{clock::Clock, engine};

/// What `golive` does from start to end.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(ended) =
        capture::run(&words).or_else(|| capture::keep(&words)).or_else(|| demo_process::run(&words))
    {
        return ended;
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments.in_environment(),
        Err(error) => return wrong_use(&error, &words).into(),
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
        Word::Demo(arguments) => demo::run(&arguments, context),
        Word::Init(arguments) => init::run(&arguments, context),
        Word::Check(arguments) => check::run(&arguments, context),
        Word::Open(arguments) => open::run(arguments, context),
        Word::Sessions => sessions::run(context),
        Word::Status(arguments) => status::run(&arguments, context),
        Word::Timeline(arguments) => timeline::run(&arguments, context),
        Word::Item(arguments) => item::run(arguments, context),
        Word::Vote(arguments) => vote::run(arguments, context),
        Word::Declare(arguments) => declare::run(arguments, context),
        Word::Start(arguments) => start::run(arguments, context),
        Word::Hold(arguments) => hold::run(arguments, context),
        Word::Continue(arguments) => go_on::run(&arguments, context),
        Word::Compare(arguments) => compare::run(arguments, context),
        Word::Promote(arguments) => promote::run(arguments, context),
        Word::Rollback(arguments) => rollback::run(arguments, context),
        Word::Rollout(arguments) => rollout::run(arguments, context),
        Word::Replace(arguments) => replace::run(arguments, context),
        Word::Repair(arguments) => repair::run(arguments, context),
        Word::Scale(arguments) => scale::run(arguments, context),
        Word::Drill(arguments) => drill::run(arguments, context),
        Word::Watch(arguments) => watch::run(arguments, context),
        Word::Close(arguments) => close::run(arguments, context),
        Word::Run(arguments) => run::run(arguments, context),
        Word::Rehearse(arguments) => rehearse::run(&arguments, context),
        Word::Plan(arguments) => plan::run(&arguments, context),
        Word::Record(arguments) => record::run(arguments, context),
        Word::Report(arguments) => report::run(&arguments, context),
        Word::Conductor(arguments) => conductor::run(&arguments, context),
        Word::Doctor => doctor::run(context),
        Word::Completions(arguments) => completions::run(&arguments, context),
    }
}

/// `--help` and `--version` are no mistakes; everything else is, and says what may have been meant.
fn wrong_use(error: &clap::Error, words: &[OsString]) -> Exit {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // Where even this can't be printed there is nobody to tell.
        drop(error.print());
        return Exit::Done;
    }
    let asks_for_json = words.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && !asks_for_json {
        drop(error.print());
        return Exit::Usage;
    }
    Out::new(if asks_for_json { Form::Json } else { Form::Plain }).fail(&said(error))
}

/// What clap says, in the form of every other failure: what is wrong first, what to do below.
fn said(error: &clap::Error) -> Failure {
    let text = error.to_string();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::usage("a command is missing", "--help lists them");
    }
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let (what, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let hint: Vec<&str> = rest.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let hint = hint.join("\n  ").replace("For more information, try '--help'.", "--help says more");
    Failure::usage(what.trim_end(), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(words: &[&str]) -> Failure {
        said(&Arguments::try_parse_from(words).expect_err("wrong"))
    }

    #[test]
    fn wrong_use_says_what_is_wrong_and_what_may_have_been_meant() {
        let failure = failure(&["golive", "rec"]);
        assert_eq!(failure.what, "unrecognized subcommand 'rec'");
        assert!(failure.hint.starts_with("tip: a similar subcommand exists: 'record'"), "{}", failure.hint);
        assert!(failure.hint.ends_with("--help says more"), "{}", failure.hint);
    }

    #[test]
    fn what_is_missing_is_listed() {
        let failure = failure(&["golive", "item", "tick"]);
        assert!(failure.what.contains("<ITEM>"), "{}", failure.what);
    }
}
