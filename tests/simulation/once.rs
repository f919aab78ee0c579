//! What runs once in a go-live: a command before the hosts of production, and one after them; and what must hold of them.

use std::collections::BTreeMap;

use golive::domain::{
    command::Command,
    effect::{Effect, Health, Outcome, PoolState, Work},
    effect_log::EffectEvent,
    event::{Event, Stamped},
    name::{OnceName, StageName, UnitId},
    pipeline::StageState,
    plan::{Once, Step, When, rules},
    rollout::{Direction, LaneState, OnceRun, OnceState, RolloutCommand, RolloutEvent, Unit},
    time::Span,
};

use super::{
    chaos::Wrongs,
    host::Wrong,
    oracle::Oracle,
    plan::{Shape, plan},
    rng::Rng,
    world::World,
};
use crate::plan_parts::template;

/// The step, and whether it is what takes it back.
type Way = (OnceName, bool);

/// What the commands did, and what they do.
#[derive(Clone, Debug, Default)]
pub struct Commands {
    /// So often each was carried out.
    pub ran: BTreeMap<Way, u32>,
    /// It fails, hangs, or says nothing.
    pub wrong: BTreeMap<Way, Wrong>,
    /// All that was carried out, in its order.
    pub log: Vec<Way>,
}

impl Commands {
    /// Microseconds that one takes; none: as a step of a host.
    pub fn takes(&self, once: &OnceName, back: bool) -> Option<u64> {
        (self.wrong.get(&(once.clone(), back)) == Some(&Wrong::Hangs)).then_some(300_000_000)
    }

    pub fn carry_out(&mut self, once: &OnceName, back: bool) -> Outcome {
        let way = (once.clone(), back);
        *self.ran.entry(way.clone()).or_default() += 1;
        self.log.push(way.clone());
        match self.wrong.get(&way) {
            Some(Wrong::Fails) => {
                Outcome::Failed { why: "exit status 1: no such table".into(), evidence: None }
            }
            Some(Wrong::Hangs | Wrong::Undecided) => {
                Outcome::Inconclusive { why: "it was not done within 5 min and was ended".into() }
            }
            _ => Outcome::Done { note: "done".into(), facts: BTreeMap::new() },
        }
    }
}

pub fn name(text: &str) -> OnceName {
    OnceName::new(text).unwrap()
}

pub fn again(once: &str) -> Command {
    RolloutCommand::OnceAgain { once: name(once) }.into()
}

pub fn done(once: &str) -> Command {
    RolloutCommand::OnceDone { once: name(once), reason: "the tables are there".into() }.into()
}

pub fn forced(once: &str) -> Command {
    RolloutCommand::OnceForced { once: name(once), reason: "the release does without it".into() }.into()
}

/// `migrate` before and `announce` after; whether a rollback takes each back.
pub fn both(backs: [bool; 2]) -> Vec<Once> {
    let one = |text: &str, when, back: bool| Once {
        name: name(text),
        run: vec![template("bin/once"), template(text), template("{version}")],
        when,
        timeout: Span::minutes(5),
        back: if back { vec![template("bin/once"), template("back"), template(text)] } else { vec![] },
    };
    vec![one("migrate", When::Before, backs[0]), one("announce", When::After, backs[1])]
}

/// Some stages have them.
pub fn some_have_it(seed: u64, shape: Shape) -> Shape {
    let mut rng = Rng::new(seed ^ 0x00ce);
    if !rng.per_mille(250) {
        return shape;
    }
    let once = Some([rng.per_mille(600), rng.per_mille(600)]);
    let other = Shape { once, ..shape.clone() };
    if rules::check(&plan(&other)).is_empty() { other } else { shape }
}

/// Some of them go wrong.
pub fn goes_wrong(world: &mut World, seed: u64, wrongs: &mut Wrongs) {
    let mut rng = Rng::new(seed ^ 0x00cf);
    for way in [("migrate", false), ("migrate", true), ("announce", false), ("announce", true)] {
        let wrong = *rng.pick(&[Wrong::Fails, Wrong::Hangs, Wrong::Undecided]);
        if rng.per_mille(150) && wrongs.has(|| format!("once {way:?}: {wrong:?}")) {
            world.once.wrong.insert((name(way.0), way.1), wrong);
        }
    }
}

fn known<'a>(oracle: &'a Oracle, stage: &StageName, once: &OnceName) -> Option<&'a OnceRun> {
    oracle.shadow.pipeline.run(stage)?.once.iter().find(|it| it.name == *once)
}

fn through(state: Option<&OnceState>) -> bool {
    matches!(state, Some(OnceState::Done | OnceState::Forced))
}

impl Oracle {
    /// What runs once: when it may begin, and what may not begin before its end.
    pub(super) fn once(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::Effect(EffectEvent::Started { effect }) => match &effect.work {
                Work::Once { back: false, .. } => self.begins_once(effect),
                Work::Once { back: true, .. } => self.takes_back_once(effect),
                _ => {}
            },
            Event::Rollout(RolloutEvent::LaneStarted { unit, direction: Direction::Forward, .. }) => {
                self.host_begins(unit);
            }
            Event::Rollout(RolloutEvent::LaneStarted { unit, direction: Direction::Back, .. }) => {
                self.host_goes_back(unit);
            }
            Event::Rollout(RolloutEvent::BehindAccepted { units, once, .. }) => {
                self.must(stamped.actor.is_human(), || format!("nobody said that {once} runs"));
                self.without.extend(units.iter().cloned());
            }
            Event::Rollout(
                RolloutEvent::OnceTriedAgain { once, .. }
                | RolloutEvent::OnceMarkedDone { once, .. }
                | RolloutEvent::OnceForced { once, .. },
            ) => {
                self.must(stamped.actor.is_human(), || format!("nobody said what becomes of {once}"));
            }
            _ => {}
        }
    }

    /// The stage is at it, nothing is held or stopped, and it was never begun, or a person has it tried again. One that
    /// is before the hosts comes before all of them.
    fn begins_once(&mut self, effect: &Effect) {
        let Work::Once { stage, once, .. } = &effect.work else { return };
        let state = known(self, stage, once).map(|it| it.state.clone());
        self.must(matches!(state, None | Some(OnceState::Again)), || {
            format!("{once} began, and is {state:?}")
        });
        self.line_moves(&UnitId::new(once.as_str()).unwrap());
        let Some(run) = self.shadow.pipeline.run(stage).cloned() else { return };
        let at = run.step() == Some(&Step::Once(once.clone())) && run.state == StageState::Rolling;
        self.must(at, || format!("{once} began, and {stage} is at {:?}", run.step()));
        let before = self.shadow.plan().once(stage, once).is_some_and(|it| it.when == When::Before);
        let lanes = run.units.iter().filter_map(|unit| self.shadow.rollout.unit(unit));
        let bad = lanes
            .filter(|unit| {
                let lane = unit.lane.as_ref().filter(|lane| lane.stage == *stage);
                let waits = lane.is_none_or(|lane| {
                    let left = matches!(lane.state, LaneState::Skipped | LaneState::Excluded { .. });
                    lane.state == LaneState::Waiting || left
                });
                let through = lane.is_none_or(|lane| !lane.awaited());
                if before { !waits } else { !through }
            })
            .map(|unit| unit.id.clone())
            .next();
        self.must(bad.is_none(), || format!("{once} began (before: {before}) while {bad:?} is under way"));
        if before || state.is_some() {
            return;
        }
        let candidate = &self.shadow.course.release.candidate.version;
        let done = |unit: &Unit| unit.lane.as_ref().is_some_and(|lane| lane.state == LaneState::Done);
        let serves = |unit: &Unit| {
            let sick = unit.fresh().is_some_and(|seen| {
                seen.health == Health::Sick || matches!(seen.pool, PoolState::Out | PoolState::Down)
            });
            let other = unit.fresh().and_then(|seen| seen.runs.as_ref()) != Some(candidate);
            !unit.out && !unit.standby && !sick && other
        };
        let lanes = run.units.iter().filter_map(|unit| self.shadow.rollout.unit(unit));
        let behind: Vec<UnitId> =
            lanes.filter(|unit| !done(unit) && serves(unit)).map(|unit| unit.id.clone()).collect();
        let unasked = behind.into_iter().find(|unit| !self.without.contains(unit));
        self.must(unasked.is_none(), || format!("{once} began, {unasked:?} may serve another version"));
    }

    /// Only what was begun is taken back, once it has ended, in a rollback of all; what ran before the hosts is when
    /// every host is back.
    fn takes_back_once(&mut self, effect: &Effect) {
        let Work::Once { environment, stage, once, .. } = &effect.work else { return };
        let it = known(self, stage, once).cloned();
        let ended = it.as_ref().is_some_and(|it| it.state != OnceState::UnderWay);
        self.must(ended, || format!("{once} is taken back, and is {it:?}"));
        let back = it.and_then(|it| it.back);
        self.must(matches!(back, None | Some(OnceState::Again)), || {
            format!("{once} is taken back again: {back:?}")
        });
        let rollback = self.shadow.rollout.rollbacks.get(environment);
        let going = rollback.is_some_and(|rollback| rollback.ended.is_none() && !rollback.narrow);
        self.must(going, || format!("{once} is taken back without a rollback"));
        if self.shadow.plan().once(stage, once).is_some_and(|it| it.when == When::Before) {
            let left = self.shadow.rollout.units().iter().find(|unit| {
                let back = unit.lane.as_ref().is_some_and(|lane| lane.state == LaneState::RolledBack);
                unit.environment == *environment && unit.touched.is_some() && !back
            });
            let left = left.map(|unit| unit.id.clone());
            self.must(left.is_none(), || format!("{once} is taken back before {left:?} is"));
        }
    }

    /// No host before what is before it ended well, or a person said so; none beside what is after them.
    fn host_begins(&mut self, unit: &UnitId) {
        let Some(run) = self.shadow.pipeline.running().cloned() else { return };
        let Some((_, stage)) = self.shadow.plan().stage(&run.name) else { return };
        let state = |once: &Once| run.once.iter().find(|it| it.name == once.name).map(|it| &it.state);
        let open = stage.once.iter().filter(|once| once.when == When::Before && !through(state(once)));
        let open: Vec<String> = open.map(|once| once.name.to_string()).collect();
        self.must(open.is_empty(), || format!("{unit} began before {open:?} ended well"));
        let beside = run.once.iter().find(|it| it.state == OnceState::UnderWay).map(|it| it.name.clone());
        self.must(beside.is_none(), || format!("{unit} began beside {beside:?}"));
    }

    /// Before a host goes back, what ran after the hosts is taken back, and nothing still runs forward.
    fn host_goes_back(&mut self, unit: &UnitId) {
        let Some(environment) = self.shadow.rollout.unit(unit).map(|unit| unit.environment.clone()) else {
            return;
        };
        let rollback = self.shadow.rollout.rollbacks.get(&environment);
        if rollback.is_none_or(|rollback| rollback.narrow || rollback.ended.is_some()) {
            return;
        }
        let plan = self.shadow.plan();
        let here = self.shadow.pipeline.stages.iter().filter(|run| run.environment == environment);
        let all = here.flat_map(|run| run.once.iter().map(move |it| (run, it)));
        let open: Vec<String> = all
            .filter(|(run, it)| {
                let of = plan.once(&run.name, &it.name);
                let after = of.is_some_and(|of| of.when == When::After && !of.back.is_empty());
                it.state == OnceState::UnderWay || after && !through(it.back.as_ref())
            })
            .map(|(_, it)| it.name.to_string())
            .collect();
        self.must(open.is_empty(), || format!("{unit} goes back before {open:?} is taken back"));
    }
}

/// Once it ran it ran: as the record says, and as the world saw it.
pub fn holds(world: &World) {
    let mut begun: BTreeMap<Way, (u32, u32)> = BTreeMap::new();
    for Stamped { event, .. } in &world.journal.durable {
        match event {
            Event::Effect(EffectEvent::Started { effect }) => {
                if let Work::Once { once, back, .. } = &effect.work {
                    begun.entry((once.clone(), *back)).or_default().0 += 1;
                }
            }
            Event::Rollout(RolloutEvent::OnceTriedAgain { once, back, .. }) => {
                begun.entry((once.clone(), *back)).or_default().1 += 1;
            }
            _ => {}
        }
    }
    for ((once, back), (times, again)) in &begun {
        assert!(
            *times <= 1 + again,
            "seed {}: {once} (back: {back}) was begun {times} times, and {again} times by a person\n{}",
            world.seed,
            world.story()
        );
        let forward = begun.get(&(once.clone(), false)).is_some_and(|(times, _)| *times > 0);
        assert!(forward, "seed {}: {once} was taken back and never begun\n{}", world.seed, world.story());
    }
    // What the world saw of it is never more than what was begun.
    for (way, times) in &world.once.ran {
        let (begun, _) = begun.get(way).copied().unwrap_or_default();
        assert!(
            *times <= begun,
            "seed {}: {way:?} ran {times} times, begun {begun}\n{}",
            world.seed,
            world.story()
        );
    }
    // What went live has run all of it; what was rolled back whole has nothing left to be taken back.
    let session = world.session();
    for run in session.pipeline.stages.iter().filter(|run| run.rolled_out.is_some()) {
        let Some((_, stage)) = session.plan().stage(&run.name) else { continue };
        for once in &stage.once {
            let state = run.once.iter().find(|it| it.name == once.name).map(|it| &it.state);
            let missing = through(state) || run.state == StageState::RolledBack;
            assert!(missing, "seed {}: {} is {state:?} after {}", world.seed, once.name, run.name);
        }
    }
    for run in session.pipeline.stages.iter().filter(|run| run.state == StageState::RolledBack) {
        let left = session.rollout.to_go_back(&run.environment) > 0;
        for it in run.once.iter().filter(|_| !left) {
            let takes = session.plan().once(&run.name, &it.name).is_some_and(|once| !once.back.is_empty());
            let back = it.back.as_ref();
            assert!(!takes || through(back), "seed {}: {} is not taken back: {back:?}", world.seed, it.name);
        }
    }
}
