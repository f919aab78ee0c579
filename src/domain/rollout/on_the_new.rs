//! Where the new version is by now, environment by environment: what stays on it where another one goes back, and what
//! an end as it is leaves behind.

use serde::Serialize;

use super::rollback::{left_on_the_new, stays};
use crate::domain::{
    name::EnvironmentName,
    pipeline::{StageRun, StageState},
    session::Session,
};

/// How far the new version is in one environment of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnTheNew {
    pub environment: EnvironmentName,
    /// Hosts that are seen to run it.
    pub new: u32,
    /// Hosts of which nobody knows what they run.
    pub unknown: u32,
    pub hosts: u32,
    /// A stage of the environment was started.
    pub begun: bool,
}

/// Every environment that a stage of the plan is for, in the order of the stages. Looks at every host.
pub fn on_the_new(session: &Session) -> Vec<OnTheNew> {
    let candidate = &session.course.release.candidate.version;
    let mut all: Vec<OnTheNew> = Vec::new();
    for run in &session.pipeline.stages {
        let begun = run.started.is_some();
        if let Some(known) = all.iter_mut().find(|it| it.environment == run.environment) {
            known.begun |= begun;
        } else {
            let environment = run.environment.clone();
            all.push(OnTheNew { environment, new: 0, unknown: 0, hosts: 0, begun });
        }
    }
    for unit in session.rollout.units() {
        let Some(here) = all.iter_mut().find(|it| it.environment == unit.environment) else { continue };
        here.hosts += 1;
        match unit.known_to_run() {
            None => here.unknown += 1,
            Some(runs) => here.new += u32::from(runs == Some(candidate)),
        }
    }
    all
}

impl OnTheNew {
    /// `beta 2 of 2`, `production 1 of 3, 1 unknown`, `us not begun`.
    pub fn words(&self) -> String {
        let Self { environment, new, unknown, hosts, begun } = self;
        let unknown = if *unknown > 0 { format!(", {unknown} unknown") } else { String::new() };
        match begun {
            false if *new == 0 => format!("{environment} not begun{unknown}"),
            _ => format!("{environment} {new} of {hosts}{unknown}"),
        }
    }
}

/// The environments whose stages have passed, that change nothing live, and that no rollback of another one takes along:
/// they stay on the new version until they are named. In the order in which their stages were started, each once.
pub fn tested_on_the_new(session: &Session) -> Vec<EnvironmentName> {
    let live: Vec<&EnvironmentName> = stays(session).map(|run| &run.environment).collect();
    let passed = |run: &&StageRun| {
        run.started.is_some()
            && run.state == StageState::Passed
            && session.rollout.to_go_back(&run.environment) > 0
            && !live.contains(&&run.environment)
            && session.rollout.rollbacks.get(&run.environment).is_none_or(|back| back.ended.is_some())
    };
    let mut runs: Vec<&StageRun> = session.pipeline.stages.iter().filter(passed).collect();
    runs.sort_by_key(|run| run.started.map(|at| at.session));
    let mut named: Vec<EnvironmentName> = Vec::new();
    for run in runs {
        if !named.contains(&run.environment) {
            named.push(run.environment.clone());
        }
    }
    named
}

/// All that stays on the new version when this environment goes back, or went: first what `R` takes back next, then what
/// is taken back by its name only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Staying {
    pub by_r: Vec<EnvironmentName>,
    pub by_name: Vec<EnvironmentName>,
}

pub fn staying(session: &Session, back: &EnvironmentName) -> Staying {
    let by_name = tested_on_the_new(session).into_iter().filter(|it| it != back).collect();
    Staying { by_r: left_on_the_new(session, back), by_name }
}

impl Staying {
    /// A sentence each: what stays, and what takes it back.
    pub fn words(&self, version: &str) -> Vec<String> {
        let names = |list: &[EnvironmentName]| {
            list.iter().map(EnvironmentName::as_str).collect::<Vec<_>>().join(", ")
        };
        let by_r = (!self.by_r.is_empty())
            .then(|| format!("stays on {version}: {} · R again takes it back", names(&self.by_r)));
        let by_name = self.by_name.first().map(|first| {
            let list = names(&self.by_name);
            format!("stays on {version}: {list} · :rollback --environment {first} takes it back")
        });
        by_r.into_iter().chain(by_name).collect()
    }
}
