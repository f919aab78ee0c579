//! Whether a rollback would work, said before anyone needs it.

use serde::{Deserialize, Serialize};

use super::{Switch, Within, conflict, sides};
use crate::domain::{
    effect::Candidate,
    name::EnvironmentName,
    plan::{PlanB, PointOfNoReturn},
    session::Session,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    pub environment: EnvironmentName,
    /// What a rollback goes back to; none: there is no previous version.
    pub to: Option<Candidate>,
    /// A verified go-live proved it; otherwise it is what ran healthy on every host before this one.
    pub proven: bool,
    pub hosts: u32,
    /// Hosts on which it is known to be kept.
    pub kept: u32,
    /// Hosts on which it is known to be missing.
    pub missing: u32,
    /// Hosts of which that is not known: not observed, or observed without saying it.
    pub unknown: u32,
    /// Hosts of which the balancer can't be asked: none of them could be taken out, nor brought back.
    pub unreached: u32,
    /// The stage past which there is no way back, where it is passed.
    pub past: Option<String>,
    /// What is left then; none: the way back is open, or there is no plan B.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_b: Option<PlanB>,
    /// Hosts that are seen to run something else than what it goes back to.
    #[serde(default)]
    pub elsewhere: u32,
    /// The way back is to let the side serve alone that was not changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch: Option<Switch>,
    /// Agents bring the hosts back in their own time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<Within>,
    /// What setting back would stop at where agents change the hosts, in words; none: nothing that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// A rollback of all that was changed here, where there was one: how far it is.
    pub back: Option<WayBack>,
}

/// How far a rollback of a whole environment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayBack {
    /// Hosts are still on their way.
    Going,
    /// Every host that was changed is back.
    Done,
    /// It is over, and no host had been changed: what ran once was taken back.
    NoHost,
    /// It is over, and not every host is back.
    Short,
}

impl Readiness {
    pub fn ready(&self) -> bool {
        self.to.is_some()
            && self.kept == self.hosts
            && self.unreached == 0
            && self.past.is_none()
            && self.store.is_none()
    }
}

/// How a rollback of this environment stands.
pub fn readiness(session: &Session, environment: &EnvironmentName) -> Readiness {
    let to = target(session, environment);
    let proven = proven(session, environment);
    let past = past_return(session, environment);
    let mut readiness = Readiness {
        environment: environment.clone(),
        proven: to.is_some() && proven == to.as_ref(),
        store: to.as_ref().and_then(|to| conflict::in_the_way_back(session, environment, to)),
        to,
        hosts: 0,
        kept: 0,
        missing: 0,
        unknown: 0,
        unreached: 0,
        plan_b: past.is_some().then(|| session.plan().plan_b.clone()),
        past,
        elsewhere: 0,
        switch: sides::switch(session, environment),
        agents: Within::of(session, environment),
        back: way_back(session, environment),
    };
    for (held, hosts) in session.rollout.held(environment) {
        readiness.hosts += hosts;
        readiness.unreached += if held.unreached { hosts } else { 0 };
        let installed = readiness.to.is_some()
            && held.installed == readiness.to.as_ref().map(|to| to.of(held.part.as_ref()));
        readiness.elsewhere += if held.fresh && held.installed.is_some() && !installed { hosts } else { 0 };
        // What runs may still be damaged on disk: only what the driver says is believed before that.
        let known = match held.kept {
            _ if !held.fresh => &mut readiness.unknown,
            Some(true) => &mut readiness.kept,
            Some(false) => &mut readiness.missing,
            None if installed => &mut readiness.kept,
            None => &mut readiness.unknown,
        };
        *known += hosts;
    }
    readiness
}

pub(super) fn way_back(session: &Session, environment: &EnvironmentName) -> Option<WayBack> {
    let rollback = session.rollout.rollbacks.get(environment).filter(|rollback| !rollback.narrow)?;
    Some(match rollback.ended {
        None => WayBack::Going,
        Some(_) if rollback.units.is_empty() => WayBack::NoHost,
        Some(_) if session.rollout.to_go_back(environment) == 0 => WayBack::Done,
        Some(_) => WayBack::Short,
    })
}

/// How many hosts of the environment nobody has looked at, or not lately.
pub fn unseen(session: &Session, environment: &EnvironmentName) -> u32 {
    session.rollout.held(environment).filter(|(held, _)| !held.fresh).map(|(_, hosts)| hosts).sum()
}

/// What a rollback goes back to: what the running go-live recorded when it began, else the proven release,
/// else the one version that is installed on every host, or on every
/// host that has one.
pub fn target(session: &Session, environment: &EnvironmentName) -> Option<Candidate> {
    if let Some(from) = session.pipeline.from_in(environment) {
        return from.cloned();
    }
    let candidate = &session.course.release.candidate;
    if let Some(proven) = proven(session, environment) {
        return Some(proven.clone());
    }
    let apart = !session.plan().told_apart().is_empty();
    let common = session.rollout.installed_everywhere(environment, apart);
    // What a first deploy that ended PARTIAL left behind serves, and is what there is to go back to.
    let part = || (!apart).then(|| session.rollout.installed_in_part(environment)).flatten();
    common.or_else(part).filter(|common| common != candidate)
}

/// The newest release that a verified go-live proved here and that is not the candidate itself: where what is live is
/// deployed again, that is the one before it.
fn proven<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<&'a Candidate> {
    let course = &session.course;
    let newest = course.proven.get(environment).into_iter().chain(course.proven_before.get(environment));
    let mut newest = newest.filter(|proven| session.plan().fits(proven));
    newest.find(|proven| **proven != course.release.candidate)
}

pub(super) fn past_return(session: &Session, environment: &EnvironmentName) -> Option<String> {
    let PointOfNoReturn::Stage(stage) = &session.plan().plan_b.point_of_no_return else { return None };
    let (index, declared) = session.plan().stage(stage)?;
    let passed = session.pipeline.stages.get(index).is_some_and(|run| run.passed.is_some());
    (passed && declared.environment == *environment).then(|| stage.to_string())
}
