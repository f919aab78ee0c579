//! The script against the core alone: the demo's own plan, an engine that answers at once, and a clock that
//! jumps. What can't end here can't end over real hosts either.

use std::{collections::BTreeMap, fs, sync::Arc};

use super::{Act, Cast, End, Next, STEPS, coach, next, team};
use crate::{
    config,
    demo::{
        fault::Fault,
        fleet::{
            DemoStrategy,
            plan::{PlanOf, RELEASE_NOTES, text},
        },
    },
    domain::{
        actor::{Actor, Via, Who},
        checklist::ChecklistCommand,
        command::Command,
        course::{CourseCommand, Ending, Mode, OpenRequest, Phase, open},
        decide::{decide, report},
        effect::{
            Candidate, Effect, EffectId, Health, LaneStep, Outcome, PoolState, Report, Reported, Seen, Work,
        },
        effect_log::EffectEvent,
        event::{Event, Stamped},
        lock::{Found, Holder},
        name::{Digest, EnvironmentName, PersonName, SessionId, UnitId, Version},
        plan::Adopted,
        poll::{Decision, PollCommand, VoteKind},
        project::Project,
        rollout::RolloutCommand,
        session::Session,
        time::{Now, SessionTime, Span, WallTime},
    },
};

fn adopted(hosts: u16) -> Adopted {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("RELEASE.md"), RELEASE_NOTES).unwrap();
    let hosts: Vec<_> = (1..=hosts).map(|n| (format!("host-{n:02}"), 20_000 + n)).collect();
    let plan = text(&PlanOf {
        dir: dir.path(),
        program: "/bin/golive".as_ref(),
        login: "tester",
        lead: "dana",
        balancer_port: 4_000,
        balancer_socket: &dir.path().join("balancer.sock"),
        hosts: &hosts,
        strategy: DemoStrategy::Rolling,
        store: None,
    });
    let loaded = config::read_text(&plan, dir.path(), None).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(loaded.blockers().count(), 0);
    Adopted::new(loaded.plan, loaded.source)
}

fn candidate(version: &str) -> Candidate {
    Candidate::new(version.parse().unwrap(), Digest::of(version.as_bytes()))
}

struct Stage {
    session: Session,
    now: Now,
    /// What is wrong with the candidate.
    faults: Vec<Fault>,
    runs: BTreeMap<UnitId, Candidate>,
    watch: Option<Effect>,
}

impl Stage {
    fn open(hosts: u16, version: &str, faults: &[&str]) -> Self {
        let now = Now { wall: WallTime(1_772_452_800_000_000), session: SessionTime(0) };
        let request = OpenRequest {
            id: SessionId::new("1").unwrap(),
            candidate: candidate(version),
            go_live: now.wall.plus(Span::minutes(5)),
            adopted: Arc::new(adopted(hosts)),
            mode: Mode::Demo,
            author: None,
            machine: "here".into(),
        };
        let actor = person("dana");
        let event = open(&Project::default(), request, &actor).unwrap();
        let session = Session::begin(&Stamped { seq: 1, now, epoch: 1, actor, event }).unwrap();
        let units = session.plan().pools().flat_map(|(_, pool)| &pool.hosts).map(|host| host.unit.clone());
        let runs = units.map(|unit| (unit, candidate("2.4.1"))).collect();
        let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        Self { session, now, faults, runs, watch: None }
    }

    fn take(&mut self, event: Event, actor: Actor) {
        let stamped = Stamped { seq: self.session.seq + 1, now: self.now, epoch: 1, actor, event };
        self.session.apply(&stamped);
        match stamped.event {
            Event::Effect(EffectEvent::Started { effect }) => self.work(Arc::unwrap_or_clone(effect)),
            Event::Effect(EffectEvent::CancelAsked { id, .. }) => {
                self.told(Report { epoch: 1, effect: id, what: Reported::Ended(Outcome::Cancelled) });
            }
            _ => {}
        }
    }

    fn told(&mut self, said: Report) {
        for event in report(&self.session, said, self.now) {
            self.take(event, Actor::ENGINE);
        }
    }

    fn work(&mut self, effect: Effect) {
        let done = || Outcome::Done { note: "done".into(), facts: BTreeMap::new() };
        let outcome = match &effect.work {
            Work::Count { .. } => return,
            Work::Watch { .. } => {
                self.watch = Some(effect);
                return self.observe();
            }
            Work::Step { unit, step, want, .. } => self
                .step(unit, *step, want)
                .map_or_else(|why| Outcome::Failed { why, evidence: None }, |()| done()),
            Work::Probe { unit, .. } => Outcome::Seen(self.seen(unit)),
            Work::Lock { environment, claim, .. } => {
                self.locked(&effect.id, environment, Found::Taken(Holder::ourselves(claim, 1)));
                done()
            }
            Work::Unlock { environment, .. } => {
                self.locked(&effect.id, environment, Found::Free);
                done()
            }
            Work::Check { .. }
            | Work::Notify { .. }
            | Work::TakeOut { .. }
            | Work::Repair { .. }
            | Work::Scale { .. }
            | Work::Share { .. }
            | Work::Once { .. }
            | Work::Outlived { .. }
            | Work::Desire { .. } => done(),
        };
        self.told(Report { epoch: 1, effect: effect.id, what: Reported::Ended(outcome) });
        self.observe();
    }

    fn locked(&mut self, effect: &EffectId, environment: &EnvironmentName, found: Found) {
        let what = Reported::Lock { environment: environment.clone(), found };
        self.told(Report { epoch: 1, effect: effect.clone(), what });
    }

    fn step(&mut self, unit: &UnitId, step: LaneStep, want: &Candidate) -> Result<(), String> {
        if step == LaneStep::Install {
            self.runs.insert(unit.clone(), want.clone());
        }
        let candidate = &self.session.course.release.candidate;
        let fails = self.faults.iter().any(|f| f.kind.stops_a_rollout() && f.on(unit.as_str()));
        if step == LaneStep::SelfTest && want == candidate && fails {
            return Err("12 of 14".into());
        }
        Ok(())
    }

    fn seen(&self, unit: &UnitId) -> Seen {
        let runs = &self.runs[unit];
        Seen {
            health: Health::Healthy,
            runs: Some(runs.version.clone()),
            installed: Some(runs.clone()),
            pool: PoolState::In,
            kept: Some(true),
            why: None,
            checked_in: None,
            stranger: None,
            ended: None,
        }
    }

    fn observe(&mut self) {
        let Some(watch) = &self.watch else { return };
        let id = watch.id.clone();
        for unit in self.runs.keys().cloned().collect::<Vec<_>>() {
            let what = Reported::Unit { seen: self.seen(&unit), unit };
            self.told(Report { epoch: 1, effect: id.clone(), what });
        }
    }

    /// What follows by itself; says whether anything did.
    fn follow(&mut self) -> bool {
        let mut any = false;
        loop {
            let events = self.session.next(self.now);
            if events.is_empty() {
                return any;
            }
            any = true;
            for event in events {
                self.take(event, Actor::RULES);
            }
        }
    }

    fn say(&mut self, name: &str, command: Command) {
        let actor = person(name);
        let events = decide(&self.session, &command.into(), &actor, self.now).unwrap_or_else(|refusal| {
            panic!("{name} is refused: {refusal}");
        });
        for event in events {
            self.take(event, actor.clone());
        }
        self.follow();
    }

    fn wait(&mut self) {
        self.now.wall = self.now.wall.plus(Span::millis(500));
        self.now.session = self.now.session.plus(Span::millis(500));
        self.follow();
    }

    /// Plays to the end, at most ten minutes; all that was said.
    fn play(&mut self, cast: &Cast) -> (Ending, Vec<String>) {
        let mut said = Vec::new();
        self.follow();
        for _ in 0..5_000 {
            match next(&self.session, self.now, cast) {
                Next::Line(line) => {
                    said.push(format!("{} {}", line.person, line.command.word()));
                    self.say(line.person.as_str(), line.command);
                }
                Next::Wait(_) => self.wait(),
                Next::Over(ending) => return (ending, said),
                Next::Stuck(why) => panic!("stuck: {why}; said: {said:?}"),
            }
        }
        panic!("it never ends, {:?}; said: {said:?}", next(&self.session, self.now, cast));
    }
}

fn person(name: &str) -> Actor {
    Actor { who: Who::Person(PersonName::new(name).unwrap()), via: Via::Uid(1000) }
}

#[test]
fn a_good_release_is_played_to_its_verified_end_with_every_number_of_hosts() {
    for hosts in [1, 2, 3, 12, 200] {
        let mut stage = Stage::open(hosts, "2.5.0", &[]);
        let (ending, said) = stage.play(&Cast::unattended());
        assert!(End::Verified.is(&ending), "{hosts} hosts: {ending:?}");
        assert!(stage.runs.values().all(|runs| runs.version.as_str() == "2.5.0"));
        assert_eq!(said.iter().filter(|line| line.ends_with("vote")).count(), 5, "{said:?}");
        assert!(said.contains(&"mia vote met".into()), "{said:?}");
    }
}

#[test]
fn a_bad_release_stops_is_held_and_brought_back_wherever_it_fails() {
    for fault in ["selftest@host-5", "selftest@host-1", "selftest", "crash@host-12", "hang@host-2"] {
        let mut stage = Stage::open(12, "2.6.0", &[fault]);
        let (ending, said) = stage.play(&Cast::unattended());
        assert!(End::RolledBack.is(&ending), "{fault}: {ending:?}");
        let first: Version = "2.4.1".parse().unwrap();
        assert!(stage.runs.values().all(|runs| runs.version == first), "{fault}");
        let order = ["rollout claim", "hold", "rollback", "close"];
        let at = order.map(|word| said.iter().position(|line| line.ends_with(word)));
        assert!(at.is_sorted() && at[0].is_some(), "{fault}: {said:?}");
    }
}

#[test]
fn faults_without_a_verdict_end_verified() {
    let mut stage = Stage::open(12, "2.6.0", &["latency", "errors@host-3"]);
    assert!(End::Verified.is(&stage.play(&Cast::unattended()).0));
}

/// What a newcomer does who does what the coach says, and only that.
fn obey(stage: &mut Stage, cast: &Cast, text: &str) {
    let has = |words: &str| text.contains(words);
    let yours = if has("{tick}") {
        let item = stage.session.plan().items.iter().find(|item| cast.item_is_yours(item)).unwrap();
        Command::Checklist(ChecklistCommand::Tick { item: item.id.clone(), evidence: None, file: None })
    } else if has("your vote is GO") {
        Command::Poll(PollCommand::Vote { seat: None, vote: VoteKind::Go, said_by: None })
    } else if has("{declare} again") {
        let (decision, reason) = (Decision::Go, "ready".into());
        Command::Poll(PollCommand::Declare { decision, reason, ask_again: None })
    } else if has("{start} again") {
        Command::Rollout(RolloutCommand::Start { stage: None })
    } else if has("{roll-back} again") {
        Command::Rollout(RolloutCommand::RollBack { only: vec![] })
    } else {
        return stage.wait();
    };
    stage.say("dana", yours);
}

/// Every line of the coach, until it holds `end`.
fn led(stage: &mut Stage, cast: &Cast, act: Act, end: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    stage.follow();
    for _ in 0..5_000 {
        let said = coach(&stage.session, stage.now, cast, act);
        assert!(said.text.chars().count() <= 110, "{said:?}");
        let line = format!("{}/{STEPS}: {}", said.step, said.text);
        if lines.last() != Some(&line) {
            lines.push(line);
        }
        if said.text.contains(end) {
            return lines;
        }
        match team(&stage.session, stage.now, cast) {
            Some(line) => stage.say(line.person.as_str(), line.command),
            None => obey(stage, cast, &said.text),
        }
    }
    panic!("it never comes to {end:?}: {lines:#?}");
}

fn steps(lines: &[String]) -> String {
    assert!(lines.iter().map(|line| &line[..1]).is_sorted(), "the coach never goes back: {lines:#?}");
    lines.iter().map(|line| &line[..1]).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

#[test]
fn the_coach_leads_a_newcomer_from_the_first_tick_to_the_rollback() {
    let mut stage = Stage::open(12, "2.5.0", &[]);
    let cast = Cast::with(stage.session.plan(), "tester");
    let lines = led(&mut stage, &cast, Act::First, "next release");
    assert_eq!((steps(&lines).as_str(), stage.session.course.phase), ("1234", Phase::Verified), "{lines:#?}");

    let mut stage = Stage::open(12, "2.6.0", &["selftest@host-5"]);
    let cast = cast.without_ticking();
    let lines = led(&mut stage, &cast, Act::Last, "golive init");
    assert_eq!(
        (steps(&lines).as_str(), stage.session.course.phase),
        ("567", Phase::RolledBack),
        "{lines:#?}"
    );
    assert!(lines.iter().any(|line| line.contains("host-05 failed its self-test")), "{lines:#?}");
}

/// The text of the coach now.
fn words(stage: &Stage, cast: &Cast, act: Act) -> String {
    coach(&stage.session, stage.now, cast, act).text
}

#[test]
fn whoever_goes_another_way_is_led_on_from_there() {
    let mut stage = Stage::open(12, "2.6.0", &["selftest@host-5"]);
    let cast = Cast::with(stage.session.plan(), "tester").without_ticking();
    led(&mut stage, &cast, Act::Last, "your vote is GO");
    let vote = |vote| Command::Poll(PollCommand::Vote { seat: None, vote, said_by: None });
    stage.say("dana", vote(VoteKind::NoGo { reason: "the price list is wrong".into() }));
    assert!(words(&stage, &cast, Act::Last).contains("your NO-GO stands"));
    let (decision, reason) = (Decision::NoGo, "the price list is wrong".into());
    stage.say("dana", Command::Poll(PollCommand::Declare { decision, reason, ask_again: None }));
    assert!(words(&stage, &cast, Act::Last).contains("NO-GO: nothing starts"));
    stage.say("dana", vote(VoteKind::Go));

    led(&mut stage, &cast, Act::Last, "drained");
    stage.say("dana", Command::Course(CourseCommand::Hold { reason: String::new() }));
    assert!(words(&stage, &cast, Act::Last).contains("HELD by dana"));
    stage.say("dana", Command::Course(CourseCommand::Continue));
    led(&mut stage, &cast, Act::Last, "host-05 failed");
    let unit = UnitId::new("host-05").unwrap();
    stage.say("dana", Command::Rollout(RolloutCommand::TryAgain { unit: unit.clone() }));
    led(&mut stage, &cast, Act::Last, "host-05 failed");
    let reason = "looked at tomorrow".into();
    stage.say("dana", Command::Rollout(RolloutCommand::Exclude { unit, reason }));
    let lines = led(&mut stage, &cast, Act::Last, "golive init");
    assert!(lines.last().unwrap().contains("verified but for one host"), "{lines:#?}");
}
