//! What a conductor's loop does around a turn: hands inputs in, carries outputs out, keeps the wake-up, and dies.

use std::time::Duration;

use golive::{
    conductor::turn::{Act, Asker, Input, Output, Turn},
    domain::{
        event::Stamped,
        name::Digest,
        time::{Now, Span},
    },
};

use super::{
    lock::Foreign,
    world::{Happening, World},
};

/// What this thread has had of the processor, so that a busy machine does not count.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec.cast_unsigned() as u32)
}

impl World {
    pub(super) fn journal_full(&mut self, full: bool) {
        self.note(&format!("the journal {}", if full { "is full" } else { "has space again" }));
        self.journal.full = full;
        if !full && self.turn.broken().is_some() {
            // What the fallback still has to write comes first.
            while let Some(Ok(seq)) = self.journal.commit() {
                self.input(Input::Durable { seq });
            }
            let used = !self.journal.fallback.is_empty();
            let sealed = used.then(|| Digest::of(b"fallback"));
            self.input(Input::JournalBack { sealed });
        }
    }

    pub fn input(&mut self, input: Input) {
        let now = self.now();
        let outputs = if self.heavy { self.turn.handle(input, now) } else { self.measured(input, now) };
        self.outputs(outputs);
    }

    fn measured(&mut self, input: Input, now: Now) -> Vec<Output> {
        let start = processor_time();
        let outputs = self.turn.handle(input, now);
        let end = processor_time();
        // Asking for the time takes longer than many an event: what it costs is measured beside it.
        self.spent += end.saturating_sub(start).saturating_sub(processor_time().saturating_sub(end));
        outputs
    }

    pub(super) fn outputs(&mut self, outputs: Vec<Output>) {
        let mut refolded = None;
        for output in outputs {
            self.oracle.saw(&output, self.heavy, &mut self.log);
            self.keep_enough();
            self.gives_the_share();
            match output {
                Output::Append { events, answers, .. } => self.appends(events, answers, false),
                Output::Fallback { events, answers } => {
                    let seq = events.last().map_or(0, |stamped| stamped.seq);
                    let answers = answers.map(|asker| (asker, seq)).into_iter().collect();
                    self.appends(events, answers, true);
                }
                Output::Act(Act::Start { effect, epoch }) => self.start_effect(effect, epoch),
                Output::Act(Act::Cancel(id)) => {
                    let epoch = self.turn.epoch();
                    self.cancel_effect(&id, epoch);
                }
                Output::Act(Act::CancelAll) => {
                    let mut all: Vec<_> = self.engine.flying.keys().cloned().collect();
                    all.sort();
                    for (id, epoch) in &all {
                        self.cancel_effect(id, *epoch);
                    }
                }
                Output::Reply { asker, answer } => {
                    if let Err(refusal) = &answer {
                        self.note(&format!("refused: {refusal}"));
                    }
                    self.answers.insert(asker.id, answer);
                }
                Output::Publish { last } if self.heavy => {
                    let adopts = self.client.hears(self.seed, self.journal.told(self.client.told(), last));
                    if !self.journal.fallback.is_empty() {
                        self.client.folds(&self.journal);
                    }
                    if adopts {
                        self.watch_anew();
                    }
                }
                Output::Publish { .. } => {}
                Output::Refold => {
                    let epoch = self.journal.last().map_or(0, |stamped| stamped.epoch) + 1;
                    refolded = Some((self.journal.fold(), epoch));
                }
            }
            if self.kill_per_mille > 0 && self.rng.per_mille(self.kill_per_mille) {
                self.kill();
                return;
            }
        }
        if let Some((session, epoch)) = refolded {
            self.oracle.restarted(session.clone());
            self.oracle.counts_again(&self.journal.durable);
            self.input(Input::Refolded { session: Box::new(session), epoch });
        }
        self.wake();
        if self.heavy
            && self.turn.settled()
            && self.turn.broken().is_none()
            && self.journal.pending.is_empty()
        {
            let ours = self.turn.session();
            let mut same = self.client.told() == ours.seq;
            // What was never taken back the oracle has folded too, each event as it was said, and compares it.
            if self.oracle.is_due() && self.oracle.was_restarted() {
                self.client.folds(&self.journal);
                same &= self.client.session() == Some(ours);
            }
            assert!(same, "seed {}: a client has folded another session\n{}", self.seed, self.story());
        }
        if self.heavy {
            let now = self.now();
            self.oracle.look(&self.turn, &self.journal, now, self.seed, &self.log);
        }
    }

    /// Everything is looked at once more, and what is stored is read back.
    pub fn holds_at_the_end(&mut self) {
        let now = self.now();
        self.oracle.whole(&self.turn, &self.journal, now);
        self.oracle.reads(&self.turn, &self.journal);
        self.oracle.look(&self.turn, &self.journal, now, self.seed, &self.log);
    }

    /// The watches forget hosts that the plan has no longer, so that one that comes back is told of again.
    fn watch_anew(&mut self) {
        // The rollout's units are those of the plan, and found by their names.
        let rollout = &self.turn.session().rollout;
        let there: Vec<bool> = self.units.iter().map(|unit| rollout.unit(unit).is_some()).collect();
        for watch in &mut self.engine.watches {
            watch.known.retain(|index, _| there[*index]);
        }
        self.stores_anew(&there);
        (0..self.hosts.len()).for_each(|index| self.look_soon(index));
    }

    fn appends(&mut self, events: Vec<Stamped>, answers: Vec<(Asker, u64)>, fallback: bool) {
        self.journal.append(events, answers, fallback);
        let takes = self.rng.between(self.timings.commit.0, self.timings.commit.1);
        self.soon(Span(takes), Happening::Commit);
    }

    fn wake(&mut self) {
        let Some(wake) = self.turn.wake_at() else { return };
        let (session, at) = self.session_from;
        let real = at + wake.0.saturating_sub(session);
        let real = real.max(self.at + 1);
        if self.tick_at.is_none_or(|tick| real < tick) {
            self.tick_at = Some(real);
            self.plan_for(real, Happening::Tick);
        }
    }

    /// kill -9: what is not durable is lost; another conductor takes the session up.
    pub fn kill(&mut self) {
        self.kills += 1;
        self.note("kill -9");
        // An append that was under way is durable or it is not; nobody hears of it.
        self.journal.full = false;
        while self.rng.per_mille(500) {
            if self.journal.commit().is_none() {
                break;
            }
        }
        self.journal.loses();
        let fallback = std::mem::take(&mut self.journal.fallback);
        self.journal.durable.extend(fallback);
        let aside = std::mem::take(&mut self.journal.answers_aside);
        self.journal.answers.extend(aside);
        self.orphan_effects();
        if self.other_locks_between_kills && self.rng.per_mille(150) {
            self.foreign(Foreign::TakesOver);
        }
        let last = self.journal.durable.last().map(|stamped| (stamped.epoch, stamped.now.session.0));
        let (epoch, session_time) = last.unwrap_or((1, 0));
        let session = if self.journal.durable.is_empty() {
            // Nothing was ever durable: the session was never opened.
            return;
        } else {
            self.journal.fold()
        };
        self.session_from = (session_time, self.at);
        self.tick_at = None;
        // A client that comes back is sent what it does not have.
        if self.heavy {
            self.client.hears(self.seed, &self.journal.durable);
        }
        self.oracle.restarted(session.clone());
        self.oracle.counts_again(&self.journal.durable);
        let (turn, outputs) = Turn::reopen(session, epoch + 1, self.now());
        self.turn = turn;
        for (asker, seq) in &self.journal.answers {
            self.turn.recall(asker, *seq);
        }
        self.outputs(outputs);
    }
}
