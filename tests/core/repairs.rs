//! What a human may do when the line is stopped, and what follows from it.

use golive::domain::{
    course::Phase,
    effect::LaneStep,
    rollout::{LaneState, Trouble, troubles},
    session::Session,
    time::Span,
};

use super::ways::{bad_second, small, stopped};
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{Shape, candidate, unit},
    world::World,
};

fn state(session: &Session, name: &str) -> LaneState {
    session.rollout.unit(&unit(name)).unwrap().lane.as_ref().unwrap().state.clone()
}

#[test]
fn tried_again_a_host_goes_through_its_whole_lane_and_the_line_goes_on() {
    let mut world = stopped();
    world.hosts[1].wrong.clear();
    world.must("raj", try_again(&unit("web-02")));
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    let lane = world.session().rollout.unit(&unit("web-02")).unwrap().lane.clone().unwrap();
    assert_eq!((lane.attempt, lane.done.len()), (2, lane.steps.len()));
}

#[test]
fn an_excluded_host_stays_out_and_uses_up_the_budget_until_somebody_is_called() {
    let mut world = stopped();
    world.must("raj", exclude(&unit("web-02")));
    world.run_for(Span::minutes(9));
    assert_eq!(state(world.session(), "web-03"), LaneState::Waiting, "2 of 3 must stay");
    world.run_for(Span::minutes(2));
    let called = troubles(world.session());
    assert!(matches!(called.as_slice(), [Trouble::Stalled { why, .. }] if why.contains("capacity 2 of 3")));
}

#[test]
fn a_stall_ends_when_somebody_says_so_and_when_a_host_gets_well() {
    let mut world = stopped();
    world.must("raj", exclude(&unit("web-02")));
    world.run_until(Span::minutes(12), |session| session.rollout.stalled.is_some());
    world.must("dana", go_on());
    assert!(world.session().rollout.stalled.is_none());
    world.run_until(Span::minutes(12), |session| session.rollout.stalled.is_some());
    // Somebody repairs the excluded host by hand and puts it back.
    let host = &mut world.hosts[1];
    host.pool = golive::domain::effect::PoolState::In;
    host.runs = host.installed.as_ref().map(|installed| installed.version.clone());
    host.sick = false;
    world.look_soon(1);
    world.run_for(Span::secs(5));
    assert!(!world.session().rollout.unit(&unit("web-02")).unwrap().out, "it serves again");
    world.must("dana", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(5));
}

/// Forced past, the line goes on, and the host stays listed as failed.
#[test]
fn forced_past_a_host_the_line_goes_on_without_it() {
    let shape = Shape {
        hosts: 4,
        capacity: golive::domain::plan::Capacity {
            max_unavailable: Some(golive::domain::plan::Amount::Count(2)),
            ..Default::default()
        },
        ..Shape::default()
    };
    let mut world = bad_second(&shape, LaneStep::SelfTest, Wrong::Fails);
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.must("raj", force_next());
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    assert!(matches!(state(world.session(), "web-02"), LaneState::Failed { .. }));
    assert_eq!(world.session().rollout.counts(&crate::simulation::plan::environment("production")).failed, 1);
}

#[test]
fn what_may_not_be_repeated_asks_a_human_and_goes_on_after_the_step_they_vouch_for() {
    let shape = Shape { repeatable: false, ..small() };
    let mut world = World::new(21, &shape);
    world.timings.step = (2_000_000, 3_000_000);
    world.under_way();
    // Killed in the self-test, which nothing observed can show to be done.
    world.run_until(Span::minutes(5), |session| {
        let lane = session.rollout.units()[0].lane.as_ref();
        lane.is_some_and(|lane| lane.step() == LaneStep::SelfTest && lane.state == LaneState::Working)
    });
    world.run_for(Span::millis(100));
    world.kill();
    world.run_until(Span::minutes(1), |session| session.rollout.any_troubled());
    let LaneState::Unknown { why, .. } = state(world.session(), "web-01") else {
        panic!("{}", world.story())
    };
    assert!(why.contains("self-test was interrupted"), "{why}");
    world.must("raj", mark_done(&unit("web-01")));
    assert_ne!(state(world.session(), "web-01"), LaneState::Done, "it still has to serve");
    world.run_until(Span::minutes(5), |session| state(session, "web-01") == LaneState::Done);
    assert!(world.hosts[0].serves());
}

#[test]
fn under_hold_hosts_under_way_finish_and_no_other_is_taken() {
    let mut world = World::new(22, &small());
    world.under_way();
    world.run_until(Span::minutes(1), |session| session.rollout.units()[0].out);
    world.must("sam", hold());
    world.run_for(Span::hours(6));
    assert_eq!(state(world.session(), "web-01"), LaneState::Done, "hosts under way finish");
    assert_eq!(state(world.session(), "web-02"), LaneState::Waiting);
    assert!(troubles(world.session()).is_empty(), "deadlines stand still while held");
    world.must("sam", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(5));
}

/// A host that can't be proved drained is not touched.
#[test]
fn a_balancer_that_cannot_be_reached_keeps_every_host_untouched() {
    let mut world = World::new(23, &small());
    world.prepare();
    world.decide_go();
    world.must("raj", start());
    world.balancer = false;
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(20));
    for host in &world.hosts {
        assert_eq!(host.installed, Some(candidate("2.4.1")));
        assert!(host.serves());
    }
}

#[test]
fn hosts_that_are_sick_already_go_first() {
    let mut world = World::new(24, &small());
    world.hosts[2].sick = true;
    world.look_soon(2);
    world.under_way();
    world.run_until(Span::minutes(1), |session| session.rollout.working().next().is_some());
    let (_, first) = world.session().rollout.working().next().unwrap();
    assert_eq!(first.id, unit("web-03"));
    world.reaches(Phase::LiveUnverified, Span::minutes(5));
}

#[test]
fn after_a_restart_no_host_is_taken_out_before_it_was_seen_again() {
    let mut world = World::new(25, &Shape { hosts: 6, ..Shape::default() });
    world.under_way();
    world.run_until(Span::minutes(5), |session| state(session, "web-02") == LaneState::Done);
    world.kill();
    // Nobody looks for a while.
    world.timings.look = (60_000_000, 61_000_000);
    let taken = |session: &Session| session.rollout.units().iter().filter(|unit| unit.out).count();
    let before = taken(world.session());
    world.run_for(Span::secs(30));
    assert!(taken(world.session()) <= before, "{}", world.story());
}

/// What a driver says is installed is not talked away: started, it would be another version than everybody believes.
#[test]
fn what_is_seen_not_to_be_installed_is_not_marked_as_done() {
    let mut world = World::new(191, &Shape { hosts: 3, repeatable: false, ..small() });
    world.timings.step = (2_000_000, 3_000_000);
    world.under_way();
    world.run_until(Span::minutes(5), |session| {
        session
            .rollout
            .working()
            .any(|(_, unit)| unit.lane.as_ref().is_some_and(|it| it.step() == LaneStep::Install))
    });
    world.run_for(Span::millis(100));
    world.kill();
    world.run_until(Span::minutes(2), |session| !troubles(session).is_empty());
    let unit = troubles(world.session())[0].unit().unwrap().clone();
    let refusal = world.refused("raj", mark_done(&unit)).to_string();
    assert!(refusal.contains("has 2.4.1"), "{refusal}");
    world.must("raj", try_again(&unit));
    world.reaches(Phase::LiveUnverified, Span::minutes(30));
}
