//! The desired version as a store holds it, and what is wished of it.

use serde::{Deserialize, Serialize};

use super::{
    effect::Candidate,
    name::{PersonName, UnitId, Version},
    time::WallTime,
};

/// What a key holds. Of all but the version a store may say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desired {
    /// None: nothing was ever set.
    pub version: Option<Version>,
    /// What changes with every change: a set that names it changes nothing else.
    pub revision: Option<String>,
    pub by: Option<String>,
    pub at: Option<String>,
}

/// What a look at a key found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    Holds(Desired),
    /// It could not be read: what agents are told is not known.
    Unreadable {
        why: String,
    },
}

/// These keys are to hold this version, if each holds what is expected of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    pub to: Candidate,
    /// Those with a key of their own; empty: the environment's one key.
    pub units: Vec<UnitId>,
    /// What may be replaced.
    pub expects: Vec<Version>,
    /// Keys that a person was shown, each with what it held, and decided to replace.
    pub over: Vec<Over>,
    pub by: Option<PersonName>,
    pub at: WallTime,
    /// On the way back: agents are told to look now, where they can be.
    pub back: bool,
}

/// A key, and the revision that somebody was shown of it: that, and nothing else, may be replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Over {
    /// Whose key it is; none: the environment's.
    pub key: Option<UnitId>,
    pub revision: String,
}

impl Desired {
    /// `2.4.9, set by lee at 13:50`.
    pub fn words(&self) -> String {
        let Some(version) = &self.version else { return "nothing".to_owned() };
        let by = self.by.as_ref().map_or(String::new(), |by| format!(" by {by}"));
        let at = self.at.as_ref().map_or(String::new(), |at| format!(" at {at}"));
        if by.is_empty() && at.is_empty() {
            return format!("{version} (the store does not say who set it)");
        }
        format!("{version}, set{by}{at}")
    }

    /// Whether it may be replaced: nothing is lost by it, or somebody decided so.
    pub fn may_be_replaced(&self, key: Option<&UnitId>, wish: &Wish) -> bool {
        let Some(version) = &self.version else { return true };
        let shown = |over: &Over| over.key.as_ref() == key && self.revision.as_ref() == Some(&over.revision);
        wish.over.iter().any(shown) || wish.expects.contains(version)
    }
}
