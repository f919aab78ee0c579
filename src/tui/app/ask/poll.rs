//! `v` votes, or records what was said; `D` declares: GO where nothing is in the way, else NO-GO.

use super::{Asking, Step, confirm, shown, target};
use crate::{
    domain::{
        name::PersonName,
        pipeline::too_early,
        poll::{Decision, PollCommand, SeatState, eligible},
        session::Session,
    },
    tui::{
        app::{
            dialog::{Body, Field, Form},
            request::{Fill, Purpose},
        },
        canvas::Line,
        keymap::Why,
        theme::Role,
        when,
    },
};

pub fn vote(session: &Session, asking: &Asking<'_>) -> Result<Step, Why> {
    let me = asking.world.me().ok_or_else(|| Why::new("not now", "only a person votes"))?;
    let seats = &session.plan().poll.seats;
    let seat = asking.seat.and_then(|role| seats.iter().find(|seat| seat.role == *role));
    let standing = asking
        .glance
        .tally
        .as_ref()
        .and_then(|tally| tally.seats.iter().find(|standing| Some(&standing.role) == asking.seat));
    // A condition of one's own, or one that waits for its end: met is what there is to say about it.
    if let Some(standing) = standing
        && standing.state == SeatState::Conditional
        && let Some(person) = &standing.person
    {
        let lines = vec![Line::from(format!("GO IF {}", standing.note)).dim(" · what shows that it is met?")];
        let form = Form::new(
            "condition met",
            lines,
            vec![Field::text("shown by", true)],
            Fill::Met { person: person.clone() },
        );
        return Ok(Step::dialog(Body::Form(form)));
    }
    // On another's seat the decider records what was said.
    let mine = seat.is_none_or(|seat| eligible(session, seat, me));
    let said_by = if mine { None } else { standing.and_then(|standing| standing.person.clone()) };
    let title = match (&said_by, seat) {
        (Some(person), Some(seat)) => format!("vote of {person} ({}), said by voice", seat.role),
        (_, Some(seat)) => format!("vote as {}", seat.role),
        _ => format!("vote of {me}"),
    };
    let candidate = &session.course.release.candidate;
    let relies = Line::new().dim(format!("on {candidate}, its steps, plan B and every required item"));
    let in_the_way = asking.glance.to_go.len();
    let lines = if in_the_way == 0 {
        vec![relies]
    } else {
        vec![relies, Line::of(Role::StateWarn, format!("{in_the_way} in the way of GO"))]
    };
    let choices = ["GO", "GO IF", "NO-GO", "ABSTAIN"].map(str::to_owned).to_vec();
    let fields = vec![
        Field::choice("vote", choices, 0),
        Field::text("reason / condition", false),
        people(session, "condition's owner", me),
        Field::holding("due in", "2h"),
    ];
    let fill = Fill::Vote { seat: seat.map(|seat| seat.role.clone()), said_by, now: asking.world.now.wall };
    Ok(Step::dialog(Body::Form(Form::new(title, lines, fields, fill))))
}

/// Everybody of the project, this person first chosen.
pub fn people(session: &Session, label: &'static str, chosen: &PersonName) -> Field {
    let names: Vec<String> = session.plan().people.keys().map(ToString::to_string).collect();
    let at = names.iter().position(|name| name == chosen.as_str()).unwrap_or(0);
    Field::choice(label, names, at)
}

pub fn declare(session: &Session, asking: &Asking<'_>) -> Step {
    let candidate = session.course.release.candidate.to_string();
    let head = target(session, asking, &candidate);
    if asking.glance.to_go.is_empty() {
        let world = asking.world;
        let expires = match too_early(session, world.now) {
            Some(early) => {
                let at = |at| when::near(at, world.now.wall, world.zone);
                let words = format!(
                    "it expires {}, before {} may begin, {}; better from {} on",
                    at(early.expires),
                    early.stage,
                    at(early.opens),
                    at(early.from)
                );
                Line::of(Role::StateWarn, words)
            }
            None => Line::new().dim("GO starts nothing by itself, and expires"),
        };
        let lines = vec![head, Line::of(Role::StateOk, "nothing is in the way"), expires];
        let command = PollCommand::Declare { decision: Decision::Go, reason: String::new(), ask_again: None };
        let purpose = Purpose::from(command).with_shown(shown(session));
        return Step::dialog(Body::Confirm(confirm(
            asking,
            "declare GO",
            lines,
            "declares GO",
            "declare nothing",
            purpose,
        )));
    }
    let mut lines = vec![
        head,
        Line::of(Role::StateWarn, format!("GO is not possible: {} in the way", asking.glance.to_go.len())),
    ];
    lines.extend(
        asking.glance.to_go.iter().take(4).map(|o| Line::new().dim(format!("{}: {}", o.what, o.why))),
    );
    let fields = vec![
        Field::text("NO-GO because", true),
        Field::holding("ask again in", "24h"),
        Field::typed("NO-GO"),
    ];
    let fill = Fill::NoGo { now: asking.world.now.wall };
    Step::dialog(Body::Form(Form::new(format!("{}: declare NO-GO", asking.chord), lines, fields, fill)))
}
