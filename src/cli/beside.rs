//! What `golive status` says of stages that go on beside each other: what each comes after, what waits for the line, and
//! what stays on the new version where another environment goes back.

use crate::domain::{
    gate,
    name::StageName,
    pipeline::{StageState, closed_over, region_waits},
    rollout,
    session::Session,
    time::Now,
};

/// The stages right before this one, by name.
pub fn after(session: &Session, stage: &StageName) -> Vec<String> {
    let plan = session.plan();
    let Some((index, _)) = plan.stage(stage) else { return Vec::new() };
    plan.before(index).into_iter().map(|at| plan.stages[at].name.to_string()).collect()
}

/// `, after beta, gamma`: where the plan branches; nothing where each is after the one before it.
pub fn follows(session: &Session, stage: &StageName) -> String {
    match after(session, stage).as_slice() {
        [] => String::new(),
        _ if !session.pipeline.branches() => String::new(),
        names => format!(", after {}", names.join(", ")),
    }
}

/// What waits for others: hosts at a barrier, stages for the line, what nobody has taken back yet, and a region for its
/// hours.
pub fn waits(session: &Session, now: Now) -> Vec<String> {
    let barred = rollout::barred(session).into_iter().map(|it| it.words());
    barred.chain(for_the_line(session)).chain(stay(session)).chain(for_hours(session, now)).collect()
}

/// `1-box: eu opens at Mon 23 Nov 22:00 Europe/Berlin (21:00 UTC) (off-peak)`: whose hours a stage under way waits for.
fn for_hours(session: &Session, now: Now) -> Vec<String> {
    let regions = session.pipeline.under_way().filter_map(|run| {
        let waits = region_waits(session, run, now)?;
        Some(format!("{}: {}", run.name, waits.in_words()))
    });
    regions.collect()
}

/// `gamma waits for the line: beta rolls: 1 of 2 hosts done`.
fn for_the_line(session: &Session) -> Vec<String> {
    let pipeline = &session.pipeline;
    let Some(rolls) = pipeline.rolling().filter(|_| pipeline.branches()) else { return Vec::new() };
    let waits = (0..pipeline.stages.len()).filter(|index| pipeline.may_begin(*index));
    let line = gate::rolls(session, rolls);
    waits.map(|index| format!("{} waits for the line: {line}", pipeline.stages[index].name)).collect()
}

/// `us goes back, and production stays on 2.5.0 until R takes it back too (golive rollback)`.
fn stay(session: &Session) -> Vec<String> {
    let went = |state: StageState| matches!(state, StageState::RollingBack | StageState::RolledBack);
    let Some(back) = session.pipeline.stages.iter().rfind(|run| went(run.state)) else { return Vec::new() };
    let version = &session.course.release.candidate.version;
    let goes = if back.state == StageState::RolledBack { "is back" } else { "goes back" };
    let rollout::Staying { by_r, by_name } = rollout::staying(session, &back.environment);
    let back = &back.environment;
    let by_r = by_r.into_iter().map(|environment| {
        format!("{back} {goes}; {environment} stays on {version} until it is rolled back too (R)")
    });
    let by_name = by_name.into_iter().map(|environment| {
        let command = format!("golive rollback --environment {environment}");
        format!("{back} {goes}; {environment} stays on {version} until it is rolled back by name ({command})")
    });
    by_r.chain(by_name).collect()
}

/// Stages that were started outside their windows, and by whom; and one that goes on past its own.
pub fn outside(session: &Session, now: Now) -> Vec<String> {
    let started = session.pipeline.stages.iter().filter_map(|run| {
        let outside = run.outside.as_ref()?;
        let by = outside.by.as_ref().map_or("somebody", |person| person.as_str());
        // The region that it was for stands in what was closed.
        let closed = outside.closed.join("; ");
        Some(format!("{}: {closed} was overridden by {by}: {}", run.name, outside.reason))
    });
    let past = closed_over(session, now)
        .map(|(run, what)| format!("{what} is closed: {} goes on, and nothing further starts", run.name));
    started.chain(past).collect()
}
