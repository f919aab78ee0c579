//! What every driver can do, and what it is given to do it.

use std::{path::PathBuf, time::Duration};

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::{converge::Converge, exec::Exec, local::Local, ssh::Ssh};
use crate::{
    domain::{
        effect::{Candidate, LaneStep, Target},
        name::Version,
        plan,
        time::WallTime,
    },
    engine::{
        ending::{Done, Trouble},
        unit::Unit,
        workshop::Workshop,
    },
};

/// One step of one unit's lane.
pub struct Job<'a> {
    pub shop: &'a Workshop,
    pub unit: &'a Unit,
    pub target: &'a Target,
    pub step: LaneStep,
    pub want: &'a Candidate,
    /// Releases that must not be deleted.
    pub keep: &'a [Candidate],
    pub cancel: &'a CancellationToken,
}

impl Job<'_> {
    pub fn progress(&self, text: &str) {
        self.shop.progress(self.target, Some(self.step), text);
    }

    pub fn output(&self, line: &str) {
        self.shop.output(self.target, Some(self.step), line);
    }

    /// A look at the unit, without asking what is kept there.
    pub fn looking(&self) -> Looking<'_> {
        Looking { shop: self.shop, unit: self.unit, keeps: None, cancel: self.cancel, turn: Turn::Now }
    }

    /// Waits, or ends early because the step was cancelled.
    pub async fn pause(&self, span: Duration) -> Result<(), Trouble> {
        tokio::select! {
            () = self.shop.clock.sleep(span) => Ok(()),
            () = self.cancel.cancelled() => Err(Trouble::Cancelled),
        }
    }
}

/// What is looked at.
#[derive(Clone, Copy)]
pub struct Looking<'a> {
    pub shop: &'a Workshop,
    pub unit: &'a Unit,
    /// The release whose presence is asked about.
    pub keeps: Option<&'a Candidate>,
    pub cancel: &'a CancellationToken,
    pub turn: Turn,
}

/// When a look that runs a command may run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// At once: a step waits for what is seen, and how many steps there are at once the capacity says.
    Now,
    /// With the others that only watch, a few at a time.
    InTurn,
}

/// A unit as its driver sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    pub installed: Option<Candidate>,
    /// What it says runs, else what is installed.
    pub version: Option<Version>,
    pub running: Running,
    /// What the driver's own observation says of its health, where it says anything.
    pub healthy: Option<bool>,
    /// Whether the release that was asked about is kept and verified; none: not known.
    pub kept: Option<bool>,
    /// When the host's agent looked last, where agents change hosts.
    pub checked_in: Option<WallTime>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Running {
    /// Runs; what it was started from, where that is known.
    Yes(Option<Candidate>),
    /// Does not, for this reason.
    No(String),
    /// What was started has ended by itself, in this way.
    Ended(String),
    /// The driver can't tell.
    Unknown,
}

pub type Work<'a, T = Done> = BoxFuture<'a, Result<T, Trouble>>;

/// Every verb is "ensure": it observes first, acts on a difference and verifies after.
pub trait Drive: Send + Sync {
    /// Looks and touches nothing.
    fn observe<'a>(&'a self, at: Looking<'a>) -> Work<'a, Observed>;

    /// Brings the artifact to the host and verifies its digest; what runs is not touched.
    fn fetch<'a>(&'a self, job: &'a Job<'a>) -> Work<'a>;
    fn stop<'a>(&'a self, job: &'a Job<'a>) -> Work<'a>;
    fn install<'a>(&'a self, job: &'a Job<'a>) -> Work<'a>;
    fn start<'a>(&'a self, job: &'a Job<'a>) -> Work<'a>;

    /// The driver's own part in taking the unit out of traffic, where it has one.
    fn drain<'a>(&'a self, _job: &'a Job<'a>) -> Option<Work<'a>> {
        None
    }
    /// The driver's own self-test, where it has one.
    fn self_test<'a>(&'a self, _job: &'a Job<'a>) -> Option<Work<'a>> {
        None
    }
    /// The driver's own part in bringing the unit back into traffic, where it has one.
    fn rejoin<'a>(&'a self, _job: &'a Job<'a>) -> Option<Work<'a>> {
        None
    }

    /// Makes the host a new machine of the same name.
    fn replace<'a>(&'a self, _job: &'a Job<'a>) -> Work<'a> {
        Box::pin(async { Err(Trouble::failed("this driver has no way to replace a host")) })
    }

    /// The file into which the unit's process writes, where there is one.
    fn log(&self, _unit: &Unit) -> Option<PathBuf> {
        None
    }
    /// The last lines that the unit's ended process wrote.
    fn last_words(&self, _unit: &Unit) -> BoxFuture<'static, String> {
        Box::pin(async { String::new() })
    }
}

/// The driver that a plan declares.
pub fn of(driver: &plan::Driver) -> Box<dyn Drive + '_> {
    match driver {
        plan::Driver::Local { start, env, keep, stop_timeout, .. } => {
            Box::new(Local { start, env, keep: *keep, stop_timeout: *stop_timeout })
        }
        plan::Driver::Exec { verbs, .. } => Box::new(Exec { verbs }),
        plan::Driver::Ssh { .. } => Box::new(Ssh),
        plan::Driver::Converge(converge) => Box::new(Converge(converge)),
    }
}
