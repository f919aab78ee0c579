//! Canaries by numbers of hosts: how shares are rounded, and how the steps follow each other.

use golive::domain::{
    command::{Asked, Shown},
    course::goes_on,
    effect::LaneStep,
    next_step::{NextStep, next_step},
    pipeline::{StageRun, pause_left},
    plan::{Amount, Canary, CanaryStep, Capacity, Deadlines, Pause, Split, Step, Strategy, Weight, rules},
    rollout::{RolloutCommand, preview},
    session::Session,
    time::Span,
};
use serde::Deserialize;

use super::ways::says;
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{Shape, candidate, check, plan, unit},
    world::{Happening, HostFault, World},
};

fn weight(percent: u8) -> CanaryStep {
    CanaryStep::Weight(Weight::new(percent).unwrap())
}

fn pause(seconds: u64) -> CanaryStep {
    CanaryStep::Pause(Pause::For(Span::secs(seconds)))
}

const HUMAN: CanaryStep = CanaryStep::Pause(Pause::Human);

fn over(hosts: u32, steps: Vec<CanaryStep>) -> Shape {
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(2)),
        min_healthy: Some(Amount::Count(hosts - 2)),
        max_unavailable: None,
    };
    let strategy = Strategy::Canary(Canary { steps });
    Shape { hosts, capacity, strategy, bake: Span::ZERO, ..Shape::default() }
}

fn run(session: &Session) -> &StageRun {
    session.pipeline.running().unwrap()
}

fn done(session: &Session) -> u32 {
    session.rollout.done_in(&run(session).name)
}

#[derive(Deserialize)]
struct Published {
    approximate_weight: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    replicas: u32,
    weight: u8,
    max_surge: u32,
    exp_canary: u32,
    exp_stable: u32,
}

/// The published cases of Argo Rollouts (Apache-2.0; see the file).
#[test]
fn shares_are_rounded_to_hosts_as_in_the_published_cases() {
    let cases: Published = serde_json::from_str(include_str!("data/canary_weights.json")).unwrap();
    assert!(cases.approximate_weight.len() > 20);
    for case in cases.approximate_weight {
        let split = Split::closest(case.replicas, case.weight, case.max_surge);
        assert_eq!((split.canary, split.stable), (case.exp_canary, case.exp_stable), "{case:?}");
    }
}

#[test]
fn neither_side_is_left_without_a_host_and_shares_that_rise_never_take_a_host_back() {
    for hosts in 2..60 {
        let mut before = 0;
        for percent in 1..100 {
            let Split { canary, stable } = Split::closest(hosts, percent, 0);
            assert!(canary >= 1 && stable >= 1 && canary + stable == hosts, "{percent} % of {hosts}");
            assert!(canary >= before, "{percent} % of {hosts} takes a host back");
            before = canary;
        }
    }
    let canary = Canary { steps: vec![weight(5), weight(10), weight(25)] };
    assert_eq!(canary.sizes(10, 0), [1, 0, 2, 7]);
}

/// [O45] What the canary proved is what all have at the end, by its digest.
#[test]
fn a_canary_goes_from_share_to_share_and_pauses_between_them() {
    let mut world = World::new(131, &over(10, vec![weight(10), pause(300), weight(50), HUMAN]));
    let preview = preview(world.session(), world.now()).unwrap();
    let sizes: Vec<usize> = preview.batches.iter().map(|batch| batch.units.len()).collect();
    assert_eq!(sizes, [1, 4, 5]);
    assert_eq!(preview.steps.len(), 5);
    assert_eq!(preview.steps[4], Step::Deploy { batch: 2, weight: Some(Weight::ALL) });
    world.under_way();
    world.run_until(Span::minutes(5), |session| matches!(run(session).step(), Some(Step::Pause(_))));
    assert_eq!(done(world.session()), 1);
    // For as long as it pauses no host is taken, and nobody can shorten that.
    let left = pause_left(run(world.session()), world.now()).unwrap();
    says(&world.refused("dana", go_on()), &["production pauses", "not cut short"]);
    world.run_for(Span(left.0 - Span::secs(2).0));
    assert_eq!(done(world.session()), 1);
    world.run_until(Span::minutes(20), |session| run(session).step() == Some(&Step::Pause(Pause::Human)));
    assert_eq!(done(world.session()), 5);
    // It waits for a person for as long as that takes: no deadline runs meanwhile.
    world.run_for(Span::minutes(60));
    assert_eq!(done(world.session()), 5);
    assert!(!world.session().rollout.any_troubled() && world.session().rollout.stalled.is_none());
    says(&world.refused("sam", go_on()), &["sam has none of the roles"]);
    let proven = world.hosts.iter().find(|host| host.installed != Some(candidate("2.4.1"))).unwrap();
    let proven = proven.installed.clone();
    world.must("dana", go_on());
    world.run_until(Span::minutes(20), |session| done(session) == 10);
    assert!(proven.as_ref().is_some_and(|artifact| artifact.digest == candidate("2.5.0").digest));
    assert!(world.hosts.iter().all(|host| host.installed == proven));
}

#[test]
fn a_hold_makes_a_pause_longer_and_a_killed_conductor_does_not_make_it_shorter() {
    let mut world = World::new(132, &over(4, vec![weight(25), pause(120), weight(100)]));
    world.under_way();
    world.run_until(Span::minutes(5), |session| matches!(run(session).step(), Some(Step::Pause(_))));
    let began = world.now().session;
    world.run_for(Span::secs(30));
    world.kill();
    world.must("sam", hold());
    world.run_for(Span::minutes(10));
    assert_eq!(done(world.session()), 1);
    world.must("dana", go_on());
    world.run_until(Span::minutes(5), |session| done(session) > 1);
    assert!(world.now().session.since(began) >= Span::secs(120));
}

#[test]
fn a_sick_canary_does_not_go_on_and_the_refusal_says_what_is_sick() {
    let mut world = World::new(133, &over(10, vec![weight(10), HUMAN]));
    world.under_way();
    world.run_until(Span::minutes(5), |session| run(session).step() == Some(&Step::Pause(Pause::Human)));
    let canary = world.session().rollout.touched()[0].id.clone();
    world.plan_for(world.at, Happening::Host(world.index[&canary], HostFault::Sick));
    world.run_for(Span::secs(10));
    says(&world.refused("dana", go_on()), &["production can't go on", canary.as_str()]);
    // What comes next is what releases it, and no word that is refused.
    let (next, list) = next_step(world.session(), world.now());
    let NextStep::Recovery(what, lift) = next else { panic!("{next:?}") };
    assert!(what.starts_with(canary.as_str()) && lift.contains("rolling back (R)"), "{what}: {lift}");
    assert_eq!(list[0].what, canary.as_str());
    world.must("sam", hold());
    assert_eq!(
        next_step(world.session(), world.now()).0,
        NextStep::Continue,
        "a hold is lifted all the same"
    );
    world.must("sam", go_on());
    world.plan_for(world.at, Happening::Host(world.index[&canary], HostFault::Well));
    world.run_for(Span::secs(30));
    assert_eq!(next_step(world.session(), world.now()).0, NextStep::Continue);
    assert_eq!(done(world.session()), 1);
}

#[test]
fn a_canary_that_gets_sick_in_a_pause_calls_a_person_before_the_pause_ends() {
    for steps in [vec![weight(10), pause(3600), weight(100)], vec![weight(10), HUMAN, weight(100)]] {
        let mut world = World::new(134, &over(10, steps));
        world.under_way();
        world.run_until(Span::minutes(5), |session| matches!(run(session).step(), Some(Step::Pause(_))));
        world.run_for(Span::minutes(10));
        assert!(world.session().rollout.stalled.is_none(), "a pause is no time without progress");
        let (canary, from) = (world.session().rollout.touched()[0].id.clone(), world.now().session);
        world.plan_for(world.at, Happening::Host(world.index[&canary], HostFault::Sick));
        world.run_until(Span::minutes(5), |session| session.rollout.stalled.is_some());
        let (why, at) = world.session().rollout.stalled.as_ref().unwrap();
        let took = at.session.since(from);
        assert!((Deadlines::default().min_healthy_time..Span::minutes(1)).contains(&took), "{took}");
        assert!(why.contains(canary.as_str()) && why.contains("while production pauses"), "{why}");
        // Whoever goes on all the same, and whenever the pause ends, no other host is taken while it is sick.
        world.run_for(Span::minutes(90));
        assert_eq!(done(world.session()), 1);
    }
}

#[test]
fn a_test_on_the_way_must_pass_before_the_next_share_is_taken() {
    let smoke = CanaryStep::Validate(vec![check("smoke")]);
    let mut world = World::new(135, &over(4, vec![weight(25), smoke, weight(100)]));
    world.check_faults.insert("smoke".into(), Wrong::Fails);
    world.under_way();
    world.run_until(Span::minutes(10), |session| !golive::domain::rollout::troubles(session).is_empty());
    let words = golive::domain::rollout::troubles(world.session())[0].words();
    assert!(words.contains("validation smoke did not pass"), "{words}");
    world.run_for(Span::minutes(5));
    assert_eq!(done(world.session()), 1);
    world.check_faults.clear();
    world.must("raj", RolloutCommand::ValidateAgain { check: check("smoke") }.into());
    world.run_until(Span::minutes(10), |session| done(session) == 4);
}

#[test]
fn a_rollback_in_the_middle_of_a_pause_brings_back_what_was_changed_and_waits_for_nothing() {
    let mut world = World::new(136, &over(10, vec![weight(30), HUMAN]));
    world.under_way();
    world.run_until(Span::minutes(10), |session| run(session).step() == Some(&Step::Pause(Pause::Human)));
    assert_eq!(done(world.session()), 3);
    world.must("sam", roll_back());
    world.run_until(Span::minutes(10), |session| {
        session.course.phase == golive::domain::course::Phase::RolledBack
    });
    assert!(world.hosts.iter().all(|host| host.runs.as_ref().is_some_and(|runs| runs.as_str() == "2.4.1")));
}

#[test]
fn what_no_canary_can_do_is_refused_with_its_place() {
    let broken = |hosts, steps| {
        let broken = rules::check(&plan(&over(hosts, steps)));
        broken.into_iter().map(|one| format!("{}: {}", one.place, one.what)).collect::<Vec<_>>().join("\n")
    };
    let words = broken(4, vec![weight(25), weight(25)]);
    assert!(
        words.contains("stages[0].strategy.steps[1].weight") && words.contains("25 % comes after 25 %"),
        "{words}"
    );
    assert!(broken(4, vec![pause(5)]).contains("names no weight"));
    assert!(broken(4, vec![pause(5), weight(25)]).contains("begins with a step that has no host"));
    assert!(broken(4, vec![weight(100), pause(5)]).contains("a step after all of its hosts are done"));
    let unknown = CanaryStep::Validate(vec![check("nothing")]);
    assert!(broken(4, vec![weight(25), unknown]).contains("there is no check \"nothing\""));
    let one = Shape { hosts: 1, capacity: Capacity::default(), ..over(4, vec![weight(25)]) };
    let words = rules::check(&plan(&one)).into_iter().map(|one| one.what).collect::<String>();
    assert!(words.contains("has one host, which is either new or old"), "{words}");
}

#[test]
fn a_host_that_fails_in_the_canary_stops_the_line_before_the_next_share() {
    let mut world = World::new(137, &over(10, vec![weight(20), weight(100)]));
    world.hosts[1].wrong.push((LaneStep::SelfTest, Wrong::Fails, None));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(5));
    assert_eq!(done(world.session()), 1);
    world.must("raj", exclude(&unit("web-02")));
    world.run_until(Span::minutes(20), |session| done(session) == 9);
}

#[test]
fn a_first_deploy_has_no_strategy_and_says_so() {
    let mut world = World::with(138, &over(10, vec![weight(10), HUMAN]), None, "2.5.0", true);
    world.run_for(Span::secs(5));
    let shown = preview(world.session(), world.now()).unwrap();
    assert!(shown.first && shown.steps == [Step::Deploy { batch: 0, weight: None }]);
    world.under_way();
    world.run_until(Span::minutes(20), |session| done(session) == 10);
}

/// Two people lift one hold at the same time, and a pause stands behind it: the second word is not for that.
#[test]
fn a_second_continue_ends_no_pause_that_nobody_meant() {
    let mut world = World::new(141, &over(4, vec![weight(25), HUMAN, weight(50), HUMAN]));
    world.under_way();
    let waits = |session: &Session| run(session).step() == Some(&Step::Pause(Pause::Human));
    world.run_until(Span::minutes(20), |session| waits(session) && run(session).settled(session));
    let at = run(world.session()).at.step;
    world.must("sam", hold());
    let seen = Shown { goes_on: goes_on(world.session()), ..Shown::default() };
    world.must("dana", go_on());
    let refusal = world.refused("raj", go_on());
    says(&refusal, &["CONTINUE was said less than 2 s ago", "the pause at step 2 of production"]);
    let id = world.say("raj", Asked { shown: Some(seen), ..Asked::from(go_on()) });
    let refusal = world.answers[&id].clone().unwrap_err();
    says(&refusal, &["CONTINUE was meant for the hold", "the pause at step 2 of production waits"]);
    assert_eq!(run(world.session()).at.step, at);
    world.run_for(Span::secs(3));
    world.must("raj", go_on());
    assert!(run(world.session()).at.step > at);
}
