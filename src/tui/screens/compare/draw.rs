//! Draws the Compare screen. Only reads.

use super::view::View;
use crate::tui::{
    canvas::{Canvas, Line},
    keymap::{Keymap, ScreenName, Situation},
    screens::layout::{chrome, wrapped},
    theme::Role,
    widgets::rule,
};

/// Where the columns of both sides and of their difference begin, and how wide each is.
const AT: [u16; 3] = [18, 37, 58];
const WIDE: u16 = 17;

pub fn draw(canvas: &mut Canvas<'_>, view: &View, keymap: &Keymap, situation: &impl Situation) {
    let place = chrome(canvas, &view.chrome, keymap, ScreenName::Compare, situation);
    if place.height == 0 {
        return;
    }
    let mut body = canvas.part(place);
    rule(&mut body, 0, &view.title, None);
    let mut y = if view.figures.is_empty() { 1 } else { figures(&mut body, view) };
    y = wrapped(&mut body, y, &view.about);
    for (title, text) in [("Verdict", &view.verdict), ("After it", &view.after)] {
        if text.is_empty() || y + 2 > body.height() {
            continue;
        }
        rule(&mut body, y, &Line::from(title), None);
        y = wrapped(&mut body, y + 1, text);
    }
}

/// One row a figure: new, rest, difference. Where there is no room for the last it is left out.
fn figures(body: &mut Canvas<'_>, view: &View) -> u16 {
    let width = body.width();
    let [new, rest, difference] = AT;
    for (x, head) in [(new, view.sides[0].as_str()), (rest, &view.sides[1])] {
        right(body, 1, x, Role::TextDim, head);
    }
    let room = width.saturating_sub(difference + 1);
    if room >= 10 {
        body.put(difference, 1, room, Role::TextDim, "difference");
    }
    let mut y = 2;
    for figure in &view.figures {
        if y >= body.height() {
            break;
        }
        body.put(1, y, new - 1, Role::TextDim, figure.what);
        right(body, y, new, Role::Text, &figure.new);
        right(body, y, rest, Role::Text, &figure.rest);
        if room >= 10 {
            body.put(difference, y, room, Role::Text, &figure.difference);
        }
        y += 1;
    }
    y
}

fn right(body: &mut Canvas<'_>, y: u16, x: u16, role: Role, text: &str) {
    let wide = crate::tui::text::width(text).min(WIDE.into()) as u16;
    body.put(x + WIDE - wide, y, wide, role, text);
}
