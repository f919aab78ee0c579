//! Where a session stands, for a shell: the command that comes next, whether the line stands still until somebody acts,
//! and the exit status that says so. What comes next is the domain's answer.

use crate::{
    cli::{command::by_command, exit::Exit},
    domain::{
        course::{
            Ending, Phase,
            hotfix::{self, Hotfix},
        },
        next_step::{NextStep, next_step, waits_for_a_judgement},
        pipeline::{self, StageState},
        poll::Decision,
        refusal::Obstacle,
        rollout,
        session::Session,
        time::Now,
    },
    report::utc,
};

/// `declare go`, `start production`: the command that takes it.
pub fn words(next: &NextStep) -> String {
    match next {
        NextStep::DeclareGo => "declare go".into(),
        NextStep::Start(_, stage) => format!("start {stage}"),
        NextStep::Promote(stage) => format!("promote ({stage})"),
        NextStep::Nobody(what) => format!("nothing to do: {what}"),
        NextStep::Capacity(lift) => format!("capacity: {}", by_command::by_command(lift)),
        NextStep::Recovery(what, lift) => format!("{what}: {}", by_command::by_command(lift)),
        NextStep::Human(lift) => format!("a human: {}", by_command::by_command(lift)),
        NextStep::HumanAtHost => "a human: rollout try, mark-done or exclude, or replace stop".into(),
        NextStep::HumanInRollback => {
            "a human: the rollback stopped; rollout try, or rollout end-as-is".into()
        }
        NextStep::Judge(stage) => format!("compare ({stage}): golive compare pass, or fail"),
        NextStep::Continue => "continue".into(),
        NextStep::Close => "close".into(),
        NextStep::Nothing => "nothing: the session is closed".into(),
    }
}

/// The command that comes next. Before a GO that is what clears the first thing in its way, and whose it is: nobody
/// declares what the votes do not say.
pub fn step(next: &NextStep, obstacles: &[Obstacle]) -> String {
    let Some(first) = obstacles.first().filter(|_| *next == NextStep::DeclareGo) else { return words(next) };
    let lift = by_command::obstacle(first.clone()).lift;
    let command = lift.rsplit_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    let Some(command) = command else { return words(next) };
    let command = command.strip_prefix("golive ").unwrap_or(command);
    let whose = [first.what.as_str(), first.who.as_str()].into_iter().filter(|word| !word.is_empty());
    format!("{command} ({})", whose.collect::<Vec<_>>().join(": "))
}

/// How the line ended or where it stopped; none: it still moves by itself.
pub fn still(session: &Session) -> Option<Exit> {
    if let Some(ending) = &session.course.ending {
        return Some(match ending {
            Ending::Verified => Exit::Done,
            Ending::NoGo { .. } | Ending::Abandoned { .. } => Exit::NotReady,
            Ending::RolledBack | Ending::AsIs { .. } | Ending::Partial { .. } | Ending::Superseded { .. } => {
                Exit::Failed
            }
        });
    }
    let moving = session.rollout.working().next().is_some();
    if !rollout::troubles(session).is_empty() {
        // Hosts under way finish first, so that what is said then holds.
        return (!moving).then_some(Exit::WaitsForHuman);
    }
    match session.course.phase {
        Phase::RolledBack => return Some(Exit::Failed),
        Phase::RollingBack => return None,
        // Live on a part of its hosts is no success.
        Phase::Verified if rollout::short_of(session).is_some() => return Some(Exit::Failed),
        Phase::Verified => return Some(Exit::Done),
        _ => {}
    }
    if session.rollout.rollbacks.values().any(|rollback| rollback.ended.is_none()) {
        return None;
    }
    if session.course.hold.is_some() {
        return (!moving).then_some(Exit::WaitsForHuman);
    }
    if pipeline::waits_at_pause(session).is_some() || waits_for_a_judgement(session).is_some() {
        return Some(Exit::WaitsForHuman);
    }
    let mut under_way = session.pipeline.under_way().map(|run| run.state).peekable();
    let runs = under_way.peek().is_some();
    match under_way.all(|state| state == StageState::Ready) {
        true if runs && rollout::short_of(session).is_some() => Some(Exit::Failed),
        true => Some(Exit::Done),
        false => None,
    }
}

/// Where the session stands, as an exit status: 0 nothing in the way, 4, 5 or 6.
pub fn verdict(session: &Session, now: Now) -> Exit {
    let stopped = still(session);
    if let Some(exit @ (Exit::Failed | Exit::WaitsForHuman)) = stopped {
        return exit;
    }
    let no_go = session.poll.declared.as_ref().is_some_and(|declared| declared.decision == Decision::NoGo);
    let (next, obstacles) = next_step(session, now);
    if next == NextStep::Nothing {
        return stopped.unwrap_or(Exit::Done);
    }
    if obstacles.is_empty() && !no_go { Exit::Done } else { Exit::NotReady }
}

/// What a hotfix skips and why, and who reviews it until when.
pub fn hotfix(it: &Hotfix) -> String {
    let (what, due) = (hotfix::words(&it.skips), utc(it.follow_up.due));
    format!("skips {what}: {}; review by {}, due {due}", it.reason, it.follow_up.owner)
}
