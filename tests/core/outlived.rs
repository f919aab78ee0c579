//! What runs once and outlives a killed conductor: it is seen, nobody vouches for it, and its own end counts.

use golive::domain::{
    course::Phase,
    effect::Target,
    rollout::{OnceState, once_left_behind, taken_back},
    time::Span,
};

use super::once::{batches, begins, order, ran, state, until, words};
use crate::simulation::{
    once::{again, done, forced, name},
    outlived::Leaves,
    people::*,
    world::{Happening, World},
};

/// A conductor is killed while it runs, and it runs on for a quarter of an hour, longer than hosts may take.
fn outlives(seed: u64, written: bool) -> World {
    let mut world = begins(seed, &batches([true, true]));
    world.under_way();
    let runs =
        |world: &World| world.engine.flying.keys().any(|(id, _)| matches!(id.target, Target::Once { .. }));
    until(&mut world, "under way", runs);
    world.engine.leaves = Some(Leaves::Running(Span::minutes(15), written));
    world.plan_for(world.at, Happening::Kill);
    until(&mut world, "seen", |world| {
        once_left_behind(world.session(), &name("migrate")).is_some_and(|left| left.found.is_some())
    });
    world
}

/// Nobody vouches for what still runs, nor goes on without it; and nobody is asked while it does. Its own end counts.
#[test]
fn one_that_outlives_its_conductor_is_seen_and_its_own_end_counts() {
    let mut world = outlives(31, true);
    let still = "migrate still runs (process 4711), and its conductor was ended";
    for says in [done("migrate"), forced("migrate")] {
        let refused = world.refused("dana", says).to_string();
        assert!(refused.contains(still) && refused.contains("which ends it first"), "{refused}");
    }
    assert_eq!(words(&world), [""; 0]);
    let said = taken_back(world.session()).remove(0).words;
    assert!(said.starts_with("migrate of production still runs (process 4711)"), "{said}");
    world.run_for(Span::minutes(10));
    assert_eq!(order(&world), ["migrate"], "no host was begun beside it");
    world.run_for(Span::hours(1));
    assert_eq!(order(&world), ["migrate", "host", "announce"], "{}", world.story());
    assert_eq!(ran(&world), ["migrate", "announce"], "it ran once");
}

/// How it ended was lost: then it is asked for, and can be vouched for.
#[test]
fn one_that_ended_and_did_not_say_how_is_asked_for_then() {
    let mut world = outlives(32, false);
    world.run_for(Span::hours(1));
    assert_eq!(words(&world), ["migrate of production unknown: how it ended was not written down"]);
    world.must("raj", done("migrate"));
    world.run_for(Span::minutes(10));
    assert_eq!(order(&world), ["migrate", "host", "announce"]);
}

/// It is ended before it begins again: never are there two. The world says so where there were.
#[test]
fn one_that_still_runs_is_ended_before_it_is_tried_again() {
    let mut world = outlives(33, true);
    world.must("raj", again("migrate"));
    world.run_for(Span::minutes(20));
    let begun = order(&world).iter().filter(|it| *it == "migrate").count();
    assert_eq!(begun, 1, "one after the other: {:?}", order(&world));
    assert_eq!(state(&world, "migrate"), Some(OnceState::Done), "{}", world.story());
    assert!(once_left_behind(world.session(), &name("migrate")).is_none());
}

/// The way back ends it, as it does one whose conductor lives; and a second kill leaves it as it is.
#[test]
fn one_that_outlives_two_conductors_is_ended_by_the_way_back() {
    let mut world = outlives(34, true);
    world.plan_for(world.at, Happening::Kill);
    world.run_for(Span::minutes(1));
    let left = once_left_behind(world.session(), &name("migrate")).map(|left| left.words());
    assert!(left.as_ref().is_some_and(|words| words.contains("process 4711")), "{left:?}");
    world.must("sam", roll_back());
    world.run_for(Span::minutes(20));
    assert_eq!(world.session().course.phase, Phase::RolledBack, "{}", world.story());
    assert_eq!(ran(&world).last().unwrap(), "back of migrate");
}
