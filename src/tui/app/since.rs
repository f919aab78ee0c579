//! "Since I last looked": what was worth saying since then, newest first.

use crate::{
    domain::{event::Stamped, time::WallTime},
    tui::{canvas::Line, say::say, theme::Role, when, world::World},
};

/// How far a viewer has looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    pub seq: u64,
    pub at: Option<WallTime>,
}

fn loud<'a>(world: &World<'a>, since: u64) -> impl Iterator<Item = (&'a Stamped, crate::tui::say::Said)> {
    let session = world.session;
    world
        .history
        .loud()
        .take_while(move |stamped| stamped.seq > since)
        .map(move |stamped| (stamped, say(&stamped.event, session)))
}

/// One line for the foot of a screen; none when nothing happened.
pub fn line(world: &World<'_>, looked: Looked) -> Option<Line> {
    let at = looked.at?;
    // The newest first: what has no room is what is known longest.
    let last: Vec<String> = loud(world, looked.seq).take(4).map(|(_, said)| said.words).collect();
    if last.is_empty() {
        return None;
    }
    let time = when::minute(at, world.zone);
    Some(Line::new().dim(format!("since {time}  {}", last.join(" · "))))
}

pub fn page(world: &World<'_>, looked: Looked) -> Vec<Line> {
    let mut lines: Vec<Line> = loud(world, looked.seq)
        .map(|(stamped, said)| {
            let who = stamped.actor.to_string();
            Line::new()
                .mark(said.role, said.glyph)
                .dim(format!(" {} {who:<8} ", when::second(stamped.now.wall, world.zone)))
                .add(Role::Text, said.words)
        })
        .collect();
    if lines.is_empty() {
        lines.push(Line::new().dim("nothing that anybody needs to know"));
    }
    lines
}
