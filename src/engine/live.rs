//! The live side channel: lines of output, progress and probe timings as they come. It is lossy on purpose
//! (who is slow misses some) and never holds anything up; what must be kept is in a report.

use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::domain::{
    effect::{LaneStep, Target},
    name::{CheckName, EnvironmentName, UnitId},
    time::Span,
};

/// Something that is of interest just now. Scrubbed and bounded like everything that leaves the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Live {
    /// One line of output of a step or check.
    Output { target: Target, step: Option<LaneStep>, line: String },
    /// How far a step is (`12 connections left`), or why it is not done yet.
    Progress { target: Target, step: Option<LaneStep>, text: String },
    /// One run of a check.
    Probe { environment: EnvironmentName, unit: Option<UnitId>, check: CheckName, took: Span, passed: bool },
}

/// How many values a slow listener may be behind before it misses some.
const BEHIND: usize = 1024;

/// The sending end.
#[derive(Debug)]
pub(crate) struct LiveSender {
    out: broadcast::Sender<Live>,
    /// Whose checks are told; none: everybody's.
    checks_of: RwLock<Option<HashSet<Option<UnitId>>>>,
}

impl LiveSender {
    pub fn new() -> Self {
        Self { out: broadcast::Sender::new(BEHIND), checks_of: RwLock::default() }
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Live> {
        self.out.subscribe()
    }

    /// Whether anybody listens; building a value for nobody is waste.
    pub fn heard(&self) -> bool {
        self.out.receiver_count() > 0
    }

    /// Whether anybody listens to the checks of this unit.
    pub fn checks_heard(&self, unit: Option<&UnitId>) -> bool {
        let of = self.checks_of.read().unwrap_or_else(PoisonError::into_inner);
        self.heard() && of.as_ref().is_none_or(|of| of.contains(&unit.cloned()))
    }

    /// From now on the checks of these units are told, and of no other.
    pub fn tell_checks_of(&self, units: HashSet<Option<UnitId>>) {
        *self.checks_of.write().unwrap_or_else(PoisonError::into_inner) = Some(units);
    }

    pub fn send(&self, live: Live) {
        // An error says that nobody listens, which is allowed.
        let _ = self.out.send(live);
    }
}
