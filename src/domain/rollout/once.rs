//! Steps of a stage that run once in a go-live: each is recorded as begun before it is, and nothing but a person's word
//! begins it a second time.

use serde::{Deserialize, Serialize};

use super::{Direction, RolloutEvent, Unwell, behind, once_back, stopped};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    course::said_why,
    effect::{Effect, EffectId, Outcome, Target, Work},
    effect_log::{EffectEvent, Flight, Outlived},
    event::{Event, Stamped},
    lock,
    name::{OnceName, StageName},
    pipeline::{Pipeline, StageRun},
    plan::When,
    refusal::Refusal,
    session::{Next, Session},
    time::{SessionTime, Span},
};

/// How such a step of a stage stands. There is none of one that was never begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnceRun {
    pub name: OnceName,
    pub state: OnceState,
    /// Counts how often one of its two commands was begun.
    pub attempt: u32,
    /// Session time, when it came to stand so.
    pub since: SessionTime,
    /// How the command stands that takes it back; none: it was not begun.
    pub back: Option<OnceState>,
    /// From its beginning to its end, where it was done and somebody looked the whole time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took: Option<Span>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnceState {
    UnderWay,
    Done,
    Failed {
        why: String,
    },
    /// It may have run to its end, or not.
    Unknown {
        why: String,
    },
    /// It is to be begun again.
    Again,
    /// A person let the line go on without it.
    Forced,
}

impl OnceRun {
    const fn new(name: OnceName) -> Self {
        Self { name, state: OnceState::UnderWay, attempt: 0, since: SessionTime(0), back: None, took: None }
    }
}

impl Pipeline {
    /// Changes how a step stands that runs once; one that is not known yet is begun with this.
    fn once_mut(&mut self, stage: &StageName, name: &OnceName, change: impl FnOnce(&mut OnceRun)) {
        let Some(run) = self.stages.iter_mut().find(|run| run.name == *stage) else { return };
        let known = run.once.iter().position(|it| it.name == *name).unwrap_or_else(|| {
            run.once.push(OnceRun::new(name.clone()));
            run.once.len() - 1
        });
        change(&mut run.once[known]);
    }
}

impl OnceState {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::UnderWay => "under way",
            Self::Done => "done",
            Self::Failed { .. } => "failed",
            Self::Unknown { .. } => "unknown",
            Self::Again => "to be tried again",
            Self::Forced => "passed over",
        }
    }

    /// What follows goes on.
    pub(super) const fn through(&self) -> bool {
        matches!(self, Self::Done | Self::Forced)
    }

    const fn needs_a_human(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Unknown { .. })
    }

    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Done { .. } => Self::Done,
            Outcome::Failed { why, .. } => Self::Failed { why: why.clone() },
            Outcome::Inconclusive { why } => Self::Unknown { why: why.clone() },
            Outcome::Cancelled => Self::Unknown { why: "it was ended while it ran".into() },
            Outcome::Seen(_) => Self::Unknown { why: "the answer was of another kind".into() },
        }
    }
}

/// What a person says of one that needs a human.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Again,
    Done,
    Forced,
}

/// One that needs a human.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused<'a> {
    pub run: &'a StageRun,
    pub once: &'a OnceRun,
    /// It is the command that takes it back.
    pub back: bool,
    pub why: &'a str,
    pub unknown: bool,
}

/// A command that runs once and outlived its conductor, or may have.
#[derive(Clone, Copy, Debug)]
pub struct LeftBehind<'a> {
    pub stage: &'a StageName,
    pub once: &'a OnceName,
    /// It is the command that takes it back.
    pub back: bool,
    /// None: whether it still runs is being looked at.
    pub found: Option<&'a Outlived>,
}

impl LeftBehind<'_> {
    /// `migrate still runs (process 4711, since …)`
    pub fn words(&self) -> String {
        let what = if self.back { format!("what takes {} back", self.once) } else { self.once.to_string() };
        self.found.map_or_else(
            || format!("whether {what} still runs is not known yet: its conductor was ended"),
            |found| format!("{what} still runs ({found}), and its conductor was ended"),
        )
    }
}

/// What follows where the stage is at this step; none: it is through.
pub(in crate::domain) fn next(session: &Session, run: &StageRun, name: &OnceName) -> Option<Next> {
    let known = run.once.iter().find(|it| it.name == *name);
    if let Some(called) = behind::called(session, run) {
        return Some(called);
    }
    match known.map(|it| &it.state) {
        Some(state) if state.through() => return None,
        None | Some(OnceState::Again) => {}
        Some(_) => return Some(Next::Nothing),
    }
    if stopped(session) || !lock::may_touch(session, &run.environment, Direction::Forward) {
        return Some(Next::WhenCapacity);
    }
    Some(begin(session, run, name, false))
}

/// It is begun, or what takes it back is; none of the two while the other one is under way.
pub(super) fn begin(session: &Session, run: &StageRun, name: &OnceName, back: bool) -> Next {
    let target = Target::Once { stage: run.name.clone(), once: name.clone() };
    if let Some(flight) = session.flights.get(&target) {
        // Somebody has it tried again: what a conductor left behind is ended first.
        if flight.effect.follows() && !flight.cancel_asked {
            let (id, why) = (flight.effect.id.clone(), "it is tried again".to_owned());
            return Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why })]);
        }
        return Next::WhenCapacity;
    }
    let attempt = run.once.iter().find(|it| it.name == *name).map_or(1, |it| it.attempt + 1);
    let work = Work::Once {
        environment: run.environment.clone(),
        stage: run.name.clone(),
        once: name.clone(),
        version: session.course.release.candidate.version.clone(),
        back,
    };
    let effect = Effect { id: EffectId { target, attempt, step: u32::from(back) }, work };
    Next::Events(vec![Event::Effect(EffectEvent::Started { effect: effect.into() })])
}

/// Whether one of its two commands is under way in this environment: no host is begun beside it.
pub(in crate::domain) fn under_way(session: &Session) -> Option<&Flight> {
    if !any_begun(session) {
        return None;
    }
    session.flights.iter().find(|flight| matches!(flight.effect.id.target, Target::Once { .. }))
}

/// All hosts are through, and none of them runs the new version: what is for afterwards has nothing to be after.
pub(in crate::domain) fn after_nothing(session: &Session, run: &StageRun, name: &OnceName) -> bool {
    let after = session.plan().once(&run.name, name).is_some_and(|it| it.when == When::After);
    after && session.rollout.done_in(&run.name) == 0 && !run.once.iter().any(|it| it.name == *name)
}

/// It is begun.
pub fn started(session: &mut Session, effect: &Effect, at: &Stamped) {
    let Work::Once { stage, once, back, .. } = &effect.work else { return };
    let (attempt, back) = (effect.id.attempt, *back);
    set(session, stage, once, back, OnceState::UnderWay, at);
    session.pipeline.once_mut(stage, once, |it| it.attempt = attempt);
}

pub fn ended(session: &mut Session, flight: &Flight, outcome: &Outcome, at: &Stamped) {
    let Work::Once { stage, once, back, .. } = flight.effect.acts() else { return };
    let state = OnceState::of(outcome);
    // Somebody had it tried again meanwhile: only where it turned out to be done there is nothing to be tried.
    let known = session.pipeline.run(stage).and_then(|run| run.once.iter().find(|it| it.name == *once));
    let known = known.and_then(|it| if *back { it.back.as_ref() } else { Some(&it.state) });
    if flight.effect.follows() && known != Some(&OnceState::UnderWay) && state != OnceState::Done {
        session.capacity_changed();
        return;
    }
    if state == OnceState::Done && !back && !flight.effect.follows() {
        let took = at.now.session.since(flight.since);
        session.pipeline.once_mut(stage, once, |it| it.took = Some(took));
    }
    set(session, stage, once, *back, state, at);
}

/// The command of this step that a conductor left behind, while it is looked for or waited for.
pub fn left_behind<'a>(session: &'a Session, name: &OnceName) -> Option<LeftBehind<'a>> {
    let mut flights = session.flights.iter().filter(|flight| flight.effect.follows());
    flights.find_map(|flight| {
        let Work::Once { stage, once, back, .. } = flight.effect.acts() else { return None };
        (once == name).then_some(LeftBehind { stage, once, back: *back, found: flight.outlived.as_ref() })
    })
}

/// The commands that a conductor left behind, as what is wrong now: nothing goes on beside them, and nobody hears them.
pub(super) fn outlived(session: &Session) -> impl Iterator<Item = Unwell> + '_ {
    let flights = session.flights.iter().filter(|flight| flight.effect.follows());
    flights.filter_map(|flight| {
        let Work::Once { environment, once, .. } = flight.effect.acts() else { return None };
        let left = left_behind(session, once)?;
        Some(Unwell {
            environment: environment.clone(),
            unit: None,
            outage: false,
            since: flight.since,
            what: left.words(),
            release: format!(
                "its end; trying it again (T: golive rollout try --once {once} --confirm {once}) ends it first"
            ),
        })
    })
}

fn set(
    session: &mut Session,
    stage: &StageName,
    name: &OnceName,
    back: bool,
    state: OnceState,
    at: &Stamped,
) {
    session.pipeline.once_mut(stage, name, |it| {
        it.since = at.now.session;
        if back {
            it.back = Some(state);
        } else {
            it.state = state;
        }
    });
    let active = session.course.active(at.now.session);
    session.pipeline.progressed(active);
    once_back::progressed(session, stage, at);
    session.capacity_changed();
    session.mark_pipeline();
    session.mark_course();
    session.mark_locks();
    session.mark_notices();
}

/// Those that need a human: of the running stage, and of a way back that goes on.
pub(in crate::domain) fn refused(session: &Session) -> impl Iterator<Item = Refused<'_>> {
    // Nothing was begun in most sessions, whatever is asked of them.
    let any = any_begun(session);
    let forward = session.pipeline.under_way().filter(move |_| any);
    let forward = forward.flat_map(|run| run.once.iter().map(move |it| (run, it, false, Some(&it.state))));
    let back = once_back::going(session);
    let back = back.flat_map(|run| run.once.iter().map(move |it| (run, it, true, it.back.as_ref())));
    forward.chain(back).filter_map(|(run, once, back, state)| {
        let (why, unknown) = match state.filter(|state| state.needs_a_human())? {
            OnceState::Unknown { why } => (why, true),
            OnceState::Failed { why } => (why, false),
            _ => return None,
        };
        Some(Refused { run, once, back, why, unknown })
    })
}

/// Whether any of them was begun in this session, so that the session has changed something.
pub fn any_begun(session: &Session) -> bool {
    session.pipeline.stages.iter().any(|run| !run.once.is_empty())
}

fn named<'a>(session: &'a Session, name: &OnceName) -> Result<Refused<'a>, Refusal> {
    refused(session).find(|it| it.once.name == *name).ok_or_else(|| {
        let runs = under_way(session).is_some_and(
            |flight| matches!(&flight.effect.id.target, Target::Once { once, .. } if once == name),
        );
        let declared = session.plan().stages.iter().flat_map(|stage| &stage.once);
        let mut names = declared.map(|it| it.name.as_str());
        if runs {
            Refusal::rule(format!("{name} is under way"), "its end")
        } else if names.clone().any(|known| known == name.as_str()) {
            Refusal::rule(
                format!("{name} needs nobody"),
                "nothing: only what failed, or is unknown, is dealt with",
            )
        } else {
            let known = names.next().map_or_else(
                || "none is declared".to_owned(),
                |first| names.fold(first.to_owned(), |all, name| format!("{all}, {name}")),
            );
            Refusal::input(format!("no step that runs once is called {name}"), known)
        }
    })
}

/// Somebody has it begun again, knows that it is done, or lets the line go on without it.
pub(super) fn decide(
    session: &Session,
    name: &OnceName,
    said: Said,
    reason: &str,
    actor: &Actor,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, if said == Said::Forced { Act::Force } else { Act::Repair })?;
    if said != Said::Again {
        said_why(reason)?;
    }
    if let Some(left) = left_behind(session, name) {
        return decide_on_left(&left, said);
    }
    let it = named(session, name)?;
    let (stage, once, back) = (it.run.name.clone(), name.clone(), it.back);
    let reason = reason.trim().to_owned();
    Ok(vec![Event::Rollout(match said {
        Said::Again => RolloutEvent::OnceTriedAgain { stage, once, back },
        Said::Done => RolloutEvent::OnceMarkedDone { stage, once, back, reason },
        Said::Forced => RolloutEvent::OnceForced { stage, once, back, reason },
    })])
}

/// What still runs is neither done nor passed over; tried again, it is ended first.
fn decide_on_left(left: &LeftBehind<'_>, said: Said) -> Result<Vec<Event>, Refusal> {
    let (stage, once, back) = (left.stage.clone(), left.once.clone(), left.back);
    if said == Said::Again && left.found.is_some() {
        return Ok(vec![Event::Rollout(RolloutEvent::OnceTriedAgain { stage, once, back })]);
    }
    let lift = format!(
        "its end, or trying it again, which ends it first (golive rollout try --once {once} --confirm {once})"
    );
    Err(Refusal::rule(left.words(), lift))
}

/// What a person has said of it.
pub(super) fn said(session: &mut Session, event: &RolloutEvent, at: &Stamped) {
    let (stage, once, back, state) = match event {
        RolloutEvent::OnceTriedAgain { stage, once, back } => (stage, once, back, OnceState::Again),
        RolloutEvent::OnceMarkedDone { stage, once, back, .. } => (stage, once, back, OnceState::Done),
        RolloutEvent::OnceForced { stage, once, back, .. } => (stage, once, back, OnceState::Forced),
        _ => return,
    };
    set(session, stage, once, *back, state, at);
    super::state::calmed(session, at.now);
}
