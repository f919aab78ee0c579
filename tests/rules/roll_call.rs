//! The roll call where it is not the simple case: veto and quorum, deputies of people with several roles, conditions
//! that are late, and what time does to a GO that has been used.

use golive::domain::{
    command::Command,
    course::{CourseCommand, Phase},
    plan::{Plan, Seat},
    poll::{Decision, PollCommand as P, SeatState, VoteKind, tally},
    rollout::RolloutCommand,
    time::Span,
};

use super::{
    desk::{Desk, NOON, plan, seat, who},
    poll::{declare, go, ready},
};

fn vote(kind: VoteKind) -> Command {
    Command::Poll(P::Vote { seat: None, vote: kind, said_by: None })
}

fn no_go() -> Command {
    vote(VoteKind::NoGo { reason: "the pager rota has a hole".into() })
}

fn states(desk: &Desk) -> Vec<SeatState> {
    tally(&desk.session, desk.now).seats.iter().map(|seat| seat.state).collect()
}

/// Nothing but votes is asked for.
fn polled(seats: Vec<Seat>, quorum: Option<u32>) -> Plan {
    let mut plan = plan();
    (plan.poll.seats, plan.poll.quorum) = (seats, quorum);
    plan.items.clear();
    plan
}

fn optional(role: &str) -> Seat {
    Seat { required: false, ..seat(role) }
}

/// [P46] Two of three are enough; a veto stops all three; a NO-GO without a veto is outvoted.
#[test]
fn a_quorum_below_all_seats_is_enough_and_a_veto_stops_it_all_the_same() {
    let seats =
        vec![optional("engineering"), Seat { veto: true, ..optional("operations") }, optional("security")];
    let mut desk = Desk::new(polled(seats, Some(2)));
    desk.say("lee", go()).unwrap();
    desk.refused("dana", declare(Decision::Go), &["quorum: 1 of 2 GO", "more votes"]);
    desk.say("sam", go()).unwrap();
    desk.say("raj", no_go()).unwrap();
    desk.refused("dana", declare(Decision::Go), &["operations: NO-GO: the pager rota has a hole"]);
    desk.say("raj", vote(VoteKind::Abstain)).unwrap();
    desk.say("sam", no_go()).unwrap();
    desk.refused("dana", declare(Decision::Go), &["quorum: 1 of 2 GO"]);
    // Two of three, and the third has no veto.
    desk.say("raj", go()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
    assert_eq!(desk.session.course.phase, Phase::Go);
}

/// [P45] Whoever could sit on several seats sits where nobody else can; a deputy who holds another seat counts once.
#[test]
fn deputies_and_people_of_several_roles_are_matched_to_fill_what_can_be_filled() {
    let mut security = seat("security");
    (security.eligible, security.deputy) = (vec![who("sam")], Some(who("dana")));
    let seats = vec![seat("engineering"), seat("decider"), security];
    let mut desk = Desk::new(polled(seats, None));
    desk.say("dana", go()).unwrap();
    desk.say("lee", go()).unwrap();
    assert_eq!(tally(&desk.session, desk.now).go, 2, "{:?}", states(&desk));
    desk.refused("dana", declare(Decision::Go), &["no vote"]);
    desk.say("sam", go()).unwrap();
    assert_eq!(states(&desk), [SeatState::Go; 3]);
    let holders: Vec<_> =
        tally(&desk.session, desk.now).seats.iter().map(|seat| seat.person.clone().unwrap()).collect();
    assert_eq!(holders, [who("lee"), who("dana"), who("sam")]);
    desk.say("dana", declare(Decision::Go)).unwrap();
}

#[test]
fn a_condition_that_is_late_is_named_with_its_owner_and_still_counts_once_it_is_met() {
    let mut desk = Desk::new(polled(vec![seat("operations")], None));
    let due = NOON.plus(Span::hours(1));
    let condition = VoteKind::GoIf { condition: "hotline staffed".into(), owner: who("sam"), due };
    desk.say("raj", vote(condition)).unwrap();
    desk.refused("dana", declare(Decision::Go), &["GO IF hotline staffed; sam", "the condition met"]);
    desk.later(Span::hours(2));
    desk.refused("dana", declare(Decision::Go), &["GO IF hotline staffed; sam is late"]);
    let met = P::ConditionMet { person: who("raj"), shows: "mia is there until 20:00".into() };
    desk.say("sam", Command::Poll(met)).unwrap();
    assert_eq!(states(&desk), [SeatState::Go]);
    desk.say("dana", declare(Decision::Go)).unwrap();
}

/// A GO that was used does not expire under the rollout it started, nor do its votes stop it.
#[test]
fn a_go_expires_only_while_nothing_has_started() {
    let mut desk = ready();
    desk.say("raj", go()).unwrap();
    desk.say("lee", go()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
    desk.say("raj", Command::Rollout(RolloutCommand::Start { stage: None })).unwrap();
    desk.later(Span::hours(30));
    assert!(!desk.session.poll.declared.as_ref().unwrap().expired);
    assert_eq!(desk.session.course.phase, Phase::UnderWay);
    let running = desk.session.pipeline.running().expect("it goes on");
    assert_eq!(running.name.as_str(), "production");
}

#[test]
fn anybody_of_the_people_holds_at_any_time_and_nobody_else_does() {
    let hold = || Command::Course(CourseCommand::Hold { reason: "a strange graph".into() });
    let go_on = || Command::Course(CourseCommand::Continue);
    let mut desk = ready();
    let everybody: Vec<String> = desk.session.plan().people.keys().map(ToString::to_string).collect();
    assert!(everybody.len() >= 4);
    for person in &everybody {
        desk.say(person, hold()).unwrap();
        assert_eq!(desk.session.course.hold.as_ref().unwrap().by, Some(who(person)));
        desk.refused("raj", declare(Decision::Go), &["decider"]);
        desk.say("dana", go_on()).unwrap();
        desk.later(Span::secs(2));
    }
    desk.refused("zoe", hold(), &["may look, but not act", "[people]"]);
    // Held before it starts, nothing starts; held afterwards, it stays held until somebody continues.
    desk.say("raj", go()).unwrap();
    desk.say("lee", go()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
    desk.say("sam", hold()).unwrap();
    let start = || Command::Rollout(RolloutCommand::Start { stage: None });
    desk.refused("raj", start(), &["HOLD: by sam: a strange graph", "CONTINUE"]);
    desk.say("sam", go_on()).unwrap();
    desk.say("raj", start()).unwrap();
    desk.say("lee", hold()).unwrap();
    assert!(desk.session.course.hold.is_some());
}
