//! HOLD and ROLL BACK in a form that never changes, so that a terminal of one version can stop what a conductor
//! of another does: `{"urgent":{"id":"…","session":"…","what":"hold"}}`, answered by
//! `{"urgent-answer":{"id":"…","done":true,"say":"…"}}`. It is taken before any other word, and from a client
//! whose protocol is not understood otherwise. Such a client is welcomed with what it needs for that and no more:
//! `{"urgent-welcome":{"protocol":…,"build":"…","why":"…","sessions":[{"id":"…","version":"…","open":true}]}}`.
//! What is not named here may be added, and is passed over by whoever does not know it.

use serde::{Deserialize, Serialize};

use super::{
    door::Home,
    frame::{WireError, read},
};
use crate::domain::{
    command::{Asked, Command},
    course::CourseCommand,
    name::{PersonName, SessionId, Version},
    rollout::RolloutCommand,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urgent {
    /// A repeated one gets the first answer.
    pub id: String,
    pub session: SessionId,
    pub what: UrgentWhat,
    /// Why it is held, where somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// On whose behalf, where the conductor's own user acts as another person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_person: Option<PersonName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UrgentWhat {
    Hold,
    RollBack,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentAnswer {
    pub id: String,
    pub done: bool,
    /// For a person: what happens now, or why not.
    pub say: String,
    /// The line of the record that it rests on, where it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// What kept it from being done.
    #[serde(default, skip_serializing_if = "UrgentNo::is_refused")]
    pub no: UrgentNo,
}

/// What kept something urgent from being done; whatever a later version calls it else was refused too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", from = "String")]
pub enum UrgentNo {
    /// A rule said no.
    #[default]
    Refused,
    /// It could not be recorded.
    Unwritable,
}

impl From<String> for UrgentNo {
    fn from(word: String) -> Self {
        if word == "unwritable" { Self::Unwritable } else { Self::Refused }
    }
}

impl UrgentNo {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_refused(&self) -> bool {
        *self == Self::Refused
    }
}

/// What a client of another protocol is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentWelcome {
    /// The conductor's.
    pub protocol: u32,
    pub build: String,
    /// Why nothing else is understood, and what to do about it.
    pub why: String,
    pub machine: String,
    /// The directory that this conductor serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Home>,
    /// Oldest first.
    pub sessions: Vec<UrgentSession>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgentSession {
    pub id: SessionId,
    pub version: Version,
    pub open: bool,
}

/// What the lasting form can't say, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsayable {
    #[error("only HOLD and ROLL BACK of all hosts go through from this build")]
    NotUrgent,
    #[error(
        "a rollback of some hosts by name can't be said from this build: HOLD and ROLL BACK of all that was changed can"
    )]
    Narrow,
}

/// What of a command is urgent in the form that lasts.
pub fn urgent_form(command: &Command) -> Result<UrgentWhat, Unsayable> {
    match command {
        Command::Course(CourseCommand::Hold { .. }) => Ok(UrgentWhat::Hold),
        Command::Rollout(RolloutCommand::RollBack { only }) if only.is_empty() => Ok(UrgentWhat::RollBack),
        Command::Rollout(RolloutCommand::RollBack { .. } | RolloutCommand::RollBackIn { .. }) => {
            Err(Unsayable::Narrow)
        }
        _ => Err(Unsayable::NotUrgent),
    }
}

impl Urgent {
    /// What was asked, in the form that lasts. What its screen showed can't be said in it.
    pub fn of(id: String, session: SessionId, asked: &Asked) -> Result<Self, Unsayable> {
        let what = urgent_form(&asked.command)?;
        let reason = match &asked.command {
            Command::Course(CourseCommand::Hold { reason }) if !reason.is_empty() => Some(reason.clone()),
            _ => None,
        };
        Ok(Self { id, session, what, reason, as_person: asked.as_person.clone() })
    }

    /// What it asks for, in this version's words.
    pub fn asked(self) -> Asked {
        let command = match self.what {
            UrgentWhat::Hold => Command::Course(CourseCommand::Hold {
                reason: self.reason.unwrap_or_else(|| "HOLD was pressed".into()),
            }),
            UrgentWhat::RollBack => Command::Rollout(RolloutCommand::RollBack { only: Vec::new() }),
        };
        Asked { command, shown: None, as_person: self.as_person }
    }

    /// Reads a frame that may be of another version: whatever else it holds is passed over.
    pub fn read(frame: &[u8]) -> Result<Self, WireError> {
        #[derive(Deserialize)]
        struct Only {
            urgent: Urgent,
        }
        read::<Only>(frame).map(|only| only.urgent)
    }
}

impl UrgentWelcome {
    pub fn read(frame: &[u8]) -> Result<Self, WireError> {
        #[derive(Deserialize)]
        struct Only {
            #[serde(rename = "urgent-welcome")]
            welcome: UrgentWelcome,
        }
        read::<Only>(frame).map(|only| only.welcome)
    }
}

impl UrgentAnswer {
    pub fn read(frame: &[u8]) -> Result<Self, WireError> {
        #[derive(Deserialize)]
        struct Only {
            #[serde(rename = "urgent-answer")]
            answer: UrgentAnswer,
        }
        read::<Only>(frame).map(|only| only.answer)
    }
}
