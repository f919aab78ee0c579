//! Commands of the team's that outlive a killed conductor: each runs on and ends in its own time, and whether how it ended
//! is written down is the world's matter.

use golive::domain::{
    command::Command,
    effect::{Effect, Outcome, Report, Reported, Target, Work},
    effect_log::{Flight, Outlived},
    event::{Event, Stamped},
    rollout::{OnceState, RolloutCommand, RolloutEvent, once_left_behind},
    time::Span,
};

use super::{
    engine::End,
    oracle::Oracle,
    robot::Robot,
    world::{Happening, World},
};

/// One that was left behind.
#[derive(Clone, Debug)]
pub struct Orphan {
    pub effect: Effect,
    epoch: u32,
    /// None: it still runs.
    ended: Option<Recorded>,
}

/// What killed conductors leave behind, where it is not left to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    Nothing,
    /// It runs on for this long, and how it ends is written down or not.
    Running(Span, bool),
}

/// How it ended, where that was written down.
type Recorded = Option<Outcome>;

impl World {
    /// Its conductor is gone: it was never begun, ended meanwhile, or still runs.
    pub(super) fn left_behind(&mut self, effect: Effect, epoch: u32) {
        // Whoever only followed another one has left nothing of its own.
        if effect.follows() || self.engine.leaves == Some(Leaves::Nothing) {
            return;
        }
        if self.engine.leaves.is_none() && self.rng.per_mille(300) {
            return;
        }
        let target = effect.id.target.clone();
        self.engine.orphans.insert(target.clone(), Orphan { effect, epoch, ended: None });
        if let Some(Leaves::Running(lasts, _)) = self.engine.leaves {
            self.soon(lasts, Happening::OrphanEnds(target));
        } else if self.rng.per_mille(300) {
            self.orphan_ends(&target);
        } else {
            let lasts = self.rng.between(1_000_000, 90_000_000);
            self.soon(Span(lasts), Happening::OrphanEnds(target));
        }
    }

    fn runs_on(&self, target: &Target) -> Option<&Orphan> {
        self.engine.orphans.get(target).filter(|orphan| orphan.ended.is_none())
    }

    /// One that runs is told; how long it takes until the end of it is known: none while it runs.
    pub(super) fn followed(&mut self, effect: &Effect, epoch: u32) -> Option<u64> {
        if self.runs_on(&effect.id.target).is_none() {
            return Some(self.rng.between(1_000, 200_000));
        }
        let found = Outlived { pid: 4711, since: None };
        let report = Report { epoch, effect: effect.id.clone(), what: Reported::Outlived(found) };
        self.soon(Span(1_000), Happening::Arrives(Box::new(report)));
        None
    }

    /// It ends by itself.
    pub(super) fn orphan_ends(&mut self, target: &Target) {
        let Some(orphan) = self.runs_on(target).cloned() else { return };
        let outcome = self.carry_out(&orphan.effect, orphan.epoch);
        let written = match self.engine.leaves {
            Some(Leaves::Running(_, written)) => written,
            _ => self.rng.per_mille(700),
        };
        let recorded = written.then_some(outcome);
        if let Some(orphan) = self.engine.orphans.get_mut(target) {
            orphan.ended = Some(recorded);
        }
        let followers = self.engine.flying.values().filter(|it| it.effect.follows());
        let ends: Vec<End> = followers
            .filter(|it| it.effect.id.target == *target)
            .map(|it| End { id: it.effect.id.clone(), epoch: it.epoch, token: it.ends, cancelled: false })
            .collect();
        for end in ends {
            self.ends_in(100_000, end);
        }
    }

    /// What whoever followed it tells at its end. One that still runs is ended with that: it may have got to its end or not.
    pub(super) fn outlived(&mut self, of: &Effect) -> Outcome {
        let unknown = || Outcome::Inconclusive { why: "how it ended was not written down".into() };
        let Some(orphan) = self.engine.orphans.remove(&of.id.target) else { return unknown() };
        match orphan.ended {
            Some(recorded) if orphan.effect.id == of.id => recorded.unwrap_or_else(unknown),
            Some(_) => unknown(),
            None => {
                if self.rng.per_mille(500) {
                    self.carry_out(&orphan.effect, orphan.epoch);
                }
                Outcome::Cancelled
            }
        }
    }

    /// Nothing of the kind is begun beside one that runs on.
    pub(super) fn alone_for(&self, effect: &Effect) {
        let beside = self.runs_on(&effect.id.target).filter(|_| !effect.follows());
        assert!(
            beside.is_none(),
            "seed {}: {} begins while {beside:?} still runs\n{}",
            self.seed,
            effect.id,
            self.story()
        );
    }
}

impl Oracle {
    /// Nobody vouches for what still runs, or may: it is looked for first.
    pub(super) fn vouched(&mut self, stamped: &Stamped) {
        let Event::Rollout(
            RolloutEvent::OnceMarkedDone { stage, once, back, .. }
            | RolloutEvent::OnceForced { stage, once, back, .. },
        ) = &stamped.event
        else {
            return;
        };
        let left = once_left_behind(&self.shadow, once).map(|left| left.words());
        self.must(left.is_none(), || format!("somebody vouched for {once}, and {left:?}"));
        let run = self.shadow.pipeline.run(stage).and_then(|run| run.once.iter().find(|it| it.name == *once));
        let state = run.map(|it| if *back { it.back.clone() } else { Some(it.state.clone()) });
        let under_way = state == Some(Some(OnceState::UnderWay));
        self.must(!under_way, || format!("somebody vouched for {once}, which is under way"));
    }
}

impl Robot {
    /// Does not wait for what a killed conductor left behind: vouches for it in vain, then has it tried again.
    pub(super) fn meddle(&mut self, world: &mut World) {
        let follows = |flight: &&Flight| flight.effect.follows();
        let left = world.session().flights.iter().filter(follows).find_map(|it| match it.effect.acts() {
            Work::Once { once, .. } => Some(once.clone()),
            _ => None,
        });
        let Some(once) = left else { return };
        let again = self.nth("left").is_multiple_of(2);
        let reason = "the table is there".to_owned();
        let said = if again {
            RolloutCommand::OnceAgain { once }
        } else {
            RolloutCommand::OnceDone { once, reason }
        };
        world.say("raj", Command::Rollout(said));
    }
}
