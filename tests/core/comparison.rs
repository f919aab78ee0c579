//! The first stage beside the rest: counted, judged by a person, and nothing goes on without.

use golive::domain::{
    command::Asked,
    comparison::{self, Side, Sides},
    course::Phase,
    decide::decide,
    effect::Target,
    next_step::{NextStep, next_step},
    pipeline::{StageState, validation_obstacles},
    plan::{Amount, Balancer, Promote, Rolling, Strategy, rules},
    rollout::{RolloutCommand, preview, troubles},
    session::Session,
    time::Span,
};

use super::ways::says;
use crate::simulation::{
    people::*,
    plan::{PRODUCTION, Shape, environment, plan},
    world::{Happening, HostFault, World, actor},
};

fn shape() -> Shape {
    Shape { hosts: 4, one_box: true, compared: true, bake: Span::ZERO, ..Shape::default() }
}

fn ready(session: &Session) -> bool {
    session.pipeline.stages[0].state == StageState::Ready
}

/// Its one host is done and tested, and nobody has judged it.
fn waits(shape: &Shape) -> World {
    let mut world = World::new(151, shape);
    world.under_way();
    world.run_until(Span::minutes(10), ready);
    world
}

fn sides(world: &World) -> Option<Sides> {
    world.session().rollout.compared(&environment(PRODUCTION))
}

/// [R49] [W33] Both sides are counted, and the rest follows when a person has said that it may.
#[test]
fn the_rest_waits_for_a_person_who_has_both_sides_before_them() {
    let mut world = waits(&shape());
    let (next, obstacles) = next_step(world.session(), world.now());
    assert_eq!(next, NextStep::Judge("1-box".into()));
    assert!(
        obstacles.iter().any(|it| it.what == "validation comparison" && it.why == "nobody has judged it")
    );
    says(&world.ask("raj", promote()).unwrap_err(), &["nobody has judged it"]);
    let refusal = world.ask("raj", judge(true, "")).unwrap_err();
    says(&refusal, &["1-box can't be judged by its figures", "saying what else was looked at"]);
    assert!(refusal.obstacles[0].why.contains("no request was counted"), "{refusal:?}");
    world.run_for(Span::minutes(2));
    let counted = sides(&world).unwrap();
    assert_eq!((counted.new.hosts, counted.rest.hosts), (1, 3));
    assert_eq!(counted.too_few(), None, "{counted}");
    assert_eq!(counted.rest.requests, 3 * counted.new.requests);
    says(&world.ask("sam", judge(true, "")).unwrap_err(), &["sam has none of the roles"]);
    world.must("raj", judge(true, ""));
    let shows = &world
        .session()
        .checks
        .runs
        .values()
        .flatten()
        .find(|(_, run)| run.last.as_ref().is_some_and(|it| it.shows.starts_with("raj (new")));
    assert!(shows.is_some(), "what was before them stands in the record");
    world.must("raj", promote());
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
    world.run_for(Span::secs(30));
    assert!(
        world.session().flights.get(&Target::Served(environment(PRODUCTION))).is_none(),
        "it is counted on"
    );
}

/// A canary that is sick while it waits for its sign-off: its promotion is refused, with what both sides serve.
#[test]
fn a_sick_host_that_waits_to_be_judged_is_not_promoted_and_the_refusal_has_the_figures() {
    let mut world = waits(&shape());
    world.run_for(Span::minutes(2));
    world.must("raj", judge(true, ""));
    let canary = world.session().rollout.touched()[0].id.clone();
    world.plan_for(world.at, Happening::Host(world.index[&canary], HostFault::Sick));
    world.run_for(Span::secs(10));
    let sides = sides(&world).unwrap();
    assert!(sides.new.requests > 200 && sides.rest.requests > 600, "{sides}");
    says(&world.refused("raj", promote()), &[canary.as_str(), "sick", &format!(" · {sides}"), "% errors"]);
}

#[test]
fn what_a_person_saw_elsewhere_stands_in_for_figures_and_a_word_that_says_nothing_does_not() {
    let mut world = waits(&Shape { balanced: false, ..shape() });
    world.run_for(Span::minutes(5));
    assert_eq!(sides(&world), None, "nobody counts");
    says(&world.ask("raj", judge(true, "ok")).unwrap_err(), &["no request was counted"]);
    says(&world.ask("raj", judge(false, "tbd")).unwrap_err(), &["fails for no reason"]);
    world.must("raj", judge(true, "the dashboards show no difference"));
    world.must("raj", promote());
}

/// [W33] Not passed stops the line, and is no last word: it can be judged again, or all goes back.
#[test]
fn what_did_not_pass_needs_a_human_until_it_is_judged_again_or_rolled_back() {
    let mut world = waits(&shape());
    world.run_for(Span::minutes(2));
    world.must("raj", judge(false, "twice as slow"));
    let called = troubles(world.session());
    assert!(
        called[0].words().contains("comparison did not pass: raj: twice as slow"),
        "{}",
        called[0].words()
    );
    assert_eq!(called[0].again(), None, "no machine runs it again");
    says(&world.ask("raj", promote()).unwrap_err(), &["NEEDS A HUMAN"]);
    world.must("dana", judge(true, "the database was, not the release"));
    assert!(troubles(world.session()).is_empty());
    assert!(validation_obstacles(world.session(), world.session().pipeline.running().unwrap()).is_empty());
    world.must("dana", judge(false, "it is after all"));
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(10));
}

#[test]
fn a_stage_that_promotes_itself_waits_for_its_judgement_too() {
    let mut world = waits(&Shape { promote: Promote::Automatic, ..shape() });
    world.run_for(Span::hours(1));
    assert!(ready(world.session()), "nothing went on by itself");
    world.must("raj", judge(true, ""));
    world.run_until(Span::secs(10), |session| session.pipeline.stages[0].state == StageState::Passed);
}

#[test]
fn a_judgement_may_be_given_while_it_bakes_and_the_bake_is_no_shorter_for_it() {
    let shape = Shape { bake: Span::minutes(10), ..shape() };
    let mut world = World::new(152, &shape);
    world.under_way();
    says(&world.ask("raj", judge(true, "")).unwrap_err(), &["nothing is compared now"]);
    world.run_until(Span::minutes(10), |session| session.pipeline.stages[0].state == StageState::Baking);
    let began = world.at;
    world.run_for(Span::minutes(3));
    world.must("raj", judge(true, ""));
    world.run_until(Span::minutes(10), ready);
    assert!(world.at - began >= Span::minutes(10).0);
    world.must("raj", promote());
}

/// What was counted before a conductor was killed counts on.
#[test]
fn a_count_that_was_cut_off_goes_on_where_it_was_recorded() {
    let mut world = waits(&shape());
    world.run_for(Span::minutes(5));
    let before = sides(&world).unwrap();
    world.plan_for(world.at, Happening::Kill);
    world.run_for(Span::minutes(3));
    let after = sides(&world).unwrap();
    assert!(after.new.requests >= before.new.requests + 60 * 6, "{before} then {after}");
    let begun = after.and(&Sides::default());
    assert_eq!((begun.new.hosts, begun.rest.hosts), (1, 3), "a count that has just begun has no fewer hosts");
}

/// [W33] Two people judge at the same moment: the one who has not read the other's no lifts nothing.
#[test]
fn what_somebody_said_has_not_passed_is_not_passed_without_a_word() {
    let mut world = waits(&shape());
    world.run_for(Span::minutes(2));
    world.must("raj", judge(false, "twice as slow"));
    assert_eq!(next_step(world.session(), world.now()).0, NextStep::Judge("1-box".into()));
    let refusal = world.ask("dana", judge(true, "")).unwrap_err();
    says(&refusal, &["1-box was judged not to have passed", "raj: twice as slow", "saying what has changed"]);
    says(&world.ask("dana", judge(true, "ok")).unwrap_err(), &["raj: twice as slow"]);
    world.must("dana", judge(true, "the database was, not the release"));
}

/// Figures that stand still since long are no figures of what is live now.
#[test]
fn figures_that_nobody_counts_any_more_let_nothing_pass_without_a_word() {
    let mut world = waits(&shape());
    world.run_for(Span::minutes(2));
    let (session, mut now) = (world.session(), world.now());
    let stage = session.pipeline.stages[0].name.clone();
    let asked = |now, note: &str| {
        let command = RolloutCommand::Judge { stage: Some(stage.clone()), passed: true, note: note.into() };
        let asked = Asked { command: command.into(), shown: None, as_person: None };
        decide(session, &asked, &actor("raj"), now)
    };
    assert!(asked(now, "").is_ok());
    now.session.0 += Span::minutes(10).0;
    let refusal = asked(now, "").unwrap_err();
    assert!(refusal.obstacles[0].why.contains("nothing was counted for"), "{refusal:?}");
    assert!(asked(now, "the dashboards show no difference").is_ok());
}

#[test]
fn a_first_deploy_has_nothing_beside_it_and_waits_for_no_judgement() {
    let mut world = World::with(153, &shape(), None, "2.5.0", true);
    world.under_way();
    world.run_until(Span::minutes(10), ready);
    assert!(comparison::due(world.session()).is_none());
    assert!(comparison::nothing_beside(world.session()));
    world.must("raj", promote());
}

/// What the first stage put on its hosts makes the second one no release over an earlier version: it has no strategy either,
/// and its own hosts have all to get.
#[test]
fn every_stage_of_a_first_deploy_is_one() {
    let batches = vec![Amount::Count(1)];
    let strategy = Strategy::Rolling(Rolling { batches, ..Rolling::default() });
    let mut world = World::with(154, &Shape { strategy: strategy.clone(), ..shape() }, None, "2.5.0", true);
    world.under_way();
    world.run_until(Span::minutes(10), ready);
    let shown = preview(world.session(), world.now()).unwrap();
    assert_eq!(shown.stage.as_str(), PRODUCTION);
    assert!(shown.first && shown.batches.len() == 1, "{:?}", shown.steps);
    assert_eq!(shown.runs_now, None, "nothing is there yet where it goes");
    world.must("raj", promote());
    assert_eq!(world.session().pipeline.stages[1].batches.len(), 1);
    // Over an earlier version its second stage has its batches.
    let mut world = World::new(155, &Shape { strategy, ..shape() });
    world.under_way();
    world.run_until(Span::minutes(10), ready);
    let shown = preview(world.session(), world.now()).unwrap();
    assert!(!shown.first && shown.batches.len() == 3, "{:?}", shown.steps);
    // Batches of one: so many are under way, and so many serve, whatever the budget would allow.
    assert_eq!((shown.at_once().as_str(), shown.lowest), ("1 at once", 3));
}

#[test]
fn a_stage_with_nothing_beside_it_cannot_ask_to_be_compared() {
    let mut plan = plan(&shape());
    let comparison = plan.stages[0].validations.last().unwrap().clone();
    plan.stages[1].validations.push(comparison);
    let broken = rules::check(&plan);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].what.contains("production has nothing to be compared with"), "{}", broken[0].what);
    plan.stages[1].validations.pop();
    let place = plan.environments.get_mut(&environment(PRODUCTION)).unwrap();
    place.balancer = Balancer::None;
    let remarks = rules::remarks(&plan);
    assert!(remarks.iter().any(|it| it.what.contains("sees no figures") && !it.blocks_open), "{remarks:?}");
}

#[test]
fn figures_of_a_side_that_got_nothing_are_not_made_up() {
    let sides = Sides { new: Side { hosts: 1, ..Side::default() }, rest: Side::default() };
    assert_eq!(sides.to_string(), "new 0 requests; rest 0 requests");
}
