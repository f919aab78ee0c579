//! Sets that nobody waits for any more and that arrive all the same, and what is not known of a store: neither a way back
//! nor a host that is left out is undone by the one, and nothing is verified over the other.

use golive::domain::{course::Phase, gate, plan::Amount, rollout::troubles, time::Span};

use super::converge::{runs, shape, words};
use crate::simulation::{
    agents::Agents,
    people::{exclude, roll_back},
    plan::{PRODUCTION, environment, unit},
    world::{Happening, World},
};

/// The set times out, and whether it was done is not known.
fn cut_off(seed: u64, per_host: bool) -> World {
    let batches = if per_host { vec![Amount::Count(2)] } else { Vec::new() };
    let mut world = World::new(seed, &shape(per_host, batches));
    world.sets_late = 1_000;
    world.under_way();
    world.run_until(Span::minutes(2), |session| !troubles(session).is_empty());
    assert!(words(&world).iter().any(|it| it.contains("not known")), "{:?}", words(&world));
    world.sets_late = 0;
    world
}

fn told(world: &World, version: &str) -> usize {
    let keys = world.stores[&environment(PRODUCTION)].keys.values();
    keys.filter(|key| key.version.as_ref().is_some_and(|it| it.as_str() == version)).count()
}

/// [W29] What was on its way when it was rolled back finds another revision, though the key held the old version already.
#[test]
fn a_set_that_arrives_after_the_way_back_is_done_no_more() {
    for (seed, per_host) in [(71, false), (72, true), (73, true), (74, false)] {
        let mut world = cut_off(seed, per_host);
        world.must("raj", roll_back());
        world.run_for(Span::minutes(5));
        assert_eq!(world.session().course.phase, Phase::RolledBack, "{:?}", words(&world));
        assert_eq!((told(&world, "2.5.0"), runs(&world, "2.5.0")), (0, 0), "seed {seed}");
    }
}

#[test]
fn a_set_that_arrives_after_its_host_was_left_out_is_done_no_more() {
    for seed in [81, 82, 83] {
        let mut world = cut_off(seed, true);
        for host in ["web-01", "web-02"] {
            world.must("raj", exclude(&unit(host)));
        }
        world.run_for(Span::minutes(5));
        let keys = &world.stores[&environment(PRODUCTION)].keys;
        for host in ["web-01", "web-02"] {
            let told = keys[&Some(unit(host))].version.as_ref().map(ToString::to_string);
            assert_eq!(told.as_deref(), Some("2.4.1"), "seed {seed}, {host}");
        }
    }
}

/// Neither one that was never read since the conductor started, nor one key among others.
#[test]
fn nothing_is_verified_while_it_is_not_known_what_agents_are_told() {
    let mut world = World::new(91, &shape(true, vec![Amount::Count(3)]));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.course.phase == Phase::LiveUnverified);
    world.plan_for(world.at, Happening::Agents(Agents::Store(environment(PRODUCTION), true)));
    world.run_for(Span::secs(5));
    world.kill();
    world.run_for(Span::secs(1));
    assert_eq!(world.session().course.phase, Phase::LiveUnverified);
    let asked = gate::to_promote_next(world.session(), world.now());
    assert!(asked.iter().any(|it| it.what == "agents"), "{asked:?}");
}

/// A host that stays on something else calls somebody, once, with what lifts it; left out it is in nobody's way.
#[test]
fn a_host_that_stays_drifted_calls_somebody_once() {
    let mut world = World::new(92, &shape(true, vec![Amount::Count(3)]));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.course.phase == Phase::LiveUnverified);
    world.agents(Agents::Silent(2, true));
    world.agents(Agents::ByHand(2, "2.4.0".into()));
    world.run_until(Span::minutes(1), |session| session.rollout.unit(&unit("web-03")).unwrap().drifted());
    assert_eq!(words(&world), Vec::<String>::new(), "its agent may mend it yet");
    world.run_until(Span::minutes(3), |session| !troubles(session).is_empty());
    assert_eq!(words(&world).len(), 1, "{:?}", words(&world));
    assert!(words(&world)[0].starts_with("web-03 drifted: it runs 2.4.0, not 2.5.0"), "{:?}", words(&world));
    // Another wrong version is no other trouble.
    world.agents(Agents::ByHand(2, "2.3.0".into()));
    world.run_for(Span::minutes(5));
    assert!(words(&world)[0].starts_with("web-03 drifted: it runs 2.3.0, not 2.5.0"), "{:?}", words(&world));
    let told: Vec<_> =
        world.session().notices.notices.iter().filter(|it| it.text.contains("drifted")).collect();
    let people: std::collections::BTreeSet<_> = told.iter().map(|it| &it.person).collect();
    assert_eq!(told.len(), people.len(), "each person once: {told:?}");
    let lift = troubles(world.session())[0].lift(world.session());
    assert!(lift.contains("excluding it (X)") && lift.contains("rolling back (R)"), "{lift}");
    world.must("raj", exclude(&unit("web-03")));
    world.run_for(Span::secs(20));
    assert_eq!(words(&world), Vec::<String>::new());
}

/// What its agent mends in its time calls nobody.
#[test]
fn a_drift_that_its_agent_mends_calls_nobody() {
    let mut world = World::new(93, &shape(true, vec![Amount::Count(3)]));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.course.phase == Phase::LiveUnverified);
    world.agents(Agents::ByHand(2, "2.4.0".into()));
    world.run_until(Span::minutes(1), |session| session.rollout.unit(&unit("web-03")).unwrap().drifted());
    for _ in 0..300 {
        world.run_for(Span::secs(1));
        assert_eq!(words(&world), Vec::<String>::new());
    }
}
