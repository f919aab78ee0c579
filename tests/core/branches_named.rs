//! Where stages go on beside each other, what is said names the stage or the environment that it is about: a rollback, a
//! longer bake, a validation that did not pass, an alarm.

use golive::domain::{
    command::Command,
    course::Phase,
    name::StageName,
    pipeline::StageState,
    plan::Promote,
    rollout::{
        Mix, OnTheNew, RolloutCommand, Staying, live_in, mix, mixed_beside, moves, on_the_new, staying,
        tested_on_the_new, troubles,
    },
    session::Session,
    signal,
    time::Span,
};
use golive::report::{gather, markdown};

use super::{
    branches::both_productions,
    ways::{says, small},
};
use crate::simulation::{
    branches::Branches,
    host::Wrong,
    people::*,
    plan::{Shape, environment},
    world::{Happening, World, actor},
};

fn diamond(branches: Branches) -> Shape {
    let promote = Promote::Human;
    Shape { beta: true, bake: Span::minutes(10), promote, branches: Some(branches), ..small() }
}

fn state(session: &Session, name: &str) -> StageState {
    session.pipeline.run(&StageName::new(name).unwrap()).unwrap().state
}

fn reaches(world: &mut World, name: &str, wanted: StageState) {
    world.run_until(Span::hours(2), |session| state(session, name) == wanted);
}

fn back_in(name: &str) -> Command {
    RolloutCommand::RollBackIn { environment: environment(name) }.into()
}

/// Both productions are on the new version.
fn both_live() -> World {
    let shape = Shape { bake: Span::ZERO, ..diamond(Branches { us: true, ..Branches::default() }) };
    let mut world = World::new(4501, &shape);
    both_productions(&mut world, StageState::Ready);
    world
}

/// Whichever environment is named goes back, and no other; one at a time, and named twice it is one.
#[test]
fn the_environment_that_is_named_goes_back_and_no_other() {
    for (named, other) in [("production", "us"), ("us", "production")] {
        let mut world = both_live();
        assert_eq!(live_in(world.session()), [environment("production"), environment("us")]);
        says(&world.refused("sam", back_in("moon")), &["there is no environment moon", "production"]);
        world.must("sam", back_in(named));
        let began = world.session().rollout.rollbacks.clone();
        assert_eq!(began.keys().collect::<Vec<_>>(), [&environment(named)]);
        world.must("sam", back_in(named));
        assert_eq!(world.session().rollout.rollbacks, began, "said twice it is one");
        says(&world.refused("sam", back_in(other)), &["goes back now", "its end, then golive rollback"]);
        world.reaches(Phase::RolledBack, Span::hours(1));
        assert_eq!(live_in(world.session()), [environment(other)]);
        world.must("sam", back_in(other));
        world.reaches(Phase::RolledBack, Span::hours(1));
        assert!(live_in(world.session()).is_empty());
        says(&world.refused("sam", back_in(other)), &["every host of", "runs 2.4.1 again"]);
    }
}

/// Alpha has passed, and beta and gamma bake.
fn both_bake(shape: &Shape) -> World {
    let mut world = World::new(4502, shape);
    world.prepare();
    for name in ["beta", "gamma"] {
        world.must("raj", start_of(name));
        reaches(&mut world, name, StageState::Baking);
    }
    world
}

fn longer(stage: &str) -> Command {
    let (stage, reason) = (StageName::new(stage).unwrap(), "the night shift looks as well".into());
    RolloutCommand::ExtendStage { stage, by: Span::minutes(5), reason }.into()
}

#[test]
fn of_two_bakes_the_one_that_is_named_is_lengthened() {
    let mut world = both_bake(&diamond(Branches::default()));
    says(
        &world.refused("sam", extend(Span::minutes(5))),
        &["beta and gamma wait for a set time beside each other", "golive rollout extend --stage gamma"],
    );
    says(&world.refused("sam", longer("moon")), &["there is no stage moon", "gamma"]);
    says(&world.refused("sam", longer("production")), &["production is waiting, and waits for no set time"]);
    world.must("sam", longer("gamma"));
    let bake =
        |name: &str| world.session().pipeline.run(&StageName::new(name).unwrap()).unwrap().bake.unwrap();
    assert_eq!((bake("beta").longer, bake("gamma").longer), (Span::ZERO, Span::minutes(5)));
}

#[test]
fn a_validation_that_did_not_pass_says_of_which_stage() {
    let mut world = World::new(4503, &Shape { bake: Span::ZERO, ..diamond(Branches::default()) });
    world.check_faults.insert("smoke".into(), Wrong::Fails);
    world.prepare();
    world.must("raj", start_of("beta"));
    world.run_until(Span::hours(1), |session| !troubles(session).is_empty());
    let words = troubles(world.session())[0].words();
    assert!(words.starts_with("validation smoke of beta did not pass"), "{words}");
}

/// Requests where none should be keep that stage from the end of its bake, and what comes after it from its start; what
/// bakes beside it ends its bake.
#[test]
fn an_alarm_about_requests_stops_the_bake_of_its_own_stage_alone() {
    let mut world = both_bake(&Shape { quiet: true, ..diamond(Branches::default()) });
    world.plan_for(world.at, Happening::Strays(environment("beta"), 5));
    world.run_until(Span::minutes(5), |session| signal::alarms(session).next().is_some());
    reaches(&mut world, "gamma", StageState::Ready);
    world.run_for(Span::minutes(30));
    assert_eq!(state(world.session(), "beta"), StageState::Baking, "its bake does not end");
    world.must("raj", lift_alarm(&environment("beta")));
    reaches(&mut world, "beta", StageState::Ready);
}

/// The report says what each stage came after, where that is not simply the one before it.
#[test]
fn the_report_draws_the_stages_that_went_on_beside_each_other() {
    let told = |world: &World| markdown(&gather(world.session(), &world.journal.durable, world.now(), None));
    let world = both_bake(&diamond(Branches::default()));
    let report = told(&world);
    for line in ["- beta from the beginning: baking, since ", "- gamma from the beginning: baking, since "] {
        assert!(report.contains(line), "{report}");
    }
    assert!(report.contains("- production after beta, gamma: waiting\n"), "{report}");
    let one_by_one = World::new(4505, &Shape { beta: true, ..small() });
    assert!(!told(&one_by_one).contains("beside each other"));
}

/// What was tested on the way is no reason to go back, and R does not take it along: once what is live is back it is
/// named, with what takes it back; and by its name it goes.
#[test]
fn what_was_tested_stays_on_the_new_version_is_named_and_goes_back_by_its_name() {
    let mut world =
        World::new(4507, &Shape { beta: true, bake: Span::ZERO, promote: Promote::Human, ..small() });
    world.prepare();
    world.must("raj", start_of("beta"));
    reaches(&mut world, "beta", StageState::Ready);
    world.must("raj", promote_of("beta"));
    world.decide_go();
    world.must("raj", start());
    reaches(&mut world, "production", StageState::Ready);
    let (beta, production) = (environment("beta"), environment("production"));
    let by_name = vec![beta.clone()];
    assert_eq!(staying(world.session(), &production), Staying { by_r: Vec::new(), by_name: by_name.clone() });
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::hours(1));
    assert_eq!(tested_on_the_new(world.session()), by_name);
    let words = staying(world.session(), &production).words("2.5.0");
    assert_eq!(words, ["stays on 2.5.0: beta · :rollback --environment beta takes it back"]);
    let refused = world.refused("sam", roll_back());
    says(&refused, &["runs 2.4.1 again; beta stays on 2.5.0", "golive rollback --environment beta"]);
    let report =
        |world: &World| markdown(&gather(world.session(), &world.journal.durable, world.now(), None));
    let head = " hosts on 2.5.0, and stays there";
    assert!(report(&world).contains(head), "{}", report(&world));
    world.must("sam", back_in("beta"));
    world.reaches(Phase::RolledBack, Span::hours(1));
    assert!(tested_on_the_new(world.session()).is_empty());
    says(&world.refused("sam", back_in("beta")), &["every host of beta", "nothing to roll back"]);
    assert!(!report(&world).contains("stays there"), "{}", report(&world));
    world.must("dana", close());
}

/// END AS IS, the report and the matrix are about every environment of the plan, and not about one.
#[test]
fn every_environment_of_the_plan_is_spoken_of() {
    let mut world =
        World::new(4508, &Shape { beta: true, bake: Span::ZERO, promote: Promote::Human, ..small() });
    world.prepare();
    let all =
        |world: &World| -> Vec<String> { on_the_new(world.session()).iter().map(OnTheNew::words).collect() };
    assert_eq!(all(&world), ["beta not begun", "production not begun"]);
    let named = |world: &World| -> Vec<String> {
        let beside = mixed_beside(world.session());
        mix(world.session())
            .iter()
            .chain(&beside)
            .map(|mix| format!("{} {}", mix.environment, mix.begun))
            .collect()
    };
    assert_eq!(named(&world), ["beta false", "production false"]);
    world.must("raj", start_of("beta"));
    reaches(&mut world, "beta", StageState::Ready);
    assert_eq!(named(&world), ["beta true", "production false"]);
    let hosts = world.session().rollout.counts(&environment("beta")).hosts;
    assert_eq!(all(&world), [format!("beta {hosts} of {hosts}"), "production not begun".to_owned()]);
    world.must("sam", hold());
    let list = moves(world.session(), &actor("dana"), world.now());
    let ends = list.iter().find(|it| it.what == "END AS IS").unwrap().does.clone().unwrap();
    assert!(ends.contains(&format!("on 2.5.0: beta {hosts} of {hosts}, production not begun")), "{ends}");
    let report = markdown(&gather(world.session(), &world.journal.durable, world.now(), None));
    assert!(report.contains("- Environments: beta (") && report.contains("no stage was started"), "{report}");
}

/// Of several environments each has its own matrix of versions.
#[test]
fn each_environment_shows_which_host_runs_what() {
    let mut world = both_live();
    world.must("sam", back_in("us"));
    world.reaches(Phase::RolledBack, Span::hours(1));
    let first = mix(world.session()).unwrap();
    let beside = mixed_beside(world.session());
    let runs = |mix: &Mix| mix.hosts[0].runs.as_ref().map(ToString::to_string).unwrap_or_default();
    let all = std::iter::once(&first).chain(&beside);
    let all: Vec<(String, String)> = all.map(|mix| (mix.environment.to_string(), runs(mix))).collect();
    for (environment, version) in [("production", "2.5.0"), ("us", "2.4.1"), ("beta", "2.5.0")] {
        assert!(all.contains(&(environment.to_owned(), version.to_owned())), "{all:?}");
    }
}
