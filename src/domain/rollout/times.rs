//! How long hosts take: what one session has shown of an environment, and what is expected of the next by the last few.
//! Medians, so that one host that hung, or one bad evening, does not count for more than it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Direction, LaneState, Unit};
use crate::domain::{
    effect::LaneStep,
    name::{CheckName, EnvironmentName, OnceName},
    session::Session,
    signal::JudgedVerdict,
    time::Span,
};

/// What one session has shown: medians over the hosts that went forward to their end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    pub hosts: u32,
    /// All that was carried out on a host; the time it has to serve before it counts is the plan's, and not in it.
    pub lane: Span,
    pub steps: BTreeMap<LaneStep, Span>,
    /// What the last run of each check took that passed in the environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<CheckName, Span>,
    /// What each step took that runs once in a go-live.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub once: BTreeMap<OnceName, Span>,
}

/// What a check, or a step that runs once, is expected to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckTime {
    pub took: Span,
    /// How many sessions have timed it.
    pub sessions: u32,
}

/// What is expected by earlier sessions: medians over them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// How many sessions it is learned from.
    pub sessions: u32,
    pub lane: Span,
    pub steps: BTreeMap<LaneStep, Span>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<CheckName, CheckTime>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub once: BTreeMap<OnceName, CheckTime>,
}

/// None where no host has gone forward to its end.
pub fn times(session: &Session, environment: &EnvironmentName) -> Option<Times> {
    let here = |unit: &&Unit| unit.environment == *environment;
    let lanes = session.rollout.units().iter().filter(here).filter_map(|unit| unit.lane.as_ref());
    let done = lanes.filter(|lane| lane.direction == Direction::Forward && lane.state == LaneState::Done);
    let mut whole = Vec::new();
    let mut steps: BTreeMap<LaneStep, Vec<Span>> = BTreeMap::new();
    for lane in done {
        whole.push(lane.worked());
        for step in lane.carried_out() {
            steps.entry(step.step).or_default().push(step.took);
        }
    }
    let hosts = whole.len() as u32;
    let lane = median(whole).filter(|lane| *lane > Span::ZERO)?;
    let (checks, once) = (checks(session, environment), once(session, environment));
    Some(Times { hosts, lane, steps: medians(steps), checks, once })
}

/// Of two of one name in two stages the last.
fn once(session: &Session, environment: &EnvironmentName) -> BTreeMap<OnceName, Span> {
    let here = session.pipeline.stages.iter().filter(|run| run.environment == *environment);
    let took = here.flat_map(|run| &run.once).filter_map(|it| Some((it.name.clone(), it.took?)));
    took.filter(|(_, took)| *took > Span::ZERO).collect()
}

/// A verdict of a person took as long as the person did, which says nothing about the next one.
fn checks(session: &Session, environment: &EnvironmentName) -> BTreeMap<CheckName, Span> {
    let last = session.checks.runs.iter().filter_map(|(check, runs)| {
        let last = runs.get(environment)?.last.as_ref()?;
        (last.verdict == JudgedVerdict::Passed && last.took > Span::ZERO).then(|| (check.clone(), last.took))
    });
    last.collect()
}

impl Learned {
    /// None: no session has shown anything.
    pub fn of<'a>(sessions: impl IntoIterator<Item = &'a Times>) -> Option<Self> {
        let mut whole = Vec::new();
        let mut steps: BTreeMap<LaneStep, Vec<Span>> = BTreeMap::new();
        let mut checks: BTreeMap<CheckName, Vec<Span>> = BTreeMap::new();
        let mut once: BTreeMap<OnceName, Vec<Span>> = BTreeMap::new();
        for times in sessions {
            whole.push(times.lane);
            for (name, took) in &times.once {
                once.entry(name.clone()).or_default().push(*took);
            }
            for (check, took) in &times.checks {
                checks.entry(check.clone()).or_default().push(*took);
            }
            for (step, took) in &times.steps {
                steps.entry(*step).or_default().push(*took);
            }
        }
        let sessions = whole.len() as u32;
        let (checks, once) = (timed(checks), timed(once));
        median(whole).map(|lane| Self { sessions, lane, steps: medians(steps), checks, once })
    }
}

/// Each by the sessions that timed it.
fn timed<K: Ord>(of: BTreeMap<K, Vec<Span>>) -> BTreeMap<K, CheckTime> {
    let time = |(what, spans): (K, Vec<Span>)| {
        let sessions = spans.len() as u32;
        Some((what, CheckTime { took: median(spans)?, sessions }))
    };
    of.into_iter().filter_map(time).collect()
}

fn medians(of: BTreeMap<LaneStep, Vec<Span>>) -> BTreeMap<LaneStep, Span> {
    of.into_iter().filter_map(|(step, spans)| Some((step, median(spans)?))).collect()
}

/// The middle one; of an even number the longer of the two in the middle, since who waits would rather be early.
fn median(mut spans: Vec<Span>) -> Option<Span> {
    spans.sort_unstable();
    spans.get(spans.len() / 2).copied()
}
