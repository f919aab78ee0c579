//! A conductor's turn over a fleet on which everything succeeds at once. No IO and no real time: what is measured is
//! the turn and the core, and what comes of it is a record as long as one likes.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, bail};
use golive::{
    conductor::turn::{Act, Asker, Input, Output, Turn},
    domain::{
        actor::{Actor, Via, Who},
        checklist::ChecklistCommand,
        command::{Asked, Command},
        course::{Mode, OpenRequest, open},
        effect::{
            Candidate, Effect, EffectId, Health, LaneStep, Outcome, PoolState, Report, Reported, Seen, Work,
        },
        event::Stamped,
        lock::{Found, Holder},
        name::{Digest, SessionId, UnitId},
        plan::Adopted,
        poll::{Decision, PollCommand, VoteKind},
        project::Project,
        rollout::RolloutCommand,
        session::Session,
        time::{Now, SessionTime, Span, WallTime},
    },
};

use super::{
    process::processor_nanos,
    project::{VERSION, dana},
};

/// 2026-03-02 12:00 UTC.
const NOON: i64 = 1_772_452_800_000_000;

pub struct Fleet {
    turn: Turn,
    session_time: u64,
    inputs: Vec<Input>,
    watch: Option<EffectId>,
    asked: u64,
    /// All events so far.
    pub events: u64,
    /// Those that were kept, if any are.
    pub record: Vec<Stamped>,
    /// How many are kept.
    keep: usize,
    /// Nanoseconds of processor time spent in turn and core.
    pub spent: u64,
}

pub fn candidate(version: &str) -> anyhow::Result<Candidate> {
    Ok(Candidate::new(version.parse()?, Digest::of(version.as_bytes())))
}

/// A fleet of so many hosts that are changed 200 at once.
pub fn hosts_of(count: u32) -> super::project::Fleet {
    super::project::Fleet {
        hosts: format!("\"web-[{:06}:{count:06}]\"", 1),
        driver: r#"{ kind = "exec", verbs = { stop = ["true"], install = ["true"], start = ["true"] } }"#
            .into(),
        also: "capacity = { max_parallel = 200, min_healthy = 1, max_unavailable = 200 }".into(),
        alive: String::new(),
        items: 0,
    }
}

impl Fleet {
    pub fn open(adopted: Arc<Adopted>, keep: usize) -> anyhow::Result<Self> {
        let dana = actor()?;
        let now = Now { wall: WallTime(NOON), session: SessionTime(0) };
        let request = OpenRequest {
            id: SessionId::new(VERSION)?,
            candidate: candidate(VERSION)?,
            go_live: now.wall.plus(Span::hours(2)),
            adopted,
            mode: Mode::Live,
            author: None,
            machine: "deploy-1".into(),
        };
        let opened = open(&Project::default(), request, &dana).map_err(|why| anyhow::anyhow!("{why}"))?;
        let (turn, outputs) = Turn::begin(opened, dana, 1, now)?;
        let mut fleet = Self {
            turn,
            session_time: 0,
            inputs: Vec::new(),
            watch: None,
            asked: 0,
            events: 0,
            record: Vec::new(),
            keep,
            spent: 0,
        };
        fleet.take(outputs)?;
        while !fleet.inputs.is_empty() {
            fleet.step()?;
        }
        Ok(fleet)
    }

    pub fn session(&self) -> &Session {
        self.turn.session()
    }

    pub fn now(&self) -> Now {
        let passed = self.session_time;
        Now { wall: WallTime(NOON.saturating_add_unsigned(passed)), session: SessionTime(passed) }
    }

    pub fn later(&mut self, micros: u64) {
        self.session_time += micros;
    }

    /// Ticks, votes, declares and starts.
    pub fn start(&mut self) -> anyhow::Result<()> {
        let items: Vec<_> = self.session().plan().items.iter().map(|item| item.id.clone()).collect();
        for item in items {
            self.ask(Command::Checklist(ChecklistCommand::Tick { item, evidence: None, file: None }))?;
        }
        self.ask(Command::Poll(PollCommand::Vote { seat: None, vote: VoteKind::Go, said_by: None }))?;
        let reason = "all is ready".to_owned();
        self.ask(Command::Poll(PollCommand::Declare { decision: Decision::Go, reason, ask_again: None }))?;
        self.ask(Command::Rollout(RolloutCommand::Start { stage: None }))
    }

    pub fn ask(&mut self, command: Command) -> anyhow::Result<()> {
        self.asked += 1;
        let asker = Asker { client: 1, id: self.asked.to_string() };
        self.inputs.push(Input::Command { asker, asked: Asked::from(command), actor: actor()? });
        self.step()
    }

    /// Everything that is due now; what follows from it comes next.
    pub fn step(&mut self) -> anyhow::Result<()> {
        self.some(usize::MAX)
    }

    /// At most so many of the reports and commands that are due now.
    pub fn some(&mut self, most: usize) -> anyhow::Result<()> {
        if self.inputs.is_empty() {
            let at = self.turn.wake_at().context("nothing is left to happen")?;
            self.session_time = self.session_time.max(at.0);
            self.inputs.push(Input::Tick);
        }
        let now = self.now();
        let inputs: Vec<Input> = self.inputs.drain(..most.min(self.inputs.len())).collect();
        let begun = processor_nanos();
        let mut outputs = Vec::with_capacity(inputs.len());
        for input in inputs {
            outputs.extend(self.turn.handle(input, now));
        }
        self.spent += processor_nanos() - begun;
        self.take(outputs)
    }

    pub fn until(&mut self, holds: impl Fn(&Session) -> bool) -> anyhow::Result<()> {
        while !holds(self.session()) {
            self.step()?;
        }
        Ok(())
    }

    fn take(&mut self, outputs: Vec<Output>) -> anyhow::Result<()> {
        for output in outputs {
            match output {
                Output::Append { events, .. } => {
                    self.events += events.len() as u64;
                    let seq = events.last().map_or(0, |last| last.seq);
                    let room = self.keep.saturating_sub(self.record.len());
                    self.record.extend(events.into_iter().take(room));
                    self.inputs.push(Input::Durable { seq });
                }
                Output::Act(Act::Start { effect, .. }) => self.carry_out(Arc::unwrap_or_clone(effect)),
                Output::Act(Act::Cancel(id)) => self.report(id, Reported::Ended(Outcome::Cancelled)),
                Output::Reply { answer: Err(refusal), .. } => bail!("refused: {refusal}"),
                Output::Act(Act::CancelAll)
                | Output::Reply { .. }
                | Output::Publish { .. }
                | Output::Fallback { .. }
                | Output::Refold => {}
            }
        }
        Ok(())
    }

    fn report(&mut self, effect: EffectId, what: Reported) {
        self.inputs.push(Input::Report(Report { epoch: self.turn.epoch(), effect, what }));
    }

    fn carry_out(&mut self, effect: Effect) {
        let done = Reported::Ended(Outcome::Done { note: String::new(), facts: BTreeMap::new() });
        match effect.work {
            Work::Count { .. } | Work::Once { .. } => {}
            Work::Watch { .. } => {
                self.watch = Some(effect.id);
                let units: Vec<UnitId> =
                    self.session().rollout.units().iter().map(|unit| unit.id.clone()).collect();
                let before = candidate("2.4.1").ok();
                for unit in units {
                    let known = self.session().rollout.unit(&unit).and_then(|unit| unit.fresh().cloned());
                    let seen = known.unwrap_or_else(|| seen(before.clone(), true));
                    self.look(unit, seen);
                }
            }
            Work::Step { unit, step, want, .. } => {
                match step {
                    LaneStep::Stop => self.look(unit, seen(None, false)),
                    LaneStep::Alive => self.look(unit, seen(Some(want), true)),
                    _ => {}
                }
                self.report(effect.id, done);
            }
            Work::Lock { environment, claim, .. } => {
                let found = Found::Taken(Holder::ourselves(&claim, self.turn.epoch()));
                self.report(effect.id.clone(), Reported::Lock { environment, found });
                self.report(effect.id, done);
            }
            Work::Unlock { environment, .. } => {
                self.report(effect.id.clone(), Reported::Lock { environment, found: Found::Free });
                self.report(effect.id, done);
            }
            Work::Check { .. }
            | Work::Share { .. }
            | Work::Repair { .. }
            | Work::Scale { .. }
            | Work::Outlived { .. }
            | Work::Desire { .. }
            | Work::Notify { .. }
            | Work::Probe { .. }
            | Work::TakeOut { .. } => {
                self.report(effect.id, done);
            }
        }
    }

    fn look(&mut self, unit: UnitId, seen: Seen) {
        if let Some(watch) = self.watch.clone() {
            self.report(watch, Reported::Unit { unit, seen });
        }
    }
}

fn actor() -> anyhow::Result<Actor> {
    Ok(Actor { who: Who::Person(dana()?), via: Via::Uid(1000) })
}

fn seen(installed: Option<Candidate>, well: bool) -> Seen {
    Seen {
        health: if well { Health::Healthy } else { Health::Sick },
        runs: installed.as_ref().map(|candidate| candidate.version.clone()),
        installed,
        pool: PoolState::None,
        kept: Some(true),
        why: None,
        ended: None,
        checked_in: None,
        stranger: None,
    }
}
