//! What a screen about a session shows while there is none to show: it has not come yet, or none is open.

use super::layout::{Chrome, chrome};
use crate::tui::{
    canvas::Canvas,
    keymap::{Keymap, ScreenName, Situation},
    theme::Role,
    world::{Link, World},
};

/// The session is on its way: whether there is one is known, how it stands is not.
pub(crate) const CONNECTING: &str = "connecting… nothing is known of the session yet";

/// There is one, and nothing of it can be read.
pub(crate) const UNREAD: &str = "nothing of the session can be read by this build";

/// A screen about a session, while none is there.
pub(crate) fn empty(
    canvas: &mut Canvas<'_>,
    world: &World<'_>,
    view: &Chrome,
    keymap: &Keymap,
    screen: ScreenName,
    situation: &impl Situation,
) {
    let body = chrome(canvas, view, keymap, screen, situation);
    let (role, words) = match world.link {
        Link::Joining => (Role::StateStale, CONNECTING),
        Link::Unread(_) => (Role::StateStale, UNREAD),
        _ => (Role::TextDim, "no session is open: golive open VERSION --at TIME opens one"),
    };
    canvas.part(body).put(1, 0, body.width.saturating_sub(2), role, words);
}
