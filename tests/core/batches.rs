//! Batches: their sizes and order, the barrier between them, and how many of a batch may fail.

use std::cell::RefCell;

use golive::domain::{
    plan::{Amount, Capacity, Rolling, Strategy, rules},
    rollout::{LaneState, preview},
    session::Session,
    time::Span,
};

use super::ways::says;
use crate::simulation::{
    people::*,
    plan::{PRODUCTION, Shape, environment, plan, unit},
    world::World,
};

fn rolling(batches: &[&str]) -> Rolling {
    let batches = batches.iter().map(|text| Amount::parse(text).unwrap()).collect();
    Rolling { batches, ..Rolling::default() }
}

fn wide(hosts: u32, rolling: Rolling) -> Shape {
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(3)),
        min_healthy: Some(Amount::Count(1)),
        max_unavailable: None,
    };
    Shape { hosts, capacity, strategy: Strategy::Rolling(rolling), bake: Span::ZERO, ..Shape::default() }
}

fn taken(session: &Session) -> Vec<String> {
    let mut taken: Vec<_> = session.rollout.units().iter().filter(|unit| unit.touched.is_some()).collect();
    taken.sort_by_key(|unit| unit.touched);
    taken.iter().map(|unit| unit.id.to_string()).collect()
}

#[test]
fn the_last_size_repeats_and_a_share_is_never_under_one_host() {
    assert_eq!(rolling(&["30%"]).sizes(20), [6, 6, 6, 2]);
    assert_eq!(rolling(&["1", "3"]).sizes(8), [1, 3, 3, 1]);
    assert_eq!(rolling(&["1", "3", "100%"]).sizes(20), [1, 3, 16]);
    assert_eq!(rolling(&["1%"]).sizes(3), [1, 1, 1]);
    assert_eq!(rolling(&[]).sizes(5), [5]);
    assert_eq!(rolling(&["5"]).sizes(0), [] as [u32; 0]);
}

#[test]
fn a_batch_begins_when_every_host_of_the_one_before_is_through() {
    let mut world = World::new(91, &wide(6, rolling(&["1", "2"])));
    world.under_way();
    let seen = RefCell::new(Vec::new());
    world.run_until(Span::minutes(10), |session| {
        let lanes = || session.rollout.units().iter().filter_map(|unit| unit.lane.as_ref());
        if let Some(now) = lanes().filter(|lane| lane.state.under_way()).map(|lane| lane.batch).min() {
            let before = lanes().filter(|lane| lane.batch < now);
            assert!(before.clone().all(|lane| !lane.open()), "one of an earlier batch is not through");
            let later = lanes().filter(|lane| lane.batch > now && lane.state != LaneState::Waiting).count();
            assert_eq!(later, 0, "a host of a later batch was taken");
            let mut seen = seen.borrow_mut();
            if seen.last() != Some(&now) {
                seen.push(now);
            }
        }
        lanes().all(|lane| !lane.open())
    });
    assert_eq!(seen.into_inner(), [0, 1, 2, 3]);
}

#[test]
fn regions_are_taken_one_after_another_in_the_order_that_the_plan_names() {
    let by_region =
        Rolling { by: Some("region".into()), order: vec!["eu-2".into()], ..rolling(&["1", "100%"]) };
    let mut world = World::new(92, &Shape { regions: 2, ..wide(6, by_region) });
    let preview = preview(world.session(), world.now()).unwrap();
    let said: Vec<(Option<&str>, usize, u32)> =
        preview.batches.iter().map(|b| (b.group.as_deref(), b.units.len(), b.at_once)).collect();
    let (one, two) = (Some("eu-1"), Some("eu-2"));
    assert_eq!(said, [(two, 1, 1), (two, 2, 2), (one, 1, 1), (one, 2, 2)]);
    world.under_way();
    world.run_until(Span::minutes(20), |session| session.rollout.counts(&environment(PRODUCTION)).done == 6);
    let taken = taken(world.session());
    assert_eq!(taken[0], "web-02");
    assert!(
        taken[..3].iter().all(|host| ["web-02", "web-04", "web-06"].contains(&host.as_str())),
        "{taken:?}"
    );
}

#[test]
fn a_label_that_a_host_does_not_have_is_refused_with_the_host() {
    let shape = wide(3, Rolling { by: Some("rack".into()), ..Rolling::default() });
    let broken = rules::check(&plan(&shape));
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(
        broken[0].what.contains("takes its hosts by rack, and web-01 has none, nor have 2 more"),
        "{broken:?}"
    );
    let order = Rolling { by: Some("region".into()), order: vec!["us-1".into()], ..Rolling::default() };
    let broken = rules::check(&plan(&Shape { regions: 2, ..wide(4, order) }));
    assert!(broken[0].what.contains("no host of production has region \"us-1\""), "{broken:?}");
}

#[test]
fn a_batch_whose_hosts_all_failed_stops_the_line_whatever_is_tolerated() {
    let all = Rolling { failures: Some(Amount::Percent(10_000)), ..rolling(&["1"]) };
    let mut world = World::new(93, &wide(3, all));
    world.hosts[0].wrong.push((
        golive::domain::effect::LaneStep::SelfTest,
        crate::simulation::host::Wrong::Fails,
        None,
    ));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    let refused = world.ask("raj", promote()).unwrap_err();
    says(&refused, &["can't be promoted"]);
    assert_eq!(taken(world.session()), ["web-01"]);
    world.must("raj", exclude(&unit("web-01")));
    world.run_until(Span::minutes(10), |session| session.rollout.counts(&environment(PRODUCTION)).done == 2);
}
