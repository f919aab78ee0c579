//! What must hold whatever happens: of each event before it is applied, and from time to time of everything at once.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use golive::{
    conductor::turn::{Output, Turn},
    domain::{
        course::CourseEvent,
        effect::{LaneStep, Work},
        effect_log::EffectEvent,
        event::{Event, Stamped},
        name::{CheckName, StageName, UnitId},
        pipeline::{PipelineEvent, StageState, bake_left, validation_standing},
        plan::{CheckKind, Limits, Promote},
        poll,
        rollout::{Direction, LaneState, RolloutEvent, Unit, let_pass_in, troubles},
        session::Session,
        signal::{JudgedVerdict, SignalEvent},
        time::{Now, SessionTime, Span},
    },
    record::{Folded, Head, snapshot},
};

use super::{
    journal::Journal,
    oracle_upkeep::Upkept,
    story::{Story, matters},
};

/// Everything is looked at after this many events.
const SELDOM: u64 = 100;
/// What lasts is looked for after this many looks.
const SOMETIMES: u64 = 12;

pub struct Oracle {
    pub(super) shadow: Session,
    looks: u64,
    /// How many events there are when everything is looked at next.
    due: u64,
    /// How many there are when what is stored is read back next: each time after twice as many.
    read_due: u64,
    /// Session time of the last event that moved the rollout.
    pub(super) moved: SessionTime,
    /// Since when too few hosts serve and nobody was called.
    pub(super) short_since: Option<SessionTime>,
    /// Since when a host is in the pool that should not serve.
    pub(super) strays_since: BTreeMap<UnitId, SessionTime>,
    pub(super) upkept: Upkept,
    /// Hosts that a step takes out, and whether they were seen not to serve: the truth is asked next.
    pub(super) leaves: Vec<(UnitId, bool)>,
    /// Hosts that joined a stage under way, and were not seen to serve since.
    pub(super) joined: BTreeSet<UnitId>,
    /// Hosts that are not done, and without which somebody let run what is for when all are.
    pub(super) without: BTreeSet<UnitId>,
    /// When the bakes under way began, and how much of them nobody saw.
    pub(super) baked: BTreeMap<StageName, (SessionTime, Span)>,
    pub events: u64,
    /// A conductor took the session up from its record: what another one had said beyond that was never said.
    was_restarted: bool,
    /// What was found broken. A rule looks at the session as it stands, and writes down what it finds beside it.
    broken: RefCell<Vec<String>>,
    /// How the record stood, and whether it could be written, when it was last found that enough hosts serve, and that
    /// none is in the pool that should not be: as long as it stands so nothing can say otherwise.
    pub(super) enough: Option<(u64, bool)>,
    pub(super) calm: Option<(u64, bool)>,
}

impl Oracle {
    pub fn new(session: Session) -> Self {
        Self {
            shadow: session,
            looks: 0,
            due: SELDOM,
            read_due: 4 * SELDOM,
            moved: SessionTime(0),
            short_since: None,
            strays_since: BTreeMap::new(),
            events: 0,
            was_restarted: false,
            upkept: Upkept::default(),
            leaves: Vec::new(),
            joined: BTreeSet::new(),
            without: BTreeSet::new(),
            baked: BTreeMap::new(),
            broken: RefCell::default(),
            enough: None,
            calm: None,
        }
    }

    /// Another conductor folds what is durable.
    pub fn restarted(&mut self, session: Session) {
        self.was_restarted = true;
        self.moved = session.now.session;
        self.short_since = None;
        self.enough = None;
        self.calm = None;
        self.strays_since.clear();
        self.leaves.clear();
        self.shadow = session;
    }

    pub fn saw(&mut self, output: &Output, heavy: bool, log: &mut Story) {
        let (Output::Append { events, .. } | Output::Fallback { events, .. }) = output else { return };
        self.events += events.len() as u64;
        if !heavy {
            return;
        }
        // What was in the fallback comes once more when it is sealed into the journal.
        for stamped in events {
            if stamped.seq <= self.shadow.seq {
                continue;
            }
            self.before(stamped);
            self.joins(stamped);
            self.counts_acts(stamped);
            self.shadow.apply(stamped);
            if matters(&stamped.event) {
                self.moved = stamped.now.session;
                log.record(stamped);
            }
        }
    }

    pub(super) fn must(&self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.broken.borrow_mut().push(what());
        }
    }

    /// What must hold of an event before it is applied.
    fn before(&mut self, stamped: &Stamped) {
        self.once(stamped);
        self.vouched(stamped);
        self.parts(stamped);
        self.bakes(stamped);
        match &stamped.event {
            Event::Effect(EffectEvent::Started { effect }) => {
                self.effect_starts(effect);
                if let Work::Desire { environment, wish } = &effect.work {
                    self.desires(environment, wish, stamped);
                }
                if let Work::Step { unit, step, want, .. } = &effect.work {
                    if self.looks_after(unit) {
                        self.upkeep_step(unit, *step, want);
                    } else {
                        self.goes_forward(unit, want);
                    }
                    self.step_starts(unit, *step);
                    self.lane_is_alone(unit, *step);
                }
            }
            Event::Rollout(RolloutEvent::LaneStarted { unit, direction: Direction::Forward, to, .. }) => {
                let rolling = self.shadow.pipeline.rolling();
                let here = rolling.is_some_and(|run| run.units.contains(unit));
                self.must(here, || format!("{unit} started in no stage"));
                self.line_moves(unit);
                self.batch_moves(unit);
                self.region_is_alone(unit);
                self.step_has_begun(unit);
                self.keeps_the_share(unit);
                let part = self.shadow.rollout.unit(unit).and_then(Unit::component);
                let same = *to == self.shadow.course.release.candidate.of(part);
                self.must(same, || format!("{unit} goes forward to {to}"));
            }
            Event::Operation(event) => self.upkeep(event, stamped),
            Event::Drill(event) => self.drills(event, stamped),
            Event::Rollout(RolloutEvent::Converged { unit, .. }) => self.converges(unit),
            Event::Rollout(
                event @ (RolloutEvent::StaysDrifted { .. }
                | RolloutEvent::LaneTimedOut { step: LaneStep::Converge, .. }),
            ) => self.agents(event, stamped),
            Event::Rollout(RolloutEvent::Tolerated { unit, .. }) => self.tolerates(unit),
            Event::Rollout(RolloutEvent::Stalled { why }) => self.nobody_waits_for_who_waits(why),
            Event::Pipeline(PipelineEvent::StageStarted { stage, .. }) => self.stage_starts(stage, stamped),
            Event::Pipeline(event @ (PipelineEvent::SoakPaused { .. } | PipelineEvent::Extended { .. })) => {
                self.waits_longer(event, stamped);
            }
            Event::Pipeline(PipelineEvent::BakeSkipped { stage, .. }) => {
                let hotfix = self.shadow.course.hotfix.is_some();
                let begun = self.shadow.pipeline.run(stage).is_some_and(|run| run.bake.is_some());
                self.must(hotfix && !begun, || format!("the bake of {stage} was skipped"));
            }
            Event::Pipeline(PipelineEvent::BakeEnded { stage }) => {
                let run = self.shadow.pipeline.run(stage);
                let left = run.and_then(|run| bake_left(&self.shadow, run, stamped.now));
                self.must(left == Some(Span::ZERO), || format!("{stage} ended its bake with {left:?} left"));
            }
            Event::Pipeline(PipelineEvent::WindowOverridden { stage, reason, .. }) => {
                let hotfix = self.shadow.course.hotfix.is_some();
                let said = (stamped.actor.is_human() || hotfix) && !reason.is_empty();
                self.must(said, || format!("the window of {stage} was overridden by nobody"));
            }
            Event::Pipeline(PipelineEvent::StepBegan { stage, step, what, .. }) => {
                self.step_begins(stage, *step, what, stamped);
            }
            Event::Course(CourseEvent::Verified { .. }) => {
                self.all_have_passed();
                let plan = self.shadow.plan();
                let mut last = plan.finals().into_iter().map(|index| &plan.stages[index]);
                let tested = last.clone().all(|stage| !stage.validations.is_empty());
                let automatic = last.clone().all(|stage| stage.promote == Promote::Automatic);
                let failed = last.find_map(|stage| let_pass_in(&self.shadow, &stage.environment).next());
                let failed = failed.map(|unit| unit.id.clone());
                let looked = stamped.actor.is_human();
                self.must(looked || tested && automatic, || "verified by nobody and nothing".into());
                self.must(looked || failed.is_none(), || format!("{failed:?} failed, and it is verified"));
            }
            Event::Signal(SignalEvent::JudgedByHand { .. }) => self.judges(stamped),
            Event::Pipeline(PipelineEvent::BudgetSpent { stage, .. }) => self.spends(stage, stamped),
            Event::Pipeline(PipelineEvent::StagePassed { stage }) => self.stage_passes(stage),
            _ => {}
        }
    }

    pub(super) fn line_moves(&self, unit: &UnitId) {
        let held = self.shadow.course.hold.is_some();
        self.must(!held, || format!("{unit} was taken while held"));
        let human = troubles(&self.shadow);
        self.must(human.is_empty(), || format!("{unit} was taken although {}", human[0].words()));
    }

    fn step_starts(&mut self, id: &UnitId, step: LaneStep) {
        let Some(unit) = self.shadow.rollout.unit(id) else {
            return self.must(false, || format!("{id} is unknown"));
        };
        let Some(lane) = &unit.lane else {
            return self.must(false, || format!("{id} has no lane"));
        };
        let forward = lane.direction == Direction::Forward;
        self.must(lane.step() == step, || format!("{id} is at {:?}, and {step:?} starts", lane.step()));
        self.nothing_else_runs(id, step);
        if !step.takes_out() || unit.out {
            return;
        }
        if forward {
            self.line_moves(id);
        }
        // The capacity budget, counted anew from the units themselves.
        let units = self.shadow.rollout.units().iter().filter(|u| u.environment == unit.environment);
        let (mut hosts, mut available) = (0, 0);
        for other in units {
            hosts += 1;
            available += u32::from(other.available());
        }
        let plan = self.shadow.plan();
        let limits: Limits = plan.limits(&plan.environments[&unit.environment], hosts);
        let after = available - u32::from(unit.available());
        let sick = unit.fresh().is_some_and(|_| unit.known_not_to_serve());
        let words = || format!("{id} taken out with {available} of {hosts} available, {limits:?}");
        self.must(sick || after >= limits.min_healthy, words);
        self.must(sick || limits.hosts.saturating_sub(after) <= limits.max_unavailable, words);
        self.part_keeps(unit);
        let seen_down = unit.fresh().is_some() && unit.known_not_to_serve();
        self.leaves.push((id.clone(), seen_down));
    }

    fn stage_starts(&mut self, stage: &golive::domain::name::StageName, stamped: &Stamped) {
        let plan = self.shadow.plan();
        let Some((index, _)) = plan.stage(stage) else {
            return self.must(false, || format!("there is no stage {stage}"));
        };
        let needs_go = index >= plan.poll_index();
        let go = poll::go_valid(&self.shadow, stamped.now) || self.shadow.course.started.is_some();
        self.must(!needs_go || go, || format!("{stage} started without a GO"));
        self.comes_in_its_turn(index, stage);
        self.nothing_strange(index, stage);
        self.must(self.shadow.course.hold.is_none(), || format!("{stage} started while held"));
        self.in_its_window(index, stage, stamped);
    }

    fn stage_passes(&mut self, name: &golive::domain::name::StageName) {
        let Some(run) = self.shadow.pipeline.run(name).cloned() else { return };
        self.must(run.state == StageState::Ready, || format!("{name} passed and was {:?}", run.state));
        let Some((_, stage)) = self.shadow.plan().stage(name) else { return };
        let compares = |check: &CheckName| {
            self.shadow.plan().checks.get(check).is_some_and(|check| check.kind == CheckKind::Comparison)
        };
        // Of a first deploy there is nothing to compare with.
        let asked = stage.validations.iter().filter(|check| run.from.is_some() || !compares(check));
        let proven = asked.clone().all(|check| {
            validation_standing(&self.shadow, &run, check)
                .is_some_and(|judged| judged.verdict == JudgedVerdict::Passed)
        });
        let baked = stage.bake == Span::ZERO
            || run.bake.is_some_and(|bake| bake.ended.is_some())
            || run.bake_skipped && self.shadow.course.hotfix.is_some();
        self.must(proven && baked, || format!("{name} passed without its validations or its bake"));
        self.must(self.shadow.course.hold.is_none(), || format!("{name} promoted while held"));
    }

    pub fn look(&mut self, turn: &Turn, journal: &Journal, now: Now, seed: u64, log: &Story) {
        self.looks += 1;
        self.stuck(turn.session(), now);
        self.short(turn, now);
        if self.looks.is_multiple_of(SOMETIMES) {
            self.waits_in_words(turn.session(), now);
        }
        self.strays(turn, now);
        if self.is_due() {
            self.whole(turn, journal, now);
        }
        if let Some(broken) = self.broken.borrow().first() {
            panic!(
                "seed {seed}: {broken}\n{}\nrun it again: GOLIVE_SEED={seed} cargo test --test domain simulation",
                log.told(turn.session(), journal)
            );
        }
    }

    /// Whether a conductor took the session up from its record.
    pub const fn was_restarted(&self) -> bool {
        self.was_restarted
    }

    /// Whether so much has happened that everything is looked at again.
    pub fn is_due(&self) -> bool {
        self.events >= self.due
    }

    /// The expensive half.
    pub fn whole(&mut self, turn: &Turn, journal: &Journal, now: Now) {
        self.due = self.events + SELDOM;
        let session = turn.session();
        self.times(session, now);
        self.must(session.rollout.indexes_are_true(), || "an index has drifted from the units".into());
        if turn.broken().is_none() {
            self.must(self.shadow == *session, || "the record and the session differ".into());
            let missed = session.missed(now);
            self.must(missed.is_empty(), || format!("the whole recomputation finds more: {missed:?}"));
        }
        for unit in session.rollout.units().iter().filter(|unit| unit.out) {
            let state = unit.lane.as_ref().map(|lane| &lane.state);
            let named = unit.working()
                || unit.awaits_back
                || matches!(
                    state,
                    Some(
                        LaneState::Failed { .. }
                            | LaneState::Unknown { .. }
                            | LaneState::Excluded { .. }
                            | LaneState::Gathered { .. }
                    )
                )
                // It was stopped with the others and waits for its turn, or a replacement left it out before the stage.
                || matches!(state, Some(LaneState::Waiting | LaneState::Skipped))
                    && unit.lane.as_ref().is_some_and(|lane| lane.at > 0 || lane.attempt > 0);
            self.must(named, || format!("{} is forgotten out of rotation: {state:?}", unit.id));
        }
        if self.events >= self.read_due {
            self.reads(turn, journal);
        }
    }

    /// What is stored reads back as it was, to the byte: the snapshot, the whole record, and any beginning of it. Where
    /// nothing that was said was ever taken back, the record and all its beginnings were replayed here, event by event.
    pub fn reads(&mut self, turn: &Turn, journal: &Journal) {
        self.read_due = self.events * 2;
        let session = turn.session();
        // As a client of the same build, or the next conductor, reads it. All that is kept of it is written again.
        let state = snapshot(session).unwrap();
        let read = Folded::from_snapshot(Head::beginning("any"), &state).unwrap().into_session().unwrap();
        self.must(read == *session, || "a snapshot reads back as another session".into());
        self.must(snapshot(&read).unwrap() == state, || "a snapshot leaves something out".into());
        if turn.settled() && turn.broken().is_none() && !journal.durable.is_empty() {
            let replayed =
                if self.was_restarted { snapshot(&journal.fold()) } else { snapshot(&self.shadow) };
            self.must(replayed.unwrap() == state, || "replaying the record gives another session".into());
        }
        let cut = (self.looks.wrapping_mul(7919) as usize) % journal.durable.len().max(1);
        if cut > 0 && self.was_restarted {
            let opens = Session::fold(&journal.durable[..cut]).is_ok();
            self.must(opens, || format!("the first {cut} events don't open"));
        }
    }
}
