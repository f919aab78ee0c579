//! Stages that do not wait for each other: each begins when all that it is after has passed, and bakes by itself; the line
//! is one.

use golive::domain::{
    command::{Asked, Command},
    course::Phase,
    decide::decide,
    effect::LaneStep,
    event::Event,
    gate,
    name::StageName,
    next_step::{NextStep, next_step},
    pipeline::{StageState, cards},
    plan::Promote,
    rollout::{Forecast, RolloutCommand, RolloutEvent, left_on_the_new, scope, troubles},
    session::Session,
    time::Span,
    timeline::timeline,
};

use super::ways::{says, small};
use crate::simulation::{
    branches::Branches,
    host::Wrong,
    people::*,
    plan::{Shape, check, environment},
    world::{Happening, HostFault, World, actor},
};

/// alpha → beta, gamma → production.
fn diamond(promote: Promote) -> Shape {
    let branches = Some(Branches { alpha: true, ..Branches::default() });
    Shape { beta: true, bake: Span::minutes(10), promote, branches, ..small() }
}

fn state(session: &Session, name: &str) -> StageState {
    session.pipeline.run(&StageName::new(name).unwrap()).unwrap().state
}

fn reaches(world: &mut World, name: &str, wanted: StageState) {
    world.run_until(Span::hours(2), |session| state(session, name) == wanted);
}

/// Two stages after the same one bake beside each other, the hosts of one of them being changed at a time; the one
/// after both begins when both have passed, and not before.
#[test]
fn two_branches_bake_beside_each_other_and_the_one_after_both_waits_for_both() {
    let mut world = World::new(4401, &diamond(Promote::Human));
    world.prepare();
    says(&world.refused("raj", start_of("gamma")), &["gamma can't be started", "alpha: is waiting"]);
    world.must("raj", start());
    reaches(&mut world, "alpha", StageState::Ready);
    world.must("raj", promote());
    assert_eq!(state(world.session(), "beta"), StageState::Rolling, "it begins with the promotion");
    let refused = world.refused("raj", start_of("gamma"));
    says(&refused, &["gamma can't be started", "the line: beta rolls: 0 of 2 hosts done"]);
    reaches(&mut world, "beta", StageState::Baking);
    let (next, in_the_way) = next_step(world.session(), world.now());
    assert_eq!((next, in_the_way), (NextStep::Start(2, "gamma".into()), vec![]));
    world.must("raj", start());
    assert_eq!(state(world.session(), "gamma"), StageState::Rolling);
    reaches(&mut world, "gamma", StageState::Baking);
    assert_eq!(state(world.session(), "beta"), StageState::Baking, "both bake now");
    let refused = world.refused("raj", start_of("production"));
    says(&refused, &["production can't be started", "beta: is baking", "gamma: is baking"]);
    says(&world.refused("dana", declare_go()), &["beta: is baking", "gamma: is baking"]);
    reaches(&mut world, "gamma", StageState::Ready);
    world.must("raj", promote_of("beta"));
    says(&world.refused("raj", start()), &["production can't be started", "gamma: is ready"]);
    world.must("raj", promote());
    assert_eq!(state(world.session(), "gamma"), StageState::Passed);
    world.decide_go();
    world.must("raj", start());
    assert_eq!(state(world.session(), "production"), StageState::Rolling);
}

/// Where golive promotes, the second branch begins by itself as soon as the line is free, and both bakes together take
/// less than one after the other.
#[test]
fn a_branch_begins_by_itself_once_the_line_is_free() {
    let mut world = World::new(4402, &diamond(Promote::Automatic));
    world.prepare();
    world.must("raj", start());
    reaches(&mut world, "beta", StageState::Rolling);
    let (expected, now) =
        (timeline(world.session(), &Forecast::of(world.session()), world.now()), world.now());
    assert_eq!(state(world.session(), "gamma"), StageState::Waiting);
    world.run_until(Span::hours(2), |session| state(session, "gamma") == StageState::Rolling);
    assert_eq!(state(world.session(), "beta"), StageState::Validating, "nobody started it");
    reaches(&mut world, "beta", StageState::Passed);
    reaches(&mut world, "gamma", StageState::Passed);
    let took = world.now().session.since(now.session);
    assert!(took < Span::minutes(13), "{took}: not both bakes");
    let path: Vec<String> = expected
        .outlook
        .path
        .iter()
        .map(|link| format!("{} {}", link.stage.as_ref().unwrap(), link.what))
        .collect();
    assert!(path.iter().any(|link| link.starts_with("gamma bake")), "{path:?}");
    assert!(!path.iter().any(|link| link.starts_with("beta bake")), "the longer way is gamma's: {path:?}");
}

/// A branch that fails stops the line; what bakes beside it goes on baking and is not promoted meanwhile.
#[test]
fn a_branch_that_fails_stops_the_line_and_the_other_goes_on_baking() {
    let mut world = World::new(4403, &diamond(Promote::Automatic));
    world.prepare();
    world.must("raj", start());
    reaches(&mut world, "gamma", StageState::Rolling);
    let gamma = environment("gamma");
    let hosts: Vec<usize> = world
        .session()
        .rollout
        .units()
        .iter()
        .filter(|unit| unit.environment == gamma)
        .map(|unit| world.index[&unit.id])
        .collect();
    let version = world.session().course.release.candidate.version.clone();
    for index in hosts {
        world.hosts[index].wrong.push((LaneStep::Start, Wrong::Fails, Some(version.clone())));
    }
    reaches(&mut world, "beta", StageState::Ready);
    world.run_for(Span::minutes(5));
    assert_eq!(state(world.session(), "beta"), StageState::Ready, "not promoted while the line is stopped");
    assert_ne!(gate::stopped(world.session()), vec![], "a human is called");
    assert_eq!(scope(world.session()).unwrap().environment, gamma, "R takes the failing one back");
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::hours(1));
    world.run_for(Span::hours(1));
    assert_eq!(state(world.session(), "production"), StageState::Waiting);
    says(&world.refused("raj", start_of("production")), &["this release was rolled back"]);
}

/// A kill in the middle of two bakes: both go on where they were, and the time that nobody looked is in neither.
#[test]
fn two_bakes_survive_a_kill_each_with_its_own_time() {
    let mut world = World::new(4404, &diamond(Promote::Automatic));
    world.prepare();
    world.must("raj", start());
    reaches(&mut world, "gamma", StageState::Baking);
    assert_eq!(state(world.session(), "beta"), StageState::Baking);
    let bakes = |world: &World| {
        let of = |name: &str| {
            let run = world.session().pipeline.run(&StageName::new(name).unwrap()).unwrap().clone();
            golive::domain::pipeline::bake_left(world.session(), &run, world.now()).unwrap()
        };
        (of("beta"), of("gamma"))
    };
    let before = bakes(&world);
    assert!(before.0 < before.1, "{before:?}");
    world.kill();
    let after = bakes(&world);
    assert!(after.0 <= before.0 && before.0.0 - after.0.0 < Span::secs(5).0, "{before:?} {after:?}");
    reaches(&mut world, "gamma", StageState::Passed);
    assert_eq!(state(world.session(), "beta"), StageState::Passed);
}

/// Production in two environments: both are named before a rollback, and the second R takes the other one back.
#[test]
fn a_rollback_of_one_production_names_the_other_and_the_next_takes_it_back() {
    let branches = Some(Branches { us: true, ..Branches::default() });
    let shape = Shape { branches, bake: Span::ZERO, ..diamond(Promote::Human) };
    let mut world = World::new(4405, &shape);
    world.prepare();
    for name in ["beta", "gamma"] {
        world.must("raj", start_of(name));
        reaches(&mut world, name, StageState::Ready);
        world.must("raj", promote_of(name));
    }
    says(&world.refused("raj", start_of("us")), &["us can't be started", "no GO is declared"]);
    world.decide_go();
    world.must("raj", start());
    reaches(&mut world, "production", StageState::Ready);
    assert_ne!(world.session().course.phase, Phase::LiveUnverified, "us is still to come");
    world.must("raj", start());
    reaches(&mut world, "us", StageState::Ready);
    assert_eq!(world.session().course.phase, Phase::LiveUnverified);
    let us = environment("us");
    assert_eq!(scope(world.session()).unwrap().environment, us, "the last one that was started");
    assert_eq!(left_on_the_new(world.session(), &us), [environment("production")]);
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::hours(1));
    let refused = world.refused("dana", close());
    says(&refused, &["production", "stays on 2.5.0", "rolling it back too (R)"]);
    world.must("sam", roll_back());
    world
        .run_until(Span::hours(1), |session| session.rollout.rollbacks.values().all(|it| it.ended.is_some()));
    world.run_for(Span::secs(1));
    assert_eq!(state(world.session(), "production"), StageState::RolledBack);
    world.must("dana", close());
}

/// A validation of one branch that did not pass stops the line of the other: no further host is taken until it passes.
#[test]
fn a_validation_that_fails_stops_the_line_of_the_stage_beside_it() {
    let mut world = World::new(4408, &diamond(Promote::Human));
    world.timings.check = (10_000_000, 10_000_000);
    world.prepare();
    world.must("raj", start());
    reaches(&mut world, "alpha", StageState::Ready);
    world.must("raj", promote());
    reaches(&mut world, "beta", StageState::Validating);
    world.check_faults.insert("smoke".into(), Wrong::Fails);
    world.must("raj", start());
    world.run_until(Span::hours(1), |session| !troubles(session).is_empty());
    world.run_for(Span::minutes(2));
    let taken = |world: &World| {
        let units = world.session().rollout.units().iter();
        units.filter(|unit| unit.environment.as_str() == "gamma" && unit.touched.is_some()).count()
    };
    let before = taken(&world);
    assert!(before < 2, "the line of gamma stands still");
    world.run_for(Span::minutes(5));
    assert_eq!(taken(&world), before);
    world.check_faults.clear();
    world.must("raj", Command::Rollout(RolloutCommand::ValidateAgain { check: check("smoke") }));
    world.run_until(Span::hours(1), |session| state(session, "gamma") != StageState::Rolling);
    assert_eq!(taken(&world), 2, "it goes on by itself");
}

/// The two stages before them have passed, and both productions are as far as this.
pub(super) fn both_productions(world: &mut World, state: StageState) {
    world.prepare();
    for name in ["beta", "gamma"] {
        world.must("raj", start_of(name));
        reaches(world, name, StageState::Ready);
        world.must("raj", promote_of(name));
    }
    world.decide_go();
    for name in ["production", "us"] {
        world.must("raj", start());
        reaches(world, name, state);
    }
}

/// Production in two environments, and a host of the one that was started first is not well: R is about that one, and not
/// about the healthy one that came last. Whoever names hosts means theirs.
#[test]
fn a_rollback_acts_where_something_is_wrong_and_what_stays_may_be_held_and_ended_as_it_is() {
    let branches = Some(Branches { us: true, ..Branches::default() });
    let shape = Shape { branches, bake: Span::ZERO, ..diamond(Promote::Human) };
    let mut world = World::new(4407, &shape);
    both_productions(&mut world, StageState::Ready);
    let production = environment("production");
    let of = |world: &World, wanted: &str| {
        let mut touched = world.session().rollout.touched().into_iter();
        touched.find(|unit| unit.environment.as_str() == wanted).unwrap().id.clone()
    };
    let (sick, well) = (of(&world, "production"), of(&world, "us"));
    world.plan_for(world.at, Happening::Host(world.index[&sick], HostFault::Sick));
    world.run_for(Span::secs(10));
    assert_eq!(scope(world.session()).unwrap().environment, production);
    assert_eq!(left_on_the_new(world.session(), &production), [environment("us")]);
    let named = Command::Rollout(RolloutCommand::RollBack { only: vec![well] });
    let events = decide(world.session(), &Asked::from(named), &actor("sam"), world.now()).unwrap();
    let acts = |event: &Event| match event {
        Event::Rollout(RolloutEvent::RollbackStarted { environment, .. }) => Some(environment.clone()),
        _ => None,
    };
    assert_eq!(events.iter().find_map(acts), Some(environment("us")));
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::hours(1));
    // What stays live is held, and ended as it is: there is more than one way on.
    says(&world.refused("dana", end_as_is()), &["neither held nor stopped", "HOLD (H) first"]);
    world.must("sam", hold());
    world.must("dana", end_as_is());
    assert!(world.session().course.is_over());
}

/// A stage that nothing waits for keeps nobody from the GO, and the release is not verified without it.
#[test]
fn a_side_branch_keeps_nobody_from_the_go_and_is_part_of_what_is_verified() {
    let branches = Some(Branches { load: true, ..Branches::default() });
    let shape = Shape { branches, bake: Span::ZERO, ..diamond(Promote::Human) };
    let mut world = World::new(4406, &shape);
    world.prepare();
    for name in ["beta", "gamma"] {
        world.must("raj", start_of(name));
        reaches(&mut world, name, StageState::Ready);
        world.must("raj", promote_of(name));
        if state(world.session(), "load") == StageState::Rolling {
            reaches(&mut world, "load", StageState::Ready);
        }
    }
    world.decide_go();
    world.must("raj", start_of("production"));
    reaches(&mut world, "production", StageState::Ready);
    world.must("raj", tick("basic/looked"));
    world.must("raj", promote_of("production"));
    assert_eq!(world.session().course.phase, Phase::LiveUnverified);
    says(&world.refused("dana", close()), &["load"]);
    world.must("raj", promote_of("load"));
    assert_eq!(world.session().course.phase, Phase::Verified);
    world.must("dana", close());
}

/// The cards say what each stage is after.
#[test]
fn the_cards_say_what_each_stage_is_after() {
    let world = World::new(4407, &diamond(Promote::Human));
    let after: Vec<(String, String)> = cards(world.session())
        .iter()
        .map(|card| {
            let after: Vec<&str> = card.after.iter().map(StageName::as_str).collect();
            (card.stage.to_string(), after.join(" "))
        })
        .collect();
    let said: Vec<(&str, &str)> = after.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(said, [("alpha", ""), ("beta", "alpha"), ("gamma", "alpha"), ("production", "beta gamma")]);
}

/// Where one production goes back, what the stage beside it still bakes is still to come.
#[test]
fn what_bakes_beside_what_went_back_is_still_to_come() {
    let branches = Some(Branches { us: true, ..Branches::default() });
    let mut world = World::new(4411, &Shape { branches, ..diamond(Promote::Human) });
    both_productions(&mut world, StageState::Baking);
    let units = world.session().rollout.units().iter();
    let sick = units.clone().find(|unit| unit.environment.as_str() == "production").unwrap().id.clone();
    world.plan_for(world.at, Happening::Host(world.index[&sick], HostFault::Sick));
    world.run_for(Span::secs(10));
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::hours(1));
    assert_eq!(state(world.session(), "us"), StageState::Baking);
    let line = timeline(world.session(), &Forecast::of(world.session()), world.now());
    assert!(line.outlook.whole.known > Span::minutes(1), "{:?}", line.outlook);
    let bakes =
        line.outlook.path.iter().any(|it| it.stage.as_ref().is_some_and(|stage| stage.as_str() == "us"));
    assert!(bakes, "{:?}", line.outlook.path);
}

/// What is promoted by itself waits for nobody's promotion while it bakes.
#[test]
fn what_goes_on_by_itself_is_lifted_by_its_end() {
    for (promote, lift) in [(Promote::Automatic, "its end"), (Promote::Human, "its promotion (P)")] {
        let mut world = World::new(4412, &Shape { beta: true, promote, bake: Span::minutes(10), ..small() });
        world.prepare();
        world.must("raj", start());
        reaches(&mut world, "beta", StageState::Baking);
        let list = gate::to_go(world.session(), world.now());
        let beta = list.iter().find(|it| it.what == "beta").unwrap();
        assert_eq!((beta.why.as_str(), beta.lift.as_str()), ("is baking", lift));
    }
}
