//! Heartbeats: a host that misses beats is late, and dead with so many in a row as the plan says; what was not looked at
//! misses nothing.

use golive::domain::{
    course::Phase,
    effect::Health,
    event::Event,
    operation::{Heart, OperationEvent, heart},
    plan::{Heartbeat, Plan},
    rollout::{Unit, unwell},
    time::Span,
};

use super::replace::small;
use crate::simulation::{
    people::*,
    plan::{PRODUCTION, environment, plan, unit},
    world::{Happening, HostFault, World},
};

/// A beat every ten seconds, dead after three.
fn beats(plan: &mut Plan) {
    let production = plan.environments.get_mut(&environment(PRODUCTION)).unwrap();
    production.heartbeat = Some(Heartbeat { every: Span::secs(10), missed: 3 });
}

fn world(seed: u64) -> World {
    let mut world = World::changed(seed, &small(), beats);
    world.run_for(Span::secs(20));
    world
}

fn of(world: &World, name: &str) -> Heart {
    let session = world.session();
    heart(session, session.rollout.unit(&unit(name)).unwrap(), world.now()).unwrap()
}

fn sick(unit: &Unit) -> bool {
    unit.fresh().is_some_and(|seen| seen.health == Health::Sick)
}

/// What is wrong, and what releases it.
fn wrong(world: &World) -> (String, String) {
    let list = unwell(world.session(), world.now());
    assert_eq!(list.len(), 1, "{list:?}");
    (list[0].what.clone(), list[0].release.clone())
}

fn fall(world: &mut World, index: usize) {
    world.plan_for(world.at, Happening::Host(index, HostFault::Sick));
    let id = world.units[index].clone();
    world.run_until(Span::minutes(1), |session| sick(session.rollout.unit(&id).unwrap()));
}

fn recorded(world: &World) -> Vec<String> {
    let events = world.journal.durable.iter().filter_map(|stamped| match &stamped.event {
        Event::Operation(OperationEvent::HostDied { unit, missed, .. }) => {
            assert!(!stamped.actor.is_human());
            Some(format!("{unit} died, {missed}"))
        }
        Event::Operation(OperationEvent::HostRevived { unit, .. }) => Some(format!("{unit} revived")),
        _ => None,
    });
    events.collect()
}

/// [O12] One beat less than the plan says and it is late; with that one it is dead, which is a fact of the record.
#[test]
fn a_host_that_misses_beats_is_late_and_then_dead() {
    let mut world = world(701);
    assert_eq!(of(&world, "web-02"), Heart::Alive);
    fall(&mut world, 1);
    assert!(matches!(of(&world, "web-02"), Heart::Late { missed: 1, of: 3, .. }));
    world.run_for(Span::secs(19));
    assert!(matches!(of(&world, "web-02"), Heart::Late { missed: 2, of: 3, .. }));
    assert_eq!(recorded(&world), [] as [&str; 0]);
    let (what, release) = wrong(&world);
    assert!(what.starts_with("web-02 is late, 2 of 3 beats missed"), "{what}");
    assert!(release.starts_with("its recovery; dead in "), "{release}");
    world.run_for(Span::secs(2));
    assert!(matches!(of(&world, "web-02"), Heart::Dead { missed: 3, .. }), "{:?}", of(&world, "web-02"));
    world.run_for(Span::minutes(5));
    assert_eq!(recorded(&world), ["web-02 died, 3"], "once");
    assert!(wrong(&world).0.starts_with("web-02 is DEAD, no beat for 5 min 2"), "{:?}", wrong(&world));
    assert_eq!(of(&world, "web-03"), Heart::Alive);
    world.plan_for(world.at, Happening::Host(1, HostFault::Well));
    world.run_for(Span::secs(20));
    assert_eq!(of(&world, "web-02"), Heart::Alive);
    assert_eq!(recorded(&world), ["web-02 died, 3", "web-02 revived"]);
    let notices = world.session().notices.notices.iter().map(|it| it.text.clone()).collect::<Vec<_>>();
    assert!(notices[0].contains("web-02 is DEAD, no beat for 20 s"), "{notices:?}");
    assert!(notices.last().unwrap().contains("web-02 is alive again after 5 min 2"), "{notices:?}");
    let told = world.session().notices.told.len();
    assert_eq!(told, notices.len(), "nobody is told twice");
    let people: std::collections::BTreeSet<_> =
        world.session().notices.notices.iter().map(|it| &it.person).collect();
    assert_eq!(notices.len(), 2 * people.len(), "each once of either");
    assert!(unwell(world.session(), world.now()).is_empty());
}

/// Whoever answers again in time has missed nothing: the next beats are counted from the first.
#[test]
fn a_beat_in_time_begins_the_count_anew() {
    let mut world = world(702);
    for _ in 0..4 {
        fall(&mut world, 1);
        world.run_for(Span::secs(15));
        assert!(matches!(of(&world, "web-02"), Heart::Late { .. }));
        world.plan_for(world.at, Happening::Host(1, HostFault::Well));
        world.run_for(Span::secs(20));
        assert_eq!(of(&world, "web-02"), Heart::Alive);
    }
    assert_eq!(recorded(&world), [] as [&str; 0]);
}

/// Without data nobody is alive, and nobody dies.
#[test]
fn what_nobody_has_looked_at_is_unknown_and_not_dead() {
    let mut world = world(703);
    fall(&mut world, 1);
    world.kill();
    assert!(matches!(of(&world, "web-02"), Heart::Unknown | Heart::Late { missed: 1, .. }));
    world.run_for(Span::secs(10));
    assert!(matches!(of(&world, "web-02"), Heart::Late { .. }), "it is counted from when it was seen again");
    world.run_for(Span::minutes(1));
    assert_eq!(recorded(&world).len(), 1);
    // Who declares none is told nothing.
    let mut world = World::new(704, &small());
    world.run_for(Span::secs(20));
    let session = world.session();
    assert_eq!(heart(session, session.rollout.unit(&unit("web-02")).unwrap(), world.now()), None);
    world.run_for(Span::minutes(5));
    assert!(world.session().operations.hearts.is_empty());
}

/// A host that is deployed does not answer on purpose.
#[test]
fn a_host_that_is_worked_on_does_not_die() {
    let mut world = world(705);
    world.prepare();
    world.decide_go();
    world.must("raj", start());
    let mut worked = false;
    for _ in 0..40_000 {
        world.step();
        worked |= of(&world, "web-02") == Heart::AtWork;
        if world.session().rollout.unit(&unit("web-04")).is_some_and(|unit| unit.runs() == Some("2.5.0")) {
            break;
        }
    }
    assert!(worked);
    assert_eq!(recorded(&world), [] as [&str; 0]);
}

/// A fleet on which nothing was ever deployed is not dead: nobody is called for it, and none of it is repaired.
#[test]
fn a_host_on_which_nothing_was_deployed_misses_no_beat() {
    let mut declared = plan(&small());
    beats(&mut declared);
    let mut world = World::begin(
        196,
        &small(),
        declared,
        (None, "2.5.0"),
        true,
        &golive::domain::project::Project::default(),
    );
    world.run_for(Span::minutes(5));
    assert!(world.session().operations.hearts.is_empty(), "{:?}", world.session().operations.hearts);
    assert!(world.session().operations.repairs.paused.is_empty());
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(30));
    world.run_for(Span::minutes(2));
    assert!(world.session().operations.hearts.is_empty(), "{}", world.story());
    let host = world.hosts.len() - 1;
    world.plan_for(world.at, Happening::Host(host, HostFault::Dies));
    world.run_for(Span::minutes(2));
    assert!(
        world.session().operations.hearts.values().any(|beats| beats.dead.is_some()),
        "from then on it is"
    );
}
