//! The loop of the cockpit at this process' own terminal: one loop, synchronous inside. Keys, facts and time come in
//! as messages; the app says what it wants done; a frame is drawn when its [`Pace`] says so, and only when something changed.

use std::{io, time::Duration};

use jiff::tz::TimeZone;
use tokio::sync::{mpsc, watch};

use super::{
    app::{App, Due, Leaving, Pace, Request, Viewer},
    coach::Coach,
    keymap::{Keymap, ScreenName},
    seat::Seat,
    terminal::{
        Happening as AtTerminal, Input, Local, LocalError, Moment, Painter, browse, copy, happenings,
        restore_on_panic, title,
    },
    theme::Theme,
    words::Vocabulary,
};
use crate::{
    client::{Answer, Client, ClientError, Happening, Live, Place},
    clock::Clock,
    domain::name::PersonName,
};

/// How the cockpit is opened.
pub struct Opening {
    pub theme: Theme,
    pub keymap: Keymap,
    pub mouse: bool,
    /// Nothing but ASCII, whatever the locale says.
    pub ascii: bool,
    pub zone: TimeZone,
    /// The project's directory, as people call it.
    pub directory: String,
    pub screen: ScreenName,
    /// The words of the command line, for the palette.
    pub words: Vocabulary,
    /// On whose behalf this viewer acts, if not on its own.
    pub as_person: Option<PersonName>,
    /// The line that leads a newcomer through the demo.
    pub coach: Option<watch::Receiver<Option<Coach>>>,
    /// What leaving ends, if it ends anything.
    pub leaving: Option<Leaving>,
}

/// How it was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// By its key; everything runs on.
    ByKey,
    /// By a signal, or since the terminal went away.
    Ended(&'static str),
}

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Terminal(#[from] LocalError),
    #[error("the terminal can't be written to: {0}")]
    Write(#[from] io::Error),
}

/// Between two tries to reach a conductor that does not answer.
const RETRY: Duration = Duration::from_secs(1);

/// A selection that has stood still for so long is looked at.
const REST: Duration = Duration::from_millis(150);

/// Inputs that had come already when one was taken, and are drawn with it.
const KEYS_A_FRAME: usize = 64;

/// Runs until it is left. The terminal is given back in any case.
pub async fn run(client: Client, opening: Opening, clock: Clock) -> Result<Left, RunError> {
    restore_on_panic();
    let mut local = Local::enter(opening.mouse)?;
    let from_terminal = happenings(clock.clone())?;
    let mut caps = local.caps();
    caps.unicode &= !opening.ascii;
    let viewer = Viewer::new(caps, &opening.theme, opening.keymap, opening.zone.clone());
    let mut app = App::new(viewer.with_words(opening.words));
    app.go(opening.screen);
    app.leaving(opening.leaving);
    let seat = Seat::new(client, opening.directory, opening.zone, opening.as_person);
    let mut cockpit = Cockpit {
        app,
        seat,
        pace: Pace::default(),
        painter: Painter::new(local.writer(), &caps),
        clock,
        retry_at: None,
        rests_at: Moment::default(),
        refreshed: None,
        titled: String::new(),
        rung: 0,
        looking: None,
    };
    cockpit.seat.follow().await;
    cockpit.pace.mark();
    Box::pin(cockpit.turn(&mut local, from_terminal, opening.coach)).await
}

struct Cockpit {
    app: App,
    seat: Seat,
    pace: Pace,
    painter: Painter<io::Stdout>,
    clock: Clock,
    /// The conductor is not asked again before this.
    retry_at: Option<Moment>,
    /// From when on the selection counts as standing still, if no key comes.
    rests_at: Moment,
    /// The app has taken over all there is, as of then.
    refreshed: Option<Moment>,
    titled: String,
    /// Troubles for which the bell was rung.
    rung: usize,
    looking: Option<ScreenName>,
}

impl Cockpit {
    async fn turn(
        &mut self,
        local: &mut Local,
        mut from_terminal: mpsc::Receiver<AtTerminal>,
        mut coach: Option<watch::Receiver<Option<Coach>>>,
    ) -> Result<Left, RunError> {
        loop {
            if !local.entered() {
                return Ok(Left::Ended("something panicked"));
            }
            self.draw_if_due()?;
            self.look().await;
            let now = self.at();
            let wake = self.wake_at(now);
            let may_ask = self.retry_at.is_none_or(|at| at <= now);
            tokio::select! {
                biased;
                Some(happening) = from_terminal.recv() => {
                    if let Some(left) = self.at_terminal(happening, local).await? {
                        return Ok(left);
                    }
                    // Keys that were held or pasted are one frame.
                    for _ in 0..KEYS_A_FRAME {
                        let Ok(more) = from_terminal.try_recv() else { break };
                        if let Some(left) = self.at_terminal(more, local).await? {
                            return Ok(left);
                        }
                    }
                }
                // Before what is heard: of that there may be more than anybody keeps up with.
                () = self.clock.sleep(wake.since(now)) => self.tick().await,
                words = said(&mut coach) => {
                    self.seat.led(words);
                    self.pace.mark();
                }
                happening = self.seat.client.next(), if may_ask => self.hear(happening),
            }
        }
    }

    fn at(&self) -> Moment {
        Moment(self.clock.read().monotonic)
    }

    fn draw_if_due(&mut self) -> Result<(), RunError> {
        let refreshed = self.refreshed.take();
        let at = refreshed.unwrap_or_else(|| self.at());
        if self.pace.due(at) != Due::Now {
            return Ok(());
        }
        let world = self.seat.world(at);
        if refreshed.is_none() {
            self.app.refresh(&world);
        }
        let app = &self.app;
        self.painter.draw(|buffer| app.draw(&world, buffer))?;
        let (words, troubles) = (self.app.title(&world), self.app.glance().troubles.len());
        let caps = self.app.viewer().caps;
        let at = Moment(self.clock.read().monotonic);
        self.app.drawn(at);
        self.pace.drawn(at);
        if words != self.titled {
            self.painter.aside(&title(&caps, &words))?;
            self.titled = words;
        }
        if troubles > self.rung {
            self.painter.aside(b"\x07")?;
        }
        self.rung = troubles;
        Ok(())
    }

    /// The next moment at which something changes by itself: a frame held back, a countdown, the clock's second.
    fn wake_at(&self, now: Moment) -> Moment {
        let world = self.seat.world(now);
        let into = world.now.wall.0.rem_euclid(1_000_000).unsigned_abs();
        let second = now.plus(Duration::from_micros(1_000_000 - into));
        let held_back = match self.pace.due(now) {
            Due::At(at) => Some(at),
            _ => None,
        };
        let ahead = |at: &Moment| *at > now;
        let rest = Some(self.rests_at).filter(ahead);
        [held_back, self.app.wake_at(&world), self.retry_at.filter(ahead), rest, Some(second)]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(second)
    }

    async fn tick(&mut self) {
        let at = self.at();
        self.seat.listen();
        let world = self.seat.world(at);
        let requests = self.app.tick(&world);
        self.pace.mark();
        self.send(requests).await;
    }

    async fn at_terminal(
        &mut self,
        happening: AtTerminal,
        local: &mut Local,
    ) -> Result<Option<Left>, RunError> {
        let input = match happening {
            AtTerminal::Ended(why) => return Ok(Some(Left::Ended(why))),
            AtTerminal::Continued => {
                local.resume()?;
                self.painter.forget();
                self.pace.press();
                return Ok(None);
            }
            AtTerminal::Input(Input::CanReleaseKeys) => {
                local.ask_releases()?;
                return Ok(None);
            }
            AtTerminal::Input(input) => input,
        };
        if let Input::Resize(size) = input {
            self.painter.resize(size);
        }
        let at = self.at();
        let world = self.seat.world(at);
        let requests = self.app.input(input, &world);
        self.pace.press();
        self.rests_at = at.plus(REST);
        self.refreshed = requests.is_empty().then_some(at);
        for request in &requests {
            match request {
                Request::Leave => return Ok(Some(Left::ByKey)),
                Request::Redraw => self.painter.forget(),
                Request::Copy(text) => {
                    let caps = self.app.viewer().caps;
                    self.painter.aside(&copy(&caps, text))?;
                }
                Request::Browse(url) => self.browse(url)?,
                Request::Suspend => {
                    local.suspend()?;
                    self.painter.forget();
                }
                Request::Send(_) | Request::Recent(_) => {}
            }
        }
        self.send(requests).await;
        Ok(None)
    }

    async fn send(&mut self, requests: Vec<Request>) {
        for request in requests {
            match request {
                Request::Send(asked) => {
                    if let Err(why) = self.seat.send(*asked).await {
                        let world = self.seat.world(self.at());
                        self.app.failed(&why, &world);
                    }
                }
                Request::Recent(unit) => self.seat.client.recent(unit).await,
                Request::Leave
                | Request::Redraw
                | Request::Copy(_)
                | Request::Browse(_)
                | Request::Suspend => {}
            }
        }
    }

    /// In a browser, if this terminal sits where one is; else to its clipboard, and that is said.
    fn browse(&mut self, url: &str) -> Result<(), RunError> {
        let words = match browse(url, |name| std::env::var(name).ok()) {
            Ok(program) => format!("{program} opens {url}"),
            Err(why) => {
                let caps = self.app.viewer().caps;
                self.painter.aside(&copy(&caps, url))?;
                format!("{why}: copied, where the terminal takes it: {url}")
            }
        };
        let world = self.seat.world(self.at());
        self.app.told(&words, &world);
        Ok(())
    }

    fn hear(&mut self, happening: Result<Happening, ClientError>) {
        let at = self.at();
        match &happening {
            // Time goes on by itself; that it goes on again is seen below.
            Ok(Happening::Beat) => {}
            Ok(Happening::Live(Live::Probe { unit, .. })) => {
                if unit.as_ref().is_some_and(|unit| self.app.shows(unit)) {
                    self.pace.mark_late(at);
                }
            }
            _ => self.pace.mark(),
        }
        match happening {
            Err(error) => {
                self.seat.lost(&error.to_string());
                self.retry_at = Some(at.plus(RETRY));
            }
            Ok(Happening::Answer { answer, .. }) => {
                let world = self.seat.world(at);
                match answer {
                    Answer::Refused(refusal) => self.app.refused(refusal, &world),
                    Answer::Failed(why) => self.app.failed(&why, &world),
                    Answer::Done { .. } | Answer::Opened { .. } => {}
                }
            }
            Ok(Happening::UrgentAnswer(answer)) => {
                let world = self.seat.world(at);
                if answer.done {
                    self.app.done_unseen(&answer.say, &world);
                } else {
                    self.app.failed(&answer.say, &world);
                }
            }
            Ok(other) => {
                self.retry_at = None;
                if self.seat.take(other) {
                    self.pace.mark();
                }
            }
        }
    }

    /// Others see which screen this viewer looks at.
    async fn look(&mut self) {
        self.seat.follow_newer().await;
        self.seat.ask_past().await;
        let rests = self.rests_at <= self.at();
        if let Some(wanted) = self.app.to_hear(self.seat.heard(), rests) {
            self.seat.hear(wanted).await;
        }
        let screen = self.app.screen();
        if self.looking != Some(screen) {
            self.looking = Some(screen);
            let place = Place { screen: screen.word().to_owned(), watching: true };
            self.seat.client.looking(place).await;
        }
    }
}

/// The coach's next words; never, where there is no coach.
async fn said(coach: &mut Option<watch::Receiver<Option<Coach>>>) -> Option<Coach> {
    if let Some(words) = coach
        && words.changed().await.is_ok()
    {
        return words.borrow_and_update().clone();
    }
    std::future::pending().await
}
