//! A refusal is a value: why not, and what would lift it. Obstacles are its list form.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a command was refused. Recorded by the conductor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Refusal {
    pub reason: String,
    /// What would lift it.
    pub lift: String,
    /// What is in the way, where it is a list.
    pub obstacles: Vec<Obstacle>,
    pub kind: RefusalKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// A rule says no.
    Rule,
    /// The actor may not.
    Access,
    /// The command names something that does not exist, or says too little.
    Input,
    /// Something is not ready yet: the obstacles say what.
    NotReady,
    /// What the screen showed has changed meanwhile.
    Changed,
    /// It could not be recorded, and nothing is done that is not.
    Unwritable,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)?;
        if !self.lift.is_empty() {
            write!(f, "; lifted by: {}", self.lift)?;
        }
        for obstacle in &self.obstacles {
            write!(f, "\n  {obstacle}")?;
        }
        Ok(())
    }
}

impl Refusal {
    pub fn rule(reason: impl Into<String>, lift: impl Into<String>) -> Self {
        Self::new(RefusalKind::Rule, reason, lift)
    }
    pub fn access(reason: impl Into<String>, lift: impl Into<String>) -> Self {
        Self::new(RefusalKind::Access, reason, lift)
    }
    pub fn input(reason: impl Into<String>, lift: impl Into<String>) -> Self {
        Self::new(RefusalKind::Input, reason, lift)
    }
    pub fn changed(reason: impl Into<String>) -> Self {
        Self::new(RefusalKind::Changed, reason, "look at it again, then repeat the command")
    }
    pub fn not_ready(reason: impl Into<String>, obstacles: Vec<Obstacle>) -> Self {
        let lift = match obstacles.as_slice() {
            [one] => one.lift.clone(),
            _ => "clearing what is in the way".to_owned(),
        };
        Self { obstacles, ..Self::new(RefusalKind::NotReady, reason, lift) }
    }
    /// The journal can't be written, and why.
    pub fn unwritable(why: &str) -> Self {
        let lift = "space and rights on its disk; HOLD and ROLL BACK work meanwhile";
        Self::new(RefusalKind::Unwritable, format!("the journal can't be written: {why}"), lift)
    }
    fn new(kind: RefusalKind, reason: impl Into<String>, lift: impl Into<String>) -> Self {
        Self { reason: reason.into(), lift: lift.into(), obstacles: Vec::new(), kind }
    }
}

/// One thing in the way of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    pub kind: ObstacleKind,
    /// The thing: an item's title, a seat, a host.
    pub what: String,
    /// How it stands.
    pub why: String,
    /// What would lift it.
    pub lift: String,
    /// Who can lift it: a person, or a role.
    pub who: String,
}

/// In the order in which a release lead wants them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObstacleKind {
    ShowStopper(String),
    NoGo(String),
    Hold,
    NeedsHuman,
    Item(String),
    Rollback,
    Lock,
    Hosts,
    Stage,
    Seat(String),
    Quorum,
    Decision,
    Validation(String),
    Time,
    /// It is closed at this time.
    Window,
    /// A resiliency drill.
    Drill(String),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; lifted by: {}", self.what, self.why, self.lift)?;
        if !self.who.is_empty() {
            write!(f, " ({})", self.who)?;
        }
        Ok(())
    }
}
