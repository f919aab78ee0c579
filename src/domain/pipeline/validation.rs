//! Validations of a stage: all must pass after its hosts are done.

use super::{StageRun, StageState};
use crate::domain::{
    comparison,
    name::CheckName,
    plan::{Stage, Step},
    refusal::{Obstacle, ObstacleKind},
    rollout::Trouble,
    session::{Next, Session},
    signal::{self, CheckRun, Judged, JudgedVerdict, RunWhy},
    time::SessionTime,
};

/// What follows until all of these have passed; none: they have.
pub(super) fn next(session: &Session, run: &StageRun, checks: &[CheckName]) -> Option<Next> {
    for check in checks {
        let running = running(session.checks.run(check, &run.environment));
        match validation_standing(session, run, check) {
            None if comparison::by_hand(session, check) => return Some(Next::Nothing),
            None if running => return Some(Next::Nothing),
            None => {
                // Where one region is taken after another, those of the region whose turn it is.
                let units = if run.by_region() { run.units_of_turn() } else { run.units_by_now() };
                let units = Some(units.to_vec());
                let asked = signal::ask_run(session, check, &run.environment, units, RunWhy::Validation);
                return Some(asked.map_or(Next::Nothing, |event| Next::Events(vec![event])));
            }
            Some(judged) if running || judged.verdict != JudgedVerdict::Passed => return Some(Next::Nothing),
            Some(_) => {}
        }
    }
    None
}

/// What machines look at once the hosts are done. What a person compares can be judged until the promotion, and stops
/// nothing before that.
pub(super) fn by_machine(session: &Session, stage: &Stage) -> Vec<CheckName> {
    stage.validations.iter().filter(|check| !comparison::by_hand(session, check)).cloned().collect()
}

/// What is to pass for the promotion. A first deploy has nothing beside it that it could be compared with.
fn of_stage<'a>(
    session: &'a Session,
    run: &'a StageRun,
    stage: &'a Stage,
) -> impl Iterator<Item = &'a CheckName> {
    let first = run.started.is_some() && run.from.is_none();
    stage.validations.iter().filter(move |check| !(first && comparison::by_hand(session, check)))
}

/// Of the checks of a step on the way those that can be asked.
pub(super) fn at_step(session: &Session, run: &StageRun, checks: &[CheckName]) -> Vec<CheckName> {
    let beside = |check: &&CheckName| run.from.is_some() || !comparison::by_hand(session, check);
    checks.iter().filter(beside).cloned().collect()
}

/// What is to pass now.
fn asked<'a>(session: &'a Session, run: &'a StageRun) -> Vec<&'a CheckName> {
    if let Some(Step::Validate(checks)) = run.step() {
        return checks.iter().collect();
    }
    let stage = || session.plan().stage(&run.name).map(|(_, stage)| of_stage(session, run, stage));
    match run.state {
        StageState::Validating => stage().into_iter().flatten().collect(),
        StageState::Baking | StageState::Ready => {
            stage().into_iter().flatten().filter(|check| comparison::by_hand(session, check)).collect()
        }
        _ => Vec::new(),
    }
}

/// The verdict of a validation since the stage's hosts were done, or since the step began that asks for it; none: not
/// yet.
pub fn validation_standing<'a>(
    session: &'a Session,
    run: &StageRun,
    check: &CheckName,
) -> Option<&'a Judged> {
    let since = at_a_step(run, check).or(run.rolled_out.map(|at| at.session))?;
    let last = session.checks.run(check, &run.environment)?.last.as_ref()?;
    // A run that began before the hosts were done has looked at something else.
    let began = last.at.session.0.saturating_sub(last.took.0);
    (began >= since.0).then_some(last)
}

/// When the step began that asks for it, if no host was taken since: it stands while the stage waits for something else.
fn at_a_step(run: &StageRun, check: &CheckName) -> Option<SessionTime> {
    run.step()?;
    let begun = run.steps.iter().enumerate().take(run.at.step as usize + 1).rev();
    let mut since_hosts = begun.take_while(|(_, step)| step.batch().is_none());
    let (nth, _) =
        since_hosts.find(|(_, step)| matches!(step, Step::Validate(checks) if checks.contains(check)))?;
    run.begun.get(nth).map(|at| at.session)
}

/// Validations of a stage under way that did not pass and are not being run again.
pub fn failed_in<'a>(session: &'a Session, run: &'a StageRun) -> impl Iterator<Item = Trouble> + 'a {
    asked(session, run)
        .into_iter()
        .filter(|check| !running(session.checks.run(check, &run.environment)))
        .filter_map(|check| {
            let judged = validation_standing(session, run, check)?;
            (judged.verdict != JudgedVerdict::Passed).then(|| Trouble::Validation {
                check: check.clone(),
                stage: session.pipeline.branches().then(|| run.name.clone()),
                by_hand: comparison::by_hand(session, check),
                why: judged.shows.clone(),
                since: judged.at.session,
            })
        })
}

/// Whether the last word on any of what a stage asks for now is that it did not pass, also while it is run again.
pub fn has_failed(session: &Session, run: &StageRun) -> bool {
    let last = |check: &CheckName| validation_standing(session, run, check);
    asked(session, run).into_iter().filter_map(last).any(|judged| judged.verdict != JudgedVerdict::Passed)
}

/// Those of all stages under way.
pub fn failed_validations(session: &Session) -> Vec<Trouble> {
    session.pipeline.under_way().flat_map(|run| failed_in(session, run)).collect()
}

fn running(run: Option<&CheckRun>) -> bool {
    run.is_some_and(|run| run.running.is_some())
}

/// What validations put in the way of promoting this stage, or of closing.
pub fn validation_obstacles(session: &Session, run: &StageRun) -> Vec<Obstacle> {
    let Some((_, stage)) = session.plan().stage(&run.name) else { return Vec::new() };
    of_stage(session, run, stage)
        .filter_map(|check| {
            let by_hand = comparison::by_hand(session, check);
            let (why, lift) = match validation_standing(session, run, check) {
                Some(judged) if judged.verdict == JudgedVerdict::Passed => return None,
                Some(judged) if by_hand => {
                    (judged.shows.clone(), "judging it again (4 v), or rolling back (R)")
                }
                None if by_hand && run.rolled_out.is_some() => {
                    ("nobody has judged it".into(), "a person who compares (4 v)")
                }
                Some(judged) => (judged.shows.clone(), "trying it again (T), or rolling back (R)"),
                None if running(session.checks.run(check, &run.environment)) => ("running".into(), "its end"),
                None => ("not run yet".into(), "the hosts being done, then its run"),
            };
            Some(Obstacle {
                kind: ObstacleKind::Validation(check.to_string()),
                what: format!("validation {check}"),
                why,
                lift: lift.into(),
                who: String::new(),
            })
        })
        .collect()
}
