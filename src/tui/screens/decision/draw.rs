//! Draws the Decision screen. Only reads.

use ratatui::layout::Rect;

use super::view::View;
use crate::tui::{
    canvas::{Canvas, Line},
    keymap::{Keymap, ScreenName, Situation},
    screens::layout::{Class, chrome, heading, lines, list_width},
    theme::Role,
    widgets::{Column, Rows, rule, table},
};

/// Columns as wide as what stands in them: names differ from team to team.
fn seat_columns(view: &View) -> [Column; 5] {
    let seats = || view.seats.iter();
    [
        Column::new("", 1),
        Column::new("seat", 8).fit(seats().map(|seat| seat.seat.as_str()), 18),
        Column::new("person", 4).fit(seats().map(|seat| seat.person.as_str()), 12),
        Column::new("vote", 7).fit(seats().map(|seat| seat.vote.as_str()), 13),
        Column::new("note", 10).grows(),
    ]
}

fn obstacle_columns(view: &View) -> [Column; 5] {
    let all = || view.obstacles.iter();
    [
        Column::new("", 1),
        Column::new("what", 12).fit(all().map(|one| one.what.as_str()), 29),
        Column::new("why", 15).grows(),
        Column::new("lifted by", 12).fit(all().map(|one| one.lift.as_str()), 26).goes(0),
        Column::new("who", 4).fit(all().map(|one| one.who.as_str()), 12),
    ]
}

/// How wide its lists have to be where something stands beside them.
pub const NEEDS: u16 = 78;

/// Rows that what is in the way has at least, where seats are many.
const LEAST: u16 = 3;

/// Rows for seats and for obstacles on a terminal of this size.
pub fn list_rows(columns: u16, rows: u16, seats: usize) -> (u16, u16) {
    let seats = seats as u16;
    match Class::of(columns, rows) {
        Class::Tiny => (0, 0),
        Class::Small => (0, rows.saturating_sub(6)),
        Class::Normal => {
            let room = rows.saturating_sub(14);
            let seats = seats.min(room.saturating_sub(LEAST).max(room / 2));
            (seats, room - seats)
        }
        Class::Wide => {
            let room = rows.saturating_sub(7);
            let seats = seats.min(room.saturating_sub(LEAST).max(room / 2));
            (seats, room - seats)
        }
    }
}

pub fn draw(canvas: &mut Canvas<'_>, view: &View, keymap: &Keymap, situation: &impl Situation) {
    let whole = canvas.area();
    let class = Class::of(whole.width, whole.height);
    let place = chrome(canvas, &view.chrome, keymap, ScreenName::Decision, situation);
    let mut body = canvas.part(place);
    let (seats, obstacles) = list_rows(whole.width, whole.height, view.seats.len());
    if view.zoomed && class > Class::Tiny {
        rule(&mut body, 0, &view.detail.0, None);
        broken(&mut body, 1, &view.detail.1);
        return;
    }
    match class {
        Class::Tiny => {}
        Class::Small => {
            body.line(1, 0, place.width.saturating_sub(1), &view.roll_call);
            obstacle_rows(&mut body.rows(1, obstacles), view);
            if let Some(plan_b) = view.plan_b.first() {
                let room = place.width.saturating_sub(1);
                body.line(1, place.height.saturating_sub(1), room, &plan_b.parts_within(room.into()));
            }
            if let Some(downtime) = &view.downtime {
                body.line(1, place.height.saturating_sub(2), place.width.saturating_sub(1), downtime);
            }
        }
        Class::Normal => {
            let y = lists(&mut body, view, seats, obstacles);
            rule(&mut body, y, &Line::from("Plan B"), None);
            let y = lines(&mut body, y + 1, view.plan_b.get(..2).unwrap_or(&view.plan_b));
            rule(&mut body, y, &Line::from("After GO"), None);
            lines(&mut body, y + 1, &view.after_go);
        }
        Class::Wide => {
            let left = list_width(whole.width, whole.height, NEEDS);
            lists(&mut body.part(Rect { width: left, ..place }), view, seats, obstacles);
            let mut beside =
                body.part(Rect { x: place.x + left + 1, width: place.width - left - 1, ..place });
            let mut y = 0;
            for (title, text) in [
                (&Line::from("Plan B"), &view.plan_b),
                (&Line::from("After GO"), &view.after_go),
                (&view.detail.0, &view.detail.1),
            ] {
                if title.is_empty() {
                    continue;
                }
                rule(&mut beside, y, title, None);
                y = broken(&mut beside, y + 1, text) + 1;
            }
        }
    }
}

/// The two lists one under the other; returns the row after them.
fn lists(part: &mut Canvas<'_>, view: &View, seats: u16, obstacles: u16) -> u16 {
    heading(part, 0, &view.roll_call, &view.narrowed);
    let rows = Rows { first: view.first_seat, count: view.seats.len(), selected: view.selected, head: false };
    counted(&mut part.rows(1, seats), &seat_columns(view), rows, |row, column| {
        let Some(seat) = view.seats.get(row) else { return Line::new() };
        match column {
            0 => Line::new().mark(seat.role, seat.glyph),
            1 => Line::from(seat.seat.as_str()),
            2 => Line::from(seat.person.as_str()),
            3 => Line::of(seat.role, &seat.vote),
            _ => Line::new().dim(&seat.note),
        }
    });
    let top = 1 + seats;
    // Over the column that says it.
    let columns = obstacle_columns(view);
    let lifted = part.width().saturating_sub(columns[3].width + columns[4].width + 2);
    let label = Line::new().dim("lifted by");
    rule(part, top, &view.in_the_way, Some((lifted, &label)).filter(|_| !view.obstacles.is_empty()));
    obstacle_rows(&mut part.rows(top + 1, obstacles), view);
    top + 1 + obstacles
}

fn obstacle_rows(part: &mut Canvas<'_>, view: &View) {
    let rows = Rows {
        first: view.first,
        count: view.obstacles.len(),
        selected: view.selected.and_then(|at| at.checked_sub(view.seats.len())),
        head: false,
    };
    counted(part, &obstacle_columns(view), rows, |row, column| {
        let Some(obstacle) = view.obstacles.get(row) else { return Line::new() };
        match column {
            0 => Line::new().mark(obstacle.role, obstacle.glyph),
            1 => Line::from(obstacle.what.as_str()),
            2 => Line::from(obstacle.why.as_str()),
            3 => Line::new().dim(&obstacle.lift),
            _ => Line::new().dim(&obstacle.who),
        }
    });
}

/// A list whose last row says how many have no room.
fn counted(part: &mut Canvas<'_>, columns: &[Column], rows: Rows, cell: impl Fn(usize, usize) -> Line) {
    let shown = usize::from(part.height());
    let hidden = rows.count.saturating_sub(rows.first + shown);
    let spare = u16::from(hidden > 0 && shown > 1);
    table(&mut part.rows(0, part.height() - spare), columns, rows, cell);
    if spare > 0 {
        let y = part.height() - 1;
        part.put(3, y, part.width().saturating_sub(4), Role::TextDim, &format!("{} more", hidden + 1));
    }
}

fn broken(part: &mut Canvas<'_>, top: u16, text: &[Line]) -> u16 {
    let room = part.width().saturating_sub(2);
    let mut y = top;
    for line in text.iter().flat_map(|line| line.wrapped(room.into())) {
        part.line(1, y, room, &line);
        y += 1;
    }
    y
}
