//! What stands in the way of the way back where agents read a store: it is said before anyone asks for it, and nobody is
//! told that rolling back lifts what would stop it too.

use golive::domain::{
    course::Phase,
    rollout::{Move, RolloutCommand, Trouble, moves, readiness, troubles},
    time::Span,
};

use super::converge::{converging, runs, shape};
use crate::simulation::{
    agents::Agents,
    people::*,
    plan::{PRODUCTION, environment},
    world::{World, actor},
};

/// Lee sets 2.4.9 over 2.5.0 while hosts converge.
fn set_over_it(seed: u64) -> World {
    let mut world = World::new(seed, &shape(false, Vec::new()));
    world.under_way();
    world.run_until(Span::minutes(1), |session| converging(session) == 6);
    world.agents(Agents::Sets(environment(PRODUCTION), "2.4.9".into(), "lee".into()));
    world.run_until(Span::secs(10), |session| !troubles(session).is_empty());
    world
}

fn says(words: &str, parts: &[&str]) {
    for part in parts {
        assert!(words.contains(part), "{part:?} is not in: {words}");
    }
}

fn lift(world: &World) -> String {
    let session = world.session();
    let all = troubles(session);
    let store = all.iter().find(|trouble| matches!(trouble, Trouble::Desired { .. }));
    store.unwrap_or_else(|| panic!("{all:?}")).lift(session)
}

fn back(world: &World) -> Move {
    let all = moves(world.session(), &actor("sam"), world.now());
    all.into_iter().find(|it| it.key == 'R').unwrap()
}

#[test]
fn a_way_back_that_stops_at_what_somebody_else_has_set_is_not_promised() {
    let mut world = set_over_it(211);
    let place = environment(PRODUCTION);
    let ready = readiness(world.session(), &place);
    assert!(!ready.ready() && ready.store.unwrap().starts_with("the store holds 2.4.9, set by lee at 13:50"));
    let over = world.stores[&place].keys[&None].revision.clone().unwrap();
    let does = back(&world).does.unwrap();
    says(
        &does,
        &["on 6 hosts", "setting back stops there", &format!("try --desired production --over {over}")],
    );
    assert!(!does.contains("about"), "nobody knows how long it takes: {does}");
    says(&lift(&world), &["trying again over what is there", "END AS IS"]);
    assert!(!lift(&world).contains("rolling back"), "{}", lift(&world));
    // It stops there indeed, and goes on by the word of a person.
    world.must("sam", roll_back());
    world.run_until(Span::secs(30), |session| !troubles(session).is_empty());
    assert!(!lift(&world).contains("rolling back"), "it is under way: {}", lift(&world));
    let again = RolloutCommand::DesireAgain { environment: place, over: vec![over] };
    world.must("raj", again.into());
    world.reaches(Phase::RolledBack, Span::minutes(6));
    assert_eq!(runs(&world, "2.4.1"), 6);
}

#[test]
fn a_way_back_through_a_store_that_cannot_be_read_is_not_ready() {
    let mut world = World::new(212, &shape(false, Vec::new()));
    world.under_way();
    world.run_until(Span::minutes(1), |session| converging(session) == 6);
    let place = environment(PRODUCTION);
    assert!(readiness(world.session(), &place).store.is_none());
    world.agents(Agents::Store(place.clone(), true));
    world.run_for(Span::secs(5));
    let ready = readiness(world.session(), &place);
    assert!(!ready.ready() && ready.store.unwrap().starts_with("the store can't be read"));
    says(&back(&world).does.unwrap(), &["the store can't be read, and nothing is set back before it can be"]);
    world.agents(Agents::Store(place.clone(), false));
    world.run_for(Span::secs(5));
    assert!(readiness(world.session(), &place).store.is_none());
}
