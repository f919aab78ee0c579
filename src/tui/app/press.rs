//! Keys and pastes: what they mean here and now, and what follows.

use super::{
    ask::{self, Asking, Step, ask},
    cockpit::App,
    dialog::{Body, Page, Palette, Reply},
    focus::Focus,
    request::{Purpose, Request},
    since::{self, Looked},
    typing::{Typed, Typing},
};
use crate::{
    domain::{
        command::Command,
        poll::{Decision, PollCommand},
    },
    tui::{
        canvas::Line,
        keymap::{Action, Admitted, Chord, Level, Meant, ScreenName, Situation, When, Why},
        terminal::{Code, Key, Modifiers, Moment},
        theme::Role,
        widgets::{HANG, Message, help_lines},
        world::World,
    },
};

impl App {
    pub(super) fn key(&mut self, key: &Key, world: &World<'_>) -> Vec<Request> {
        let admitted = self.guard.admit(key);
        if admitted == Admitted::Swallowed {
            return Vec::new();
        }
        if key.modifiers.alt
            && let Code::Char(_) = key.code
        {
            // A terminal that sends Esc and a letter in one go: it was Esc, and then the letter.
            let mut requests = self.pressed(&Key::press(Code::Esc, key.at), Admitted::Fresh, world);
            let letter = Key { modifiers: Modifiers::NONE, ..*key };
            requests.extend(self.pressed(&letter, admitted, world));
            return requests;
        }
        self.pressed(key, admitted, world)
    }

    pub(super) fn pressed(&mut self, key: &Key, admitted: Admitted, world: &World<'_>) -> Vec<Request> {
        self.toast = None;
        if key.modifiers.ctrl && key.code == Code::Char('z') {
            return vec![Request::Suspend];
        }
        let chord = Chord::from(key);
        let binding = self.viewer.keymap.binding(self.screen, chord);
        // Whatever is being typed or asked: somebody who presses Ctrl-C wants to leave.
        if key.modifiers.ctrl && binding.is_some_and(|b| b.action == Action::Leave) && !self.is_leaving() {
            return self.leave(chord);
        }
        if let Some(typing) = &mut self.typing {
            let typed = typing.key(key);
            let filter = typing.entry.text().to_owned();
            self.set_filter(filter);
            if typed != Typed::Edited {
                self.typing = None;
            }
            return Vec::new();
        }
        let action = if self.stack.takes_text() { None } else { binding.map(|binding| binding.action) };
        if let Some((id, reply)) = self.stack.key(key, admitted, action) {
            match reply {
                Reply::Stay => return Vec::new(),
                Reply::Say(words) => {
                    self.say(world, &words);
                    return Vec::new();
                }
                Reply::Close(words) => {
                    self.stack.close(id);
                    if let Some(words) = words {
                        self.say(world, &words);
                    }
                    return Vec::new();
                }
                Reply::Do(purpose) => {
                    self.stack.close(id);
                    return self.carry_out(purpose, world);
                }
                Reply::Pass => {}
            }
        }
        match self.viewer.keymap.meaning(self.screen, chord, &Live { world, focus: &self.focus }) {
            // A key held down repeats what looks, and nothing else.
            Meant::Act(_)
                if admitted == Admitted::Repeated && binding.is_some_and(|b| b.level > Level::Looks) =>
            {
                Vec::new()
            }
            Meant::Act(action) => self.act(action, chord, world),
            // GO may be barred and NO-GO still be said.
            Meant::NotNow(Action::Declare, why) => self.declare_anyway(chord, &why, world),
            Meant::NotNow(action, why) => self.not_now(action, &format!("{chord}: {}", why.full), world),
            Meant::Hint(hint) => {
                self.say(world, &hint);
                Vec::new()
            }
        }
    }

    /// Why a key does nothing now; where nothing goes back any more, what there is to do instead as well.
    fn not_now(&mut self, action: Action, words: &str, world: &World<'_>) -> Vec<Request> {
        let instead = world.session.filter(|_| action == Action::RollBack && self.stack.is_empty());
        if let Some(page) = instead.and_then(ask::plan_b) {
            self.stack.push(Body::Page(page));
            return Vec::new();
        }
        self.toast(Message::plain(Line::of(Role::StateWarn, words)), world);
        Vec::new()
    }

    pub(super) fn declare_anyway(&mut self, chord: Chord, why: &Why, world: &World<'_>) -> Vec<Request> {
        let reason = "asked beforehand by the screen".to_owned();
        let command = PollCommand::Declare { decision: Decision::NoGo, reason, ask_again: None };
        if world.would(Command::Poll(command)).is_ok() {
            return self.act(Action::Declare, chord, world);
        }
        self.toast(Message::plain(Line::of(Role::StateWarn, format!("{chord}: {}", why.full))), world);
        Vec::new()
    }

    pub(super) fn paste(&mut self, text: &str) -> Vec<Request> {
        if let Some(typing) = &mut self.typing {
            typing.entry.insert(text);
            let filter = typing.entry.text().to_owned();
            self.set_filter(filter);
        } else if let Some(Reply::Say(words)) = self.stack.paste(text) {
            self.toast = Some((Message::plain(words), Moment(u64::MAX)));
        }
        Vec::new()
    }

    pub(super) fn carry_out(&mut self, purpose: Purpose, world: &World<'_>) -> Vec<Request> {
        match purpose {
            Purpose::Send(asked) => vec![Request::Send(asked)],
            Purpose::Leave => vec![Request::Leave],
            Purpose::Act(action) => {
                let chord = self.viewer.keymap.lines().find(|(binding, _)| binding.action == action);
                let chord = chord.and_then(|(_, keys)| keys.first().copied()).unwrap_or(Chord::char('?'));
                let judged = self.judge_action(action, world);
                match judged {
                    Ok(()) => self.act(action, chord, world),
                    Err(why) if action == Action::Declare => self.declare_anyway(chord, &why, world),
                    Err(why) => self.not_now(action, &why.full, world),
                }
            }
            Purpose::Line(text) => self.line(&text, world),
        }
    }

    pub(super) fn judge_action(&self, action: Action, world: &World<'_>) -> Result<(), Why> {
        let binding = self.viewer.keymap.lines().find(|(binding, _)| binding.action == action);
        binding.map_or(Ok(()), |(binding, _)| self.focus.judge(world, binding.when))
    }

    pub(super) fn take(&mut self, step: Step) -> Vec<Request> {
        if let Some(body) = step.body {
            self.stack.push(body);
        }
        step.requests
    }

    pub(super) fn act(&mut self, action: Action, chord: Chord, world: &World<'_>) -> Vec<Request> {
        if let Some(screen) = action.screen() {
            self.go(screen);
            return Vec::new();
        }
        let page = self.viewer.size().rows / 2;
        if self.moves_mut().is_some_and(|list| list.moved(action, page, world.at)) {
            return Vec::new();
        }
        match action {
            Action::Leave => return self.leave(chord),
            Action::Redraw => return vec![Request::Redraw],
            Action::Copy => return self.copied(world),
            Action::Link => return self.focus.link.clone().map(Request::Browse).into_iter().collect(),
            Action::Keys => {
                let lines = help_lines(&self.viewer.keymap, self.screen, &self.glance);
                self.stack.push(Body::Page(Page::keys(
                    format!("keys · {}", self.screen.word()),
                    lines,
                    HANG,
                )));
            }
            Action::Palette => {
                let candidates = self.candidates(world);
                self.stack.push(Body::Palette(Palette::new(candidates)));
            }
            Action::Since => {
                let lines = since::page(world, self.looked);
                self.stack.push(Body::Page(Page::new("since I last looked", lines)));
                let seq = world.session.map_or(0, |session| session.seq);
                self.looked = Looked { seq, at: Some(world.now.wall) };
            }
            Action::Versions => self.versions(world),
            Action::Drills => self.drills(world),
            Action::Filter => self.typing = self.filter().map(Typing::over),
            Action::Open => self.open(world),
            Action::Back => self.back(),
            _ if self.narrow(action, world) => {}
            _ => return self.asked(action, chord, world),
        }
        Vec::new()
    }

    pub(super) fn asked(&mut self, action: Action, chord: Chord, world: &World<'_>) -> Vec<Request> {
        let seat = if self.screen == ScreenName::Decision { self.decision.seat() } else { None };
        // A dialog shows what is true now, not what was a tenth of a second ago.
        self.glance.refresh(world, &self.focus);
        let asking = Asking { world: *world, focus: &self.focus, glance: &self.glance, action, chord, seat };
        match ask(&asking) {
            Ok(step) => {
                if let Some(words) = &step.says {
                    self.say(world, words);
                }
                self.take(step)
            }
            Err(why) => {
                self.toast(
                    Message::plain(Line::of(Role::StateWarn, format!("{chord}: {}", why.full))),
                    world,
                );
                Vec::new()
            }
        }
    }
}

/// The rules as of this very key, not as of the last frame.
struct Live<'a> {
    world: &'a World<'a>,
    focus: &'a Focus,
}

impl Situation for Live<'_> {
    fn judge(&self, when: When) -> Result<(), Why> {
        self.focus.judge(self.world, when)
    }
}
