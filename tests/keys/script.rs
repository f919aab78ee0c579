//! A person at a cockpit, played by a test: keys go in with a clock that moves when told to, requests are put to the
//! rules at the desk, an engine in a few lines carries out what they start, and the screen is read as text.

use std::collections::BTreeMap;

use golive::{
    domain::{
        actor::Actor,
        comparison::Sides,
        decide::report,
        effect::{Health, LaneStep, Outcome, PoolState, Report, Reported, Seen, Target, Work},
        event::{Event, Stamped},
        lock::{Found, Holder},
        name::UnitId,
        plan::Plan,
        rollout::RolloutEvent,
        time::Span,
    },
    tui::{
        app::{App, Request, Viewer},
        keymap::{Chord, Keymap},
        terminal::{Caps, Input, Key, Moment},
        theme::Themes,
        world::{History, Link, Outputs, Signs, Whereabouts, World},
    },
};
use jiff::tz::TimeZone;
use ratatui::{buffer::Buffer, layout::Rect};

use super::desk::{Desk, person};

pub struct Script {
    pub desk: Desk,
    pub app: App,
    pub at: Moment,
    pub link: Link,
    pub requests: Vec<Request>,
    /// Steps that fail, and with what words.
    pub faults: BTreeMap<(UnitId, LaneStep), String>,
    /// What runs once fails, and why.
    pub once_fails: Option<String>,
    /// The first line of the record already can't be read: there is no session to show.
    pub nothing_read: bool,
    /// Every frame that is drawn from now on, where somebody wants them.
    pub film: Option<Vec<Buffer>>,
    history: History,
    outputs: Outputs,
    pub signs: Signs,
    pub whereabouts: Whereabouts,
    actor: Actor,
    told: u64,
    zone: TimeZone,
}

impl Script {
    /// `who` sits at this terminal.
    pub fn new(who: &str, plan: Plan, caps: Caps) -> Self {
        let theme = Themes::default().load("dark").expect("a theme");
        let whereabouts = Whereabouts {
            project: "shop".into(),
            directory: "/srv/shop".into(),
            machine: "deploy-1".into(),
            login: who.into(),
            ..Whereabouts::default()
        };
        let mut script = Self {
            desk: Desk::new(plan),
            app: App::new(Viewer::new(caps, &theme, Keymap::default(), TimeZone::UTC).with_words(
                std::sync::Arc::new(golive::cli::CommandLine::new(golive::clock::Clock::System)),
            )),
            at: Moment(1_000_000),
            link: Link::Up,
            requests: Vec::new(),
            faults: BTreeMap::new(),
            once_fails: None,
            nothing_read: false,
            film: None,
            history: History::default(),
            outputs: Outputs::default(),
            signs: Signs::default(),
            whereabouts,
            actor: person(who),
            told: 0,
            zone: TimeZone::UTC,
        };
        script.frame();
        script
    }

    /// The cockpit is connected, and the session that it follows is on its way.
    pub fn before_it_has_come(&mut self) -> &mut Self {
        self.link = Link::Joining;
        self
    }

    /// Presses keys, a chord each, half a second apart, a frame after each.
    pub fn keys(&mut self, chords: &str) -> &mut Self {
        for chord in chords.split_whitespace() {
            self.wait(500);
            self.press(chord);
        }
        self
    }

    /// Presses one key now.
    pub fn press(&mut self, chord: &str) -> &mut Self {
        let chord = Chord::parse(chord).expect("a chord");
        let key = Key::press(chord.code, self.at).with(chord.modifiers);
        self.input(Input::Key(key))
    }

    /// Types a text, a tenth of a second a letter.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.wait(150);
            self.input(Input::Key(Key::press(golive::tui::terminal::Code::Char(c), self.at)));
        }
        self
    }

    pub fn input(&mut self, input: Input) -> &mut Self {
        self.tell();
        let requests = with(self, |app, world| app.input(input, world));
        self.serve(requests);
        self.frame();
        self
    }

    /// Time goes by; countdowns run.
    pub fn wait(&mut self, millis: u64) -> &mut Self {
        self.at = self.at.plus(std::time::Duration::from_millis(millis));
        self.desk.later(Span::millis(millis));
        self.tell();
        let requests = with(self, App::tick);
        self.serve(requests);
        self.frame();
        self
    }

    fn serve(&mut self, requests: Vec<Request>) {
        for request in requests {
            if let Request::Send(asked) = &request {
                let who = self.actor.person().expect("a person").to_string();
                if let Err(refusal) = self.desk.say(&who, (**asked).clone()) {
                    self.tell();
                    with(self, |app, world| app.refused(refusal, world));
                } else if matches!(self.link, Link::Unread(_)) {
                    with(self, |app, world| app.done_unseen("done at the desk", world));
                }
            }
            self.requests.push(request);
        }
        self.tell();
    }

    /// The engine: every step under way ends at once, as declared by `faults`, until nothing more follows.
    pub fn work(&mut self) -> &mut Self {
        self.rounds(1_000)
    }

    /// Likewise, at most so many times: what is under way then stays so.
    pub fn rounds(&mut self, most: u32) -> &mut Self {
        for _ in 0..most {
            let flights: Vec<_> =
                self.desk.session.flights.iter().map(|flight| flight.effect.clone()).collect();
            let mut moved = false;
            for effect in flights {
                let outcome = match &effect.work {
                    Work::Step { unit, step, want, .. } => {
                        if let Some(why) = self.faults.get(&(unit.clone(), *step)) {
                            let evidence = Some("10.0.3.7:5433 refused".into());
                            Outcome::Failed { why: why.clone(), evidence }
                        } else {
                            self.see(unit, want, *step);
                            Outcome::Done { note: String::new(), facts: BTreeMap::new() }
                        }
                    }
                    Work::Lock { environment, .. } | Work::Unlock { environment, .. } => {
                        let found = match &effect.work {
                            Work::Lock { claim, .. } => {
                                Found::Taken(Holder::ourselves(claim, self.desk.session.epoch))
                            }
                            _ => Found::Free,
                        };
                        let what = Reported::Lock { environment: environment.clone(), found };
                        let epoch = self.desk.session.epoch;
                        let seen = Report { epoch, effect: effect.id.clone(), what };
                        for event in report(&self.desk.session, seen, self.desk.now) {
                            self.fact(event);
                        }
                        Outcome::Done { note: String::new(), facts: BTreeMap::new() }
                    }
                    Work::Once { .. } if let Some(why) = self.once_fails.clone() => {
                        Outcome::Failed { why, evidence: None }
                    }
                    Work::Once { .. }
                    | Work::Check { .. }
                    | Work::Desire { .. }
                    | Work::Share { .. }
                    | Work::Repair { .. }
                    | Work::Scale { .. }
                    | Work::Notify { .. }
                    | Work::TakeOut { .. } => Outcome::Done { note: "ok".into(), facts: BTreeMap::new() },
                    Work::Probe { .. } | Work::Watch { .. } | Work::Count { .. } | Work::Outlived { .. } => {
                        continue;
                    }
                };
                moved = true;
                let ended = Report {
                    epoch: self.desk.session.epoch,
                    effect: effect.id.clone(),
                    what: Reported::Ended(outcome),
                };
                for event in report(&self.desk.session, ended, self.desk.now) {
                    self.fact(event);
                }
            }
            self.desk.later(Span::secs(2));
            self.at = self.at.plus(std::time::Duration::from_secs(2));
            if !moved {
                let stands = |target: &Target| matches!(target, Target::Watch(_) | Target::Served(_));
                let idle = self.desk.session.flights.iter().all(|flight| stands(&flight.effect.id.target));
                let settling = self.desk.session.rollout.working().next().is_some();
                if idle && !settling {
                    break;
                }
            }
        }
        self.tell();
        self.frame();
        self
    }

    fn see(&mut self, unit: &UnitId, want: &golive::domain::effect::Candidate, step: LaneStep) {
        let serves = !matches!(
            step,
            LaneStep::Drain
                | LaneStep::Stop
                | LaneStep::Prove
                | LaneStep::Replace
                | LaneStep::Install
                | LaneStep::Start
                | LaneStep::SelfTest
        );
        // What leaves for another cloud, or only for a while, goes on well without traffic.
        let goes_on = self.desk.session.rollout.unit(unit).is_some_and(|unit| {
            let stops = unit.lane.as_ref().is_some_and(|lane| lane.steps.contains(&LaneStep::Stop));
            unit.cloud.is_some() || !stops
        });
        let serves = serves || goes_on && step == LaneStep::Drain;
        let new = matches!(step, LaneStep::Alive | LaneStep::Rejoin);
        let was = self.desk.session.rollout.unit(unit).and_then(|unit| unit.fresh().cloned());
        // To fetch changes nothing of what is served.
        if let (LaneStep::Fetch, Some(seen)) = (step, was.clone()) {
            return self.fact(Event::Rollout(RolloutEvent::UnitSeen { unit: unit.clone(), seen }));
        }
        let candidate =
            if new { Some(want.clone()) } else { was.as_ref().and_then(|seen| seen.installed.clone()) };
        let seen = Seen {
            health: if serves { Health::Healthy } else { Health::Sick },
            runs: candidate.as_ref().map(|c| c.version.clone()),
            installed: candidate,
            pool: if serves && !matches!(step, LaneStep::Alive | LaneStep::Drain) {
                PoolState::In
            } else {
                PoolState::Out
            },
            kept: Some(true),
            why: None,
            ended: None,
            checked_in: None,
            stranger: None,
        };
        self.fact(Event::Rollout(RolloutEvent::UnitSeen { unit: unit.clone(), seen }));
    }

    /// The balancer was asked what both sides have served.
    pub fn counts(&mut self, sides: Sides) -> &mut Self {
        self.desk.later(Span::minutes(2));
        self.counts_now(sides)
    }

    /// The same without waiting for it.
    pub fn counts_now(&mut self, sides: Sides) -> &mut Self {
        let production = self.desk.session.plan().headline().expect("an environment").name.clone();
        let flight =
            self.desk.session.flights.get(&Target::Served(production.clone())).expect("it is counted");
        let (epoch, effect) = (self.desk.session.epoch, flight.effect.id.clone());
        let what = Reported::Counted {
            environment: production,
            lately: Box::new(sides),
            all: Box::new(sides),
            busiest: None,
            total: None,
            recent: None,
        };
        for event in report(&self.desk.session, Report { epoch, effect, what }, self.desk.now) {
            self.fact(event);
        }
        self.tell();
        self.frame();
        self
    }

    /// Somebody else sits down at this terminal.
    pub fn sits(&mut self, who: &str) -> &mut Self {
        self.actor = person(who);
        self
    }

    /// A fact that an engine would report.
    pub fn fact(&mut self, event: Event) {
        let seq = self.desk.session.seq + 1;
        let stamped = Stamped { seq, now: self.desk.now, epoch: 1, actor: Actor::ENGINE, event };
        self.desk.session.apply(&stamped);
        self.desk.record.push(stamped);
        self.desk.later(Span::ZERO);
    }

    /// The client hears of what was recorded.
    fn tell(&mut self) {
        for stamped in self.desk.record.iter().filter(|stamped| stamped.seq > self.told) {
            self.history.push(std::sync::Arc::new(stamped.clone()));
        }
        self.told = self.desk.session.seq;
    }

    /// Draws, as the loop does after every input.
    pub fn frame(&mut self) -> Buffer {
        self.tell();
        with(self, App::refresh);
        let size = self.app.viewer().size();
        let mut buffer = Buffer::empty(Rect::new(0, 0, size.columns, size.rows));
        with(self, |app, world| app.draw(world, &mut buffer));
        let at = self.at;
        self.app.drawn(at);
        if let Some(film) = &mut self.film {
            film.push(buffer.clone());
        }
        buffer
    }

    pub fn screen(&mut self) -> String {
        let buffer = self.frame();
        crate::screens::text(&buffer)
    }

    #[track_caller]
    pub fn shows(&mut self, words: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(words), "{words:?} is not on the screen:\n{screen}");
        self
    }

    #[track_caller]
    pub fn hides(&mut self, words: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(words), "{words:?} is on the screen:\n{screen}");
        self
    }

    /// The words of the commands that were sent, in order.
    pub fn sent(&self) -> Vec<&'static str> {
        self.requests
            .iter()
            .filter_map(|request| match request {
                Request::Send(asked) => Some(asked.command.word()),
                _ => None,
            })
            .collect()
    }
}

fn with<T>(script: &mut Script, what: impl FnOnce(&mut App, &World<'_>) -> T) -> T {
    let joining = script.nothing_read || script.link == Link::Joining;
    let nothing = History::default();
    let world = World {
        session: (!joining).then_some(&script.desk.session),
        history: if joining { &nothing } else { &script.history },
        outputs: &script.outputs,
        signs: &script.signs,
        whereabouts: &script.whereabouts,
        link: &script.link,
        actor: &script.actor,
        now: script.desk.now,
        age: Span::ZERO,
        at: script.at,
        zone: &script.zone,
        coach: None,
    };
    what(&mut script.app, &world)
}
