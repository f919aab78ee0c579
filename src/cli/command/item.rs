//! `golive item`: the checklist; and everything that a person can record about one item.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::by_command::by_command;
use crate::{
    cli::{
        columns::columns,
        conducted::Conducted,
        context::Context,
        exit::Exit,
        failure::Failure,
        past::{Past, nothing_yet},
    },
    config::nearest,
    domain::{
        checklist::{self, ChecklistCommand, ItemSpec, Severity},
        name::{Digest, ItemId},
        session::Session,
        time::Now,
    },
    report::utc,
};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// Only items that are not ready
    #[arg(long)]
    open: bool,
    /// Only items of this owner: a person or a role
    #[arg(long, value_name = "OWNER")]
    owner: Option<String>,
}

/// An item is named by its id, `list/item`, or by as much of it as no other item has.
#[derive(Debug, Subcommand)]
enum What {
    /// Say that it is done
    Tick {
        /// Its id, `list/item`, or as much of it as no other has
        item: String,
        /// A link, a figure, a sentence
        #[arg(long, value_name = "TEXT")]
        evidence: Option<String>,
        /// A file whose digest is recorded with it
        #[arg(long, requires = "evidence")]
        file: Option<PathBuf>,
    },
    /// Take the tick, or "not applicable", back
    Untick {
        /// Its id, `list/item`, or as much of it as no other has
        item: String,
    },
    /// Give evidence for it
    Evidence {
        /// Its id, `list/item`, or as much of it as no other has
        item: String,
        /// A link, a figure, a sentence
        text: String,
        /// A file whose digest is recorded with it
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// Answer its question
    Answer {
        /// Its id, `list/item`, or as much of it as no other has
        item: String,
        /// What you say
        text: String,
    },
    /// Say that it does not apply, and why
    Na {
        /// Its id, `list/item`, or as much of it as no other has
        item: String,
        /// Why it does not apply
        reason: String,
    },
    /// Ask for a waiver; somebody else approves it
    Waive {
        /// Its id, `list/item`, or as much of it as no other has
        item: String,
        /// Why the go-live can do without it
        reason: String,
        /// Until when it holds
        #[arg(long, value_name = "TIME")]
        until: String,
    },
    /// Approve the waiver that somebody else asked for
    Approve {
        /// Its id, `list/item`, or as much of it as no other has
        item: String,
    },
    /// Add a comment
    Comment {
        /// Its id, `list/item`, or as much of it as no other has
        item: String,
        /// What you say
        text: String,
    },
    /// Run its check now
    Run {
        /// Its id, `list/item`, or as much of it as no other has
        item: String,
    },
    /// Take back your own last record
    Undo,
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let Some(what) = arguments.what else {
        return list(arguments.open, arguments.owner.as_deref(), context);
    };
    context.act(|session| command(what, session, context))
}

/// What is asked of the conductor; none: the list.
pub fn asks(
    arguments: Arguments,
    session: &Session,
    context: &Context,
) -> Result<Option<ChecklistCommand>, Failure> {
    arguments.what.map(|what| command(what, session, context)).transpose()
}

fn command(what: What, session: &Session, context: &Context) -> Result<ChecklistCommand, Failure> {
    use ChecklistCommand as C;
    let named = |item: &str| find(session, item);
    let digest = |file: Option<PathBuf>| file.as_deref().map(digest_of).transpose();
    Ok(match what {
        What::Tick { item, evidence, file } => C::Tick { item: named(&item)?, evidence, file: digest(file)? },
        What::Untick { item } => C::Untick { item: named(&item)? },
        What::Evidence { item, text, file } => {
            C::GiveEvidence { item: named(&item)?, evidence: text, file: digest(file)? }
        }
        What::Answer { item, text } => C::Answer { item: named(&item)?, text },
        What::Na { item, reason } => C::NotApplicable { item: named(&item)?, reason },
        What::Waive { item, reason, until } => {
            C::AskWaiver { item: named(&item)?, reason, expires: context.moment(&until)? }
        }
        What::Approve { item } => C::ApproveWaiver { item: named(&item)? },
        What::Comment { item, text } => C::Comment { item: named(&item)?, text },
        What::Run { item } => C::Run { item: named(&item)? },
        What::Undo => C::Undo,
    })
}

fn digest_of(path: &Path) -> Result<Digest, Failure> {
    use std::io::Read as _;

    use sha2::{Digest as _, Sha256};
    let wrong = |error| Failure::file(path, &error);
    let mut file = std::fs::File::open(path).map_err(wrong)?;
    let (mut hash, mut part) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut part).map_err(wrong)? {
            0 => return Ok(Digest::from_bytes(hash.finalize())),
            read => hash.update(&part[..read]),
        }
    }
}

/// The item with this id, or the only one whose id holds the text.
fn find(session: &Session, text: &str) -> Result<ItemId, Failure> {
    let items = &session.plan().items;
    let ids = || items.iter().map(|item| &item.id);
    if let Some(id) = ids().find(|id| id.as_str() == text) {
        return Ok(id.clone());
    }
    let ends = format!("/{text}");
    for fits in [
        ids().filter(|id| id.as_str().ends_with(&ends)).collect::<Vec<_>>(),
        ids().filter(|id| id.as_str().contains(text)).collect(),
    ] {
        match fits.as_slice() {
            [] => {}
            [one] => return Ok((*one).clone()),
            [..] => {
                let names: Vec<&str> = fits.iter().take(8).map(|id| id.as_str()).collect();
                let hint = format!("write more of it: {}", names.join(", "));
                return Err(Failure::usage(format!("{text} is {} items", fits.len()), hint));
            }
        }
    }
    let hint = nearest(text, ids().map(|id| id.as_str().rsplit('/').next().unwrap_or_default()))
        .map_or("golive item lists them".into(), |near| format!("did you mean {near}?"));
    Err(Failure::usage(format!("there is no item {text}"), hint))
}

/// `--json`: an item, one a line.
#[derive(Serialize)]
struct Line {
    id: String,
    title: String,
    group: String,
    severity: &'static str,
    tier: u8,
    owner: String,
    state: &'static str,
    ready: bool,
    late: bool,
    due: String,
    shows: String,
    lift: String,
}

impl Line {
    fn of(session: &Session, spec: &ItemSpec, now: Now) -> Self {
        let standing = checklist::standing(session, spec, now);
        Self {
            id: spec.id.to_string(),
            title: spec.title.clone(),
            group: spec.group.clone(),
            severity: match spec.severity {
                Severity::ShowStopper => "show-stopper",
                Severity::Required => "required",
                Severity::Advisory => "advisory",
            },
            tier: spec.tier.get(),
            owner: spec.owner.word().to_owned(),
            state: standing.state.word(),
            ready: standing.state.ready(),
            late: standing.late,
            due: utc(standing.due),
            shows: standing.shows,
            lift: by_command(&standing.lift),
        }
    }
}

fn list(open: bool, owner: Option<&str>, context: &Context) -> Result<Exit, Failure> {
    let project = context.project()?;
    let past = Past::open(&project)?.ok_or_else(nothing_yet)?;
    let mut told = past.tell(context.everywhere.session.as_ref())?;
    let footing = Conducted::stand(&project, context, &mut told)?;
    let session = told.session;
    let now = footing.now(&session, context.wall());
    let lines = session.plan().items.iter().map(|spec| Line::of(&session, spec, now));
    let lines: Vec<Line> =
        lines.filter(|line| !(open && line.ready) && owner.is_none_or(|owner| line.owner == owner)).collect();
    if context.out.is_json() {
        footing.above(String::new(), context.out);
        for line in &lines {
            context.out.object(line)?;
        }
        return Ok(Exit::Done);
    }
    let mut text = String::new();
    let mut group = None;
    let mut rows: Vec<[String; 6]> = Vec::new();
    for line in lines {
        if group.as_ref() != Some(&line.group) {
            text += &columns(&rows);
            rows.clear();
            let _ = writeln!(text, "{}", line.group);
            group = Some(line.group);
        }
        let late = if line.late { "LATE" } else { "" };
        rows.push([format!("  {}", line.state), line.id, line.title, line.owner, late.into(), line.shows]);
    }
    text += &columns(&rows);
    context.out.say(footing.above(text, context.out))?;
    Ok(Exit::Done)
}
