//! What is left of a part that has begun.

use super::{Chain, Expected, What, hosts, whole};
use crate::domain::{
    name::EnvironmentName,
    pipeline::{StageRun, bake_left, pause_left},
    plan::Stage,
    rollout::{self, Estimate, Forecast},
    session::Session,
    signal::JudgedVerdict,
    time::{Now, Span},
};

/// What is left of the part that is under way, and the hosts that it hangs on.
pub(super) fn left(
    session: &Session,
    forecast: &Forecast,
    stage: &Stage,
    run: &StageRun,
    what: &What,
    now: Now,
) -> (Expected, Chain) {
    let alone = |expected| (expected, Chain::default());
    match what {
        What::Hosts { batch, .. } => hosts::left(session, forecast, run, *batch, None, now),
        What::Gather { batch, after, at, .. } => {
            hosts::left(session, forecast, run, *batch, Some((*after, *at)), now)
        }
        What::Pause { pause, .. } if pause.span().is_some() => {
            let left = pause_left(run, now).unwrap_or(Span::ZERO);
            alone(Expected::Known(Estimate::planned(left)))
        }
        What::Bake { .. } => {
            let left = bake_left(session, run, now).unwrap_or(Span::ZERO);
            alone(Expected::Known(Estimate::planned(left)))
        }
        What::Downtime { environment, .. } => {
            alone(served_again(session, environment, whole(session, forecast, stage, what), now))
        }
        What::Shift { .. } => alone(shifting(session, whole(session, forecast, stage, what), run, now)),
        What::Validate { checks, .. } => alone(checking(session, forecast, stage, run, checks, now)),
        _ => alone(whole(session, forecast, stage, what)),
    }
}

/// Until a host serves again, by how long nobody has.
fn served_again(session: &Session, environment: &EnvironmentName, expected: Expected, now: Now) -> Expected {
    let down = session.rollout.downtime.get(environment);
    let spent = down.map_or(Span::ZERO, |down| down.by_now(now));
    match expected {
        Expected::Known(estimate) if spent > estimate.span => {
            let (spent, expected) = (Span::secs(spent.as_secs()), estimate.span);
            Expected::Unknown(format!("nobody has served for {spent}, expected {expected}"))
        }
        Expected::Known(estimate) => {
            let left = Span(estimate.span.0 - spent.0);
            Expected::Known(estimate.with(left))
        }
        other => other,
    }
}

/// As long as a look at the requests takes; where that is over, when any come nobody knows.
fn shifting(session: &Session, expected: Expected, run: &StageRun, now: Now) -> Expected {
    let spent = session.course.active(now.session).since(run.progress);
    match (rollout::not_shifted(session, run), expected) {
        (Some(why), Expected::Known(estimate)) if spent > estimate.span => {
            Expected::Unknown(format!("traffic has not shifted yet: {why}"))
        }
        (_, expected) => expected,
    }
}

/// Those that have passed since are over, and of the one that runs what it has taken is.
fn checking(
    session: &Session,
    forecast: &Forecast,
    stage: &Stage,
    run: &StageRun,
    checks: &[crate::domain::name::CheckName],
    now: Now,
) -> Expected {
    let open: Vec<_> = checks
        .iter()
        .filter(|check| {
            let judged = crate::domain::pipeline::validation_standing(session, run, check);
            judged.is_none_or(|judged| judged.verdict != JudgedVerdict::Passed)
        })
        .cloned()
        .collect();
    let running =
        open.first().and_then(|check| session.checks.run(check, &run.environment)?.running.as_ref());
    let spent = running.map_or(Span::ZERO, |running| now.session.since(running.since.session));
    match whole(session, forecast, stage, &What::Validate { step: None, checks: open.clone() }) {
        Expected::Known(estimate) => {
            let first = open.first().and_then(|check| forecast.check(&run.environment, check));
            let first = first.map_or(Span::ZERO, |first| first.span);
            if spent > Span::secs(10) && spent.0 / 3 > first.0 {
                let (name, spent) = (&open[0], Span::secs(spent.as_secs()));
                return Expected::Unknown(format!("{name} has run for {spent}, expected {first}"));
            }
            let left = Span(estimate.span.0 - spent.min(first).0);
            Expected::Known(estimate.with(left))
        }
        other => other,
    }
}
