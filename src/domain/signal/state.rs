//! The folded state of checks: what runs and what was judged last.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{JudgedVerdict, Quiets, RunWhy, SignalEvent, quiet};
use crate::domain::{
    comparison, drill,
    effect::Outcome,
    event::Stamped,
    name::{CheckName, Digest, EnvironmentName, UnitId},
    session::Session,
    time::{Now, Span},
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checks {
    pub runs: BTreeMap<CheckName, BTreeMap<EnvironmentName, CheckRun>>,
    /// Environments that should get no requests.
    #[serde(default, skip_serializing_if = "Quiets::is_empty")]
    pub quiet: Quiets,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckRun {
    /// Counts the runs; part of the effect ids.
    pub attempt: u32,
    pub running: Option<Running>,
    pub last: Option<Judged>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Running {
    pub since: Now,
    /// The candidate that it is about, whatever is adopted until it ends.
    pub candidate: Digest,
    pub why: RunWhy,
    /// Parts whose effect has not started yet.
    pub waiting: BTreeSet<Option<UnitId>>,
    /// Parts under way.
    pub working: BTreeSet<Option<UnitId>>,
    pub ended: Vec<Part>,
}

/// How one part of a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub unit: Option<UnitId>,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    pub verdict: JudgedVerdict,
    pub n: u32,
    pub passed: u32,
    pub shows: String,
    pub evidence: Option<String>,
    pub at: Now,
    pub took: Span,
    /// The candidate it was about.
    pub candidate: Digest,
}

impl Checks {
    pub fn run(&self, check: &CheckName, environment: &EnvironmentName) -> Option<&CheckRun> {
        self.runs.get(check)?.get(environment)
    }

    pub(in crate::domain) fn run_mut(
        &mut self,
        check: &CheckName,
        environment: &EnvironmentName,
    ) -> &mut CheckRun {
        self.runs.entry(check.clone()).or_default().entry(environment.clone()).or_default()
    }

    /// After a crash no run is under way; what was judged before stays for the record.
    /// Nobody has looked since then.
    pub(in crate::domain) fn away_since(&mut self, last: Now) {
        self.quiet.away_since(last);
    }

    pub(in crate::domain) fn interrupted(&mut self) {
        for run in self.runs.values_mut().flat_map(BTreeMap::values_mut) {
            run.running = None;
        }
        self.quiet.stale();
    }
}

pub fn apply(session: &mut Session, event: &SignalEvent, at: &Stamped) {
    match event {
        SignalEvent::RunAsked { check, environment, attempt, units, why } => {
            let candidate = session.course.release.candidate.digest.clone();
            let run = session.checks.run_mut(check, environment);
            run.attempt = *attempt;
            run.running = Some(Running {
                since: at.now,
                candidate,
                why: *why,
                waiting: units.iter().cloned().collect(),
                working: BTreeSet::new(),
                ended: Vec::new(),
            });
        }
        SignalEvent::Judged { check, environment, verdict, n, passed, shows, evidence, .. } => {
            let candidate = session.course.release.candidate.digest.clone();
            let run = session.checks.run_mut(check, environment);
            let running = run.running.take();
            let (since, candidate) = match &running {
                Some(running) => (running.since, running.candidate.clone()),
                None => (at.now, candidate),
            };
            run.last = Some(Judged {
                verdict: *verdict,
                n: *n,
                passed: *passed,
                shows: shows.clone(),
                evidence: evidence.clone(),
                at: at.now,
                took: at.now.session.since(since.session),
                candidate,
            });
            drill::judged(session, (check, environment), running.as_ref(), (*verdict, shows), at);
            judged(session);
        }
        SignalEvent::JudgedByHand { check, environment, verdict, note, sides, .. } => {
            let candidate = session.course.release.candidate.digest.clone();
            session.checks.run_mut(check, environment).last = Some(Judged {
                verdict: *verdict,
                n: 1,
                passed: u32::from(*verdict == JudgedVerdict::Passed),
                shows: comparison::shows(&at.actor.to_string(), note, sides.as_deref()),
                evidence: None,
                at: at.now,
                took: Span::ZERO,
                candidate,
            });
            judged(session);
        }
        SignalEvent::TrafficLookedAt { .. }
        | SignalEvent::TrafficUnknown { .. }
        | SignalEvent::TrafficSeen { .. }
        | SignalEvent::AlarmLifted { .. } => quiet::apply(session, event, at),
    }
    // Where stages go on beside each other the line of one may wait for what another one's validation says.
    if session.pipeline.branches() {
        session.capacity_changed();
        session.mark_pipeline();
    }
    session.mark_checks();
}

fn judged(session: &mut Session) {
    session.mark_pipeline();
    // A validation that did not pass needs a human, who is told.
    session.mark_notices();
}
