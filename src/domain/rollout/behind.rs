//! What runs once when all hosts are done, where some of them are not: they were left out, or failed within what the plan
//! allows, and may still serve another version. It waits for a person, who is told which hosts these are.

use super::{LaneState, RolloutEvent, Unit};
use crate::domain::{
    event::Event,
    name::{OnceName, UnitId},
    pipeline::StageRun,
    plan::{Once, Step, When},
    session::{Next, Session},
};

/// So many hosts are named.
const NAMED: usize = 3;

/// A step that is for when all hosts are done, and the hosts that are not.
#[derive(Clone, Debug)]
pub struct Behind<'a> {
    pub run: &'a StageRun,
    pub once: &'a OnceName,
    pub units: Vec<&'a Unit>,
}

impl Behind<'_> {
    /// `announce is for when all hosts are done: web-08 (excluded) serves 2.4.0`.
    pub fn words(&self) -> String {
        let named: Vec<String> = self.units.iter().take(NAMED).map(|unit| serves(unit)).collect();
        let more = match self.units.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{} is for when all hosts are done: {}{more}", self.once, named.join(", "))
    }
}

fn serves(unit: &Unit) -> String {
    let what = match (unit.fresh().is_some(), unit.running()) {
        (false, _) => "is not observed".to_owned(),
        (true, Some(version)) => format!("serves {version}"),
        (true, None) => "may serve another version".to_owned(),
    };
    format!("{} ({}) {what}", unit.id, unit.standing())
}

/// It may serve another version: what is not observed may.
fn may_serve_another(session: &Session, unit: &Unit) -> bool {
    !unit.known_not_to_serve() && unit.running() != Some(&session.course.release.candidate.version)
}

fn in_stage<'a>(
    session: &'a Session,
    run: &'a StageRun,
    name: &'a OnceName,
    is_behind: impl Fn(&Unit) -> bool,
) -> Option<Behind<'a>> {
    let after = session.plan().once(&run.name, name).is_some_and(|it| it.when == When::After);
    if !after || run.once.iter().any(|it| it.name == *name) {
        return None;
    }
    let done = |unit: &Unit| unit.lane.as_ref().is_some_and(|lane| lane.state == LaneState::Done);
    let units = run.units.iter().filter_map(|id| session.rollout.unit(id));
    let units: Vec<&Unit> = units.filter(|unit| !done(unit) && is_behind(unit)).collect();
    (!units.is_empty()).then_some(Behind { run, once: name, units })
}

/// What the stage is at, where it waits for somebody's word over hosts that are not done.
pub fn behind(session: &Session) -> Option<Behind<'_>> {
    session.pipeline.under_way().filter(|run| run.settled(session)).find_map(|run| at(session, run))
}

fn at<'a>(session: &'a Session, run: &'a StageRun) -> Option<Behind<'a>> {
    // Every host is looked at only where not all of them are done.
    let Some(Step::Once(name)) = run.step() else { return None };
    if session.rollout.done_in(&run.name) as usize == run.units.len() {
        return None;
    }
    in_stage(session, run, name, |unit| may_serve_another(session, unit) && !run.without.contains(&unit.id))
}

/// Somebody is called before it begins; none: nobody has to be.
pub(super) fn called(session: &Session, run: &StageRun) -> Option<Next> {
    let behind = at(session, run)?;
    if session.rollout.stalled.is_some() {
        return Some(Next::Nothing);
    }
    Some(Next::Events(vec![Event::Rollout(RolloutEvent::Stalled { why: behind.words() })]))
}

/// Going on over it is that person's word for these hosts.
pub(in crate::domain) fn accepted(session: &Session) -> Option<Event> {
    let Behind { run, once, units } = behind(session)?;
    session.rollout.stalled.as_ref()?;
    Some(Event::Rollout(RolloutEvent::BehindAccepted {
        stage: run.name.clone(),
        once: once.clone(),
        units: units.into_iter().map(|unit| unit.id.clone()).collect(),
    }))
}

/// What comes of leaving this host out, where something is still to run once all hosts are done; none: nothing.
pub fn left_out_waits(session: &Session, unit: &UnitId) -> Option<String> {
    let unit = session.rollout.unit(unit).filter(|unit| may_serve_another(session, unit))?;
    let run = session.pipeline.run(&unit.lane.as_ref()?.stage)?;
    let declared: &[Once] = session.plan().stage(&run.name).map_or(&[], |(_, stage)| &stage.once);
    let waits = declared.iter().find_map(|it| in_stage(session, run, &it.name, |it| it.id == unit.id))?;
    Some(format!("{} then waits for CONTINUE while {} is not on the new version", waits.once, unit.id))
}
