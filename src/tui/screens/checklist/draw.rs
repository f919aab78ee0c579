//! Draws the Checklist screen. Only reads.

use ratatui::layout::Rect;

use super::view::{GroupTab, View, Widths};
use crate::tui::{
    canvas::{Canvas, Line},
    keymap::{Keymap, ScreenName, Situation},
    screens::layout::{Class, chrome, heading, labelled, list_width},
    theme::Role,
    widgets::{Column, natural, rule, table},
};

/// How wide the list has to be where the detail stands beside it.
pub const NEEDS: u16 = 76;

/// The narrowest column in which what an item shows says anything.
const SHOWS: u16 = 16;

/// The title comes first: it has what it needs, down to what leaves the rest their room. What an item shows stands
/// in the detail too, and goes where the title needs its room.
fn columns(widths: Widths, width: u16) -> Vec<Column> {
    let ends = [
        Column::new("state", 8),
        Column::new("owner", widths.owner.clamp(4, 12)).goes(1),
        Column::new("due", 5).right().goes(2),
        Column::new("late", 4).goes(3),
    ];
    let ends = ends.into_iter().filter(|column| column.title != "late" || widths.late);
    let mut all = vec![Column::new("", 1)];
    all.extend(ends);
    let room = width.saturating_sub(natural(all.iter()) + 1);
    let title = widths.title.max(12);
    let (item, shows) = match room.checked_sub(title + 1) {
        Some(left) if left >= SHOWS => (title, true),
        // Cut by a word or two, with something to see beside it; or whole.
        _ if room >= NARROWEST + 1 + SHOWS && title > room => (room - 1 - SHOWS, true),
        _ => (title.min(room.max(12)), false),
    };
    all.insert(1, Column { width: item, grows: !shows, ..Column::new("item", item) });
    if shows {
        all.insert(3, Column::new("shows", SHOWS).grows());
    }
    all
}

/// A title of fewer cells says little.
const NARROWEST: u16 = 28;

/// On a narrow terminal the title takes what there is.
const NARROW: [Column; 3] = [Column::new("", 1), Column::new("item", 12).grows(), Column::new("state", 8)];

/// Rows for items on a terminal of this size.
pub fn list_rows(columns: u16, rows: u16) -> u16 {
    match Class::of(columns, rows) {
        Class::Tiny => 0,
        Class::Small => rows.saturating_sub(6),
        Class::Normal => rows.saturating_sub(16).max(4),
        Class::Wide => rows.saturating_sub(9).max(4),
    }
}

pub fn draw(canvas: &mut Canvas<'_>, view: &View<'_>, keymap: &Keymap, situation: &impl Situation) {
    let whole = canvas.area();
    let class = Class::of(whole.width, whole.height);
    let place = chrome(canvas, &view.chrome, keymap, ScreenName::Checklist, situation);
    let mut body = canvas.part(place);
    let items = list_rows(whole.width, whole.height);
    if view.zoomed && class > Class::Tiny {
        rule(&mut body, 0, &view.detail.0, None);
        labelled(&mut body, 1, &view.detail.1, 8);
        return;
    }
    match class {
        Class::Tiny => {}
        Class::Small => {
            tabs(&mut body.rows(0, 1), &view.groups);
            list(&mut body.rows(1, items), view, true);
            let y = place.height.saturating_sub(1);
            let room = place.width.saturating_sub(1);
            body.line(1, y, room, &view.hint.parts_within(room.into()));
        }
        Class::Normal => {
            tabs(&mut body.rows(0, 2), &view.groups);
            heading(&mut body, 2, &view.title, &view.narrowed);
            list(&mut body.rows(3, items), view, false);
            let top = 3 + items;
            rule(&mut body, top, &view.detail.0, None);
            let y = place.height.saturating_sub(2);
            labelled(&mut body.rows(0, y), top + 1, &view.detail.1, 8);
            // The line over the message is its second one: why not, and what would lift it, is a sentence.
            let room = usize::from(place.width.saturating_sub(2));
            for (y, line) in (y..place.height).zip(view.hint.wrapped(room)) {
                body.line(1, y, place.width.saturating_sub(1), &line);
            }
        }
        Class::Wide => {
            tabs(&mut body.rows(0, 2), &view.groups);
            let left = list_width(whole.width, whole.height, NEEDS);
            let under = Rect { y: place.y + 2, height: place.height.saturating_sub(2), ..place };
            let mut part = body.part(Rect { width: left, ..under });
            heading(&mut part, 0, &view.title, &view.narrowed);
            list(&mut part.rows(1, items), view, false);
            let mut beside =
                body.part(Rect { x: place.x + left + 1, width: place.width - left - 1, ..under });
            rule(&mut beside, 0, &view.detail.0, None);
            let y = labelled(&mut beside, 1, &view.detail.1, 8);
            let words = view.hint.words();
            let hint = [("", Line::new().dim(words))];
            labelled(&mut beside, y + 1, &hint, 0);
        }
    }
}

fn list(part: &mut Canvas<'_>, view: &View<'_>, narrow: bool) {
    let columns =
        if narrow || part.width() < 64 { NARROW.to_vec() } else { columns(view.widths, part.width()) };
    table(part, &columns, view.rows, |row, column| {
        let item = (view.row)(row);
        match columns[column].title {
            "" => Line::new().mark(item.role, item.glyph),
            "item" => Line::from(item.title),
            "state" => Line::of(item.role, item.state),
            "shows" => Line::new().dim(item.shows),
            "owner" => Line::from(item.owner),
            "due" => Line::new().dim(item.due),
            _ if item.late => Line::of(Role::StateWarn, "LATE"),
            _ => Line::new(),
        }
    });
}

/// The groups in as many rows as there are, broken between groups; the selected one is in brackets.
fn tabs(part: &mut Canvas<'_>, groups: &[GroupTab]) {
    let hint = Line::of(Role::Key, "Tab").dim(": group");
    let last = part.height().saturating_sub(1);
    let mut end = (1, 0);
    for (_, x, y, line) in places(groups, part.width(), part.height()) {
        end = (part.line(x, y, part.width().saturating_sub(x), &line), y);
    }
    if !groups.is_empty() && (end.1 < last || end.0 + (hint.width() as u16) + 1 < part.width()) {
        part.right(last, &hint);
    }
}

/// The group at a column and row of the tabs.
pub fn group_at(groups: &[GroupTab], width: u16, height: u16, column: u16, row: u16) -> Option<usize> {
    let placed = places(groups, width, height)
        .into_iter()
        .find(|(_, x, y, line)| *y == row && (*x..*x + line.width() as u16).contains(&column));
    placed.map(|(at, ..)| at)
}

/// A group where it stands: which, column, row, and how it is written.
type Placed = (usize, u16, u16, Line);

/// Where each group that fits stands. The selected one always does: those before it give way.
fn places(groups: &[GroupTab], width: u16, height: u16) -> Vec<Placed> {
    let selected = groups.iter().position(|group| group.selected).unwrap_or(0);
    let all = (0..=selected).map(|first| places_from(groups, first, width, height));
    let shows = |placed: &Vec<Placed>| placed.iter().any(|(at, ..)| *at == selected);
    all.into_iter().find(shows).unwrap_or_default()
}

/// Likewise from a group on; … stands for those that have no room.
fn places_from(groups: &[GroupTab], first: usize, width: u16, height: u16) -> Vec<Placed> {
    let hint = 11;
    let (mut x, mut y) = (1_u16, 0_u16);
    let last = height.saturating_sub(1);
    let mut places: Vec<Placed> = Vec::new();
    for (i, group) in groups.iter().enumerate().skip(first) {
        let mut line = if i == first && i > 0 { Line::new().dim("… ") } else { Line::new() };
        let name = if group.selected { Role::Selection } else { Role::Text };
        line.push(name, if group.selected { format!("[{}", group.name) } else { group.name.clone() });
        line.push(Role::TextDim, format!(" {}/{} ", group.ready, group.of));
        line.push(group.role, group.glyph.unicode());
        if group.selected {
            line.push(name, "]");
        }
        if i + 1 < groups.len() {
            line.push(Role::TextDim, " · ");
        }
        let cells = line.width() as u16;
        let reserved = if y == last { hint } else { 0 };
        if x > 1 && x + cells > width.saturating_sub(reserved) + 3 {
            if y == last {
                if let Some((.., line)) = places.last_mut() {
                    line.push(Role::TextDim, "…");
                }
                break;
            }
            y += 1;
            x = 1;
        }
        places.push((i, x, y, line));
        x += cells;
    }
    places
}
