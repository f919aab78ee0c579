//! Requests where none should be, in the random worlds: an alarm that stops the line until somebody lifts it.

use std::collections::{BTreeMap, BTreeSet};

use golive::{
    conductor::turn::Input,
    domain::{
        effect::{Report, Reported},
        event::Event,
        name::{EnvironmentName, StageName},
        pipeline::PipelineEvent,
        plan::TrafficKind,
        rollout::{Direction, RolloutEvent},
        signal::{SignalEvent, TrafficStanding, traffic},
        time::Span,
    },
};

use super::{
    plan::{Shape, environment},
    rng::Rng,
    world::{Happening, World},
};

/// Whether the stage before production should get no requests.
pub fn is_meant(seed: u64, shape: &Shape) -> bool {
    shape.beta && Rng::new(seed ^ 0x71e7).per_mille(600)
}

/// Somebody asks there by mistake, once or twice.
pub fn some_ask(world: &mut World, seed: u64, until: u64) {
    let beta = environment("beta");
    let mut rng = Rng::new(seed ^ 0x71e8);
    if !world.is_quiet(&beta) || !rng.per_mille(600) {
        return;
    }
    for _ in 0..rng.between(1, 3) {
        let requests = rng.between(1, 40);
        world.plan_for(rng.below(until), Happening::Strays(beta.clone(), requests));
    }
}

impl World {
    pub(super) fn is_quiet(&self, environment: &EnvironmentName) -> bool {
        let declared = self.session().plan().environments.get(environment);
        declared.is_some_and(|it| it.traffic == TrafficKind::None)
    }

    pub(super) fn stray(&mut self, environment: EnvironmentName, requests: u64) {
        self.note(&format!("{requests} requests come to {environment}"));
        *self.strays.entry(environment).or_default() += requests;
    }

    /// A report comes in. One that tells of requests where none should be leads to an alarm at once.
    pub(super) fn arrives(&mut self, report: Report) {
        let seen = match &report.what {
            Reported::Counted { environment, total: Some(total), .. } if *total > 0 => {
                Some((environment.clone(), *total))
            }
            _ => None,
        };
        let told = seen.filter(|(environment, _)| self.is_quiet(environment));
        let current = self
            .turn
            .session()
            .flights
            .get(&report.effect.target)
            .is_some_and(|flight| flight.effect.id == report.effect && self.turn.epoch() == report.epoch);
        let counts = current && self.turn.broken().is_none() && !self.session().course.is_over();
        let kills = self.kills;
        self.input(Input::Report(report));
        let Some((environment, total)) = told.filter(|_| counts && kills == self.kills) else { return };
        if self.turn.broken().is_some() {
            return;
        }
        let standing = traffic(self.session(), &environment);
        let recorded = self.session().checks.quiet.get(&environment).and_then(|known| known.total);
        let since = match standing {
            Some(TrafficStanding::Alarm(alarm)) => self.now().session.since(alarm.last.session),
            _ => Span(u64::MAX),
        };
        // Every request is recorded within a minute, whoever was away when it came.
        assert!(
            recorded == Some(total) || recorded < Some(total) && since < Span::secs(60),
            "seed {}: {total} requests came to {environment}, {recorded:?} are known, {since} ago: {standing:?}\n{}",
            self.seed,
            self.story()
        );
    }
}

/// Every request that a balancer counted since somebody looked first is in the record, once.
fn adds_up(world: &World) {
    let mut all: BTreeMap<&EnvironmentName, (u64, u64, u64)> = BTreeMap::new();
    for stamped in &world.journal.durable {
        let (environment, requests, total) = match &stamped.event {
            Event::Signal(SignalEvent::TrafficSeen { environment, requests, total: Some(total), .. }) => {
                (environment, *requests, *total)
            }
            Event::Signal(SignalEvent::TrafficLookedAt { environment, total: Some(total), before }) => {
                (environment, *before, *total)
            }
            _ => continue,
        };
        let (_, last, sum) = all.entry(environment).or_insert((total - requests, 0, 0));
        (*last, *sum) = (total, *sum + requests);
    }
    for (environment, (first, last, sum)) in all {
        let seed = world.seed;
        assert_eq!(
            first + sum,
            last,
            "seed {seed}: the record's requests to {environment} do not add up\n{}",
            world.story()
        );
    }
}

/// While the alarm stands no host is taken, no stage passes and no bake ends; a person lifts it, with a reason.
pub fn holds(world: &World) {
    adds_up(world);
    let mut alarms = BTreeSet::new();
    for stamped in &world.journal.durable {
        let goes_on = match &stamped.event {
            Event::Signal(SignalEvent::TrafficSeen { environment, .. }) => {
                alarms.insert(environment);
                false
            }
            Event::Signal(SignalEvent::AlarmLifted { environment, reason, .. }) => {
                let stood = alarms.remove(environment);
                assert!(stood && stamped.actor.is_human() && !reason.is_empty(), "{stamped:?}");
                false
            }
            Event::Rollout(RolloutEvent::LaneStarted { direction: Direction::Forward, .. }) => true,
            // A stage beside it goes on with its bake.
            Event::Pipeline(PipelineEvent::BakeEnded { stage }) => {
                alarms.iter().any(|environment| concerns(world, environment, stage))
            }
            Event::Pipeline(PipelineEvent::StagePassed { .. } | PipelineEvent::StageStarted { .. }) => true,
            _ => false,
        };
        assert!(
            alarms.is_empty() || !goes_on,
            "seed {}: {:?} although requests came where none should, in {alarms:?}\n{}",
            world.seed,
            stamped.event,
            world.story()
        );
    }
}

/// Whether a stage changes this environment, or comes after one that does; one in which no stage is concerns all.
fn concerns(world: &World, environment: &EnvironmentName, stage: &StageName) -> bool {
    let pipeline = &world.session().pipeline;
    let at = pipeline.stages.iter().position(|run| run.name == *stage);
    let mut here =
        pipeline.stages.iter().enumerate().filter(|(_, run)| run.environment == *environment).peekable();
    here.peek().is_none()
        || at.is_none_or(|at| here.any(|(index, _)| at == index || pipeline.comes_after(at, index)))
}
