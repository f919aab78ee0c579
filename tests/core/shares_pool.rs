//! Who is out of the pool gets none of the rest: a share is one of what those in the pool get.

use golive::domain::{
    effect::{Share, Target, Work},
    effect_log::EffectEvent,
    event::Event,
    name::UnitId,
    plan::Deadlines,
    rollout::{RolloutCommand, Trouble, troubles, unwell},
    time::Span,
};

use super::shares::{counted, held, paused};
use crate::simulation::{
    people::go_on,
    plan::{PRODUCTION, environment},
    world::{Happening, HostFault, World},
};

fn away(world: &World) -> Vec<&str> {
    let share: &Share = held(world).unwrap();
    share.away.iter().map(UnitId::as_str).collect()
}

/// What is counted is said by the test from now on.
fn counts_no_more(world: &mut World) {
    world.engine.flying.retain(|_, flying| !matches!(flying.effect.work, Work::Count { .. }));
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

/// A host is out of the pool, and the share is off for as long as a stage may go without progress: a human is called
/// as where all are in it.
#[test]
fn a_share_that_is_off_calls_a_human_while_a_host_is_out_too() {
    for fault in [HostFault::Sick, HostFault::TakenOut] {
        let mut world = paused(5, 20);
        counts_no_more(&mut world);
        happens(&mut world, &[7], fault);
        let limit = Deadlines::default().progress_deadline;
        for _ in 0..=limit.as_secs() / 60 {
            let happens = counted(&world, 15, 300);
            world.plan_for(world.at, happens);
            world.run_for(Span::secs(61));
        }
        let said: Vec<String> = troubles(world.session()).iter().map(Trouble::words).collect();
        let wanted = format!("2.5.0 gets 5.00 % of 300 requests, wanted 20 %, for {limit}");
        assert!(said.contains(&wanted), "{fault:?}: {said:?}\n{}", world.story());
        // What the balancer knows to be out explains nothing.
        let wrong = unwell(world.session(), world.now());
        let off = wrong.iter().find(|it| it.what.contains("wanted 20 %")).unwrap();
        assert_eq!(off.release, "the balancer's weights and what else sends requests there");
    }
}

/// Of a host with the new version that is out somebody is called long before, and again as long as it is so.
#[test]
fn a_host_of_the_share_that_is_out_calls_a_human_until_it_is_back() {
    for (fault, why) in [(HostFault::Sick, "sick"), (HostFault::TakenOut, "out of the pool")] {
        let mut world = paused(5, 20);
        counts_no_more(&mut world);
        happens(&mut world, &[0], fault);
        for _ in 0..2 {
            let said: Vec<String> = troubles(world.session()).iter().map(Trouble::words).collect();
            let called = format!("web-01 is not well: {why}, for 10 s, while production pauses");
            assert_eq!(said, [called], "{}", world.story());
            world.must("dana", go_on());
            world.run_for(Span::secs(30));
        }
        let happens = counted(&world, 15, 300);
        world.plan_for(world.at, happens);
        world.run_for(Span::secs(1));
        let wrong = unwell(world.session(), world.now());
        let off = wrong.iter().find(|it| it.what.contains("wanted 20 %")).unwrap();
        assert_eq!(off.release, "web-01 does not serve: others get its requests until it serves again");
    }
}

/// How often the balancer was told a share.
fn tellings(world: &World) -> usize {
    let told = |event: &Event| match event {
        Event::Effect(EffectEvent::Started { effect }) => matches!(effect.id.target, Target::Share(_)),
        _ => false,
    };
    world.journal.durable.iter().filter(|it| told(&it.event)).count()
}

/// A host that comes and goes is one that is out, until it stays for as long as a host has to be well: the balancer hears
/// that it left, and of all its comings nothing.
#[test]
fn of_a_host_that_comes_and_goes_the_balancer_hears_once_that_it_went_and_once_that_it_stays() {
    let mut world = paused(5, 20);
    let stays = Deadlines::default().min_healthy_time;
    let before = tellings(&world);
    for _ in 0..10 {
        for (fault, lasts) in [(HostFault::TakenOut, 20), (HostFault::PutBack, 5)] {
            world.plan_for(world.at, Happening::Host(8, fault));
            world.run_for(Span::secs(lasts));
        }
    }
    assert_eq!((tellings(&world) - before, away(&world)), (1, vec!["web-09"]), "{}", world.story());
    world.run_for(Span(stays.0 + 5_000_000));
    assert_eq!((tellings(&world) - before, away(&world)), (2, vec![]), "{}", world.story());
    assert_eq!(world.gives(&environment(PRODUCTION)), Some(2_000));
}

/// The time that a share is off goes on where the balancer is only told who is in the pool.
#[test]
fn who_comes_and_goes_does_not_keep_a_human_from_being_called() {
    let mut world = paused(5, 20);
    counts_no_more(&mut world);
    let limit = Deadlines::default().progress_deadline;
    for round in 0..=limit.as_secs() / 60 {
        let happens = counted(&world, 15, 300);
        world.plan_for(world.at, happens);
        let fault = if round % 2 == 0 { HostFault::TakenOut } else { HostFault::PutBack };
        world.plan_for(world.at + 1_000_000, Happening::Host(8, fault));
        world.run_for(Span::secs(61));
    }
    let said: Vec<String> = troubles(world.session()).iter().map(Trouble::words).collect();
    let wanted = format!("2.5.0 gets 5.00 % of 300 requests, wanted 20 %, for {limit}");
    assert!(said.contains(&wanted), "{said:?}\n{}", world.story());
}
