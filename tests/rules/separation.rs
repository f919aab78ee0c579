//! A team of one says so, and then may hold all sides.

use golive::domain::{
    checklist::ChecklistCommand,
    command::Command,
    plan::Separation,
    poll::{Decision, PollCommand, SeatState, VoteKind, tally},
    project::Project,
    rollout::RolloutCommand,
    time::Span,
};

use super::{
    desk::{Desk, NOON, item, plan, role, seat, who},
    poll::{declare, go},
};

/// [S7] Whoever deploys watches; a seat that has to differ from author and deployer is neither's, and a third
/// person's.
#[test]
fn who_wrote_or_deploys_it_does_not_approve_it_where_the_plan_says_so() {
    let mut strict = plan();
    let lee = strict.people.get_mut(&who("lee")).unwrap();
    lee.roles.insert(role("security"));
    let raj = strict.people.get_mut(&who("raj")).unwrap();
    raj.roles.insert(role("security"));
    let mut approver = seat("security");
    approver.differs_from = vec![role("author"), role("deployer")];
    strict.poll.seats = vec![seat("engineering"), approver];
    strict.items.clear();
    let mut desk = Desk::opened(strict, &Project::default(), Some(who("lee")));
    desk.observe("2.4.1");
    let as_security = || {
        let seat = Some(role("security"));
        Command::Poll(PollCommand::Vote { seat, vote: VoteKind::Go, said_by: None })
    };
    desk.refused("lee", as_security(), &["lee wrote or deploys this release", "must differ"]);
    desk.refused("raj", as_security(), &["raj wrote or deploys this release", "must differ"]);
    desk.say("dana", go()).unwrap();
    desk.refused("dana", declare(Decision::Go), &["security: no vote"]);
    desk.say("sam", as_security()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
    desk.say("raj", Command::Rollout(RolloutCommand::Start { stage: None })).unwrap();
    assert_eq!(desk.session.course.watch.by, Some(who("raj")));
}

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
