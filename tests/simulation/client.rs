//! A client: folds what is published, and nothing else. It is told of an event when that is published, and folds all that
//! it was told of when somebody looks: the same events in the same order, many of them at a time. As long as no conductor
//! died, that is what the oracle has folded by itself, and is not folded once more.

use golive::domain::{
    course::CourseEvent,
    event::{Event, Stamped},
    session::Session,
};

use super::journal::Journal;

#[derive(Default)]
pub struct Client {
    session: Option<Session>,
    /// The last event that it was told of.
    told: u64,
}

impl Client {
    pub const fn told(&self) -> u64 {
        self.told
    }

    /// It takes what is not known to it; nothing is missing in between. Whether there is another plan.
    pub fn hears<'a>(&mut self, seed: u64, events: impl IntoIterator<Item = &'a Stamped>) -> bool {
        let mut adopts = false;
        for event in events {
            if event.seq <= self.told {
                continue;
            }
            assert_eq!(event.seq, self.told + 1, "seed {seed}: clients miss a line");
            self.told = event.seq;
            adopts |= matches!(event.event, Event::Course(CourseEvent::PlanAdopted { .. }));
        }
        adopts
    }

    /// Folds what it was told of since it last did. What is in the fallback only may not be there for long.
    pub fn folds(&mut self, journal: &Journal) {
        let known = self.session.as_ref().map_or(0, |session| session.seq);
        for event in journal.told(known, self.told) {
            match &mut self.session {
                Some(session) => session.apply(event),
                none => *none = Session::begin(event).ok(),
            }
        }
    }

    /// As it was folded last.
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }
}
