//! A team of one says so, and then may hold all sides.

use golive::domain::{
    checklist::ChecklistCommand,
    command::Command,
    plan::Separation,
    poll::{SeatState, tally},
    time::Span,
};

use super::{
    desk::{Desk, NOON, item, plan, role, who},
    poll::go,
};

#[test]
fn without_separation_one_person_holds_every_seat_and_approves_their_own_waiver() {
    let mut alone = plan();
    alone.separation = Separation::None;
    let dana = alone.people.get_mut(&who("dana")).unwrap();
    dana.roles.extend([role("operations"), role("deployer")]);
    let mut desk = Desk::new(alone);
    desk.say("dana", go()).unwrap();
    let states: Vec<_> = tally(&desk.session, desk.now).seats.iter().map(|seat| seat.state).collect();
    assert_eq!(states, [SeatState::Go, SeatState::Go]);
    let expires = NOON.plus(Span::hours(1));
    let ask = ChecklistCommand::AskWaiver { item: item("load-test"), reason: "no load box".into(), expires };
    desk.say("dana", Command::Checklist(ask)).unwrap();
    desk.say("dana", Command::Checklist(ChecklistCommand::ApproveWaiver { item: item("load-test") }))
        .unwrap();
}
