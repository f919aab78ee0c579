//! Draws the Timeline screen. Only reads.

use ratatui::layout::Rect;

use super::view::View;
use crate::{
    domain::timeline::Row,
    tui::{
        canvas::{Canvas, Line},
        glyph::Glyph,
        keymap::{Keymap, ScreenName, Situation},
        screens::layout::{Class, chrome, heading, list_width, wrapped},
        theme::Role,
        widgets::{Column, rule, table},
    },
};

const COLUMNS: [Column; 8] = [
    Column::new("", 1),
    Column::new("part", 19).grows(),
    Column::new("planned", 11).right().goes(1),
    Column::new("rehearsed", 11).right().goes(2),
    Column::new("took", 11).right(),
    Column::new("differs", 17).goes(0),
    Column::new("", 1),
    Column::new("ends", 9).right(),
];

/// The column of what was rehearsed.
const REHEARSED: usize = 3;

/// How wide the list has to be where the detail stands beside it.
pub const NEEDS: u16 = 82;

/// Rows of the detail and the path under the list.
const DETAIL: u16 = 7;

/// Rows for parts on a terminal of this size.
pub fn list_rows(columns: u16, rows: u16) -> u16 {
    match Class::of(columns, rows) {
        Class::Tiny => 0,
        Class::Small | Class::Wide => rows.saturating_sub(6),
        Class::Normal => rows.saturating_sub(6 + DETAIL),
    }
}

pub fn draw(canvas: &mut Canvas<'_>, view: &View<'_>, keymap: &Keymap, situation: &impl Situation) {
    let whole = canvas.area();
    let class = Class::of(whole.width, whole.height);
    let place = chrome(canvas, &view.chrome, keymap, ScreenName::Timeline, situation);
    if class == Class::Tiny {
        return;
    }
    let mut body = canvas.part(place);
    if view.zoomed {
        below(&mut body, 0, view);
        return;
    }
    let rows = list_rows(whole.width, whole.height);
    let left = list_width(whole.width, whole.height, NEEDS);
    let mut part = body.part(Rect { width: left, ..place });
    heading(&mut part, 0, &view.title, &view.narrowed);
    // Where nothing was rehearsed the others have its room.
    let shown = |at: &usize| view.rehearsed || *at != REHEARSED;
    let columns: Vec<usize> = (0..COLUMNS.len()).filter(shown).collect();
    let widths: Vec<Column> = columns.iter().filter_map(|at| COLUMNS.get(*at).copied()).collect();
    table(&mut part.rows(1, rows + 1), &widths, view.rows, |row, column| {
        let it = (view.row)(row);
        match columns.get(column).copied().unwrap_or_default() {
            0 => it.glyph.map_or_else(Line::new, |glyph| Line::new().mark(it.role, glyph)),
            1 => Line::of(it.role, it.name),
            2 => Line::new().dim(it.planned),
            REHEARSED => Line::new().dim(it.rehearsed),
            4 => Line::of(Role::Text, it.actual),
            5 => Line::of(it.differs.0, it.differs.1),
            6 if it.critical => Line::of(Role::Accent, "→"),
            6 => Line::new(),
            _ => Line::of(Role::Text, it.ends),
        }
    });
    match class {
        Class::Wide => {
            let beside = Rect { x: place.x + left + 1, width: place.width - left - 1, ..place };
            below(&mut body.part(beside), 0, view);
        }
        Class::Normal => below(&mut body, rows + 2, view),
        Class::Tiny | Class::Small => {}
    }
}

/// The selected part, and what the end hangs on.
fn below(body: &mut Canvas<'_>, y: u16, view: &View<'_>) {
    rule(body, y, &view.detail.0, None);
    let y = wrapped(body, y + 1, &view.detail.1);
    if !view.path.is_empty() && y + 1 < body.height() {
        rule(body, y, &Line::from("Critical path →"), None);
        wrapped(body, y + 1, &view.path);
    }
}

/// The mark of a part, by how it stands. Green only what is over and came to what it was for.
pub const fn mark(row: &Row) -> (Role, Option<Glyph>) {
    match (row.began.is_some(), row.ended.is_some(), row.left.is_some()) {
        (_, true, _) if row.short.is_some() => (Role::StateWarn, Some(Glyph::Skipped)),
        (_, true, _) => (Role::StateOk, Some(Glyph::Done)),
        (true, false, true) => (Role::StateWorking, Some(Glyph::Working)),
        (false, false, true) => (Role::StateWaiting, Some(Glyph::Waiting)),
        (_, false, false) => (Role::TextDim, Some(Glyph::Skipped)),
    }
}
