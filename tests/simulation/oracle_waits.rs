//! Nothing waits, lacks capacity or stands in the pool where it should not, without somebody being told in time.

use golive::{
    conductor::turn::Turn,
    domain::{
        lock::{self, Standing},
        name::UnitId,
        pipeline::{StageRun, StageState, region_waits},
        plan::{Step, Strategy},
        rollout::{Direction, LaneState, Trouble, Unit, barred, troubles, unwell, waits_for_capacity},
        session::Session,
        time::{Now, Span},
    },
};

use super::{oracle::Oracle, oracle_parts::possible};

/// A rollout that neither moves nor waits for anybody for longer than all its deadlines is stuck.
const STUCK: Span = Span::minutes(20);

/// Too few hosts for longer than this, and nobody called, is a silent outage.
const SILENT: Span = Span::secs(25);

/// A host that should not serve and is in the pool for longer than this, and neither is taken out nor called for, is
/// forgotten there.
const STRAYS: Span = Span::minutes(1);

/// What waits for longer than this without anything under way does not go on by itself.
const CALM: Span = Span::secs(5);

/// Whether one value of a label goes after the other.
fn by_label(session: &Session, run: &StageRun) -> bool {
    let stage = session.plan().stage(&run.name).map(|(_, stage)| &stage.strategy);
    matches!(stage, Some(Strategy::Rolling(rolling)) if rolling.by.is_some())
}

impl Oracle {
    /// Nothing waits without a name: a person, a time, or something under way.
    pub(super) fn stuck(&mut self, session: &Session, now: Now) {
        let idle = now.session.since(self.moved);
        if idle < STUCK {
            return;
        }
        // At a planned pause it waits for its end, or for somebody to say so.
        let pauses = |run: &StageRun| {
            // A region waits for its hours, which somebody can name.
            let waits = region_waits(session, run, now).is_some_and(|waits| waits.opens.is_some());
            (waits || matches!(run.step(), Some(Step::Pause(_)))) && run.settled(session)
        };
        let rolling = session.pipeline.running().is_some_and(|run| {
            let moves = matches!(run.state, StageState::Rolling | StageState::Validating);
            moves && session.course.hold.is_none() && !pauses(run)
        });
        let back = session.rollout.rollbacks.values().any(|rollback| rollback.ended.is_none());
        let upkeep = session.operations.running.is_some() && session.course.hold.is_none();
        let named = session.course.is_over() || !troubles(session).is_empty();
        let waits = (rolling || back || upkeep) && !named;
        self.must(!waits, || format!("nothing moved for {idle}, and nobody was called"));
    }

    /// Too few hosts call somebody soon, unless somebody goes on knowing it.
    pub(super) fn short(&mut self, turn: &Turn, now: Now) {
        let session = turn.session();
        let stands = (session.seq, turn.broken().is_some());
        if self.enough == Some(stands) {
            return;
        }
        let short = session.pipeline.running().is_some_and(|run| {
            let (possible, minimum) = possible(session, &run.environment);
            let known = session.rollout.short.get(&run.environment);
            let accepted = known.filter(|short| short.over.is_none()).and_then(|short| short.accepted);
            possible < minimum.min(accepted.unwrap_or(u32::MAX))
        });
        let called = || troubles(session).iter().any(|it| matches!(it, Trouble::Capacity { .. }));
        if !short || session.course.is_over() || turn.broken().is_some() || called() {
            self.short_since = None;
            self.enough = Some(stands);
            return;
        }
        let since = *self.short_since.get_or_insert(now.session);
        let silent = now.session.since(since);
        self.must(silent < SILENT, || format!("too few hosts serve for {silent}, and nobody was called"));
    }

    /// Who waits for capacity with nobody under way who could give it says so, names a host that lacks, and what lifts
    /// it; and no host of its turn that is down, and needs none, waits with it. Counted anew from the units.
    pub(super) fn waits_in_words(&mut self, session: &Session, now: Now) {
        let Some(run) = session.pipeline.rolling() else { return };
        let counts = session.rollout.counts(&run.environment);
        let calm = now.session.since(self.moved) >= CALM && session.course.hold.is_none();
        let back = session.rollout.rollbacks.values().any(|it| it.ended.is_none());
        let other =
            run.converges() || run.stops_all() || run.takes_sides() || !session.rollout.shares.is_empty();
        if counts.waiting == 0 || counts.working > 0 || !calm || back || other || session.course.is_over() {
            return;
        }
        let short = session.rollout.short.get(&run.environment).is_some_and(|it| it.over.is_none());
        let locked = lock::standing(session, &run.environment);
        let ours = matches!(locked, Standing::Held | Standing::NotLockable);
        let flies = session.flights.iter().any(|flight| !flight.effect.follows());
        if short || !ours || flies || !troubles(session).is_empty() || !barred(session).is_empty() {
            return;
        }
        let here = || session.rollout.units().iter().filter(|unit| unit.environment == run.environment);
        let waits = |unit: &&Unit| {
            let lane = unit.lane.as_ref().filter(|_| !unit.awaits_back);
            lane.is_some_and(|lane| lane.state == LaneState::Waiting && lane.direction == Direction::Forward)
        };
        let batch = |unit: &Unit| unit.lane.as_ref().map(|lane| lane.batch);
        let Some(first) = here().filter(waits).filter_map(batch).min() else { return };
        let reached = run.reached().is_some_and(|reached| first <= reached);
        let open =
            here().any(|unit| unit.lane.as_ref().is_some_and(|lane| lane.awaited() && lane.batch < first));
        let of_batch = || here().filter(waits).filter(|unit| batch(unit) == Some(first));
        if !reached || open || of_batch().any(|unit| unit.fresh().is_none()) {
            return;
        }
        let wait = waits_for_capacity(session);
        let told = unwell(session, now);
        let said = wait.as_ref().is_some_and(|wait| {
            let names = wait
                .unavailable
                .iter()
                .all(|id| session.rollout.unit(id).is_some_and(|unit| !unit.available()));
            let lifts = wait.unavailable.first().is_none_or(|id| wait.lift.contains(id.as_str()));
            let in_turn = of_batch().any(|unit| unit.id == wait.next);
            names && lifts && in_turn && told.iter().any(|it| it.what == wait.words && !it.release.is_empty())
        });
        self.must(said, || format!("hosts wait, and not in words: {wait:?} {told:?}"));
        let down = |unit: &&Unit| {
            let untried = unit.lane.as_ref().is_some_and(|lane| lane.at == 0 && lane.proved.is_none());
            untried && unit.fresh().is_some() && unit.known_not_to_serve()
        };
        let (plain, one_part) = (!run.by_region() && !by_label(session, run), !session.plan().has_parts());
        let waits_too = here().filter(waits).find(|unit| down(unit) && plain && one_part);
        self.must(waits_too.is_none(), || {
            format!("{} is down, needs no capacity, and waits for it", waits_too.unwrap().id)
        });
    }

    /// A host that we took out, and that nobody found good, stays in the pool only where that is said.
    pub(super) fn strays(&mut self, turn: &Turn, now: Now) {
        let session = turn.session();
        let stands = (session.seq, turn.broken().is_some());
        if self.calm == Some(stands) {
            return;
        }
        let ours = |unit: &&Unit| {
            matches!(lock::standing(session, &unit.environment), Standing::Held | Standing::NotLockable)
        };
        let forgotten =
            |unit: &&Unit| unit.strayed() && unit.put_back.as_ref().is_none_or(|known| known.left.is_none());
        let acts = !session.course.is_over() && turn.broken().is_none();
        let all = session.rollout.units().iter().filter(|_| acts);
        let strays: Vec<UnitId> = all.filter(forgotten).filter(ours).map(|unit| unit.id.clone()).collect();
        if strays.is_empty() {
            self.calm = Some(stands);
            return self.strays_since.clear();
        }
        self.strays_since.retain(|unit, _| strays.contains(unit));
        for unit in strays {
            let since = *self.strays_since.entry(unit.clone()).or_insert(now.session);
            let there = now.session.since(since);
            self.must(there < STRAYS, || {
                format!("{unit} is in the pool for {there}, and nobody takes it out")
            });
        }
    }
}
