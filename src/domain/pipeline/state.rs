//! The folded state of the stages.

use serde::{Deserialize, Serialize};

use super::{BatchSize, PipelineEvent, StageState, lanes, order, soak, window::Outside};
use crate::domain::{
    course::Phase,
    effect::Candidate,
    event::Stamped,
    name::{ComponentName, EnvironmentName, PersonName, StageName, UnitId},
    plan::{Barrier, Plan, Step, Weight},
    rollout::{self, OnceRun},
    session::Session,
    time::{Now, SessionTime, Span},
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pipeline {
    pub stages: Vec<StageRun>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageRun {
    pub name: StageName,
    pub environment: EnvironmentName,
    /// The places in the plan of the stages that it is after; none: the one before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Vec<u32>>,
    pub state: StageState,
    pub started: Option<Now>,
    pub by: Option<PersonName>,
    pub units: Vec<UnitId>,
    /// Its hosts in the order of `units`, batch by batch.
    pub batches: Vec<BatchSize>,
    /// What is done, in this order.
    pub steps: Vec<Step>,
    /// Which of its hosts wait for which others, where several components are deployed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barriers: Vec<Barrier>,
    /// The components that a person let go on without waiting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forced: Vec<ComponentName>,
    /// What runs once in this go-live, as far as it has come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub once: Vec<OnceRun>,
    /// Hosts that are not done, and without which a person lets run what is for when all of them are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<UnitId>,
    /// Hosts that joined while it ran, and that were not yet seen to serve: they count to neither side of its share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<UnitId>,
    pub at: StepAt,
    /// When each of the steps began, as far as it has come.
    pub begun: Vec<Now>,
    /// What a rollback goes back to, as recorded at the start; none: the first deploy, or not started.
    pub from: Option<Candidate>,
    pub rolled_out: Option<Now>,
    pub bake: Option<Bake>,
    /// All that it asks for had passed.
    pub ready: Option<Now>,
    pub passed: Option<Now>,
    /// Session time not held, when a host last became healthy (or the stage began).
    pub progress: SessionTime,
    /// It was started although its window was closed.
    pub outside: Option<Outside>,
    /// By a hotfix.
    pub bake_skipped: bool,
    /// When it had taken as long as it may, and was not through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_budget: Option<Now>,
}

/// Where a stage is in its steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepAt {
    pub step: u32,
    pub since: SessionTime,
    /// Session time during which nobody looked, or an alarm stood over a soak.
    pub unobserved: Span,
    /// By how much people have lengthened it.
    #[serde(default)]
    pub longer: Span,
    /// Since when an alarm stands over a soak.
    #[serde(default)]
    pub paused: Option<SessionTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bake {
    pub started: Now,
    /// Session time during which nobody looked.
    pub unobserved: Span,
    /// By how much people have lengthened it.
    #[serde(default)]
    pub longer: Span,
    pub ended: Option<Now>,
}

impl StageRun {
    /// The step that it is at, while its hosts are changed.
    pub fn step(&self) -> Option<&Step> {
        self.steps.get(self.at.step as usize).filter(|_| self.state == StageState::Rolling)
    }

    /// The new version's share that the stage is at, or on its way to, where its strategy names shares.
    pub fn weight(&self) -> Option<Weight> {
        let weight = |step: &Step| match step {
            Step::Deploy { weight, .. } => *weight,
            Step::Desire { .. }
            | Step::Gather { .. }
            | Step::Return { .. }
            | Step::Stand { .. }
            | Step::StandBy
            | Step::Shift { .. }
            | Step::Pause(_)
            | Step::Validate(_)
            | Step::Once(_)
            | Step::Region { .. } => None,
        };
        self.steps.iter().take(self.at.step as usize + 1).filter_map(weight).next_back()
    }

    /// The last batch whose hosts may be changed by now; none: no step that takes hosts on has begun.
    pub fn reached(&self) -> Option<u32> {
        let begun = self.steps.iter().take(self.at.step as usize + 1);
        begun.filter_map(Step::batch).max()
    }
}

impl StageRun {
    /// The units that may be changed by now: all of them, once the hosts are done.
    pub fn units_by_now(&self) -> &[UnitId] {
        let batches = self.batches.iter().take(self.reached().map_or(0, |batch| batch as usize + 1));
        let hosts = batches.map(|batch| batch.hosts as usize).sum::<usize>();
        self.units.get(..hosts).unwrap_or(&self.units)
    }
}

impl Pipeline {
    pub fn new(plan: &Plan) -> Self {
        let stages = plan
            .stages
            .iter()
            .enumerate()
            .map(|(index, stage)| StageRun {
                name: stage.name.clone(),
                after: order::after(plan, index),
                // The same text that the hosts have, so that it is not read to be found equal.
                environment: plan
                    .environments
                    .get(&stage.environment)
                    .map_or(&stage.environment, |environment| &environment.name)
                    .clone(),
                state: StageState::Waiting,
                started: None,
                by: None,
                units: Vec::new(),
                batches: Vec::new(),
                steps: Vec::new(),
                barriers: Vec::new(),
                forced: Vec::new(),
                once: Vec::new(),
                without: Vec::new(),
                joined: Vec::new(),
                at: StepAt::default(),
                begun: Vec::new(),
                from: None,
                rolled_out: None,
                bake: None,
                over_budget: None,
                ready: None,
                passed: None,
                progress: SessionTime::default(),
                outside: None,
                bake_skipped: false,
            })
            .collect();
        Self { stages }
    }

    pub fn is_rolling_back(&self) -> bool {
        self.stages.iter().any(|run| run.state == StageState::RollingBack)
    }

    pub fn busy_in(&self, environment: &EnvironmentName) -> bool {
        self.stages.iter().any(|run| run.started.is_some() && run.environment == *environment)
    }

    /// Whether a stage that was started there stops every host before it deploys one.
    pub fn stops_all_in(&self, environment: &EnvironmentName) -> bool {
        self.stages.iter().any(|run| run.environment == *environment && run.stops_all())
    }

    /// Whether a stage that was started there takes one side after the other.
    pub fn takes_sides_in(&self, environment: &EnvironmentName) -> bool {
        self.stages.iter().any(|run| run.environment == *environment && run.takes_sides())
    }

    /// Whether spare hosts of this environment come in for a stage.
    pub fn surges_in(&self, environment: &EnvironmentName) -> bool {
        self.stages.iter().any(|run| run.environment == *environment && run.surges())
    }

    /// What the first started stage of an environment recorded as the way back; the outer option: none started.
    pub fn from_in(&self, environment: &EnvironmentName) -> Option<Option<&Candidate>> {
        let started = |run: &&StageRun| run.environment == *environment && run.started.is_some();
        self.stages.iter().find(started).map(|run| run.from.as_ref())
    }

    pub fn run(&self, stage: &StageName) -> Option<&StageRun> {
        self.stages.iter().find(|run| run.name == *stage)
    }

    fn run_mut(&mut self, stage: &StageName) -> Option<&mut StageRun> {
        self.stages.iter_mut().find(|run| run.name == *stage)
    }

    pub(super) fn replace(&mut self, run: &StageRun) {
        if let Some(known) = self.run_mut(&run.name) {
            known.clone_from(run);
        }
    }

    pub(in crate::domain) fn progressed(&mut self, active: SessionTime) {
        for run in self.stages.iter_mut().filter(|run| run.state.running()) {
            run.progress = active;
        }
    }

    /// The hosts of this component wait for no others in this stage.
    pub(in crate::domain) fn force(&mut self, stage: &StageName, component: &ComponentName) {
        if let Some(run) = self.run_mut(stage) {
            run.forced.push(component.clone());
        }
    }

    /// A person goes on without these hosts.
    pub(in crate::domain) fn go_on_without(&mut self, stage: &StageName, units: &[UnitId]) {
        if let Some(run) = self.run_mut(stage) {
            run.without.extend_from_slice(units);
        }
    }

    /// One of its hosts goes in the turn of another one, and that one in its.
    pub(in crate::domain) fn change_places(&mut self, stage: &StageName, one: &UnitId, other: &UnitId) {
        let Some(run) = self.run_mut(stage) else { return };
        let place = |unit: &UnitId| run.units.iter().position(|it| it == unit);
        if let (Some(one), Some(other)) = (place(one), place(other)) {
            run.units.swap(one, other);
        }
    }

    pub(in crate::domain) fn rolling_back(&mut self, environment: &EnvironmentName) {
        for run in &mut self.stages {
            if run.environment == *environment && run.started.is_some() {
                run.state = StageState::RollingBack;
            }
        }
    }

    pub(in crate::domain) fn rolled_back(&mut self, environment: &EnvironmentName) {
        for run in &mut self.stages {
            if run.environment == *environment && run.state == StageState::RollingBack {
                run.state = StageState::RolledBack;
            }
        }
    }

    /// Stages that have not been started follow the adopted plan; the others stand.
    pub(in crate::domain) fn take_plan(&mut self, plan: &Plan) {
        let fresh = Self::new(plan);
        let known = std::mem::take(&mut self.stages);
        self.stages = fresh
            .stages
            .into_iter()
            .map(|stage| {
                known
                    .iter()
                    .find(|run| run.name == stage.name && run.started.is_some())
                    .map(|run| StageRun { after: stage.after.clone(), ..run.clone() })
                    .unwrap_or(stage)
            })
            .collect();
    }
}

/// Unobserved time never bakes, and is no part of a pause.
pub fn unobserved(session: &mut Session, span: Span) {
    // What an alarm stands over counts to neither anyway.
    let counts = |run: &&mut StageRun| run.state.running() && run.at.paused.is_none();
    for run in session.pipeline.stages.iter_mut().filter(counts) {
        run.at.unobserved = Span(run.at.unobserved.0 + span.0);
    }
    let bakes = session.pipeline.stages.iter_mut().filter_map(|run| run.bake.as_mut());
    for bake in bakes.filter(|bake| bake.ended.is_none()) {
        bake.unobserved = Span(bake.unobserved.0 + span.0);
    }
}

pub fn apply(session: &mut Session, event: &PipelineEvent, at: &Stamped) {
    let active = session.course.active(at.now.session);
    match event {
        PipelineEvent::StageStarted { stage, environment, units, batches, steps, barriers, to, from } => {
            if let Some(run) = session.pipeline.run_mut(stage) {
                run.state = StageState::Rolling;
                run.started = Some(at.now);
                run.by = at.actor.person().cloned();
                run.units.clone_from(units);
                run.batches = batches.to_vec();
                run.steps = steps.to_vec();
                run.barriers = barriers.to_vec();
                run.forced.clear();
                run.joined.clear();
                run.at = StepAt { since: at.now.session, ..StepAt::default() };
                run.begun = vec![at.now];
                run.from = from.as_deref().cloned();
                run.progress = active;
            }
            lanes::start(session, stage, to);
            let index = session.plan().stage(stage).map_or(0, |(index, _)| index);
            if index >= session.plan().poll_index() {
                session.course.started = session.course.started.or(Some(at.now));
                session.course.phase = Phase::UnderWay;
            }
            let environment = environment.clone();
            rollout::stage_started(session, &environment, at);
            session.mark_watches();
            session.mark_locks();
        }
        PipelineEvent::WindowOverridden { stage, closed, reason } => {
            if let Some(run) = session.pipeline.run_mut(stage) {
                let by = at.actor.person().cloned();
                run.outside = Some(Outside { by, closed: closed.clone(), reason: reason.clone() });
            }
        }
        PipelineEvent::StepBegan { stage, step, .. } => {
            if let Some(run) = session.pipeline.run_mut(stage) {
                run.at = StepAt { step: *step, since: at.now.session, ..StepAt::default() };
                run.begun.push(at.now);
                run.progress = active;
            }
            if at.actor.is_human() {
                session.course.went_on = Some(at.now);
            }
            rollout::stage_goes_on(session, stage);
        }
        PipelineEvent::StageRolledOut { stage } => {
            if let Some(run) = session.pipeline.run_mut(stage) {
                run.state = StageState::Validating;
                run.rolled_out = Some(at.now);
            }
        }
        PipelineEvent::BakeStarted { stage } => {
            if let Some(run) = session.pipeline.run_mut(stage) {
                run.state = StageState::Baking;
                run.bake =
                    Some(Bake { started: at.now, unobserved: Span::ZERO, longer: Span::ZERO, ended: None });
            }
        }
        PipelineEvent::BakeSkipped { stage, .. } => {
            if let Some(run) = session.pipeline.run_mut(stage) {
                run.bake_skipped = true;
            }
        }
        PipelineEvent::BakeEnded { stage } => {
            if let Some(bake) = session.pipeline.run_mut(stage).and_then(|run| run.bake.as_mut()) {
                bake.ended = Some(at.now);
            }
        }
        PipelineEvent::SoakPaused { stage, .. }
        | PipelineEvent::SoakWentOn { stage }
        | PipelineEvent::Extended { stage, .. } => {
            if let Some(run) = session.pipeline.run_mut(stage) {
                soak::apply(run, event, at.now, active);
            }
        }
        PipelineEvent::BudgetSpent { stage, .. } => {
            if let Some(run) = session.pipeline.run_mut(stage) {
                run.over_budget = Some(at.now);
            }
        }
        PipelineEvent::StageReady { stage } => {
            if let Some(run) = session.pipeline.run_mut(stage) {
                run.state = StageState::Ready;
                run.ready = Some(at.now);
            }
        }
        PipelineEvent::StagePassed { stage } => {
            if let Some(run) = session.pipeline.run_mut(stage) {
                run.state = StageState::Passed;
                run.passed = Some(at.now);
            }
        }
    }
    session.mark_pipeline();
    session.mark_shares();
    session.mark_course();
    session.mark_notices();
}
