//! Leaving. A cockpit is left at once, since everything runs on; where leaving ends something, that is said first,
//! and the key is asked for twice.

use super::{
    cockpit::App,
    dialog::{Body, Confirm},
    request::{Purpose, Request},
};
use crate::tui::{
    canvas::Line,
    keymap::{Action, Chord},
};

/// What leaving ends, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// `end the demo`.
    pub title: String,
    pub lines: Vec<String>,
    /// What Esc does: `go on`.
    pub keep: String,
}

impl App {
    /// Before the first key: that leaving ends something.
    pub fn leaving(&mut self, leaving: Option<Leaving>) {
        self.leaving = leaving;
    }

    pub(super) fn leave(&mut self, chord: Chord) -> Vec<Request> {
        let Some(leaving) = &self.leaving else { return vec![Request::Leave] };
        let dialog = Confirm {
            title: format!("{chord}: {}", leaving.title),
            lines: leaving.lines.iter().map(|line| Line::from(line.as_str())).collect(),
            action: Action::Leave,
            chord,
            go: "ends it".into(),
            keep: leaving.keep.clone(),
            purpose: Purpose::Leave,
            countdown: None,
            others: Vec::new(),
            about: String::new(),
        };
        self.stack.push(Body::Confirm(dialog));
        Vec::new()
    }

    /// Whether it is being asked: then the same key goes.
    pub(super) fn is_leaving(&self) -> bool {
        let top = self.stack.top().map(|dialog| &dialog.body);
        matches!(top, Some(Body::Confirm(confirm)) if confirm.action == Action::Leave)
    }
}
