//! Danger takes two gestures: the dialog names the target, and the same capital again goes. Enter and Esc cancel.

use std::time::Duration;

use super::Reply;
use crate::tui::{
    app::request::Purpose,
    canvas::{Canvas, Line},
    keymap::{Action, Admitted, Chord, Guard},
    terminal::{Code, Moment},
    theme::Role,
    widgets::{frame, height_of, told},
};

#[derive(Clone, Debug)]
pub struct Confirm {
    pub title: String,
    pub lines: Vec<Line>,
    /// The capital that opened it, and confirms it.
    pub action: Action,
    pub chord: Chord,
    /// What the capital does: `R now`.
    pub go: String,
    /// What Esc does: `keep holding`.
    pub keep: String,
    pub purpose: Purpose,
    pub countdown: Option<Countdown>,
    /// What the same capital could do as well; Tab goes from one to the next.
    pub others: Vec<Confirm>,
    /// Which of them it is, in a word; empty where there is but one.
    pub about: String,
}

/// What happens if nobody presses anything, counted from when the dialog was first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Countdown {
    pub after: Duration,
    /// Goes by itself, or goes away by itself.
    pub goes: bool,
}

/// A countdown that ran out.
#[derive(Clone, Debug)]
pub enum Lapse {
    Go(Purpose),
    Away(String),
}

impl Confirm {
    /// With what it could be instead.
    #[must_use]
    pub fn or(self, others: Vec<Confirm>) -> Self {
        Self { others, ..self }
    }

    /// The next of what the capital could do takes its place. False: there is no other.
    pub(super) fn next(&mut self, back: bool) -> bool {
        if self.others.is_empty() {
            return false;
        }
        let at = if back { self.others.len() - 1 } else { 0 };
        let other = self.others.remove(at);
        let mut before = std::mem::replace(self, other);
        self.others = std::mem::take(&mut before.others);
        let place = if back { 0 } else { self.others.len() };
        self.others.insert(place, before);
        true
    }

    pub(super) fn key(
        &self,
        chord: Chord,
        action: Option<Action>,
        admitted: Admitted,
        shown: Option<Moment>,
        at: Moment,
    ) -> Reply {
        if action == Some(self.action) {
            return match Guard::confirms(admitted, shown, at) {
                Ok(()) => Reply::Do(self.purpose.clone()),
                Err(early) => Reply::Say(early.to_string()),
            };
        }
        match (chord.code, action) {
            (Code::Esc, _) => Reply::Close(Some(format!("{}: {}", self.title, self.keep))),
            // The focus is on cancel.
            (Code::Enter, _) => {
                Reply::Close(Some(format!("{}: {}; {} goes", self.title, self.keep, self.chord)))
            }
            // The safe direction stays one press away.
            (_, Some(Action::Hold | Action::RollBack | Action::Redraw)) => Reply::Pass,
            _ => Reply::Say(format!("{} {} · Esc {}", self.chord, self.go, self.keep)),
        }
    }

    pub(super) fn lapsed(&self, shown: Option<Moment>, at: Moment) -> Option<Lapse> {
        let countdown = self.countdown?;
        if at < shown?.plus(countdown.after) {
            return None;
        }
        Some(if countdown.goes {
            Lapse::Go(self.purpose.clone())
        } else {
            Lapse::Away(format!("{}: no second press; {}", self.title, self.keep))
        })
    }

    /// The next whole second of the countdown, or its end.
    pub(super) fn wake_at(&self, shown: Option<Moment>, at: Moment) -> Option<Moment> {
        let end = shown?.plus(self.countdown?.after);
        let left = end.since(at);
        let whole = Duration::from_secs(left.as_secs());
        let step = if left == whole { Duration::from_secs(1).min(left) } else { left.saturating_sub(whole) };
        Some(at.plus(step))
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, shown: Option<Moment>, at: Moment) {
        let mut lines = told(canvas, &self.lines, 1 + usize::from(self.countdown.is_some()));
        if let Some(countdown) = self.countdown {
            let passed = shown.map_or(Duration::ZERO, |shown| at.since(shown));
            let left = countdown.after.saturating_sub(passed).as_millis().div_ceil(1_000);
            lines.push(if countdown.goes {
                Line::of(Role::StateWarn, format!("goes by itself in {left} s, since the line needs a human"))
            } else {
                Line::new().dim(format!("expires in {left} s"))
            });
        }
        lines.push(
            Line::of(Role::Key, self.chord.to_string())
                .text(format!(" {}", self.go))
                .dim("   ·   ")
                .add(Role::Key, "Esc")
                .text(format!(" {}", self.keep)),
        );
        if let Some(other) = self.others.first()
            && let Some(keys) = lines.last_mut()
        {
            let last = std::mem::take(keys);
            *keys = last.dim("   ·   ").add(Role::Key, "Tab").text(format!(" {}", other.about));
        }
        let wide = lines.iter().map(Line::width).max().unwrap_or(0).max(self.title.len() + 4) as u16;
        let inner =
            frame(canvas, &self.title, Role::FrameFocus, wide.max(36) + 4, height_of(lines.len() as u16));
        let mut part = canvas.part(inner);
        // Where not everything fits, the keys stay.
        let room = usize::from(part.height());
        let first = lines.len() - 1;
        for y in 0..room.min(lines.len()) {
            let line = if y + 1 == room.min(lines.len()) { &lines[first] } else { &lines[y] };
            part.line(0, y as u16, inner.width, line);
        }
    }
}
