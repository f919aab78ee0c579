//! Running a check: its parts, their effects, and the verdict over them.

use super::{CheckRun, JudgedVerdict, Part, RunWhy, SignalEvent, home_of};
use crate::domain::{
    comparison,
    effect::{Effect, EffectId, Outcome, Target, Work},
    effect_log::EffectEvent,
    event::Event,
    name::{CheckName, Digest, EnvironmentName, UnitId},
    plan::Scope,
    refusal::Refusal,
    session::Session,
};

/// Parts of one run that are under way at once.
const AT_ONCE: usize = 64;

/// Somebody asked for a run of a check.
pub fn decide_run(session: &Session, check: &CheckName) -> Result<Vec<Event>, Refusal> {
    if session.plan().check(check.as_str()).is_none() {
        return Err(Refusal::input(format!("there is no check {check}"), "a check declared in golive.toml"));
    }
    if comparison::by_hand(session, check) {
        return Err(Refusal::rule(
            format!("no machine runs the {check}"),
            "a person who judges it (golive compare)",
        ));
    }
    let Some(environment) = home_of(session, check) else {
        return Err(Refusal::input("the plan has no environment", "a plan with stages"));
    };
    if session.checks.run(check, &environment).is_some_and(|run| run.running.is_some()) {
        // Asked twice: it runs, which is what was asked for.
        return Ok(Vec::new());
    }
    Ok(ask(session, check, &environment, None, RunWhy::Person).into_iter().collect())
}

/// The event that begins a run over `units` (by default all of the environment's).
pub fn ask(
    session: &Session,
    check: &CheckName,
    environment: &EnvironmentName,
    units: Option<Vec<UnitId>>,
    why: RunWhy,
) -> Option<Event> {
    let spec = session.plan().check(check.as_str())?;
    let attempt = session.checks.run(check, environment).map_or(0, |run| run.attempt) + 1;
    let units = match spec.scope() {
        Scope::Environment => vec![None],
        Scope::Hosts => match units {
            Some(units) => units.into_iter().map(Some).collect(),
            None => session
                .plan()
                .environments
                .get(environment)?
                .hosts()
                .map(|host| Some(host.unit.clone()))
                .collect(),
        },
    };
    let check = check.clone();
    let environment = environment.clone();
    Some(Event::Signal(SignalEvent::RunAsked { check, environment, attempt, units, why }))
}

/// The next part's effect, or the verdict where all parts ended.
pub fn start_effects(
    session: &Session,
    check: &CheckName,
    environment: &EnvironmentName,
    run: &CheckRun,
) -> Option<Event> {
    let running = run.running.as_ref()?;
    if let Some(unit) = running.waiting.first().filter(|_| running.working.len() < AT_ONCE) {
        let target =
            Target::Check { check: check.clone(), environment: environment.clone(), unit: unit.clone() };
        if session.flights.get(&target).is_some() {
            return None;
        }
        let effect = Effect {
            id: EffectId { target, attempt: run.attempt, step: 0 },
            work: Work::Check {
                check: check.clone(),
                environment: environment.clone(),
                unit: unit.clone(),
                version: session.course.release.candidate.version.clone(),
                since: session.drills.asked_since(check),
            },
        };
        return Some(Event::Effect(EffectEvent::Started { effect: effect.into() }));
    }
    (running.waiting.is_empty() && running.working.is_empty())
        .then(|| judge(check, environment, run.attempt, &running.ended))
}

/// One part ended.
pub fn ended(session: &mut Session, id: &EffectId, outcome: &Outcome) {
    let Target::Check { check, environment, unit } = &id.target else { return };
    let run = session.checks.run_mut(check, environment);
    if let Some(running) = &mut run.running
        && run.attempt == id.attempt
        && running.working.remove(unit)
    {
        running.ended.push(Part { unit: unit.clone(), outcome: outcome.clone() });
    }
    session.mark_checks();
}

fn judge(check: &CheckName, environment: &EnvironmentName, attempt: u32, parts: &[Part]) -> Event {
    let n = parts.len() as u32;
    let passed = parts.iter().filter(|part| matches!(part.outcome, Outcome::Done { .. })).count() as u32;
    let on = |part: &Part| part.unit.as_ref().map_or(String::new(), |unit| format!("{unit}: "));
    let failed = parts.iter().find_map(|part| match &part.outcome {
        Outcome::Failed { why, evidence } => Some((format!("{}{why}", on(part)), evidence.clone())),
        _ => None,
    });
    let undecided = parts.iter().find_map(|part| match &part.outcome {
        Outcome::Inconclusive { why } => Some(format!("{}{why}", on(part))),
        Outcome::Cancelled => Some(format!("{}cancelled", on(part))),
        Outcome::Seen(_) => Some(format!("{}an answer of another kind", on(part))),
        _ => None,
    });
    let (verdict, shows, evidence) = match (failed, undecided) {
        (Some((why, evidence)), _) => (JudgedVerdict::Failed, why, evidence),
        (None, Some(why)) => (JudgedVerdict::Inconclusive, why, None),
        (None, None) if n == 0 => (JudgedVerdict::Inconclusive, "nothing to look at".into(), None),
        (None, None) => {
            let note = parts.iter().find_map(|part| match &part.outcome {
                Outcome::Done { note, .. } if n == 1 && !note.is_empty() => Some(note.clone()),
                _ => None,
            });
            (JudgedVerdict::Passed, note.unwrap_or_else(|| format!("{passed} of {n}")), None)
        }
    };
    Event::Signal(SignalEvent::Judged {
        check: check.clone(),
        environment: environment.clone(),
        attempt,
        verdict,
        n,
        passed,
        shows,
        evidence,
        input: Digest::of_value("golive/check-input/1", &parts),
    })
}
