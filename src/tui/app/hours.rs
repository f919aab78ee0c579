//! What the lines that every screen has say about windows: that a stage waits for its own, or goes on past it.

use super::chrome::{warn, whoever};
use crate::{
    domain::{
        course::Course,
        gate,
        pipeline::{StageState, closed_over, follows, opens},
        plan::Profile,
        session::Session,
    },
    tui::{canvas::Line, theme::Role, when, widgets::Message, world::World},
};

/// The line about the stage that is under way, with what its window adds to it.
pub fn stage(world: &World<'_>, session: &Session, says: Option<Message>) -> Option<Message> {
    let says = says?;
    let Some(run) = session.pipeline.running() else { return Some(says) };
    if run.state == StageState::Ready
        && let Some(next) = follows(session, run)
        && let Some(first) = gate::to_promote(session, run, world.now).into_iter().find(gate::is_window)
    {
        let from = opens(session, next, world.now).map_or("no opening is known".to_owned(), |at| {
            format!("open from {}", when::near(at, world.now.wall, world.zone))
        });
        let presses = whoever(world, session, "deployer", "press");
        let words = format!("{} waits: {} closed, {from}", run.name, first.what);
        return Some(warn(words).until(format!("or {presses} P, with a reason")));
    }
    let before = match (&run.outside, closed_over(session, world.now)) {
        (Some(_), _) => "outside its window".to_owned(),
        (None, Some((_, what))) => format!("{what} closed, goes on"),
        (None, None) => return Some(says),
    };
    let mut line = Line::of(Role::StateWarn, format!("{before} · "));
    for (role, words) in says.line.spans() {
        line.push(role, words);
    }
    Some(Message { line, ..says })
}

/// `LIVE`, or `LIVE HOTFIX`, or `LIVE RELAXED` where less is asked for than the plan says.
pub fn mode(course: &Course) -> String {
    let mut words = course.release.mode.word().to_owned();
    if course.hotfix.is_some() {
        words += " HOTFIX";
    }
    let chosen = course.strictness.as_ref().map(|chosen| chosen.profile);
    if let Some(profile) = chosen.filter(|profile| *profile != Profile::Strict) {
        words = format!("{words} {}", profile.word().to_uppercase());
    }
    words
}
