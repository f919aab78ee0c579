//! `golive record`: the record checked from its first line to its head, written out as it is, or shown in words.

use std::{
    fs::File,
    io::{BufReader, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    cli::{
        account::Account,
        context::Context,
        exit::Exit,
        failure::Failure,
        past::{Past, events, nothing_yet},
    },
    domain::counted::counted,
    journal::{self, JournalError, Verdict},
    record::Head,
};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Name the first broken line of any session (or of the one named), or say that there is none
    Verify {
        /// The number and hash that a report or a declaration printed: finds a tail that was cut off
        #[arg(long, value_name = "SEQ:HASH")]
        head: Option<Head>,
        /// An exported file instead of the journal
        #[arg(long, value_name = "FILE", requires = "session")]
        file: Option<PathBuf>,
    },
    /// Write the record as JSON Lines, byte for byte as it was written
    Export {
        /// To a file instead
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Show every event in words
    Show {
        /// Only those after this number
        #[arg(long, value_name = "SEQ", default_value_t = 0)]
        after: u64,
    },
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    match arguments.what {
        What::Verify { head, file } => verify(head.as_ref(), file.as_deref(), context),
        What::Export { output } => export(output.as_deref(), context),
        What::Show { after } => show(after, context),
    }
}

/// `--json`: the answer of `record verify`.
#[derive(Serialize)]
struct Verified {
    session: String,
    intact: bool,
    /// The first line that is not as it was written.
    broken: Option<u64>,
    why: Option<String>,
    /// The head that was found.
    head: Option<String>,
    /// Bodies that were redacted, with a note of it.
    redacted: u64,
}

fn verify(head: Option<&Head>, file: Option<&Path>, context: &Context) -> Result<Exit, Failure> {
    let asked = context.everywhere.session.as_ref();
    if let (Some(path), Some(session)) = (file, asked) {
        let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
        let verdict = journal::verify_export(BufReader::new(file), session.as_str(), head)?;
        return say(session.to_string(), &verdict, context);
    }
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let session = past.pick(asked)?.id.to_string();
    let path = project.files.journal();
    let verdict = journal::verify(&path, &session, head)?;
    if asked.is_some() || head.is_some() || !matches!(verdict, Verdict::Intact { .. }) {
        return say(session, &verdict, context);
    }
    // Nothing was asked for by name: a record is whole only where every stream of it is.
    let mut others = 0_u32;
    for stream in past.reader().streams()?.into_iter().filter(|stream| stream.name != session) {
        others += 1;
        let other = journal::verify(&path, &stream.name, None)?;
        if !matches!(other, Verdict::Intact { .. }) {
            return say(stream.name, &other, context);
        }
    }
    say(session, &verdict, context)?;
    if others > 0 {
        let (streams, are) = (counted(others, "other stream"), if others == 1 { "is" } else { "are" });
        context.out.say(format!("{streams} of the project {are} intact as well"))?;
    }
    Ok(Exit::Done)
}

fn say(session: String, verdict: &Verdict, context: &Context) -> Result<Exit, Failure> {
    let nothing = Verified { session, intact: false, broken: None, why: None, head: None, redacted: 0 };
    let (verified, words, exit) = match verdict {
        Verdict::Intact { head, redacted } => {
            let note = if *redacted > 0 { format!("; {redacted} redacted") } else { String::new() };
            let words =
                format!("{}: intact, {}{note}; head {head}", nothing.session, counted(head.seq, "line"));
            let head = Some(head.to_string());
            (Verified { intact: true, head, redacted: *redacted, ..nothing }, words, Exit::Done)
        }
        Verdict::Broken { seq, why } => {
            let words = format!("{}: line {seq} is broken: {why}", nothing.session);
            let why = Some(why.clone());
            (Verified { broken: Some(*seq), why, ..nothing }, words, Exit::JournalUnusable)
        }
        Verdict::Cut { given, found } => {
            let why = format!(
                "its tail is cut off: line {} was written, the last one here is {}",
                given.seq, found.seq
            );
            let words = format!("{}: {why}", nothing.session);
            let head = Some(found.to_string());
            (Verified { why: Some(why), head, ..nothing }, words, Exit::JournalUnusable)
        }
    };
    context.out.show(&verified, || words)?;
    Ok(exit)
}

fn export(output: Option<&Path>, context: &Context) -> Result<Exit, Failure> {
    let past = Past::open(&context.project()?)?.ok_or_else(nothing_yet)?;
    let session = past.pick(context.everywhere.session.as_ref())?.id.to_string();
    if let Some(path) = output {
        let file = File::create(path).map_err(|error| Failure::file(path, &error))?;
        let mut file = BufWriter::new(file);
        let head = journal::export(past.reader(), &session, &mut file)?;
        file.flush().map_err(|error| Failure::file(path, &error))?;
        context.out.say(format!("{session}: {}; head {head}", counted(head.seq, "line")))?;
        return Ok(Exit::Done);
    }
    let mut lines = std::io::stdout().lock();
    match journal::export(past.reader(), &session, &mut lines) {
        Ok(_) => Ok(Exit::Done),
        Err(JournalError::Export(error)) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::unheard()),
        Err(error) => Err(error.into()),
    }
}

fn show(after: u64, context: &Context) -> Result<Exit, Failure> {
    let past = Past::open(&context.project()?)?.ok_or_else(nothing_yet)?;
    let session = past.pick(context.everywhere.session.as_ref())?.id.to_string();
    let account = Account::of_everything(context.out);
    for event in events(past.reader(), &session)?.iter().filter(|event| event.seq > after) {
        account.tell(event)?;
    }
    Ok(Exit::Done)
}
