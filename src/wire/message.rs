//! What client and conductor say to each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    door::Home,
    journal::JournalState,
    sample::Sample,
    snapshot::SnapshotPart,
    urgent::{Urgent, UrgentAnswer, UrgentWelcome},
};
use crate::{
    domain::{
        command::Asked,
        course,
        effect::{Candidate, LaneStep, Target},
        name::{CheckName, EnvironmentName, PersonName, SessionId, UnitId, Version},
        plan::Adopted,
        project::{ProjectCommand, Queued, queue::Waits},
        refusal::Refusal,
        time::{Now, Span, WallTime},
    },
    record::{Head, Json},
};

/// Counts up when a message changes so that the other side would misunderstand it.
pub const PROTOCOL: u32 = 3;

/// Made by the client; the same one again gets the first answer.
pub type CommandId = String;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToConductor {
    /// The first message.
    Hello(Hello),
    /// Stays as it is across versions.
    Urgent(Urgent),
    Command {
        id: CommandId,
        session: SessionId,
        asked: Box<Asked>,
    },
    /// Opens a session: a new one, with what was adopted.
    Open {
        id: CommandId,
        open: Box<Open>,
    },
    /// Something that the project is to know, whether or not a session is open.
    Project {
        id: CommandId,
        asked: Box<AskedOfProject>,
    },
    /// Asks for the lines before number `before`, at most `count` of them.
    Past {
        session: SessionId,
        before: u64,
        count: u32,
    },
    /// Asks for the last lines that a unit put out: they come as [`Live::Recent`].
    Recent {
        unit: UnitId,
    },
    /// What the client wants to be sent, in the place of what it asked for before; no session: nothing.
    Subscribe {
        session: Option<SessionId>,
        after: Option<Head>,
        topics: BTreeSet<Topic>,
    },
    /// What the client wants to hear beside the record that it follows, in the place of what it asked for before.
    Hear {
        topics: BTreeSet<Topic>,
    },
    /// What the viewer is looking at.
    Looking(Place),
    /// What the client measures. Only from the conductor's own user.
    Samples(Vec<Sample>),
    Ping {
        number: u64,
    },
    /// Asks how the conductor is, or tells it to end.
    Conductor(ForConductor),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForConductor {
    Status,
    /// Ends it, if nothing is under way.
    Stop,
    /// Ends it; whoever connects next starts the newer one. What is under way is taken up again.
    Restart,
}

/// A command to the project itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedOfProject {
    pub command: ProjectCommand,
    /// On whose behalf, where the conductor's own user acts as another person.
    pub as_person: Option<PersonName>,
}

/// What a new session begins with. Its id and its machine are the conductor's to say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Open {
    pub candidate: Candidate,
    pub go_live: WallTime,
    pub adopted: Arc<Adopted>,
    pub mode: course::Mode,
    pub author: Option<PersonName>,
    /// Another profile than the project's own.
    #[serde(default)]
    pub strictness: Option<course::strictness::AskedProfile>,
    /// On whose behalf, where the conductor's own user acts as another person.
    pub as_person: Option<PersonName>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    pub protocol: u32,
    pub build: String,
    /// What the viewer calls itself: `cockpit`, `vote` …
    pub viewer: String,
}

/// Where a viewer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub screen: String,
    pub watching: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// The output of what is done for a target.
    Output(Target),
    /// How far the steps for a target are.
    Progress(Target),
    /// Runs of checks of a unit, or of those that belong to none.
    Probes(Option<UnitId>),
    /// Who else is looking.
    Presence,
    /// What is measured beside the go-live.
    Samples,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToClient {
    Welcome(Welcome),
    /// In its place, to a client of another protocol. Stays as it is across versions, as does the answer.
    UrgentWelcome(UrgentWelcome),
    UrgentAnswer(UrgentAnswer),
    Answer {
        id: CommandId,
        answer: Box<Answer>,
    },
    /// Lines asked for by `Past`, in order.
    Past {
        session: SessionId,
        lines: Vec<Carried>,
    },
    Snapshot(SnapshotPart),
    Record {
        session: SessionId,
        lines: Vec<Carried>,
    },
    /// All that was recorded of it when it was asked for has been sent: what comes from now on is new.
    CaughtUp {
        session: SessionId,
    },
    Live(Live),
    /// Once a second: the conductor is alive, and this is its time.
    Beat {
        wall: WallTime,
        now: Option<Now>,
    },
    Pong {
        number: u64,
    },
    /// The client was too slow, or the record was folded anew: what it has may be wrong. A snapshot follows.
    Resync {
        session: SessionId,
        why: String,
    },
    /// There is no such session, or it can't be read.
    NoSession {
        session: SessionId,
        why: String,
    },
    Conductor(ConductorInfo),
    /// The last message, and why.
    Bye {
        why: String,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    pub protocol: u32,
    pub build: String,
    pub mode: Mode,
    /// Whom the login maps to.
    pub you: Option<PersonName>,
    pub login: String,
    /// Whether that is the login that runs the conductor: it may act as another person.
    #[serde(default)]
    pub own: bool,
    pub machine: String,
    /// The directory that this conductor serves.
    #[serde(default)]
    pub home: Option<Home>,
    pub sessions: Vec<SessionInfo>,
    /// Go-lives that wait for the end of the one that is open, the next one first.
    #[serde(default)]
    pub queue: Vec<QueuedInfo>,
    /// Whether what happens can be recorded. Told again when it changes.
    #[serde(default)]
    pub journal: JournalState,
}

/// What the client may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    Full,
    /// Looks only, and why.
    ReadOnly(String),
    /// Another protocol: only what is urgent is understood. Says what to do.
    UrgentOnly(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionInfo {
    pub id: SessionId,
    pub version: Version,
    pub opened: WallTime,
    /// How it ended; none: it is open.
    pub ended: Option<String>,
}

/// A go-live in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedInfo {
    pub version: Version,
    pub by: PersonName,
    pub at: WallTime,
    /// Why it was not opened although it was its turn, and what lifts that; none: it opens by itself.
    pub waits: Option<Waits>,
}

impl QueuedInfo {
    pub fn of(queued: &Queued) -> Self {
        Self {
            version: queued.version().clone(),
            by: queued.by.clone(),
            at: queued.at,
            waits: queued.waits.clone(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Durable, up to this line.
    Done {
        seq: u64,
    },
    /// The session that was opened.
    Opened {
        session: SessionId,
    },
    Refused(Refusal),
    /// Neither done nor refused by a rule.
    Failed(String),
}

/// A line of the record as it was written, with the body that is kept beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    pub line: Json,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Json>,
}

/// What is no event: the latest counts, and a lost one is no loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Live {
    Output {
        target: Target,
        step: Option<LaneStep>,
        line: String,
    },
    /// What was put out before it was asked for: the last lines, in the place of all that were heard before.
    Recent {
        target: Target,
        lines: Vec<String>,
    },
    Progress {
        target: Target,
        step: Option<LaneStep>,
        text: String,
    },
    Probe {
        environment: EnvironmentName,
        unit: Option<UnitId>,
        check: CheckName,
        took: Span,
        passed: bool,
    },
    Presence(Vec<Present>),
    Samples(Vec<Sample>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    pub who: String,
    pub viewer: String,
    pub place: Option<Place>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConductorInfo {
    pub pid: u32,
    pub build: String,
    pub since: WallTime,
    pub clients: u32,
    /// Why it can't end now; empty: it can.
    pub under_way: Vec<String>,
    pub figures: BTreeMap<String, String>,
}

impl Live {
    /// Who is sent it.
    pub fn topic(&self) -> Topic {
        match self {
            Live::Output { target, .. } | Live::Recent { target, .. } => Topic::Output(target.clone()),
            Live::Progress { target, .. } => Topic::Progress(target.clone()),
            Live::Probe { unit, .. } => Topic::Probes(unit.clone()),
            Live::Presence(_) => Topic::Presence,
            Live::Samples(_) => Topic::Samples,
        }
    }
}
