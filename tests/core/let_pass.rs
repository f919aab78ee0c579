//! Hosts that failed and that the plan lets a batch have: they stop nobody, and are somebody's all the same.

use golive::domain::{
    course::Phase,
    effect::LaneStep,
    pipeline::{Verifies, verifies, waits_to_be_verified},
    plan::{Amount, Capacity, Promote, Rolling, Strategy},
    rollout::{moves, troubles, unwell},
    time::Span,
};

use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{Shape, unit},
    world::{World, actor},
};

/// Four hosts of which one fails, and two may.
fn one_fails() -> World {
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(2)),
        min_healthy: Some(Amount::Count(1)),
        max_unavailable: None,
    };
    let rolling = Rolling { failures: Some(Amount::Percent(5000)), ..Rolling::default() };
    let shape = Shape {
        hosts: 4,
        capacity,
        strategy: Strategy::Rolling(rolling),
        promote: Promote::Automatic,
        bake: Span::ZERO,
        ..Shape::default()
    };
    let mut world = World::new(311, &shape);
    world.hosts[1].wrong.push((LaneStep::SelfTest, Wrong::Fails, None));
    world.under_way();
    world.must("raj", tick("basic/looked"));
    world.run_until(Span::minutes(20), |session| session.course.phase == Phase::LiveUnverified);
    world.run_for(Span::minutes(30));
    world
}

#[test]
fn a_host_that_was_let_pass_is_said_until_somebody_deals_with_it() {
    let mut world = one_fails();
    assert!(troubles(world.session()).is_empty(), "it stops nobody");
    let list = unwell(world.session(), world.now());
    assert_eq!(list.len(), 1, "{list:?}");
    let words = "web-02 failed self-test: self-test failed, and the line went on without it";
    assert_eq!(list[0].what, words);
    assert_eq!(list[0].release, "golive rollout try web-02, or golive rollout exclude web-02");
    let offered = moves(world.session(), &actor("raj"), world.now());
    let offered: Vec<&str> = offered.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(offered[..2], ["try web-02 again", "exclude web-02"], "and there is nothing to force");
    assert!(!offered.contains(&"force the next host"), "{offered:?}");
    world.must("raj", exclude(&unit("web-02")));
    assert!(unwell(world.session(), world.now()).iter().all(|it| !it.what.contains("went on without it")));
}

#[test]
fn one_notice_tells_of_the_hosts_of_a_batch_that_were_let_pass() {
    let world = one_fails();
    let told = world.session().notices.notices.iter().filter(|it| it.text.contains("goes on without it"));
    let told: Vec<&str> = told.map(|it| it.text.as_str()).collect();
    let people: std::collections::BTreeSet<&&str> = told.iter().collect();
    assert_eq!(people.len(), 1, "{told:?}");
    assert!(told[0].contains("web-02 failed self-test"), "{told:?}");
    assert!(told[0].contains("golive rollout try web-02, or exclude web-02"), "{told:?}");
}

#[test]
fn what_is_live_with_hosts_that_were_let_pass_is_verified_by_a_person_or_once_they_are_excluded() {
    let mut world = one_fails();
    assert_eq!(world.session().course.phase, Phase::LiveUnverified, "not by itself");
    let why = waits_to_be_verified(world.session(), world.now()).unwrap();
    assert!(why.contains("PARTIAL: hosts failed and were let pass"), "{why}");
    world.must("raj", exclude(&unit("web-02")));
    assert_eq!(verifies(world.session(), world.now()), Verifies::Tests);
    world.reaches(Phase::Verified, Span::minutes(1));
    let mut world = one_fails();
    world.must("raj", promote());
    assert_eq!(world.session().course.phase, Phase::Verified);
}
