//! The waiting line while something is wrong and nobody is needed yet, and while it is held: each with what will release
//! it, as the core says it. Drawn by the chrome.

use super::{chrome::warn, glance::Glance};
use crate::{
    domain::{pipeline::over_budget, rollout::brings_back, session::Session, time::Now},
    tui::{canvas::Line, glyph::Glyph, theme::Role, when, widgets::Message, world::World},
};

/// What is wrong although nobody is needed yet.
pub fn unwell(glance: &Glance) -> Option<Message> {
    let first = glance.unwell.first()?;
    let more = match glance.unwell.len() {
        1 => String::new(),
        n => format!(" · and {} more", n - 1),
    };
    let words = format!("{}{more}", first.what);
    let message = if first.outage {
        Message::new(Role::StateBad, Glyph::NeedsHuman, Line::of(Role::StateBad, words))
    } else {
        warn(words)
    };
    let whole = message.clone().until(format!("{} · H holds, R rolls back", first.release));
    Some(whole.or(message.until(first.release.clone())))
}

/// A stage that takes longer than it may, and nothing else is wrong: that comes before what it does, and hides none of it.
pub fn late(session: &Session, glance: &Glance, now: Now, stage: Option<Message>) -> Option<Message> {
    let run = session.pipeline.running()?;
    let late = over_budget(session, now).find(|late| late.environment == run.environment)?;
    let [only] = &*glance.unwell else { return None };
    if only.unit.is_some() || only.since != late.since || only.environment != late.environment {
        return None;
    }
    let (_, planned) = session.plan().stage(&run.name)?;
    let mut line = Line::of(Role::StateWarn, format!("over its {} · ", planned.budget?));
    let Message { line: does, tail, .. } = stage?;
    for (role, words) in does.spans() {
        line.push(role, words);
    }
    Some(Message { tail, ..Message::new(Role::StateWarn, Glyph::NeedsHuman, line) })
}

pub fn held(world: &World<'_>, session: &Session, glance: &Glance) -> Option<Message> {
    let hold = session.course.hold.as_ref()?;
    let by = hold.by.as_ref().map_or("somebody", |person| person.as_str());
    let why = if hold.reason.is_empty() { String::new() } else { format!(": {}", hold.reason) };
    let lasted = when::lasted(world.now.session.since(hold.at.session));
    let unwell = glance.unwell.first().map_or(String::new(), |first| format!(" · {}", first.what));
    // Nobody holds an agent: what it has read it installs.
    let run = session.pipeline.running();
    let agents =
        run.is_some_and(|run| run.converges() && session.rollout.counts(&run.environment).working > 0);
    let agents = if agents { " · agents that read it go on" } else { "" };
    let words = format!("HELD {lasted} by {by}{why}{agents}{unwell}");
    let down = brings_back(session);
    let role = if down.is_some() { Role::StateBad } else { Role::StateWarn };
    let message = Message::new(role, Glyph::Held, Line::of(role, words));
    // Its release stays where the line is short, whatever the reason is: who may, the key says.
    let Some(down) = down else {
        let whole = message.clone().until(format!("C continues: {by}, the watch, or a decider"));
        return Some(whole.or(message.until("C continues")));
    };
    let brief = Line::of(role, format!("HELD {lasted} by {by} · nobody is served"));
    let brief = Message::new(role, Glyph::Held, brief).until("C or R, not HOLD");
    Some(message.until(down).or(brief))
}
