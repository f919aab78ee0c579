//! The convergence board: how each host that an agent changes stands to what is desired, and how all of them do. The
//! cockpit and `status` say the same by it.

use serde::{Deserialize, Serialize};

use super::{CheckIn, Direction, FoundAt, LaneState, Unit, check_in, converge, desired, readiness};
use crate::domain::{
    counted::counted,
    desired::{Desired, Found},
    effect::LaneStep,
    name::{EnvironmentName, UnitId, Version},
    plan::Converge,
    session::Session,
    time::{Now, Span},
};

/// How a host stands to what is desired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nothing was set for it yet.
    Waiting,
    Converging,
    /// It runs what is desired, and is not well.
    NotWell,
    /// It runs what is desired, and has to stay well for a while.
    Settling,
    Converged,
    /// The store says something else than was set for it, or than this release is about: its agent is going to install that.
    ToldOtherwise,
    /// It had converged, and runs something else.
    Drifted,
    /// It did not converge in its time.
    Overdue,
    LeftOut,
    /// It was not looked at since the conductor started, nobody says what it runs, or the store was not read.
    Unknown,
}

impl Standing {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Converging => "converging",
            Self::NotWell => "not well",
            Self::Settling => "settling",
            Self::Converged => "converged",
            Self::ToldOtherwise => "told otherwise",
            Self::Drifted => "drifted",
            Self::Overdue => "overdue",
            Self::LeftOut => "left out",
            Self::Unknown => "unknown",
        }
    }
}

/// One host of the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardRow {
    pub unit: UnitId,
    pub installed: Option<Version>,
    /// None: the store says nothing, or can't be read.
    pub desired: Option<Version>,
    /// None: nobody says when its agent looked.
    pub check_in: Option<CheckIn>,
    pub standing: Standing,
    pub back: bool,
    /// How often it was seen to drift.
    pub drifts: u32,
}

/// What is known of what agents read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// Nobody has read it yet, or not since the conductor started.
    Unread,
    Unreadable(String),
    /// The environment's one key; none: each host has its own.
    Read(Option<Desired>),
}

/// All hosts of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    pub environment: EnvironmentName,
    pub store: StoreState,
    /// Its agents are told so often.
    pub every: Span,
    pub hosts: u32,
    pub converged: u32,
    pub late: u32,
    pub drifted: u32,
    /// Hosts to which their agents brought what was set, and that are not well.
    pub not_well: u32,
    /// Hosts whose agents are told something else than was set.
    pub told_otherwise: u32,
    /// How often hosts were seen to drift, all in all.
    pub drifts: u32,
    /// Of how many it is not known how they stand.
    pub unknown: u32,
    /// Until the last host that was told has converged and stayed well, if every agent looks in time; none: nobody was
    /// told, or it is not known.
    pub left: Option<Span>,
}

/// How one host stands; none: no agent changes it.
pub fn board_row(session: &Session, unit: &Unit, now: Now) -> Option<BoardRow> {
    let converge = session.plan().converges(&unit.environment)?;
    Some(row(session, converge, unit, now))
}

fn row(session: &Session, converge: &Converge, unit: &Unit, now: Now) -> BoardRow {
    let check_in = check_in(unit, converge, now);
    // What an agent says whose clock is ahead may be from before: it proves nothing.
    let standing = match standing(session, unit) {
        Standing::Converged if check_in.is_some_and(|it| it.ahead.is_some()) => Standing::Unknown,
        standing => standing,
    };
    BoardRow {
        unit: unit.id.clone(),
        installed: unit.fresh().and_then(|seen| seen.runs.clone()),
        desired: told(session, unit).and_then(|desired| desired.version.clone()),
        check_in,
        standing,
        back: unit.lane.as_ref().is_some_and(|lane| lane.direction == Direction::Back),
        drifts: unit.drift.as_ref().map_or(0, |drift| drift.times),
    }
}

fn standing(session: &Session, unit: &Unit) -> Standing {
    let Some(lane) = &unit.lane else { return waiting(session, unit) };
    let known = unit.fresh().is_some_and(|seen| seen.runs.is_some());
    match &lane.state {
        _ if unit.awaits_back => waiting(session, unit),
        LaneState::Failed { .. } | LaneState::Unknown { .. } => Standing::Overdue,
        LaneState::Excluded { .. } | LaneState::Skipped => Standing::LeftOut,
        LaneState::Done | LaneState::RolledBack if !known => Standing::Unknown,
        LaneState::Done | LaneState::RolledBack => {
            if unit.fresh().and_then(|seen| seen.runs.as_ref()) != Some(&lane.to.version) {
                return Standing::Drifted;
            }
            // Green asks the store too: what it says is what the host is going to run.
            match told(session, unit) {
                Some(told) if told.version.as_ref() == Some(&lane.to.version) => Standing::Converged,
                Some(_) => Standing::ToldOtherwise,
                None => Standing::Unknown,
            }
        }
        LaneState::Settling { .. } => Standing::Settling,
        LaneState::Converging { .. } if !known => Standing::Unknown,
        LaneState::Converging { .. } if converge::installed_and_not_well(unit) => Standing::NotWell,
        LaneState::Converging { .. } => Standing::Converging,
        LaneState::Waiting
        | LaneState::Ready
        | LaneState::Working
        | LaneState::Gathered { .. }
        | LaneState::Interrupted
        | LaneState::Probed(_) => waiting(session, unit),
    }
}

/// Nothing was set for it yet: its agent has to be told what ran before, or this release.
fn waiting(session: &Session, unit: &Unit) -> Standing {
    let told = told(session, unit).and_then(|told| told.version.as_ref());
    let strange = told.is_some_and(|told| {
        let from = || readiness::target(session, &unit.environment);
        *told != session.course.release.candidate.version && from().is_none_or(|from| from.version != *told)
    });
    if strange { Standing::ToldOtherwise } else { Standing::Waiting }
}

/// What its agent is told, as far as that is known now.
fn told<'a>(session: &'a Session, unit: &'a Unit) -> Option<&'a Desired> {
    desired(session, unit).and_then(FoundAt::holds)
}

/// Why a host that was brought to its version does not count as told so; none: it does, or was not brought anywhere.
pub(super) fn unproven(session: &Session, unit: &Unit) -> Option<String> {
    let lane = unit.lane.as_ref().filter(|lane| lane.steps.contains(&LaneStep::Converge))?;
    if lane.state != LaneState::Done || unit.awaits_back {
        return None;
    }
    match told(session, unit) {
        None => Some(format!("what the agent of {} is told is not known", unit.id)),
        Some(told) if told.version.as_ref() == Some(&lane.to.version) => None,
        Some(told) => Some(format!("the agent of {} is told {}", unit.id, told.words())),
    }
}

/// The whole board; none: no agent changes the hosts of this environment. Looks at every host.
pub fn board(session: &Session, environment: &EnvironmentName, now: Now) -> Option<Board> {
    let converge = session.plan().converges(environment)?;
    let mut board = Board {
        environment: environment.clone(),
        store: store(session, environment, converge),
        every: converge.every,
        hosts: 0,
        converged: 0,
        late: 0,
        drifted: 0,
        not_well: 0,
        told_otherwise: 0,
        drifts: 0,
        unknown: 0,
        left: None,
    };
    let settle = session.plan().environments.get(environment)?.deadlines.min_healthy_time;
    let mut all_known = true;
    for unit in session.rollout.units().iter().filter(|unit| unit.environment == *environment) {
        let row = row(session, converge, unit, now);
        board.hosts += 1;
        board.converged += u32::from(row.standing == Standing::Converged);
        board.drifted += u32::from(row.standing == Standing::Drifted);
        board.not_well += u32::from(row.standing == Standing::NotWell);
        board.told_otherwise += u32::from(row.standing == Standing::ToldOtherwise);
        board.unknown += u32::from(row.standing == Standing::Unknown || unit.fresh().is_none());
        board.late += u32::from(row.check_in.is_some_and(|it| !it.in_time()));
        board.drifts += row.drifts;
        let left = match row.standing {
            // Of one that was told nothing by us it is nobody's to say.
            Standing::ToldOtherwise
                if unit.lane.as_ref().is_none_or(|lane| lane.state != LaneState::Done) =>
            {
                continue;
            }
            Standing::Converging | Standing::Drifted | Standing::ToldOtherwise => {
                until_it_looks(unit, &row, converge, now)
            }
            Standing::Settling => Some(Span::ZERO),
            // When it becomes well nobody knows.
            Standing::NotWell => None,
            _ => continue,
        };
        match left {
            Some(left) => board.left = board.left.max(Some(Span(left.0 + settle.0))),
            None => all_known = false,
        }
    }
    if !all_known || !matches!(board.store, StoreState::Read(_)) {
        board.left = None;
    }
    Some(board)
}

/// How long until its agent looks at the latest; none: it is late or its clock is ahead, and nobody knows when it will.
fn until_it_looks(unit: &Unit, row: &BoardRow, converge: &Converge, now: Now) -> Option<Span> {
    match row.check_in {
        Some(it) if !it.in_time() => None,
        Some(it) => Some(it.next.since(now.wall)),
        None => {
            let since = unit.lane.as_ref()?.step_since;
            Some(Span(converge.every.0.saturating_sub(now.session.since(since).0)))
        }
    }
}

fn store(session: &Session, environment: &EnvironmentName, converge: &Converge) -> StoreState {
    let Some(store) = session.rollout.stores.get(environment) else { return StoreState::Unread };
    if let Some((why, _)) = &store.unread {
        return StoreState::Unreadable(why.clone());
    }
    if converge.store.per_host() {
        let mut here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
        let read = |unit: &Unit| unit.desired.as_ref().is_some_and(|found| found.holds().is_some());
        return if here.all(read) { StoreState::Read(None) } else { StoreState::Unread };
    }
    match store.found.as_ref().filter(|found| !found.stale).map(|found| &found.found) {
        Some(Found::Holds(desired)) => StoreState::Read(Some(desired.clone())),
        Some(Found::Unreadable { why }) => StoreState::Unreadable(why.clone()),
        None => StoreState::Unread,
    }
}

impl StoreState {
    /// `2.5.0, set by raj at 14:02`, `can't be read: nobody listens there`.
    pub fn words(&self) -> String {
        match self {
            Self::Unread => "not read yet".to_owned(),
            Self::Unreadable(why) => format!("CAN'T BE READ: {why}"),
            Self::Read(Some(desired)) => desired.words(),
            Self::Read(None) => "a key for each host".to_owned(),
        }
    }

    pub const fn is_read(&self) -> bool {
        matches!(self, Self::Read(_))
    }
}

impl Board {
    /// `6 of 12 converged · 1 late · 1 drifted · within 12 min 3 s`.
    pub fn words(&self) -> String {
        let mut words = format!("{} of {} converged", self.converged, counted(self.hosts, "host"));
        let others = [
            (self.late, "late"),
            (self.drifted, "drifted"),
            (self.not_well, "not well"),
            (self.told_otherwise, "told otherwise"),
            (self.unknown, "not known"),
        ];
        for (count, word) in others {
            if count > 0 {
                words = format!("{words} · {count} {word}");
            }
        }
        match self.left {
            Some(left) => format!("{words} · within {}", Span::secs(left.as_secs().max(1))),
            None => words,
        }
    }
}

/// How long the way back takes at the most where agents change the hosts, if every agent looks in time; and whether they
/// are told to look now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Within {
    pub every: Span,
    pub nudge: bool,
}

impl Within {
    pub fn of(session: &Session, environment: &EnvironmentName) -> Option<Self> {
        let converge = session.plan().converges(environment)?;
        Some(Self { every: converge.every, nudge: converge.nudge.is_some() })
    }

    /// `≤15 min to converge`.
    pub fn words(self) -> String {
        let nudge = if self.nudge { ", agents are nudged" } else { "" };
        format!("≤{} to converge{nudge}", self.every)
    }
}
