//! Makes the Record screen's view of the events and draws it.

use super::{
    draw::draw,
    state::State,
    view::{EventRow, View},
};
use crate::tui::{
    app::Glance,
    canvas::{Canvas, Line},
    keymap::Keymap,
    say::say,
    screens::layout::{Chrome, narrowed},
    theme::Role,
    when,
    world::{History, World},
};

pub fn show(
    canvas: &mut Canvas<'_>,
    state: &State,
    world: &World<'_>,
    glance: &Glance,
    chrome: Chrome,
    keymap: &Keymap,
) {
    let find = |i: usize| state.list.order().get(i).and_then(|seq| world.history.get(*seq));
    let row = |i: usize| match find(i) {
        None => EventRow {
            seq: 0,
            time: String::new(),
            actor: String::new(),
            role: Role::TextDim,
            says: String::new(),
        },
        Some(stamped) => {
            let said = say(&stamped.event, world.session);
            EventRow {
                seq: stamped.seq,
                time: when::second(stamped.now.wall, world.zone),
                actor: stamped.actor.to_string(),
                role: said.role,
                says: said.words,
            }
        }
    };
    let mut title = Line::of(Role::Text, "Record");
    if let Some((seq, hash)) = &world.history.head {
        title = title.dim(format!(" · head {seq} {}", hash.get(..8).unwrap_or(hash)));
    }
    if world.history.len() >= History::KEPT {
        title = title.dim(format!(" · the last {}; all of it: golive record", History::KEPT));
    }
    let view = View {
        chrome,
        title,
        narrowed: narrowed(
            [
                (!state.loud && state.filter.is_empty(), "without the clock's ticks"),
                (state.loud, "! without routine"),
            ],
            &state.filter,
            [(state.oldest_first, "s oldest first".into())],
        ),
        rows: state.list.rows(),
        row: &row,
        detail: detail(state, world),
        zoomed: state.zoomed,
    };
    draw(canvas, &view, keymap, glance);
}

/// The event as it is stored, field by field.
fn detail(state: &State, world: &World<'_>) -> (Line, Vec<Line>) {
    let Some(stamped) = state.list.selected().and_then(|seq| world.history.get(*seq)) else {
        return (Line::new(), Vec::new());
    };
    let title = Line::of(Role::Text, stamped.seq.to_string()).dim(format!(
        " · epoch {} · session time {}",
        stamped.epoch,
        crate::domain::time::Span(stamped.now.session.0)
    ));
    let mut lines = vec![Line::from(say(&stamped.event, world.session).words)];
    match serde_json::to_string_pretty(&stamped.event) {
        Ok(json) => lines.extend(json.lines().take(200).map(|line| Line::new().dim(line))),
        Err(error) => lines.push(Line::of(Role::StateUnproven, format!("not shown: {error}"))),
    }
    (title, lines)
}
