//! What runs once when all hosts are done, where one of them was left out and serves the old version.

use golive::domain::{
    event::Event,
    rollout::{Move, RolloutEvent, left_out_waits, moves, troubles},
    time::Span,
};

use super::once::{batches, begins, ran, until, words};
use crate::simulation::{
    host::Wrong,
    once::name,
    people::*,
    plan::unit,
    world::{World, actor},
};

fn behind(world: &mut World) {
    world.under_way();
    until(world, "one host done", |world| {
        world.session().rollout.units().iter().any(|unit| unit.standing() == "done")
    });
    world.must("raj", exclude(&unit("web-04")));
    until(world, "somebody called", |world| !troubles(world.session()).is_empty());
}

/// It waits for a person, who is told which host this is. CONTINUE is that person's word for it.
#[test]
fn it_waits_for_a_person_while_a_host_that_was_left_out_serves_the_old_version() {
    let mut world = begins(71, &batches([false, false]));
    behind(&mut world);
    assert_eq!(words(&world), ["announce is for when all hosts are done: web-04 (excluded) serves 2.4.1"]);
    let lift = troubles(world.session())[0].lift(world.session());
    assert!(lift.starts_with("going on (C), which runs announce all the same; or "), "{lift}");
    let list: Vec<Move> = moves(world.session(), &actor("dana"), world.now());
    let on = list.iter().find(|it| it.key == 'C').and_then(|it| it.does.as_deref());
    assert!(on.is_some_and(|does| does.starts_with("runs announce all the same")), "{list:?}");
    world.run_for(Span::minutes(30));
    assert_eq!(ran(&world), ["migrate"], "{}", world.story());
    world.must("dana", go_on());
    until(&mut world, "it ran", |world| ran(world).len() == 2);
    assert_eq!(ran(&world), ["migrate", "announce"]);
    let said = world.journal.durable.iter().find_map(|it| match &it.event {
        Event::Rollout(RolloutEvent::BehindAccepted { units, .. }) => {
            Some((it.actor.is_human(), units.clone()))
        }
        _ => None,
    });
    assert_eq!(said, Some((true, vec![unit("web-04")])));
    world.run_for(Span::minutes(5));
    assert!(words(&world).is_empty(), "{:?}", words(&world));
}

/// Before it is left out, whoever does that is told.
#[test]
fn leaving_a_host_out_says_what_then_waits_for_it() {
    let mut world = begins(73, &batches([false, false]));
    world.under_way();
    until(&mut world, "one host done", |world| {
        world.session().rollout.units().iter().any(|unit| unit.standing() == "done")
    });
    let said = "announce then waits for CONTINUE while web-04 is not on the new version";
    assert_eq!(left_out_waits(world.session(), &unit("web-04")).as_deref(), Some(said));
    let done = world.session().rollout.units().iter().find(|unit| unit.standing() == "done").unwrap();
    assert_eq!(left_out_waits(world.session(), &done.id), None);
}

/// What tries a step again is among the ways on, as the trouble itself says.
#[test]
fn a_step_that_failed_is_tried_again_among_the_ways_on() {
    let mut world = begins(83, &batches([false, false]));
    world.once.wrong.insert((name("migrate"), false), Wrong::Fails);
    world.under_way();
    until(&mut world, "it failed", |world| !troubles(world.session()).is_empty());
    let list: Vec<Move> = moves(world.session(), &actor("raj"), world.now());
    let again = list.iter().find(|it| it.key == 'T').expect("T is offered");
    assert_eq!(
        (again.what.as_str(), again.command.as_str()),
        ("try migrate again", "golive rollout try --once migrate")
    );
    assert_eq!(again.refused, None, "{list:?}");
}

/// One that is down and out of the pool serves nobody: nothing waits for it.
#[test]
fn it_does_not_wait_for_a_host_that_serves_nobody() {
    let mut world = begins(79, &batches([false, false]));
    let index = world.index[&unit("web-02")];
    let version = crate::plan_parts::candidate("2.5.0").version.clone();
    let wrong =
        (golive::domain::effect::LaneStep::Start, crate::simulation::host::Wrong::Fails, Some(version));
    world.hosts[index].wrong.push(wrong);
    world.under_way();
    until(&mut world, "it failed", |world| world.session().rollout.any_troubled());
    world.must("raj", exclude(&unit("web-02")));
    until(&mut world, "it ran", |world| ran(world).len() == 2);
}
