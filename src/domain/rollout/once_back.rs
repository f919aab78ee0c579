//! The way back of what ran once, as a mirror of the way there: what ran after the hosts is taken back before they go,
//! what ran before them once all of them are back. What was never begun is not taken back.

use super::{
    Direction, OnceRun, OnceState,
    once::{begin, left_behind, under_way},
    readiness,
    rollback::place,
};
use crate::domain::{
    effect_log::EffectEvent,
    event::{Event, Stamped},
    lock,
    name::{EnvironmentName, OnceName, StageName},
    pipeline::StageRun,
    plan::{Once, When},
    project,
    refusal::{Obstacle, ObstacleKind},
    session::{Next, Session},
};

/// How what ran once, or may have, stands towards a rollback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenBack {
    pub stage: StageName,
    pub once: OnceName,
    /// What is said of it, as a sentence without its end.
    pub words: String,
    /// A rollback has still to run what takes it back.
    pub waits: bool,
    /// A rollback leaves as it is what this release ran.
    pub stays: bool,
    /// What a rollback would run for that, as the plan has it; none: it would run nothing.
    pub runs: Option<String>,
}

/// The stages of every way back of a whole environment that goes on.
pub(super) fn going(session: &Session) -> impl Iterator<Item = &StageRun> {
    session.pipeline.stages.iter().filter(|run| {
        let rollback = session.rollout.rollbacks.get(&run.environment);
        run.started.is_some() && rollback.is_some_and(|it| it.ended.is_none() && !it.narrow)
    })
}

/// What was begun in this environment, the last first.
fn begun<'a>(
    session: &'a Session,
    environment: &'a EnvironmentName,
) -> impl Iterator<Item = (&'a StageRun, &'a OnceRun)> {
    let stages = session.pipeline.stages.iter().rev().filter(move |run| run.environment == *environment);
    stages.flat_map(|run| run.once.iter().rev().map(move |it| (run, it)))
}

fn is(session: &Session, run: &StageRun, it: &OnceRun, when: When) -> bool {
    session.plan().once(&run.name, &it.name).is_some_and(|declared| declared.when == when)
}

fn declares_back(session: &Session, run: &StageRun, it: &OnceRun) -> bool {
    session.plan().once(&run.name, &it.name).is_some_and(|declared| !declared.back.is_empty())
}

/// A rollback has still to run what takes it back.
fn open(session: &Session, run: &StageRun, it: &OnceRun) -> bool {
    !it.back.as_ref().is_some_and(OnceState::through) && declares_back(session, run, it)
}

/// What has to end before the first host goes back; none: nothing has.
pub(super) fn before_hosts(session: &Session, environment: &EnvironmentName) -> Option<Next> {
    // What still runs forward is ended first: nothing else is taken back beside it.
    let runs = begun(session, environment).find(|(_, it)| it.state == OnceState::UnderWay);
    if runs.is_some()
        && let Some(flight) = under_way(session)
    {
        if flight.cancel_asked {
            return Some(Next::Nothing);
        }
        let (id, why) = (flight.effect.id.clone(), "it is rolled back".to_owned());
        return Some(Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why })]));
    }
    next(session, environment, When::After)
}

/// What has to end once all hosts are back; none: nothing has. While a host was not brought back, nothing below it is
/// taken from it: that is left for the rollback that brings it back.
pub(super) fn after_hosts(session: &Session, environment: &EnvironmentName) -> Option<Next> {
    if session.rollout.to_go_back(environment) > 0 {
        return None;
    }
    next(session, environment, When::Before)
}

fn next(session: &Session, environment: &EnvironmentName, when: When) -> Option<Next> {
    let (run, it) =
        begun(session, environment).find(|(run, it)| is(session, run, it, when) && open(session, run, it))?;
    match &it.back {
        None | Some(OnceState::Again) if lock::may_touch(session, environment, Direction::Back) => {
            Some(begin(session, run, &it.name, true))
        }
        None | Some(OnceState::Again) => Some(Next::WhenCapacity),
        Some(_) => Some(Next::Nothing),
    }
}

/// Whether hosts of the environment wait for it before they go back.
pub(super) fn keeps_hosts(session: &Session, environment: &EnvironmentName) -> bool {
    let narrow = session.rollout.rollbacks.get(environment).is_none_or(|rollback| rollback.narrow);
    !narrow && before_hosts(session, environment).is_some()
}

/// Something is left of it for a rollback of this environment.
pub(super) fn waits(session: &Session, environment: &EnvironmentName) -> bool {
    begun(session, environment).any(|(run, it)| it.state == OnceState::UnderWay || open(session, run, it))
}

/// The first stage of which something is left for a rollback.
pub fn to_take_back(session: &Session) -> Option<&StageName> {
    let left = session
        .pipeline
        .stages
        .iter()
        .find(|run| run.once.iter().any(|it| it.state == OnceState::UnderWay || open(session, run, it)));
    left.map(|run| &run.name)
}

/// What a rollback that is over has not taken back, since not every host is back: nobody closes over it in silence.
pub fn left_over(session: &Session) -> Option<Obstacle> {
    let mut over = session.rollout.rollbacks.iter().filter(|(_, it)| it.ended.is_some() && !it.narrow);
    let (environment, (run, it)) = over.find_map(|(environment, _)| {
        let mut begun = begun(session, environment);
        Some((environment, begun.find(|(run, it)| open(session, run, it))?))
    })?;
    let hosts = session.rollout.to_go_back(environment);
    let why = match hosts {
        0 => format!("{} of {} is not taken back", it.name, run.name),
        _ => format!(
            "{} of {} is not taken back: {} not back",
            it.name,
            run.name,
            if hosts == 1 { "1 host is".to_owned() } else { format!("{hosts} hosts are") }
        ),
    };
    Some(Obstacle {
        kind: ObstacleKind::Stage,
        what: it.name.to_string(),
        why,
        lift: "rolling back again (R), or END AS IS (E)".into(),
        who: String::new(),
    })
}

/// The way back goes on while it is taken back.
pub(super) fn progressed(session: &mut Session, stage: &StageName, at: &Stamped) {
    let Some(environment) = session.pipeline.run(stage).map(|run| run.environment.clone()) else { return };
    if let Some(rollback) = session.rollout.rollbacks.get_mut(&environment) {
        rollback.progress = at.now.session;
    }
}

/// How everything that was begun and runs once stands, also towards a rollback, in the order in which it ran.
pub fn taken_back(session: &Session) -> Vec<TakenBack> {
    let stages = session.pipeline.stages.iter();
    let crossed = place(session).into_iter().flat_map(|environment| {
        project::crossed(session, environment).into_iter().map(|left| {
            let words = format!("{}: a rollback goes back past it", left.words());
            TakenBack {
                stage: left.stage.clone(),
                once: left.once.clone(),
                words,
                waits: false,
                stays: false,
                runs: None,
            }
        })
    });
    let all = stages.flat_map(|run| run.once.iter().map(move |it| (run, it)));
    let all = all.map(|(run, it)| {
        let left = left_behind(session, &it.name);
        let still = |back: bool| {
            let left = left.filter(|left| left.back == back)?;
            left.found.map(|found| format!("still runs ({found}), and its conductor was ended"))
        };
        let ran = match &it.state {
            OnceState::Done => "is done".to_owned(),
            OnceState::UnderWay => still(false).unwrap_or_else(|| "is under way".to_owned()),
            OnceState::Failed { .. } => "failed".to_owned(),
            OnceState::Unknown { .. } => "may have run or not".to_owned(),
            OnceState::Again => "is to be tried again".to_owned(),
            OnceState::Forced => "was passed over by a person".to_owned(),
        };
        let waits = open(session, run, it);
        let declared = session.plan().once(&run.name, &it.name).filter(|_| waits);
        let declared = declared.filter(|_| readiness::target(session, &run.environment).is_some());
        let runs = declared.map(|declared| Once::line(&declared.back));
        let back = match &it.back {
            Some(OnceState::Done) => "was taken back".to_owned(),
            Some(OnceState::Forced) => format!("{ran}, and was not taken back: a person let it be"),
            Some(OnceState::Failed { why }) => format!("{ran}; what takes it back failed: {why}"),
            Some(OnceState::Unknown { why }) => format!("{ran}; whether it was taken back is unknown: {why}"),
            Some(OnceState::UnderWay) => match still(true) {
                Some(still) => format!("{ran}; what takes it back {still}"),
                None => format!("{ran}, and is being taken back"),
            },
            Some(OnceState::Again) => format!("{ran}, and is to be taken back again"),
            None if !waits => format!("{ran}, and nothing takes it back"),
            None if runs.is_none() => format!("{ran}, and there is no previous version to roll back to"),
            None => format!("{ran}; a rollback runs {}", runs.as_deref().unwrap_or_default()),
        };
        let words = format!("{} of {} {back}", it.name, run.name);
        TakenBack {
            stage: run.name.clone(),
            once: it.name.clone(),
            words,
            waits,
            stays: it.back.is_none() && !waits,
            runs,
        }
    });
    crossed.chain(all).collect()
}

/// What ran once for an earlier release, or may have, and what a rollback goes back past without taking it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossed {
    pub once: OnceName,
    /// How it stands, as a sentence without its end.
    pub words: String,
    /// What becomes of what it changed: `what migrate changed stays, and 2.4.1 runs with it`.
    pub stays: String,
}

impl Crossed {
    /// How a shell asks for a rollback past all of these: `golive rollback --across-migration migrate`.
    pub fn asked(all: &[Self]) -> String {
        let mut flags: Vec<String> = Vec::new();
        for flag in all.iter().map(|it| format!(" --across-migration {}", it.once)) {
            // One name says it of every stage.
            if !flags.contains(&flag) {
                flags.push(flag);
            }
        }
        format!("golive rollback{}", flags.concat())
    }
}

/// All that a rollback of this environment would go back past: what releases before this one left behind, which were not
/// proven good. What this one ran is named in the plan, and in what R shows: where it can't be gone back past, that is its
/// point of no return.
pub fn crossed(session: &Session, environment: &EnvironmentName) -> Vec<Crossed> {
    let to =
        readiness::target(session, environment).map_or_else(String::new, |to| format!(" {}", to.version));
    let past = |once: &OnceName, words: String| Crossed {
        once: once.clone(),
        words,
        stays: format!("what {once} changed stays, and{to} runs with it"),
    };
    let left = project::crossed(session, environment).into_iter();
    left.map(|left| past(left.once, left.words())).collect()
}
