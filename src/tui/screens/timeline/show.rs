//! Makes the Timeline screen's view and draws it.

use super::{
    draw::{draw, mark},
    state::{Key, State},
    view::{PartRow, View},
};
use crate::{
    domain::{
        counted::counted,
        rehearsal::Rehearsed,
        session::Session,
        time::{Now, Span, WallTime},
        timeline::{End, Expected, Link, Row, Sum, Timeline, What},
    },
    tui::{
        app::Glance,
        canvas::{Canvas, Line},
        keymap::{Keymap, ScreenName},
        screens::{
            empty,
            layout::{Chrome, narrowed},
        },
        theme::Role,
        when,
        world::World,
    },
};

pub fn show(
    canvas: &mut Canvas<'_>,
    state: &State,
    world: &World<'_>,
    glance: &Glance,
    chrome: Chrome,
    keymap: &Keymap,
) {
    let (Some(session), Some(line)) = (world.session, glance.timeline.as_ref()) else {
        return empty(canvas, world, &chrome, keymap, ScreenName::Timeline, glance);
    };
    let find = |i: usize| state.list.order().get(i);
    let row = |i: usize| find(i).map_or_else(PartRow::gone, |key| part_row(session, line, key, world));
    let view = View {
        chrome,
        title: title(line, world),
        rehearsed: line.rehearsed(),
        narrowed: narrowed([(state.to_come, "! still to come")], &state.filter, []),
        rows: crate::tui::widgets::Rows { head: true, ..state.list.rows() },
        row: &row,
        detail: state.list.selected().map_or_else(Default::default, |key| detail(line, key, world)),
        path: path(line),
        zoomed: state.zoomed,
    };
    draw(canvas, &view, keymap, glance);
}

/// `12:11:16`, to the second where that is near.
fn at(left: Span, world: &World<'_>) -> String {
    let at = world.now.wall.plus(left);
    if left < Span::minutes(10) {
        when::second(at, world.zone)
    } else {
        when::near(at, world.now.wall, world.zone)
    }
}

/// When it all ends, or why nobody knows.
fn title(line: &Timeline, world: &World<'_>) -> Line {
    let outlook = &line.outlook;
    let title = Line::of(Role::Text, "Timeline");
    if line.rows.iter().all(|row| row.left.is_none()) {
        return title.dim(" · nothing is to come");
    }
    let end = outlook.end(world.now.wall);
    let until = |time: WallTime| Span(time.0.saturating_sub(world.now.wall.0).unsigned_abs());
    let eta = format!("ETA {}", end.words(|time, _| at(until(time), world)));
    let title = title.dim(" · ");
    match &end {
        End::At { decisions: 0, .. } => title.text(eta),
        End::At { left, decisions, .. } => {
            let besides = format!(" · besides {}", counted(*decisions, "decision"));
            title.text(format!("{left} to go")).dim(besides)
        }
        End::Halted(_) => title.add(Role::StateWarn, eta),
        End::Unknown(..) | End::Over => title.dim(eta),
    }
}

fn path(line: &Timeline) -> Vec<Line> {
    let words: Vec<String> = line.outlook.path.iter().map(Link::words).collect();
    if words.is_empty() { Vec::new() } else { vec![Line::from(words.join(" → "))] }
}

fn part_row(session: &Session, line: &Timeline, key: &Key, world: &World<'_>) -> PartRow {
    match key {
        Key::Part(_) => key.find(line).map_or_else(PartRow::gone, |row| of_part(session, row, world)),
        Key::Stage(name) => {
            let rows: Vec<&Row> = line
                .rows
                .iter()
                .filter(|row| row.stage.as_ref() == Some(name) && !matches!(row.what, What::Downtime { .. }))
                .collect();
            let planned = Sum::of(rows.iter().map(|row| &row.planned));
            let run = session.pipeline.run(name);
            // What was given up takes no longer.
            let open = rows.iter().any(|row| row.left.is_some());
            let took = run.and_then(|run| {
                let end = run.passed.or(open.then_some(world.now))?;
                (run.started).map(|started| end.wall.since(started.wall))
            });
            PartRow {
                role: Role::Text,
                glyph: None,
                name: name.to_string(),
                planned: planned.span().map_or_else(|| "unknown".to_owned(), |span| span.to_string()),
                // Of a stage some parts were cut, and decisions cost nothing: a sum would say what it is not.
                rehearsed: String::new(),
                actual: took.map_or_else(String::new, |took| seconds(took).to_string()),
                differs: (Role::TextDim, run.map_or("", |run| run.state.word()).to_owned()),
                critical: false,
                ends: run.and_then(|run| run.passed).map_or_else(String::new, |at| second(at, world)),
            }
        }
    }
}

/// In brackets what was played otherwise: it is no measure of what takes place here.
fn rehearsed(it: &Rehearsed) -> String {
    let took = seconds(it.took);
    if it.comparable().is_some() { took.to_string() } else { format!("({took})") }
}

fn second(at: Now, world: &World<'_>) -> String {
    when::second(at.wall, world.zone)
}

/// Nobody reads milliseconds beside minutes.
const fn seconds(span: Span) -> Span {
    if span.0 < 1_000_000 { span } else { Span::secs(span.as_secs()) }
}

/// How long it took by the clock on the wall, or has taken so far.
fn took(row: &Row, now: WallTime) -> Option<Span> {
    let began = row.began?;
    match (row.ended, &row.left) {
        (Some(ended), _) => Some(ended.wall.since(began.wall)),
        (None, Some(_)) => Some(now.since(began.wall)),
        (None, None) => None,
    }
}

fn of_part(session: &Session, row: &Row, world: &World<'_>) -> PartRow {
    let (role, glyph) = mark(row);
    let indent = if row.stage.is_some() { " " } else { "" };
    let go_live = row.what == What::Start
        && row.stage.as_ref() == session.plan().stages.get(session.plan().poll_index()).map(|it| &it.name);
    let planned = match &row.planned {
        _ if go_live => when::near(session.course.go_live, world.now.wall, world.zone),
        Expected::Known(estimate) => seconds(estimate.span).to_string(),
        Expected::Unknown(_) => "unknown".to_owned(),
        Expected::Person(_) => "decision".to_owned(),
    };
    PartRow {
        role: if row.left.is_some() && row.began.is_none() { Role::TextDim } else { Role::Text },
        glyph,
        name: format!("{indent}{}", row.what.words()),
        planned,
        rehearsed: row.rehearsed.as_ref().map_or_else(String::new, rehearsed),
        actual: took(row, world.now.wall).map_or_else(String::new, |took| seconds(took).to_string()),
        differs: if go_live { start(session, row, world) } else { differs(row, world.now.wall) },
        critical: row.critical,
        ends: match (row.ended, row.ends_in.filter(|_| row.left.is_some())) {
            (Some(ended), _) => second(ended, world),
            (None, Some(left)) => format!("~{}", at(left, world)),
            (None, None) => String::new(),
        },
    }
    .marked(role)
}

impl PartRow {
    /// The mark keeps its own colour, and what is to come is dim.
    fn marked(self, role: Role) -> Self {
        if self.role == Role::TextDim { self } else { Self { role, ..self } }
    }
}

/// Against the time for which the go-live was set.
fn start(session: &Session, row: &Row, world: &World<'_>) -> (Role, String) {
    let planned = session.course.go_live;
    match row.ended.map(|at| at.wall).or_else(|| row.left.as_ref().map(|_| world.now.wall)) {
        Some(at) if at > planned && at.since(planned) >= Span::secs(1) => {
            (Role::StateWarn, format!("{} late", seconds(at.since(planned))))
        }
        Some(at) if row.ended.is_some() && planned.since(at) >= Span::secs(1) => {
            (Role::Text, format!("{} early", seconds(planned.since(at))))
        }
        Some(_) if row.ended.is_some() => (Role::Text, "on time".to_owned()),
        _ => (Role::TextDim, String::new()),
    }
}

/// A second, or a twentieth, is no difference.
fn slight(apart: Span, of: Span) -> bool {
    apart < Span::secs(1).max(Span(of.0 / 20))
}

/// Under a second both are said to the millisecond: two that are told apart there are not the same, and no news either.
fn told_apart(apart: Span, planned: Span) -> bool {
    planned < Span::secs(1) && apart.0 > planned.0 / 2
}

fn differs(row: &Row, now: WallTime) -> (Role, String) {
    if let Some(short) = &row.short {
        return (Role::StateWarn, short.clone());
    }
    let quiet = |words: &str| (Role::TextDim, words.to_owned());
    let took = took(row, now);
    match (row.planned.span(), took, row.ended, &row.left) {
        (Some(planned), Some(took), Some(_), _) => {
            let apart = Span(took.0.abs_diff(planned.0));
            if slight(apart, planned) {
                quiet(if told_apart(apart, planned) { "" } else { "as planned" })
            } else if took > planned {
                (Role::StateWarn, format!("{} more", seconds(apart)))
            } else {
                (Role::Text, format!("{} less", seconds(apart)))
            }
        }
        (Some(planned), Some(took), None, Some(_))
            if took > planned && !slight(Span(took.0 - planned.0), planned) =>
        {
            (Role::StateWarn, format!("{} over", seconds(Span(took.0 - planned.0))))
        }
        (_, Some(_), None, Some(Expected::Known(left))) => quiet(&format!("{} left", seconds(left.span))),
        (_, Some(_), None, Some(Expected::Unknown(_))) => (Role::StateUnproven, "end unknown".to_owned()),
        (_, _, None, None) if row.began.is_none() => quiet("not reached"),
        (_, _, None, None) => quiet("given up"),
        _ => quiet(""),
    }
}

fn detail(line: &Timeline, key: &Key, world: &World<'_>) -> (Line, Vec<Line>) {
    let Some(row) = key.find(line) else {
        let Key::Stage(name) = key else { return Default::default() };
        let parts = line.rows.iter().filter(|row| row.stage.as_ref() == Some(name));
        let sum = Sum::of(parts.filter_map(|row| row.left.as_ref()));
        let words = format!("still to come of it: {}", sum.words());
        return (Line::from(name.to_string()), vec![Line::new().dim(words)]);
    };
    let planned = Line::new().dim("planned  ").text(row.planned.words());
    let began = row.began.map_or_else(|| "not begun".to_owned(), |at| format!("began {}", second(at, world)));
    let ended = row.ended.map_or_else(String::new, |at| format!(" · ended {}", second(at, world)));
    let mut lines = vec![planned, Line::new().dim("actual   ").text(format!("{began}{ended}"))];
    if let Some(it) = &row.rehearsed {
        let apart = match (it.comparable(), row.ended, took(row, world.now.wall)) {
            (Some(then), Some(_), Some(now)) if slight(Span(now.0.abs_diff(then.0)), then) => {
                " · took as long"
            }
            (Some(then), Some(_), Some(now)) if now > then => " · took longer",
            (Some(_), Some(_), Some(_)) => " · took less",
            (Some(then), None, Some(now)) if now > then => " · takes longer already",
            _ => "",
        };
        let words = it.words();
        lines.insert(1, Line::new().dim("before   ").text(format!("{words}, rehearsed")).dim(apart));
    }
    if let Some(left) = &row.left {
        let waits = row.what.wait().is_some() && row.began.is_some() && row.ended.is_none();
        let longer = row.stage.as_ref().filter(|_| waits);
        let longer = longer.map_or_else(String::new, |stage| {
            format!(" · :rollout extend 10m --stage {stage} --reason … lengthens it")
        });
        lines.push(Line::new().dim("to come  ").text(left.words()).dim(longer));
    }
    let glyph = if row.critical { " · the end hangs on it" } else { "" };
    (Line::from(row.name()).dim(glyph), lines)
}

/// Whether the next that needs somebody is meant: what is under way.
pub fn under_way(line: &Timeline, key: &Key) -> bool {
    key.find(line).is_some_and(|row| row.left.is_some() && row.began.is_some())
}
