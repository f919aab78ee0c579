//! Requests where none should be, in the random worlds: an alarm that stops the line until somebody lifts it.

use golive::{
    conductor::turn::Input,
    domain::{
        effect::{Report, Reported},
        event::Event,
        name::EnvironmentName,
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

/// Every request that its balancer counted since somebody looked first is in the record, once.
fn adds_up(world: &World) {
    let (mut first, mut last, mut sum) = (None, 0, 0);
    for stamped in &world.journal.durable {
        let (requests, total) = match &stamped.event {
            Event::Signal(SignalEvent::TrafficSeen { requests, total: Some(total), .. }) => {
                (*requests, *total)
            }
            Event::Signal(SignalEvent::TrafficLookedAt { total: Some(total), .. }) => (0, *total),
            _ => continue,
        };
        first = first.or(Some(total - requests));
        (last, sum) = (total, sum + requests);
    }
    let whole = first.unwrap_or_default() + sum;
    assert_eq!(whole, last, "seed {}: the record's requests do not add up\n{}", world.seed, world.story());
}

/// While the alarm stands no host is taken, no stage passes and no bake ends; a person lifts it, with a reason.
pub fn holds(world: &World) {
    adds_up(world);
    let mut stands = false;
    for stamped in &world.journal.durable {
        let goes_on = match &stamped.event {
            Event::Signal(SignalEvent::TrafficSeen { .. }) => {
                stands = true;
                false
            }
            Event::Signal(SignalEvent::AlarmLifted { reason, .. }) => {
                assert!(stands && stamped.actor.is_human() && !reason.is_empty(), "{stamped:?}");
                stands = false;
                false
            }
            Event::Rollout(RolloutEvent::LaneStarted { direction: Direction::Forward, .. }) => true,
            Event::Pipeline(
                PipelineEvent::StagePassed { .. }
                | PipelineEvent::StageStarted { .. }
                | PipelineEvent::BakeEnded { .. },
            ) => true,
            _ => false,
        };
        assert!(
            !(stands && goes_on),
            "seed {}: {:?} although requests came where none should\n{}",
            world.seed,
            stamped.event,
            world.story()
        );
    }
}
