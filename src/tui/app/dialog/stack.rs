//! The stack of dialogs, and what they answer to a key.

use std::time::Duration;

use ratatui::layout::Position;

use super::{Confirm, Countdown, Form, Page, Palette};
use crate::{
    domain::name::UnitId,
    tui::{
        app::request::Purpose,
        canvas::Canvas,
        keymap::{Action, Admitted, Chord},
        terminal::{Code, Key, Moment},
    },
};

#[derive(Clone, Debug)]
pub enum Body {
    Confirm(Confirm),
    Form(Form),
    Palette(Palette),
    Page(Page),
}

#[derive(Clone, Debug)]
pub struct Dialog {
    /// Never used twice: a late timer can't touch a newer dialog.
    pub id: u64,
    /// When it was first on the screen.
    pub shown: Option<Moment>,
    pub body: Body,
}

/// What a dialog wants.
#[derive(Clone, Debug)]
pub enum Reply {
    Stay,
    /// The key was none of its own: the screen may have it.
    Pass,
    /// Closed by the person; what is said about it, if anything.
    Close(Option<String>),
    /// Not yet, and why.
    Say(String),
    Do(Purpose),
}

#[derive(Clone, Debug, Default)]
pub struct Stack {
    dialogs: Vec<Dialog>,
    next: u64,
}

impl Stack {
    pub fn push(&mut self, body: Body) {
        self.next += 1;
        self.dialogs.push(Dialog { id: self.next, shown: None, body });
    }

    /// The top one, where it is a page: it goes on, and has as much room as the terminal.
    pub fn page_mut(&mut self) -> Option<&mut Page> {
        match &mut self.dialogs.last_mut()?.body {
            Body::Page(page) => Some(page),
            _ => None,
        }
    }

    /// The host that a page is about.
    pub fn unit(&self) -> Option<&UnitId> {
        self.dialogs.iter().rev().find_map(|dialog| match &dialog.body {
            Body::Page(page) => page.unit(),
            _ => None,
        })
    }

    pub fn top(&self) -> Option<&Dialog> {
        self.dialogs.last()
    }

    /// Closes all of them: what they are about is over.
    pub fn clear(&mut self) {
        self.dialogs.clear();
    }

    pub fn close(&mut self, id: u64) {
        self.dialogs.retain(|dialog| dialog.id != id);
    }

    pub fn is_empty(&self) -> bool {
        self.dialogs.is_empty()
    }

    /// Whether the top one takes letters as text.
    pub fn takes_text(&self) -> bool {
        self.top().is_some_and(|dialog| matches!(dialog.body, Body::Form(_) | Body::Palette(_)))
    }

    /// Closes what would do something by itself: nobody sees it any more, or nobody could stop it.
    pub fn disarm(&mut self) -> bool {
        let before = self.dialogs.len();
        self.dialogs.retain(|dialog| !matches!(&dialog.body, Body::Confirm(c) if c.countdown.is_some()));
        self.dialogs.len() < before
    }

    /// What would do something by itself waits for its second press instead: what made it urgent is over.
    pub fn calm(&mut self, after: Duration) -> bool {
        let mut calmed = false;
        for dialog in &mut self.dialogs {
            if let Body::Confirm(Confirm { countdown: Some(countdown), .. }) = &mut dialog.body
                && countdown.goes
            {
                *countdown = Countdown { after, goes: false };
                calmed = true;
            }
        }
        calmed
    }

    /// A frame with the top dialog on it was written.
    pub fn drawn(&mut self, at: Moment) {
        if let Some(dialog) = self.dialogs.last_mut() {
            dialog.shown.get_or_insert(at);
        }
    }

    /// `action` is what the key means on the screen beneath.
    pub fn key(&mut self, key: &Key, admitted: Admitted, action: Option<Action>) -> Option<(u64, Reply)> {
        let next = self.next + 1;
        let dialog = self.dialogs.last_mut()?;
        // Another one stands there now: it is seen anew before it can be confirmed, and no late timer is about it.
        if let Body::Confirm(confirm) = &mut dialog.body
            && matches!(key.code, Code::Tab | Code::BackTab)
            && confirm.next(key.code == Code::BackTab)
        {
            self.next = next;
            (dialog.id, dialog.shown) = (next, None);
            return Some((next, Reply::Stay));
        }
        let shown = dialog.shown;
        let reply = match &mut dialog.body {
            Body::Confirm(confirm) => confirm.key(Chord::from(key), action, admitted, shown, key.at),
            Body::Form(form) => form.key(key, admitted, shown),
            Body::Palette(palette) => palette.key(key),
            Body::Page(page) => page.key(key, action),
        };
        Some((dialog.id, reply))
    }

    pub fn paste(&mut self, text: &str) -> Option<Reply> {
        Some(match &mut self.dialogs.last_mut()?.body {
            Body::Form(form) => form.paste(text),
            Body::Palette(palette) => palette.paste(text),
            Body::Confirm(_) | Body::Page(_) => Reply::Say("a paste confirms nothing".into()),
        })
    }

    /// The wheel over the top one: a page scrolls; nothing is ever chosen or confirmed.
    pub fn wheel(&mut self, action: Action, rows: usize) {
        match self.dialogs.last_mut().map(|dialog| &mut dialog.body) {
            Some(Body::Page(page)) => page.scroll(action, rows),
            Some(Body::Confirm(_) | Body::Form(_) | Body::Palette(_)) | None => {}
        }
    }

    /// What has run out by `at`: the dialog, and what it wants done if it does.
    pub fn lapsed(&self, at: Moment) -> Option<(u64, Lapse)> {
        self.dialogs.iter().rev().find_map(|dialog| match &dialog.body {
            Body::Confirm(confirm) => Some((dialog.id, confirm.lapsed(dialog.shown, at)?)),
            _ => None,
        })
    }

    /// The next moment at which something on it changes by itself.
    pub fn wake_at(&self, at: Moment) -> Option<Moment> {
        self.dialogs
            .iter()
            .filter_map(|dialog| match &dialog.body {
                Body::Confirm(confirm) => confirm.wake_at(dialog.shown, at),
                _ => None,
            })
            .min()
    }

    pub fn draw(&self, canvas: &mut Canvas<'_>, at: Moment) -> Option<Position> {
        let dialog = self.top()?;
        // Who and where stays as strong as it was; the rest steps back.
        canvas.rows(2, u16::MAX).recede();
        match &dialog.body {
            Body::Confirm(confirm) => {
                confirm.draw(canvas, dialog.shown, at);
                None
            }
            Body::Form(form) => form.draw(canvas),
            Body::Palette(palette) => palette.draw(canvas),
            Body::Page(page) => {
                page.draw(canvas);
                None
            }
        }
    }
}

pub use super::confirm::Lapse;
