//! Agents that read a store: what is set, when a host has converged, what stands in the way, and the way back.

use golive::domain::{
    course::Phase,
    effect::Target,
    name::PersonName,
    plan::{Amount, Capacity, Converging, Deadlines, Rolling, Strategy},
    rollout::{Answer, LaneState, RolloutCommand, Trouble, check_in, troubles},
    session::Session,
    time::Span,
};

use super::ways::says;
use crate::simulation::{
    agents::Agents,
    people::*,
    plan::{PRODUCTION, Shape, environment, unit},
    world::World,
};

pub fn shape(per_host: bool, batches: Vec<Amount>) -> Shape {
    let batches = Rolling { batches, ..Rolling::default() };
    let strategy = Strategy::Converge(Converging { batches, all_at_once: !per_host });
    Shape {
        hosts: 6,
        agents: Some(per_host),
        strategy,
        balanced: false,
        bake: Span::ZERO,
        capacity: Capacity { min_healthy: Some(Amount::Count(3)), ..Capacity::default() },
        deadlines: Deadlines { progress_deadline: Span::minutes(6), ..Deadlines::default() },
        locked: false,
        ..Shape::default()
    }
}

pub fn runs(world: &World, version: &str) -> usize {
    world.hosts.iter().filter(|host| host.runs.as_ref().is_some_and(|runs| runs.as_str() == version)).count()
}

pub fn converging(session: &Session) -> usize {
    let lanes = session.rollout.units().iter().filter_map(|unit| unit.lane.as_ref());
    lanes.filter(|lane| matches!(lane.state, LaneState::Converging { .. })).count()
}

pub fn words(world: &World) -> Vec<String> {
    troubles(world.session()).iter().map(Trouble::words).collect()
}

/// Agents look in their own time, and hosts converge as they do.
#[test]
fn the_desired_version_is_set_once_and_every_host_converges_within_a_cycle() {
    let mut world = World::new(31, &shape(false, Vec::new()));
    world.under_way();
    world.run_until(Span::minutes(1), |session| converging(session) == 6);
    let told = world.session().rollout.stores[&environment(PRODUCTION)].told.clone().unwrap();
    assert_eq!(told.answer, Answer::Holds);
    assert_eq!(told.wish.by.as_ref().map(PersonName::as_str), Some("raj"), "who set it is recorded");
    // One cycle, the time to install, and the time that a host has to stay well.
    world.run_until(Span::secs(60 + 8 + 25), |session| session.course.phase == Phase::LiveUnverified);
    assert_eq!(runs(&world, "2.5.0"), 6);
    assert_eq!(world.stores[&environment(PRODUCTION)].sets["2.5.0"], 1);
}

#[test]
fn it_is_set_batch_by_batch_and_the_next_begins_when_the_one_before_has_converged() {
    let mut world = World::new(32, &shape(true, vec![Amount::Count(1), Amount::Count(3)]));
    world.under_way();
    let told = |world: &World| {
        let keys = &world.stores[&environment(PRODUCTION)].keys;
        keys.values().filter(|key| key.version.as_ref().is_some_and(|it| it.as_str() == "2.5.0")).count()
    };
    world.run_until(Span::minutes(1), |session| converging(session) == 1);
    assert_eq!(told(&world), 1);
    world.run_until(Span::minutes(3), |session| converging(session) == 3);
    assert_eq!((told(&world), runs(&world, "2.5.0")), (4, 1));
    world.reaches(Phase::LiveUnverified, Span::minutes(6));
    assert_eq!((told(&world), runs(&world, "2.5.0")), (6, 6));
}

/// Somebody else set another version: it is shown with who and when, and never overwritten without a word.
#[test]
fn what_somebody_else_has_set_is_not_overwritten_until_a_person_says_so() {
    let mut world = World::new(33, &shape(false, Vec::new()));
    world.agents(Agents::Sets(environment(PRODUCTION), "2.4.9".into(), "lee".into()));
    world.under_way();
    world.run_until(Span::minutes(1), |session| !troubles(session).is_empty());
    let said = words(&world).join("; ");
    assert!(said.contains("conflict") && said.contains("2.4.9, set by lee at 13:50"), "{said}");
    let key = |world: &World| world.stores[&environment(PRODUCTION)].keys[&None].clone();
    assert_eq!(key(&world).by.as_deref(), Some("lee"));
    assert!(world.stores[&environment(PRODUCTION)].sets.is_empty(), "nothing was set");
    assert_eq!(world.session().rollout.counts(&environment(PRODUCTION)).touched, 0);
    // What the person was shown has changed since: that is not what was agreed to.
    let over = vec!["1".to_owned()];
    let stale = RolloutCommand::DesireAgain { environment: environment(PRODUCTION), over };
    says(&world.refused("raj", stale.into()), &["the store has changed since", "2.4.9, set by lee"]);
    let over = key(&world).revision.into_iter().collect();
    let again = RolloutCommand::DesireAgain { environment: environment(PRODUCTION), over };
    world.must("raj", again.into());
    world.reaches(Phase::LiveUnverified, Span::minutes(6));
    assert_eq!(key(&world).version.unwrap().as_str(), "2.5.0");
}

#[test]
fn a_version_that_somebody_sets_in_the_middle_stops_the_line_and_names_them() {
    let mut world = World::new(34, &shape(true, vec![Amount::Count(1)]));
    world.under_way();
    world.run_until(Span::minutes(3), |session| converging(session) == 1);
    world.agents(Agents::Sets(environment(PRODUCTION), "2.4.9".into(), "lee".into()));
    world.run_until(Span::secs(10), |session| !troubles(session).is_empty());
    let said = words(&world).join("; ");
    assert!(said.contains("the store holds 2.4.9, set by lee at 13:50"), "{said}");
}

#[test]
fn a_store_that_cannot_be_read_gets_nothing_and_somebody_is_called() {
    let mut world = World::new(35, &shape(false, Vec::new()));
    world.agents(Agents::Store(environment(PRODUCTION), true));
    world.under_way();
    world.run_until(Span::minutes(1), |session| !troubles(session).is_empty());
    assert!(words(&world).join("; ").contains("can't be read"), "{:?}", words(&world));
    world.agents(Agents::Store(environment(PRODUCTION), false));
    let again = RolloutCommand::DesireAgain { environment: environment(PRODUCTION), over: Vec::new() };
    world.must("raj", again.into());
    world.reaches(Phase::LiveUnverified, Span::minutes(6));
}

/// An agent that misses its time is late, and its host needs a human by the deadline.
#[test]
fn an_agent_that_does_not_look_is_late_and_its_host_calls_for_somebody() {
    let mut world = World::new(36, &shape(false, Vec::new()));
    world.agents(Agents::Silent(2, true));
    world.under_way();
    world.run_until(Span::minutes(8), |session| !troubles(session).is_empty());
    let how = world.how(&environment(PRODUCTION)).unwrap();
    let late = |world: &World, name: &str| {
        check_in(world.session().rollout.unit(&unit(name)).unwrap(), &how, world.now()).unwrap().late
    };
    assert!(late(&world, "web-03") && !late(&world, "web-01"));
    let said = words(&world).join("; ");
    assert!(said.contains("web-03 failed converge") && said.contains("has missed 6"), "{said}");
    assert!(said.contains("it runs 2.4.1"), "{said}");
    // Waiting on, once the agent looks again.
    world.agents(Agents::Silent(2, false));
    world.must("raj", try_again(&unit("web-03")));
    world.reaches(Phase::LiveUnverified, Span::minutes(6));
}

/// A host that runs something else after it had converged has drifted: that is seen within a cycle, and counted.
#[test]
fn a_host_that_is_changed_by_hand_has_drifted_until_its_agent_mends_it() {
    let mut world = World::new(37, &shape(false, Vec::new()));
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(6));
    world.agents(Agents::ByHand(0, "2.4.0".into()));
    let drift = |session: &Session| session.rollout.unit(&unit("web-01")).unwrap().drift.clone();
    world.run_until(Span::minutes(1), |session| drift(session).is_some_and(|drift| drift.now.is_some()));
    assert_eq!(drift(world.session()).unwrap().now.unwrap().1.as_str(), "2.4.0");
    world.run_until(Span::secs(70), |session| drift(session).is_some_and(|drift| drift.now.is_none()));
    assert_eq!(drift(world.session()).unwrap().times, 1);
}

/// The way back sets what ran before, and every host comes back within a cycle.
#[test]
fn a_rollback_sets_the_version_before_and_no_host_counts_before_its_agent_has_looked() {
    let mut world = World::new(38, &shape(false, Vec::new()));
    world.under_way();
    world.run_until(Span::minutes(3), |session| {
        session.rollout.units().iter().filter(|unit| unit.runs() == Some("2.5.0")).count() >= 3
    });
    world.must("sam", roll_back());
    world.run_until(Span::secs(30), |session| {
        let told = session.rollout.stores[&environment(PRODUCTION)].told.as_ref().unwrap();
        told.wish.back && told.answer == Answer::Holds
    });
    let set_at = world.at;
    world.reaches(Phase::RolledBack, Span::minutes(4));
    assert_eq!(runs(&world, "2.4.1"), 6);
    // Those that had not got it may have read it all the same: they count once their agents have looked again.
    assert!(world.at - set_at > Span::secs(20).0, "nobody was believed at once");
    assert_eq!(world.stores[&environment(PRODUCTION)].keys[&None].by.as_deref(), Some("golive"));
}

#[test]
fn a_hold_sets_nothing_new_and_stops_no_agent() {
    let mut world = World::new(39, &shape(true, vec![Amount::Count(1)]));
    world.under_way();
    world.run_until(Span::minutes(1), |session| converging(session) == 1);
    world.must("dana", hold());
    world.run_for(Span::minutes(5));
    assert_eq!(runs(&world, "2.5.0"), 1, "the one that was told has converged; nobody else was told");
    world.must("dana", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
}

/// A conductor that is killed between the set and its report reads again, and sets nothing twice.
#[test]
fn a_killed_conductor_reads_before_it_sets_anything_again() {
    for seed in 40..60 {
        let mut world = World::new(seed, &shape(false, Vec::new()));
        world.under_way();
        world.run_until(Span::minutes(1), |session| {
            session.flights.get(&Target::Desired(environment(PRODUCTION))).is_some()
        });
        world.kill();
        world.reaches(Phase::LiveUnverified, Span::minutes(8));
        assert_eq!(world.stores[&environment(PRODUCTION)].sets["2.5.0"], 1, "seed {seed}");
    }
}

#[test]
fn one_host_alone_is_not_brought_back_where_agents_change_them() {
    let mut world = World::new(61, &shape(true, vec![Amount::Count(3)]));
    world.under_way();
    world.run_until(Span::minutes(1), |session| converging(session) == 3);
    let narrow = RolloutCommand::RollBack { only: vec![unit("web-01")] };
    says(&world.refused("sam", narrow.into()), &["agents change the hosts of production"]);
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(4));
    let keys = &world.stores[&environment(PRODUCTION)].keys;
    assert!(keys.values().all(|key| key.version.as_ref().unwrap().as_str() == "2.4.1"));
}

/// What was left out on the way forward was told all the same: it is told to go back with the others.
#[test]
fn a_host_that_was_left_out_is_set_back_too() {
    let mut world = World::new(62, &shape(true, vec![Amount::Count(3)]));
    world.agents(Agents::Silent(1, true));
    world.under_way();
    world.run_until(Span::minutes(8), |session| !troubles(session).is_empty());
    world.must("raj", exclude(&unit("web-02")));
    world.run_until(Span::minutes(1), |session| converging(session) == 3);
    world.must("sam", roll_back());
    world.run_for(Span::secs(30));
    world.agents(Agents::Silent(1, false));
    world.reaches(Phase::RolledBack, Span::minutes(6));
    let keys = &world.stores[&environment(PRODUCTION)].keys;
    assert!(keys.values().all(|key| key.version.as_ref().unwrap().as_str() == "2.4.1"), "{keys:?}");
    assert_eq!(runs(&world, "2.4.1"), 6);
}

/// [W13] Where each host has a key, a batch whose hosts are all left out sets nothing, and the next one its own only.
#[test]
fn a_batch_of_which_nobody_is_left_sets_no_key_of_another() {
    let mut world = World::new(42, &shape(true, vec![Amount::Count(1)]));
    world.agents(Agents::Silent(0, true));
    world.under_way();
    let told = |world: &World| {
        let keys = &world.stores[&environment(PRODUCTION)].keys;
        keys.values().filter(|key| key.version.as_ref().is_some_and(|it| it.as_str() == "2.5.0")).count()
    };
    world.run_until(Span::minutes(8), |session| !troubles(session).is_empty());
    assert_eq!(told(&world), 1);
    world.must("raj", exclude(&unit("web-01")));
    world.run_until(Span::minutes(1), |session| converging(session) == 1);
    // The key of the first went back to what it held.
    assert_eq!(told(&world), 1, "the key of the second batch, and no other");
}
