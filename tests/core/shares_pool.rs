//! Who is out of the pool gets none of the rest: a share is one of what those in the pool get.

use golive::domain::{
    effect::Share,
    name::UnitId,
    rollout::{RolloutCommand, unwell},
    time::Span,
};

use super::shares::{held, paused};
use crate::simulation::{
    plan::{PRODUCTION, environment},
    world::{Happening, HostFault, World},
};

fn away(world: &World) -> Vec<&str> {
    let share: &Share = held(world).unwrap();
    share.away.iter().map(UnitId::as_str).collect()
}

fn happens(world: &mut World, hosts: &[usize], fault: HostFault) {
    for host in hosts {
        world.plan_for(world.at, Happening::Host(*host, fault));
    }
    world.run_for(Span::secs(30));
}

/// The new version gets its share of what those in the pool get, whoever leaves it or comes back meanwhile.
#[test]
fn a_share_is_one_of_what_the_hosts_in_the_pool_get() {
    let mut world = paused(5, 20);
    let gives = |world: &World| world.gives(&environment(PRODUCTION));
    assert_eq!((gives(&world), away(&world)), (Some(2_000), vec![]));
    happens(&mut world, &[8, 9], HostFault::TakenOut);
    assert_eq!((gives(&world), away(&world)), (Some(2_000), vec!["web-09", "web-10"]), "{}", world.story());
    // Who is there knows nobody's place at first: it stays as it was.
    world.kill();
    world.run_for(Span::minutes(1));
    assert_eq!((gives(&world), away(&world)), (Some(2_000), vec!["web-09", "web-10"]), "{}", world.story());
    happens(&mut world, &[8, 9], HostFault::PutBack);
    assert_eq!((gives(&world), away(&world)), (Some(2_000), vec![]), "{}", world.story());
    // One whose check fails gets none either.
    happens(&mut world, &[5], HostFault::Sick);
    assert_eq!((gives(&world), away(&world)), (Some(2_000), vec!["web-06"]), "{}", world.story());
    happens(&mut world, &[5], HostFault::Well);
    assert_eq!((gives(&world), away(&world)), (Some(2_000), vec![]), "{}", world.story());
}

/// A host that went back by name is no canary any more: it gets nothing of its share, and where none is left nobody goes
/// on as if one had been looked at.
#[test]
fn who_went_back_by_name_gets_nothing_of_the_share_and_a_share_of_nobody_is_none() {
    let mut world = paused(6, 20);
    let canary = held(&world).unwrap().canary.clone();
    let back = |unit: &UnitId| RolloutCommand::RollBack { only: vec![unit.clone()] }.into();
    world.must("raj", back(&canary[0]));
    world.run_for(Span::minutes(5));
    assert_eq!(held(&world).unwrap().canary, canary[1..], "{}", world.story());
    assert_eq!(world.gives(&environment(PRODUCTION)), Some(2_000), "{}", world.story());
    for unit in &canary[1..] {
        world.must("raj", back(unit));
        world.run_for(Span::minutes(5));
    }
    assert!(held(&world).is_none(), "as it is configured");
    let said: Vec<String> = unwell(world.session(), world.now()).into_iter().map(|it| it.what).collect();
    assert_eq!(said, ["20 % is wanted for 2.5.0, and none of the hosts for it is left: nobody looks at it"]);
}
