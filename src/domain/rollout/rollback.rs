//! The way back: the previous version, to every unit touched in the environment, newest first, under its own
//! budget. It never waits for an approval; twice pressed is one; it never starts another by itself.

use serde::{Deserialize, Serialize};

use super::{LaneState, RolloutEvent, capacity, clouds, gather, on_the_new, once_back, readiness, sides};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    course::Phase,
    effect::{Candidate, Target},
    event::{Event, Stamped},
    gate,
    name::{EnvironmentName, PersonName, UnitId},
    pipeline::{self, StageRun, StageState},
    refusal::Refusal,
    session::Session,
    time::{Now, SessionTime},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rollback {
    pub to: Candidate,
    /// Newest first.
    pub units: Vec<UnitId>,
    /// Of some units by name; the rollout as a whole is not given up.
    pub narrow: bool,
    pub started: Now,
    pub by: Option<PersonName>,
    /// Session time when a host last came back, or when it began.
    pub progress: SessionTime,
    pub ended: Option<Now>,
    pub together: Together,
    /// All are shown to be stopped, or are out of traffic, or that need not be.
    pub gathered: bool,
    /// Units that could not be brought back.
    pub left: Vec<UnitId>,
}

/// What the hosts that go back do together before the first of them is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Together {
    Nothing,
    /// They are stopped: no two versions may run side by side, and some may run the new one.
    Stop,
    /// They leave the pool: the side that was not changed serves all.
    Switch,
    /// The cloud that served before serves again, then the others leave the pool and stand by.
    Clouds,
}

impl Rollback {
    pub fn stops_all(&self) -> bool {
        self.together == Together::Stop
    }

    pub fn of_clouds(&self) -> bool {
        self.together == Together::Clouds
    }

    pub fn switches(&self) -> bool {
        self.together == Together::Switch
    }
}

/// What a rollback would do now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackScope {
    pub environment: EnvironmentName,
    pub to: Candidate,
    pub units: Vec<UnitId>,
}

/// Where a rollback would act: where hosts go back already; else, of several environments, where something is wrong; else
/// where hosts are changed; else where a stage was started last. Once that one is back, where another stage is under way or what is live was changed, so that nothing stays on
/// the new version unsaid.
pub fn place(session: &Session) -> Option<&EnvironmentName> {
    let pipeline = &session.pipeline;
    let goes = pipeline.stages.iter().find(|run| run.state == StageState::RollingBack);
    let wrong = || goes_wrong(session).filter(|_| pipeline.branches());
    let first = goes.or_else(wrong).or_else(|| pipeline.rolling()).or_else(|| pipeline.last_started())?;
    if first.state != StageState::RolledBack || session.rollout.to_go_back(&first.environment) > 0 {
        return Some(&first.environment);
    }
    Some(stays(session).last().map_or(&first.environment, |run| &run.environment))
}

/// The stage that is the reason for going back, where stages go on beside each other: one whose hosts stopped the line,
/// then one that a validation of its own failed, then one whose hosts were done and are not well.
fn goes_wrong(session: &Session) -> Option<&StageRun> {
    let to_go_back = |run: &&StageRun| session.rollout.to_go_back(&run.environment) > 0;
    let stopped = session.rollout.troubled().next().map(|unit| &unit.environment);
    let under_way = || session.pipeline.under_way().filter(to_go_back);
    let here = |run: &&StageRun| Some(&run.environment) == stopped;
    let failed = |run: &&StageRun| pipeline::failed_in(session, run).next().is_some();
    let sick = |run: &StageRun| gate::seen_sick(session, &run.environment).is_some();
    under_way()
        .find(here)
        .or_else(|| under_way().find(failed))
        .or_else(|| stays(session).filter(to_go_back).find(|run| sick(run)))
}

/// The stages that a rollback of the others leaves on the new version: such as are under way, or change what is live. In
/// the order in which they were started.
pub(super) fn stays(session: &Session) -> impl Iterator<Item = &StageRun> {
    let mut stays: Vec<(usize, &StageRun)> = session.pipeline.stages.iter().enumerate().collect();
    stays.retain(|(index, run)| {
        run.started.is_some()
            && !matches!(run.state, StageState::RollingBack | StageState::RolledBack)
            && (run.state.running() || session.plan().changes_production(*index))
            && session.rollout.to_go_back(&run.environment) > 0
    });
    stays.sort_by_key(|(_, run)| run.started.map(|at| at.session));
    stays.into_iter().map(|(_, run)| run)
}

/// Those of them that change what is live.
pub fn live_on_the_new(session: &Session) -> impl Iterator<Item = &StageRun> {
    let live = |run: &&StageRun| {
        session.plan().stage(&run.name).is_some_and(|(index, _)| session.plan().changes_production(index))
    };
    stays(session).filter(live)
}

/// The environments that stay on the new version when this one goes back, each once.
pub fn left_on_the_new(session: &Session, back: &EnvironmentName) -> Vec<EnvironmentName> {
    let mut left: Vec<EnvironmentName> = Vec::new();
    for run in stays(session).filter(|run| run.environment != *back) {
        if !left.contains(&run.environment) {
            left.push(run.environment.clone());
        }
    }
    left
}

/// Where a rollback would act, to what, and on how many units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    pub environment: EnvironmentName,
    pub to: Candidate,
    pub hosts: u32,
}

/// Whether `R` would do something now, or why not. Looks at no unit.
pub fn reach(session: &Session) -> Result<Reach, Refusal> {
    reach_in(session, place(session))
}

pub(super) fn reach_in(session: &Session, environment: Option<&EnvironmentName>) -> Result<Reach, Refusal> {
    if session.course.is_over() {
        return Err(Refusal::rule("the session is closed", "opening one for the previous version"));
    }
    let nothing = || Refusal::rule("no host has been changed", "nothing: there is nothing to roll back");
    let environment = environment.ok_or_else(nothing)?;
    let hosts = session.rollout.to_go_back(environment);
    if hosts == 0 && !once_back::waits(session, environment) {
        // Changed once, and all of it brought back: what it would go back to runs there.
        let rolled = session.rollout.rollbacks.get(environment);
        let rolled = rolled.filter(|back| back.ended.is_some() && back.left.is_empty());
        return Err(rolled.map_or_else(nothing, |back| {
            let runs = format!("every host of {environment} that was changed runs {} again", back.to.version);
            match on_the_new::tested_on_the_new(session).as_slice() {
                [] => Refusal::rule(runs, "nothing: there is nothing to roll back"),
                [first, ..] => {
                    let version = &session.course.release.candidate.version;
                    let runs = format!("{runs}; {first} stays on {version}");
                    Refusal::rule(runs, format!("naming it: golive rollback --environment {first}"))
                }
            }
        }));
    }
    let ready = readiness(session, environment);
    if let Some(stage) = &ready.past {
        return Err(Refusal::rule(
            format!("the point of no return ({stage}) is passed"),
            format!("plan B: {}; END AS IS closes on what runs", session.plan().plan_b.words()),
        ));
    }
    let Some(to) = ready.to else {
        return Err(Refusal::rule(
            "no previous version: rollback unavailable",
            "plan B; try again, or exclude the host",
        ));
    };
    Ok(Reach { environment: environment.clone(), to, hosts })
}

/// Nothing was changed where a rollback would act, or all of it is back, by name.
pub fn nothing_to_go_back(session: &Session) -> bool {
    place(session).is_none_or(|environment| {
        let back = session.rollout.rollbacks.get(environment);
        session.rollout.to_go_back(environment) == 0
            && !once_back::waits(session, environment)
            && back.is_none_or(|back| back.ended.is_some())
    })
}

/// What `R` would do now, or why not.
pub fn scope(session: &Session) -> Result<RollbackScope, Refusal> {
    Ok(scope_of(session, reach(session)?))
}

pub(super) fn scope_of(session: &Session, reach: Reach) -> RollbackScope {
    let Reach { environment, to, .. } = reach;
    let units = session
        .rollout
        .touched()
        .into_iter()
        .filter(|unit| unit.environment == environment)
        .filter(|unit| !matches!(unit.lane.as_ref().map(|lane| &lane.state), Some(LaneState::RolledBack)))
        .map(|unit| unit.id.clone())
        .collect();
    RollbackScope { environment, to, units }
}

/// The rollback of the whole rollout that is under way where `R` would act.
pub fn going_back(session: &Session) -> Option<&Rollback> {
    place(session)
        .and_then(|environment| session.rollout.rollbacks.get(environment))
        .filter(|rollback| rollback.ended.is_none() && !rollback.narrow)
}

pub fn decide(session: &Session, only: &[UnitId], actor: &Actor) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::RollBack)?;
    if going_back(session).is_some() {
        // Pressed twice, or by two people: it is being rolled back, which is what was asked for.
        return Ok(Vec::new());
    }
    let narrow = !only.is_empty();
    // Whoever names hosts means their environment.
    let named = only.first().and_then(|unit| session.rollout.unit(unit)).map(|unit| &unit.environment);
    let scope = scope_of(session, reach_in(session, named.or_else(|| place(session)))?);
    if narrow && session.pipeline.stops_all_in(&scope.environment) {
        let version = &session.course.release.candidate.version;
        return Err(Refusal::rule(
            format!(
                "no two versions may run in {} side by side: {version} would go on elsewhere",
                scope.environment
            ),
            "rolling back all of them (R)",
        ));
    }
    if narrow && session.plan().converges(&scope.environment).is_some() {
        return Err(Refusal::rule(
            format!(
                "agents change the hosts of {}: what they read is set back for all of them",
                scope.environment
            ),
            "rolling back all of them (R)",
        ));
    }
    if narrow && clouds::go_back(session, &scope.environment) {
        return Err(Refusal::rule(
            format!("the clouds of {} go back together: one of them has to serve", scope.environment),
            "rolling back all of them (R)",
        ));
    }
    let units = if narrow { narrowed(&scope, only)? } else { scope.units };
    Ok(vec![Event::Rollout(RolloutEvent::RollbackStarted {
        environment: scope.environment,
        to: scope.to,
        units,
        narrow,
    })])
}

/// What is still on the new version goes back as well, without another word: what was said was said of all of it.
pub fn goes_back_too(session: &Session) -> Result<Vec<Event>, Refusal> {
    let RollbackScope { environment, to, units } = scope(session)?;
    let started = RolloutEvent::RollbackStarted { environment, to, units, narrow: false };
    Ok(vec![Event::Rollout(started)])
}

fn narrowed(scope: &RollbackScope, only: &[UnitId]) -> Result<Vec<UnitId>, Refusal> {
    if let Some(other) = only.iter().find(|unit| !scope.units.contains(unit)) {
        let touched: Vec<&str> = scope.units.iter().map(UnitId::as_str).collect();
        return Err(Refusal::input(
            format!("{other} was not changed in {}", scope.environment),
            format!("one of {}", touched.join(", ")),
        ));
    }
    Ok(scope.units.iter().filter(|unit| only.contains(unit)).cloned().collect())
}

/// It was asked for: what was touched is to go back, what was not is left as it is.
pub fn began(
    session: &mut Session,
    environment: &EnvironmentName,
    to: &Candidate,
    units: &[UnitId],
    narrow: bool,
    at: &Stamped,
) {
    let switches = !narrow && sides::switch(session, environment).is_some();
    for unit in units {
        // One that is on its way back already goes on.
        session.change_unit(unit, |unit| {
            unit.awaits_back |= !unit.comes_back();
            unit.key_back = false;
        });
    }
    let together = if gather::back_gathers(session, environment) {
        Together::Stop
    } else if clouds::go_back(session, environment) {
        Together::Clouds
    } else if switches {
        Together::Switch
    } else {
        Together::Nothing
    };
    let rollback = Rollback {
        to: to.clone(),
        units: units.to_vec(),
        narrow,
        started: at.now,
        by: at.actor.person().cloned(),
        progress: at.now.session,
        ended: None,
        together,
        gathered: together == Together::Nothing,
        left: Vec::new(),
    };
    session.rollout.rollbacks.insert(environment.clone(), rollback);
    capacity::accepted(session, environment);
    if !narrow {
        session.course.phase = Phase::RollingBack;
        session.pipeline.rolling_back(environment);
        skip_untouched(session, environment);
    }
}

/// Every host is back, but those that are left.
pub fn over(
    session: &mut Session,
    environment: &EnvironmentName,
    left: &[UnitId],
    narrow: bool,
    at: &Stamped,
) {
    if let Some(rollback) = session.rollout.rollbacks.get_mut(environment) {
        rollback.ended = Some(at.now);
        rollback.left = left.to_vec();
    }
    if !narrow {
        session.course.phase = Phase::RolledBack;
        session.course.end_hold(at.now);
        session.pipeline.rolled_back(environment);
    }
}

/// A lane that only waits or only fetched has changed nothing: it is skipped rather than rolled back.
fn skip_untouched(session: &mut Session, environment: &EnvironmentName) {
    let mut under_way = Vec::new();
    session.rollout.change_all(|unit| {
        if unit.environment == *environment
            && unit.touched.is_none()
            && let Some(lane) = &mut unit.lane
            && !lane.state.ended()
        {
            // For one that only waited nothing follows: ten thousand of those are not looked at again.
            if lane.state != LaneState::Waiting {
                under_way.push(unit.id.clone());
            }
            lane.state = LaneState::Skipped;
        }
    });
    for unit in under_way {
        session.mark_target(&Target::Unit(unit));
    }
    session.capacity_changed();
}
