//! Facts of the session's course.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    hotfix::{Review, Skip},
    strictness::Chosen,
};
use crate::domain::{
    drill::Book,
    effect::Candidate,
    name::{Digest, EnvironmentName, PersonName, ProjectName, SessionId, Version},
    plan::{Adopted, Primaries},
    project::Left,
    rehearsal::Rehearsal,
    rollout::Learned,
    time::{Span, WallTime},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CourseEvent {
    Opened(Box<Opened>),
    /// A conductor took the session up again; everything in flight is unknown from here on.
    Reopened {
        epoch: u32,
        because: ReopenedBecause,
    },
    /// Session time is stored while anything is timed.
    Ticked,
    /// The machine slept: all observations are stale.
    SuspendSeen {
        slept: Span,
    },
    /// Whether the machine's sleep can be inhibited while anything is rolling; else why not.
    SleepGuarded {
        guard: SleepGuard,
    },
    /// The wall clock moved against the monotonic one, by this many microseconds.
    WallJumped {
        micros: i64,
    },
    GoLiveMoved {
        to: WallTime,
    },
    /// Another version takes its place: what it changed is brought back, and it ends.
    Superseded {
        by: Version,
    },
    /// What is about to be done was rehearsed.
    Rehearsed(Box<Rehearsal>),
    /// Bakes and windows are skipped, and a review is due.
    HotfixDeclared {
        reason: String,
        skips: BTreeSet<Skip>,
        follow_up: Review,
    },
    /// The file differs from what was adopted; nothing has changed by it. None: it is equal again.
    PlanDiffers {
        file: Option<Digest>,
    },
    PlanAdopted {
        adopted: Arc<Adopted>,
        differences: Vec<String>,
    },
    /// Another build, or version, while the release is prepared and polled. `stale`: what relied on the old one.
    CandidateAdopted {
        candidate: Candidate,
        was: Candidate,
        stale: Vec<String>,
    },
    Held {
        reason: String,
    },
    Continued,
    WatchOffered {
        to: PersonName,
    },
    WatchTaken {
        by: PersonName,
    },
    WatcherGone,
    WatcherBack,
    /// The last stage is rolled out; what is live is not verified yet.
    WentLive,
    Verified {
        /// Why no test says so, where a person alone does by promoting it.
        untested: Option<String>,
    },
    Closed {
        ending: Ending,
    },
    Refused {
        command: String,
        reason: String,
        lift: String,
    },
    /// The journal could not be written: what was done meanwhile is sealed by the hash of its file.
    GlassSealed {
        lines: u32,
        hash: Digest,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SleepGuard {
    /// The machine does not go to sleep while anything is rolling.
    Inhibits,
    Not {
        why: String,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    pub id: SessionId,
    pub release: Release,
    pub go_live: WallTime,
    pub adopted: Arc<Adopted>,
    /// The release proven good in each environment, to which a rollback goes.
    pub proven: BTreeMap<EnvironmentName, Candidate>,
    /// The one proven before it: the way back where what is live is deployed again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub proven_before: BTreeMap<EnvironmentName, Candidate>,
    /// How long hosts took in earlier sessions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub learned: BTreeMap<EnvironmentName, Learned>,
    /// The last rehearsal of the project; none: nobody has rehearsed anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<Box<Rehearsal>>,
    /// Which cloud is primary, where golive switched it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub primaries: Primaries,
    /// What it was opened with; none: the plan knows but one profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strictness: Option<Box<Chosen>>,
    /// When who opens it has queued it, where it opened by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued: Option<WallTime>,
    /// What the session before it left behind.
    #[serde(default, skip_serializing_if = "Left::is_empty")]
    pub left: Left,
    /// Drills and their attempts in earlier sessions.
    #[serde(default, skip_serializing_if = "Book::is_empty")]
    pub drills: Book,
    /// The machine the conductor runs on.
    pub machine: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    pub project: ProjectName,
    pub candidate: Candidate,
    pub mode: Mode,
    /// Who wrote it, where the plan keeps author and approver apart.
    pub author: Option<PersonName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    Live,
    Rehearsal,
    Demo,
}

impl Mode {
    pub const fn word(self) -> &'static str {
        match self {
            Mode::Live => "LIVE",
            Mode::Rehearsal => "REHEARSAL",
            Mode::Demo => "DEMO",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReopenedBecause {
    /// A conductor started and found the session open.
    Started,
    /// An append failed; the state was folded again from what is durable.
    AppendFailed,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    Verified,
    /// Verified, and not on every host that it was meant for.
    Partial {
        new: u32,
        of: u32,
    },
    NoGo {
        reason: String,
    },
    RolledBack,
    /// On a mix of versions, said by a person with a reason.
    AsIs {
        reason: String,
    },
    Abandoned {
        reason: String,
    },
    /// Another version took its place: where it was rolled out last it runs nowhere any more.
    Superseded {
        by: Version,
    },
}

impl Ending {
    pub const fn word(&self) -> &'static str {
        match self {
            Ending::Verified => "verified",
            Ending::Partial { .. } => "PARTIAL",
            Ending::NoGo { .. } => "NO-GO",
            Ending::RolledBack => "rolled back",
            Ending::AsIs { .. } => "ended as is",
            Ending::Abandoned { .. } => "abandoned",
            Ending::Superseded { .. } => "superseded",
        }
    }
}
