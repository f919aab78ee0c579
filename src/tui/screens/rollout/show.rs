//! Makes the Rollout screen's view of the session and draws it.

use std::collections::BTreeMap;

use super::{
    draw::draw,
    host::{self, Steps},
    safety,
    state::State,
    view::{HostRow, View},
};
use crate::{
    domain::{name::UnitId, rollout::Unit, session::Session},
    tui::{
        app::Glance,
        canvas::{Canvas, Line},
        glyph::Glyph,
        keymap::Keymap,
        screens::layout::{Chrome, Class},
        theme::Role,
        widgets::Rows,
        world::World,
    },
};

pub fn show(
    canvas: &mut Canvas<'_>,
    state: &State,
    world: &World<'_>,
    glance: &Glance,
    chrome: Chrome,
    since: Option<Line>,
    keymap: &Keymap,
) {
    let Some(session) = world.session else {
        return super::super::empty(canvas, &chrome, keymap, crate::tui::keymap::ScreenName::Rollout, glance);
    };
    let environment = state.environment(world);
    let row = |i: usize| -> HostRow {
        state.list.order().get(i).and_then(|id| session.rollout.unit(id)).map_or_else(HostRow::gone, |unit| {
            host::row(unit, session, world, state.marked.contains(&unit.id))
        })
    };
    let rest = |from: usize| rest(state, session, world, from);
    let lanes = if state.zoomed || Class::of(canvas.width(), canvas.height()) == Class::Wide {
        Steps::Listed
    } else {
        Steps::Joined
    };
    let selected = state.list.selected().and_then(|id| session.rollout.unit(id));
    let detail = selected
        .map_or_else(|| (Line::new(), Vec::new()), |unit| host::detail(unit, world, &glance.forecast, lanes));
    let (counts, brief) = counts(session, state, world);
    let view = View {
        chrome,
        stages: safety::stages(session, glance),
        eta: safety::eta(world, session, glance),
        counts,
        brief,
        narrowed: narrowed(state),
        rows: Rows {
            first: state.list.first(),
            count: state.list.len(),
            selected: state.list.position(),
            head: true,
        },
        widths: state.widths,
        row: &row,
        rest: &rest,
        detail,
        safety: environment.map_or_else(Vec::new, |environment| safety::lines(world, session, environment)),
        rollback: safety::rollback(session, &glance.forecast, glance.rollback.as_ref()),
        since,
        zoomed: state.zoomed,
    };
    draw(canvas, &view, keymap, glance);
}

fn narrowed(state: &State) -> Line {
    let mut words = Vec::new();
    if state.problems {
        words.push("! problems only".to_owned());
    }
    if !state.filter.is_empty() {
        words.push(format!("/ {}", state.filter));
    }
    if !state.sort.word().is_empty() {
        words.push(format!("s {}", state.sort.word()));
    }
    if !state.marked.is_empty() {
        words.push(format!("{} marked", state.marked.len()));
    }
    Line::new().dim(words.join(" · "))
}

fn counts(session: &Session, state: &State, world: &World<'_>) -> (Line, Line) {
    let Some(environment) = state.environment(world) else { return (Line::new(), Line::new()) };
    let counts = session.rollout.counts(environment);
    let role = |n: u32, role: Role| if n == 0 { Role::TextDim } else { role };
    // The header names the environment; only another one is named here.
    let chosen = if state.environment.is_some() { format!("{environment}: ") } else { String::new() };
    let line = Line::of(Role::Text, format!("{chosen}{} hosts", counts.hosts))
        .dim(format!(" · {} done · ", counts.done))
        .add(role(counts.failed, Role::StateBad), format!("{} failed", counts.failed))
        .dim(" · ")
        .add(role(counts.working, Role::StateWorking), format!("{} working", counts.working))
        .dim(format!(" · {} waiting", counts.waiting));
    let budget = crate::domain::rollout::budget(session, environment);
    let brief = Line::from(format!("{} hosts: {} ", counts.hosts, counts.done))
        .mark(Role::StateOk, Glyph::Done)
        .text(format!(" {} ", counts.failed))
        .mark(role(counts.failed, Role::StateBad), Glyph::Failed)
        .text(format!(" {} ", counts.waiting))
        .mark(Role::StateWaiting, Glyph::Waiting)
        .text(format!(
            "   capacity {}/{} (min {})",
            budget.available, budget.limits.hosts, budget.limits.min_healthy
        ));
    (line, brief)
}

/// `23 more waiting`, or how they stand where they differ: `6 more: 4 waiting, 2 done`, most first.
fn rest(state: &State, session: &Session, world: &World<'_>, from: usize) -> String {
    let order = state.list.order();
    let (shown, hidden) = order.split_at(from.min(order.len()));
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    let environment = state.environment(world);
    match environment.filter(|environment| session.rollout.counts(environment).hosts as usize == order.len())
    {
        // Of a whole fleet it is known how it stands: only the shorter part is looked at.
        Some(environment) if shown.len() < hidden.len() => {
            words.extend(session.rollout.standing(environment).map(|(word, hosts)| (word, hosts as usize)));
            for id in shown {
                if let Some(count) = words.get_mut(standing(session, id)) {
                    *count = count.saturating_sub(1);
                }
            }
        }
        _ => hidden.iter().for_each(|id| *words.entry(standing(session, id)).or_default() += 1),
    }
    let mut words: Vec<(&str, usize)> = words.into_iter().filter(|(_, count)| *count > 0).collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    match words.as_slice() {
        [(word, count)] => format!("{count} more {word}"),
        _ => {
            let each: Vec<String> = words.iter().map(|(word, count)| format!("{count} {word}")).collect();
            format!("{} more: {}", hidden.len(), each.join(", "))
        }
    }
}

fn standing(session: &Session, id: &UnitId) -> &'static str {
    session.rollout.unit(id).map_or("gone", Unit::standing)
}

impl HostRow {
    /// A host that left between two frames.
    fn gone() -> Self {
        Self {
            role: Role::TextDim,
            glyph: Glyph::Skipped,
            marked: false,
            name: String::new(),
            region: String::new(),
            runs: None,
            lane: None,
            step: "gone".into(),
            time: String::new(),
            pool: (Role::TextDim, String::new()),
            why: String::new(),
            answers: String::new(),
        }
    }
}
