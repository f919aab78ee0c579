//! The convergence board: hosts that agents change, in place of lanes.

use super::view::{AgentCells, HostRow};
use crate::{
    domain::{
        name::EnvironmentName,
        rollout::{BoardRow, CheckIn, Standing, StoreState, Unit, board, board_row},
        session::Session,
        time::Span,
    },
    tui::{canvas::Line, glyph::Glyph, theme::Role, world::World},
};

/// A host of the list, as a row of the board where an agent changes it.
pub fn row(session: &Session, unit: &Unit, world: &World<'_>, host: HostRow) -> HostRow {
    let Some(row) = board_row(session, unit, world.now) else { return host };
    let (role, glyph, step) = state(&row, &host);
    let agent = AgentCells {
        desired: row.desired.as_ref().map(ToString::to_string),
        last: last(row.check_in, world),
        next: next(row.check_in, world),
    };
    HostRow { role, glyph, step, agent: Some(agent), ..host }
}

/// Nothing is green of which nobody knows what it is told.
fn state(row: &BoardRow, host: &HostRow) -> (Role, Glyph, String) {
    let late = row.check_in.filter(|it| !it.in_time());
    let word = |word: &str| if row.back { format!("back: {word}") } else { word.to_owned() };
    let late_words =
        |word: String| late.map_or_else(|| word.clone(), |it| format!("{word}, {}", not_in_time(it)));
    let times = if row.drifts > 1 { format!(" {} times", row.drifts) } else { String::new() };
    match row.standing {
        Standing::Converged if late.is_some() => {
            (Role::StateStale, Glyph::Stale, late_words(row.standing.word().to_owned()))
        }
        // Whether it is well is the host's own row's to say.
        Standing::Converged if host.role == Role::StateOk => {
            (host.role, host.glyph, word(row.standing.word()))
        }
        Standing::ToldOtherwise => (Role::StateWarn, Glyph::NeedsHuman, "TOLD OTHERWISE".to_owned()),
        Standing::Drifted => (Role::StateWarn, Glyph::NeedsHuman, format!("DRIFTED{times}")),
        Standing::NotWell => (Role::StateBad, Glyph::Working, word("NOT WELL")),
        Standing::Converging if late.is_some() => {
            (Role::StateWarn, Glyph::Working, late_words(word("converging")))
        }
        Standing::Converging | Standing::Settling => {
            (Role::StateWorking, Glyph::Working, word(row.standing.word()))
        }
        Standing::Overdue => (Role::StateBad, Glyph::Failed, late_words("overdue".to_owned())),
        // It runs what was set, as far as that is known: it is the store that is not.
        Standing::Unknown if row.installed.is_some() && row.desired.is_none() => {
            (Role::StateUnproven, Glyph::Unknown, "store not read".to_owned())
        }
        Standing::Unknown => (Role::StateUnproven, Glyph::Unknown, late_words("not known".to_owned())),
        Standing::Waiting if late.is_some() => (Role::StateWarn, host.glyph, late_words(host.step.clone())),
        Standing::Converged | Standing::Waiting | Standing::LeftOut => {
            (host.role, host.glyph, host.step.clone())
        }
    }
}

/// `LATE 3`, or that its clock is ahead: when it looks is not known.
fn not_in_time(it: CheckIn) -> String {
    it.ahead.map_or_else(|| format!("LATE {}", it.missed), |_| "CLOCK AHEAD".to_owned())
}

fn last(check_in: Option<CheckIn>, world: &World<'_>) -> (Role, String) {
    match check_in {
        None => (Role::StateUnproven, "?".to_owned()),
        Some(CheckIn { ahead: Some(ahead), .. }) => (Role::StateWarn, format!("+{}", brief(ahead))),
        Some(it) => {
            let role = if it.late { Role::StateWarn } else { Role::TextDim };
            (role, format!("{} ago", brief(world.now.wall.since(it.last))))
        }
    }
}

fn next(check_in: Option<CheckIn>, world: &World<'_>) -> (Role, String) {
    let now = world.now.wall;
    match check_in {
        None | Some(CheckIn { ahead: Some(_), .. }) => (Role::StateUnproven, "?".to_owned()),
        Some(it) if it.next > now => (Role::Text, format!("in {}", brief(it.next.since(now)))),
        Some(it) => {
            let role = if it.late { Role::StateWarn } else { Role::TextDim };
            (role, format!("due {} ago", brief(now.since(it.next))))
        }
    }
}

/// `8 s`, `4 min`, `2 h`: a countdown that is read at a glance.
fn brief(span: Span) -> String {
    match span.as_secs() {
        secs @ 0..120 => format!("{secs} s"),
        secs @ 120..7_200 => format!("{} min", secs / 60),
        secs => format!("{} h", secs / 3_600),
    }
}

/// ` · 1 late · 1 drifted`, after how the hosts stand.
pub fn counts(session: &Session, environment: &EnvironmentName, world: &World<'_>) -> Line {
    let Some(board) = board(session, environment, world.now) else { return Line::new() };
    let mut line = Line::new();
    let others = [
        (board.late, "late"),
        (board.drifted, "drifted"),
        (board.not_well, "not well"),
        (board.told_otherwise, "told otherwise"),
    ];
    for (count, word) in others {
        if count > 0 {
            line = line.dim(" · ").add(Role::StateWarn, format!("{count} {word}"));
        }
    }
    line
}

/// What agents are told, and by when all have it.
pub fn line(session: &Session, environment: &EnvironmentName, world: &World<'_>) -> Option<Line> {
    let board = board(session, environment, world.now)?;
    let role = match &board.store {
        StoreState::Read(_) => Role::Text,
        StoreState::Unread => Role::StateUnproven,
        StoreState::Unreadable(_) => Role::StateBad,
    };
    let store = match &board.store {
        StoreState::Unreadable(why) => format!("STORE CAN'T BE READ: {why}"),
        StoreState::Read(None) => "each host has a key of its own".to_owned(),
        other => format!("desired {}", other.words()),
    };
    let line = Line::of(role, store).dim(format!(" · agents look every {}", board.every));
    Some(match board.left {
        Some(left) => line.text(format!(" · within {}", brief(left))),
        None => line,
    })
}
