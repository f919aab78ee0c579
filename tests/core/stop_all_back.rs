//! The way back where no two versions may run side by side.

use golive::domain::{
    course::Phase,
    effect::LaneStep,
    rollout::{Beforehand, LaneState, RolloutCommand},
    time::Span,
};

use super::{
    stop_all::{at, downtime, over, runs, state},
    ways::says,
};
use crate::simulation::{
    host::{Host, Wrong},
    people::*,
    plan::{PRODUCTION, candidate, environment, unit},
    world::World,
};

fn all_old(world: &World) -> bool {
    runs(world).iter().all(|runs| runs.as_deref() == Some("2.4.1"))
}

/// [K48] Nobody has the new version yet: what was stopped is started again, and nothing else is touched.
#[test]
fn in_the_middle_of_stopping_those_stopped_are_started_again_and_the_others_stay() {
    let mut world = World::new(231, &over(4, Some(1)));
    world.hosts[1].wrong.push((LaneStep::Stop, Wrong::Fails, None));
    world.under_way();
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    assert_eq!(runs(&world).iter().flatten().count(), 3);
    world.must("sam", roll_back());
    // Who can't be stopped need not be: it runs what it is to run.
    world.reaches(Phase::RolledBack, Span::minutes(10));
    assert!(all_old(&world), "{:?}", runs(&world));
    let session = world.session();
    assert_eq!(state(session, "web-01"), LaneState::RolledBack);
    assert_eq!(state(session, "web-02"), LaneState::RolledBack);
    assert_eq!(state(session, "web-04"), LaneState::Skipped);
    let steps = |name: &str| session.rollout.unit(&unit(name)).unwrap().lane.as_ref().unwrap().steps.clone();
    assert!(!steps("web-01").contains(&LaneStep::Stop) && !steps("web-02").contains(&LaneStep::Stop));
    assert!(world.hosts.iter().all(Host::serves));
}

/// [K48] Some may run the new version: all are stopped, and shown to be, before one is started with the old.
#[test]
fn from_the_middle_of_deploying_all_are_stopped_before_one_goes_back() {
    let mut world = World::new(232, &over(4, Some(1)));
    world.under_way();
    world.run_until(Span::minutes(5), |session| {
        session.rollout.done_in(&session.pipeline.stages[0].name) == 2
    });
    let known: Vec<String> = Beforehand::of(world.session(), &environment(PRODUCTION)).all().collect();
    assert!(known[0].starts_with("DOWNTIME: all 4 hosts of production are stopped before one"), "{known:?}");
    world.must("sam", roll_back());
    let mut down = false;
    for _ in 0..4000 {
        world.step();
        let running: std::collections::BTreeSet<_> =
            world.hosts.iter().filter_map(|host| host.runs.clone()).collect();
        assert!(running.len() < 2, "{running:?}");
        down |= running.is_empty();
        if world.session().course.phase == Phase::RolledBack {
            break;
        }
    }
    world.reaches(Phase::RolledBack, Span::minutes(20));
    assert!(down);
    assert!(all_old(&world), "{:?}", runs(&world));
    let downtime = downtime(world.session());
    assert!(!downtime.is_now() && downtime.before > Span::ZERO, "down twice: {downtime:?}");
}

#[test]
fn on_the_way_back_too_a_host_that_may_run_the_new_version_is_not_left_behind() {
    let mut world = World::new(233, &over(3, None));
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    world.hosts[1].wrong.push((LaneStep::Stop, Wrong::Fails, None));
    let only = RolloutCommand::RollBack { only: vec![unit("web-01")] };
    says(&world.refused("sam", only.into()), &["side by side", "2.5.0 would go on"]);
    world.must("sam", roll_back());
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(1));
    assert_eq!(runs(&world), [None, Some("2.5.0".into()), None]);
    says(&world.refused("raj", exclude(&unit("web-02"))), &["web-02 may still run 2.5.0"]);
    // Killed meanwhile, it waits all the same.
    world.kill();
    world.run_for(Span::minutes(1));
    assert_eq!(runs(&world), [None, Some("2.5.0".into()), None]);
    world.hosts[1].wrong.clear();
    world.must("raj", try_again(&unit("web-02")));
    world.reaches(Phase::RolledBack, Span::minutes(10));
    assert!(all_old(&world), "{:?}", runs(&world));
}

#[test]
fn everything_stopped_and_rolled_back_before_anything_is_deployed_needs_no_proof() {
    let mut world = World::new(234, &over(3, None));
    world.hosts[2].wrong.push((LaneStep::Prove, Wrong::Undecided, None));
    world.under_way();
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    assert_eq!(at(world.session()), Some(LaneStep::Prove));
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(10));
    assert!(all_old(&world), "{:?}", runs(&world));
    assert!(!downtime(world.session()).is_now());
    assert_eq!(world.hosts[0].installed, Some(candidate("2.4.1")));
}
