//! Seats, votes, staleness, and the declaration.

use std::sync::Arc;

use golive::domain::{
    checklist::{ChecklistCommand, Fact, ItemKind, Severity},
    command::Command,
    course::{CourseCommand, Phase},
    effect::Health,
    plan::{Adopted, Amount, Plan},
    poll::{Decision, PollCommand as P, SeatState, Tally, VoteKind, tally},
    refusal::RefusalKind,
    time::Span,
};

use super::desk::{Desk, NOON, item, plan, role, seat, spec, who};

fn vote(kind: VoteKind) -> Command {
    Command::Poll(P::Vote { seat: None, vote: kind, said_by: None })
}

pub fn go() -> Command {
    vote(VoteKind::Go)
}

pub fn declare(decision: Decision) -> Command {
    Command::Poll(P::Declare { decision, reason: "all is ready".into(), ask_again: None })
}

fn now(desk: &Desk) -> Tally {
    tally(&desk.session, desk.now)
}

fn states(desk: &Desk) -> Vec<SeatState> {
    now(desk).seats.iter().map(|seat| seat.state).collect()
}

/// A desk at which every item is done.
pub fn ready() -> Desk {
    ready_with(|_| {})
}

/// Likewise, with something else in its plan.
pub fn ready_with(change: impl FnOnce(&mut Plan)) -> Desk {
    let mut plan = plan();
    change(&mut plan);
    let mut desk = Desk::new(plan);
    let tick = |id: &str, evidence: Option<&str>| {
        Command::Checklist(ChecklistCommand::Tick {
            item: item(id),
            evidence: evidence.map(Into::into),
            file: None,
        })
    };
    desk.say("raj", tick("support-told", None)).unwrap();
    desk.say("lee", tick("load-test", Some("k6 run 77"))).unwrap();
    let answer = ChecklistCommand::Answer { item: item("on-call"), text: "raj, then lee".into() };
    desk.say("lee", Command::Checklist(answer)).unwrap();
    desk.observe("2.4.1");
    desk
}

/// [P46] Roll call by seat; silence never approves.
#[test]
fn silence_is_not_a_go() {
    let mut desk = ready();
    desk.refused(
        "dana",
        declare(Decision::Go),
        &["engineering: no vote", "operations: no vote", "vote of raj"],
    );
    desk.say("lee", go()).unwrap();
    desk.refused("dana", declare(Decision::Go), &["operations: no vote"]);
    desk.say("raj", go()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
    assert_eq!(desk.session.course.phase, Phase::Go);
}

/// [P47] Nothing may be in the way when GO is declared: each item is done, or waived by somebody else.
#[test]
fn an_open_item_keeps_the_decider_from_declaring_go() {
    let mut desk = Desk::new(plan());
    desk.say("lee", go()).unwrap();
    desk.say("raj", go()).unwrap();
    desk.refused("dana", declare(Decision::Go), &["load test: no evidence", "on call: not answered"]);
    let answer = ChecklistCommand::Answer { item: item("on-call"), text: "raj, then lee".into() };
    desk.say("lee", Command::Checklist(answer)).unwrap();
    let tick = ChecklistCommand::Tick { item: item("support-told"), evidence: None, file: None };
    desk.say("raj", Command::Checklist(tick)).unwrap();
    let expires = NOON.plus(Span::hours(2));
    let reason = "the load box is down".into();
    let ask = ChecklistCommand::AskWaiver { item: item("load-test"), reason, expires };
    desk.say("raj", Command::Checklist(ask)).unwrap();
    desk.say("lee", go()).unwrap();
    desk.say("raj", go()).unwrap();
    desk.refused("dana", declare(Decision::Go), &["load test: ", "raj asks"]);
    let approve = ChecklistCommand::ApproveWaiver { item: item("load-test") };
    desk.say("dana", Command::Checklist(approve)).unwrap();
    desk.say("lee", go()).unwrap();
    desk.say("raj", go()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
}

#[test]
fn only_a_decider_declares() {
    let mut desk = ready();
    desk.refused("raj", declare(Decision::Go), &["decider", "dana"]);
}

#[test]
fn a_no_go_needs_a_reason_and_blocks_whatever_the_others_say() {
    let mut desk = ready();
    desk.refused("raj", vote(VoteKind::NoGo { reason: "no".into() }), &["a reason is needed"]);
    desk.say("raj", vote(VoteKind::NoGo { reason: "the pager rota has a hole".into() })).unwrap();
    desk.say("lee", go()).unwrap();
    desk.refused("dana", declare(Decision::Go), &["NO-GO: the pager rota has a hole"]);
}

#[test]
fn a_go_if_counts_once_its_condition_is_met() {
    let mut desk = ready();
    let due = NOON.plus(Span::hours(1));
    let condition = |due| VoteKind::GoIf { condition: "hotline staffed".into(), owner: who("sam"), due };
    desk.refused("raj", vote(condition(NOON)), &["due time is past"]);
    desk.say("raj", vote(condition(due))).unwrap();
    desk.say("lee", go()).unwrap();
    desk.refused("dana", declare(Decision::Go), &["GO IF hotline staffed"]);
    let met =
        || Command::Poll(P::ConditionMet { person: who("raj"), shows: "mia is there until 20:00".into() });
    desk.refused("lee", met(), &["may not say"]);
    desk.say("sam", met()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
}

/// [P49] A vote is about the artifact and the steps it saw; other steps make it stale.
#[test]
fn adopting_other_steps_makes_votes_stale_and_a_comment_does_not() {
    let mut desk = ready();
    desk.say("raj", go()).unwrap();
    let text = "the number is 112 now".to_owned();
    desk.say("lee", Command::Checklist(ChecklistCommand::Comment { item: item("on-call"), text })).unwrap();
    assert_eq!(states(&desk)[1], SeatState::Go);
    let mut other = plan();
    let production = other.environments.values_mut().next().unwrap();
    production.capacity.max_parallel = Some(Amount::Count(2));
    let adopted = Arc::new(Adopted::new(other, "the new file".into()));
    desk.say("dana", Command::Course(CourseCommand::AdoptPlan { adopted })).unwrap();
    assert_eq!(states(&desk)[1], SeatState::Stale);
    let differences = desk.record.iter().find_map(|at| match &at.event {
        golive::domain::event::Event::Course(golive::domain::course::CourseEvent::PlanAdopted {
            differences,
            ..
        }) => Some(differences.join("\n")),
        _ => None,
    });
    let differences = differences.unwrap();
    assert!(differences.contains("vote of raj goes stale"), "{differences}");
    assert!(differences.contains("max_parallel"), "{differences}");
    desk.say("raj", go()).unwrap();
    assert_eq!(states(&desk)[1], SeatState::Go, "asked again");
    let mut reordered = desk.session.plan().clone();
    reordered.environments.values_mut().next().unwrap().pools[0].hosts.reverse();
    let adopted = Arc::new(Adopted::new(reordered, "the same hosts, the last first".into()));
    desk.say("dana", Command::Course(CourseCommand::AdoptPlan { adopted })).unwrap();
    assert_eq!(states(&desk)[1], SeatState::Stale, "another order is another plan");
}

/// [P49] A check that passes by now is better news: nobody is asked again. One that does not pass any more is asked
/// about again, and so is what a person has changed by hand.
#[test]
fn a_check_that_passes_by_now_leaves_votes_and_one_that_fails_by_now_does_not() {
    let mut watched = plan();
    let fact = |id: &str, fact| spec(id, ItemKind::Fact { fact }, Severity::Required);
    watched.items.push(fact("hosts-looked-at", Fact::HostsObserved));
    watched.items.push(fact("hosts-well", Fact::HostsHealthy));
    let mut desk = Desk::new(watched);
    desk.say("raj", go()).unwrap();
    desk.say("lee", go()).unwrap();
    assert_eq!(states(&desk), [SeatState::Go, SeatState::Go], "no host was looked at yet");
    desk.observe("2.4.1");
    assert_eq!(states(&desk), [SeatState::Go, SeatState::Go], "unknown when they voted, and passed by now");
    desk.observe_as("2.4.1", Health::Sick);
    assert_eq!(states(&desk), [SeatState::Go, SeatState::Go], "as it was when they voted");
    desk.observe("2.4.1");
    desk.say("raj", go()).unwrap();
    desk.observe_as("2.4.1", Health::Sick);
    assert_eq!(states(&desk), [SeatState::Go, SeatState::Stale], "raj saw it pass, lee did not");
    assert!(now(&desk).seats[1].note.contains("hosts well has changed"), "{}", now(&desk).seats[1].note);
    desk.observe("2.4.1");
    assert_eq!(states(&desk), [SeatState::Go, SeatState::Go], "as raj saw it");
    let tick = ChecklistCommand::Tick { item: item("support-told"), evidence: None, file: None };
    desk.say("raj", Command::Checklist(tick)).unwrap();
    assert_eq!(states(&desk), [SeatState::Stale, SeatState::Stale], "what a person says is looked at");
}

#[test]
fn moving_the_go_live_makes_votes_stale_only_where_they_rely_on_it() {
    let mut timed = plan();
    timed.poll.seats[0].relies_on = vec!["time".into()];
    timed.poll.seats[1].relies_on = vec!["artifacts".into()];
    let mut desk = Desk::new(timed);
    desk.say("lee", go()).unwrap();
    desk.say("raj", go()).unwrap();
    let to = NOON.plus(Span::days(5));
    desk.say("dana", Command::Course(CourseCommand::MoveGoLive { to })).unwrap();
    assert_eq!(states(&desk), [SeatState::Stale, SeatState::Go]);
}

#[test]
fn votes_and_a_go_expire() {
    let mut desk = ready();
    desk.say("lee", go()).unwrap();
    desk.say("raj", go()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
    desk.later(Span::hours(5));
    assert!(desk.session.poll.declared.as_ref().unwrap().expired);
    assert_eq!(desk.session.course.phase, Phase::Polling);
    desk.later(Span::hours(20));
    assert_eq!(states(&desk), [SeatState::Stale, SeatState::Stale]);
}

#[test]
fn what_was_said_by_voice_names_both_and_a_plan_may_forbid_it() {
    let by_voice = || Command::Poll(P::Vote { seat: None, vote: VoteKind::Go, said_by: Some(who("raj")) });
    let mut desk = ready();
    desk.refused("lee", by_voice(), &["decider"]);
    desk.say("dana", by_voice()).unwrap();
    let vote = &desk.session.poll.votes[&who("raj")];
    assert_eq!(vote.recorded_by, Some(who("dana")));
    let mut silent = plan();
    silent.poll.by_voice = false;
    let mut desk = Desk::new(silent);
    desk.refused("dana", by_voice(), &["no votes by voice"]);
}

/// [P45] One person counts once, and a seat assignment is found whenever one exists.
#[test]
fn people_with_several_roles_are_seated_so_that_all_seats_are_filled() {
    let mut plan = plan();
    plan.poll.seats = vec![seat("engineering"), seat("decider")];
    let mut desk = Desk::new(plan);
    // dana fits both seats, lee only the first.
    desk.say("dana", go()).unwrap();
    assert_eq!(now(&desk).go, 1, "one person counts once");
    desk.say("lee", go()).unwrap();
    assert_eq!(states(&desk), [SeatState::Go, SeatState::Go]);
    let holders: Vec<_> = now(&desk).seats.iter().map(|seat| seat.person.clone().unwrap()).collect();
    assert_eq!(holders, [who("lee"), who("dana")]);
}

#[test]
fn a_deputy_counts_where_the_holder_is_silent() {
    let mut plan = plan();
    let mut security = seat("security");
    (security.eligible, security.deputy) = (vec![who("sam")], Some(who("ana")));
    plan.poll.seats = vec![security];
    let mut desk = Desk::new(plan);
    desk.say("ana", go()).unwrap();
    assert_eq!(states(&desk), [SeatState::Go]);
    desk.say("sam", vote(VoteKind::NoGo { reason: "the audit is open".into() })).unwrap();
    assert_eq!(states(&desk), [SeatState::NoGo], "the holder's own vote goes before the deputy's");
}

#[test]
fn a_seat_that_must_differ_from_the_deployer_refuses_the_deployer() {
    let mut plan = plan();
    plan.poll.seats[1].differs_from = vec![role("deployer")];
    // Somebody else must be able to take it, or the plan is refused as a whole.
    plan.poll.seats[1].deputy = Some(who("sam"));
    let mut desk = Desk::new(plan);
    let refusal = desk.say("raj", go()).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::Access);
    assert!(refusal.reason.contains("must differ"), "{refusal}");
}

#[test]
fn votes_by_people_without_a_seat_are_refused() {
    let mut desk = ready();
    desk.refused("sam", go(), &["holds no such seat"]);
    let named = P::Vote { seat: Some(role("marketing")), vote: VoteKind::Go, said_by: None };
    desk.refused("lee", Command::Poll(named), &["no seat of marketing", "engineering, operations"]);
}
