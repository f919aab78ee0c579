//! Where no balancer gives shares, whole hosts stand for them: what they come to in fact is said beforehand, while it
//! rolls out, and where the fleet becomes another one under it.

use golive::domain::{
    course::{CourseEvent, what_becomes_of_capacity, what_becomes_of_the_share},
    effect::LaneStep,
    event::Event,
    plan::{Amount, Canary, CanaryStep, Capacity, Pause, Promote, Step, Strategy, Weight, rules},
    rollout::{host_share, mix, moves, preview, unwell},
    time::Span,
};

use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{Shape, plan},
    world::{Happening, HostFault, World, actor},
};

fn over(hosts: u32, percent: u8) -> Shape {
    let weight = CanaryStep::Weight(Weight::new(percent).unwrap());
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(2)),
        min_healthy: Some(Amount::Count(2)),
        max_unavailable: None,
    };
    Shape {
        hosts,
        capacity,
        balanced: false,
        strategy: Strategy::Canary(Canary { steps: vec![weight, CanaryStep::Pause(Pause::Human)] }),
        bake: Span::ZERO,
        ..Shape::default()
    }
}

fn at_its_pause(shape: &Shape) -> World {
    let mut world = World::new(321, shape);
    world.under_way();
    world.run_until(Span::minutes(10), |session| {
        session.pipeline.running().is_some_and(|run| run.step() == Some(&Step::Pause(Pause::Human)))
    });
    world.run_for(Span::secs(5));
    world
}

#[test]
fn one_percent_of_three_hosts_is_a_third_and_the_plan_and_the_path_say_so() {
    let shape = over(3, 1);
    let said = rules::remarks(&plan(&shape));
    let words = "1 % wanted, 1 of 3 hosts = 33 %";
    assert!(said.iter().any(|it| it.what.contains(words)), "{said:?}");
    let world = World::new(321, &shape);
    let preview = preview(world.session(), world.now()).unwrap();
    assert_eq!(preview.batches[0].share.unwrap().words(), words);
    assert_eq!(preview.batches[1].share, None);
    let world = at_its_pause(&shape);
    assert_eq!(host_share(world.session()).unwrap().words(), words);
    // It is what the plan comes to, and nothing that is wrong now.
    assert!(unwell(world.session(), world.now()).is_empty());
    // A balancer that gives shares gives this one, whatever the hosts are.
    let weighed = Shape { balanced: true, ..over(3, 1) };
    assert!(rules::remarks(&plan(&weighed)).iter().all(|it| !it.what.contains("wanted")));
    assert_eq!(host_share(at_its_pause(&weighed).session()), None);
}

#[test]
fn a_fleet_that_shrinks_under_its_share_is_said_by_its_adoption_and_by_continue() {
    let shape = over(10, 50);
    let mut world = at_its_pause(&shape);
    let fewer = Shape { hosts: 6, ..shape };
    let words = "50 % wanted, 5 of 6 hosts = 83 %";
    let said = what_becomes_of_the_share(world.session(), &plan(&fewer));
    assert!(said.len() == 1 && said[0].contains(words), "{said:?}");
    world.must("dana", adopt(&fewer));
    let recorded = world.journal.durable.iter().rev().find_map(|at| match &at.event {
        Event::Course(CourseEvent::PlanAdopted { differences, .. }) => Some(differences.clone()),
        _ => None,
    });
    assert!(recorded.unwrap().iter().any(|line| line.contains(words)));
    world.run_for(Span::secs(10));
    let run = world.session().pipeline.running().unwrap();
    let sizes: Vec<u32> = run.batches.iter().map(|batch| batch.hosts).collect();
    assert_eq!(sizes, [5, 1], "what is left is one host");
    let offered = moves(world.session(), &actor("dana"), world.now());
    let on = offered.iter().find(|it| it.what == "CONTINUE").unwrap();
    assert!(on.does.as_ref().is_some_and(|does| does.contains(words)), "{on:?}");
}

#[test]
fn machines_that_join_at_a_pause_are_counted_once_they_serve() {
    let shape = over(10, 50);
    let mut world = at_its_pause(&shape);
    world.spare_hosts(4, true);
    let more = Shape { hosts: 14, ..shape };
    let said = what_becomes_of_the_share(world.session(), &plan(&more));
    assert!(said[0].starts_with("4 hosts to production: of 50 % none is counted"), "{said:?}");
    world.must("dana", adopt(&more));
    world.run_for(Span::minutes(5));
    let joined = |world: &World| world.session().pipeline.running().unwrap().joined.len();
    let done = |world: &World| world.session().rollout.done_in(&"production".parse().unwrap());
    assert_eq!((joined(&world), done(&world)), (4, 5), "nobody else is taken for them");
    // Two of them are brought up by hand with what the others run: 6 of 12.
    for index in [10, 11] {
        let runs = world.hosts[9].runs.clone();
        (world.hosts[index].runs, world.hosts[index].installed) = (runs, world.hosts[9].installed.clone());
        world.plan_for(world.at, Happening::Host(index, HostFault::Well));
    }
    world.run_for(Span::minutes(5));
    assert_eq!((joined(&world), done(&world)), (2, 6));
}

/// What was seen before a step that has changed the host says nothing of it.
#[test]
fn what_a_failed_step_left_is_not_told_from_what_was_seen_before() {
    let mut world = World::new(322, &over(3, 50));
    world.timings.look = (3_000_000, 3_000_001);
    world.hosts[0].wrong.push((LaneStep::Start, Wrong::Fails, None));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    let runs = |world: &World| mix(world.session()).unwrap().hosts[0].runs_words().to_owned();
    assert_eq!(runs(&world), "?", "nobody has looked since");
    world.run_for(Span::secs(10));
    assert_eq!(runs(&world), "nothing");
}

/// A 1-box before it has the new version too: it is part of the share that hosts stand for, beforehand and in fact.
#[test]
fn a_host_of_the_stage_before_counts_among_those_that_stand_for_the_share() {
    let shape = Shape { one_box: true, validations: false, promote: Promote::Automatic, ..over(10, 30) };
    let mut world = World::new(323, &shape);
    world.under_way();
    world.run_until(Span::minutes(20), |session| {
        session.pipeline.running().is_some_and(|run| run.step() == Some(&Step::Pause(Pause::Human)))
    });
    world.run_for(Span::secs(5));
    let run = world.session().pipeline.running().unwrap();
    // 3 of its own 9.
    assert_eq!(run.batches[0].hosts, 3);
    assert_eq!(host_share(world.session()).unwrap().words(), "30 % wanted, 4 of 10 hosts = 40 %");
}

/// Machines that join and serve nobody yet count among those that have to: where that makes capacity short, adopting them
/// says so, with the figures and with what to do.
#[test]
fn adopting_machines_that_make_capacity_short_says_so() {
    let share = |percent: u32| Some(Amount::Percent(percent * 100));
    let capacity = Capacity { max_parallel: None, min_healthy: share(80), max_unavailable: None };
    let shape = Shape { capacity, ..over(10, 50) };
    let mut world = at_its_pause(&shape);
    world.spare_hosts(6, true);
    let more = |hosts| Shape { hosts, ..shape.clone() };
    let said = |hosts| what_becomes_of_capacity(world.session(), &plan(&more(hosts)));
    assert_eq!(said(12), [""; 0], "10 of 12 are enough: 80 % is 9.6, rounded up");
    let words = said(16);
    assert_eq!(
        words,
        [
            "capacity of production would be short: 10 healthy, 6 hosts that join serve nobody yet, 13 of 16 needed (today 10 and \
          8). The line would stop: have them serve first, adopt fewer at a time, or declare min_healthy = 10"
        ]
    );
    world.must("dana", adopt(&more(16)));
    let recorded = world.journal.durable.iter().rev().find_map(|at| match &at.event {
        Event::Course(CourseEvent::PlanAdopted { differences, .. }) => Some(differences.clone()),
        _ => None,
    });
    assert!(recorded.unwrap().contains(&words[0]));
}
