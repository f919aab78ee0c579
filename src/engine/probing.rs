//! Asks a check on somebody's behalf: under the limit on probes, heard on the live channel.

use tokio_util::sync::CancellationToken;

use super::{
    ending::{Done, Trouble},
    live::Live,
    probe::{Answer, Ask, Fault},
    workshop::Workshop,
};
use crate::domain::{
    effect::{LaneStep, Target},
    name::{EnvironmentName, UnitId},
    plan::{Check, Vars},
};

pub struct Probing<'a> {
    pub shop: &'a Workshop,
    pub check: &'a Check,
    pub vars: &'a Vars,
    /// The version that the answer must name, if the check says where it is named.
    pub wants: Option<&'a str>,
    pub environment: &'a EnvironmentName,
    pub unit: Option<&'a UnitId>,
    pub target: &'a Target,
    pub step: Option<LaneStep>,
    pub cancel: &'a CancellationToken,
}

impl Probing<'_> {
    /// One attempt.
    pub async fn once(&self) -> Answer {
        self.run(false).await
    }

    /// Attempts until one passes or none is left.
    pub async fn verdict(&self) -> Answer {
        self.run(true).await
    }

    async fn run(&self, to_a_verdict: bool) -> Answer {
        // The semaphore is never closed; should it be, asking unlimited does no harm.
        // A step never waits for those that only watch.
        let permit = if self.step.is_some() {
            None
        } else {
            tokio::select! {
                permit = self.shop.probes.acquire() => permit.ok(),
                () = self.cancel.cancelled() => return Answer::fault(Fault::Cancelled),
            }
        };
        let told = |line: &str| self.shop.output(self.target, self.step, line);
        let ask = Ask {
            check: self.check,
            vars: self.vars,
            wants: self.wants,
            clock: &self.shop.clock,
            client: self.shop.asking().map_err(|trouble| trouble.to_string()),
            base: &self.shop.dirs.base,
            cancel: self.cancel,
            told: &told,
        };
        let answer = if to_a_verdict { ask.verdict().await } else { ask.once().await };
        drop(permit);
        if self.shop.live.checks_heard(self.unit) {
            self.shop.live.send(Live::Probe {
                environment: self.environment.clone(),
                unit: self.unit.cloned(),
                check: self.check.name.clone(),
                took: answer.took,
                passed: answer.verdict.is_ok(),
            });
        }
        answer
    }
}

/// An answer as the end of a step or check.
pub fn ended(answer: Answer) -> Result<Done, Trouble> {
    match answer.verdict {
        Ok(note) => {
            let done = Done::said(note).fact("answered in", answer.took).fact("micros", answer.took.0);
            Ok(match answer.version {
                Some(version) => done.fact("version", version),
                None => done,
            })
        }
        Err(Fault::Cancelled) => Err(Trouble::Cancelled),
        Err(fault) if fault.says_nothing() => Err(Trouble::unknown(fault)),
        Err(fault) => {
            // What the asked says about itself stands first: it is what somebody has to act on.
            let why = match answer.said {
                Some(said) => format!("{said} ({fault})"),
                None => fault.to_string(),
            };
            Err(Trouble::with_evidence(why, answer.evidence.unwrap_or_default()))
        }
    }
}
