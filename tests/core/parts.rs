//! One release of several components: who waits for whom, what each keeps, and what a rollback of all of them is.

use golive::domain::{
    command::Command,
    course::difference,
    effect::LaneStep,
    event::Event,
    pipeline::PipelineEvent,
    plan::{Amount, Capacity, Rolling, Strategy, Threshold, rules},
    rollout::{LaneState, RolloutCommand, RolloutEvent, Trouble, Waits, barred, preview, troubles},
    time::Span,
};

use super::ways::says;
use crate::plan_parts::candidate;
use crate::simulation::{
    host::Wrong,
    parts::{component, release},
    people::*,
    plan::{Parts, Shape, plan, unit},
    world::{Happening, HostFault, World},
};

fn parts(workers: u32, barrier: Threshold) -> Parts {
    Parts { workers, barrier, apart: true, beside: false, keeps: None, at_once: None }
}

fn shape(hosts: u32, workers: u32, barrier: Threshold) -> Shape {
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(3)),
        min_healthy: Some(Amount::Count(1)),
        max_unavailable: None,
    };
    Shape { hosts, capacity, parts: Some(parts(workers, barrier)), bake: Span::ZERO, ..Shape::default() }
}

fn names(batches: &[&str], shape: &Shape) -> Vec<String> {
    let batches = batches.iter().map(|text| Amount::parse(text).unwrap()).collect();
    let strategy = Strategy::Rolling(Rolling { batches, ..Rolling::default() });
    let plan = plan(&Shape { strategy, ..shape.clone() });
    let names = |batch: &golive::domain::plan::Batch<'_>| {
        batch.hosts.iter().map(|host| host.unit.as_str()).collect::<Vec<_>>().join(" ")
    };
    plan.batches(0).iter().map(names).collect()
}

/// Each component has its batches beside those of the others, from the one on that brings what it waits for.
#[test]
fn batches_of_components_stand_beside_each_other() {
    let first = shape(4, 2, Threshold::Hosts(1));
    assert_eq!(
        names(&["1", "100%"], &first),
        ["web@web-01 worker@job-01", "web@web-02 web@web-03 web@web-04 worker@job-02"]
    );
    assert_eq!(
        names(&[], &first),
        ["web@web-01 web@web-02 web@web-03 web@web-04 worker@job-01 worker@job-02"]
    );
    let all = shape(3, 2, Threshold::All);
    assert_eq!(
        names(&["1"], &all),
        ["web@web-01", "web@web-02", "web@web-03 worker@job-01", "worker@job-02"]
    );
}

/// A test bed of one host has one of each component.
#[test]
fn a_test_bed_takes_as_many_of_each_component() {
    let plan = plan(&Shape { one_box: true, ..shape(4, 2, Threshold::Hosts(1)) });
    let units: Vec<String> = plan.units_of(0).iter().map(ToString::to_string).collect();
    assert_eq!(units, ["web@web-01", "worker@job-01"]);
    assert_eq!(plan.units_of(1).len(), 4);
}

#[test]
fn the_order_and_what_each_keeps_are_read_before_the_start() {
    let mut world = World::new(7, &shape(4, 2, Threshold::Hosts(2)));
    world.run_for(Span::secs(20));
    let preview = preview(world.session(), world.now()).unwrap();
    let said: Vec<String> =
        preview.parts.iter().map(|part| format!("{}: {}", part.component, part.words())).collect();
    assert_eq!(
        said,
        [
            "web: 4 hosts, 3 at once, capacity 4 of 4, minimum 1, lowest 1",
            "worker: 2 hosts, 1 at once, capacity 2 of 2, minimum 1, lowest 1; waits for 2 healthy web hosts",
        ]
    );
    // Each has an artifact of its own, with a digest of its own, and the release one over both.
    let release = release(world.session().plan(), "2.5.0");
    assert_eq!(preview.to, release);
    assert_eq!(preview.parts[0].to, release.of(Some(&component("web"))));
    assert_ne!(preview.parts[0].to.digest, preview.parts[1].to.digest);
}

/// Another digest of one component is another candidate: votes that rely on it lapse.
#[test]
fn a_release_of_parts_is_another_one_where_one_part_is() {
    let plan = plan(&shape(2, 2, Threshold::Hosts(1)));
    let (one, other) = (release(&plan, "2.5.0"), release(&plan, "2.5.1"));
    assert!(plan.fits(&one) && !plan.fits(&crate::plan_parts::candidate("2.4.1")));
    let mut parts = (*one.parts).clone();
    parts.insert(component("worker"), other.parts[&component("worker")].clone());
    let mixed = golive::domain::effect::Candidate::of_parts(one.version.clone(), parts);
    assert_ne!(mixed.digest, one.digest);
    assert_eq!(mixed.of(Some(&component("web"))), one.of(Some(&component("web"))));
}

#[test]
fn the_barrier_is_recorded_with_the_start_and_survives_a_kill() {
    let mut world = World::new(11, &shape(4, 2, Threshold::Hosts(1)));
    world.under_way();
    let started = world.journal.durable.iter().find_map(|it| match &it.event {
        Event::Pipeline(PipelineEvent::StageStarted { barriers, .. }) => Some(barriers.clone()),
        _ => None,
    });
    assert_eq!(started.unwrap()[0].words(), "worker waits for the first healthy web host");
    let words = |world: &World| barred(world.session()).iter().map(Waits::words).collect::<Vec<_>>();
    assert_eq!(words(&world), ["worker waits for the first healthy web host: 0 of 1"]);
    world.kill();
    world.run_for(Span::millis(1));
    assert_eq!(words(&world), ["worker waits for the first healthy web host: 0 of 1"]);
    world.run_until(Span::minutes(10), |session| {
        session
            .rollout
            .units()
            .iter()
            .all(|it| it.lane.as_ref().is_some_and(|it| it.state == LaneState::Done))
    });
}

/// Who is done and sick again is nobody to go after.
#[test]
fn a_host_that_is_sick_again_closes_the_barrier() {
    let mut world = World::new(13, &shape(2, 2, Threshold::All));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.counts(&super_environment()).done >= 1);
    let first = world.index[&unit("web@web-01")];
    world.plan_for(
        world.at,
        crate::simulation::world::Happening::Host(first, crate::simulation::world::HostFault::Sick),
    );
    world.run_for(Span::minutes(2));
    let waits = barred(world.session());
    assert!(waits.len() == 1 && waits[0].well < 2, "{waits:?}");
    let worker = world.session().rollout.unit(&unit("worker@job-01")).unwrap();
    assert_eq!(worker.lane.as_ref().unwrap().state, LaneState::Waiting);
}

fn super_environment() -> golive::domain::name::EnvironmentName {
    crate::simulation::plan::environment(crate::simulation::plan::PRODUCTION)
}

/// While a host may still become what the others wait for, nobody is forced past it. Once none may, a person lets them go
/// on, and the record says who, with the figures, and why.
#[test]
fn a_barrier_is_forced_by_name_and_reason() {
    let mut world = World::new(17, &shape(2, 2, Threshold::Hosts(1)));
    for name in ["web@web-01", "web@web-02"] {
        let index = world.index[&unit(name)];
        world.hosts[index].wrong.push((
            LaneStep::SelfTest,
            Wrong::Fails,
            Some(candidate("2.5.0").version.clone()),
        ));
    }
    world.under_way();
    assert!(world.ask("raj", force_next()).is_err());
    let part = |name: &str| -> Command {
        let reason = "its queue is full".to_owned();
        RolloutCommand::ForcePart { component: component(name), reason }.into()
    };
    let refused = world.ask("raj", part("worker")).unwrap_err().to_string();
    let words = "worker waits for the first healthy web host: 0 of 1, and 2 hosts may still become one";
    assert!(refused.contains(words), "{refused}");
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    world.ask("raj", exclude(&unit("web@web-01"))).unwrap();
    world.run_for(Span::minutes(1));
    world.ask("raj", exclude(&unit("web@web-02"))).unwrap();
    world.run_for(Span::secs(1));
    let said: Vec<String> = troubles(world.session()).iter().map(Trouble::words).collect();
    let words = "worker waits for the first healthy web host: 0 of 1, and none is left to become one; what lifts it: ";
    assert!(said.len() == 1 && said[0].contains(words), "{said:?}");
    let refused = world.ask("raj", part("web")).unwrap_err().to_string();
    assert!(refused.contains("no host of web waits for another component"), "{refused}");
    assert!(world.ask("sam", part("worker")).is_err());
    world.ask("raj", part("worker")).unwrap();
    let forced = world.journal.durable.iter().find_map(|it| match &it.event {
        Event::Rollout(RolloutEvent::BarrierForced { component, well, hosts, reason, .. }) => {
            Some((it.actor.is_human(), component.to_string(), *well, *hosts, reason.clone()))
        }
        _ => None,
    });
    let (human, component, well, hosts, reason) = forced.expect("it is recorded");
    assert_eq!((human, component.as_str(), well, hosts), (true, "worker", 0, 1));
    assert!(!reason.is_empty() && barred(world.session()).is_empty());
    // A second time nothing is left to force.
    assert!(world.ask("raj", force_next()).is_err());
}

/// On the way back as forward: of a part that is taken one after the other two are never under way.
#[test]
fn the_way_back_keeps_how_many_of_a_part_are_under_way_at_once() {
    let mut shape = shape(3, 4, Threshold::Hosts(1));
    if let Some(parts) = &mut shape.parts {
        (parts.keeps, parts.at_once) = (Some(0), Some(1));
    }
    let mut world = World::new(41, &shape);
    world.under_way();
    world.run_until(Span::minutes(20), |session| session.rollout.counts(&super_environment()).done == 7);
    world.must("raj", roll_back());
    let (mut most, end) = (0, world.at + Span::minutes(20).0);
    while world.at < end && world.session().pipeline.is_rolling_back() {
        let working = world.session().rollout.working();
        most = most.max(working.filter(|(_, unit)| unit.component() == Some(&component("worker"))).count());
        world.step();
    }
    assert_eq!(most, 1);
}

fn set(world: &mut World, host: &str, fault: HostFault) {
    let index = world.index[&unit(host)];
    world.plan_for(world.at, Happening::Host(index, fault));
}

/// What the environment keeps as a whole may be nothing: what a part keeps of its own counts all the same.
#[test]
fn a_part_under_its_own_minimum_is_called_for_although_the_environment_keeps_none() {
    let mut shape = shape(3, 3, Threshold::Hosts(1));
    shape.capacity.min_healthy = Some(Amount::Count(0));
    if let Some(parts) = &mut shape.parts {
        parts.keeps = Some(2);
    }
    let mut world = World::new(43, &shape);
    world.under_way();
    for host in ["worker@job-02", "worker@job-03"] {
        set(&mut world, host, HostFault::Dies);
    }
    world.run_for(Span::minutes(1));
    let said: Vec<String> = troubles(world.session()).iter().map(Trouble::words).collect();
    assert!(
        said.iter().any(|it| it.contains("worker: capacity 1 of 3, minimum 2")),
        "{said:?}\n{}",
        world.story()
    );
}

/// A host that is done and sick for a moment may well be what the others wait for again.
#[test]
fn a_blip_of_the_host_that_was_waited_for_is_not_its_end() {
    let mut world = World::new(47, &shape(2, 2, Threshold::All));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.well_in(&stage(), &component("web")) == 1);
    let is_done = |name: &&&str| {
        let lane = world.session().rollout.unit(&unit(name)).unwrap().lane.as_ref().unwrap();
        lane.state == LaneState::Done
    };
    let first = *["web@web-01", "web@web-02"].iter().find(is_done).unwrap();
    set(&mut world, first, HostFault::Sick);
    world.run_until(Span::minutes(10), |session| session.rollout.counts(&super_environment()).done == 2);
    world.run_for(Span::secs(5));
    let waits = barred(world.session());
    assert!(waits.len() == 1 && !waits[0].hopeless(), "{waits:?}\n{}", world.story());
    assert!(
        waits[0].lifts().starts_with("the recovery of a host of web, 1 of which"),
        "{}",
        waits[0].lifts()
    );
    let none_left = |it: &Event| matches!(it, Event::Rollout(RolloutEvent::Stalled { why }) if why.contains("none is left"));
    assert!(!world.journal.durable.iter().any(|it| none_left(&it.event)), "{}", world.story());
    set(&mut world, first, HostFault::Well);
    world.run_for(Span::minutes(1));
    world.ask("dana", go_on()).ok();
    world.run_until(Span::minutes(20), |session| session.rollout.counts(&super_environment()).done == 4);
}

fn stage() -> golive::domain::name::StageName {
    golive::domain::name::StageName::new(crate::simulation::plan::PRODUCTION).unwrap()
}

/// What a stage can't wait for is said beforehand.
#[test]
fn a_barrier_for_more_hosts_than_there_are_is_said() {
    let said = |shape: &Shape| -> Vec<String> {
        rules::remarks(&plan(shape)).into_iter().map(|remark| remark.what).collect()
    };
    let few = said(&shape(2, 2, Threshold::Hosts(5)));
    let words = "production takes 2 hosts of web: worker waits for 2 there, not 5";
    assert!(few.iter().any(|it| it == words), "{few:?}");
    assert!(!said(&shape(2, 2, Threshold::Hosts(2))).iter().any(|it| it.contains("waits for")));
}

#[test]
fn the_difference_of_plans_says_lengths_of_time_as_people_do() {
    let (one, mut other) = (plan(&shape(2, 2, Threshold::All)), plan(&shape(2, 2, Threshold::All)));
    other.stages[0].bake = Span::minutes(15);
    let found = difference(&one, &other);
    let said: Vec<String> = found.iter().map(|it| format!("{}: {} → {}", it.path, it.was, it.is)).collect();
    assert_eq!(said, ["stages[production].bake: 0 s → 15 min"]);
}

/// Whoever names the machine is told what its parts are called.
#[test]
fn a_machine_that_is_named_without_its_part_is_refused_with_the_names_of_its_parts() {
    let mut world = World::new(77, &shape(2, 2, Threshold::All));
    world.under_way();
    let refused = world.ask("raj", try_again(&unit("web-01"))).unwrap_err();
    says(&refused, &["there is no host web-01", "web@web-01"]);
}
