//! Makes the Decision screen's view of the session and draws it.

use super::{
    after,
    draw::draw,
    state::{Row, State},
    view::{ObstacleRow, SeatRow, View},
};
use crate::{
    domain::{
        course::Phase,
        poll::{SeatStanding, SeatState, Tally, VoteKind},
        refusal::{Obstacle, ObstacleKind},
        session::Session,
    },
    tui::{
        app::{Glance, how_it_ended},
        canvas::{Canvas, Line},
        glyph::Glyph,
        keymap::{Keymap, ScreenName},
        screens::layout::{Chrome, narrowed},
        theme::Role,
        when,
        world::World,
    },
};

pub fn show(
    canvas: &mut Canvas<'_>,
    state: &State,
    world: &World<'_>,
    glance: &Glance,
    chrome: Chrome,
    keymap: &Keymap,
) {
    let (Some(session), Some(tally)) = (world.session, &glance.tally) else {
        return super::super::empty(canvas, world, &chrome, keymap, ScreenName::Decision, glance);
    };
    // In the list's order, which stands still for a moment after a key.
    let rows = state.list.order();
    let seats = rows.iter().filter_map(|row| match row {
        Row::Seat(role) => tally.seats.iter().find(|seat| seat.role == *role),
        Row::InTheWay(_) => None,
    });
    let obstacles = rows.iter().filter_map(|row| match row {
        Row::InTheWay(_) => glance.in_the_way.iter().find(|obstacle| Row::of(obstacle) == *row),
        Row::Seat(_) => None,
    });
    let view = View {
        chrome,
        roll_call: roll_call(tally),
        seats: seats.map(|seat| seat_row(seat, session, world)).collect(),
        in_the_way: in_the_way(session, glance, state),
        obstacles: obstacles.map(obstacle_row).collect(),
        selected: state.list.position(),
        first_seat: state.first_seat,
        first: state.first,
        plan_b: after::plan_b(session, world, glance),
        after_go: after::after_go(session, world, glance),
        downtime: after::downtime_to_come(session, world),
        detail: detail(state, session, world, glance),
        narrowed: narrowed(
            [(state.problems, "! what waits only")],
            &state.filter,
            [(state.by_who, "s by who lifts it".into())],
        ),
        zoomed: state.zoomed,
    };
    draw(canvas, &view, keymap, glance);
}

fn roll_call(tally: &Tally) -> Line {
    let count = |state| tally.seats.iter().filter(|seat| seat.state == state).count();
    let mut line =
        Line::of(Role::Text, "Roll call").dim(format!(" · quorum {} of {}", tally.quorum, tally.seats.len()));
    for (state, word, role) in [
        (SeatState::Go, "GO", Role::VoteGo),
        (SeatState::Conditional, "GO IF", Role::VoteConditional),
        (SeatState::NoGo, "NO-GO", Role::VoteNogo),
        (SeatState::Stale, "stale", Role::StateStale),
        (SeatState::Abstained, "abstained", Role::TextDim),
        (SeatState::NoVote, "no vote", Role::TextDim),
    ] {
        let n = count(state);
        if n > 0 {
            line = line.dim(" · ").add(role, format!("{word} {n}"));
        }
    }
    line
}

fn in_the_way(session: &Session, glance: &Glance, state: &State) -> Line {
    if let Some(ending) = &session.course.ending {
        return Line::new().dim(format!("Closed: {}", how_it_ended(session, ending)));
    }
    let listed = state.list.order().iter().filter(|row| matches!(row, Row::InTheWay(_))).count();
    match glance.in_the_way.len() {
        0 if matches!(session.course.phase, Phase::Verified | Phase::RolledBack) => {
            Line::of(Role::StateOk, "Nothing is in the way of closing it")
        }
        0 => Line::of(Role::StateOk, "Nothing is in the way"),
        n if listed < n => Line::of(Role::Text, format!("In the way · {n}, {listed} shown")),
        n => Line::of(Role::Text, format!("In the way · {n}")),
    }
}

fn seat_row(seat: &SeatStanding, session: &Session, world: &World<'_>) -> SeatRow {
    let at = seat.vote.as_ref().map_or(String::new(), |vote| when::minute(vote.at.wall, world.zone));
    let voice = match seat.vote.as_ref().and_then(|vote| vote.recorded_by.as_ref()) {
        Some(by) => format!(", recorded by {by}"),
        None => String::new(),
    };
    let (role, glyph, vote) = match seat.state {
        SeatState::Go => (Role::VoteGo, Glyph::Done, "GO".into()),
        SeatState::Conditional => (Role::VoteConditional, Glyph::NeedsHuman, "GO IF".into()),
        SeatState::NoGo => (Role::VoteNogo, Glyph::Failed, "NO-GO".into()),
        SeatState::Abstained => (Role::TextDim, Glyph::Skipped, "ABSTAIN".into()),
        SeatState::Stale => {
            let word = seat.vote.as_ref().map_or("vote", |vote| vote.kind.word());
            (Role::StateStale, Glyph::Stale, format!("{word} stale"))
        }
        SeatState::NoVote => (Role::StateWaiting, Glyph::Waiting, "no vote".into()),
    };
    let due = match seat.vote.as_ref().map(|vote| &vote.kind) {
        Some(VoteKind::GoIf { due, .. }) if seat.state == SeatState::Conditional => {
            format!(" · due {}", when::near(*due, world.now.wall, world.zone))
        }
        _ => String::new(),
    };
    let changed =
        seat.vote.as_ref().filter(|_| seat.state == SeatState::Stale).and_then(|vote| {
            when::candidate_changed(session, &vote.relies.artifact, world.now.wall, world.zone)
        });
    let deputy = match (&seat.deputy, seat.state) {
        (Some(deputy), SeatState::NoVote | SeatState::Stale) => format!("deputy {deputy}"),
        _ => String::new(),
    };
    let note = changed.unwrap_or_else(|| format!("{}{due}", seat.note));
    let parts = [format!("{at}{voice}"), note, deputy];
    let note: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let required = if seat.required { "" } else { ", asked" };
    SeatRow {
        role,
        glyph,
        seat: format!("{}{required}", seat.role),
        person: seat.person.as_ref().map_or("–".into(), ToString::to_string),
        vote,
        note: note.join(" · "),
    }
}

fn obstacle_row(obstacle: &Obstacle) -> ObstacleRow {
    let (role, glyph) = match obstacle.kind {
        ObstacleKind::ShowStopper(_) | ObstacleKind::NoGo(_) | ObstacleKind::NeedsHuman => {
            (Role::StateBad, Glyph::Failed)
        }
        ObstacleKind::Hold => (Role::StateWarn, Glyph::Held),
        _ => (Role::StateWarn, Glyph::NeedsHuman),
    };
    let what = match obstacle.kind {
        ObstacleKind::ShowStopper(_) => format!("! {}", obstacle.what),
        _ => obstacle.what.clone(),
    };
    ObstacleRow {
        role,
        glyph,
        what,
        why: obstacle.why.clone(),
        lift: by_key(&obstacle.lift),
        who: obstacle.who.clone(),
    }
}

/// Where several keys lift it, the keys alone: `T, X, F or R`. The whole sentence stands in its detail.
fn by_key(lift: &str) -> String {
    let brackets = lift.split('(').skip(1).filter_map(|rest| rest.split_once(')'));
    let keys: Vec<&str> = brackets.map(|(key, _)| key).filter(|key| key.chars().count() == 1).collect();
    match keys.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => lift.to_owned(),
    }
}

fn detail(state: &State, session: &Session, world: &World<'_>, glance: &Glance) -> (Line, Vec<Line>) {
    if let Some(obstacle) = state.obstacle(glance) {
        let mut lines =
            vec![Line::from(obstacle.why.as_str()), Line::new().dim(format!("lifted by {}", obstacle.lift))];
        if !obstacle.who.is_empty() {
            lines.push(Line::new().dim(format!("by {}", obstacle.who)));
        }
        return (Line::from(obstacle.what.as_str()), lines);
    }
    let tally = glance.tally.as_ref();
    let Some(seat) = state.seat().and_then(|role| tally?.seats.iter().find(|seat| seat.role == *role)) else {
        return (Line::new(), Vec::new());
    };
    let mut lines = Vec::new();
    match &seat.vote {
        None => lines.push(Line::new().dim("no vote is not a GO")),
        Some(vote) => {
            let at = when::near(vote.at.wall, world.now.wall, world.zone);
            lines.push(Line::from(format!("{} by {} at {at}", vote.kind.word(), vote.person)));
            let expires = vote.at.wall.plus(session.plan().poll.votes_expire);
            let until = when::near(expires, world.now.wall, world.zone);
            let saw = &vote.relies.artifact;
            let changed = when::candidate_changed(session, saw, world.now.wall, world.zone);
            lines.extend(changed.map(|words| Line::of(Role::StateStale, words)));
            lines.push(Line::new().dim(format!("counts until {until}, while what it saw stands")));
        }
    }
    if !seat.note.is_empty() {
        lines.push(Line::from(seat.note.as_str()));
    }
    if seat.veto {
        lines.push(Line::of(Role::StateWarn, "its NO-GO decides alone"));
    }
    (Line::from(seat.role.as_str()), lines)
}
