//! Where a host of a side is left out, goes back alone, comes or changes sides, the rest is still taken in its turn, and
//! what is said of the way back stays true.

use std::sync::Arc;

use golive::domain::{
    command::Command,
    course::{CourseCommand, Phase},
    effect::{LaneStep, PoolState},
    event::Event,
    plan::{Adopted, Amount, Capacity, Plan},
    rollout::{LaneState, RolloutCommand, RolloutEvent, Trouble, moves, readiness, troubles},
    session::Session,
    time::Span,
};

use super::{
    blue_green::{soaks, two, validates},
    ways::says,
};
use crate::simulation::{
    host::{Host, Wrong},
    people::*,
    plan::{PRODUCTION, Shape, environment, unit},
    world::{World, actor},
};

fn old(host: &Host) -> bool {
    host.runs.as_ref().is_some_and(|version| version.as_str() == "2.4.1")
}

fn state(session: &Session, name: &str) -> LaneState {
    session.rollout.unit(&unit(name)).and_then(|unit| unit.lane.clone()).unwrap().state
}

fn back_alone(name: &str) -> Command {
    Command::Rollout(RolloutCommand::RollBack { only: vec![unit(name)] })
}

/// What is left out of its side keeps its place in the pool: nobody waits for it to leave.
#[test]
fn a_side_is_changed_without_the_host_that_was_left_out_of_it() {
    let mut world = World::new(341, &two(6));
    world.under_way();
    world.run_until(Span::minutes(10), soaks);
    world.must("raj", exclude(&unit("web-05")));
    world.reaches(Phase::LiveUnverified, Span::hours(2));
    assert!(old(&world.hosts[4]) && world.hosts[4].serves(), "it was left as it was");
    assert_eq!(state(world.session(), "web-06"), LaneState::Done);
}

/// One that is brought back alone serves again, and its side is taken on without it.
#[test]
fn a_side_goes_on_without_the_host_that_was_rolled_back_alone() {
    let capacity = Capacity { min_healthy: Some(Amount::Count(2)), ..Capacity::default() };
    let mut world = World::new(342, &Shape { capacity, ..two(6) });
    world.hosts[0].wrong.push((LaneStep::Drain, Wrong::Fails, None));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.hosts[0].wrong.clear();
    world.must("sam", back_alone("web-01"));
    world.run_for(Span::hours(2));
    let words: Vec<String> = troubles(world.session()).iter().map(Trouble::words).collect();
    assert_eq!(world.session().course.phase, Phase::LiveUnverified, "{words:?}");
}

/// What can't be taken out serves the new version on: the switch does not say that nobody is served by it.
#[test]
fn a_host_that_could_not_be_taken_out_in_the_switch_is_counted_as_left() {
    let mut world = World::new(343, &two(6));
    world.under_way();
    world.run_until(Span::minutes(10), soaks);
    world.hosts[0].wrong.push((LaneStep::Drain, Wrong::Fails, None));
    world.must("sam", roll_back());
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.must("raj", exclude(&unit("web-01")));
    world.reaches(Phase::RolledBack, Span::minutes(30));
    assert_eq!(world.hosts[0].pool, PoolState::In);
    let left = world.journal.between(0, u64::MAX).into_iter().find_map(|stamped| match stamped.event {
        Event::Rollout(RolloutEvent::Switched { left, .. }) => Some(left),
        _ => None,
    });
    assert_eq!(left, Some(1), "web-01 still serves the new version");
}

/// What is back is not promised to be switched again, nor what nobody can roll back any more.
#[test]
fn once_all_is_back_or_it_has_ended_no_switch_is_promised() {
    let mut world = World::new(344, &two(4));
    let place = environment(PRODUCTION);
    world.under_way();
    world.run_until(Span::minutes(10), soaks);
    assert!(readiness(world.session(), &place).switch.is_some());
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(10));
    assert_eq!(readiness(world.session(), &place).switch, None, "there is nothing to switch");

    let mut world = World::new(345, &two(4));
    world.under_way();
    world.run_until(Span::minutes(10), soaks);
    world.must("raj", hold());
    world.must("dana", end_as_is());
    assert_eq!(readiness(world.session(), &place).switch, None, "nobody can roll it back");
}

/// The moves say of the way back what the readout says: that it begins with the switch, as long as it does.
#[test]
fn the_moves_say_that_a_rollback_begins_with_the_switch() {
    let does = |world: &World| {
        let all = moves(world.session(), &actor("sam"), world.now());
        all.into_iter().find(|it| it.key == 'R').and_then(|it| it.does).unwrap_or_default()
    };
    let mut world = World::new(348, &two(4));
    world.check_faults.insert("reachable".into(), Wrong::Fails);
    world.under_way();
    world.run_until(Span::minutes(10), |session| !troubles(session).is_empty());
    assert!(!does(&world).contains("switch"), "nobody is served by it: {}", does(&world));
    world.check_faults.clear();
    world.must("raj", validate_again("reachable"));
    world.run_until(Span::minutes(10), soaks);
    assert!(does(&world).ends_with("; first a switch to green"), "{}", does(&world));
}

/// One that came back alone is not to be taken out again.
#[test]
fn a_switch_counts_those_that_still_serve_the_new_version() {
    let mut world = World::new(346, &two(6));
    world.under_way();
    world.run_until(Span::minutes(10), soaks);
    world.must("sam", back_alone("web-02"));
    world.run_until(Span::minutes(10), |session| state(session, "web-02") == LaneState::RolledBack);
    let switch = readiness(world.session(), &environment(PRODUCTION)).switch;
    assert_eq!(switch.map(|switch| switch.hosts), Some(2));
}

/// A host that joins the side that is back in, or changes sides, would get traffic untested, or none for ever.
#[test]
fn no_host_comes_or_changes_sides_while_one_side_is_taken_after_the_other() {
    let mut world = World::new(347, &two(6));
    world.under_way();
    world.run_until(Span::minutes(10), validates);
    let adopt = |plan: Plan| {
        let adopted = Arc::new(Adopted::new(plan, "golive.toml".into()));
        Command::Course(CourseCommand::AdoptPlan { adopted })
    };
    let place = environment(PRODUCTION);
    let mut plan = world.session().plan().clone();
    let pools = &mut plan.environments.get_mut(&place).unwrap().pools;
    let (first, second) = (pools[0].hosts.pop().unwrap(), pools[1].hosts.remove(0));
    pools[1].hosts.insert(0, first);
    pools[0].hosts.push(second);
    says(&world.refused("dana", adopt(plan)), &["sides", "the stage's end"]);
    let mut plan = world.session().plan().clone();
    plan.environments.get_mut(&place).unwrap().capacity.min_healthy = Some(Amount::Count(2));
    world.must("dana", adopt(plan));
}
