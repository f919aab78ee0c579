//! Batches of several components, where those of the one that is waited for do not bring what the others wait for.

use golive::domain::{
    effect::LaneStep,
    event::Event,
    plan::{Amount, Capacity, Rolling, Strategy, Threshold},
    rollout::{Lane, LaneState, RolloutEvent, Trouble, Unit, moves, troubles},
    session::Session,
    time::Span,
};

use crate::simulation::{
    host::Wrong,
    parts::component,
    people::*,
    plan::{Parts, Shape, plan, unit},
    world::{World, actor},
};

/// Web and workers in batches of these sizes, of which so much may fail.
fn shape(batches: &[&str], barrier: u32, failures: Option<Amount>) -> Shape {
    let batches = batches.iter().map(|text| Amount::parse(text).unwrap()).collect();
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(2)),
        min_healthy: Some(Amount::Count(1)),
        max_unavailable: None,
    };
    Shape {
        hosts: 4,
        capacity,
        parts: Some(Parts {
            workers: 3,
            barrier: Threshold::Hosts(barrier),
            apart: true,
            beside: false,
            keeps: None,
            at_once: None,
        }),
        strategy: Strategy::Rolling(Rolling { batches, failures, ..Rolling::default() }),
        bake: Span::ZERO,
        ..Shape::default()
    }
}

fn failing(shape: &Shape, hosts: &[&str]) -> World {
    let mut world = World::new(61, shape);
    for host in hosts {
        let index = world.index[&unit(host)];
        let version = crate::plan_parts::candidate("2.5.0").version.clone();
        world.hosts[index].wrong.push((LaneStep::SelfTest, Wrong::Fails, Some(version)));
    }
    world.under_way();
    world
}

fn batches(session: &Session) -> Vec<String> {
    let run = session.pipeline.running().unwrap();
    let of = |batch| {
        run.units_of(batch)
            .iter()
            .map(|id| id.as_str().split_once('@').map_or(id.as_str(), |(_, machine)| machine))
            .collect::<Vec<_>>()
            .join(" ")
    };
    (0..run.batches.len() as u32).map(of).collect()
}

fn done(session: &Session) -> usize {
    let is = |unit: &&Unit| unit.lane.as_ref().is_some_and(|lane| lane.state == LaneState::Done);
    session.rollout.units().iter().filter(is).count()
}

fn later(world: &World) -> Vec<String> {
    let moved = world.journal.durable.iter().filter_map(|it| match &it.event {
        Event::Rollout(RolloutEvent::WentLater { component, .. }) => Some(component.to_string()),
        _ => None,
    });
    moved.collect()
}

/// The first web host was left out, and with it the one that the first worker waited for: the workers go one batch later
/// each, and nobody has to act.
#[test]
fn hosts_that_wait_go_one_batch_later_where_their_own_brings_nobody_to_go_after() {
    let mut world = failing(&shape(&["1"], 1, None), &["web@web-01"]);
    assert_eq!(
        batches(world.session()),
        ["web-01 job-01", "web-02 job-02", "web-03 job-03", "web-04"],
        "as the plan has them"
    );
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    // It may be tried again: nobody goes elsewhere for that.
    assert!(later(&world).is_empty());
    world.must("raj", exclude(&unit("web@web-01")));
    world.run_for(Span::secs(1));
    assert_eq!(later(&world), ["worker"], "{}", world.story());
    assert_eq!(batches(world.session()), ["web-01", "web-02 job-01", "web-03 job-02", "web-04 job-03"]);
    world.run_until(Span::minutes(8), |session| done(session) == 6);
    assert!(troubles(world.session()).is_empty(), "{}", world.story());
}

/// So it is where nobody acts at all, and the plan let one of them fail. What comes later than the last batch has one of
/// its own.
#[test]
fn a_failure_within_the_limit_keeps_no_worker_waiting_for_ever() {
    let half = Some(Amount::parse("50%").unwrap());
    let mut world = failing(&shape(&["2"], 2, half), &["web@web-01"]);
    assert_eq!(batches(world.session()), ["web-01 web-02 job-01 job-02", "web-03 web-04 job-03"]);
    world.run_until(Span::minutes(8), |session| done(session) == 6);
    assert_eq!(later(&world), ["worker"], "{}", world.story());
    assert_eq!(batches(world.session()), ["web-01 web-02", "web-03 web-04 job-01 job-02", "job-03"]);
    world.run_for(Span::minutes(1));
    assert!(world.session().pipeline.stages.iter().any(|run| run.rolled_out.is_some()), "{}", world.story());
}

/// Of all that are taken together so many may fail as the plan says, whatever component they are of.
#[test]
fn a_share_that_may_fail_is_one_of_all_hosts_of_a_batch() {
    let tolerates = |batches: &[&str], failures: &str| {
        let plan = plan(&shape(batches, 1, Some(Amount::parse(failures).unwrap())));
        plan.batches(0).iter().map(|batch| (batch.hosts.len(), batch.tolerates)).collect::<Vec<_>>()
    };
    assert_eq!(tolerates(&["2"], "50%"), [(4, 2), (3, 1)]);
    assert_eq!(tolerates(&["1"], "1"), [(2, 1), (2, 1), (2, 1), (1, 0)]);
    // One host of each, of which the first fails: the line goes on, and the worker goes after the next one.
    let mut world = failing(&shape(&["1"], 1, Some(Amount::Count(1))), &["web@web-01"]);
    world.run_until(Span::minutes(8), |session| done(session) == 6);
    assert!(troubles(world.session()).is_empty(), "{}", world.story());
}

/// Where no later batch brings one either, somebody is called at once, and not at a deadline.
#[test]
fn where_no_host_is_left_to_go_after_somebody_is_called_at_once() {
    let mut shape = shape(&["2"], 1, None);
    shape.capacity.min_healthy = Some(Amount::Count(0));
    let mut world = failing(&shape, &["web@web-01", "web@web-02", "web@web-03", "web@web-04"]);
    let says = |world: &World| troubles(world.session()).iter().map(Trouble::words).collect::<Vec<_>>();
    for _ in 0..3 {
        world.run_until_or(Span::minutes(5), |session| session.rollout.any_troubled());
        let failed: Vec<_> = world.session().rollout.troubled().map(|unit| unit.id.clone()).collect();
        for id in failed {
            world.must("raj", exclude(&id));
        }
        world.run_for(Span::secs(1));
    }
    // The last one that serves is not taken out: it waits for capacity.
    let left = |unit: &&Unit| {
        let excluded = |lane: &Lane| matches!(lane.state, LaneState::Excluded { .. });
        unit.component() == Some(&component("web")) && !unit.lane.as_ref().is_some_and(excluded)
    };
    let last: Vec<_> = world.session().rollout.units().iter().filter(left).map(|it| it.id.clone()).collect();
    assert_eq!(last.len(), 1, "{}", world.story());
    world.must("raj", exclude(&last[0]));
    world.run_for(Span::secs(1));
    assert_eq!(later(&world), ["worker"], "{}", world.story());
    let said = says(&world);
    assert!(said.len() == 1 && said[0].contains("and none is left to become one"), "{said:?}");
    // What is said to lift it is among the ways on.
    let list = moves(world.session(), &actor("raj"), world.now());
    let force = list.iter().find(|it| it.key == 'F').expect("F is offered");
    assert_eq!(force.what, "force worker past web");
    assert!(force.command.starts_with("golive rollout force-next --component worker "), "{force:?}");
    assert_eq!(force.refused, None);
}
