//! What is appended, and what is said of it once it is durable.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::record::{Draft, Head, Line};

/// The name of the project's own stream, beside those of the sessions.
pub const PROJECT: &str = "project";

/// Events of one stream that are written together or not at all. Their numbers follow one another, and their
/// epoch is the one under which the stream was opened.
#[derive(Clone, Debug)]
pub struct Batch {
    pub stream: Arc<str>,
    pub drafts: Vec<Draft>,
    /// The commands whose answers these are, each with the last line that it wrote: whoever asks again, of a later
    /// conductor too, is told so.
    pub answers: Vec<(Answered, u64)>,
}

/// A command that was carried out, by who asked (a user's number) and the id under which they did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    pub client: u64,
    pub id: String,
}

impl Batch {
    /// Roughly how many bytes it will take.
    pub(super) fn bytes(&self) -> usize {
        self.drafts.iter().map(|draft| draft.body.text().len() + 400).sum()
    }
}

/// How long a batch may wait for its commit. The order is one, whatever the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Committed at once, with everything that was queued before it: a decision, or whatever else is waited for.
    Decision,
    /// Waits for a decision to take it along, 250 ms at most.
    Observation,
}

/// A batch that is on the disk.
#[derive(Clone, Debug)]
pub struct Durable {
    pub stream: Arc<str>,
    pub head: Head,
    /// As written: what clients are sent.
    pub lines: Vec<Line>,
}
