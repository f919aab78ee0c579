//! One viewer's app: inputs in, requests out, and frames. Holds what the viewer chose and nothing of the session.

use ratatui::{buffer::Buffer, layout::Position};

use super::{
    ask, chrome,
    dialog::{Lapse, Stack},
    focus::Focus,
    glance::Glance,
    leaving::Leaving,
    open::unit_lines,
    request::Request,
    since::{self, Looked},
    typing::Typing,
    viewer::Viewer,
};
use crate::{
    domain::{name::SessionId, refusal::Refusal, rollout::troubles},
    tui::{
        canvas::{Canvas, Line},
        coach::Coach,
        glyph::Glyph,
        keymap::{Guard, ScreenName, Why},
        screens::{checklist, compare, decision, layout::Chrome, record, rollout, start, timeline},
        terminal::{Input, Moment, Size},
        theme::Role,
        widgets::Message,
        world::{Link, World},
    },
};

/// How long an answer to a key stays, if no other key takes its place.
const TOAST: std::time::Duration = std::time::Duration::from_secs(8);

/// Between two looks at the output of the host whose page is read.
const READ: std::time::Duration = std::time::Duration::from_secs(2);

pub struct App {
    pub(super) viewer: Viewer,
    pub(super) guard: Guard,
    pub(super) stack: Stack,
    pub(super) screen: ScreenName,
    pub(super) focus: Focus,
    pub(super) glance: Glance,
    pub(super) typing: Option<Typing>,
    pub(super) toast: Option<(Message, Moment)>,
    pub(super) looked: Looked,
    /// When the output of the host whose page is read was asked for last.
    read: Option<Moment>,
    pub(super) rollout: rollout::State,
    pub(super) checklist: checklist::State,
    pub(super) decision: decision::State,
    pub(super) timeline: timeline::State,
    pub(super) record: record::State,
    /// What leaving ends, if it ends anything.
    pub(super) leaving: Option<Leaving>,
    /// The session that all of this was chosen for.
    session: Option<SessionId>,
}

impl App {
    pub fn new(viewer: Viewer) -> Self {
        Self {
            viewer,
            guard: Guard::default(),
            stack: Stack::default(),
            screen: ScreenName::Start,
            focus: Focus::default(),
            glance: Glance::default(),
            typing: None,
            toast: None,
            looked: Looked::default(),
            read: None,
            rollout: rollout::State::default(),
            checklist: checklist::State::default(),
            decision: decision::State::default(),
            timeline: timeline::State::default(),
            record: record::State::default(),
            leaving: None,
            session: None,
        }
    }

    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }
    pub fn screen(&self) -> ScreenName {
        self.screen
    }
    pub fn focus(&self) -> &Focus {
        &self.focus
    }
    pub fn glance(&self) -> &Glance {
        &self.glance
    }
    pub(super) fn decision(&self) -> &decision::State {
        &self.decision
    }
    pub(super) fn record(&self) -> &record::State {
        &self.record
    }

    /// Goes to a screen, as its key does.
    pub fn go(&mut self, screen: ScreenName) {
        self.screen = screen;
        self.typing = None;
    }

    /// What a person did.
    pub fn input(&mut self, input: Input, world: &World<'_>) -> Vec<Request> {
        let requests = match input {
            Input::Key(key) => self.key(&key, world),
            Input::Paste(text) => self.paste(&text),
            Input::Mouse(mouse) => self.mouse(&mouse, world),
            Input::Resize(size) => {
                self.viewer.caps.size = size;
                Vec::new()
            }
            Input::Focus(_) => {
                // A release may have been lost while another window had the keyboard.
                self.guard = Guard::default();
                Vec::new()
            }
            Input::CanReleaseKeys => Vec::new(),
        };
        self.refresh(world);
        requests
    }

    /// Time has passed: countdowns run out, answers fade.
    pub fn tick(&mut self, world: &World<'_>) -> Vec<Request> {
        if self.toast.as_ref().is_some_and(|(_, until)| *until <= world.at) {
            self.toast = None;
        }
        // Nobody could stop it any more: nothing goes by itself while the conductor is not heard.
        if let Link::Unread(_) = world.link {
            if self.stack.calm(ask::CALM) {
                self.say(world, "the record can't be read on: nothing goes by itself, the hold stays");
            }
        } else if *world.link != Link::Up && self.stack.disarm() {
            self.say(world, "the countdown is cancelled: no word from the conductor; the hold stays");
        } else if let Some(session) = world.session {
            if session.rollout.rollbacks.values().any(|back| back.ended.is_none() && !back.narrow)
                && self.stack.disarm()
            {
                self.say(world, "it is being rolled back already: once is enough");
            }
            if troubles(session).is_empty() && self.stack.calm(ask::CALM) {
                self.say(world, "the line needs nobody any more: nothing goes by itself, the hold stays");
            }
        }
        let mut requests = Vec::new();
        if let Some((id, lapse)) = self.stack.lapsed(world.at) {
            self.stack.close(id);
            match lapse {
                Lapse::Go(purpose) => requests.extend(self.carry_out(purpose, world)),
                Lapse::Away(words) => self.say(world, &words),
            }
        }
        requests.extend(self.read_on(world));
        self.refresh(world);
        requests
    }

    /// While a host's page is read, its output is asked for anew: once there, and every few seconds.
    fn read_on(&mut self, world: &World<'_>) -> Option<Request> {
        let Some(unit) = self.stack.unit() else {
            self.read = None;
            return None;
        };
        if self.read.is_some_and(|read| read.plus(READ) > world.at) {
            return None;
        }
        self.read = Some(world.at);
        Some(Request::Recent(unit.clone()))
    }

    /// When [`App::tick`] is due, if nothing else happens.
    pub fn wake_at(&self, world: &World<'_>) -> Option<Moment> {
        let toast = self.toast.as_ref().map(|(_, until)| *until);
        let list = world.session.filter(|_| self.screen == ScreenName::Rollout);
        let list = list.and_then(|session| self.rollout.wake_at(session));
        [toast, self.stack.wake_at(world.at), self.glance.wake_at(world), list].into_iter().flatten().min()
    }

    /// The conductor answered a request: a refusal is said, with what would lift it.
    pub fn refused(&mut self, refusal: Refusal, world: &World<'_>) {
        let why = Why::from(refusal);
        self.toast(
            Message::new(Role::StateWarn, Glyph::NeedsHuman, Line::of(Role::StateWarn, why.full)),
            world,
        );
    }

    /// The conductor could not answer.
    pub fn failed(&mut self, why: &str, world: &World<'_>) {
        self.toast(Message::new(Role::StateBad, Glyph::Failed, Line::of(Role::StateBad, why)), world);
    }

    /// The conductor did what is urgent, and what comes of it is not seen here: its words are all there is.
    pub fn done_unseen(&mut self, said: &str, world: &World<'_>) {
        let line = Line::of(Role::StateWarn, format!("{said} · what comes of it is not seen here"));
        self.toast(Message::new(Role::StateWarn, Glyph::Done, line), world);
    }

    /// Takes over what the session says now. Before a frame is drawn.
    pub fn refresh(&mut self, world: &World<'_>) {
        if self.looked.at.is_none()
            && let Some(session) = world.session
        {
            self.looked = Looked { seq: session.seq, at: Some(world.now.wall) };
        }
        self.keep_to_the_session(world);
        let Size { columns, rows } = self.room(world);
        self.glance.refresh(world, &self.focus);
        match self.screen {
            ScreenName::Start | ScreenName::Compare => {}
            ScreenName::Rollout => self.rollout.refresh(world, columns, rows),
            ScreenName::Checklist => self.checklist.refresh(world, checklist::list_rows(columns, rows)),
            ScreenName::Timeline => {
                self.timeline.refresh(world, &self.glance, timeline::list_rows(columns, rows));
            }
            ScreenName::Record => self.record.refresh(world, record::list_rows(columns, rows)),
            ScreenName::Decision => {
                let room = |seats| decision::list_rows(columns, rows, seats);
                self.decision.refresh(world, &self.glance, room);
            }
        }
        let focus = self.look_at(world);
        if focus != self.focus {
            self.focus = focus;
            self.glance.refresh(world, &self.focus);
        }
        self.refresh_page(world);
    }

    /// A page goes on with what it is about, and is as large as there is room for.
    fn refresh_page(&mut self, world: &World<'_>) {
        let unit = self.stack.page_mut().and_then(|page| page.unit().cloned());
        let lines = unit.and_then(|unit| Some(unit_lines(world.session?.rollout.unit(&unit)?, world, self)));
        let room = self.room(world);
        if let Some(page) = self.stack.page_mut() {
            if let Some(lines) = lines {
                page.says(lines);
            }
            page.fit(room);
        }
    }

    /// What was chosen, asked or typed for one session means nothing for the next.
    fn keep_to_the_session(&mut self, world: &World<'_>) {
        let Some(session) = world.session else { return };
        let id = &session.course.id;
        if self.session.as_ref() == Some(id) {
            return;
        }
        if self.session.replace(id.clone()).is_none() {
            return;
        }
        self.stack.clear();
        self.glance = Glance::default();
        self.rollout = rollout::State::default();
        self.checklist = checklist::State::default();
        self.decision = decision::State::default();
        self.record = record::State::default();
        self.timeline = timeline::State::default();
        self.looked = Looked { seq: session.seq, at: Some(world.now.wall) };
        self.go(ScreenName::Decision);
        let opened = &session.course.release;
        self.say(world, &format!("{} {} was opened: this is it", opened.project, opened.candidate.version));
    }

    /// The rows that the coach takes.
    fn coached(&self, world: &World<'_>) -> Vec<Line> {
        let Size { columns, rows } = self.viewer.size();
        let lines = |coach: &Coach| coach.lines(self.screen, &self.viewer.keymap, columns, rows);
        world.coach.map(lines).unwrap_or_default()
    }

    /// What is left of the terminal for the screens.
    pub(super) fn room(&self, world: &World<'_>) -> Size {
        let Size { columns, rows } = self.viewer.size();
        Size { columns, rows: rows - self.coached(world).len() as u16 }
    }

    fn look_at(&self, world: &World<'_>) -> Focus {
        let item = match self.screen {
            ScreenName::Checklist => self.checklist.list.selected().cloned(),
            ScreenName::Decision => self.decision.item(&self.glance),
            _ => None,
        };
        let unit = match self.screen {
            ScreenName::Rollout => self.rollout.list.selected().cloned(),
            _ => None,
        };
        let link = self.link(item.as_ref(), unit.as_ref(), world);
        Focus { item, unit, rows: self.moves().is_some(), link }
    }

    /// Draws the frame; says where the cursor stands, if it is shown.
    pub fn draw(&self, world: &World<'_>, buffer: &mut Buffer) -> Option<Position> {
        let doubted = (*world.link != Link::Up).then(|| self.viewer.look.doubted());
        let mut whole = Canvas::new(buffer, doubted.as_ref().unwrap_or(&self.viewer.look));
        let (coached, rows) = (self.coached(world), self.room(world).rows);
        for (y, line) in (rows..).zip(&coached) {
            whole.line(1, y, whole.width().saturating_sub(1), line);
        }
        let mut canvas = whole.rows(0, rows);
        let toast = self.toast.as_ref().map(|(message, _)| message.clone());
        let chrome = Chrome {
            header: chrome::header(world, &self.glance),
            waiting: chrome::waiting(world, &self.glance),
            message: toast.or_else(|| chrome::last(world)),
            typing: self.typing.is_some(),
        };
        let (glance, keymap) = (&self.glance, &self.viewer.keymap);
        match self.screen {
            ScreenName::Start => start::show(&mut canvas, world, glance, chrome, keymap),
            ScreenName::Decision => {
                decision::show(&mut canvas, &self.decision, world, glance, chrome, keymap);
            }
            ScreenName::Checklist => {
                checklist::show(&mut canvas, &self.checklist, world, glance, chrome, keymap);
            }
            ScreenName::Rollout => {
                let since = since::line(world, self.looked);
                rollout::show(&mut canvas, &self.rollout, world, glance, chrome, since, keymap);
            }
            ScreenName::Compare => compare::show(&mut canvas, world, glance, chrome, keymap),
            ScreenName::Timeline => {
                timeline::show(&mut canvas, &self.timeline, world, glance, chrome, keymap);
            }
            ScreenName::Record => record::show(&mut canvas, &self.record, world, glance, chrome, keymap),
        }
        let mut cursor = None;
        if let Some(typing) = &self.typing {
            let y = canvas.height().saturating_sub(2);
            let mut row = canvas.rows(y, 1);
            row.clear(Role::Text);
            row.put(1, 0, 1, Role::Accent, "/");
            cursor = typing.entry.draw(&mut row, 3, 0, u16::MAX);
        }
        if self.stack.is_empty() { cursor } else { self.stack.draw(&mut canvas, world.at) }
    }

    /// The frame was written.
    pub fn drawn(&mut self, at: Moment) {
        self.stack.drawn(at);
    }

    /// The window's title: what one must know without looking at the window.
    pub fn title(&self, world: &World<'_>) -> String {
        let project = &world.whereabouts.project;
        match (self.glance.troubles.first(), world.session) {
            (Some(trouble), _) => format!("▲ NEEDS A HUMAN · {project}: {}", trouble.words()),
            (None, Some(session)) if session.course.hold.is_some() => format!("‖ HELD · {project}"),
            (None, Some(session)) => format!("golive · {project} · {}", session.course.phase.word()),
            (None, None) => format!("golive · {project}"),
        }
    }

    /// What became of a request that is not the conductor's to answer.
    pub fn told(&mut self, words: &str, world: &World<'_>) {
        self.say(world, words);
    }

    pub(super) fn say(&mut self, world: &World<'_>, words: &str) {
        self.toast(Message::plain(words.to_owned()), world);
    }

    pub(super) fn toast(&mut self, message: Message, world: &World<'_>) {
        self.toast = Some((message, world.at.plus(TOAST)));
    }
}
