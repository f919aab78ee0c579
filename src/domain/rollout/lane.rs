//! A unit's lane: a state machine of its own. Steps are data, given by driver, balancer and checks.

use serde::{Deserialize, Serialize};

use crate::domain::{
    effect::{Candidate, LaneStep, Seen},
    name::{ComponentName, StageName, UnitId},
    plan::{Balancer, Driver, Environment, Plan, Verb},
    session::Session,
    time::{SessionTime, Span},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    Forward,
    Back,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Lane {
    pub stage: StageName,
    /// Which batch of its stage it belongs to, from 0.
    pub batch: u32,
    pub direction: Direction,
    pub to: Candidate,
    /// Counts the starts of this unit's lane; part of the effect ids.
    pub attempt: u32,
    pub steps: Vec<LaneStep>,
    /// The step it stands at.
    pub at: usize,
    pub state: LaneState,
    /// When this attempt started; from when the unit is taken out, when it was. Forward on session time not
    /// spent held; back on session time, since a hold does not stop the way back.
    pub started: SessionTime,
    /// Session time, when the current step started.
    pub step_since: SessionTime,
    pub done: Vec<StepDone>,
    /// How long the step took that it stopped at.
    pub stopped_after: Option<Span>,
    /// What the failed step left behind.
    pub evidence: Option<String>,
    /// Forced past: the line does not wait for it.
    pub set_aside: bool,
    /// It waits for the others once this step is through; none: it goes on to its end.
    pub until: Option<LaneStep>,
    /// Since when it is shown, or a person has said, that nothing runs on the host; none: what ran may run still.
    pub proved: Option<SessionTime>,
    /// Once it is through, its host gets no traffic: its cloud stands by.
    pub stands_by: bool,
    /// It has failed, or could not be told, at least once: what was mended or excluded since counts all the same
    /// against what its batch may lose.
    pub fell: bool,
    /// It is no rollout's: its host is looked after.
    #[serde(default)]
    pub upkeep: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LaneState {
    Waiting,
    /// The next step may start.
    Ready,
    /// An effect is under way.
    Working,
    /// It is as far as it may be by now, and waits for the others.
    Gathered {
        after: LaneStep,
    },
    /// Its agent is to install what was set; whether it was seen to run something else since.
    Converging {
        other: bool,
        /// Since when, by its lane's clock, it runs what was set and is not well; none: it does not, or is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sick: Option<SessionTime>,
    },
    /// In the pool; healthy since this session time, or not healthy now. A hold lets it finish.
    Settling {
        healthy_since: Option<SessionTime>,
    },
    /// In flight when the conductor went away: being probed, then continued or shown to a human.
    Interrupted,
    Probed(Seen),
    Done,
    Failed {
        step: LaneStep,
        why: String,
    },
    Unknown {
        step: LaneStep,
        why: String,
    },
    Excluded {
        reason: String,
    },
    /// Rolled back before anything was changed on it.
    Skipped,
    RolledBack,
}

/// A finished step, for the eye.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepDone {
    pub step: LaneStep,
    pub took: Span,
    pub note: String,
}

impl LaneState {
    #[inline]
    pub const fn under_way(&self) -> bool {
        matches!(
            self,
            Self::Ready
                | Self::Working
                | Self::Converging { .. }
                | Self::Settling { .. }
                | Self::Interrupted
                | Self::Probed(_)
        )
    }

    /// It came to no good end, or to none that is known.
    #[inline]
    pub const fn stopped(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Unknown { .. })
    }

    /// Nothing more will happen by itself and nobody needs to act.
    #[inline]
    pub const fn ended(&self) -> bool {
        matches!(self, Self::Done | Self::Excluded { .. } | Self::Skipped | Self::RolledBack)
    }

    pub const fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready | Self::Working => "working",
            Self::Gathered { after: LaneStep::Fetch } => "fetched",
            Self::Gathered { after: LaneStep::Prove } => "proved stopped",
            Self::Gathered { after: LaneStep::Drain } => "out of traffic",
            Self::Gathered { after: LaneStep::Alive } => "ready, no traffic",
            Self::Gathered { .. } => "stopped",
            Self::Converging { .. } => "converging",
            Self::Settling { .. } => "settling",
            Self::Interrupted | Self::Probed(_) => "probing",
            Self::Done => "done",
            Self::Failed { .. } => "failed",
            Self::Unknown { .. } => "unknown",
            Self::Excluded { .. } => "excluded",
            Self::Skipped => "left out",
            Self::RolledBack => "rolled back",
        }
    }
}

impl Lane {
    pub fn new(stage: StageName, to: Candidate, steps: Vec<LaneStep>) -> Self {
        Self {
            stage,
            batch: 0,
            direction: Direction::Forward,
            to,
            attempt: 0,
            steps,
            at: 0,
            state: LaneState::Waiting,
            started: SessionTime::default(),
            step_since: SessionTime::default(),
            done: Vec::new(),
            stopped_after: None,
            evidence: None,
            set_aside: false,
            until: None,
            proved: None,
            stands_by: false,
            fell: false,
            upkeep: false,
        }
    }

    /// Whether nothing was begun on its host, nor decided about it.
    pub fn is_untouched(&self) -> bool {
        self.state == LaneState::Waiting && self.attempt == 0 && self.direction == Direction::Forward
    }

    /// Whether what comes after it in the line waits for it.
    #[inline]
    pub const fn open(&self) -> bool {
        !(self.state.ended() || self.set_aside)
    }

    /// Whether the step that its stage is at waits for it.
    #[inline]
    pub const fn awaited(&self) -> bool {
        self.open() && !matches!(self.state, LaneState::Gathered { .. })
    }

    /// Whether it has to be shown that nothing runs on the host before anything is deployed there.
    #[inline]
    pub fn has_to_prove(&self) -> bool {
        self.steps.contains(&LaneStep::Prove)
    }

    /// What ran on the host before may run still, where nothing else may run beside it.
    pub fn may_still_run(&self) -> bool {
        self.has_to_prove() && self.proved.is_none()
    }

    /// How it stands at its step: it waits for the others, or goes on. The last steps need no effect: the unit
    /// serves, and must stay healthy for a while.
    #[inline]
    pub fn at_its_step(&self) -> LaneState {
        match self.until {
            Some(until) if self.is_past(until) => LaneState::Gathered { after: until },
            _ if self.step() == LaneStep::Converge => LaneState::Converging { other: false, sick: None },
            _ if self.step() == LaneStep::Settle => LaneState::Settling { healthy_since: None },
            _ => LaneState::Ready,
        }
    }

    /// Whether this step is behind it; one that it does not have is where it would be in the order of them all.
    fn is_past(&self, step: LaneStep) -> bool {
        let place = self.steps.iter().position(|other| *other == step);
        place.map_or_else(|| self.step() > step, |place| self.at > place)
    }

    /// What was carried out on the host. The time it has to serve before it counts is the plan's: nobody's work, and
    /// nothing to be learned from.
    pub fn carried_out(&self) -> impl Iterator<Item = &StepDone> {
        self.done.iter().filter(|step| step.step != LaneStep::Settle)
    }

    /// How long all that took.
    pub fn worked(&self) -> Span {
        Span(self.carried_out().map(|step| step.took.0).sum())
    }

    #[inline]
    pub fn step(&self) -> LaneStep {
        self.steps.get(self.at).copied().unwrap_or(LaneStep::Settle)
    }
}

impl LaneStep {
    /// From here on the unit does not serve, and counts as changed.
    pub const fn takes_out(self) -> bool {
        matches!(
            self,
            LaneStep::Drain | LaneStep::Stop | LaneStep::Replace | LaneStep::Install | LaneStep::Start
        )
    }
}

/// The steps of this unit's lane, with or without the proof that it is stopped. The unit knows its environment, so
/// that no plan is searched for it.
pub fn lane_steps_of(session: &Session, unit: &UnitId, proves: bool) -> Vec<LaneStep> {
    let plan = session.plan();
    let Some(unit) = session.rollout.unit(unit) else { return Vec::new() };
    let environment = plan.environments.get(&unit.environment);
    environment.map(|it| lane_steps(plan, it, unit.component(), proves)).unwrap_or_default()
}

/// The steps of a lane in this environment, of this part where several are deployed. What is not declared is left out,
/// so that it never shows as passed.
pub fn lane_steps(
    plan: &Plan,
    environment: &Environment,
    part: Option<&ComponentName>,
    proves: bool,
) -> Vec<LaneStep> {
    let driver = plan.driver(environment, part);
    let verb = |verb: Verb| match driver {
        Driver::Local { .. } => !matches!(verb, Verb::Drain | Verb::SelfTest | Verb::Rejoin),
        Driver::Exec { verbs, .. } => verbs.contains_key(&verb),
        Driver::Ssh { .. } | Driver::Converge(_) => false,
    };
    if environment.converges().is_some() {
        // All else is the agent's.
        return vec![LaneStep::Converge, LaneStep::Settle];
    }
    let balanced = *plan.balancer(environment, part) != Balancer::None;
    let has = |step: &LaneStep| match step {
        LaneStep::Drain => balanced || verb(Verb::Drain),
        LaneStep::Rejoin => balanced || verb(Verb::Rejoin),
        LaneStep::SelfTest => plan.self_test(part).is_some() || verb(Verb::SelfTest),
        LaneStep::Prove => proves,
        LaneStep::Replace | LaneStep::Converge => false,
        LaneStep::Alive | LaneStep::Settle => true,
        other => other.verb().is_some_and(verb),
    };
    let mut steps = Vec::with_capacity(LaneStep::ALL.len());
    steps.extend(LaneStep::ALL.into_iter().filter(has));
    steps
}

impl crate::domain::pipeline::Pipeline {
    /// The stage whose lane a unit is in, or would be.
    pub(in crate::domain) fn stage_of(&self, session: &Session, unit: &UnitId) -> Option<StageName> {
        let unit = session.rollout.unit(unit);
        let lane = unit.and_then(|unit| unit.lane.as_ref());
        let here = || unit.and_then(|unit| self.under_way_in(&unit.environment)).or_else(|| self.running());
        lane.map(|lane| lane.stage.clone()).or_else(|| here().map(|run| run.name.clone()))
    }
}
