//! What the journal says, read without a conductor and without writing: the project's sessions, and one of them
//! folded from its events.

use std::path::PathBuf;

use super::{exit::Exit, failure::Failure, project::Project};
use crate::{
    config::ProjectPaths,
    domain::{
        event::Stamped,
        name::SessionId,
        project::{Project as Sessions, SessionLine},
        session::Session,
    },
    journal::{JournalError, PROJECT, Reader, not_emptied, places, unsealed},
    record::{self, Decoded, Head, Stored},
};

/// A project's journal, opened for reading.
pub struct Past {
    reader: Reader,
    sessions: Sessions,
    files: ProjectPaths,
}

/// One session as its record tells it.
pub struct Told {
    pub session: Session,
    pub events: Vec<Stamped>,
    pub head: Head,
    /// What of it is in the fallback file only.
    pub aside: Option<Aside>,
}

/// Lines that were recorded while the journal could not be written, and are not sealed into it yet.
pub struct Aside {
    pub path: PathBuf,
    pub lines: usize,
}

impl Past {
    /// None: nothing has been written yet.
    pub fn open(project: &Project) -> Result<Option<Self>, Failure> {
        let path = project.files.journal();
        not_emptied(&path, project.files.was_used())?;
        if !path.exists() {
            return Ok(None);
        }
        Self::read(&project.files).map(Some)
    }

    fn read(files: &ProjectPaths) -> Result<Self, Failure> {
        let reader = Reader::open(&files.journal())?;
        let mut sessions = Sessions::default();
        if reader.streams()?.iter().any(|stream| stream.name == PROJECT) {
            for event in events(&reader, PROJECT)? {
                sessions.apply(&event);
            }
        }
        Ok(Self { reader, sessions, files: files.clone() })
    }

    /// For `record`: the lines themselves.
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The project's own stream.
    pub const fn project(&self) -> &Sessions {
        &self.sessions
    }

    /// All sessions, oldest first.
    pub fn sessions(&self) -> &[SessionLine] {
        &self.sessions.sessions
    }

    /// The one that was asked for, else the open one, else the last.
    pub fn pick(&self, asked: Option<&SessionId>) -> Result<&SessionLine, Failure> {
        let Some(asked) = asked else {
            let last = || self.sessions.sessions.last();
            return self.sessions.open_session().or_else(last).ok_or_else(nothing_yet);
        };
        self.sessions.session(asked).ok_or_else(|| {
            let known: Vec<&str> = self.sessions.sessions.iter().map(|line| line.id.as_str()).collect();
            Failure::usage(format!("there is no session {asked}"), format!("known: {}", known.join(", ")))
        })
    }

    /// The session as recorded: in the journal, and what is in the fallback file alone after that.
    pub fn tell(&self, asked: Option<&SessionId>) -> Result<Told, Failure> {
        let stream = self.pick(asked)?.id.to_string();
        let mut events = events(&self.reader, &stream)?;
        let mut head = self.reader.head(&stream)?;
        let mut aside = None;
        let unsealed = unsealed(&stream, &places(self.files.home(), &self.files.elsewhere()))?;
        if let Some(unsealed) = unsealed.filter(|unsealed| unsealed.follows == head) {
            for line in &unsealed.lines {
                events.push(event(&stream, line.seq, &line.text, line.blob.as_deref())?);
                head = line.head();
            }
            aside = Some(Aside { path: unsealed.path, lines: unsealed.lines.len() });
        }
        let mut session = Session::fold(&events)
            .map_err(|error| Failure::new(Exit::JournalUnusable, format!("{stream}: {error}"), VERIFY))?;
        session.rederive();
        Ok(Told { session, events, head, aside })
    }
}

const VERIFY: &str = "golive record verify names the first broken line";

/// There is no session to speak of.
pub fn nothing_yet() -> Failure {
    Failure::new(
        Exit::NotReady,
        "this project has no session yet",
        "golive open VERSION --at TIME starts one",
    )
}

/// There is no session to act on.
pub fn nothing_open() -> Failure {
    Failure::new(Exit::NotReady, "no session is open", "golive open VERSION --at TIME starts one")
}

/// Every event of a stream; an event of a newer build can't be folded, and is no reason to guess.
pub fn events(reader: &Reader, stream: &str) -> Result<Vec<Stamped>, Failure> {
    let mut events = Vec::new();
    reader.lines::<Unfolded>(stream, 0, |row| {
        events.push(event(stream, row.seq, row.line, row.blob)?);
        Ok(())
    })?;
    Ok(events)
}

fn event(stream: &str, seq: u64, line: &str, blob: Option<&str>) -> Result<Stamped, Unfolded> {
    let stored = Stored::read(line).map_err(|why| broken(stream, seq, &why))?;
    match record::stamped(&stored, blob).map_err(|why| broken(stream, seq, &why))? {
        Decoded::Known(event) => Ok(event),
        Decoded::Unknown { kind, shape, .. } => Err(Unfolded(Failure::new(
            Exit::JournalUnusable,
            format!("line {seq} of {stream} is a {kind} of shape {shape}, which this build does not know"),
            "read it with the golive that wrote it, or a newer one; golive record export works with any, and while its \
             conductor runs golive hold and golive rollback go through",
        ))),
    }
}

/// Lets a failure end the walk along the lines.
struct Unfolded(Failure);

impl From<JournalError> for Unfolded {
    fn from(error: JournalError) -> Self {
        Self(error.into())
    }
}

impl From<Unfolded> for Failure {
    fn from(unfolded: Unfolded) -> Self {
        unfolded.0
    }
}

fn broken(stream: &str, seq: u64, why: &dyn std::fmt::Display) -> Unfolded {
    Unfolded(Failure::new(Exit::JournalUnusable, format!("line {seq} of {stream}: {why}"), VERIFY))
}
