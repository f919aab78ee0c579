//! Items: ticked, answered, waived, and never over a failing check.

use golive::domain::{
    checklist::{ChecklistCommand as C, Fact, ItemKind, ItemState, Severity, standing},
    command::Command,
    course::CourseCommand,
    effect::{Health, PoolState, Seen},
    refusal::RefusalKind,
    time::Span,
};

use super::desk::{Desk, NOON, candidate, item, plan, spec};

fn command(command: C) -> Command {
    Command::Checklist(command)
}

fn tick(id: &str, evidence: Option<&str>) -> Command {
    command(C::Tick { item: item(id), evidence: evidence.map(Into::into), file: None })
}

fn state(desk: &Desk, id: &str) -> ItemState {
    let spec = desk.session.plan().items.iter().find(|spec| spec.id == item(id)).unwrap();
    standing(&desk.session, spec, desk.now).state
}

#[test]
fn an_item_is_ticked_and_unticked_and_undone() {
    let mut desk = Desk::new(plan());
    desk.say("lee", tick("support-told", None)).unwrap();
    assert_eq!(state(&desk, "support-told"), ItemState::Done);
    desk.say("lee", command(C::Untick { item: item("support-told") })).unwrap();
    assert_eq!(state(&desk, "support-told"), ItemState::Open);
    desk.say("lee", command(C::Undo)).unwrap();
    assert_eq!(state(&desk, "support-told"), ItemState::Done);
    desk.refused("lee", command(C::Undo), &["nothing of yours"]);
}

#[test]
fn nobody_undoes_what_somebody_else_recorded() {
    let mut desk = Desk::new(plan());
    desk.say("lee", tick("support-told", None)).unwrap();
    desk.say("raj", command(C::Untick { item: item("support-told") })).unwrap();
    desk.refused("lee", command(C::Undo), &["somebody else has changed"]);
}

#[test]
fn evidence_is_needed_where_it_is_asked_for_and_must_say_something() {
    let mut desk = Desk::new(plan());
    desk.refused("lee", tick("load-test", None), &["needs evidence"]);
    desk.refused("lee", tick("load-test", Some("ok")), &["says nothing"]);
    desk.say("lee", tick("load-test", Some("k6 run 77, 41,200 req/min"))).unwrap();
    assert_eq!(state(&desk, "load-test"), ItemState::Done);
}

/// [P5] A question takes an answer; "TBD" is none.
#[test]
fn a_question_is_not_answered_by_tbd() {
    let mut desk = Desk::new(plan());
    let answer = |text: &str| command(C::Answer { item: item("on-call"), text: text.into() });
    desk.refused("lee", answer("TBD"), &["answers nothing"]);
    desk.refused("lee", tick("on-call", None), &["is a question"]);
    assert_eq!(state(&desk, "on-call"), ItemState::AnswerNeeded);
    desk.say("lee", answer("raj until 20:00, then lee")).unwrap();
    assert_eq!(state(&desk, "on-call"), ItemState::Done);
}

/// A hand tick never overrides an automatic answer.
#[test]
fn an_automatic_item_is_never_ticked_by_hand() {
    let mut plan = plan();
    plan.plan_b.decides = None;
    let mut desk = Desk::new(plan);
    assert_eq!(state(&desk, "plan-b"), ItemState::Failing);
    desk.refused(
        "dana",
        tick("plan-b", Some("dana said so in the meeting")),
        &["checked automatically", "nobody decides"],
    );
    let na = C::NotApplicable { item: item("plan-b"), reason: "we never need one".into() };
    desk.refused("dana", command(na), &["checked automatically", "waiver"]);
}

#[test]
fn hosts_that_nobody_has_observed_are_unproven_not_done() {
    let mut plan = plan();
    plan.items.push(spec("rollback", ItemKind::Fact { fact: Fact::RollbackReady }, Severity::Required));
    plan.items.push(spec("seen", ItemKind::Fact { fact: Fact::HostsObserved }, Severity::Required));
    let mut desk = Desk::new(plan);
    assert_eq!(state(&desk, "seen"), ItemState::Inconclusive);
    assert_eq!(state(&desk, "rollback"), ItemState::Inconclusive);
    desk.observe("2.4.1");
    assert_eq!(state(&desk, "seen"), ItemState::Done);
    assert_eq!(state(&desk, "rollback"), ItemState::Done);
}

/// [W30] Hosts on which nothing is installed were looked at all the same: that there is no way back is said before the
/// poll. Where one is known, what is missing is whether each host still keeps it.
#[test]
fn what_is_known_of_the_way_back_is_told_apart_from_what_is_not_observed() {
    let mut plan = plan();
    plan.items.push(spec("rollback", ItemKind::Fact { fact: Fact::RollbackReady }, Severity::Required));
    let mut desk = Desk::new(plan);
    let shows = |desk: &Desk| {
        let spec = desk.session.plan().items.iter().find(|spec| spec.id == item("rollback")).unwrap();
        standing(&desk.session, spec, desk.now).shows
    };
    assert_eq!(shows(&desk), "3 of 3 hosts not observed yet");
    let seen = Seen {
        health: Health::Sick,
        runs: None,
        installed: None,
        pool: PoolState::In,
        kept: None,
        why: None,
        ended: None,
        checked_in: None,
        stranger: None,
    };
    desk.see(&seen);
    assert_eq!(state(&desk, "rollback"), ItemState::Failing);
    assert_eq!(shows(&desk), "no previous version: rollback unavailable");
    desk.see(&Seen { installed: Some(candidate("2.4.1")), kept: Some(false), ..seen });
    assert_eq!(state(&desk, "rollback"), ItemState::Failing);
    assert_eq!(shows(&desk), "2.4.1 is missing on 3 of 3 hosts");
}

#[test]
fn a_waiver_is_approved_by_somebody_else_and_expires() {
    let mut desk = Desk::new(plan());
    let ask = |expires| {
        command(C::AskWaiver { item: item("load-test"), reason: "the load box is down".into(), expires })
    };
    let approve = || command(C::ApproveWaiver { item: item("load-test") });
    desk.refused("lee", approve(), &["no waiver is asked for"]);
    desk.refused("lee", ask(NOON), &["expired already"]);
    desk.say("raj", ask(NOON.plus(Span::hours(2)))).unwrap();
    assert_eq!(state(&desk, "load-test"), ItemState::WaiverAsked);
    desk.refused("raj", approve(), &["who asks does not approve"]);
    desk.refused("sam", approve(), &["may not approve"]);
    desk.say("dana", approve()).unwrap();
    assert_eq!(state(&desk, "load-test"), ItemState::Waived);
    desk.later(Span::hours(3));
    assert_eq!(state(&desk, "load-test"), ItemState::Open);
}

#[test]
fn a_show_stopper_has_no_waiver() {
    let mut plan = plan();
    plan.items[0].severity = Severity::ShowStopper;
    let mut desk = Desk::new(plan);
    let expires = NOON.plus(Span::hours(2));
    let ask = C::AskWaiver { item: item("support-told"), reason: "nobody is there".into(), expires };
    desk.refused("lee", command(ask), &["show-stopper"]);
}

#[test]
fn an_item_past_its_due_time_is_late_until_it_is_ready() {
    let mut desk = Desk::new(plan());
    let late = |desk: &Desk| standing(&desk.session, &desk.session.plan().items[0], desk.now).late;
    assert!(!late(&desk));
    desk.later(Span::hours(25));
    assert!(late(&desk), "due two days before a go-live in three");
    desk.say("lee", tick("support-told", None)).unwrap();
    assert!(!late(&desk));
}

/// [K62] [K63] Support is asked two weeks ahead and has all details one week ahead; another go-live, other due times.
#[test]
fn what_is_due_weeks_ahead_is_late_from_then_on_and_moves_with_the_go_live() {
    let mut plan = plan();
    (plan.items[0].due, plan.items[1].due) = (Some(Span::days(14)), Some(Span::days(7)));
    let mut desk = Desk::new(plan);
    let late = |desk: &Desk| {
        let items = &desk.session.plan().items[..2];
        items.iter().map(|spec| standing(&desk.session, spec, desk.now).late).collect::<Vec<_>>()
    };
    let go_live_in = |desk: &mut Desk, days| {
        let to = desk.now.wall.plus(Span::days(days));
        desk.say("dana", Command::Course(CourseCommand::MoveGoLive { to })).unwrap();
    };
    assert_eq!(late(&desk), [true, true], "a go-live in three days");
    go_live_in(&mut desk, 15);
    assert_eq!(late(&desk), [false, false]);
    desk.later(Span::days(2));
    assert_eq!(late(&desk), [true, false], "13 days are left");
    desk.later(Span::days(7));
    assert_eq!(late(&desk), [true, true], "6 days are left");
    go_live_in(&mut desk, 8);
    assert_eq!(late(&desk), [true, false]);
    desk.say("lee", tick("support-told", None)).unwrap();
    assert_eq!(late(&desk), [false, false]);
}

#[test]
fn strangers_look_but_do_not_touch() {
    let mut desk = Desk::new(plan());
    let refusal = desk.say("eve", tick("support-told", None)).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::Access);
    desk.refused("lee", tick("no-such-item", None), &["there is no item"]);
}
