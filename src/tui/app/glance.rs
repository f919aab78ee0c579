//! What screens need of the session that costs more than a look: computed once for many frames, again when the
//! record has moved on, and with thousands of hosts not more often than ten times a second.

use std::time::Duration;

use super::focus::Focus;
use crate::{
    domain::{
        gate,
        name::{Digest, EnvironmentName},
        next_step::in_the_way,
        pipeline::StageState,
        poll::{Tally, tally},
        refusal::Obstacle,
        rollout::{
            Forecast, Readiness, Trouble, Unwell, live_on_the_new, readiness, rollback_place, troubles,
            unwell,
        },
        session::Session,
        timeline::{Timeline, timeline},
    },
    tui::{
        keymap::{TABLE, When, Why},
        terminal::Moment,
        world::{Link, World},
    },
};

/// Fleets up to this size are looked at anew for every frame.
const SMALL: usize = 500;
const PAUSE: Duration = Duration::from_millis(100);

/// Conditions that depend on what is selected are asked for every frame: they are cheap.
const OF_SELECTION: [When; 13] = [
    When::List,
    When::Hosts,
    When::Link,
    When::Stuck,
    When::UnknownHost,
    When::Excludable,
    When::ItemByHand,
    When::Provable,
    When::Waivable,
    When::Excusable,
    When::Question,
    When::WaiverAsked,
    When::AutomaticItem,
];

#[derive(Clone, Debug, Default)]
pub struct Glance {
    seen: Option<Seen>,
    pub to_go: Vec<Obstacle>,
    /// Of what is decided now: before a GO that is the GO.
    pub in_the_way: Vec<Obstacle>,
    pub tally: Option<Tally>,
    /// Of the environment that the screens are about.
    pub rollback: Option<Readiness>,
    pub troubles: Vec<Trouble>,
    /// What is wrong although nobody is needed yet.
    pub unwell: Vec<Unwell>,
    pub forecast: Forecast,
    /// What is expected when, and what the end hangs on.
    pub timeline: Option<Timeline>,
    /// How many hosts each stage of the plan has, and of which plan that was counted.
    stages: (Option<Digest>, Vec<usize>),
    verdicts: Vec<(When, Result<(), Why>)>,
    of_selection: Vec<(When, Result<(), Why>)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Seen {
    seq: u64,
    /// Due times and expiries are looked at every second.
    second: u64,
    link: Link,
    at: Moment,
}

impl Glance {
    pub fn refresh(&mut self, world: &World<'_>, focus: &Focus) {
        self.of_selection = OF_SELECTION.into_iter().map(|when| (when, focus.judge(world, when))).collect();
        if !self.is_due(world) {
            return;
        }
        let mut asked: Vec<When> = Vec::new();
        for binding in TABLE {
            if !OF_SELECTION.contains(&binding.when) && !asked.contains(&binding.when) {
                asked.push(binding.when);
            }
        }
        self.verdicts = asked.into_iter().map(|when| (when, focus.judge(world, when))).collect();
        if let Some(session) = world.session {
            self.to_go = gate::to_go(session, world.now);
            self.in_the_way = in_the_way(session, world.now);
            self.tally = Some(tally(session, world.now));
            self.rollback = place(world).map(|environment| readiness(session, environment));
            self.troubles = troubles(session);
            self.unwell = unwell(session, world.now);
            // It looks at every host, and averages move slowly.
            let second = world.now.wall.0.unsigned_abs() / 1_000_000;
            let small = session.rollout.units().len() <= SMALL;
            if small || self.seen.as_ref().is_none_or(|seen| seen.second != second) {
                self.forecast = Forecast::of(session);
                self.timeline = Some(timeline(session, &self.forecast, world.now));
            }
            self.count_stages(session);
        }
        self.seen = Some(now(world));
    }

    /// How many hosts the stage has by the plan.
    pub fn hosts_of_stage(&self, index: usize) -> usize {
        self.stages.1.get(index).copied().unwrap_or_default()
    }

    /// A plan does not change: counted once for each that is adopted.
    fn count_stages(&mut self, session: &Session) {
        let digest = &session.course.adopted.digest;
        if self.stages.0.as_ref() != Some(digest) {
            let plan = session.plan();
            let counts = (0..plan.stages.len()).map(|index| plan.selected(index).len()).collect();
            self.stages = (Some(digest.clone()), counts);
        }
    }

    fn is_due(&self, world: &World<'_>) -> bool {
        let Some(seen) = &self.seen else { return true };
        let is = now(world);
        if (seen.seq, seen.second, &seen.link) == (is.seq, is.second, &is.link) {
            return false;
        }
        let hosts = world.session.map_or(0, |session| session.rollout.units().len());
        hosts <= SMALL || is.at.since(seen.at) >= PAUSE
    }

    /// When it wants to be refreshed although nothing happens.
    pub fn wake_at(&self, world: &World<'_>) -> Option<Moment> {
        let seen = self.seen.as_ref()?;
        let moved = world.session.map_or(0, |session| session.seq) != seen.seq;
        moved.then(|| seen.at.plus(PAUSE))
    }

    pub fn judge(&self, when: When) -> Result<(), Why> {
        self.of_selection
            .iter()
            .chain(&self.verdicts)
            .find(|(asked, _)| *asked == when)
            .map_or_else(|| Err(Why::new("not now", "not known yet")), |(_, verdict)| verdict.clone())
    }
}

impl crate::tui::keymap::Situation for Glance {
    fn judge(&self, when: When) -> Result<(), Why> {
        Glance::judge(self, when)
    }
}

fn now(world: &World<'_>) -> Seen {
    Seen {
        seq: world.session.map_or(0, |session| session.seq),
        second: world.now.wall.0.unsigned_abs() / 1_000_000,
        link: world.link.clone(),
        at: world.at,
    }
}

/// The environment that the screens are about: where a stage is under way; else the one the poll decides about, once
/// the stages before it are through; else where one ran last.
pub fn place<'a>(world: &World<'a>) -> Option<&'a EnvironmentName> {
    let session = world.session?;
    // Of several the one that a rollback would act on: what is wrong, or was changed last.
    if session.pipeline.branches()
        && session.pipeline.running().is_some_and(|run| run.state != StageState::Rolling)
        && let Some(environment) = rollback_place(session)
    {
        return Some(environment);
    }
    if let Some(run) = session.pipeline.running() {
        return Some(&run.environment);
    }
    if let Some(live) = live_on_the_new(session).next() {
        return Some(&live.environment);
    }
    let decided = session.pipeline.stages.get(session.plan().poll_index());
    let last = session.pipeline.last_started();
    let mut before = session.plan().before_the_poll().into_iter();
    let through = before.all(|at| session.pipeline.stages[at].passed.is_some())
        && decided.is_some_and(|run| run.started.is_none());
    match last.filter(|_| !through) {
        Some(run) => Some(&run.environment),
        None => session.plan().headline().map(|environment| &environment.name),
    }
}
