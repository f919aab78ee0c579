//! Draws the start screen. Only reads.

use super::view::View;
use crate::tui::{
    canvas::{Canvas, Line},
    keymap::{Keymap, ScreenName, Situation},
    screens::layout::{chrome, lines},
    widgets::rule,
};

pub fn draw(canvas: &mut Canvas<'_>, view: &View, keymap: &Keymap, situation: &impl Situation) {
    let place = chrome(canvas, &view.chrome, keymap, ScreenName::Start, situation);
    let mut body = canvas.part(place);
    let mut y = 0;
    for (title, text) in
        [("Go-live", &view.now), ("Next", &view.next), ("Where", &view.place), ("Last", &view.last)]
    {
        // A heading without a line under it says nothing.
        if text.is_empty() || y + 2 > body.height() {
            continue;
        }
        rule(&mut body, y, &Line::from(title), None);
        y = lines(&mut body, y + 1, text);
    }
}
