//! Where a session stands: what may happen next, what is in the way of it, and whether it stands still until
//! somebody acts. A fold of the domain's own answers, for `status`, `run` and whoever waits for an end.

use crate::{
    cli::{command::by_command, exit::Exit},
    domain::{
        checklist::{self, When},
        course::{Ending, Phase, close_obstacles},
        gate,
        pipeline::{self, StageState, Verifies},
        poll::{self, Decision},
        refusal::Obstacle,
        rollout,
        session::Session,
        time::Now,
    },
};

/// The next decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    DeclareGo,
    /// The stage of this index and name.
    Start(usize, String),
    Promote(String),
    /// What is under way goes on by itself: what, and how it stands.
    Nobody(String),
    /// The line stopped: somebody has to say how it goes on.
    Human,
    /// A rollback stopped: it goes on with what stopped it, or the session ends as it is.
    HumanInRollback,
    /// Somebody said HOLD, or a planned pause waits for a person: nothing new begins until somebody says so.
    Continue,
    Close,
    /// The session is closed.
    Nothing,
}

impl Next {
    /// `declare go`, `start production`: the command that takes it.
    pub fn words(&self) -> String {
        match self {
            Next::DeclareGo => "declare go".into(),
            Next::Start(_, stage) => format!("start {stage}"),
            Next::Promote(stage) => format!("promote ({stage})"),
            Next::Nobody(what) => format!("nothing to do: {what}"),
            Next::Human => "a human: rollout try, mark-done, exclude or force-next, or rollback".into(),
            Next::HumanInRollback => {
                "a human: the rollback stopped; rollout try, or rollout end-as-is".into()
            }
            Next::Continue => "continue".into(),
            Next::Close => "close".into(),
            Next::Nothing => "nothing: the session is closed".into(),
        }
    }
}

/// The command that comes next. Before a GO that is what clears the first thing in its way, and whose it is: nobody
/// declares what the votes do not say.
pub fn step(next: &Next, obstacles: &[Obstacle]) -> String {
    let Some(first) = obstacles.first().filter(|_| *next == Next::DeclareGo) else { return next.words() };
    let lift = by_command::obstacle(first.clone()).lift;
    let command = lift.rsplit_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    let Some(command) = command else { return next.words() };
    let command = command.strip_prefix("golive ").unwrap_or(command);
    let whose = [first.what.as_str(), first.who.as_str()].into_iter().filter(|word| !word.is_empty());
    format!("{command} ({})", whose.collect::<Vec<_>>().join(": "))
}

/// The next decision, with what is in its way.
pub fn next(session: &Session, now: Now) -> (Next, Vec<Obstacle>) {
    if session.course.is_over() {
        return (Next::Nothing, Vec::new());
    }
    if session.course.phase == Phase::RollingBack {
        let stopped = gate::stopped(session);
        if !stopped.is_empty() {
            return (Next::HumanInRollback, stopped);
        }
        return (Next::Nobody("the rollback goes on".into()), close_obstacles(session, now));
    }
    match going_on(session, now) {
        // The gate names the hold among what is in the way.
        (Next::Nobody(_) | Next::Start(..) | Next::Promote(_), list) if session.course.hold.is_some() => {
            (Next::Continue, list)
        }
        next => next,
    }
}

/// The next decision of a session that goes on, as if nobody held it.
fn going_on(session: &Session, now: Now) -> (Next, Vec<Obstacle>) {
    if !rollout::troubles(session).is_empty() {
        let list = gate::to_promote(session, now);
        return (Next::Human, if list.is_empty() { close_obstacles(session, now) } else { list });
    }
    if matches!(session.course.phase, Phase::Verified | Phase::RolledBack) {
        return (Next::Close, close_obstacles(session, now));
    }
    if let Some(run) = pipeline::waits_at_pause(session) {
        return (Next::Continue, gate::to_go_on(session, run));
    }
    if let Some(run) = session.pipeline.running() {
        let mut list = gate::to_promote(session, now);
        let last = session.pipeline.index_after(&run.name).is_none();
        let human = !last || pipeline::verifies(session, now) != Verifies::Tests;
        if last && human {
            list.extend(checklist::obstacles(session, now, When::PostLive));
        } else if last && list.is_empty() {
            list = close_obstacles(session, now);
        }
        return match run.state {
            StageState::Ready if human => (Next::Promote(run.name.to_string()), list),
            StageState::Ready => (Next::Close, list),
            state => (Next::Nobody(format!("{} is {}", run.name, state.word())), list),
        };
    }
    if session.course.phase == Phase::LiveUnverified {
        return (Next::Close, close_obstacles(session, now));
    }
    let Some(index) = session.pipeline.next_index() else {
        return (Next::Close, close_obstacles(session, now));
    };
    if index >= session.plan().poll_index()
        && session.course.started.is_none()
        && !poll::go_valid(session, now)
    {
        return (Next::DeclareGo, gate::to_go(session, now));
    }
    let stage = session.plan().stages[index].name.to_string();
    (Next::Start(index, stage), gate::to_start(session, index, now))
}

/// How the line ended or where it stopped; none: it still moves by itself.
pub fn still(session: &Session) -> Option<Exit> {
    if let Some(ending) = &session.course.ending {
        return Some(match ending {
            Ending::Verified => Exit::Done,
            Ending::NoGo { .. } | Ending::Abandoned { .. } => Exit::NotReady,
            Ending::RolledBack | Ending::AsIs { .. } => Exit::Failed,
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
        Phase::Verified => return Some(Exit::Done),
        _ => {}
    }
    if session.rollout.rollbacks.values().any(|rollback| rollback.ended.is_none()) {
        return None;
    }
    if session.course.hold.is_some() {
        return (!moving).then_some(Exit::WaitsForHuman);
    }
    if pipeline::waits_at_pause(session).is_some() {
        return Some(Exit::WaitsForHuman);
    }
    match session.pipeline.running().map(|run| run.state) {
        Some(StageState::Ready) | None => Some(Exit::Done),
        Some(_) => None,
    }
}

/// Where the session stands, as an exit status: 0 nothing in the way, 4, 5 or 6.
pub fn verdict(session: &Session, now: Now) -> Exit {
    let stopped = still(session);
    if let Some(exit @ (Exit::Failed | Exit::WaitsForHuman)) = stopped {
        return exit;
    }
    let no_go = session.poll.declared.as_ref().is_some_and(|declared| declared.decision == Decision::NoGo);
    let (next, obstacles) = next(session, now);
    if next == Next::Nothing {
        return stopped.unwrap_or(Exit::Done);
    }
    if obstacles.is_empty() && !no_go { Exit::Done } else { Exit::NotReady }
}
