//! The simulated journal: what is durable, what waits for its commit, and what can't be written.

use std::collections::VecDeque;

use golive::{
    conductor::turn::Asker,
    domain::{
        effect::EffectId,
        effect_log::EffectEvent,
        event::{Event, Stamped},
        hash::Known,
        session::Session,
    },
};

/// What is to be written together.
pub struct Pending {
    pub events: Vec<Stamped>,
    pub answers: Vec<(Asker, u64)>,
    pub fallback: bool,
}

#[derive(Default)]
pub struct Journal {
    pub durable: Vec<Stamped>,
    pub fallback: Vec<Stamped>,
    pub pending: VecDeque<Pending>,
    /// What was said and never became durable: stories tell of it.
    pub lost: Vec<Stamped>,
    /// Commands that are known to be answered, whoever asks again.
    pub answers: Vec<(Asker, u64)>,
    /// The same, in the fallback file only.
    pub answers_aside: Vec<(Asker, u64)>,
    /// Effects whose start is durable: only these may touch the world.
    pub started: Known<(EffectId, u32)>,
    pub full: bool,
    /// False: only counts, for measurements of fleets whose record would not fit.
    pub keep: bool,
}

impl Journal {
    pub fn append(&mut self, events: Vec<Stamped>, answers: Vec<(Asker, u64)>, fallback: bool) {
        self.pending.push_back(Pending { events, answers, fallback });
    }

    /// Makes the oldest pending batch durable: the number of its last event; none: it can't be written.
    pub fn commit(&mut self) -> Option<Result<u64, String>> {
        let Pending { events, answers, fallback } = self.pending.pop_front()?;
        if self.full && !fallback {
            self.lost.extend(events);
            self.loses();
            return Some(Err("no space left on device".into()));
        }
        if !self.keep {
            return Some(Ok(events.last().map_or(0, |stamped| stamped.seq)));
        }
        for stamped in &events {
            if let Event::Effect(EffectEvent::Started { effect }) = &stamped.event {
                self.started.insert((effect.id.clone(), stamped.epoch));
            }
        }
        let last = events.last().map_or(0, |stamped| stamped.seq);
        let known = self.durable.last().map_or(0, |stamped| stamped.seq);
        if fallback {
            self.fallback.extend(events);
            self.answers_aside.extend(answers);
        } else {
            // What was sealed from the fallback comes in order.
            for (stamped, follows) in events.iter().zip(self.durable.last().map_or(0, |s| s.seq) + 1..) {
                assert_eq!(stamped.seq, follows, "a gap in the record");
            }
            self.durable.extend(events);
            self.fallback.clear();
            self.answers_aside.clear();
            self.answers.extend(answers);
            assert!(last >= known);
        }
        Some(Ok(last))
    }

    /// What is not durable yet never will be.
    pub fn loses(&mut self) {
        self.lost.extend(self.pending.drain(..).flat_map(|pending| pending.events));
    }

    /// The event of this number that was said in this epoch, whatever became of it.
    pub fn said(&self, seq: u64, epoch: u32) -> Option<&Stamped> {
        let of = |stamped: &&Stamped| stamped.seq == seq && stamped.epoch == epoch;
        let durable = self.durable.get(seq.checked_sub(1)? as usize);
        let pending = || self.pending.iter().flat_map(|pending| &pending.events);
        let others = || self.fallback.iter().chain(pending()).chain(&self.lost);
        durable.filter(of).or_else(|| others().find(of))
    }

    /// What a conductor finds when it starts.
    pub fn fold(&self) -> Session {
        Session::fold(self.durable.iter().chain(&self.fallback)).expect("a record begins with its opening")
    }

    /// What is durable after the one number, up to the other.
    pub fn between(&self, after: u64, last: u64) -> Vec<Stamped> {
        self.told(after, last).cloned().collect()
    }

    /// The same, only to be read.
    pub fn told(&self, after: u64, last: u64) -> impl Iterator<Item = &Stamped> {
        let known = self.durable.iter().skip(after as usize).chain(&self.fallback);
        known.filter(move |stamped| stamped.seq > after && stamped.seq <= last)
    }

    pub fn last(&self) -> Option<&Stamped> {
        self.fallback.last().or(self.durable.last())
    }
}
