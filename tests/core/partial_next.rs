//! The go-live after a PARTIAL one: a host is down from its beginning, and there is none to spare. The host that does not
//! serve goes first; and where the line has to wait for capacity, whoever looks is told for which, and what brings it.

use std::sync::Arc;

use golive::domain::{
    command::{Asked, Command, Shown},
    course::{CourseCommand, Ending, Phase, goes_on},
    name::UnitId,
    next_step::{NextStep, next_step},
    plan::{Adopted, Amount, Capacity, Rolling, Strategy},
    rollout::{GoesFirst, mix, moves, preview, troubles, unwell, waits_for_capacity},
    session::Session,
    time::Span,
};

use super::ways::{says, small};
use crate::simulation::{
    people::*,
    plan::{PRODUCTION, Shape, environment, unit},
    world::{Happening, HostFault, World, actor},
};

fn one_by_one(by: Option<&str>) -> Shape {
    let by = by.map(str::to_owned);
    let rolling = Rolling { batches: vec![Amount::Count(1)], by, ..Rolling::default() };
    Shape { strategy: Strategy::Rolling(rolling), ..small() }
}

/// 2.5.0 is on two of three hosts, since web-03 is down; and 2.6.0 has begun.
fn after_partial(shape: &Shape) -> World {
    let mut world = after_partial_and_before(shape);
    world.under_way();
    world
}

/// The same, before it begins.
fn after_partial_and_before(shape: &Shape) -> World {
    let mut world = World::new(7, shape);
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.counts(&environment(PRODUCTION)).done == 2);
    world.plan_for(world.at, Happening::Host(2, HostFault::Dies));
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.must("raj", exclude(&unit("web-03")));
    world.reaches(Phase::LiveUnverified, Span::minutes(5));
    world.run_for(Span::minutes(15));
    world.must("raj", tick("basic/looked"));
    world.must("raj", promote());
    world.reaches(Phase::Verified, Span::minutes(5));
    world.must("dana", close());
    assert_eq!(world.session().course.ending, Some(Ending::Partial { new: 2, of: 3 }));
    world.opens_next("2.6.0");
    world
}

fn attempt(world: &World, name: &str) -> u32 {
    world.session().rollout.unit(&unit(name)).unwrap().lane.as_ref().unwrap().attempt
}

/// It fails, since it is still down, and is left out: the others wait.
fn waits(world: &mut World) {
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.must("raj", exclude(&unit("web-03")));
    world.run_for(Span::secs(30));
    assert!(waits_for_capacity(world.session()).is_some(), "{}", world.story());
}

fn other_capacity(session: &Session) -> Command {
    let mut plan = session.plan().clone();
    let production = plan.environments.get_mut(&environment(PRODUCTION)).unwrap();
    production.capacity = Capacity { max_unavailable: Some(Amount::Count(2)), ..Capacity::default() };
    Command::Course(CourseCommand::AdoptPlan { adopted: Arc::new(Adopted::new(plan, "golive.toml".into())) })
}

/// It is out of service already: who waits for capacity does not wait for that.
#[test]
fn the_host_that_is_down_goes_first_where_no_other_can_be_spared() {
    let mut world = after_partial(&one_by_one(None));
    world.plan_for(world.at, Happening::Host(2, HostFault::ComesBack));
    world.plan_for(world.at, Happening::Host(2, HostFault::Sick));
    world.run_until(Span::minutes(2), |session| {
        session.rollout.unit(&unit("web-03")).is_some_and(|unit| unit.lane.as_ref().unwrap().attempt > 0)
    });
    assert_eq!((attempt(&world, "web-01"), attempt(&world, "web-02")), (0, 0));
    let run = world.session().pipeline.rolling().unwrap();
    assert_eq!(run.units_by_now(), [unit("web-03")], "it takes the place of web-01");
    let first = "{\"went-first\":{\"unit\":\"web-03\",\"instead\":\"web-01\"}}";
    assert!(world.story().contains(first), "{}", world.story());
    world.plan_for(world.at, Happening::Host(2, HostFault::Well));
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
}

/// What waits says for what, which hosts count as unavailable, and what lifts it; and what it says is so.
#[test]
fn whoever_waits_for_capacity_is_told_which_host_lacks_and_what_brings_it() {
    let mut world = after_partial(&one_by_one(None));
    waits(&mut world);
    let session = world.session();
    let wait = waits_for_capacity(session).unwrap();
    let wanted =
        "web-02 waits for capacity: capacity 2 of 3, minimum 2; web-03 is left out and does not serve";
    assert!(wait.words.starts_with(wanted), "{}", wait.words);
    let lift = "web-03 serving again, or another capacity in the plan (golive plan adopt)";
    assert!(wait.lift.starts_with(lift), "{}", wait.lift);
    assert_eq!(wait.unavailable, [unit("web-03")]);
    let told = unwell(session, world.now());
    let told = told.iter().find(|it| it.what == wait.words).unwrap_or_else(|| panic!("{told:?}"));
    assert!(told.release.starts_with(lift) && told.release.contains("somebody is called in"), "{told:?}");
    let (next, obstacles) = next_step(session, world.now());
    assert_eq!(next, NextStep::Capacity(wait.lift.clone()));
    assert!(obstacles.iter().any(|it| it.lift == wait.lift), "{obstacles:?}");
    says(&world.refused("dana", go_on()), &["nothing is held; web-02 waits for capacity", lift]);
    // Nobody comes: whoever is called reads the same.
    world.run_until(Span::hours(1), |session| session.rollout.stalled.is_some());
    let called = troubles(world.session());
    assert!(called[0].words().contains(&wait.words), "{}", called[0].words());
    assert!(called[0].lift(world.session()).starts_with(lift), "{}", called[0].lift(world.session()));
    let list = moves(world.session(), &actor("dana"), world.now());
    let goes_on = list.iter().find(|it| it.what == "CONTINUE").unwrap();
    assert!(goes_on.does.as_deref().unwrap().contains(&wait.words), "{goes_on:?}");
}

#[test]
fn another_capacity_in_the_plan_lets_the_line_go_on() {
    let mut world = after_partial(&one_by_one(None));
    waits(&mut world);
    let adopts = other_capacity(world.session());
    world.must("dana", adopts);
    assert!(waits_for_capacity(world.session()).is_none());
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
    assert!(attempt(&world, "web-01") == 1 && attempt(&world, "web-02") == 1);
}

/// Once somebody was called, it goes on with CONTINUE, as is said.
#[test]
fn so_it_does_after_somebody_was_called_and_continues() {
    let mut world = after_partial(&one_by_one(None));
    waits(&mut world);
    world.run_until(Span::hours(1), |session| session.rollout.stalled.is_some());
    let adopts = other_capacity(world.session());
    world.must("dana", adopts);
    world.must("dana", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
}

/// Whoever saw one stop has decided nothing about a later one: the line went on meanwhile, and stopped anew.
#[test]
fn a_continue_that_was_meant_for_one_stop_lifts_no_later_one() {
    let mut world = after_partial(&one_by_one(None));
    waits(&mut world);
    let stalled = |session: &Session| session.rollout.stalled.is_some();
    world.run_until(Span::hours(1), stalled);
    let seen = Shown { goes_on: goes_on(world.session()), ..Shown::default() };
    world.must("dana", go_on());
    assert!(!stalled(world.session()));
    world.run_until(Span::hours(1), stalled);
    let id = world.say("dana", Asked { shown: Some(seen), ..Asked::from(go_on()) });
    let refusal = world.answers[&id].clone().unwrap_err();
    says(&refusal, &["CONTINUE was meant for the line that stopped", "by now it has stopped anew"]);
    assert!(stalled(world.session()), "it stands still");
    world.must("dana", go_on());
    assert!(!stalled(world.session()));
}

#[test]
fn a_host_that_serves_again_lets_the_line_go_on() {
    let mut world = after_partial(&one_by_one(None));
    waits(&mut world);
    world.plan_for(world.at, Happening::Host(2, HostFault::ComesBack));
    world.plan_for(world.at, Happening::Host(2, HostFault::PutBack));
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
}

/// Where one region is taken after the other, none of the next is taken in the turn of this one; then it is said.
#[test]
fn a_host_of_another_region_does_not_go_first_and_that_is_said() {
    let mut world = World::new(7, &Shape { regions: 2, ..one_by_one(Some("region")) });
    world.plan_for(world.at, Happening::Host(1, HostFault::Dies));
    world.under_way();
    world.run_for(Span::minutes(2));
    let wait = waits_for_capacity(world.session()).map(|wait| wait.words).unwrap_or_default();
    assert!(wait.contains("web-02 does not serve: no route to host"), "{wait:?}\n{}", world.story());
    assert_eq!(attempt(&world, "web-02"), 0);
}

/// Each host is said to have run what it ran, and not what a rollback would bring all of them to.
#[test]
fn what_ran_before_is_each_hosts_own() {
    let mut world = after_partial(&one_by_one(None));
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    let mix = mix(world.session()).unwrap();
    let before = |at: usize| mix.hosts[at].before.as_ref().map(ToString::to_string);
    assert_eq!((before(0).as_deref(), before(1).as_deref()), (Some("2.5.0"), Some("2.5.0")));
    assert_ne!(before(2).as_deref(), Some("2.5.0"), "it never came there");
}

/// What is read before the start names the host that is taken first, and in whose place; and it is taken.
#[test]
fn the_plan_names_the_host_that_goes_first_in_place_of_another() {
    let mut world = after_partial_and_before(&one_by_one(None));
    world.plan_for(world.at, Happening::Host(2, HostFault::ComesBack));
    world.plan_for(world.at, Happening::Host(2, HostFault::Sick));
    world.run_for(Span::secs(30));
    let ahead = preview(world.session(), world.now()).unwrap();
    let first = ahead.goes_first.as_ref().map(GoesFirst::words);
    let words = "web-03 first, in place of web-01: it does not serve, so it costs no capacity";
    assert_eq!(first.as_deref(), Some(words));
    assert_eq!(ahead.hosts_words(), "3 hosts, first web-03, web-02, web-01");
    let batches: Vec<&[UnitId]> = ahead.batches.iter().map(|batch| batch.units.as_slice()).collect();
    assert_eq!(batches, [[unit("web-03")], [unit("web-02")], [unit("web-01")]]);
    world.under_way();
    world.run_until(Span::minutes(2), |session| {
        session.rollout.unit(&unit("web-03")).is_some_and(|unit| unit.lane.as_ref().unwrap().attempt > 0)
    });
    assert_eq!((attempt(&world, "web-01"), attempt(&world, "web-02")), (0, 0));
}

/// In one batch who does not serve goes before the others, in nobody's place; where all serve the plan's order stands.
#[test]
fn the_plan_has_those_that_do_not_serve_before_the_others_of_their_batch() {
    let one = Shape { strategy: Strategy::Rolling(Rolling::default()), ..small() };
    let mut world = after_partial_and_before(&one);
    world.plan_for(world.at, Happening::Host(2, HostFault::ComesBack));
    world.plan_for(world.at, Happening::Host(2, HostFault::Sick));
    world.run_for(Span::secs(30));
    let ahead = preview(world.session(), world.now()).unwrap();
    assert_eq!(
        (ahead.hosts_words().as_str(), ahead.goes_first),
        ("3 hosts, first web-03, web-01, web-02", None)
    );
    world.plan_for(world.at, Happening::Host(2, HostFault::Well));
    world.plan_for(world.at, Happening::Host(2, HostFault::PutBack));
    world.run_for(Span::secs(30));
    let ahead = preview(world.session(), world.now()).unwrap();
    assert_eq!(ahead.hosts_words(), "3 hosts, first web-01, web-02, web-03");
}
