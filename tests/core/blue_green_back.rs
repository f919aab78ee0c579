//! The way back from one side: as long as the other one was not changed it serves all again at once, and what was changed
//! is redeployed without traffic.

use golive::domain::{
    course::Phase,
    effect::PoolState,
    event::Event,
    rollout::{RolloutEvent, readiness},
    time::Span,
};

use super::blue_green::{soaks, two, validates};
use crate::simulation::{
    host::{Host, Wrong},
    people::*,
    plan::{PRODUCTION, environment},
    world::{Happening, HostFault, World},
};

fn old(host: &Host) -> bool {
    host.runs.as_ref().is_some_and(|version| version.as_str() == "2.4.1")
}

/// What was said of the switch: how long it took, and who was left.
fn switched(world: &World) -> Option<(Span, u32)> {
    world.journal.between(0, u64::MAX).into_iter().find_map(|stamped| match stamped.event {
        Event::Rollout(RolloutEvent::Switched { took, left, .. }) => Some((took, left)),
        _ => None,
    })
}

/// The way back is the switch as long as green was not changed, and then it is not.
#[test]
fn until_the_other_side_is_changed_the_way_back_is_the_switch() {
    let mut world = World::new(331, &two(6));
    let place = environment(PRODUCTION);
    world.under_way();
    assert!(readiness(world.session(), &place).switch.is_some(), "nothing of green is changed");
    world.run_until(Span::minutes(10), soaks);
    let switch = readiness(world.session(), &place).switch.expect("green is as it was");
    assert_eq!((switch.to.as_str(), switch.hosts), ("green", 3));
    world.run_until(Span::hours(1), |session| {
        session.pipeline.running().is_some_and(|run| run.reached() == Some(1))
    });
    // Nothing is taken out yet: it is only brought the release.
    assert!(readiness(world.session(), &place).switch.is_some());
    world.run_until(Span::hours(1), |session| session.rollout.units()[3].out);
    assert_eq!(readiness(world.session(), &place).switch, None);
}

#[test]
fn rolled_back_in_its_soak_the_other_side_serves_alone_before_anything_is_changed() {
    let mut world = World::new(332, &two(6));
    world.under_way();
    world.run_until(Span::minutes(10), soaks);
    world.must("sam", roll_back());
    let mut all_out = false;
    for _ in 0..5_000 {
        world.step();
        let (blue, green) = world.hosts.split_at(3);
        assert!(green.iter().all(|host| host.serves() && old(host)), "green is not touched");
        all_out |= blue.iter().all(|host| host.pool == PoolState::Out);
        let changed = blue.iter().any(|host| host.runs.is_none() || old(host));
        assert!(!changed || all_out, "changed before the switch was through");
        assert!(blue.iter().all(|host| !host.serves() || old(host)) || !changed, "served by both versions");
        if world.session().course.phase == Phase::RolledBack {
            break;
        }
    }
    world.reaches(Phase::RolledBack, Span::minutes(10));
    assert!(world.hosts.iter().all(|host| old(host) && host.serves()));
    let (took, left) = switched(&world).expect("the switch is a fact");
    assert!(took < Span::secs(10) && left == 0, "{took}, {left} left");
}

#[test]
fn rolled_back_before_it_served_nobody_is_switched_and_it_is_redeployed_without_traffic() {
    let mut world = World::new(333, &two(4));
    world.check_faults.insert("reachable".into(), Wrong::Fails);
    world.under_way();
    world.run_until(Span::minutes(10), validates);
    world.run_for(Span::minutes(5));
    let switch = readiness(world.session(), &environment(PRODUCTION)).switch.unwrap();
    assert_eq!(switch.hosts, 0, "nobody is served by it");
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(10));
    assert!(world.hosts.iter().all(|host| old(host) && host.serves()));
}

#[test]
fn rolled_back_after_both_were_changed_every_host_is_redeployed_side_by_side() {
    let mut world = World::new(334, &two(4));
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::hours(3));
    world.must("sam", roll_back());
    for _ in 0..10_000 {
        world.step();
        assert!(world.hosts.iter().filter(|host| host.serves()).count() >= 2, "half serve at least");
        if world.session().course.phase == Phase::RolledBack {
            break;
        }
    }
    world.reaches(Phase::RolledBack, Span::minutes(30));
    assert_eq!(switched(&world), None);
    assert!(world.hosts.iter().all(|host| old(host) && host.serves()));
}

/// The side that would serve alone is unwell: what serves is not taken away from people for it.
#[test]
fn with_the_other_side_unwell_hosts_come_back_one_after_another() {
    let mut world = World::new(335, &two(6));
    world.under_way();
    world.run_until(Span::minutes(10), soaks);
    world.plan_for(world.at, Happening::Host(4, HostFault::Sick));
    world.look_soon(4);
    world.run_for(Span::secs(5));
    assert_eq!(readiness(world.session(), &environment(PRODUCTION)).switch, None);
    world.must("sam", roll_back());
    for _ in 0..10_000 {
        world.step();
        assert!(world.hosts.iter().filter(|host| host.serves()).count() >= 3, "the minimum serves");
        if world.session().course.phase == Phase::RolledBack {
            break;
        }
    }
    world.reaches(Phase::RolledBack, Span::minutes(30));
    assert!(world.hosts.iter().all(old));
}

/// Hosts that can't be spared stay in, and those that are out are changed: the way back never waits for ever.
#[test]
fn where_the_other_side_falls_sick_in_the_switch_those_that_are_out_go_back_first() {
    let mut shape = two(6);
    shape.capacity.max_parallel = Some(golive::domain::plan::Amount::Count(1));
    let mut world = World::new(336, &shape);
    world.under_way();
    world.run_until(Span::minutes(30), soaks);
    world.must("sam", roll_back());
    world.run_until(Span::minutes(1), |session| {
        session.rollout.units().iter().filter(|unit| unit.out).count() == 1
    });
    world.plan_for(world.at, Happening::Host(4, HostFault::Dies));
    world.plan_for(world.at, Happening::Host(5, HostFault::Dies));
    world.look_soon(4);
    world.look_soon(5);
    world.reaches(Phase::RolledBack, Span::minutes(60));
    let (_, left) = switched(&world).unwrap();
    assert!(left > 0, "some could not be spared");
    assert!(world.hosts[..3].iter().all(old));
}

#[test]
fn killed_in_the_switch_it_goes_on() {
    let mut world = World::new(337, &two(4));
    world.under_way();
    world.run_until(Span::minutes(10), soaks);
    world.must("sam", roll_back());
    world.run_until(Span::minutes(1), |session| session.rollout.units().iter().any(|unit| unit.out));
    world.kill();
    world.reaches(Phase::RolledBack, Span::minutes(10));
    assert!(world.hosts.iter().all(|host| old(host) && host.serves()));
}
