//! Reports that come too late, answers that are asked for twice, and refusals that are one.

use std::collections::BTreeMap;

use golive::{
    conductor::turn::{Asker, Input, Output},
    domain::{
        course::CourseEvent,
        effect::{EffectId, Health, Outcome, Report, Reported, Target},
        effect_log::EffectEvent,
        event::Event,
        rollout::RolloutEvent,
        time::Span,
    },
};

use super::ways::{small, stopped};
use crate::simulation::{
    people::*,
    plan::unit,
    world::{World, actor},
};

fn done(epoch: u32, attempt: u32) -> Report {
    let effect = EffectId { target: Target::Unit(unit("web-01")), attempt, step: 0 };
    let what = Reported::Ended(Outcome::Done { note: String::new(), facts: BTreeMap::new() });
    Report { epoch, effect, what }
}

fn late(world: &World) -> usize {
    let late = |stamped: &&golive::domain::event::Stamped| {
        matches!(stamped.event, Event::Effect(EffectEvent::Late { .. }))
    };
    world.journal.durable.iter().filter(late).count()
}

#[test]
fn a_report_from_an_old_epoch_or_attempt_is_recorded_and_changes_nothing() {
    let mut world = World::new(41, &small());
    world.timings.step = (20_000_000, 20_000_000);
    world.under_way();
    world.run_until(Span::minutes(1), |session| session.rollout.working().next().is_some());
    let epoch = world.turn.epoch();
    let lane = |world: &World| world.session().rollout.units()[0].lane.clone();
    let before = lane(&world);
    for report in [done(epoch + 1, 1), done(epoch, 0), done(epoch, 2)] {
        world.input(Input::Report(report));
    }
    world.run_for(Span::secs(1));
    assert_eq!(late(&world), 3);
    assert_eq!(lane(&world), before);
    world.input(Input::Report(done(epoch, 1)));
    assert_ne!(lane(&world), before, "the right one counts");
}

#[test]
fn a_retry_gets_the_first_answer_and_is_no_second_command() {
    let mut world = World::new(42, &small());
    world.run_for(Span::secs(5));
    world.say_as("sam", hold().into(), "one");
    world.run_for(Span::secs(1));
    let first = world.answers.remove("one").unwrap();
    world.must("sam", go_on());
    let seq = world.session().seq;
    world.say_as("sam", hold().into(), "one");
    assert_eq!(world.answers.remove("one"), Some(first));
    assert_eq!(world.session().seq, seq);
    assert!(world.session().course.hold.is_none(), "the retry held nothing");
    world.say_as("raj", promote().into(), "two");
    let refused = world.answers.remove("two").unwrap();
    assert!(refused.is_err());
    world.say_as("raj", promote().into(), "two");
    assert_eq!(world.answers.remove("two"), Some(refused));
}

#[test]
fn an_answer_waits_for_what_it_says_to_be_durable() {
    let mut world = World::new(43, &small());
    world.run_for(Span::secs(5));
    world.timings.commit = (500_000, 500_000);
    let id = world.say("sam", hold());
    assert!(world.session().course.hold.is_some(), "applied");
    world.run_for(Span::millis(400));
    assert!(!world.answers.contains_key(&id), "not durable yet");
    world.run_for(Span::millis(200));
    assert!(world.answers[&id].is_ok());
}

#[test]
fn the_same_refusal_within_a_second_is_recorded_once() {
    let mut world = World::new(44, &small());
    world.run_for(Span::secs(5));
    let refusals = |world: &World| {
        let refused = |stamped: &&golive::domain::event::Stamped| {
            matches!(stamped.event, Event::Course(CourseEvent::Refused { .. }))
        };
        world.journal.durable.iter().filter(refused).count()
    };
    for _ in 0..5 {
        world.say("raj", promote());
        world.run_for(Span::millis(100));
    }
    assert_eq!(refusals(&world), 1);
    world.say("dana", promote());
    world.run_for(Span::millis(100));
    assert_eq!(refusals(&world), 2, "another person's is another");
    world.run_for(Span::secs(2));
    world.say("raj", promote());
    world.run_for(Span::millis(100));
    assert_eq!(refusals(&world), 3);
}

/// [W29] Two terminals, one rollback.
#[test]
fn a_rollback_asked_for_from_two_terminals_is_one() {
    let mut world = stopped();
    for (client, person) in [(1, "raj"), (2, "sam")] {
        let asker = Asker { client, id: "r".into() };
        world.input(Input::Command { asker, asked: roll_back().into(), actor: actor(person) });
    }
    world.run_for(Span::minutes(5));
    let started = world
        .journal
        .durable
        .iter()
        .filter(|stamped| serde_json::to_string(&stamped.event).unwrap().contains("rollback-started"));
    assert_eq!(started.count(), 1);
}

/// A fleet that changes its mind all at once is one append, in the order of the reports, and not one for each host:
/// what is appended together is made durable, and told, together.
#[test]
fn reports_that_come_together_are_appended_together() {
    let mut world = World::new(44, &small());
    world.run_for(Span::secs(5));
    let watch = world.session().flights.iter().find(|it| matches!(it.effect.id.target, Target::Watch(_)));
    let watch = watch.unwrap().effect.id.clone();
    let epoch = world.turn.epoch();
    let sick = |host: &str| {
        let unit = unit(host);
        let mut seen = world.session().rollout.unit(&unit).unwrap().fresh().unwrap().clone();
        seen.health = Health::Sick;
        Report { epoch, effect: watch.clone(), what: Reported::Unit { unit, seen } }
    };
    let reports = ["web-03", "web-01", "web-02"].map(sick);
    let now = world.now();
    let outputs = world.turn.reports(reports, now);
    let [Output::Append { events, decision: false, .. }] = outputs.as_slice() else {
        panic!("not one append: {outputs:?}")
    };
    let units: Vec<String> = events
        .iter()
        .filter_map(|stamped| match &stamped.event {
            Event::Rollout(RolloutEvent::UnitSeen { unit, .. }) => Some(unit.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(units, ["web-03", "web-01", "web-02"]);
    let last = events.last().unwrap().seq;
    let told = world.turn.handle(Input::Durable { seq: last }, now);
    assert_eq!(told.len(), 3, "each is told once all of them are durable: {told:?}");
}
