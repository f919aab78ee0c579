//! Hosts that agents change, for `status`: what the store holds, and how each host stands to it.

use std::fmt::Write as _;

use serde::Serialize;

use super::{columns::columns, command::by_command};
use crate::{
    domain::{
        counted::counted,
        name::EnvironmentName,
        rollout::{
            Board, BoardRow, CheckIn, Standing, StoreState, Trouble, Unit, board, board_row, conflict,
            troubles,
        },
        session::Session,
        time::{Now, Span, WallTime},
    },
    report::utc,
};

/// Hosts that are named in words; the others are counted.
const NAMED: usize = 20;

/// An environment whose hosts agents change. What nobody observes is not known.
#[derive(Serialize)]
pub struct AgentsLine {
    /// `read`, `unread` or `unreadable`.
    store: &'static str,
    /// Of the environment's one key: what it holds, and who set it when; null where each host has its own.
    desired: Option<String>,
    set_by: Option<String>,
    set_at: Option<String>,
    why: Option<String>,
    every_seconds: u64,
    hosts: u32,
    converged: Option<u32>,
    late: Option<u32>,
    drifted: Option<u32>,
    /// Hosts to which their agents brought what was set, and that are not well.
    not_well: Option<u32>,
    /// Hosts whose agents are told something else than was set.
    told_otherwise: Option<u32>,
    /// How often hosts were seen to drift.
    drifts: u32,
    unknown: u32,
    /// Until all that were told have converged, if every agent looks in time; null: not known.
    seconds: Option<u64>,
    /// What the next start would run into at the store, or what stands in the way there now; null: nothing that is known.
    conflict: Option<String>,
    #[serde(skip)]
    words: String,
    #[serde(skip)]
    rows: Vec<[String; 6]>,
    #[serde(skip)]
    more: usize,
}

/// What somebody else has set and that stopped the line, with what lifts it.
fn stands_there(session: &Session, environment: &EnvironmentName) -> Option<String> {
    troubles(session).iter().find_map(|trouble| match trouble {
        Trouble::Desired { environment: of, over, .. } if of == environment && !over.is_empty() => {
            Some(format!("{}: {}", trouble.words(), trouble.lift(session)))
        }
        _ => None,
    })
}

/// One host, as its agent and the store say.
#[derive(Serialize)]
pub struct AgentLine {
    /// What its key holds; null: not known.
    desired: Option<String>,
    checked_in: Option<String>,
    next_check: Option<String>,
    late: bool,
    missed: u32,
    /// By how many seconds its clock is ahead, if by more than is tolerated; null: it is not.
    ahead_seconds: Option<u64>,
    standing: &'static str,
    drifts: u32,
}

impl AgentLine {
    /// `known`: somebody observes.
    pub fn of(session: &Session, unit: &Unit, now: Now, known: bool) -> Option<Self> {
        let row = board_row(session, unit, now)?;
        let standing = if known { row.standing } else { Standing::Unknown };
        Some(Self {
            desired: row.desired.filter(|_| known).map(|desired| desired.to_string()),
            checked_in: row.check_in.map(|it| utc(it.last)),
            next_check: row.check_in.map(|it| utc(it.next)),
            late: row.check_in.is_some_and(|it| it.late),
            missed: row.check_in.map_or(0, |it| it.missed),
            ahead_seconds: row.check_in.and_then(|it| it.ahead).map(Span::as_secs),
            standing: standing.word(),
            drifts: row.drifts,
        })
    }
}

impl AgentsLine {
    pub fn of(session: &Session, environment: &EnvironmentName, now: Now, known: bool) -> Option<Self> {
        let mut board = board(session, environment, now)?;
        if !known {
            board.store = StoreState::Unread;
            board.left = None;
        }
        let one = match &board.store {
            StoreState::Read(Some(desired)) => Some(desired.clone()),
            _ => None,
        };
        let here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
        let mut rows: Vec<BoardRow> =
            here.filter(|_| known).filter_map(|unit| board_row(session, unit, now)).collect();
        rows.sort_by_key(|row| row.standing == Standing::Converged);
        let more = rows.len().saturating_sub(NAMED);
        rows.truncate(NAMED);
        let figure = |figure: u32| known.then_some(figure);
        Some(Self {
            store: match &board.store {
                StoreState::Read(_) => "read",
                StoreState::Unread => "unread",
                StoreState::Unreadable(_) => "unreadable",
            },
            desired: one.as_ref().and_then(|it| it.version.as_ref()).map(ToString::to_string),
            set_by: one.as_ref().and_then(|it| it.by.clone()),
            set_at: one.as_ref().and_then(|it| it.at.clone()),
            why: match &board.store {
                StoreState::Unreadable(why) => Some(why.clone()),
                _ => None,
            },
            every_seconds: board.every.as_secs(),
            hosts: board.hosts,
            converged: figure(board.converged),
            late: figure(board.late),
            drifted: figure(board.drifted),
            not_well: figure(board.not_well),
            told_otherwise: figure(board.told_otherwise),
            drifts: board.drifts,
            unknown: if known { board.unknown } else { board.hosts },
            seconds: board.left.map(Span::as_secs),
            conflict: conflict(session, environment)
                .or_else(|| stands_there(session, environment))
                .map(|words| by_command::by_command(&words))
                .filter(|_| known),
            words: words(&board, known),
            rows: rows.iter().map(|row| cells(row, now.wall)).collect(),
            more,
        })
    }

    /// The store, how many stand how, and the hosts.
    pub fn words(&self) -> String {
        let mut text = format!("{}\n", self.words);
        if let Some(conflict) = &self.conflict {
            let _ = writeln!(text, "CONFLICT {conflict}");
        }
        if !self.rows.is_empty() {
            let head = ["  host", "installed", "desired", "last check-in", "next check", "state"];
            let mut rows = vec![head.map(str::to_owned)];
            rows.extend(self.rows.iter().cloned());
            text += &columns(&rows);
        }
        if self.more > 0 {
            let _ = writeln!(text, "  {} more", counted(self.more, "host"));
        }
        text
    }
}

fn words(board: &Board, known: bool) -> String {
    if !known {
        return format!("agents   {}: not known", board.environment);
    }
    format!("agents   {}; desired in {}: {}", board.words(), board.environment, board.store.words())
}

fn cells(row: &BoardRow, now: WallTime) -> [String; 6] {
    let version = |version: &Option<crate::domain::name::Version>| {
        version.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string)
    };
    let (last, next) = row.check_in.map_or_else(
        || ("not known".to_owned(), "not known".to_owned()),
        |it| match it.ahead {
            Some(ahead) => (format!("{} ahead", whole(ahead)), "not known".to_owned()),
            None => (format!("{} ago", whole(now.since(it.last))), due(it.next, now)),
        },
    );
    let late = match row.check_in {
        Some(CheckIn { ahead: Some(_), .. }) => ", CLOCK AHEAD".to_owned(),
        Some(CheckIn { late: true, missed, .. }) => format!(", LATE {missed}"),
        _ => String::new(),
    };
    [
        format!("  {}", row.unit),
        version(&row.installed),
        version(&row.desired),
        last,
        next,
        format!("{}{late}", standing(row)),
    ]
}

/// `converged`, `drifted`, `drifted 2 times`, `converged, drifted once before`.
fn standing(row: &BoardRow) -> String {
    let times = |times: u32| if times == 1 { "once".to_owned() } else { format!("{times} times") };
    match (row.standing, row.drifts) {
        (standing, 0) | (standing @ Standing::Drifted, 1) => standing.word().to_owned(),
        (standing @ Standing::Drifted, drifts) => format!("{} {}", standing.word(), times(drifts)),
        (standing, drifts) => format!("{}, drifted {} before", standing.word(), times(drifts)),
    }
}

fn whole(span: Span) -> Span {
    Span::secs(span.as_secs())
}

/// `in 4 min`, `due 20 s ago`.
fn due(next: WallTime, now: WallTime) -> String {
    if next > now {
        format!("in {}", whole(next.since(now)))
    } else {
        format!("due {} ago", whole(now.since(next)))
    }
}
