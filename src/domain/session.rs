//! One go-live, folded from its record. `apply` takes facts in; `next` says what follows from them.
//!
//! `apply` marks what it touched; `next` looks only at marks and due timers, so the cost stays per event. Marks,
//! timers and indexes are derived: a session read from storage marks everything once, and a property test holds
//! that `next` then finds nothing that it had not found before.

use serde::{Deserialize, Serialize};

use super::{
    agenda::Agenda,
    checklist::Checklist,
    course::{Course, CourseEvent, Opened},
    drill::{self, Drills},
    effect_log::{EffectEvent, Flights},
    event::{Event, Stamped},
    lock::{self, Locks},
    marks::Mark,
    name::UnitId,
    notice::{self, Outbox},
    operation::{self, Operations},
    pipeline::{self, Pipeline},
    plan::Plan,
    poll::Poll,
    rollout::{self, Direction, Rollout, RolloutEvent, Unit},
    signal::{self, Checks},
    time::{Now, Span},
};

pub use super::agenda::Next;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The last event's number.
    pub seq: u64,
    /// The conductor's epoch for this session.
    pub epoch: u32,
    /// The last event's time.
    pub now: Now,
    pub course: Course,
    pub checklist: Checklist,
    pub poll: Poll,
    pub pipeline: Pipeline,
    pub rollout: Rollout,
    pub checks: Checks,
    pub flights: Flights,
    pub notices: Outbox,
    pub locks: Locks,
    /// Hosts that are looked after outside the rollout.
    #[serde(default)]
    pub operations: Box<Operations>,
    #[serde(default)]
    pub drills: Box<Drills>,
    #[serde(skip)]
    pub(super) agenda: Agenda,
}

/// The first event of a stream is not an opening.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stream does not begin with the opening of a session")]
pub struct NotOpened;

impl Session {
    /// A session begins with its opening.
    pub fn begin(first: &Stamped) -> Result<Self, NotOpened> {
        let Event::Course(CourseEvent::Opened(opened)) = &first.event else { return Err(NotOpened) };
        Ok(Self::opened(opened, first))
    }

    fn opened(opened: &Opened, at: &Stamped) -> Self {
        let course = Course::new(opened, at);
        // Who is primary may be another cloud by now than was written.
        let adopted = course.adopted.clone();
        let plan = &adopted.plan;
        let mut session = Self {
            seq: at.seq,
            epoch: at.epoch,
            now: at.now,
            course,
            checklist: Checklist::default(),
            poll: Poll::default(),
            pipeline: Pipeline::new(plan),
            rollout: Rollout::new(plan),
            checks: Checks::default(),
            flights: Flights::default(),
            notices: Outbox::default(),
            locks: Locks::default(),
            operations: Box::default(),
            drills: Box::new(Drills::opened(&opened.drills, plan, at.now.wall)),
            agenda: Agenda::default(),
        };
        operation::carried(&mut session, &opened.left);
        session.mark_everything();
        session
    }

    /// Folds a whole stream.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Stamped>) -> Result<Self, NotOpened> {
        let mut events = events.into_iter();
        let mut session = Self::begin(events.next().ok_or(NotOpened)?)?;
        events.for_each(|event| session.apply(event));
        Ok(session)
    }

    /// After reading a stored session: what is derived is derived again.
    pub fn rederive(&mut self) {
        self.rollout.derive();
        self.mark_everything();
    }

    #[inline]
    pub fn plan(&self) -> &Plan {
        &self.course.adopted.plan
    }

    /// Takes a fact in. Uses only the event's own times.
    pub fn apply(&mut self, at: &Stamped) {
        let since_last = at.now.session.since(self.now.session);
        if let Event::Course(CourseEvent::Reopened { .. }) = &at.event {
            self.checks.away_since(self.now);
        }
        self.seq = at.seq;
        self.now = at.now;
        self.epoch = at.epoch;
        if let Event::Course(CourseEvent::Reopened { .. }) = &at.event {
            self.unobserved(since_last);
        }
        match &at.event {
            Event::Course(event) => super::course::apply(self, event, at),
            Event::Checklist(event) => {
                super::checklist::apply(self, event, at);
                self.mark_pipeline();
                self.mark_course();
            }
            Event::Poll(event) => super::poll::apply(self, event, at),
            Event::Pipeline(event) => pipeline::apply(self, event, at),
            Event::Rollout(event) => {
                rollout::apply(self, event, at);
                match event {
                    RolloutEvent::RollbackStarted { environment, .. } => {
                        lock::rollback_began(self, environment, at);
                        rollout::share_rollback_began(self, environment);
                    }
                    RolloutEvent::RollbackEnded { .. } => {
                        self.mark_course();
                        self.mark_locks();
                        self.mark_shares();
                    }
                    RolloutEvent::LaneStarted { direction: Direction::Back, .. }
                    | RolloutEvent::UnitDone { .. }
                    | RolloutEvent::Excluded { .. }
                        if !self.rollout.shares.is_empty() =>
                    {
                        self.mark_shares();
                    }
                    RolloutEvent::UnitSeen { .. }
                    | RolloutEvent::Served { .. }
                    | RolloutEvent::Counted { .. } => {}
                    // Who is counted as new follows from what became of the hosts.
                    _ if self.counts_hosts() => self.mark_shares(),
                    _ => {}
                }
            }
            Event::Signal(event) => signal::apply(self, event, at),
            Event::Effect(event) => self.apply_effect(event, at),
            Event::Notice(event) => notice::apply(self, event, at),
            Event::Lock(event) => lock::apply(self, event, at),
            Event::Operation(event) => {
                operation::apply(self, event, at);
                if let operation::OperationEvent::Ended { done, left, .. } = event {
                    drill::carried(self, done, left, at);
                }
            }
            Event::Drill(event) => drill::apply(self, event, at),
            Event::Project(_) => {}
        }
        drill::witnessed(self, at);
        // What is superseded closes as soon as nothing is in the way of closing, whatever that was.
        if self.course.superseded.is_some() && self.course.phase == super::course::Phase::RolledBack {
            self.mark_course();
        }
    }

    /// Whether requests of some hosts are counted apart, or may be once their lanes are further.
    fn counts_hosts(&self) -> bool {
        let away = self.operations.running.as_ref().is_some_and(|operation| operation.away.is_some());
        away || !self.rollout.counted.is_empty()
    }

    fn apply_effect(&mut self, event: &EffectEvent, at: &Stamped) {
        use super::effect::Target;
        match event {
            EffectEvent::Started { effect } => {
                self.flights.start(effect.clone(), at.now.session);
                if effect.follows() {
                    self.mark_target(&effect.id.target);
                    return;
                }
                match &effect.id.target {
                    Target::Unit(_) => rollout::flight_started(self, effect, at),
                    Target::Check { check, environment, unit } => {
                        if let Some(running) = &mut self.checks.run_mut(check, environment).running {
                            running.waiting.remove(unit);
                            running.working.insert(unit.clone());
                        }
                        self.mark_checks();
                    }
                    Target::Pool(_) | Target::Repair(_) => self.mark_target(&effect.id.target),
                    Target::Watch(_) => self.mark_watches(),
                    Target::Notice(_) => {
                        notice::sending(self, &effect.id);
                        self.mark_notices();
                    }
                    Target::Lock(_) => lock::started(self, effect),
                    Target::Once { .. } => rollout::once_started(self, effect, at),
                    Target::Scale(_) => operation::scale_started(self, effect),
                    Target::Share(_) => rollout::share_started(self, effect),
                    Target::Desired(_) => rollout::desire_started(self, effect, at),
                    Target::Served(_) => rollout::count_started(self, effect, at),
                }
            }
            EffectEvent::CancelAsked { id, .. } => {
                self.flights.cancel_asked(id);
                self.mark_target(&id.target);
            }
            EffectEvent::Ended { id, outcome } => {
                let Some(flight) = self.flights.end(id) else { return };
                match &id.target {
                    Target::Unit(_) => {
                        rollout::ended(self, id, &flight, outcome, at);
                        if self.counts_hosts() {
                            self.mark_shares();
                        }
                    }
                    Target::Pool(_) => rollout::taken_out(self, id, outcome, at),
                    Target::Check { .. } => signal::ended(self, id, outcome),
                    Target::Watch(_) | Target::Served(_) => {}
                    Target::Repair(_) => operation::repair_ended(self, id, outcome),
                    Target::Scale(_) => operation::scale_ended(self, id, outcome),
                    Target::Notice(_) => notice::ended(self, id, outcome, at),
                    Target::Lock(_) => lock::ended(self, id, outcome, at),
                    Target::Once { .. } => rollout::once_ended(self, &flight, outcome, at),
                    Target::Share(_) => rollout::share_ended(self, &flight, outcome, at),
                    Target::Desired(_) => rollout::desire_ended(self, &flight, outcome, at),
                }
                // What a unit's own effect has changed of it has marked it.
                if !matches!(id.target, Target::Unit(_)) {
                    self.mark_target(&id.target);
                }
            }
            EffectEvent::Outlived { id, found } => {
                self.flights.outlived(id, found);
                self.mark_target(&id.target);
            }
            EffectEvent::Late { .. } => {}
        }
    }

    /// Nobody looked for this long, as while the journal could not be written: it bakes nothing, and no deadline
    /// runs on it.
    fn unobserved(&mut self, span: Span) {
        if self.course.hold.is_none() {
            self.course.held_total = Span(self.course.held_total.0 + span.0);
        }
        pipeline::unobserved(self, span);
        rollout::unobserved(self, span);
    }

    /// A conductor took the session up: nothing is known to be under way, and nothing observed is fresh.
    pub(super) fn reopened(&mut self, at: &Stamped) {
        let flights = self.flights.take_all();
        self.checks.interrupted();
        rollout::reopened(self, &flights);
        rollout::shares_told_again(self, |_| true);
        notice::interrupted(self, at);
        lock::stale(self);
        drill::unobserved(self, "the conductor was away");
        self.mark_everything();
    }

    pub(super) fn observations_stale(&mut self) {
        drill::unobserved(self, "the machine was asleep");
        rollout::observations_stale(self);
        self.checks.quiet.stale();
        lock::stale(self);
        self.mark_everything();
    }

    pub(super) fn plan_changed(&mut self) {
        let adopted = self.course.adopted.clone();
        self.rollout.take_plan(&adopted.plan);
        self.pipeline.take_plan(&adopted.plan);
        rollout::shares_told_again(self, |_| true);
        rollout::desire_told_again(self);
        pipeline::regrouped(self);
        self.mark_everything();
    }

    pub(super) fn hold_lifted(&mut self, at: &Stamped) {
        rollout::progressed(self, at.now);
        rollout::all_accepted(self);
        self.mark_everything();
    }

    /// Changes a unit, keeps the indexes, and marks what may follow from it.
    #[inline]
    pub(super) fn change_unit(&mut self, unit: &UnitId, change: impl FnOnce(&mut Unit)) {
        if let Some(index) = self.rollout.index_of(unit) {
            self.change_unit_at(index, change);
        }
    }

    /// The same of the unit at this place.
    #[inline]
    pub(super) fn change_unit_at(&mut self, index: u32, change: impl FnOnce(&mut Unit)) {
        let away = |rollout: &Rollout| rollout.at(index).is_some_and(Unit::away);
        let before = away(&self.rollout);
        if self.rollout.change(index, change) {
            // What a rollback would go back to may be another version now.
            self.agenda.mark(Mark::Watches);
        }
        // What the others get follows from who is in the pool.
        if !self.rollout.shares.is_empty() && away(&self.rollout) != before {
            self.mark_shares();
        }
        self.agenda.mark(Mark::Unit(index));
        self.mark_pipeline();
        self.agenda.capacity_changed();
    }
}
