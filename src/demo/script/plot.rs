//! The go-live played unattended: what happens next, from the session's state alone. Pure.

use super::{
    cast::Cast,
    team::{Line, team},
};
use crate::domain::{
    command::Command,
    comparison::Sides,
    course::{CourseCommand, Ending, Phase},
    gate,
    name::PersonName,
    next_step::waits_for_a_judgement,
    pipeline::{StageState, next_index, waits_at_pause},
    poll::{Decision, PollCommand},
    refusal::Obstacle,
    rollout::{RolloutCommand, Trouble, troubles},
    session::Session,
    time::Now,
};

/// How a session of the script is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Live, verified, closed.
    Verified,
    /// The line stopped, and everything was brought back.
    RolledBack,
}

impl End {
    pub fn is(self, ending: &Ending) -> bool {
        match self {
            End::Verified => *ending == Ending::Verified,
            End::RolledBack => *ending == Ending::RolledBack,
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            End::Verified => "verified",
            End::RolledBack => "rolled back",
        }
    }
}

/// What the script does now.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Somebody does something.
    Line(Line),
    /// The engine works, or time passes; what for, in words.
    Wait(String),
    /// The session is closed.
    Over(Ending),
    /// The script does not know how to go on: it has not ended as it says.
    Stuck(String),
}

/// Whose word is needed, in the roles of the plan.
const DECIDER: &str = "decider";
const DEPLOYER: &str = "deployer";

pub fn next(session: &Session, now: Now, cast: &Cast) -> Next {
    if let Some(ending) = &session.course.ending {
        return Next::Over(ending.clone());
    }
    if let Some(line) = team(session, now, cast) {
        return Next::Line(line);
    }
    match session.course.phase {
        Phase::Preparing | Phase::Polling => decide(session, now, cast),
        Phase::Go => start(session, now, cast),
        Phase::UnderWay | Phase::LiveUnverified => under_way(session, now, cast),
        Phase::RollingBack => rolling_back(session),
        Phase::Verified | Phase::RolledBack => {
            line(session, cast, DEPLOYER, Command::Course(CourseCommand::Close))
        }
        Phase::NoGo => Next::Stuck("NO-GO was declared".into()),
        Phase::Closed => Next::Stuck("it is closed without an ending".into()),
    }
}

fn decide(session: &Session, now: Now, cast: &Cast) -> Next {
    if let Some(obstacle) = gate::to_go(session, now).first() {
        return waits(obstacle);
    }
    let declare = PollCommand::Declare {
        decision: Decision::Go,
        reason: "everything that was asked for is there".into(),
        ask_again: None,
    };
    line(session, cast, DECIDER, Command::Poll(declare))
}

fn start(session: &Session, now: Now, cast: &Cast) -> Next {
    let Some(index) = next_index(session) else {
        return Next::Stuck("there is no stage left to start".into());
    };
    if let Some(obstacle) = gate::to_start(session, index, now).first() {
        return waits(obstacle);
    }
    line(session, cast, DEPLOYER, Command::Rollout(RolloutCommand::Start { stage: None }))
}

/// More errors than this above the rest's, in hundredths of a percent, and nobody would let it go on.
const MORE: u64 = 100;

/// By the figures that a person would look at.
fn judged(sides: &Sides) -> RolloutCommand {
    let (new, rest) = (sides.new.error_share().unwrap_or(0), sides.rest.error_share().unwrap_or(0));
    let passed = new <= rest + MORE;
    let note = if passed { String::new() } else { "more errors than the rest has".to_owned() };
    RolloutCommand::Judge { stage: None, passed, note }
}

/// A trouble is claimed, the line is held, and then it goes back: as a careful team would do it.
fn under_way(session: &Session, now: Now, cast: &Cast) -> Next {
    if let Some(trouble) = troubles(session).first() {
        return troubled(session, cast, trouble);
    }
    if let Some(due) = waits_for_a_judgement(session) {
        return match session.rollout.compared(&due.run.environment).map(|it| (it, it.too_few())) {
            Some((sides, None)) => line(session, cast, DEPLOYER, Command::Rollout(judged(&sides))),
            Some((_, Some(few))) => Next::Wait(few),
            None => Next::Wait("both sides are counted".into()),
        };
    }
    if let Some(run) = waits_at_pause(session).filter(|_| session.course.hold.is_none()) {
        return match gate::to_go_on(session, run).first() {
            None => line(session, cast, DEPLOYER, Command::Course(CourseCommand::Continue)),
            Some(obstacle) => waits(obstacle),
        };
    }
    let ready = session.pipeline.running().is_some_and(|run| run.state == StageState::Ready);
    if ready && gate::to_promote_next(session, now).is_empty() {
        return line(session, cast, DEPLOYER, Command::Rollout(RolloutCommand::Promote));
    }
    let stage = session.pipeline.running().map(|run| format!("{} is {}", run.name, run.state.word()));
    Next::Wait(stage.unwrap_or_else(|| format!("it is {}", session.course.phase.word())))
}

fn troubled(session: &Session, cast: &Cast, trouble: &Trouble) -> Next {
    if session.rollout.claim.is_none() {
        return line(session, cast, DEPLOYER, Command::Rollout(RolloutCommand::Claim));
    }
    if session.course.hold.is_none() {
        let reason = format!("{}: nobody goes on until we know more", trouble.words());
        return line(session, cast, "support", Command::Course(CourseCommand::Hold { reason }));
    }
    line(session, cast, DEPLOYER, Command::Rollout(RolloutCommand::RollBack { only: Vec::new() }))
}

fn rolling_back(session: &Session) -> Next {
    let failed = |trouble: &Trouble| matches!(trouble, Trouble::RollbackFailed { .. });
    match troubles(session).into_iter().find(failed) {
        Some(trouble) => Next::Stuck(trouble.words()),
        None => Next::Wait("the rollback is under way".into()),
    }
}

fn waits(obstacle: &Obstacle) -> Next {
    Next::Wait(format!("{}: {}", obstacle.what, obstacle.why))
}

fn line(session: &Session, cast: &Cast, role: &str, command: Command) -> Next {
    let person: Option<PersonName> = cast.with_role(session.plan(), role);
    match person {
        Some(person) => Next::Line(Line { person, command }),
        None => Next::Stuck(format!("nobody of the script is {role}")),
    }
}
