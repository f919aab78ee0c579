//! The screens: a folder is a screen. Each has what it shows (`view`) and how that is drawn (`draw`).

pub mod checklist;
pub mod decision;
pub mod layout;
pub mod record;
pub mod rollout;
pub mod start;

use layout::{Chrome, chrome};

use super::{
    canvas::Canvas,
    keymap::{Keymap, ScreenName, Situation},
    theme::Role,
};

/// A screen about a session, while none is open.
pub(crate) fn empty(
    canvas: &mut Canvas<'_>,
    view: &Chrome,
    keymap: &Keymap,
    screen: ScreenName,
    situation: &impl Situation,
) {
    let body = chrome(canvas, view, keymap, screen, situation);
    let words = "no session is open: golive open VERSION --at TIME opens one";
    canvas.part(body).put(1, 0, body.width.saturating_sub(2), Role::TextDim, words);
}
