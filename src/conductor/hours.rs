//! What time it is for a session: session time runs on while this conductor runs, and stands still while the
//! machine sleeps. What the clocks do beside that, a suspend or a jump, is told as a fact.

use crate::{
    clock::{Clock, Reading},
    domain::{
        course::CourseEvent,
        event::Event,
        time::{Now, SessionTime, Span, WallTime},
    },
};

/// Differences below this are the clocks' own unevenness, and small corrections of the wall clock.
const NOTICEABLE: u64 = 1_000_000;

#[derive(Debug)]
pub struct Hours {
    clock: Clock,
    /// Session time at the monotonic time at which it was taken up.
    base: (SessionTime, u64),
    last: Reading,
}

impl Hours {
    /// Session time goes on from `session`.
    pub fn from(clock: Clock, session: SessionTime) -> Self {
        let last = clock.read();
        Self { base: (session, last.monotonic), last, clock }
    }

    pub fn now(&self) -> Now {
        let reading = self.clock.read();
        let passed = reading.monotonic.saturating_sub(self.base.1);
        Now { wall: WallTime(reading.wall), session: self.base.0.plus(Span(passed)) }
    }

    /// How long until this session time.
    pub fn until(&self, at: SessionTime) -> Span {
        at.since(self.now().session)
    }

    /// What the clocks did since this was last asked.
    pub fn look(&mut self) -> Vec<Event> {
        let now = self.clock.read();
        let since = |now: u64, then: u64| now.saturating_sub(then);
        let (ran, went_by) = (since(now.monotonic, self.last.monotonic), since(now.boot, self.last.boot));
        let mut facts = Vec::new();
        let slept = went_by.saturating_sub(ran);
        if slept >= NOTICEABLE {
            facts.push(Event::Course(CourseEvent::SuspendSeen { slept: Span(slept) }));
        }
        let micros = (now.wall - self.last.wall) - went_by.cast_signed();
        if micros.unsigned_abs() >= NOTICEABLE {
            facts.push(Event::Course(CourseEvent::WallJumped { micros }));
        }
        self.last = now;
        facts
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn session_time_runs_on_with_the_conductor_and_stands_still_in_suspend() {
        let (clock, hand) = Clock::fake();
        let mut hours = Hours::from(clock, SessionTime(5));
        hand.advance(Duration::from_mins(1));
        assert_eq!(hours.now().session, SessionTime(60_000_005));
        assert_eq!(hours.look(), []);
        let before = hours.now();
        hand.suspend(Duration::from_hours(1));
        assert_eq!(hours.now().session, before.session);
        assert_eq!(hours.now().wall.since(before.wall), Span::hours(1));
        let slept = Event::Course(CourseEvent::SuspendSeen { slept: Span::hours(1) });
        assert_eq!(hours.look(), [slept]);
        assert_eq!(hours.look(), [], "it is told once");
        assert_eq!(hours.until(before.session.plus(Span::secs(7))), Span::secs(7));
    }
}
