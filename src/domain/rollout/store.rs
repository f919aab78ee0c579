//! What is known of a store that agents read: what it was told, and what it holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Answer;
use crate::domain::{
    desired::{Desired, Found, Wish},
    time::Now,
};

/// What is known of an environment's store in this session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Store {
    /// What it was told last; none: nothing yet.
    pub told: Option<Told>,
    /// What the environment's one key holds, where it has one.
    pub found: Option<FoundAt>,
    /// Keys that should hold what we set, and hold something else: by host, or by environment.
    pub others: BTreeMap<String, Desired>,
    /// Since when, where it could not be read.
    pub unread: Option<(String, Now)>,
}

/// What a store was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub wish: Wish,
    pub answer: Answer,
    /// When it was first shown to hold.
    pub held: Option<Now>,
    /// What the store said: `set, was 2.4.1`, or that nothing had to be.
    pub note: String,
    /// The event that told it.
    pub(super) seq: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundAt {
    pub found: Found,
    pub at: Now,
    /// Read before a restart or a suspend: counts as not known until read again.
    pub stale: bool,
}

impl FoundAt {
    /// What is held, unless it is stale or could not be read.
    pub fn holds(&self) -> Option<&Desired> {
        match &self.found {
            Found::Holds(desired) if !self.stale => Some(desired),
            _ => None,
        }
    }
}
