//! The way back where clouds take turns: the one that served before serves again before another one leaves, and what was
//! changed goes back without traffic.

use golive::domain::{
    course::Phase,
    effect::PoolState,
    event::Event,
    plan::Step,
    rollout::{RolloutCommand, RolloutEvent, readiness},
    session::Session,
    time::Span,
};

use super::{
    clouds::{is_primary, new, out, serve, shifts, step, two, validates},
    ways::says,
};
use crate::simulation::{
    host::{Host, Wrong},
    people::*,
    plan::{PRODUCTION, cloud, environment, unit},
    world::World,
};

fn old(host: &Host) -> bool {
    host.runs.as_ref().is_some_and(|version| version.as_str() == "2.4.1")
}

/// To the end of the way back; one whole cloud serves at any moment, and all is as it was before.
fn goes_back(world: &mut World) {
    for _ in 0..20_000 {
        world.step();
        let (a, b) = world.hosts.split_at(2);
        assert!(serve(a) || serve(b), "no whole cloud serves: {:?}", world.hosts);
        if b.iter().any(|host| host.runs.is_none()) {
            assert!(serve(a) && out(b) == 2, "b is changed and a does not serve alone: {:?}", world.hosts);
        }
        if world.session().course.phase == Phase::RolledBack {
            break;
        }
    }
    world.reaches(Phase::RolledBack, Span::minutes(10));
    assert!(world.hosts.iter().all(old), "{:?}", world.hosts);
    assert_eq!((out(&world.hosts[..2]), out(&world.hosts[2..])), (0, 2), "a serves, b stands by");
    assert_eq!(is_primary(world.session()), Some(&cloud("a")));
    world.run_for(Span::minutes(30));
    assert_eq!(out(&world.hosts[2..]), 2);
}

fn changes_a(session: &Session) -> bool {
    matches!(step(session), Some(Step::Stand { .. }))
}

/// How long the switch took, and who was left.
fn switched(world: &World) -> Option<(Span, u32)> {
    world.journal.between(0, u64::MAX).into_iter().find_map(|stamped| match stamped.event {
        Event::Rollout(RolloutEvent::Switched { took, left, .. }) => Some((took, left)),
        _ => None,
    })
}

/// Until the cloud that served before is changed, the way back is the switch; then it is not.
#[test]
fn until_the_old_primary_is_changed_the_way_back_is_the_switch() {
    let mut world = World::new(431, &two(4));
    let place = environment(PRODUCTION);
    world.under_way();
    let switch = readiness(world.session(), &place).switch.expect("a serves as it did");
    assert_eq!((switch.to.as_str(), switch.hosts), ("a", 0), "nobody is served by b");
    world.requests = 0;
    world.run_until(Span::minutes(10), shifts);
    let switch = readiness(world.session(), &place).switch.expect("a is as it was");
    assert_eq!((switch.to.as_str(), switch.hosts), ("a", 2));
    world.requests = 60;
    world.run_until(Span::minutes(10), changes_a);
    world.run_until(Span::minutes(10), |session| {
        let unit = session.rollout.unit(&unit("web-01")).unwrap();
        unit.running().is_none_or(|runs| runs.as_str() == "2.5.0")
    });
    assert_eq!(readiness(world.session(), &place).switch, None);
}

#[test]
fn rolled_back_before_the_switch_the_primary_is_not_touched() {
    let mut world = World::new(432, &two(4));
    world.check_faults.insert("reachable".into(), Wrong::Fails);
    world.under_way();
    world.run_until(Span::minutes(10), validates);
    world.run_for(Span::minutes(2));
    world.must("sam", roll_back());
    goes_back(&mut world);
    let events = world.journal.between(0, u64::MAX);
    let touched = events.iter().any(|stamped| {
        let text = format!("{:?}", stamped.event);
        text.contains("Started") && text.contains("web-01") && text.contains("Step")
    });
    assert!(!touched, "nothing was done to a");
}

/// [O40] While the other cloud is as it was the way back is the switch, and takes no longer.
#[test]
fn rolled_back_in_the_switch_the_other_cloud_serves_again_unchanged() {
    for told in [true, false] {
        let mut world = World::new(433, &two(4));
        world.requests = if told { 60 } else { 0 };
        world.under_way();
        world.run_until(Span::minutes(10), if told { changes_a } else { shifts });
        world.must("sam", roll_back());
        goes_back(&mut world);
        let (took, left) = switched(&world).expect("the switch is a fact");
        assert!(took < Span::minutes(1) && left == 0, "{took}, {left} left");
    }
}

#[test]
fn rolled_back_when_all_is_changed_the_one_that_stands_by_is_redeployed_and_takes_over() {
    for live in [false, true] {
        let mut world = World::new(435, &two(4));
        world.under_way();
        if live {
            world.reaches(Phase::LiveUnverified, Span::minutes(30));
        } else {
            world.run_until(Span::minutes(30), |session| {
                session
                    .rollout
                    .unit(&unit("web-01"))
                    .unwrap()
                    .running()
                    .is_some_and(|it| it.as_str() == "2.5.0")
            });
        }
        assert!(new(&world.hosts[0]));
        world.must("sam", roll_back());
        goes_back(&mut world);
    }
}

#[test]
fn rolled_back_at_any_step_one_whole_cloud_serves() {
    for nth in 0..8 {
        for kills in [false, true] {
            let mut world = World::new(440 + nth, &two(4));
            world.under_way();
            world.run_until(Span::hours(2), |session| {
                session.pipeline.running().is_some_and(|run| u64::from(run.at.step) == nth)
            });
            if !world.session().rollout.any_touched() {
                continue;
            }
            world.must("sam", roll_back());
            if kills {
                world.kill();
            }
            goes_back(&mut world);
        }
    }
}

/// Whoever can't serve again keeps the others from leaving, and somebody is called.
#[test]
fn nobody_leaves_before_the_cloud_that_served_before_does_again() {
    let mut world = World::new(460, &two(4));
    world.under_way();
    world.run_until(Span::minutes(10), changes_a);
    let fails = (golive::domain::effect::LaneStep::Rejoin, Wrong::Fails, None);
    world.hosts[1].wrong.push(fails);
    world.must("sam", roll_back());
    world.run_for(Span::minutes(30));
    assert!(serve(&world.hosts[2..]) && world.hosts[2..].iter().all(new), "b serves on");
    assert!(world.session().rollout.any_troubled());
    world.hosts[1].wrong.clear();
    world.must("raj", try_again(&unit("web-02")));
    goes_back(&mut world);
}

#[test]
fn clouds_go_back_together() {
    let mut world = World::new(461, &two(4));
    world.under_way();
    world.run_until(Span::minutes(10), validates);
    let only = RolloutCommand::RollBack { only: vec![unit("web-03")] };
    let refused = world.refused("sam", golive::domain::command::Command::Rollout(only));
    says(&refused, &["go back together"]);
    assert!(world.hosts[2..].iter().all(|host| host.pool == PoolState::Out));
}
