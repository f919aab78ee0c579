//! Draws the Record screen. Only reads.

use ratatui::layout::Rect;

use super::view::View;
use crate::tui::{
    canvas::{Canvas, Line},
    keymap::{Keymap, ScreenName, Situation},
    screens::layout::{Class, chrome, heading, lines, list_width},
    widgets::{Column, rule, table},
};

const COLUMNS: [Column; 4] = [
    Column::new("seq", 6).right().goes(0),
    Column::new("time", 8),
    Column::new("who", 10).goes(1),
    Column::new("what", 20).grows(),
];

/// How wide the list has to be where the detail stands beside it.
pub const NEEDS: u16 = 70;

/// Rows of the detail under the list.
const DETAIL: u16 = 6;

/// Rows for events on a terminal of this size.
pub fn list_rows(columns: u16, rows: u16) -> u16 {
    match Class::of(columns, rows) {
        Class::Tiny => 0,
        Class::Small => rows.saturating_sub(5),
        Class::Normal => rows.saturating_sub(6 + DETAIL),
        Class::Wide => rows.saturating_sub(6),
    }
}

pub fn draw(canvas: &mut Canvas<'_>, view: &View<'_>, keymap: &Keymap, situation: &impl Situation) {
    let whole = canvas.area();
    let class = Class::of(whole.width, whole.height);
    let place = chrome(canvas, &view.chrome, keymap, ScreenName::Record, situation);
    if class == Class::Tiny {
        return;
    }
    let mut body = canvas.part(place);
    if view.zoomed {
        rule(&mut body, 0, &view.detail.0, None);
        lines(&mut body, 1, &view.detail.1);
        return;
    }
    let rows = list_rows(whole.width, whole.height);
    let left = list_width(whole.width, whole.height, NEEDS);
    let mut part = body.part(Rect { width: left, ..place });
    heading(&mut part, 0, &view.title, &view.narrowed);
    table(&mut part.rows(1, rows), &COLUMNS, view.rows, |row, column| {
        let event = (view.row)(row);
        match column {
            0 => Line::new().dim(event.seq.to_string()),
            1 => Line::new().dim(event.time),
            2 => Line::from(event.actor),
            _ => Line::of(event.role, event.says),
        }
    });
    match class {
        Class::Wide => {
            let mut beside =
                body.part(Rect { x: place.x + left + 1, width: place.width - left - 1, ..place });
            rule(&mut beside, 0, &view.detail.0, None);
            lines(&mut beside, 1, &view.detail.1);
        }
        Class::Normal => {
            rule(&mut body, rows + 1, &view.detail.0, None);
            lines(&mut body, rows + 2, &view.detail.1);
        }
        Class::Tiny | Class::Small => {}
    }
}
