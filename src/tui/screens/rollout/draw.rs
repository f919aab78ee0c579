//! Draws the Rollout screen. Only reads.

use ratatui::layout::Rect;

use super::view::{HostRow, View, Widths};
use crate::tui::{
    canvas::{Canvas, Line},
    glyph::Glyph,
    keymap::{Keymap, ScreenName, Situation},
    screens::layout::{Class, chrome, heading, lines, list_width},
    theme::Role,
    widgets::{Column, Rows, lane_line, natural, rule, table},
};

/// What has no room goes in this order: how probes answered, the region, the pool, the version, the lane.
fn columns(widths: Widths) -> Vec<Column> {
    if widths.board {
        return board(widths);
    }
    let all = [
        Column::new("", 1),
        Column::new("host", widths.name.clamp(8, 24)),
        Column::new("region", widths.region.clamp(6, 12)).goes(1),
        Column::new("runs", widths.runs.clamp(5, 12)).goes(3),
        Column::new("lane", widths.lane.clamp(4, 10)).goes(4),
        Column::new("step", 15).grows(),
        Column::new("time", 6).right(),
        Column::new("pool", 5).goes(2),
        Column::new("answers", 13).goes(0),
    ];
    all.into_iter().filter(|column| column.title != "region" || widths.region > 0).collect()
}

/// Of hosts that agents change: what they have, what they are to have, and when each agent looks.
fn board(widths: Widths) -> Vec<Column> {
    let version = widths.runs.clamp(7, 12);
    vec![
        Column::new("", 1),
        Column::new("host", widths.name.clamp(8, 24)),
        Column::new("installed", version.max(9)),
        Column::new("desired", version).goes(1),
        Column::new("last check-in", 13).goes(0),
        Column::new("next check", 14).goes(2),
        Column::new("state", 18).grows(),
    ]
}

/// How wide the list has to be for all of its columns.
pub fn list_needs(widths: Widths) -> u16 {
    natural(columns(widths).iter())
}

/// Lines under Safety that always have their room, so that the list does not jump when one of them comes or goes.
const SAFETY: u16 = 3;
/// What stands over the hosts: the stages, the heading, the columns' titles.
const OVER: u16 = 3;
/// Rows of the detail where it stands under the list.
const DETAIL: u16 = 6;

/// Rows for hosts, without the columns' titles, on a terminal of this size: what the header and the footer, what stands
/// over them and what stands under them leave, with so many lines under Safety. `several`: there is more than one stage.
pub fn list_rows(columns: u16, rows: u16, safety: u16, several: bool) -> u16 {
    // Header and waiting line, message and footer.
    let body = rows.saturating_sub(4);
    // The rule, the lines, the way back, and what happened since.
    let under = 1 + safety.max(SAFETY) + 1 + 1;
    match Class::of(columns, rows) {
        Class::Tiny => 0,
        // The counts over it; under it the way back, and over that which stages there are.
        Class::Small => body.saturating_sub(2 + u16::from(several)),
        Class::Normal => body.saturating_sub(OVER + DETAIL + under).max(3),
        Class::Wide => body.saturating_sub(OVER + under).max(3),
    }
}

pub fn draw(canvas: &mut Canvas<'_>, view: &View<'_>, keymap: &Keymap, situation: &impl Situation) {
    let whole = canvas.area();
    let class = Class::of(whole.width, whole.height);
    let body = chrome(canvas, &view.chrome, keymap, ScreenName::Rollout, situation);
    let mut body = canvas.part(body);
    if view.zoomed && class > Class::Small {
        detail(&mut body, view);
        return;
    }
    let hosts = list_rows(whole.width, whole.height, view.safety.len() as u16, view.several);
    match class {
        Class::Tiny => {}
        Class::Small => small(&mut body, view),
        Class::Normal => normal(&mut body, view, hosts),
        Class::Wide => wide(&mut body, view, whole.height, hosts),
    }
}

fn normal(body: &mut Canvas<'_>, view: &View<'_>, hosts: u16) {
    stages(body, view);
    heading(body, 1, &view.counts, &view.narrowed);
    // The titles of the columns, then the hosts.
    let top = 2 + hosts + 1;
    list(&mut body.rows(2, hosts + 1), view);
    let safety = view.safety.len() as u16 + 2;
    let end = body.height().saturating_sub(u16::from(view.since.is_some()) + 1);
    let safety_top = end.saturating_sub(safety).max(top);
    detail(&mut body.rows(top, safety_top.saturating_sub(top)), view);
    safety_lines(body, safety_top, view);
}

fn wide(body: &mut Canvas<'_>, view: &View<'_>, whole: u16, hosts: u16) {
    stages(body, view);
    let area = body.area();
    let left = list_width(area.width, whole, list_needs(view.widths));
    let column = Rect { width: left, ..area };
    let mut part = body.part(column);
    heading(&mut part, 1, &view.counts, &view.narrowed);
    list(&mut part.rows(2, hosts + 1), view);
    let beside =
        Rect { x: area.x + left + 1, width: area.width - left - 1, y: area.y + 1, height: hosts + 2 };
    detail(&mut body.part(beside), view);
    let under = view.safety.len() as u16 + 2 + u16::from(view.since.is_some());
    safety_lines(body, body.height().saturating_sub(under + 1).max(hosts + OVER), view);
}

/// What is known of the selected host, broken at spaces; under it as much of the end of its output as there is room
/// for, each line cut where it is too long: Enter shows all of it.
fn detail(part: &mut Canvas<'_>, view: &View<'_>) {
    rule(part, 0, &view.detail.title, None);
    let room = part.width().saturating_sub(2);
    let told: Vec<Line> = view.detail.lines.iter().flat_map(|line| line.wrapped(room.into())).collect();
    let y = lines(part, 1, &told);
    let left = usize::from(part.height().saturating_sub(y));
    let output = &view.detail.output;
    lines(part, y, output.get(output.len().saturating_sub(left)..).unwrap_or_default());
}

fn small(body: &mut Canvas<'_>, view: &View<'_>) {
    body.line(1, 0, body.width().saturating_sub(1), &view.brief);
    let height = body.height();
    let several = u16::from(view.several);
    let room = height.saturating_sub(2 + several);
    let hidden = view.rows.count.saturating_sub(view.rows.first + usize::from(room));
    // The last row says what is not shown.
    let spare = u16::from(hidden > 0 && room > 1);
    if spare > 0 {
        let words = (view.rest)(view.rows.first + usize::from(room) - 1);
        body.put(3, room, body.width().saturating_sub(4), Role::TextDim, &words);
    }
    for (y, row) in (1..=room - spare).zip(view.rows.first..view.rows.count) {
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
    if view.several {
        body.line(1, height.saturating_sub(2), body.width().saturating_sub(2), &view.stages);
    }
    way_back(body, height.saturating_sub(1), view);
}

fn stages(body: &mut Canvas<'_>, view: &View<'_>) {
    let start = body.right(0, &view.eta);
    body.line(1, 0, start.saturating_sub(3), &view.stages);
}

fn list(part: &mut Canvas<'_>, view: &View<'_>) {
    let shown = usize::from(part.height().saturating_sub(1));
    let hidden = view.rows.count.saturating_sub(view.rows.first + shown);
    // The last row says what is not shown.
    let spare = u16::from(hidden > 0 && shown > 1);
    let rows = Rows { head: true, ..view.rows };
    let columns = columns(view.widths);
    let hosts: Vec<HostRow> = (rows.first..rows.count).take(shown).map(view.row).collect();
    table(&mut part.rows(0, part.height() - spare), &columns, rows, |row, column| {
        hosts.get(row - rows.first).map_or_else(Line::new, |host| cell(host, columns[column].title))
    });
    if spare > 0 {
        let y = part.height() - 1;
        let words = (view.rest)(view.rows.first + shown - 1);
        part.put(3, y, part.width().saturating_sub(4), Role::TextDim, &words);
    }
}

fn cell(host: &HostRow, title: &str) -> Line {
    match title {
        "" => Line::new().mark(host.role, host.glyph),
        "host" if host.marked => Line::of(Role::Accent, format!("*{}", host.name)),
        "host" => Line::from(host.name.as_str()),
        "region" => Line::new().dim(&host.region),
        "runs" | "installed" => host
            .runs
            .as_ref()
            .map_or_else(|| Line::of(Role::StateUnproven, "?"), |runs| Line::from(runs.as_str())),
        "lane" => host.lane.map_or_else(Line::new, |(done, steps)| lane_line(done, steps, host.role)),
        "desired" => match host.agent.as_ref().map(|agent| &agent.desired) {
            Some(Some(desired)) => Line::from(desired.as_str()),
            _ => Line::of(Role::StateUnproven, "?"),
        },
        "last check-in" => {
            host.agent.as_ref().map_or_else(Line::new, |agent| Line::of(agent.last.0, &agent.last.1))
        }
        "next check" => {
            host.agent.as_ref().map_or_else(Line::new, |agent| Line::of(agent.next.0, &agent.next.1))
        }
        "state" => Line::of(host.role, &host.step),
        "step" if host.why.is_empty() => Line::of(host.role, &host.step),
        "step" => Line::of(host.role, &host.step).dim(format!(" {}", host.why)),
        "time" => Line::new().dim(&host.time),
        "pool" => Line::of(host.pool.0, &host.pool.1),
        _ => Line::new().dim(&host.answers),
    }
}

/// Safety, the way back, and at the bottom what happened since. The way back has its line before all else.
fn safety_lines(body: &mut Canvas<'_>, top: u16, view: &View<'_>) {
    let end = body.height().saturating_sub(u16::from(view.since.is_some()));
    let last = end.saturating_sub(1);
    rule(body, top.min(last.saturating_sub(1)), &Line::of(Role::Text, "Safety"), None);
    let room = usize::from(last.saturating_sub(top + 1));
    let y = lines(body, top + 1, &view.safety[..room.min(view.safety.len())]);
    way_back(body, y.min(last), view);
    if let Some(since) = &view.since {
        body.line(1, end, body.width().saturating_sub(1), since);
    }
}

/// As much of it as fits in whole parts: the verdict stands first.
fn way_back(body: &mut Canvas<'_>, y: u16, view: &View<'_>) {
    let room = body.width().saturating_sub(2);
    body.line(1, y, room, &view.rollback.parts_within(room.into()));
}
