//! The live side channel: lines of output, progress and probe timings as they come. It is lossy on purpose
//! (who is slow misses some) and never holds anything up; what must be kept is in a report.

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
#[derive(Clone, Debug)]
pub(crate) struct LiveSender(broadcast::Sender<Live>);

impl LiveSender {
    pub fn new() -> Self {
        Self(broadcast::Sender::new(BEHIND))
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Live> {
        self.0.subscribe()
    }

    /// Whether anybody listens; building a value for nobody is waste.
    pub fn heard(&self) -> bool {
        self.0.receiver_count() > 0
    }

    pub fn send(&self, live: Live) {
        // An error says that nobody listens, which is allowed.
        let _ = self.0.send(live);
    }
}
