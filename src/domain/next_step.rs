//! What comes next in a go-live, and what is in the way of it: one answer for `status`, for `run` and for the screens.

use super::{
    checklist::{self, When},
    comparison,
    course::{Phase, close_obstacles},
    gate, operation,
    pipeline::{self, StageRun, StageState, Verifies},
    plan::Promote,
    poll,
    refusal::{Obstacle, ObstacleKind},
    rollout::{self, Trouble},
    session::Session,
    time::Now,
};

/// The next decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextStep {
    DeclareGo,
    /// The stage of this index and name.
    Start(usize, String),
    Promote(String),
    /// What is under way goes on by itself: what, and how it stands.
    Nobody(String),
    /// A host waits for capacity that nobody under way will give: what lets it go on.
    Capacity(String),
    /// The line stopped: somebody has to say how it goes on; what lifts what stopped it first.
    Human(String),
    /// A host that is looked after did not come through: nothing is rolled back for it.
    HumanAtHost,
    /// A rollback stopped: it goes on with what stopped it, or the session ends as it is.
    HumanInRollback,
    /// What is compared in this stage waits for somebody's judgement.
    Judge(String),
    /// A planned pause waits for a person, who is refused while this is so: what is in the way, and what releases it.
    Recovery(String, String),
    /// Somebody said HOLD, or a planned pause waits for a person: nothing new begins until somebody says so.
    Continue,
    Close,
    /// The session is closed.
    Nothing,
}

impl NextStep {
    /// It comes without anybody's command, as long as a conductor runs.
    pub const fn by_itself(&self) -> bool {
        matches!(self, Self::Nobody(_) | Self::Capacity(_) | Self::Recovery(..))
    }
}

/// The next decision, with what is in its way.
pub fn next_step(session: &Session, now: Now) -> (NextStep, Vec<Obstacle>) {
    if session.course.is_over() {
        return (NextStep::Nothing, Vec::new());
    }
    if session.course.phase == Phase::RollingBack {
        let stopped = gate::stopped(session);
        if !stopped.is_empty() {
            return (NextStep::HumanInRollback, stopped);
        }
        return (NextStep::Nobody("the rollback goes on".into()), close_obstacles(session, now));
    }
    match going_on(session, now) {
        // The gate names the hold among what is in the way.
        (
            NextStep::Nobody(_)
            | NextStep::Capacity(_)
            | NextStep::Recovery(..)
            | NextStep::Start(..)
            | NextStep::Promote(_),
            list,
        ) if session.course.hold.is_some() => (NextStep::Continue, list),
        next => next,
    }
}

/// The next decision of a session that goes on, as if nobody held it.
fn going_on(session: &Session, now: Now) -> (NextStep, Vec<Obstacle>) {
    if let Some(first) = rollout::troubles(session).first() {
        let list = gate::to_promote_next(session, now);
        let human = match session.operations.running {
            Some(_) => NextStep::HumanAtHost,
            None => NextStep::Human(first.lift(session)),
        };
        let next = judged_again(session).unwrap_or(human);
        // Between two stages nothing is promoted: what stopped the line is in the way of all that would come.
        return (next, if list.is_empty() { gate::stopped(session) } else { list });
    }
    if let Some(words) = operation::under_way(session) {
        return (NextStep::Nobody(words), close_obstacles(session, now));
    }
    if matches!(session.course.phase, Phase::Verified | Phase::RolledBack) {
        return (NextStep::Close, close_obstacles(session, now));
    }
    if let Some(run) = pipeline::waits_at_pause(session) {
        return at_pause(session, run);
    }
    if let Some(compared) = waits_for_a_judgement(session) {
        return (NextStep::Judge(compared.run.name.to_string()), gate::to_promote_next(session, now));
    }
    if let Some(run) = session.pipeline.running() {
        return beside(session, run, now).unwrap_or_else(|| under_way(session, run, now));
    }
    let Some(index) = pipeline::next_index(session) else {
        return (NextStep::Close, close_obstacles(session, now));
    };
    if index >= session.plan().poll_index()
        && session.course.started.is_none()
        && !poll::go_valid(session, now)
    {
        return (NextStep::DeclareGo, gate::to_go(session, now));
    }
    let stage = session.plan().stages[index].name.to_string();
    (NextStep::Start(index, stage), gate::to_start(session, index, now))
}

/// It waits for somebody's CONTINUE, and takes none while something else is in the way.
fn at_pause(session: &Session, run: &StageRun) -> (NextStep, Vec<Obstacle>) {
    let mut list = gate::to_go_on(session, run);
    list.extend(rollout::side_in_the_way(session, run).map(|why| Obstacle {
        kind: ObstacleKind::Hosts,
        what: run.name.to_string(),
        why,
        lift: "its recovery, excluding it, or rolling back (R)".into(),
        who: String::new(),
    }));
    // A hold is lifted by the same word.
    let first = list.iter().find(|it| it.kind != ObstacleKind::Hold);
    match first {
        Some(first) => {
            (NextStep::Recovery(format!("{} {}", first.what, first.why), first.lift.clone()), list)
        }
        None => (NextStep::Continue, list),
    }
}

/// Where stages go on beside each other: what a person can do now beside the one that people look at first.
fn beside(session: &Session, first: &StageRun, now: Now) -> Option<(NextStep, Vec<Obstacle>)> {
    if !session.pipeline.branches() || first.state == StageState::Ready {
        return None;
    }
    let promote = gate::promotable(session, now).filter(|run| {
        let stage = session.plan().stage(&run.name).map(|(_, stage)| stage.promote);
        let by_hand = stage == Some(Promote::Human) && run.state == StageState::Ready;
        by_hand && gate::to_promote(session, run, now).is_empty()
    });
    if let Some(run) = promote {
        return Some((NextStep::Promote(run.name.to_string()), Vec::new()));
    }
    let index = pipeline::next_index(session).filter(|index| !pipeline::begins_by_itself(session, *index))?;
    let stage = session.plan().stages[index].name.to_string();
    gate::to_start(session, index, now).is_empty().then_some((NextStep::Start(index, stage), Vec::new()))
}

fn under_way(session: &Session, first: &StageRun, now: Now) -> (NextStep, Vec<Obstacle>) {
    let run = if first.state == StageState::Rolling {
        first
    } else {
        gate::promotable(session, now).unwrap_or(first)
    };
    let mut list = gate::to_promote(session, run, now);
    let last = session.pipeline.ends_with(&run.name);
    let human = !last || pipeline::verifies(session, now) != Verifies::Tests;
    if last && human {
        list.extend(checklist::obstacles(session, now, When::PostLive));
    } else if last && list.is_empty() {
        list = close_obstacles(session, now);
    }
    match run.state {
        StageState::Ready if human => (NextStep::Promote(run.name.to_string()), list),
        StageState::Ready => (NextStep::Close, list),
        state => {
            (waits(session, run).unwrap_or_else(|| NextStep::Nobody(stands(session, run, state, now))), list)
        }
    }
}

/// It does not go on by itself: it waits for capacity that only somebody can bring.
fn waits(session: &Session, run: &StageRun) -> Option<NextStep> {
    let wait = rollout::waits_for_capacity(session).filter(|wait| wait.environment == run.environment)?;
    Some(NextStep::Capacity(wait.lift))
}

/// Nothing but a comparison stopped the line: it goes on with another judgement.
fn judged_again(session: &Session) -> Option<NextStep> {
    let by_hand = |trouble: &Trouble| matches!(trouble, Trouble::Validation { by_hand: true, .. });
    let due = comparison::due(session).filter(|_| rollout::troubles(session).iter().all(by_hand))?;
    Some(NextStep::Judge(due.run.name.to_string()))
}

/// A comparison that nothing goes on without: a step of its own, or what the promotion still waits for.
pub fn waits_for_a_judgement(session: &Session) -> Option<comparison::Due<'_>> {
    let due = comparison::due(session)?;
    let waits = matches!(due.run.state, StageState::Rolling | StageState::Ready);
    (waits && pipeline::validation_standing(session, due.run, due.check).is_none()).then_some(due)
}

/// `production is rolling`, `production pauses, 9 min left`; of one whose time does not count now, why.
fn stands(session: &Session, run: &StageRun, state: StageState, now: Now) -> String {
    let alarm = run.at.paused.and_then(|_| pipeline::soak_alarm(session, run));
    if let Some(why) = alarm {
        return format!("{} stands still until this is over, or R: {why}", run.name);
    }
    match pipeline::pause_left(run, now) {
        Some(left) => format!("{} pauses, {left} left", run.name),
        None => format!("{} is {}", run.name, state.word()),
    }
}

/// What is in the way of what is decided now: of a GO until it is declared, whatever stages run before the poll; from
/// then on, and while anything is brought back, of what comes next.
pub fn in_the_way(session: &Session, now: Now) -> Vec<Obstacle> {
    match session.course.phase {
        Phase::Preparing | Phase::Polling | Phase::NoGo => gate::to_go(session, now),
        _ => next_step(session, now).1,
    }
}
