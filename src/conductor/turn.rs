//! The turn: the conductor's inside as a state machine without IO. In come commands, reports, what became
//! durable, and ticks; out go appends, and what may be done, answered and published once they are durable.
//!
//! It decides on applied but not yet durable state, and holds each output until that is durable. If an append
//! fails it gives its session up and asks for one folded again from what is durable. While the journal can't be
//! written, everything is refused but HOLD and ROLL BACK; those go to the fallback ("break-glass"), and into the
//! journal, sealed, when it is back.
//!
//! This file imports the domain only, so that the simulator drives it together with the core.

mod glass;
mod together;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use crate::domain::{
    actor::Actor,
    command::Asked,
    course::{CourseEvent, ReopenedBecause},
    decide,
    effect::{Effect, EffectId, Report},
    effect_log::EffectEvent,
    event::{Event, Stamped},
    name::Digest,
    refusal::Refusal,
    session::{NotOpened, Session},
    time::{Now, SessionTime, Span},
};

/// Who asked: the connection, and its own number for the command. A retry gets the first answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asker {
    pub client: u64,
    pub id: String,
}

#[derive(Debug)]
pub enum Input {
    Command {
        asker: Asker,
        asked: Asked,
        actor: Actor,
    },
    /// A fact that the conductor itself saw: a suspend, a jump of the wall clock.
    Fact(Event),
    Report(Report),
    /// Everything up to here is in the journal (or, with the glass broken, in the fallback).
    Durable {
        seq: u64,
    },
    AppendFailed {
        why: String,
    },
    /// The session, folded again from what is durable, under a new epoch.
    Refolded {
        session: Box<Session>,
        epoch: u32,
    },
    /// The journal takes appends again; the hash of the fallback file, where it was used.
    JournalBack {
        sealed: Option<Digest>,
    },
    /// Time has passed.
    Tick,
}

#[derive(Debug, PartialEq)]
pub enum Output {
    /// To the journal; answered with `Durable` or `AppendFailed`.
    Append {
        events: Vec<Stamped>,
        decision: bool,
        /// The commands that these answer, each with the last event that it wrote: they are kept with them, so that
        /// none is done twice.
        answers: Vec<(Asker, u64)>,
    },
    /// To the fallback file; answered likewise.
    Fallback {
        events: Vec<Stamped>,
        answers: Option<Asker>,
    },
    Act(Act),
    Reply {
        asker: Asker,
        answer: Result<u64, Refusal>,
    },
    /// Everything up to this number, to whoever follows.
    Publish {
        last: u64,
    },
    /// Read the session again from what is durable, and answer with `Refolded`.
    Refold,
}

#[derive(Debug, PartialEq)]
pub enum Act {
    Start {
        effect: Arc<Effect>,
        epoch: u32,
    },
    Cancel(EffectId),
    /// Nothing that was started before may go on unobserved.
    CancelAll,
}

#[derive(Debug, PartialEq)]
enum Mode {
    Normal,
    /// An append failed; a fresh session is awaited.
    Refolding {
        why: String,
    },
    /// The journal can't be written. `glass`: HOLD or ROLL BACK was pressed, and the fallback is used.
    Broken {
        why: String,
        glass: bool,
    },
}

/// Answers kept for retries.
const ANSWERS: usize = 1024;
/// Session time is stored this often while anything is timed. A crash takes 10 s back at most, and what is stored
/// counts only once it is durable.
const TICK: Span = Span::secs(9);
/// Refusals of the same command to the same person within this time are one.
const SAME_REFUSAL: Span = Span::secs(1);
/// Events that may follow from one input before the rest waits for the next one: a guard against a rule that
/// feeds itself, far above what any fleet needs.
const FOLLOW: usize = 1_000_000;

pub struct Turn {
    session: Session,
    epoch: u32,
    mode: Mode,
    durable: u64,
    /// Outputs that wait for this number to be durable.
    held: VecDeque<(u64, Output)>,
    answers: HashMap<Asker, Result<u64, Refusal>>,
    order: VecDeque<Asker>,
    last_refusal: Option<(Actor, &'static str, String, SessionTime)>,
    /// Events that are in no journal yet, while it can't be written.
    unwritten: Vec<Stamped>,
    /// How many of them are in the fallback.
    in_fallback: usize,
    /// Commands that these answer: they come into the journal with them.
    unsealed: Vec<(Asker, u64)>,
}

impl Turn {
    /// A new session begins.
    pub fn begin(
        opened: Event,
        actor: Actor,
        epoch: u32,
        now: Now,
    ) -> Result<(Self, Vec<Output>), NotOpened> {
        let first = Stamped { seq: 1, now, epoch, actor, event: opened };
        let session = Session::begin(&first)?;
        let mut turn = Self::around(session, epoch, 0);
        let mut batch = vec![first];
        turn.follow(now, &mut batch);
        let outputs = turn.append(batch);
        Ok((turn, outputs))
    }

    /// A conductor takes a session up that was open, as folded: its epoch is higher than any before.
    pub fn reopen(session: Session, epoch: u32, now: Now) -> (Self, Vec<Output>) {
        let durable = session.seq;
        let mut turn = Self::around(session, epoch, durable);
        let mut batch = Vec::new();
        let because = ReopenedBecause::Started;
        turn.take(Event::Course(CourseEvent::Reopened { epoch, because }), Actor::RULES, now, &mut batch);
        turn.follow(now, &mut batch);
        let outputs = turn.append(batch);
        (turn, outputs)
    }

    fn around(session: Session, epoch: u32, durable: u64) -> Self {
        Self {
            session,
            epoch,
            mode: Mode::Normal,
            durable,
            held: VecDeque::new(),
            answers: HashMap::new(),
            order: VecDeque::new(),
            last_refusal: None,
            unwritten: Vec::new(),
            in_fallback: 0,
            unsealed: Vec::new(),
        }
    }

    /// The session as applied; where [`Self::settled`], as durable.
    pub fn session(&self) -> &Session {
        &self.session
    }

    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Whether everything applied is durable.
    pub fn settled(&self) -> bool {
        self.durable == self.session.seq
    }

    /// Why the journal can't be written, where it can't.
    pub fn broken(&self) -> Option<&str> {
        match &self.mode {
            Mode::Normal => None,
            Mode::Refolding { why } | Mode::Broken { why, .. } => Some(why),
        }
    }

    /// When a tick is due although nothing happens.
    pub fn wake_at(&self) -> Option<SessionTime> {
        // Nothing follows by itself that could not be recorded.
        if matches!(self.mode, Mode::Refolding { .. } | Mode::Broken { glass: false, .. }) {
            return None;
        }
        let tick = self.timed().then(|| self.session.now.session.plus(TICK));
        [self.session.wake_at(), tick].into_iter().flatten().min()
    }

    /// Whether anything is under way or timed. Such a session keeps its conductor alive.
    pub fn timed(&self) -> bool {
        let session = &self.session;
        !session.course.is_over()
            && (session.pipeline.running().is_some()
                || session.operations.running.is_some()
                || session.drills.running.is_some()
                || session.pipeline.is_rolling_back()
                || session.rollout.working().next().is_some())
    }

    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Output> {
        match input {
            Input::Command { asker, asked, actor } => self.command(asker, &asked, &actor, now),
            Input::Fact(event) => self.facts(vec![event], &Actor::RULES, now),
            Input::Report(it) => self.facts(decide::report(&self.session, it, now), &Actor::ENGINE, now),
            Input::Durable { seq } => self.durable(seq),
            Input::AppendFailed { why } => self.failed(why),
            Input::Refolded { session, epoch } => self.refolded(*session, epoch, now),
            Input::JournalBack { sealed } => self.back(sealed, now),
            Input::Tick => self.tick(now),
        }
    }

    fn command(&mut self, asker: Asker, asked: &Asked, actor: &Actor, now: Now) -> Vec<Output> {
        if let Some(answer) = self.answers.get(&asker) {
            return vec![Output::Reply { answer: answer.clone(), asker }];
        }
        if let Some(why) = self.broken()
            && (!asked.command.breaks_the_glass() || matches!(self.mode, Mode::Refolding { .. }))
        {
            let answer = Err(Refusal::unwritable(why));
            return vec![Output::Reply { asker, answer }];
        }
        match decide::decide(&self.session, asked, actor, now) {
            Ok(mut events) => {
                // Only what is allowed breaks the glass.
                self.break_the_glass(&mut events);
                let mut batch = Vec::new();
                for event in events {
                    self.take(event, actor.clone(), now, &mut batch);
                }
                self.follow(now, &mut batch);
                let mut outputs = self.append(batch);
                let by = (asker.clone(), self.session.seq);
                match outputs.last_mut() {
                    Some(Output::Append { answers, .. }) => answers.push(by),
                    Some(Output::Fallback { answers, .. }) => {
                        *answers = Some(asker.clone());
                        self.unsealed.push(by);
                    }
                    _ => {}
                }
                let answer = Ok(self.session.seq);
                self.remember(&asker, &answer);
                outputs.extend(self.hold(Output::Reply { asker, answer }));
                outputs
            }
            Err(refusal) => {
                let mut outputs = self.record_refusal(asked, &refusal, actor, now);
                let answer = Err(refusal);
                self.remember(&asker, &answer);
                outputs.push(Output::Reply { asker, answer });
                outputs
            }
        }
    }

    fn record_refusal(&mut self, asked: &Asked, refusal: &Refusal, actor: &Actor, now: Now) -> Vec<Output> {
        let word = asked.command.word();
        let same = self.last_refusal.as_ref().is_some_and(|(by, said, reason, at)| {
            by == actor && *said == word && *reason == refusal.reason && now.session.since(*at) < SAME_REFUSAL
        });
        if same || self.broken().is_some() || self.session.course.is_over() {
            return Vec::new();
        }
        self.last_refusal = Some((actor.clone(), word, refusal.reason.clone(), now.session));
        self.facts(vec![decide::refused(asked, refusal)], actor, now)
    }

    fn remember(&mut self, asker: &Asker, answer: &Result<u64, Refusal>) {
        if self.order.len() >= ANSWERS
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
        self.order.push_back(asker.clone());
        self.answers.insert(asker.clone(), answer.clone());
    }

    fn facts(&mut self, events: Vec<Event>, actor: &Actor, now: Now) -> Vec<Output> {
        if matches!(self.mode, Mode::Refolding { .. } | Mode::Broken { glass: false, .. }) {
            // What can't be recorded is not taken in; after the journal is back everything is probed anew.
            return Vec::new();
        }
        let mut batch = Vec::new();
        for event in events {
            self.take(event, actor.clone(), now, &mut batch);
        }
        self.follow(now, &mut batch);
        self.append(batch)
    }

    fn tick(&mut self, now: Now) -> Vec<Output> {
        let due = self.timed() && now.session.since(self.session.now.session) >= TICK;
        let events = if due { vec![Event::Course(CourseEvent::Ticked)] } else { Vec::new() };
        self.facts(events, &Actor::RULES, now)
    }

    /// Stamps and applies one event.
    fn take(&mut self, event: Event, actor: Actor, now: Now, batch: &mut Vec<Stamped>) {
        let stamped = Stamped { seq: self.session.seq + 1, now, epoch: self.epoch, actor, event };
        self.session.apply(&stamped);
        // Most batches are of one or two.
        batch.reserve_exact(if batch.is_empty() { 2 } else { 0 });
        batch.push(stamped);
    }

    /// What follows by the rules.
    fn follow(&mut self, now: Now, batch: &mut Vec<Stamped>) {
        while batch.len() < FOLLOW {
            let events = self.session.next(now);
            if events.is_empty() {
                break;
            }
            for event in events {
                self.take(event, Actor::RULES, now, batch);
            }
        }
    }

    /// Appends a batch and holds what may be done once it is durable.
    fn append(&mut self, batch: Vec<Stamped>) -> Vec<Output> {
        let broken = matches!(self.mode, Mode::Broken { .. });
        let batch = if broken { self.add_to_fallback(batch) } else { batch };
        let Some(last) = batch.last().map(|event| event.seq) else { return Vec::new() };
        for stamped in &batch {
            let Event::Effect(event) = &stamped.event else { continue };
            let act = match event {
                EffectEvent::Started { effect } => Act::Start { effect: effect.clone(), epoch: self.epoch },
                EffectEvent::CancelAsked { id, .. } => Act::Cancel(id.clone()),
                _ => continue,
            };
            self.held.push_back((stamped.seq, Output::Act(act)));
        }
        self.held.push_back((last, Output::Publish { last }));
        if broken {
            return vec![Output::Fallback { events: batch, answers: None }];
        }
        let decision = batch.iter().any(|stamped| stamped.event.is_decision());
        vec![Output::Append { events: batch, decision, answers: Vec::new() }]
    }

    /// Now, if everything applied is durable; else when it is.
    fn hold(&mut self, output: Output) -> Option<Output> {
        if self.settled() {
            return Some(output);
        }
        self.held.push_back((self.session.seq, output));
        None
    }

    fn durable(&mut self, seq: u64) -> Vec<Output> {
        self.durable = self.durable.max(seq);
        let mut ready = Vec::new();
        while self.held.front().is_some_and(|(at, _)| *at <= self.durable) {
            ready.extend(self.held.pop_front().map(|(_, output)| output));
        }
        ready
    }
}
