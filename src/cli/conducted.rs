//! Whether a conductor runs just now: only then is what the record says last also how things are. It is asked what
//! it knows of its journal; none is started.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::{context::Context, failure::Failure, moment, out::Out, past::Told, project::Project, reach};
use crate::{
    client::{Client, ClientError, JournalState},
    domain::{
        actor::Actor,
        counted::counted,
        course::{CourseEvent, ReopenedBecause},
        event::{Event, Stamped},
        session::Session,
        time::{Now, Span, WallTime},
    },
    report::utc,
};

/// One that takes longer to say who it is, is not there.
const PATIENCE: Duration = Duration::from_secs(3);

/// What there is beside the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conducted {
    Runs(JournalState),
    /// None runs.
    Nobody,
    /// There is one, or a trace of one, and it can't be asked; why.
    Unreachable(String),
}

/// `--json`: on what the rest of an answer rests.
#[derive(Serialize)]
pub struct Footing {
    /// `running`, `none` or `unreachable`.
    conductor: &'static str,
    /// When the last fact was recorded. Without a running conductor all else is as of then.
    as_of: String,
    /// `writable`, `unwritable`, or `unknown` where no conductor says so.
    journal: &'static str,
    unwritable_since: Option<String>,
    unwritable_why: Option<String>,
    /// Where HOLD and ROLL BACK are recorded while the journal can't be written.
    fallback: Vec<String>,
    /// Lines there that are in no journal yet; they are counted in.
    unsealed: usize,
    #[serde(skip)]
    words: Vec<String>,
}

impl Conducted {
    pub fn ask(project: &Project, context: &Context) -> Result<Self, Failure> {
        let way = reach::running(project, context)?;
        context.wait(async {
            let greeting = Client::connect(way, "status", context.clock.clone());
            Ok(match context.clock.limit(PATIENCE, Box::pin(greeting)).await {
                Some(Ok(client)) => Self::Runs(client.welcome().journal.clone()),
                Some(Err(ClientError::NotRunning | ClientError::NobodyShares(_))) => Self::Nobody,
                Some(Err(error)) => Self::Unreachable(error.to_string()),
                None => Self::Unreachable(format!("it said nothing for {} s", PATIENCE.as_secs())),
            })
        })
    }

    /// On what an answer about the session rests; what is told of it says no more than is known.
    pub fn stand(project: &Project, context: &Context, told: &mut Told) -> Result<Footing, Failure> {
        let conducted = Self::ask(project, context)?;
        let footing = conducted.footing(told, context.wall());
        conducted.known(&mut told.session);
        Ok(footing)
    }

    pub fn runs(&self) -> bool {
        matches!(self, Self::Runs(_))
    }

    /// What is known of the session: without a conductor nothing is known to be under way, and nothing observed is
    /// fresh. It is what the next conductor will find.
    pub fn known(&self, session: &mut Session) {
        if self.runs() || session.course.is_over() {
            return;
        }
        let epoch = session.epoch + 1;
        let because = ReopenedBecause::Started;
        let event = Event::Course(CourseEvent::Reopened { epoch, because });
        session.apply(&Stamped { seq: session.seq, now: session.now, epoch, actor: Actor::RULES, event });
    }

    pub fn footing(&self, told: &Told, now: WallTime) -> Footing {
        let journal = match self {
            Self::Runs(journal) => journal.unwritable(),
            Self::Nobody | Self::Unreachable(_) => None,
        };
        let as_of = told.session.now.wall;
        let mut words = Vec::new();
        if !told.session.course.is_over() {
            let place = |why: &str| {
                let at = moment::clock(as_of, &TimeZone::system());
                format!("AS OF    {at} ({} ago): {why}; what was in flight then is unknown", now.since(as_of))
            };
            match self {
                Self::Runs(_) => {}
                Self::Nobody => words.push(place("no conductor runs")),
                Self::Unreachable(why) => words.push(place(&format!("the conductor can't be asked, {why}"))),
            }
        }
        if let Some(journal) = journal {
            let lasted = now.since(journal.since);
            words.push(format!("JOURNAL UNWRITABLE for {lasted}: {}", journal.allows()));
            words.push(format!("         {}; released by: {}", journal.why, journal.lift()));
        }
        if let Some(aside) = &told.aside {
            let (lines, path) = (counted(aside.lines, "line"), aside.path.display());
            words.push(format!("UNSEALED {lines} in {path}, in no journal yet"));
        }
        Footing {
            conductor: match self {
                Self::Runs(_) => "running",
                Self::Nobody => "none",
                Self::Unreachable(_) => "unreachable",
            },
            as_of: utc(as_of),
            journal: match (self, journal) {
                (Self::Runs(_), None) => "writable",
                (_, Some(_)) => "unwritable",
                (Self::Nobody | Self::Unreachable(_), None) => "unknown",
            },
            unwritable_since: journal.map(|journal| utc(journal.since)),
            unwritable_why: journal.map(|journal| journal.why.clone()),
            fallback: journal
                .into_iter()
                .flat_map(|journal| &journal.fallback)
                .map(|path| path.display().to_string())
                .collect(),
            unsealed: told.aside.as_ref().map_or(0, |aside| aside.lines),
            words,
        }
    }
}

impl Footing {
    /// Above what a command says in words; with JSON, whose lines are others, beside it.
    pub fn above(&self, words: String, out: Out) -> String {
        if self.words.is_empty() {
            return words;
        }
        let above = format!("{}\n", self.words.join("\n"));
        if out.is_json() {
            out.remark(&above);
            return words;
        }
        above + &words
    }

    pub fn runs(&self) -> bool {
        self.conductor == "running"
    }

    /// What time it is for the session. Its own clock goes on while it is conducted, also where nothing is recorded.
    pub fn now(&self, session: &Session, wall: WallTime) -> Now {
        let since = if self.runs() { wall.since(session.now.wall) } else { Span::ZERO };
        Now { wall, session: session.now.session.plus(since) }
    }

    /// What has to stand above everything else; nothing where all is as it says.
    pub fn words(&self) -> &[String] {
        &self.words
    }
}
