//! The simulated world around a turn: a clock, a queue of what happens when, a journal, an engine with its
//! hosts, and people. Everything follows from one seed.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use golive::{
    conductor::turn::{Asker, Input, Turn},
    domain::{
        actor::{Actor, Via, Who},
        command::{Asked, Command},
        comparison::Sides,
        course::CourseEvent,
        effect::{EffectId, Outcome, Report, Reported, Seen, Share, Target},
        event::{Event, Stamped},
        hash::Table,
        name::{EnvironmentName, PersonName, UnitId},
        project::Project,
        refusal::Refusal,
        session::Session,
        time::{Now, SessionTime, Span, WallTime},
    },
};

use super::{
    agents::{Agents, Store},
    calendar::Calendar,
    client::Client,
    engine::{End, Engine, Timings},
    host::{Host, Wrong},
    journal::Journal,
    lock::{Foreign, Lock},
    once::Commands,
    opening::Opening,
    oracle::Oracle,
    queueing::Queues,
    rng::Rng,
    sharing::Sharing,
    story::Story,
};

/// What happens at a time of its own.
#[derive(Debug)]
pub enum Happening {
    Tick,
    Commit,
    Ends(End),
    Arrives(Box<Report>),
    Look(usize),
    Says(PersonName, Box<Asked>),
    /// Something goes wrong with a host, or right again.
    Host(usize, HostFault),
    Balancer(bool),
    /// It was started anew, and knows nothing of who was taken out, nor of any share.
    BalancerForgets,
    /// What another conductor, that shares no journal with this one, does about the lock at the target.
    Foreign(Foreign),
    LookAtLocks,
    /// Somebody wants to go live after this one, or not any more.
    Queues(PersonName, Queues),
    /// So many requests come to an environment that should get none.
    Strays(EnvironmentName, u64),
    /// What agents do, or somebody does about what they read.
    Agents(Agents),
    /// A count looks again; what it has counted so far.
    Counts(EffectId, u32, Box<Sides>),
    /// A command ends that has outlived its conductor.
    OrphanEnds(Target),
    JournalFull(bool),
    Kill,
    WallJumps(i64),
    Suspends(Span),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostFault {
    Dies,
    ComesBack,
    Sick,
    Well,
    /// Its process ends by itself.
    Crashes,
    PutBack,
    TakenOut,
    /// Its process ends, and something else answers in its stead; or that ends.
    Stranger(bool),
}

#[expect(clippy::struct_excessive_bools, reason = "what a test varies is independent of all else")]
pub struct World {
    pub turn: Turn,
    pub seed: u64,
    pub rng: Rng,
    /// Real microseconds since the beginning.
    pub at: u64,
    pub(super) session_from: (u64, u64),
    wall_jumped: i64,
    pub(super) calendar: Calendar,
    pub(super) tick_at: Option<u64>,
    pub journal: Journal,
    /// What is known across its go-lives.
    pub project: Project,
    pub hosts: Vec<Host>,
    pub units: Vec<UnitId>,
    pub index: Table<UnitId, usize>,
    pub(super) looking: Vec<bool>,
    pub engine: Engine,
    pub timings: Timings,
    pub balancer: bool,
    /// What balancers hold that are not as they are configured.
    pub shares: BTreeMap<EnvironmentName, Share>,
    pub sharing: Sharing,
    /// What agents read.
    pub stores: BTreeMap<EnvironmentName, Store>,
    /// How many of a thousand sets on the way forward time out, and arrive later.
    pub sets_late: u64,
    pub repeatable: bool,
    pub check_faults: BTreeMap<String, Wrong>,
    pub notices_fail: bool,
    /// What the commands did that run once.
    pub once: Commands,
    /// Requests for each host between two looks of a count.
    pub requests: u64,
    /// Requests that came where none should, and nobody has counted yet.
    pub strays: BTreeMap<EnvironmentName, u64>,
    /// Up to which of them the count under way has looked.
    pub looked: BTreeMap<EnvironmentName, (EffectId, u32, u64)>,
    /// What stands at the deploy targets.
    pub locks: BTreeMap<EnvironmentName, Option<Lock>>,
    /// While this conductor is dead another one may think its lock left, and take it over.
    pub other_locks_between_kills: bool,
    pub answers: HashMap<String, Result<u64, Refusal>>,
    asked: u64,
    pub kill_per_mille: u64,
    pub kills: u32,
    pub oracle: Oracle,
    /// A client: folds what is published, and nothing else.
    pub client: Client,
    /// Whether the oracle looks at everything.
    pub heavy: bool,
    pub log: Story,
    /// Processor time spent in turn and core; measured where the oracle does not look.
    pub spent: Duration,
}

pub fn actor(person: &str) -> Actor {
    Actor { who: Who::Person(PersonName::new(person).unwrap()), via: Via::Uid(1000) }
}

pub const MORNING: i64 = 1_772_452_800_000_000;

impl World {
    pub fn opened(seed: u64, opening: &Opening, heavy: bool) -> Self {
        let now = Now { wall: WallTime(MORNING), session: SessionTime(0) };
        let (turn, outputs) = Turn::begin(opening.event.clone(), actor("dana"), 1, now).unwrap();
        let event = opening.event.clone();
        let first = Stamped { seq: 1, now, epoch: 1, actor: actor("dana"), event };
        let mut world = Self {
            oracle: Oracle::new(Session::begin(&first).unwrap()),
            turn,
            client: Client::default(),
            seed,
            rng: Rng::new(seed),
            at: 0,
            session_from: (0, 0),
            wall_jumped: 0,
            calendar: Calendar::default(),
            tick_at: None,
            journal: Journal { keep: true, ..Journal::default() },
            project: Project::default(),
            looking: vec![false; opening.hosts.len()],
            hosts: opening.hosts.clone(),
            units: opening.units.clone(),
            index: opening.index.clone(),
            engine: Engine::default(),
            timings: Timings::default(),
            balancer: true,
            shares: BTreeMap::new(),
            sharing: Sharing::default(),
            stores: BTreeMap::new(),
            sets_late: 0,
            repeatable: opening.repeatable,
            check_faults: BTreeMap::new(),
            notices_fail: false,
            once: Commands::default(),
            requests: 60,
            strays: BTreeMap::new(),
            looked: BTreeMap::new(),
            locks: BTreeMap::new(),
            other_locks_between_kills: false,
            answers: HashMap::new(),
            asked: 0,
            kill_per_mille: 0,
            kills: 0,
            heavy,
            log: Story::default(),
            spent: Duration::ZERO,
        };
        world.agents_begin(opening.before.as_deref());
        world.outputs(outputs);
        world
    }

    pub fn session(&self) -> &Session {
        self.turn.session()
    }

    pub fn now(&self) -> Now {
        let (session, at) = self.session_from;
        let wall = MORNING + self.at.cast_signed() + self.wall_jumped;
        Now { wall: WallTime(wall), session: SessionTime(session + (self.at - at)) }
    }

    pub fn plan_for(&mut self, at: u64, happening: Happening) {
        self.calendar.plan(at.max(self.at), happening);
    }

    pub fn soon(&mut self, span: Span, happening: Happening) {
        self.plan_for(self.at + span.0, happening);
    }

    pub fn ends_in(&mut self, takes: u64, end: End) {
        self.soon(Span(takes), Happening::Ends(end));
    }

    pub fn look_soon(&mut self, index: usize) {
        if !std::mem::replace(&mut self.looking[index], true) {
            let takes = self.rng.between(self.timings.look.0, self.timings.look.1);
            self.soon(Span(takes), Happening::Look(index));
        }
    }

    pub fn report(&mut self, effect: EffectId, epoch: u32, outcome: Outcome) {
        let takes = self.rng.between(10, 5_000);
        let report = Report { epoch, effect, what: Reported::Ended(outcome) };
        self.soon(Span(takes), Happening::Arrives(Box::new(report)));
    }

    pub fn report_unit(&mut self, effect: EffectId, epoch: u32, unit: UnitId, seen: Seen) {
        let report = Report { epoch, effect, what: Reported::Unit { unit, seen } };
        self.soon(Span(10), Happening::Arrives(Box::new(report)));
    }

    /// Says something now and gives its number, by which the answer is found.
    pub fn say(&mut self, person: &str, command: impl Into<Asked>) -> String {
        self.asked += 1;
        let id = self.asked.to_string();
        self.say_as(person, command.into(), &id);
        id
    }

    pub fn say_as(&mut self, person: &str, asked: Asked, id: &str) {
        let asker = Asker { client: 1, id: id.to_owned() };
        self.note(&format!("{person} says {:?}", asked.command));
        self.input(Input::Command { asker, asked, actor: actor(person) });
    }

    /// Says something and waits for its answer.
    pub fn ask(&mut self, person: &str, command: Command) -> Result<u64, Refusal> {
        let id = self.say(person, command);
        for _ in 0..100_000 {
            if let Some(answer) = self.answers.get(&id) {
                return answer.clone();
            }
            self.step();
        }
        panic!("seed {}: no answer\n{}", self.seed, self.story());
    }

    /// The next thing that happens. False: nothing is left to happen.
    pub fn step(&mut self) -> bool {
        let Some((at, happening)) = self.calendar.take() else { return false };
        // What was due while the machine slept happens when it wakes.
        self.at = self.at.max(at);
        match happening {
            Happening::Tick => {
                self.tick_at = None;
                self.input(Input::Tick);
            }
            Happening::Commit => match self.journal.commit() {
                None => {}
                Some(Ok(seq)) => self.input(Input::Durable { seq }),
                Some(Err(why)) => self.input(Input::AppendFailed { why }),
            },
            Happening::Ends(end) => self.effect_ends(&end),
            Happening::Arrives(report) => self.arrives(*report),
            Happening::Look(index) => {
                self.looking[index] = false;
                self.look(index);
            }
            Happening::Says(person, asked) => {
                self.say(person.as_str(), *asked);
            }
            Happening::Host(index, fault) => self.host_fault(index, fault),
            Happening::Balancer(works) => {
                self.note(&format!("the balancer {}", if works { "answers" } else { "is gone" }));
                self.balancer = works;
                self.tell_of_shares();
                (0..self.hosts.len()).for_each(|index| self.look_soon(index));
            }
            Happening::BalancerForgets => {
                self.note("the balancer forgets who was taken out");
                self.forgets();
                (0..self.hosts.len()).for_each(|index| self.look_soon(index));
            }
            Happening::Foreign(what) => self.foreign(what),
            Happening::Queues(person, what) => self.queues(&person, what),
            Happening::Strays(environment, requests) => self.stray(environment, requests),
            Happening::Agents(what) => self.agents(what),
            Happening::LookAtLocks => self.look_at_locks(),
            Happening::Counts(id, epoch, counted) => self.count(id, epoch, *counted),
            Happening::OrphanEnds(target) => self.orphan_ends(&target),
            Happening::JournalFull(full) => self.journal_full(full),
            Happening::Kill => self.kill(),
            Happening::WallJumps(micros) => {
                self.note(&format!("the wall clock jumps by {micros} µs"));
                self.wall_jumped += micros;
                self.input(Input::Fact(Event::Course(CourseEvent::WallJumped { micros })));
            }
            Happening::Suspends(slept) => {
                self.note(&format!("the machine sleeps for {slept}"));
                // Session time stands still in suspend.
                let now = self.now().session.0;
                self.at += slept.0;
                self.session_from = (now, self.at);
                self.input(Input::Fact(Event::Course(CourseEvent::SuspendSeen { slept })));
            }
        }
        true
    }

    pub fn run_for(&mut self, span: Span) {
        self.run_until_or(span, |_| false);
    }

    #[track_caller]
    pub fn run_until(&mut self, span: Span, condition: impl Fn(&Session) -> bool) {
        let reached = self.run_until_or(span, condition);
        assert!(reached, "seed {}: not reached within {span}\n{}", self.seed, self.story());
    }

    /// Whether the condition holds within this time.
    pub fn run_until_or(&mut self, span: Span, condition: impl Fn(&Session) -> bool) -> bool {
        let end = self.at + span.0;
        loop {
            if condition(self.session()) {
                return true;
            }
            if self.calendar.next_at().is_none_or(|at| at > end) {
                self.at = self.at.max(end);
                return condition(self.session());
            }
            self.step();
        }
    }
}
