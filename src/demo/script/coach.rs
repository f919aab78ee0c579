//! The line that leads a newcomer through the demo: `3/7: S, and S again`. It follows the session's state, so that
//! it moves on only with what has happened, and whoever goes another way is led on from there. Pure.

use super::cast::Cast;
use crate::domain::{
    checklist::{ItemKind, ItemSpec, Severity, standing},
    course::Phase,
    effect::LaneStep,
    gate,
    name::SessionId,
    next_step::waits_for_a_judgement,
    pipeline::{StageRun, StageState, next_index, pause_left},
    plan::Step,
    poll::{SeatStanding, SeatState, tally},
    refusal::Obstacle,
    rollout::{LaneState, Trouble, troubles},
    session::Session,
    time::Now,
};

/// How many steps there are.
pub const STEPS: u8 = 7;

/// Where something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Anywhere,
    Decision,
    Checklist,
    Rollout,
    Compare,
    /// Where a stage can be started.
    Starting,
}

/// What to do now. A key stands in the text by its action's name, as in `{start}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coach {
    /// From 1 on.
    pub step: u8,
    pub place: Place,
    pub text: String,
    /// The way to that place, said elsewhere.
    pub way: String,
    /// The session it speaks of, and the last event it has seen of it; none: it speaks of no session.
    pub seen: Option<(SessionId, u64)>,
}

/// The two sessions of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A good release, every step of it led.
    First,
    /// The release with the fault.
    Last,
}

impl Coach {
    fn at(step: u8, place: Place, text: impl Into<String>) -> Self {
        let way = match place {
            Place::Anywhere => "",
            Place::Decision => "{decision} shows the decision: it waits for you",
            Place::Checklist => "{checklist} shows the checklist: one item is left to you",
            Place::Rollout => "{rollout} shows the hosts",
            Place::Compare => "{compare} shows both sides: they wait for you",
            Place::Starting => "{rollout} shows the hosts; {start} starts from there",
        };
        Self { step, place, text: text.into(), way: way.into(), seen: None }
    }

    fn anywhere(step: u8, text: impl Into<String>) -> Self {
        Self::at(step, Place::Anywhere, text)
    }

    /// Between two sessions, or when the script can't go on.
    pub fn said(step: u8, text: impl Into<String>) -> Self {
        Self::anywhere(step, text)
    }
}

pub fn coach(session: &Session, now: Now, cast: &Cast, act: Act) -> Coach {
    let seen = Some((session.course.id.clone(), session.seq));
    Coach { seen, ..led(session, now, cast, act) }
}

fn led(session: &Session, now: Now, cast: &Cast, act: Act) -> Coach {
    if let Some(ending) = &session.course.ending {
        return over(session, act, ending.word());
    }
    let phase = session.course.phase;
    let trouble = troubles(session).into_iter().next();
    if let (Some(hold), None) = (&session.course.hold, &trouble)
        && !matches!(phase, Phase::RollingBack | Phase::RolledBack)
    {
        let by = hold.by.as_ref().map_or("somebody", |person| person.as_str());
        let text = format!("HELD by {by}: no new host starts. {{continue}}, {{continue}} goes on");
        return Coach::anywhere(step_of(phase, act), text);
    }
    match phase {
        Phase::Preparing | Phase::Polling => before_go(session, now, cast, act),
        Phase::NoGo => Coach::at(
            step_of(phase, act),
            Place::Decision,
            "NO-GO: nothing starts. {vote} votes again, {leave} ends the demo",
        ),
        Phase::Go => go(session, now, act),
        Phase::UnderWay | Phase::LiveUnverified => under_way(session, act, trouble.as_ref()),
        Phase::RollingBack => rolling_back(trouble.as_ref()),
        Phase::Verified => over(session, act, "live and verified"),
        Phase::RolledBack => over(session, act, "rolled back"),
        Phase::Closed => over(session, act, "closed"),
    }
}

const fn step_of(phase: Phase, act: Act) -> u8 {
    match (act, phase) {
        (Act::First, Phase::Preparing | Phase::Polling | Phase::NoGo) => 2,
        (Act::First, Phase::Go) => 3,
        (Act::First, _) => 4,
        (Act::Last, _) => 5,
    }
}

fn before_go(session: &Session, now: Now, cast: &Cast, act: Act) -> Coach {
    let plan = session.plan();
    let step = step_of(Phase::Polling, act);
    let open = |item: &&ItemSpec| {
        !item.post_live
            && item.severity != Severity::Advisory
            && matches!(item.kind, ItemKind::Hand { .. } | ItemKind::Question)
            && !standing(session, item, now).state.ready()
    };
    let first = if act == Act::First { 1 } else { step };
    if plan.items.iter().filter(open).any(|item| cast.item_is_yours(item)) {
        let text = "{next-waiting} finds the item that is left to you, {tick} ticks it";
        return Coach::at(first, Place::Checklist, text);
    }
    let theirs = plan.items.iter().filter(open).count();
    if theirs > 0 {
        return Coach::anywhere(first, format!("the others tick theirs: {theirs} to go"));
    }
    let seats = tally(session, now).seats;
    let yours = |seat: &&SeatStanding| cast.seat_is_yours(plan, &seat.role);
    if let Some(seat) = seats.iter().find(yours).filter(|seat| seat.state != SeatState::Go) {
        let text = match seat.state {
            SeatState::NoGo => "your NO-GO stands in the way. {vote} votes again, or {declare} declares it",
            SeatState::Abstained | SeatState::Conditional => "your vote is no GO yet. {vote} votes again",
            SeatState::Stale => "your vote is stale: what it saw has changed. {vote} votes again",
            SeatState::Go | SeatState::NoVote => "{vote}, then Enter: your vote is GO",
        };
        return Coach::at(step, Place::Decision, text);
    }
    match gate::to_go(session, now).first() {
        None => {
            Coach::at(step, Place::Decision, "{declare} shows what a GO means, {declare} again declares it")
        }
        Some(_) if seats.iter().any(|seat| !yours(&seat) && waits(seat)) => {
            let left = seats.iter().filter(|seat| !yours(seat) && waits(seat)).count();
            Coach::anywhere(step, format!("the others vote: {left} to go"))
        }
        Some(obstacle) => in_the_way(step, obstacle),
    }
}

fn waits(seat: &SeatStanding) -> bool {
    matches!(seat.state, SeatState::NoVote | SeatState::Stale | SeatState::Conditional)
}

fn in_the_way(step: u8, obstacle: &Obstacle) -> Coach {
    Coach::anywhere(step, format!("in the way: {}, {}", obstacle.what, obstacle.why))
}

fn go(session: &Session, now: Now, act: Act) -> Coach {
    let step = step_of(Phase::Go, act);
    let obstacles = next_index(session).map(|index| gate::to_start(session, index, now));
    match obstacles.iter().flatten().next() {
        Some(obstacle) => in_the_way(step, obstacle),
        None => Coach::at(step, Place::Starting, "{start} says what would happen, {start} again starts it"),
    }
}

fn under_way(session: &Session, act: Act, trouble: Option<&Trouble>) -> Coach {
    if let Some(trouble) = trouble {
        return troubled(session, trouble);
    }
    let step = step_of(Phase::UnderWay, act);
    let run = session.pipeline.running();
    if let Some(due) = waits_for_a_judgement(session) {
        let enough = session.rollout.compared(&due.run.environment).is_some_and(|it| it.too_few().is_none());
        let text = if enough {
            "the first host beside the rest: {judge}, p and Enter twice, if it has passed"
        } else {
            "both sides are counted: each needs 200 requests to be judged by"
        };
        return Coach::at(step, Place::Compare, text);
    }
    let text = match run.map(|run| run.state) {
        Some(StageState::Ready) => "{promote}, and {promote} again, promotes it to the next stage",
        Some(StageState::Baking) => "all its hosts are done: it bakes, and must stay well for a moment",
        Some(StageState::Validating) => "all its hosts are done: the smoke test asks the service itself",
        Some(StageState::Rolling) if run.is_some_and(StageRun::stops_all) => {
            "every host is stopped before one is started: no two versions run, and nobody is served meanwhile"
        }
        Some(StageState::Rolling) if run.is_some_and(StageRun::converges) => {
            "the store says the new version: each agent installs it when it looks"
        }
        Some(StageState::Rolling) if run.is_some_and(StageRun::takes_clouds) => clouds(run),
        Some(StageState::Rolling) if run.is_some_and(StageRun::takes_sides) => sides(run),
        Some(StageState::Rolling) if run.is_some_and(|run| pause_left(run, session.now).is_some()) => {
            "it pauses at its share: what would go wrong goes wrong for a few"
        }
        _ if session.course.phase == Phase::LiveUnverified => "it is live: what is left is checked now",
        Some(_) => "each host is drained, changed, tested and put back; the others serve",
        None => "{start} starts the next stage",
    };
    Coach::at(step, Place::Rollout, text)
}

/// Where a whole side is taken: what it does now.
fn sides(run: Option<&StageRun>) -> &'static str {
    match run.and_then(StageRun::step) {
        Some(Step::Gather { at: LaneStep::Fetch, .. }) => {
            "the release is brought to a side while that serves"
        }
        Some(Step::Gather { at: LaneStep::Drain, .. }) => "a whole side leaves; the other one serves alone",
        Some(Step::Gather { .. }) => "a side is changed without traffic: nobody is served by it",
        Some(Step::Validate(_)) => "the side is tested end to end before anybody is served by it",
        Some(Step::Pause(_)) => "both sides serve; until the other one is changed, the way back is a switch",
        _ => "the side gets its traffic back",
    }
}

/// Where one cloud takes over from another: what it does now.
fn clouds(run: Option<&StageRun>) -> &'static str {
    match run.and_then(StageRun::step) {
        Some(Step::Stand { .. }) => "the cloud that left is changed now: it stands by, and serves nobody",
        Some(Step::Gather { at: LaneStep::Alive, .. }) => {
            "the cloud that stands by is changed; the other one serves all"
        }
        Some(Step::Validate(_)) => "the changed cloud is tested before anybody is served by it",
        Some(Step::Pause(_)) => {
            "it waits before the switch: {continue}, {continue} lets the other cloud take over"
        }
        Some(Step::Return { .. }) => "the changed cloud gets traffic; until all of it does, both serve",
        Some(Step::Shift { .. }) => "the switch is done when the shift of traffic was seen",
        _ => "a whole cloud leaves the traffic; the other one serves alone",
    }
}

fn troubled(session: &Session, trouble: &Trouble) -> Coach {
    let what = match trouble {
        Trouble::Failed { unit, step, .. } => format!("{unit} failed its {}", step.word()),
        other => other.words(),
    };
    let held = session.course.hold.is_some() && !session.rollout.rollbacks.is_empty();
    let text = if held {
        "{roll-back}, {roll-back} rolls back"
    } else {
        "{roll-back} holds, {roll-back} again goes back"
    };
    let mut coach = Coach::at(6, Place::Rollout, format!("{what}. {text}"));
    // The keys work everywhere; only the hosts are seen there.
    coach.way.clone_from(&coach.text);
    coach
}

fn rolling_back(trouble: Option<&Trouble>) -> Coach {
    match trouble {
        Some(trouble) => {
            Coach::anywhere(6, format!("{}. {{try-again}}, and again, tries it once more", trouble.words()))
        }
        None => Coach::at(6, Place::Rollout, "every host that was touched goes back; the others serve"),
    }
}

fn over(session: &Session, act: Act, ended: &str) -> Coach {
    let version = &session.course.release.candidate.version;
    let out = session.rollout.units().iter().filter(|unit| {
        unit.lane.as_ref().is_some_and(|lane| matches!(lane.state, LaneState::Excluded { .. }))
    });
    let but = match out.count() {
        0 => String::new(),
        1 => " but for one host".to_owned(),
        n => format!(" but for {n} hosts"),
    };
    match act {
        Act::First => {
            Coach::anywhere(4, format!("{version} is {ended}{but}. The next release comes in a moment"))
        }
        Act::Last => Coach::anywhere(
            STEPS,
            format!("{version} is {ended}{but}. {{since}} tells how, {{leave}} ends it. Yours: golive init"),
        ),
    }
}
