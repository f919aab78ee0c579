//! A pipeline of several environments: each stage has a gate of its own, and what must be up at T-0 is asked at T-0.

use golive::domain::{
    checklist::Severity,
    command::Command,
    gate,
    name::{CheckName, EnvironmentName, HostName, PoolId, StageName},
    next_step::{NextStep, next_step},
    pipeline::{StageState, cards},
    plan::{Amount, Capacity, Check, Environment, Plan, Promote},
    rollout::{RolloutCommand, troubles},
    session::Session,
    time::Span,
};

use super::ways::{says, small};
use crate::simulation::{
    host::Wrong,
    lock::Foreign,
    people::*,
    plan::{PRODUCTION, Shape, unit},
    world::{Happening, World},
};

/// An environment like `like`, with hosts of its own.
fn another(like: &Environment, name: &str) -> Environment {
    let mut other = like.clone();
    other.name = EnvironmentName::new(name).unwrap();
    for pool in &mut other.pools {
        pool.id = PoolId::new(name).unwrap();
        for (at, host) in pool.hosts.iter_mut().enumerate() {
            host.address = format!("{name}-{at}");
            host.name = HostName::new(&host.address).unwrap();
            host.unit = unit(&host.address);
        }
    }
    other
}

/// Alpha before, and gamma after, the beta that is there.
fn with_alpha_and_gamma(plan: &mut Plan) {
    let (place, stage) = (plan.environments["beta"].clone(), plan.stages[0].clone());
    for (at, name) in [(0, "alpha"), (2, "gamma")] {
        let environment = another(&place, name);
        let mut stage = stage.clone();
        stage.name = StageName::new(name).unwrap();
        stage.environment = environment.name.clone();
        plan.environments.insert(environment.name.clone(), environment);
        plan.stages.insert(at, stage);
    }
}

/// [R28] [R41] [R43] [R50] From alpha over beta, gamma and 1-box to production: no stage starts before everything that
/// is asked of the one before has passed and it was promoted, and production not without the GO either.
#[test]
fn each_stage_starts_only_after_everything_asked_of_the_one_before_has_passed() {
    let shape = Shape { beta: true, one_box: true, ..small() };
    let mut world = World::changed(91, &shape, with_alpha_and_gamma);
    world.prepare();
    let order = ["alpha", "beta", "gamma", "1-box", "production"];
    let names: Vec<&str> = world.session().plan().stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, order);
    for (at, name) in order.iter().enumerate() {
        if *name == "1-box" {
            says(&world.refused("raj", start()), &["1-box can't be started", "no GO is declared"]);
            world.decide_go();
        }
        // The others follow the promotion of the one before.
        if at == 0 || *name == "1-box" {
            world.must("raj", start());
        }
        let running = |session: &Session| session.pipeline.running().map(|run| run.name.to_string());
        assert_eq!(running(world.session()).as_deref(), Some(*name));
        says(&world.refused("raj", promote()), &["can't be promoted", "validation smoke", "not run yet"]);
        if let Some(next) = order.get(at + 1) {
            says(&world.refused("raj", start_of(next)), &[next, &format!("{name}: is rolling")]);
            world.run_until(Span::hours(1), |session| {
                session.pipeline.running().is_some_and(|run| run.state == StageState::Ready)
            });
            world.must("raj", promote());
        }
    }
    let passed = world.session().pipeline.stages.iter().filter(|run| run.state == StageState::Passed);
    assert_eq!(passed.count(), 4);
}

/// [R10] A promotion by itself waits for what the next stage needs to begin, and says so; then it goes on by itself.
#[test]
fn a_stage_does_not_pass_by_itself_while_the_next_one_could_not_begin() {
    let shape = Shape { beta: true, promote: Promote::Automatic, ..small() };
    let mut world = World::changed(95, &shape, with_alpha_and_gamma);
    world.prepare();
    world.must("raj", start_of("alpha"));
    world.run_for(Span::secs(30));
    world.plan_for(world.at, Happening::Foreign(Foreign::Locks));
    world.run_for(Span::hours(2));
    let states = |world: &World| {
        world.session().pipeline.stages.iter().take(2).map(|run| run.state).collect::<Vec<_>>()
    };
    assert_eq!(states(&world), [StageState::Ready, StageState::Waiting]);
    let (next, in_the_way) = next_step(world.session(), world.now());
    assert_eq!(next, NextStep::Promote("alpha".into()));
    assert_eq!(in_the_way.len(), 1, "{in_the_way:?}");
    says(&world.refused("raj", promote()), &["alpha can't be promoted", "beta: locked by", "deploy-2"]);
    let words = ["nothing is held", "alpha is promoted once nothing is in the way", "beta, locked by"];
    says(&world.refused("raj", go_on()), &words);
    world.plan_for(world.at, Happening::Foreign(Foreign::Releases));
    world.run_for(Span::minutes(5));
    assert_ne!(states(&world), [StageState::Ready, StageState::Waiting], "nobody had to say anything");
}

/// What a person has to do does not go on by itself, and CONTINUE is no word for it: who it waits for and what releases
/// it is said instead.
#[test]
fn continue_says_what_waits_for_whom_where_nothing_is_held() {
    let shape = Shape { beta: true, ..small() };
    let mut world = World::new(96, &shape);
    world.prepare();
    let on = |world: &mut World| world.refused("raj", go_on());
    says(&on(&mut world), &["nothing is held; beta waits for its start by raj", "starting it (S)"]);
    world.must("raj", start());
    says(&on(&mut world), &["nothing is held; beta is rolling", "nothing: it goes on by itself"]);
    world.run_until(Span::hours(1), |session| {
        session.pipeline.running().is_some_and(|run| run.state == StageState::Ready)
    });
    let waits = on(&mut world);
    says(&waits, &["nothing is held; beta waits for its promotion by raj", "promoting it (P)"]);
    assert!(!waits.to_string().contains("by itself"), "{waits}");
}

/// [R31] All integration tests are a gate of their stage: while they have not passed nothing goes on, one that fails
/// needs a human, and only a run that passes lifts it.
#[test]
fn a_suite_that_fails_keeps_its_stage_from_going_on_until_it_passes() {
    let mut world = World::changed(94, &Shape { beta: true, ..small() }, |plan| {
        let suite = CheckName::new("integration").unwrap();
        let smoke = plan.checks["smoke"].clone();
        plan.checks.insert(suite.clone(), Check { name: suite.clone(), ..smoke });
        plan.stages[0].validations = vec![suite];
    });
    world.prepare();
    world.check_faults.insert("integration".into(), Wrong::Fails);
    world.must("raj", start_of("beta"));
    world.run_until(Span::hours(1), |session| !troubles(session).is_empty());
    assert!(world.session().pipeline.stages[0].rolled_out.is_some(), "the hosts are done, the suite is not");
    world.run_for(Span::hours(24));
    assert_eq!(world.session().pipeline.stages[0].state, StageState::Validating, "time alone passes nothing");
    says(&world.refused("raj", promote()), &["beta can't be promoted", "integration"]);
    says(&world.refused("raj", start_of("production")), &["beta"]);
    world.check_faults.clear();
    let again = RolloutCommand::ValidateAgain { check: CheckName::new("integration").unwrap() };
    world.must("raj", Command::Rollout(again));
    world.run_until(Span::hours(1), |session| session.pipeline.stages[0].state == StageState::Ready);
    world.must("raj", promote());
    assert_eq!(world.session().pipeline.stages[0].state, StageState::Passed);
}

/// [P14] What the release needs is a show-stopper: if it is down at T-0, nothing starts, whatever was declared.
#[test]
fn a_dependency_that_is_down_at_t_0_stops_the_start_although_go_was_declared() {
    let mut world = World::changed(92, &small(), |plan| {
        let database = plan.items.iter_mut().find(|item| item.id.as_str() == "basic/database");
        database.expect("an item").severity = Severity::ShowStopper;
    });
    world.prepare();
    world.decide_go();
    world.check_faults.insert("database".into(), Wrong::Fails);
    world.run_for(Span::minutes(3));
    says(&world.refused("raj", start()), &["production can't be started", "basic/database"]);
    assert!(world.session().course.started.is_none());
    world.check_faults.clear();
    world.run_for(Span::minutes(3));
    world.must("raj", start());
}

#[test]
fn what_is_the_same_for_many_hosts_is_said_once() {
    let capacity = Capacity { max_parallel: Some(Amount::Count(10)), ..Capacity::default() };
    let mut world = World::new(151, &Shape { hosts: 40, capacity, bake: Span::ZERO, ..Shape::default() });
    world.under_way();
    world.run_until(Span::hours(1), |session| session.pipeline.stages[0].state == StageState::Ready);
    world.kill();
    let list = gate::to_promote_next(world.session(), world.now());
    let said: Vec<String> = list.iter().map(ToString::to_string).collect();
    assert!(said.len() < 4, "{said:?}");
    assert!(
        said.iter().any(|it| it.contains("not observed since the conductor started, nor 39 others")),
        "{said:?}"
    );
}

/// [O42] The new version goes to the environment for traffic last: production before the canary stage is refused, with
/// what is to pass before it, whoever asks and in whichever order.
#[test]
fn production_is_refused_before_its_canary() {
    let mut world = World::new(97, &Shape { beta: true, one_box: true, ..small() });
    world.prepare();
    says(
        &world.refused("raj", start_of("production")),
        &["production is not the next stage", "starting beta"],
    );
    world.must("raj", start_of("beta"));
    world.run_until(Span::hours(1), |session| session.pipeline.stages[0].state == StageState::Ready);
    world.must("raj", promote());
    world.decide_go();
    says(
        &world.refused("raj", start_of("production")),
        &["production is not the next stage", "starting 1-box"],
    );
    world.must("raj", start_of("1-box"));
    says(
        &world.refused("raj", start_of("production")),
        &["production can't be started", "1-box: is rolling"],
    );
    world.run_until(Span::hours(1), |session| session.pipeline.stages[1].state == StageState::Validating);
    let hosts = world.session().pipeline.stages[1].units.len() as u32;
    let production = EnvironmentName::new(PRODUCTION).unwrap();
    assert_eq!(world.session().rollout.counts(&production).touched, hosts, "no host but the canary's");
}

/// [O44] A stage's criteria are a list, each with its verdict; all of them must pass, and the one that failed is named
/// where the promotion is refused.
#[test]
fn one_criterion_that_fails_keeps_the_stage_from_its_promotion() {
    let names = ["impact", "integration", "smoke"].map(|name| CheckName::new(name).unwrap());
    let mut world = World::changed(98, &Shape { beta: true, ..small() }, |plan| {
        let smoke = plan.checks["smoke"].clone();
        for name in &names {
            plan.checks.insert(name.clone(), Check { name: name.clone(), ..smoke.clone() });
        }
        plan.stages[0].validations = names.to_vec();
    });
    world.prepare();
    world.check_faults.insert("integration".into(), Wrong::Fails);
    world.must("raj", start_of("beta"));
    world.run_until(Span::hours(1), |session| !troubles(session).is_empty());
    let verdicts = |world: &World| -> Vec<String> {
        let card = cards(world.session()).swap_remove(0);
        card.validations.iter().map(|it| format!("{} {:?}", it.check, it.verdict)).collect()
    };
    let list = verdicts(&world);
    assert_eq!(list[0], "impact Some(Passed)");
    assert_eq!(list[1], "integration Some(Failed)");
    assert_eq!(list.len(), 3, "every criterion is in the list");
    says(&world.refused("raj", promote()), &["beta can't be promoted", "integration"]);
    world.check_faults.clear();
    let again = RolloutCommand::ValidateAgain { check: names[1].clone() };
    world.must("raj", Command::Rollout(again));
    world.run_until(Span::hours(1), |session| session.pipeline.stages[0].state == StageState::Ready);
    assert!(verdicts(&world).iter().all(|line| line.ends_with("Some(Passed)")), "{:?}", verdicts(&world));
    world.must("raj", promote());
}
