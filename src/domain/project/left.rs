//! What a go-live leaves behind for the next one: repairs that are suspended or given up, hosts that are to be replaced, and what ran once and was not
//! taken back by a release that is not proven good everywhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    counted::counted,
    course::Ending,
    name::{EnvironmentName, OnceName, StageName, UnitId, Version},
    operation::{Flag, Mended, Paused},
    rollout::{self, OnceRun, OnceState},
    session::Session,
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Left {
    /// Environments in which no repair begins by itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub paused: BTreeMap<EnvironmentName, Paused>,
    /// Hosts that repairs have not helped, or of which that is not known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mended: BTreeMap<UnitId, Mended>,
    /// Hosts that are to be replaced.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub flags: BTreeMap<UnitId, Flag>,
    /// What ran once since the last release that was proven good, the oldest first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub once: BTreeMap<EnvironmentName, Vec<OnceLeft>>,
}

/// A command that ran once for a release that is not proven good, and was not taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnceLeft {
    pub version: Version,
    pub stage: StageName,
    pub once: OnceName,
    /// How that go-live ended, such as `ended as is`.
    pub ended: String,
    /// Whether it is known to be done; otherwise it may be, wholly or in part.
    pub done: bool,
    /// What that go-live, or a later one, went back to on every host: it serves with what the command changed, so that
    /// nothing is gone back past where it is gone back to again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs_with: Option<Version>,
}

impl OnceLeft {
    /// `migrate of production ran for 2.5.0 (ended as is), and was not taken back`
    pub fn words(&self) -> String {
        let ran = if self.done { "ran" } else { "may have run" };
        let Self { version, stage, once, ended, .. } = self;
        format!("{once} of {stage} {ran} for {version} ({ended}), and was not taken back")
    }
}

impl Left {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `repairs of production suspended; migrate of production ran for 2.5.0, …`
    pub fn words(&self) -> String {
        let paused = self.paused.keys().map(|environment| format!("repairs of {environment} suspended"));
        let given_up = self.mended.iter().filter(|(_, it)| it.given_up.is_some());
        let given_up = given_up.map(|(unit, _)| format!("repairs of {unit} given up"));
        let tried = self.mended.iter().filter(|(_, it)| it.given_up.is_none());
        let tried =
            tried.map(|(unit, it)| format!("{unit} repaired {} without help", counted(it.tries, "time")));
        let once = self.once.values().flatten().map(OnceLeft::words);
        let flagged = self.flags.keys().map(|unit| format!("{unit} flagged for replacement"));
        paused.chain(given_up).chain(tried).chain(flagged).chain(once).collect::<Vec<_>>().join("; ")
    }

    /// What a session that is over leaves; none: it goes on.
    pub fn by(session: &Session) -> Option<Self> {
        let ending = session.course.ending.as_ref()?;
        let repairs = &session.operations.repairs;
        let dead =
            |unit: &UnitId| session.operations.hearts.get(unit).is_some_and(|beats| beats.dead.is_some());
        let mended = repairs.hosts.iter().filter(|(unit, it)| dead(unit) || it.last.alive != Some(true));
        let environments = session.plan().environments.keys();
        let once = environments.map(|name| (name.clone(), once(session, name, ending)));
        Some(Self {
            paused: repairs.paused.clone(),
            mended: mended.map(|(unit, it)| (unit.clone(), it.clone())).collect(),
            flags: session.operations.flags.clone(),
            once: once.filter(|(_, list)| !list.is_empty()).collect(),
        })
    }
}

/// What was left before, and what this session adds to it.
fn once(session: &Session, environment: &EnvironmentName, ending: &Ending) -> Vec<OnceLeft> {
    let deployed = session.pipeline.busy_in(environment);
    // What is proven good on every host is what a later rollback goes back to.
    let proven = matches!(ending, Ending::Verified | Ending::Partial { .. });
    if deployed && proven && rollout::everywhere(session, environment) {
        return Vec::new();
    }
    let mut all = session.course.left.once.get(environment).cloned().unwrap_or_default();
    let stands = |it: &&OnceRun| {
        let undone = !matches!(it.back, Some(OnceState::Done));
        undone && !matches!(it.state, OnceState::Again)
    };
    let stages = session.pipeline.stages.iter().filter(|run| run.environment == *environment);
    let here = stages.flat_map(|run| run.once.iter().filter(stands).map(move |it| (run, it)));
    let here = here.map(|(run, it)| OnceLeft {
        version: session.course.release.candidate.version.clone(),
        stage: run.name.clone(),
        once: it.name.clone(),
        ended: ending.word().to_owned(),
        done: it.state == OnceState::Done,
        runs_with: None,
    });
    for left in here {
        // What ran for the same version before is the same thing.
        all.retain(|it| (&it.version, &it.stage, &it.once) != (&left.version, &left.stage, &left.once));
        all.push(left);
    }
    let back = session.rollout.rollbacks.get(environment);
    let back = back.filter(|it| it.ended.is_some() && !it.narrow && it.left.is_empty());
    if let Some(back) = back.filter(|_| *ending == Ending::RolledBack) {
        for left in &mut all {
            left.runs_with = Some(back.to.version.clone());
        }
    }
    all
}

/// A step that a rollback in this environment would go back past without taking it back, with all that it ran for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrossedOnce<'a> {
    pub stage: &'a StageName,
    pub once: &'a OnceName,
    ran: Vec<&'a OnceLeft>,
}

impl CrossedOnce<'_> {
    /// `migrate of production ran for 2.5.0 (ended as is) and 2.6.0 (ended as is), and was not taken back`
    pub fn words(&self) -> String {
        let ran = if self.ran.iter().all(|it| it.done) { "ran" } else { "may have run" };
        let each: Vec<String> = self.ran.iter().map(|it| format!("{} ({})", it.version, it.ended)).collect();
        let Self { stage, once, .. } = self;
        format!("{once} of {stage} {ran} for {}, and was not taken back", each.join(" and "))
    }
}

/// Each step once, the oldest first.
pub fn crossed<'a>(session: &'a Session, environment: &EnvironmentName) -> Vec<CrossedOnce<'a>> {
    let Some(left) = session.course.left.once.get(environment).filter(|left| !left.is_empty()) else {
        return Vec::new();
    };
    let Some(to) = rollout::readiness(session, environment).to.map(|to| to.version.clone()) else {
        return Vec::new();
    };
    let mut all: Vec<CrossedOnce<'a>> = Vec::new();
    // What ran for the version that is gone back to belongs to it, and what it served with since is nothing new to it.
    for left in left.iter().filter(|left| left.version != to && left.runs_with.as_ref() != Some(&to)) {
        match all.iter_mut().find(|it| (it.stage, it.once) == (&left.stage, &left.once)) {
            Some(known) => known.ran.push(left),
            None => all.push(CrossedOnce { stage: &left.stage, once: &left.once, ran: vec![left] }),
        }
    }
    all
}
