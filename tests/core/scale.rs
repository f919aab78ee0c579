//! Scaling: the platform says how many machines there are, is told another number once, and is believed only by what it
//! says afterwards; refused over its bounds, under what capacity asks for, and while anything else is pending.

use golive::domain::{
    command::Command,
    event::Event,
    operation::{OperationCommand, OperationEvent, scaled, under_way},
    plan::Plan,
    time::Span,
};

use super::replace::{flag, small};
use crate::simulation::{
    plan::{PRODUCTION, environment},
    upkeep::{replaces, scales},
    world::{Happening, HostFault, World},
};

fn scalable(plan: &mut Plan) {
    replaces(plan);
    let production = plan.environments.get_mut(&environment(PRODUCTION)).unwrap();
    scales(production);
    production.scale.as_mut().unwrap().min = 3;
}

/// Four machines, three at least, nine at most, two at a time.
fn world(seed: u64) -> World {
    let mut world = World::changed(seed, &small(), scalable);
    world.run_for(Span::secs(20));
    world
}

fn to(count: u32) -> Command {
    let reason = "the fair opens tonight".into();
    OperationCommand::Scale { environment: environment(PRODUCTION), to: count, reason }.into()
}

fn refused(world: &mut World, count: u32) -> String {
    world.refused("raj", to(count)).to_string()
}

fn recorded(world: &World) -> Vec<String> {
    let events = world.journal.durable.iter().filter_map(|stamped| match &stamped.event {
        Event::Operation(OperationEvent::ScaleSeen { current, .. }) => Some(format!("seen {current:?}")),
        Event::Operation(OperationEvent::ScaleAsked { from, to, .. }) => {
            assert!(stamped.actor.is_human());
            Some(format!("asked {from} to {to}"))
        }
        Event::Operation(OperationEvent::ScaleEnded { to, reached, .. }) => {
            Some(format!("ended {to} {reached}"))
        }
        _ => None,
    });
    events.collect()
}

/// [O20] It is asked for, pending until the platform says so, and then one of the last events.
#[test]
fn an_environment_is_scaled_within_its_bounds() {
    let mut world = world(901);
    let words = |world: &World| scaled(world.session()).collect::<Vec<_>>();
    assert_eq!(words(&world), ["production: machines 4, at least 3, at most 9, step 2"]);
    world.must("raj", to(6));
    assert_eq!(under_way(world.session()).unwrap(), "production goes from 4 to 6 machines, 4 by now");
    world.run_for(Span::minutes(1));
    assert_eq!(recorded(&world), ["seen Some(4)", "asked 4 to 6", "seen Some(6)", "ended 6 true"]);
    let last = "production: machines 6, at least 3, at most 9, step 2; last 4 to 6 by raj: reached (the fair opens tonight)";
    assert_eq!(words(&world), [last]);
    assert_eq!(under_way(world.session()), None);
}

/// [O20] Every bound is kept, and each refusal says which.
#[test]
fn what_is_out_of_bounds_or_beside_another_change_is_refused() {
    let mut world = world(902);
    assert!(refused(&mut world, 2).contains("2 is below the minimum of production, 3"));
    assert!(refused(&mut world, 10).contains("10 is above the maximum of production, 9"));
    assert!(refused(&mut world, 7).contains("4 to 7 is 3 at a time, and a step is 2 at the most"));
    assert!(refused(&mut world, 4).contains("production has 4 machines"));
    assert!(world.refused("sam", to(5)).reason.contains("none of the roles"));
    // Three of four have to serve: with one sick none may go.
    world.plan_for(world.at, Happening::Host(1, HostFault::Sick));
    world.run_for(Span::secs(10));
    assert!(
        refused(&mut world, 3).contains("1 machine fewer than the 3 that serve: capacity 3 of 4, minimum 3")
    );
    world.plan_for(world.at, Happening::Host(1, HostFault::Well));
    world.run_for(Span::secs(10));
    world.must("raj", flag("web-02"));
    let refusal = world.refused("raj", to(5));
    assert!(refusal.obstacles.iter().any(|it| it.why.contains("is flagged for replacement")), "{refusal:?}");
    let unflag = OperationCommand::Unflag { unit: crate::simulation::plan::unit("web-02") };
    world.must("raj", unflag.into());
    world.must("raj", to(5));
    assert!(refused(&mut world, 6).contains("production goes from 4 to 5 machines already"));
    // Nothing else begins meanwhile.
    world.must("raj", flag("web-02"));
    let commit = OperationCommand::Commit { environment: environment(PRODUCTION) };
    let refusal = world.refused("raj", commit.into());
    assert!(refusal.obstacles.iter().any(|it| it.why.contains("goes from 4 to 5 machines")), "{refusal:?}");
}

/// A platform that fails, or whose number nobody knows, is never believed to have done it.
#[test]
fn what_is_not_seen_is_not_reached() {
    let mut world = world(903);
    world.must("raj", to(5));
    world.run_for(Span::minutes(1));
    // The simulated platform has no seventh machine.
    world.must("raj", to(7));
    world.run_for(Span::minutes(1));
    assert_eq!(recorded(&world).last().unwrap(), "ended 7 false");
    let notices = world.session().notices.notices.iter().map(|it| it.text.clone()).collect::<Vec<_>>();
    let told = "NEEDS A HUMAN: machines of production: 5 to 7 by raj: NOT reached: no machine is left for 7";
    assert!(notices.iter().any(|it| it.contains(told)), "{notices:?}");
    // A killed conductor knows nothing until it is said again, and tells nobody twice.
    world.must("raj", to(6));
    world.run_for(Span::millis(10));
    world.kill();
    world.run_for(Span::minutes(5));
    let last = world.session().operations.scales[&environment(PRODUCTION)].last.last().unwrap().clone();
    let count = world.engine.scaled.get(&environment(PRODUCTION)).copied();
    assert_eq!(last.reached, count == Some(6), "{last:?}, {count:?}");
}
