//! Makes the Rollout screen's view of the session and draws it.

use std::collections::BTreeMap;

use super::{
    board,
    draw::draw,
    host::{self, Steps},
    safety,
    state::{State, standing},
    view::{Detail, HostRow, View},
};
use crate::{
    domain::{counted::counted, rollout, session::Session},
    tui::{
        app::Glance,
        canvas::{Canvas, Line},
        glyph::Glyph,
        keymap::{Keymap, ScreenName},
        screens::layout::{Chrome, Class, narrowed},
        theme::Role,
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
        return super::super::empty(canvas, world, &chrome, keymap, ScreenName::Rollout, glance);
    };
    let environment = state.environment(world);
    let barred = rollout::barred(session);
    let row = |i: usize| -> HostRow {
        state.list.order().get(i).and_then(|id| session.rollout.unit(id)).map_or_else(HostRow::gone, |unit| {
            let row = host::row(unit, world, state.marked.contains(&unit.id));
            board::row(session, unit, world, host::in_its_order(unit, &barred, row))
        })
    };
    let rest = |from: usize| rest(state, session, world, from);
    let lanes = if state.zoomed || Class::of(canvas.width(), canvas.height()) == Class::Wide {
        Steps::Listed
    } else {
        Steps::Joined
    };
    let selected = state.list.selected().and_then(|id| session.rollout.unit(id));
    let detail =
        selected.map_or_else(Detail::default, |unit| host::detail(unit, world, &glance.forecast, lanes));
    let (counts, brief) = counts(session, state, world);
    let view = View {
        chrome,
        stages: safety::stages(session, glance),
        several: session.pipeline.stages.len() > 1,
        eta: safety::eta(world, session, glance),
        counts,
        brief,
        narrowed: narrowed(
            [(state.problems, "! problems only")],
            &state.filter,
            [
                (!state.sort.word().is_empty(), format!("s {}", state.sort.word())),
                (!state.marked.is_empty(), format!("{} marked", state.marked.len())),
            ],
        ),
        rows: state.list.rows(),
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

/// How the hosts stand, in words and in few cells. Every host is counted once: the parts make the whole.
fn counts(session: &Session, state: &State, world: &World<'_>) -> (Line, Line) {
    let Some(environment) = state.environment(world) else { return (Line::new(), Line::new()) };
    let hosts = session.rollout.counts(environment).hosts;
    let mut parts = PARTS.map(|part| (part, 0));
    for (standing, hosts) in session.rollout.standing(environment) {
        if let Some((_, n)) = parts.iter_mut().find(|(part, _)| part.of.contains(&standing)) {
            *n += hosts;
        }
    }
    // The header names the environment; only another one is named here.
    let chosen = if state.environment.is_some() { format!("{environment}: ") } else { String::new() };
    let mut line = Line::of(Role::Text, format!("{chosen}{}", counted(hosts, "host")));
    let mut brief = Line::from(format!("{}:", counted(hosts, "host")));
    for (part, n) in parts.into_iter().filter(|(part, n)| *n > 0 || part.always) {
        let role = if n == 0 { Role::TextDim } else { part.role };
        line = line.dim(" · ").add(role, format!("{n} {}", part.word));
        brief = brief.text(format!(" {n} ")).mark(role, part.glyph);
    }
    for (role, words) in board::counts(session, environment, world).spans() {
        line.push(role, words);
    }
    let budget = crate::domain::rollout::budget(session, environment);
    let brief = brief.text(format!(
        "   capacity {}/{} (min {})",
        budget.available, budget.limits.hosts, budget.limits.min_healthy
    ));
    (line, brief)
}

/// Hosts that stand alike enough to be counted together.
#[derive(Clone, Copy)]
struct Part {
    word: &'static str,
    role: Role,
    glyph: Glyph,
    /// Said even of none.
    always: bool,
    /// By [`standing`].
    of: &'static [&'static str],
}

const PARTS: [Part; 9] = [
    Part { word: "done", role: Role::TextDim, glyph: Glyph::Done, always: true, of: &["done"] },
    Part { word: "failed", role: Role::StateBad, glyph: Glyph::Failed, always: true, of: &["failed"] },
    Part {
        word: "unknown",
        role: Role::StateUnproven,
        glyph: Glyph::Unknown,
        always: false,
        of: &["unknown", "probing"],
    },
    Part {
        word: "working",
        role: Role::StateWorking,
        glyph: Glyph::Working,
        always: true,
        of: &["working", "converging", "settling"],
    },
    Part {
        word: "rolled back",
        role: Role::StateWarn,
        glyph: Glyph::RolledBack,
        always: false,
        of: &["rolled back"],
    },
    Part {
        word: "to go back",
        role: Role::StateWarn,
        glyph: Glyph::Waiting,
        always: false,
        of: &["to go back"],
    },
    Part {
        word: "left out",
        role: Role::StateWarn,
        glyph: Glyph::Skipped,
        always: false,
        of: &["excluded", "left out"],
    },
    Part { word: "waiting", role: Role::TextDim, glyph: Glyph::Waiting, always: false, of: &["waiting"] },
    Part {
        word: "not started",
        role: Role::TextDim,
        glyph: Glyph::Waiting,
        always: false,
        of: &["not started", "gone"],
    },
];

/// `23 more waiting`, or how they stand where they differ: `6 more: 4 waiting, 2 done`, most first.
fn rest(state: &State, session: &Session, world: &World<'_>, from: usize) -> String {
    let order = state.list.order();
    let (shown, hidden) = order.split_at(from.min(order.len()));
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    let environment = state.environment(world);
    match environment.filter(|environment| session.rollout.counts(environment).hosts as usize == order.len())
    {
        // Of a whole fleet it is known how it stands: only those on the screen are looked at.
        Some(environment) => {
            words.extend(session.rollout.standing(environment).map(|(word, hosts)| (word, hosts as usize)));
            let on_screen = shown.get(state.list.first()..).unwrap_or_default();
            let seen = on_screen.iter().map(|id| (standing(session, id), 1));
            for (word, hosts) in state.above().iter().map(|(word, hosts)| (*word, *hosts)).chain(seen) {
                if let Some(count) = words.get_mut(word) {
                    *count = count.saturating_sub(hosts);
                }
            }
        }
        None => hidden.iter().for_each(|id| *words.entry(standing(session, id)).or_default() += 1),
    }
    let mut words: Vec<(&str, usize)> = words.into_iter().filter(|(_, count)| *count > 0).collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    if let [(word, count)] = words.as_slice() {
        return format!("{count} more {word}");
    }
    let each: Vec<String> = words.iter().map(|(word, count)| format!("{count} {word}")).collect();
    format!("{} more: {}", hidden.len(), each.join(", "))
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
            agent: None,
        }
    }
}
