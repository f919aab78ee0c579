//! What has to be looked at again: marks left by `apply`, and timers. Derived, never stored.

use std::collections::BTreeSet;

use super::{
    course::{CourseEvent, supersede},
    drill,
    effect::{Effect, EffectId, Target, Work},
    effect_log::{EffectEvent, Flight},
    event::Event,
    lock,
    marks::{BEFORE_UNITS, Mark, Marks},
    name::EnvironmentName,
    notice, operation, pipeline, poll, rollout,
    session::Session,
    signal,
    time::{Now, SessionTime, Span},
};

/// What follows for one subject.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    Nothing,
    /// These facts; the subject is asked again once they are applied.
    Events(Vec<Event>),
    /// Ask again at this session time.
    At(SessionTime),
    /// Ask again when capacity changes.
    WhenCapacity,
    /// Ask again at this session time, and when capacity changes before.
    AtOrCapacity(SessionTime),
}

impl Next {
    /// What follows for a subject for two reasons at once.
    #[must_use]
    pub fn or(self, other: impl FnOnce() -> Self) -> Self {
        match (self, other()) {
            (Self::Events(events), _) | (_, Self::Events(events)) => Self::Events(events),
            (Self::Nothing, other) | (other, Self::Nothing) => other,
            (Self::WhenCapacity, Self::WhenCapacity) => Self::WhenCapacity,
            (Self::At(one), Self::At(other)) => Self::At(one.min(other)),
            (Self::At(one) | Self::AtOrCapacity(one), Self::At(other) | Self::AtOrCapacity(other)) => {
                Self::AtOrCapacity(one.min(other))
            }
            (Self::At(at) | Self::AtOrCapacity(at), Self::WhenCapacity)
            | (Self::WhenCapacity, Self::At(at) | Self::AtOrCapacity(at)) => Self::AtOrCapacity(at),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Agenda {
    marks: Marks,
    timers: BTreeSet<(SessionTime, Mark)>,
    /// Units that wait for capacity.
    blocked: BTreeSet<u32>,
}

/// Derived state takes no part in comparing sessions.
impl PartialEq for Agenda {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// How often a watch looks at each host.
const WATCH_INTERVAL: Span = super::plan::LOOKED_AT;

/// Commands that outlived their conductor are looked for with numbers of steps from this one on.
const FOLLOWS: u32 = 1000;

impl Agenda {
    #[inline]
    pub fn mark(&mut self, mark: Mark) {
        self.marks.insert(mark);
    }

    fn ask_at(&mut self, at: SessionTime, mark: Mark, now: Now) {
        self.timers.insert((at.max(SessionTime(now.session.0 + 1)), mark));
    }

    fn blocks(&mut self, mark: Mark) {
        if let Mark::Unit(unit) = mark {
            self.blocked.insert(unit);
        }
    }

    #[inline]
    pub fn capacity_changed(&mut self) {
        if !self.blocked.is_empty() {
            self.marks.insert_units(std::mem::take(&mut self.blocked));
        }
    }
}

impl Session {
    pub(super) fn mark_course(&mut self) {
        self.agenda.mark(Mark::Course);
    }
    pub(super) fn mark_watches(&mut self) {
        self.agenda.mark(Mark::Watches);
    }
    /// Whatever the line waits for, hosts that are looked after wait for too.
    #[inline]
    pub(super) fn mark_pipeline(&mut self) {
        self.agenda.mark(Mark::Pipeline);
        if self.operations.goes_on_by_itself() {
            self.agenda.mark(Mark::Operations);
        }
    }
    pub(super) fn mark_drills(&mut self) {
        self.agenda.mark(Mark::Drills);
    }
    pub(super) fn mark_shares(&mut self) {
        self.agenda.mark(Mark::Shares);
    }
    pub(super) fn mark_checks(&mut self) {
        self.agenda.mark(Mark::Checks);
    }
    pub(super) fn mark_locks(&mut self) {
        self.agenda.mark(Mark::Locks);
    }
    #[inline]
    pub(super) fn mark_notices(&mut self) {
        self.agenda.mark(Mark::Notices);
    }

    /// Units that wait for their turn are asked again.
    #[inline]
    pub(super) fn capacity_changed(&mut self) {
        self.agenda.capacity_changed();
    }

    /// For a unit without a lane nothing ever follows.
    pub(super) fn mark_units(&mut self) {
        for (index, unit) in self.rollout.units().iter().enumerate() {
            if unit.lane.is_some() {
                self.agenda.mark(Mark::Unit(index as u32));
            }
        }
    }

    /// Everything is looked at again: after reading a session, lifting a hold, or closing.
    pub(super) fn mark_everything(&mut self) {
        for mark in Mark::SUBJECTS {
            self.agenda.mark(mark);
        }
        self.mark_units();
    }

    pub(super) fn mark_target(&mut self, target: &Target) {
        match target {
            Target::Unit(unit) | Target::Pool(unit) | Target::Repair(unit) => {
                if let Some(index) = self.rollout.index_of(unit) {
                    self.agenda.mark(Mark::Unit(index));
                }
                self.mark_pipeline();
            }
            Target::Check { .. } => self.mark_checks(),
            Target::Watch(_) => self.mark_watches(),
            Target::Notice(_) => self.mark_notices(),
            Target::Lock(_) => self.mark_locks(),
            Target::Desired(_) | Target::Once { .. } | Target::Scale(_) => self.mark_pipeline(),
            Target::Share(_) | Target::Served(_) => self.mark_shares(),
        }
    }

    /// What follows from the facts so far, at this time. The caller applies the events and asks again, until the
    /// answer is empty.
    pub fn next(&mut self, now: Now) -> Vec<Event> {
        while let Some(&(at, mark)) = self.agenda.timers.first().filter(|(at, _)| *at <= now.session) {
            self.agenda.timers.remove(&(at, mark));
            self.agenda.marks.insert(mark);
        }
        while let Some(mark) = self.agenda.marks.first() {
            match self.follow(mark, now) {
                Next::Events(events) if !events.is_empty() => return events,
                Next::At(at) => self.agenda.ask_at(at, mark, now),
                Next::WhenCapacity => self.agenda.blocks(mark),
                Next::AtOrCapacity(at) => {
                    self.agenda.ask_at(at, mark, now);
                    self.agenda.blocks(mark);
                }
                Next::Nothing | Next::Events(_) => {}
            }
            self.agenda.marks.remove(mark);
        }
        Vec::new()
    }

    /// What follows for anything at all, whatever is marked: where [`next`](Self::next) has said all, nothing. For the
    /// oracle of the property test.
    pub fn missed(&self, now: Now) -> Vec<Event> {
        let (before, after) = Mark::SUBJECTS.split_at(BEFORE_UNITS as usize);
        let units = (0..self.rollout.units().len()).map(|index| Mark::Unit(index as u32));
        let all = before.iter().copied().chain(units).chain(after.iter().copied());
        let mut follows = all.filter_map(|mark| match self.follow(mark, now) {
            Next::Events(events) if !events.is_empty() => Some(events),
            _ => None,
        });
        follows.next().unwrap_or_default()
    }

    /// When `next` should be asked again although nothing happened.
    pub fn wake_at(&self) -> Option<SessionTime> {
        self.agenda.timers.first().map(|(at, _)| *at)
    }

    fn follow(&self, mark: Mark, now: Now) -> Next {
        match mark {
            Mark::Course => self.follow_course(now),
            Mark::Watches => self.follow_watches(),
            Mark::Locks => lock::next(self, now),
            Mark::Unit(index) => rollout::next_of_unit(self, index, now),
            Mark::Shares => rollout::share_next(self, now),
            Mark::Pipeline => pipeline::next(self, now),
            Mark::Operations => operation::next(self, now),
            Mark::Drills => drill::next(self, now),
            Mark::Checks => self.follow_checks(now),
            Mark::Notices => notice::next(self, now),
        }
    }

    /// What is superseded closes by itself. A GO expires by the wall clock; session time only says when to look.
    fn follow_course(&self, now: Now) -> Next {
        if let Some(superseded) = self.course.superseded.as_ref().filter(|_| !self.course.is_over()) {
            return supersede::next(self, superseded, now);
        }
        let Some(declared) = self.poll.declared.as_ref().filter(|declared| {
            declared.decision == poll::Decision::Go && !declared.expired && self.course.started.is_none()
        }) else {
            return Next::Nothing;
        };
        if self.course.is_over() {
            return Next::Nothing;
        }
        let age = now.wall.since(declared.at.wall);
        let limit = self.plan().poll.go_expires;
        if age > limit {
            return Next::Events(vec![Event::Poll(poll::PollEvent::GoExpired)]);
        }
        Next::At(now.session.plus(Span(limit.0 - age.0 + 1)))
    }

    /// What a conductor left behind is looked for, and every environment is watched while the session is open.
    fn follow_watches(&self) -> Next {
        if let Some(left) = self.flights.left().filter(|_| !self.course.is_over()) {
            // Of each conductor that looks for it an act of its own.
            let id = EffectId { step: FOLLOWS + self.epoch, ..left.id.clone() };
            let effect = Effect { id, work: Work::Outlived { of: Box::new(left.clone()) } };
            return Next::Events(vec![Event::Effect(EffectEvent::Started { effect: effect.into() })]);
        }
        for environment in self.plan().environments.values() {
            let target = Target::Watch(environment.name.clone());
            match self.flights.get(&target) {
                Some(flight) => {
                    if let Some(why) = self.watch_is_over(flight).filter(|_| !flight.cancel_asked) {
                        let (id, why) = (flight.effect.id.clone(), why.to_owned());
                        return Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why })]);
                    }
                }
                None if !self.course.is_over() => {
                    let work = self.watch_over(&environment.name);
                    let id = EffectId { target, attempt: self.epoch, step: self.seq as u32 };
                    let effect = Effect { id, work };
                    return Next::Events(vec![Event::Effect(EffectEvent::Started { effect: effect.into() })]);
                }
                None => {}
            }
        }
        Next::Nothing
    }

    /// Why a watch is of no use any more, and is begun anew.
    fn watch_is_over(&self, flight: &Flight) -> Option<&'static str> {
        if self.course.is_over() {
            return Some("the session is closed");
        }
        // A watch reports what changes: what it saw before a suspend it would not say again.
        if flight.since < self.course.stale_before {
            return Some("everything is looked at again");
        }
        let Work::Watch { environment, keeps, .. } = &flight.effect.work else { return None };
        // A way back that is not known for a while is no reason to look away.
        let wanted = rollout::way_back(self, environment);
        (wanted.is_some() && wanted != *keeps).then_some("what a rollback goes back to has changed")
    }

    fn watch_over(&self, environment: &EnvironmentName) -> Work {
        let keeps = rollout::way_back(self, environment);
        Work::Watch { environment: environment.clone(), keeps, interval: WATCH_INTERVAL }
    }

    fn follow_checks(&self, now: Now) -> Next {
        if self.course.is_over() {
            let open = self.flights.iter().find(|flight| {
                matches!(flight.effect.id.target, Target::Check { .. }) && !flight.cancel_asked
            });
            return open.map_or(Next::Nothing, |flight| {
                let id = flight.effect.id.clone();
                let why = "the session is closed".to_owned();
                Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why })])
            });
        }
        for (check, runs) in &self.checks.runs {
            for (environment, run) in runs {
                if let Some(event) = signal::start_effects(self, check, environment, run) {
                    return Next::Events(vec![event]);
                }
            }
        }
        let mut wake = Next::Nothing;
        for (at, check, environment) in signal::due(self) {
            if at > now.session {
                wake = Next::At(at);
                break;
            }
            let asked = signal::ask_run(self, &check, &environment, None, signal::RunWhy::Schedule);
            if let Some(event) = asked {
                return Next::Events(vec![event]);
            }
        }
        wake
    }
}

impl CourseEvent {
    /// Whether the event ends the session.
    pub const fn closes(&self) -> bool {
        matches!(self, CourseEvent::Closed { .. })
    }
}
