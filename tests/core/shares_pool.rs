//! Who is out of the pool gets none of the rest: a share is one of what those in the pool get.

use golive::domain::{effect::Share, name::UnitId, time::Span};

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
