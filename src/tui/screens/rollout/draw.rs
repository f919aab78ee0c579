//! Draws the Rollout screen. Only reads.

use ratatui::layout::Rect;

use super::view::{HostRow, View, Widths};
use crate::tui::{
    canvas::{Canvas, Line},
    glyph::Glyph,
    keymap::{Keymap, ScreenName, Situation},
    screens::layout::{Class, chrome, lines},
    theme::Role,
    widgets::{Column, Rows, lane_line, rule, table},
};

/// What has no room goes in this order: how probes answered, the region, the pool, the version, the lane.
fn columns(widths: Widths) -> [Column; 9] {
    let region = if widths.region == 0 { u16::MAX } else { 64 };
    [
        Column::new("", 1),
        Column::new("host", widths.name.clamp(8, 24)),
        Column::new("region", widths.region.clamp(6, 12)).from(region),
        Column::new("runs", widths.runs.clamp(5, 12)).from(52),
        Column::new("lane", widths.lane.clamp(4, 10)).from(44),
        Column::new("step", 12).grows(),
        Column::new("time", 6).right(),
        Column::new("pool", 5).from(56),
        Column::new("answers", 13).from(78),
    ]
}

/// Rows for hosts, without the columns' titles, on a terminal of this size.
pub fn list_rows(columns: u16, rows: u16) -> u16 {
    match Class::of(columns, rows) {
        Class::Tiny => 0,
        Class::Small => rows.saturating_sub(6),
        Class::Normal => rows.saturating_sub(19).max(3),
        Class::Wide => rows.saturating_sub(13).max(3),
    }
}

pub fn draw(canvas: &mut Canvas<'_>, view: &View<'_>, keymap: &Keymap, situation: &impl Situation) {
    let whole = canvas.area();
    let class = Class::of(whole.width, whole.height);
    let body = chrome(canvas, &view.chrome, keymap, ScreenName::Rollout, situation);
    let mut body = canvas.part(body);
    if view.zoomed && class > Class::Small {
        rule(&mut body, 0, &view.detail.0, None);
        lines(&mut body, 1, &view.detail.1);
        return;
    }
    match class {
        Class::Tiny => {}
        Class::Small => small(&mut body, view),
        Class::Normal => normal(&mut body, view, list_rows(whole.width, whole.height)),
        Class::Wide => wide(&mut body, view, list_rows(whole.width, whole.height)),
    }
}

fn normal(body: &mut Canvas<'_>, view: &View<'_>, hosts: u16) {
    stages(body, view);
    heading(body, 1, view);
    // The titles of the columns, then the hosts.
    let top = 2 + hosts + 1;
    list(&mut body.rows(2, hosts + 1), view);
    let safety = view.safety.len() as u16 + 2;
    let end = body.height().saturating_sub(u16::from(view.since.is_some()) + 1);
    let safety_top = end.saturating_sub(safety);
    rule(body, top, &view.detail.0, None);
    let room = body.width().saturating_sub(2);
    let wrapped: Vec<Line> = view.detail.1.iter().flat_map(|line| line.wrapped(room.into())).collect();
    lines(&mut body.rows(top + 1, safety_top.saturating_sub(top + 1)), 0, &wrapped);
    safety_lines(body, safety_top, view);
    if let Some(since) = &view.since {
        let y = body.height() - 1;
        body.line(1, y, body.width().saturating_sub(1), since);
    }
}

fn wide(body: &mut Canvas<'_>, view: &View<'_>, hosts: u16) {
    stages(body, view);
    let area = body.area();
    let left = (area.width * 3 / 5).max(70);
    let column = Rect { width: left, ..area };
    let mut part = body.part(column);
    heading(&mut part, 1, view);
    list(&mut part.rows(2, hosts + 1), view);
    let beside =
        Rect { x: area.x + left + 1, width: area.width - left - 1, y: area.y + 1, height: hosts + 2 };
    let mut part = body.part(beside);
    rule(&mut part, 0, &view.detail.0, None);
    let room = part.width().saturating_sub(2);
    let wrapped: Vec<Line> = view.detail.1.iter().flat_map(|line| line.wrapped(room.into())).collect();
    lines(&mut part, 1, &wrapped);
    let under = view.safety.len() as u16 + 2 + u16::from(view.since.is_some());
    safety_lines(body, body.height().saturating_sub(under + 1).max(hosts + 3), view);
    if let Some(since) = &view.since {
        let y = body.height() - 1;
        body.line(1, y, body.width().saturating_sub(1), since);
    }
}

fn small(body: &mut Canvas<'_>, view: &View<'_>) {
    body.line(1, 0, body.width().saturating_sub(1), &view.brief);
    let height = body.height();
    let room = height.saturating_sub(2);
    for (y, row) in (1..=room).zip(view.rows.first..view.rows.count) {
        let host = (view.row)(row);
        if view.rows.selected == Some(row) {
            body.put(0, y, 1, Role::Accent, Glyph::Selected.unicode());
        }
        let line = Line::new()
            .mark(host.role, host.glyph)
            .text(format!(" {}  ", host.name))
            .add(host.role, &host.step)
            .dim(format!("  {}", host.why));
        body.line(1, y, body.width().saturating_sub(1), &line);
    }
    body.line(1, height.saturating_sub(1), body.width().saturating_sub(1), &view.rollback);
}

fn stages(body: &mut Canvas<'_>, view: &View<'_>) {
    let start = body.right(0, &view.eta);
    body.line(1, 0, start.saturating_sub(3), &view.stages);
}

fn heading(part: &mut Canvas<'_>, y: u16, view: &View<'_>) {
    let x = part.width().saturating_sub(view.narrowed.width() as u16 + 3);
    rule(part, y, &view.counts, Some((x, &view.narrowed)).filter(|(_, line)| !line.is_empty()));
}

fn list(part: &mut Canvas<'_>, view: &View<'_>) {
    let shown = usize::from(part.height().saturating_sub(1));
    let hidden = view.rows.count.saturating_sub(view.rows.first + shown);
    // The last row says what is not shown.
    let spare = u16::from(hidden > 0 && shown > 1);
    let rows = Rows { head: true, ..view.rows };
    table(&mut part.rows(0, part.height() - spare), &columns(view.widths), rows, |row, column| {
        cell(&(view.row)(row), column)
    });
    if spare > 0 {
        let y = part.height() - 1;
        let words = (view.rest)(view.rows.first + shown - 1);
        part.put(3, y, part.width().saturating_sub(4), Role::TextDim, &words);
    }
}

fn cell(host: &HostRow, column: usize) -> Line {
    match column {
        0 => Line::new().mark(host.role, host.glyph),
        1 if host.marked => Line::of(Role::Accent, format!("*{}", host.name)),
        1 => Line::from(host.name.as_str()),
        2 => Line::new().dim(&host.region),
        3 => host
            .runs
            .as_ref()
            .map_or_else(|| Line::of(Role::StateUnproven, "?"), |runs| Line::from(runs.as_str())),
        4 => host.lane.map_or_else(Line::new, |(done, steps)| lane_line(done, steps, host.role)),
        5 if host.why.is_empty() => Line::of(host.role, &host.step),
        5 => Line::of(host.role, &host.step).dim(format!(" {}", host.why)),
        6 => Line::new().dim(&host.time),
        7 => Line::of(host.pool.0, &host.pool.1),
        _ => Line::new().dim(&host.answers),
    }
}

fn safety_lines(body: &mut Canvas<'_>, top: u16, view: &View<'_>) {
    rule(body, top, &Line::of(Role::Text, "Safety"), None);
    let y = lines(body, top + 1, &view.safety);
    if y < body.height() {
        body.line(1, y, body.width().saturating_sub(1), &view.rollback);
    }
}
