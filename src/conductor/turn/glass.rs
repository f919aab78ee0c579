//! While the journal can't be written ("break-glass"): what was not durable did not happen, HOLD and ROLL BACK
//! go ahead on the fallback file, and what is in it is sealed into the journal when that is back. Part of the
//! turn, and as pure.

use super::{Act, Asker, Mode, Output, Turn};
use crate::domain::{
    actor::Actor,
    course::{CourseEvent, ReopenedBecause},
    event::{Event, Stamped},
    name::Digest,
    refusal::Refusal,
    session::Session,
    time::Now,
};

impl Turn {
    /// The journal can't be written and this may go ahead: from here on the fallback is the record. Nothing goes
    /// forward while it is.
    pub(super) fn break_the_glass(&mut self, events: &mut Vec<Event>) {
        let Mode::Broken { glass, .. } = &mut self.mode else { return };
        let first = !std::mem::replace(glass, true);
        let holds = |event: &Event| matches!(event, Event::Course(CourseEvent::Held { .. }));
        if self.session.course.hold.is_none() && !events.iter().any(holds) {
            let reason = "the journal can't be written".to_owned();
            events.insert(0, Event::Course(CourseEvent::Held { reason }));
        }
        if first {
            // Until here nobody looked.
            events.insert(0, self.taken_up());
        }
    }

    pub(super) fn failed(&mut self, why: String) -> Vec<Output> {
        if matches!(self.mode, Mode::Refolding { .. }) {
            return Vec::new();
        }
        // Nobody is left without an answer: what was not durable did not happen.
        let mut outputs = vec![Output::Act(Act::CancelAll)];
        for (_, output) in std::mem::take(&mut self.held) {
            if let Output::Reply { asker, .. } = output {
                let answer = Err(Refusal::unwritable(&why));
                self.answers.insert(asker.clone(), answer.clone());
                outputs.push(Output::Reply { asker, answer });
            }
        }
        self.mode = Mode::Refolding { why };
        outputs.push(Output::Refold);
        outputs
    }

    pub(super) fn refolded(&mut self, mut session: Session, epoch: u32, now: Now) -> Vec<Output> {
        let Mode::Refolding { why } = &self.mode else { return Vec::new() };
        let why = why.clone();
        session.rederive();
        self.durable = session.seq;
        self.session = session;
        self.epoch = epoch;
        // What is durable in the fallback, and in no journal yet, is still to be sealed.
        self.unwritten.retain(|event| event.seq <= self.durable);
        self.unsealed.retain(|(_, seq)| *seq <= self.durable);
        self.in_fallback = self.unwritten.len();
        self.mode = Mode::Broken { why, glass: false };
        // Taken in, and written with the first thing that is: to the fallback, or to the journal.
        let mut batch = Vec::new();
        self.take(self.taken_up(), Actor::RULES, now, &mut batch);
        self.unwritten.extend(batch);
        Vec::new()
    }

    /// A conductor takes a session up that is open while the journal can't be written: nothing is possible but HOLD
    /// and ROLL BACK. `epoch` is the one that will be the next.
    pub fn reopen_unwritable(session: Session, epoch: u32, why: String, now: Now) -> Self {
        let durable = session.seq;
        let mut turn = Self::around(session.clone(), epoch, durable);
        turn.mode = Mode::Refolding { why };
        // Nothing is put out: what happened is written with the first thing that can be.
        let _ = turn.refolded(session, epoch, now);
        turn
    }

    /// A command that an earlier conductor carried out: whoever asks again gets its answer.
    pub fn recall(&mut self, asker: &Asker, seq: u64) {
        self.remember(asker, &Ok(seq));
    }

    pub(super) fn back(&mut self, sealed: Option<Digest>, now: Now) -> Vec<Output> {
        let Mode::Broken { glass, .. } = &self.mode else { return Vec::new() };
        let glass = *glass;
        let mut batch = std::mem::take(&mut self.unwritten);
        if !glass {
            // Until here nobody looked.
            self.take(self.taken_up(), Actor::RULES, now, &mut batch);
        }
        if let Some(hash) = sealed {
            let lines = self.in_fallback as u32;
            self.take(Event::Course(CourseEvent::GlassSealed { lines, hash }), Actor::RULES, now, &mut batch);
        }
        // Those that were in the fallback have acted and were published; the others are told of with the last.
        self.in_fallback = 0;
        self.mode = Mode::Normal;
        let mut fresh = Vec::new();
        self.follow(now, &mut fresh);
        let Some(last) = batch.last().map(|event| event.seq) else { return self.append(fresh) };
        self.held.push_back((last, Output::Publish { last }));
        let answers = std::mem::take(&mut self.unsealed);
        let mut outputs = vec![Output::Append { events: batch, decision: true, answers }];
        outputs.extend(self.append(fresh));
        outputs
    }

    fn taken_up(&self) -> Event {
        let because = ReopenedBecause::AppendFailed;
        Event::Course(CourseEvent::Reopened { epoch: self.epoch, because })
    }

    /// Appends to the fallback what is not in it yet. Empty: nothing is new.
    pub(super) fn add_to_fallback(&mut self, batch: Vec<Stamped>) -> Vec<Stamped> {
        self.unwritten.extend(batch);
        let events = self.unwritten[self.in_fallback..].to_vec();
        self.in_fallback = self.unwritten.len();
        events
    }
}
