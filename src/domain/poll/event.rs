//! Facts of the poll.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    name::{Digest, ItemId, PersonName, RoleName},
    time::WallTime,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PollEvent {
    /// The decider asked for the votes.
    Called,
    Voted {
        person: PersonName,
        /// The seat voted on; none: whichever of theirs is needed.
        seat: Option<RoleName>,
        vote: VoteKind,
        relies: Box<Reliance>,
        /// Said by voice and recorded by the actor of this event.
        by_voice: bool,
    },
    Withdrawn {
        person: PersonName,
    },
    /// The condition of a GO IF is met.
    ConditionMet {
        person: PersonName,
        shows: String,
    },
    Declared {
        decision: Decision,
        reason: String,
        ask_again: Option<WallTime>,
        roll_call: Vec<String>,
    },
    GoExpired,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VoteKind {
    Go,
    NoGo { reason: String },
    GoIf { condition: String, owner: PersonName, due: WallTime },
    Abstain,
}

impl VoteKind {
    pub const fn word(&self) -> &'static str {
        match self {
            VoteKind::Go => "GO",
            VoteKind::NoGo { .. } => "NO-GO",
            VoteKind::GoIf { .. } => "GO IF",
            VoteKind::Abstain => "ABSTAIN",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Go,
    NoGo,
}

/// What a vote relied on, as digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reliance {
    pub artifact: Digest,
    pub steps: Digest,
    pub go_live: WallTime,
    pub risks: Digest,
    /// Item → its verdict, with the evidence's digest if given by hand.
    pub items: BTreeMap<ItemId, Digest>,
}
