//! Which host runs which version: what ran before, what is wanted, what is seen, and why it stands so. And whether
//! the release reached every host that it was meant for: where one is missing it is PARTIAL, whatever else went well.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Direction, LaneState, Rollback, Unit, rollback};
use crate::domain::{
    course::{Ending, Phase},
    effect::PoolState,
    name::{EnvironmentName, UnitId, Version},
    session::Session,
};

/// The versions of an environment, host by host, in the order of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mix {
    pub environment: EnvironmentName,
    /// A stage of it was started.
    pub begun: bool,
    pub hosts: Vec<MixedHost>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MixedHost {
    pub host: UnitId,
    /// What it ran when its stage began, or runs where it has not; where nobody had looked, what a rollback would go back
    /// to. None: nothing.
    pub before: Option<Version>,
    /// What it is to run now: the old one again once the new one is given up.
    pub wanted: Option<Version>,
    /// What it is seen to run; none: nothing, or nobody knows.
    pub runs: Option<Version>,
    /// Whether that was observed, is not stale, and no step has changed it since.
    pub known: bool,
    /// How its lane stands, in a word.
    pub stands: &'static str,
    /// Why it does not run what is wanted, where there is more to say than how it stands.
    pub why: Option<String>,
}

impl MixedHost {
    /// It is seen to run what is wanted of it.
    pub fn is_as_wanted(&self) -> bool {
        self.known && self.runs.is_some() && self.runs == self.wanted
    }

    /// `2.5.0`, `nothing`, `?`.
    pub fn runs_words(&self) -> &str {
        match &self.runs {
            Some(version) => version.as_str(),
            None if self.known => "nothing",
            None => "?",
        }
    }
}

/// The environment on which a person has to decide, or on which the session ended; none: nothing was changed yet.
pub fn mix(session: &Session) -> Option<Mix> {
    Some(of_environment(session, rollback::place(session)?))
}

/// The other environments that a stage of the plan is for, in the order of the plan. Of those where none has begun every
/// host is to run what it ran before.
pub fn mixed_beside(session: &Session) -> Vec<Mix> {
    let first = rollback::place(session);
    let mut beside: Vec<&EnvironmentName> = Vec::new();
    for run in session.pipeline.stages.iter().filter(|run| Some(&run.environment) != first) {
        if !beside.contains(&&run.environment) {
            beside.push(&run.environment);
        }
    }
    beside.into_iter().map(|environment| of_environment(session, environment)).collect()
}

fn of_environment(session: &Session, environment: &EnvironmentName) -> Mix {
    let before = session.pipeline.from_in(environment).flatten().map(|from| &from.version);
    let back = session.rollout.rollbacks.get(environment).filter(|back| !back.narrow);
    let units = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    let hosts = units.map(|unit| host(session, unit, before, back)).collect();
    let mut stages = session.pipeline.stages.iter().filter(|run| run.environment == *environment);
    let begun = stages.any(|run| run.started.is_some());
    Mix { environment: environment.clone(), begun, hosts }
}

fn host(session: &Session, unit: &Unit, before: Option<&Version>, back: Option<&Rollback>) -> MixedHost {
    let returns = || session.rollout.rollbacks.get(&unit.environment).filter(|_| unit.awaits_back);
    let lane = unit.lane.as_ref();
    let ran = unit.ran.as_ref().map(|ran| ran.version.as_ref());
    let ran = if lane.is_none() { unit.known_to_run() } else { ran };
    let before = ran.unwrap_or(before);
    let wanted = match (back.or_else(returns), lane) {
        (Some(back), _) => Some(&back.to.version),
        (None, Some(lane)) => Some(&lane.to.version),
        // Its stage has not begun.
        (None, None) => before,
    };
    let runs = unit.known_to_run();
    let why = lane.and_then(|lane| match &lane.state {
        LaneState::Failed { step, why } => Some(format!("failed {}: {why}", step.word())),
        LaneState::Unknown { step, why } => Some(format!("unknown at {}: {why}", step.word())),
        LaneState::Excluded { reason } => Some(reason.clone()),
        _ => None,
    });
    MixedHost {
        host: unit.id.clone(),
        before: before.cloned(),
        wanted: wanted.cloned(),
        runs: runs.flatten().cloned(),
        known: runs.is_some(),
        stands: unit.standing(),
        why,
    }
}

/// The versions that serve in an environment besides the one that is released, each once. A host that gets no requests
/// serves none.
pub fn serving<'a>(session: &'a Session, environment: &EnvironmentName) -> BTreeSet<&'a Version> {
    let candidate = &session.course.release.candidate.version;
    let here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    let seen = here.filter_map(Unit::fresh).filter(|seen| seen.pool != PoolState::Out);
    seen.filter_map(|seen| seen.runs.as_ref()).filter(|runs| *runs != candidate).collect()
}

/// Not every host that the release was meant for was brought to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Partial {
    /// Brought to the new version, by a lane that went to its end, and not seen to run something else since.
    pub new: u32,
    pub of: u32,
    /// The others, in the order of the plan.
    pub left: Vec<UnitId>,
    /// Those of them that are seen to run it all the same: left out, or forced past.
    pub on_it: Vec<UnitId>,
}

impl Partial {
    /// `PARTIAL: 2 of 3 hosts run 2.5.0; not web-03`, with so many names at the most.
    pub fn words(&self, version: &str, names: usize) -> String {
        let listed = |units: &[&UnitId]| {
            let named: Vec<&str> = units.iter().take(names).map(|unit| unit.as_str()).collect();
            let more = units.len().saturating_sub(named.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{more}", named.join(", "))
        };
        let not: Vec<&UnitId> = self.left.iter().filter(|unit| !self.on_it.contains(unit)).collect();
        let not = if not.is_empty() { String::new() } else { format!("; not {}", listed(&not)) };
        let on_it: Vec<&UnitId> = self.on_it.iter().collect();
        let on_it = match on_it.as_slice() {
            [] => String::new(),
            units => format!("; left out and on it: {}", listed(units)),
        };
        format!("PARTIAL: {} of {} on {version}{not}{on_it}", self.new, self.of)
    }
}

/// How a release stands that is live, or that ended with the new version somewhere; none: on every host, or not yet.
pub fn partial(session: &Session) -> Option<Partial> {
    short_of(session).map(|_| reached(session))
}

/// The same in two figures, on how many of how many hosts, without looking at each of them.
pub fn short_of(session: &Session) -> Option<(u32, u32)> {
    let course = &session.course;
    let live = match &course.ending {
        None => matches!(course.phase, Phase::LiveUnverified | Phase::Verified),
        Some(Ending::Verified | Ending::Partial { .. } | Ending::AsIs { .. }) => true,
        Some(
            Ending::NoGo { .. } | Ending::RolledBack | Ending::Abandoned { .. } | Ending::Superseded { .. },
        ) => false,
    };
    let plan = session.plan();
    let stages = session.pipeline.stages.iter().enumerate().skip(plan.poll_index()).filter(|_| live);
    let each = stages.map(|(index, run)| {
        let of = if run.started.is_some() { run.units.len() } else { plan.units_of(index).len() };
        (session.rollout.done_in(&run.name), of as u32)
    });
    let (new, of) = each.fold((0, 0), |(new, of), (more, hosts)| (new + more, of + hosts));
    (new < of).then_some((new, of))
}

/// Whether the release reached every host of an environment, in all of its stages that began.
pub fn everywhere(session: &Session, environment: &EnvironmentName) -> bool {
    let here = session.pipeline.stages.iter().filter(|run| run.environment == *environment);
    let mut begun = here.filter(|run| run.started.is_some());
    begun.all(|run| session.rollout.done_in(&run.name) as usize == run.units.len())
}

/// How far the new version came, on the hosts of the stages that need a GO.
pub(super) fn reached(session: &Session) -> Partial {
    let plan = session.plan();
    let meant = (plan.poll_index()..plan.stages.len()).flat_map(|index| plan.units_of(index));
    let mut reached = Partial { new: 0, of: 0, left: Vec::new(), on_it: Vec::new() };
    let candidate = &session.course.release.candidate.version;
    for id in meant {
        reached.of += 1;
        let unit = session.rollout.unit(&id).filter(|unit| !unit.drifted());
        let lane = unit.and_then(|unit| unit.lane.as_ref());
        if lane.is_some_and(|lane| lane.direction == Direction::Forward && lane.state == LaneState::Done) {
            reached.new += 1;
        } else {
            let runs = unit.and_then(Unit::known_to_run).flatten();
            reached.on_it.extend((runs == Some(candidate)).then(|| id.clone()));
            reached.left.push(id);
        }
    }
    reached
}
