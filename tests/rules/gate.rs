//! What is in the way, in the order in which a release lead wants it.

use golive::domain::{
    checklist::{ChecklistCommand, Severity},
    command::Command,
    course::CourseCommand,
    gate,
    poll::Decision,
    refusal::ObstacleKind,
};

use super::{
    desk::{Desk, item, plan},
    poll::{declare, go},
};

#[test]
fn show_stoppers_come_first_then_hold_then_items_then_seats() {
    let mut plan = plan();
    plan.items[2].severity = Severity::ShowStopper;
    let mut desk = Desk::new(plan);
    desk.say("sam", Command::Course(CourseCommand::Hold { reason: "the lift is on fire".into() })).unwrap();
    let obstacles = gate::to_go(&desk.session, desk.now);
    let kinds: Vec<_> = obstacles.iter().map(|obstacle| obstacle.kind.clone()).collect();
    assert_eq!(
        kinds,
        [
            ObstacleKind::ShowStopper("on-call".into()),
            ObstacleKind::Hold,
            ObstacleKind::Item("support-told".into()),
            ObstacleKind::Item("load-test".into()),
            ObstacleKind::Seat("engineering".into()),
            ObstacleKind::Seat("operations".into()),
        ]
    );
    assert!(obstacles.iter().all(|obstacle| !obstacle.lift.is_empty()), "each says what lifts it");
}

/// [P11] Whoever says GO: while one show-stopper stands it is NO-GO, and once it is lifted it is not.
#[test]
fn a_show_stopper_that_stands_is_no_go_whatever_the_votes() {
    let mut desk = super::poll::ready_with(|plan| plan.items[0].severity = Severity::ShowStopper);
    desk.say("lee", go()).unwrap();
    desk.say("raj", go()).unwrap();
    let untick = ChecklistCommand::Untick { item: item("support-told") };
    desk.say("raj", Command::Checklist(untick)).unwrap();
    desk.say("lee", go()).unwrap();
    desk.say("raj", go()).unwrap();
    let obstacles = gate::to_go(&desk.session, desk.now);
    assert_eq!(obstacles.len(), 1, "every seat says GO: {obstacles:?}");
    assert_eq!(obstacles[0].kind, ObstacleKind::ShowStopper("support-told".into()));
    desk.refused("dana", declare(Decision::Go), &["support told: nobody has said"]);
    let tick = ChecklistCommand::Tick { item: item("support-told"), evidence: None, file: None };
    desk.say("raj", Command::Checklist(tick)).unwrap();
    desk.say("lee", go()).unwrap();
    desk.say("raj", go()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
}

/// [P24] Tier 3 and advisory items are shown and block nothing.
#[test]
fn nice_to_have_blocks_nothing() {
    let mut plan = plan();
    plan.items[0].severity = Severity::Advisory;
    plan.items[1].tier = golive::domain::plan::Tier::new(3).unwrap();
    let desk = Desk::new(plan);
    let what: Vec<_> = gate::to_go(&desk.session, desk.now).into_iter().map(|o| o.what).collect();
    assert_eq!(what, ["on call", "engineering", "operations"]);
}

/// Unknown hosts are not touched.
#[test]
fn hosts_that_were_not_observed_are_in_the_way_of_a_start() {
    let desk = Desk::new(plan());
    let obstacles = gate::to_start(&desk.session, 0, desk.now);
    let hosts = obstacles.iter().find(|obstacle| obstacle.kind == ObstacleKind::Hosts).unwrap();
    assert_eq!(hosts.why, "web-01 and 2 more not observed");
}
