//! Who did something, and by which way it reached us.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::PersonName;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Actor {
    pub who: Who,
    pub via: Via,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    Person(PersonName),
    /// A login that maps to nobody in `[people]`: may look, may not act.
    Stranger(String),
    /// The rules themselves: a timer ran out, a step followed from another.
    Rules,
    /// What the engine saw.
    Engine,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// The conductor's socket, with the peer's user id.
    Uid(u32),
    SshKey(String),
    /// The conductor's own process.
    Conductor,
}

impl Actor {
    pub const RULES: Actor = Actor { who: Who::Rules, via: Via::Conductor };
    pub const ENGINE: Actor = Actor { who: Who::Engine, via: Via::Conductor };

    pub fn person(&self) -> Option<&PersonName> {
        match &self.who {
            Who::Person(person) => Some(person),
            _ => None,
        }
    }

    /// Whether a human did it. "Were there zero manual interventions?" counts these.
    pub fn is_human(&self) -> bool {
        matches!(self.who, Who::Person(_) | Who::Stranger(_))
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.who {
            Who::Person(person) => f.pad(person.as_str()),
            Who::Stranger(login) => write!(f, "{login} (not in [people])"),
            Who::Rules => f.pad("golive"),
            Who::Engine => f.pad("engine"),
        }
    }
}
