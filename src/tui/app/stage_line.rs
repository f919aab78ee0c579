//! The line about the stage that is under way: where it is, how long that takes, and what comes next.

use super::{
    at_step,
    chrome::{people_with, working},
    glance::Glance,
};
use crate::{
    domain::{
        counted::counted,
        next_step::waits_for_a_judgement,
        pipeline::{StageRun, StageState, Verifies, bake_left, verifies},
        plan::Promote,
        session::Session,
        time::{Now, Span},
    },
    tui::{when, widgets::Message, world::World},
};

/// Where several are under way, the one that people look at first, and then each other one in a word or two.
pub fn stage(world: &World<'_>, session: &Session, glance: &Glance) -> Option<Message> {
    let first = first(world, session, glance)?;
    let others: Vec<String> =
        session.pipeline.under_way().skip(1).map(|run| beside(world, session, run)).collect();
    if others.is_empty() {
        return Some(first);
    }
    let line = first.line.clone().add(first.role, format!(" + {}", others.join(" + ")));
    Some(Message { line, ..first })
}

/// `beta bakes, 12 min left`.
fn beside(world: &World<'_>, session: &Session, run: &StageRun) -> String {
    match bake_left(session, run, world.now) {
        Some(left) if left > Span::ZERO => format!("{} bakes, {} left", run.name, when::lasted(left)),
        _ if run.state == StageState::Ready => format!("{} waits for P", run.name),
        _ => format!("{} is {}", run.name, run.state.word()),
    }
}

fn first(world: &World<'_>, session: &Session, glance: &Glance) -> Option<Message> {
    let run = session.pipeline.running()?;
    let counts = session.rollout.counts(&run.environment);
    // After the last stage the session says what is left until it is verified.
    let judged = waits_for_a_judgement(session).is_none();
    if run.state == StageState::Ready && judged && session.pipeline.ends_with(&run.name) {
        return None;
    }
    Some(match run.state {
        StageState::Ready => at_step::ready(world, session, run, &promotion(session, run, world.now)),
        StageState::Baking => {
            let left = bake_left(session, run, world.now).unwrap_or(Span::ZERO);
            let whole = session.plan().stage(&run.name).map_or(Span::ZERO, |(_, stage)| stage.bake);
            let end = when::minute(world.now.wall.plus(left), world.zone);
            let next = promotion(session, run, world.now);
            working(format!(
                "{} bakes: {} of {} left, until {end} · then {next}",
                run.name,
                when::lasted(left),
                when::lasted(whole)
            ))
        }
        StageState::Validating => {
            let checks: Vec<&str> = session
                .plan()
                .stage(&run.name)
                .map_or(&[][..], |(_, stage)| &stage.validations)
                .iter()
                .map(crate::domain::name::CheckName::as_str)
                .collect();
            working(format!("{}: every host is done · {} runs", run.name, checks.join(", ")))
                .until(format!("then {}", after(session, run, world.now)))
        }
        _ if let Some(message) = at_step::message(world, session, run) => message,
        _ => {
            let lasted = run.started.map_or_else(String::new, |started| {
                let spent = when::lasted(world.now.session.since(started.session));
                match glance.timeline.as_ref().and_then(|line| line.hosts_left(&run.name)) {
                    Some(left) => {
                        let whole = Span(world.now.session.since(started.session).0 + left.0);
                        let source = glance.forecast.source(&run.environment);
                        format!(" · {spent} of about {}{source}", when::lasted(whole))
                    }
                    None => format!(" · {spent} so far"),
                }
            });
            let left = counts.working + counts.waiting;
            let words = format!("{}: {left} of {} to go{lasted}", run.name, counted(run.units.len(), "host"));
            working(words).until(format!("then {}", validated(session, run, world.now)))
        }
    })
}

/// What follows the hosts of a stage: `smoke, bake 10m, promotion (raj, P)`.
fn validated(session: &Session, run: &StageRun, now: Now) -> String {
    let mut next: Vec<String> = Vec::new();
    if let Some((_, stage)) = session.plan().stage(&run.name) {
        next.extend(stage.validations.iter().map(ToString::to_string));
    }
    next.push(after(session, run, now));
    next.join(", ")
}

/// What follows its validations.
fn after(session: &Session, run: &StageRun, now: Now) -> String {
    let Some((_, stage)) = session.plan().stage(&run.name) else { return "its promotion".to_owned() };
    let bake = if stage.bake == Span::ZERO { String::new() } else { format!("bake {}, ", stage.bake) };
    format!("{bake}{}", promotion(session, run, now))
}

/// Who takes it on from there: after the last stage what is live is verified.
fn promotion(session: &Session, run: &StageRun, now: Now) -> String {
    let last = session.pipeline.ends_with(&run.name);
    let promote = session.plan().stage(&run.name).map(|(_, stage)| stage.promote);
    match promote {
        _ if last && verifies(session, now) == Verifies::Tests => "verified by itself".to_owned(),
        _ if last => format!("P by {}", people_with(session, "deployer")),
        Some(Promote::Automatic) => "promotion by itself".to_owned(),
        Some(Promote::Human) | None => format!("P by {}", people_with(session, "deployer")),
    }
}
