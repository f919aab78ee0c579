//! A rehearsal played unattended: to where all of it is live, and back again. Whoever rehearses says all that is to be
//! said, at once; what stops the line is brought back, since a rehearsal that stopped has shown what it was to show. Pure.

use super::{
    cast::Cast,
    plot::Next,
    team::{Line, team},
};
use crate::domain::{
    command::Command,
    course::{CourseCommand, Phase},
    name::PersonName,
    next_step::{NextStep, next_step},
    poll::{Decision, PollCommand},
    rollout::{self, RolloutCommand},
    session::Session,
    time::Now,
};

/// What comes next. `back`: once all of it is live, what was changed goes back.
pub fn run_through(session: &Session, now: Now, person: &PersonName, back: bool) -> Next {
    if let Some(ending) = &session.course.ending {
        return Next::Over(ending.clone());
    }
    if let Some(line) = team(session, now, &Cast::unattended()) {
        return Next::Line(line);
    }
    let say = |command: Command| Next::Line(Line { person: person.clone(), command });
    let roll_back = || say(Command::Rollout(RolloutCommand::RollBack { only: Vec::new() }));
    let as_it_is = |why: &str| {
        let reason = format!("the rehearsal stopped: {why}");
        say(Command::Rollout(RolloutCommand::EndAsIs { reason }))
    };
    let live = session.course.phase == Phase::Verified;
    let (next, obstacles) = next_step(session, now);
    match (next, obstacles.first()) {
        (NextStep::Human(_), _) if rollout::scope(session).is_ok() => roll_back(),
        (NextStep::Human(_), _) => as_it_is("there is nothing to go back to"),
        (NextStep::HumanInRollback, why) => as_it_is(why.map_or("on its way back", |it| it.why.as_str())),
        (NextStep::Close, _) if live && back && rollout::scope(session).is_ok() => roll_back(),
        (NextStep::HumanAtHost, None) => Next::Wait("a host that is looked after needs a human".to_owned()),
        (NextStep::Nobody(what) | NextStep::Capacity(what) | NextStep::Recovery(what, _), None) => {
            Next::Wait(what)
        }
        (_, Some(obstacle)) => Next::Wait(format!("{}: {}", obstacle.what, obstacle.why)),
        (NextStep::DeclareGo, None) => say(Command::Poll(PollCommand::Declare {
            decision: Decision::Go,
            reason: "a rehearsal: nobody was asked".to_owned(),
            ask_again: None,
        })),
        (NextStep::Start(..), None) => say(Command::Rollout(RolloutCommand::Start { stage: None })),
        (NextStep::Promote(_), None) => say(Command::Rollout(RolloutCommand::Promote)),
        (NextStep::Continue, None) => say(Command::Course(CourseCommand::Continue)),
        (NextStep::Close, None) => say(Command::Course(CourseCommand::Close)),
        (NextStep::Judge(stage), None) => Next::Stuck(format!("{stage} waits for a judgement")),
        (NextStep::Nothing, None) => {
            Next::Stuck("nothing is left to be done, and it is not closed".to_owned())
        }
    }
}
