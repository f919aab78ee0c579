//! What must hold where hosts are looked after, and of drills: nothing else is under way beside it, every host gets the
//! version that should run there, and no drill passes that the record does not bear out.

use std::collections::BTreeMap;

use golive::domain::{
    course::CourseEvent,
    drill::{Criterion, DrillEvent},
    effect::{Candidate, Health, LaneStep},
    event::{Event, Stamped},
    name::UnitId,
    operation::OperationEvent,
    rollout::{Direction, RolloutEvent},
    time::SessionTime,
};

use super::oracle::Oracle;

/// What the oracle itself keeps of it.
#[derive(Default)]
pub struct Upkept {
    /// What humans did since the drill under way began.
    acts: u32,
    /// When each host was last known to be well.
    well: BTreeMap<UnitId, SessionTime>,
    /// When the last repair of each host began.
    pub(super) repaired: BTreeMap<UnitId, SessionTime>,
    /// Repairs of each host that did not help.
    pub(super) helpless: BTreeMap<UnitId, u32>,
}

impl Oracle {
    /// Whether its lane is no rollout's.
    pub(super) fn looks_after(&self, unit: &UnitId) -> bool {
        let lane = self.shadow.rollout.unit(unit).and_then(|unit| unit.lane.as_ref());
        lane.is_some_and(|lane| lane.upkeep)
    }

    pub(super) fn goes_forward(&mut self, id: &UnitId, want: &Candidate) {
        let Some(unit) = self.shadow.rollout.unit(id) else { return };
        let Some(lane) = unit.lane.as_ref() else { return };
        let release = self.shadow.course.release.candidate.of(unit.component());
        let same = lane.direction != Direction::Forward || *want == release;
        let run = self.shadow.pipeline.run(&lane.stage);
        let started = run.is_some_and(|run| run.started.is_some());
        self.must(same, || format!("{id} goes forward to another version"));
        self.must(started, || format!("{id} is touched before its stage started"));
    }

    /// A step on a host that is looked after.
    pub(super) fn upkeep_step(&mut self, id: &UnitId, step: LaneStep, want: &Candidate) {
        self.leaves_or_returns(id, step);
        let operation = self.shadow.operations.running.as_ref();
        let its = operation.is_some_and(|it| it.taken.contains(id) && it.to == *want);
        self.must(its, || format!("{id} is looked after by nobody, or brought to {want}"));
        self.must(self.shadow.pipeline.running().is_none(), || format!("{id} is looked after in a rollout"));
    }

    pub(super) fn upkeep(&mut self, event: &OperationEvent, stamped: &Stamped) {
        match event {
            OperationEvent::Began { environment, units, to, drill, .. } => {
                self.must(self.shadow.operations.running.is_none(), || "two operations at once".into());
                let free = !self.shadow.pipeline.busy_in(environment);
                self.must(free, || format!("hosts of {environment} are looked after in its rollout"));
                self.must(self.shadow.course.hold.is_none(), || "an operation began while held".into());
                let committed = self.shadow.operations.committed.get(environment).map(|it| it.units.clone());
                self.may_leave(event);
                self.may_replace(environment, units, stamped);
                let reviewed = drill.is_some() || committed.as_ref() == Some(units);
                self.must(reviewed, || format!("{units:?} are replaced, and {committed:?} was committed"));
                let flagged = self.shadow.operations.flags.keys();
                let stray: Vec<&UnitId> = flagged.filter(|unit| !units.contains(unit)).collect();
                let other: Vec<_> = stray
                    .into_iter()
                    .filter(|id| {
                        self.shadow.rollout.unit(id).is_some_and(|unit| unit.environment == *environment)
                    })
                    .cloned()
                    .collect();
                self.must(other.is_empty(), || format!("{other:?} were pending"));
                let proven = self.shadow.course.proven.get(environment);
                self.must(proven.is_none_or(|proven| proven == to), || format!("{to} should not run there"));
            }
            OperationEvent::LaneBegan { unit, .. } => {
                // What is out of traffic comes back whatever needs a human.
                if !self.comes_back(unit) {
                    self.line_moves(unit);
                }
                let flies = self
                    .shadow
                    .flights
                    .iter()
                    .any(|it| it.effect.id.target == golive::domain::effect::Target::Unit(unit.clone()));
                self.must(!flies, || format!("{unit} is taken while something is under way on it"));
            }
            OperationEvent::Ended { done, left, .. } => {
                let Some(operation) = &self.shadow.operations.running else {
                    return self.must(false, || "an operation ended that had not begun".into());
                };
                let carriers = operation.away.as_ref().map_or(0, |away| away.asked.carriers.len());
                let all = done.len() + left.len() == operation.units.len() + carriers;
                self.all_are_back(left);
                let alive = done.iter().all(|id| {
                    let lane = self.shadow.rollout.unit(id).and_then(|unit| unit.lane.as_ref());
                    lane.is_some_and(|lane| lane.state == golive::domain::rollout::LaneState::Done)
                });
                self.must(all && alive, || format!("{done:?} and {left:?} are not how it ended"));
            }
            OperationEvent::TrafficLeft { .. } => self.traffic_is_elsewhere(),
            OperationEvent::HostDied { unit, .. } => self.may_be_dead(unit, stamped),
            OperationEvent::HostRevived { unit, .. } => {
                let seen = self.shadow.rollout.unit(unit).and_then(|unit| unit.fresh().cloned());
                let alive = seen.as_ref().is_some_and(|seen| seen.health == Health::Healthy);
                self.must(alive, || format!("{unit} is said to be alive, and was seen as {seen:?}"));
            }
            OperationEvent::RepairBegan { unit, attempt } => self.may_repair(unit, *attempt, stamped),
            OperationEvent::RepairJudged { unit, alive, .. } => self.repair_judged(unit, *alive, stamped),
            OperationEvent::ScaleAsked { environment, from, to, .. } => {
                self.may_scale(environment, *from, *to, stamped);
            }
            OperationEvent::ScaleEnded { environment, to, reached, .. } => {
                self.is_scaled(environment, *to, *reached);
            }
            OperationEvent::ComesBack { .. } => self.comes_back_in_time(event),
            OperationEvent::TrafficUncounted { .. }
            | OperationEvent::ScaleSeen { .. }
            | OperationEvent::RepairGivenUp { .. }
            | OperationEvent::RepairsPaused { .. }
            | OperationEvent::RepairsResumed { .. }
            | OperationEvent::TrafficCounted { .. }
            | OperationEvent::HostFlagged { .. }
            | OperationEvent::HostUnflagged { .. }
            | OperationEvent::ReplaceCommitted { .. }
            | OperationEvent::GivenUp { .. } => {}
        }
    }

    /// Only who was seen not to be alive, and not in a while, is dead; nobody is who is worked on.
    fn may_be_dead(&mut self, id: &UnitId, stamped: &Stamped) {
        let Some(unit) = self.shadow.rollout.unit(id).cloned() else { return };
        let sick = unit.fresh().is_some_and(|seen| seen.health == Health::Sick);
        self.must(sick && !unit.out && !unit.working(), || format!("{id} is called dead: {:?}", unit.seen));
        let beat = self.shadow.plan().environments[&unit.environment].heartbeat;
        let Some(beat) = beat else { return self.must(false, || format!("{id} died without a heartbeat")) };
        let lasts = beat.every.0 * u64::from(beat.missed - 1);
        let well = self.upkept.well.get(id).copied().unwrap_or_default();
        let since = stamped.now.session.since(well).0;
        self.must(since >= lasts, || format!("{id} is dead {since} µs after it was alive"));
    }

    /// When each host was last reported to be well, by the record alone.
    fn notes_wellness(&mut self, stamped: &Stamped) {
        if let Event::Rollout(RolloutEvent::UnitSeen { unit, seen }) = &stamped.event {
            if seen.health == Health::Healthy {
                self.upkept.well.insert(unit.clone(), stamped.now.session);
            } else {
                // It was well until this look, where nothing else was said before.
                let was =
                    self.shadow.rollout.unit(unit).and_then(|unit| unit.fresh().map(|seen| seen.health));
                if was != Some(Health::Sick) {
                    self.upkept.well.insert(unit.clone(), stamped.now.session);
                }
            }
        }
    }

    /// A drill passes only where no human acted, every host came through and nothing was bad beyond its bound.
    pub(super) fn drills(&mut self, event: &DrillEvent, stamped: &Stamped) {
        match event {
            DrillEvent::Started { drill, outside, .. } => {
                self.in_its_hours(drill, outside.is_some(), stamped);
                self.must(self.shadow.drills.running.is_none(), || format!("{drill} began beside another"));
                self.upkept.acts = 0;
            }
            DrillEvent::Ended { drill, attempt } => {
                let acts = self.upkept.acts;
                let hands_off = attempt.findings.iter().find(|it| it.criterion == Criterion::HandsOff);
                let told = hands_off.is_none_or(|finding| finding.met() == (acts == 0));
                self.must(told, || format!("{acts} acts of humans, and {drill} says {hands_off:?}"));
                let ended = self.shadow.operations.running.is_none();
                self.must(ended || !attempt.passed(), || {
                    format!("{drill} passed before its hosts were through")
                });
                self.must(!stamped.actor.is_human(), || format!("{drill} was ended by {}", stamped.actor));
            }
            DrillEvent::Noted { .. } => {}
        }
    }

    /// Counted by the oracle itself, from the record alone.
    pub(super) fn counts_acts(&mut self, stamped: &Stamped) {
        self.notes_wellness(stamped);
        self.upkept.notes_repairs(stamped);
        if self.shadow.drills.running.is_some() {
            self.upkept.acts += u32::from(is_act(stamped));
        }
    }

    /// What was said and never became durable was never said.
    pub(super) fn counts_again(&mut self, record: &[Stamped]) {
        let began = |at: &Stamped| matches!(at.event, Event::Drill(DrillEvent::Started { .. }));
        let since = record.iter().rposition(began).map_or(record.len(), |at| at + 1);
        self.upkept.acts = record[since..].iter().map(|at| u32::from(is_act(at))).sum();
        self.upkept.repaired.clear();
        self.upkept.helpless.clear();
        for at in record {
            self.upkept.notes_repairs(at);
        }
    }
}

fn is_act(at: &Stamped) -> bool {
    let began = matches!(at.event, Event::Drill(DrillEvent::Started { .. }));
    let refused = matches!(at.event, Event::Course(CourseEvent::Refused { .. }));
    at.actor.is_human() && !began && !refused
}
