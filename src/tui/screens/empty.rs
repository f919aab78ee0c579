//! What a screen about a session shows while none is open.

use super::layout::{Chrome, chrome};
use crate::tui::{
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
