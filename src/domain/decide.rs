//! The one door for commands, and the one for reports. Both only dispatch: each part has its own rules.

use super::{
    actor::Actor,
    command::{Asked, Command, Shown},
    counted::counted,
    course::{self, CourseCommand, CourseEvent},
    effect::{Report, Reported},
    effect_log::EffectEvent,
    event::Event,
    lock::LockEvent,
    refusal::Refusal,
    rollout::{self, RolloutEvent, Unit},
    session::Session,
    signal,
    time::Now,
};

/// What follows from a command, or why not. The conductor records a refusal ([`refused`]).
pub fn decide(session: &Session, asked: &Asked, actor: &Actor, now: Now) -> Result<Vec<Event>, Refusal> {
    if let Some(shown) = &asked.shown {
        unchanged(session, shown)?;
    }
    if asked.command == Command::Course(CourseCommand::Continue) {
        let seen = asked.shown.as_ref().and_then(|shown| shown.goes_on.as_ref());
        course::continue_is_meant(session, seen, now)?;
    }
    match &asked.command {
        Command::Course(command) => super::course::decide(session, command, actor, now),
        Command::Checklist(command) => super::checklist::decide(session, command, actor, now),
        Command::Poll(command) => super::poll::decide(session, command, actor, now),
        Command::Rollout(command) => rollout::decide(session, command, actor, now),
        Command::Notice(command) => super::notice::decide(session, command, actor),
        Command::Operation(command) => super::operation::decide(session, command, actor, now),
        Command::Drill(command) => super::drill::decide(session, command, actor, now),
    }
}

/// A decision is about what its screen showed.
fn unchanged(session: &Session, shown: &Shown) -> Result<(), Refusal> {
    let candidate = &session.course.release.candidate;
    if let Some(saw) = shown.candidate.as_ref().filter(|saw| **saw != candidate.digest) {
        return Err(Refusal::changed(format!(
            "the screen showed {}…, the candidate is {}…",
            saw.short(),
            candidate.digest.short()
        )));
    }
    let plan = &session.course.adopted.digest;
    if let Some(saw) = shown.plan.as_ref().filter(|saw| *saw != plan) {
        return Err(Refusal::changed(format!(
            "the screen showed the plan {}…, adopted is {}…",
            saw.short(),
            plan.short()
        )));
    }
    if let (Some(saw), Ok(reach)) = (shown.touched, rollout::reach(session))
        && saw != reach.hosts
    {
        return Err(Refusal::changed(format!(
            "the screen showed {} to roll back, by now it is {}",
            counted(saw, "host"),
            reach.hosts
        )));
    }
    Ok(())
}

/// The record of a refusal.
pub fn refused(asked: &Asked, refusal: &Refusal) -> Event {
    Event::Course(CourseEvent::Refused {
        command: asked.command.word().to_owned(),
        reason: refusal.reason.clone(),
        lift: refusal.lift.clone(),
    })
}

/// What a report of the engine is as a fact. From an old epoch or attempt it is recorded and changes nothing.
pub fn report(session: &Session, report: Report, now: Now) -> Vec<Event> {
    let Report { epoch, effect: id, what } = report;
    let current = epoch == session.epoch && session.flights.exact(&id).is_some();
    match what {
        Reported::Ended(outcome) if current => vec![Event::Effect(EffectEvent::Ended { id, outcome })],
        // A watch or a check of a session that has ended: its record ended with its closing.
        Reported::Ended(_) if session.course.is_over() && id.target.looks() => Vec::new(),
        Reported::Ended(_) => vec![Event::Effect(EffectEvent::Late { id, epoch })],
        Reported::Unit { unit, seen } if current => {
            let news = session.rollout.unit(&unit).filter(|known| known.fresh() != Some(&seen));
            // Named by the text that the plan has: whoever looks it up reads it no more.
            let event = |known: &Unit| RolloutEvent::UnitSeen { unit: known.id.clone(), seen };
            news.map(|known| Event::Rollout(event(known))).into_iter().collect()
        }
        Reported::Lock { environment, found } if current => {
            if session.locks.found(&environment) == Some(&found) {
                return Vec::new();
            }
            vec![Event::Lock(LockEvent::Seen { environment, found })]
        }
        Reported::Counted { environment, lately, all, busiest, total, recent } if current => {
            let known = (busiest.as_ref(), total, recent);
            rollout::counted_report(session, &environment, &lately, &all, known, now)
        }
        Reported::Uncounted { environment, why } if current => {
            let quiet = signal::uncounted(session, &environment, &why);
            quiet.into_iter().chain(super::operation::uncounted(session, &environment, &why)).collect()
        }
        Reported::Desired { environment, unit, found } if current => {
            if rollout::known_desired(session, &environment, unit.as_ref()) == Some(&found) {
                return Vec::new();
            }
            vec![Event::Rollout(RolloutEvent::DesiredSeen { environment, unit, found })]
        }
        Reported::ShareLost { environment, gives } if current => {
            rollout::lost_share_report(session, &environment, gives, now).into_iter().collect()
        }
        Reported::Outlived(found) if current => vec![Event::Effect(EffectEvent::Outlived { id, found })],
        Reported::Scaled { environment, said } if current => {
            super::operation::scale_report(session, &environment, &said).into_iter().collect()
        }
        // An observation of an old watch is worth no line: the new watch looks again.
        Reported::Unit { .. }
        | Reported::Lock { .. }
        | Reported::Counted { .. }
        | Reported::Uncounted { .. }
        | Reported::Desired { .. }
        | Reported::ShareLost { .. }
        | Reported::Outlived(_)
        | Reported::Scaled { .. } => Vec::new(),
    }
}
