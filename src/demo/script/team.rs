//! The scripted teammates before the go-live: they tick and answer their items, and vote once those stand. Pure.

use super::{answers::said, cast::Cast};
use crate::domain::{
    checklist::{ChecklistCommand, ItemKind, ItemSpec, ItemState, Owner, standing},
    command::Command,
    course::CourseCommand,
    name::PersonName,
    poll::{PollCommand, SeatStanding, SeatState, VoteKind, tally},
    session::Session,
    time::{Now, Span},
};

/// The seat that says GO IF first, so that a condition is seen.
const CONDITIONAL: &str = "support";
const CONDITION: &str = "the hotline is staffed until 20:00";
const CONDITION_MET: &str = "two people are on the hotline's list until 20:00";

/// What somebody says or does.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub person: PersonName,
    pub command: Command,
}

/// What a teammate does next; none: they have all said what they have to say for now.
pub fn team(session: &Session, now: Now, cast: &Cast) -> Option<Line> {
    if let Some(line) = watch(session, cast) {
        return Some(line);
    }
    let after = session.course.started.is_some();
    let mut open = false;
    for item in session.plan().items.iter().filter(|item| item.post_live == after) {
        if let Some(line) = of_item(session, item, now, cast) {
            return Some(line);
        }
        open |= cast.item_is_yours(item) && !standing(session, item, now).state.ready();
    }
    // Votes rely on the items: whoever votes before they stand, votes twice.
    if after || open { None } else { vote(session, now, cast) }
}

/// Whoever is offered the watch takes it.
fn watch(session: &Session, cast: &Cast) -> Option<Line> {
    let person = session.course.watch.offered_to.as_ref().filter(|person| cast.scripted(person))?;
    Some(Line { person: person.clone(), command: Command::Course(CourseCommand::TakeWatch) })
}

/// A waiver that the newcomer asked for is approved by somebody else who may.
fn approve(session: &Session, item: &ItemSpec, now: Now, cast: &Cast) -> Option<Line> {
    let waiver = session.checklist.record(&item.id)?.waiver.as_ref()?;
    let Owner::Role(role) = &item.owner else { return None };
    let waits = waiver.approved.is_none() && now.wall < waiver.expires && !cast.scripted(&waiver.asked.by);
    let person = cast.with_role(session.plan(), role.as_str()).filter(|_| waits)?;
    let item = item.id.clone();
    Some(Line { person, command: Command::Checklist(ChecklistCommand::ApproveWaiver { item }) })
}

fn of_item(session: &Session, item: &ItemSpec, now: Now, cast: &Cast) -> Option<Line> {
    if let Some(line) = approve(session, item, now, cast) {
        return Some(line);
    }
    if cast.item_is_yours(item) {
        return None;
    }
    let state = standing(session, item, now).state;
    let (item_id, text) = (item.id.clone(), said(item).to_owned());
    let command = match (&item.kind, state) {
        (ItemKind::Hand { .. }, ItemState::Open | ItemState::Stale) => {
            ChecklistCommand::Tick { item: item_id, evidence: Some(text), file: None }
        }
        (ItemKind::Question, ItemState::AnswerNeeded) => ChecklistCommand::Answer { item: item_id, text },
        // Checks and facts stand by themselves, or not at all.
        _ => return None,
    };
    Some(Line { person: cast.speaks_for(session.plan(), item)?, command: Command::Checklist(command) })
}

fn vote(session: &Session, now: Now, cast: &Cast) -> Option<Line> {
    let tally = tally(session, now);
    let theirs = |seat: &&SeatStanding| !cast.seat_is_yours(session.plan(), &seat.role);
    let asked = |state| matches!(state, SeatState::NoVote | SeatState::Stale);
    let line =
        |person: &PersonName, command| Some(Line { person: person.clone(), command: Command::Poll(command) });
    if let Some(seat) = tally.seats.iter().filter(theirs).find(|seat| asked(seat.state)) {
        let person = seat.person.as_ref().filter(|person| cast.scripted(person))?;
        let first = seat.state == SeatState::NoVote && seat.role.as_str() == CONDITIONAL;
        let vote = if first {
            let due = now.wall.plus(Span::hours(2));
            VoteKind::GoIf { condition: CONDITION.into(), owner: person.clone(), due }
        } else {
            VoteKind::Go
        };
        return line(person, PollCommand::Vote { seat: Some(seat.role.clone()), vote, said_by: None });
    }
    let seat = tally.seats.iter().filter(theirs).find(|seat| seat.state == SeatState::Conditional)?;
    let person = seat.person.as_ref().filter(|person| cast.scripted(person))?;
    line(person, PollCommand::ConditionMet { person: person.clone(), shows: CONDITION_MET.into() })
}
