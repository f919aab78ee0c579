//! Stages and their windows: when one may start, who may start it all the same, and what goes on past the end.

use std::collections::BTreeSet;

use golive::domain::{
    event::Event,
    gate,
    pipeline::{PipelineEvent, StageState, closed_over, too_early},
    plan::{Freeze, FreezeKind, Promote, TimeOfDay, Weekday, Window},
    time::Span,
};

use super::ways::small;
use crate::simulation::{people::*, plan::Shape, world::World};

/// The simulated morning is Monday 2 March 2026, 13:00 in Berlin.
fn window(days: &str, from: &str, to: &str) -> Window {
    let time = |text| TimeOfDay::parse(text).unwrap();
    let days = Weekday::parse_set(days).unwrap();
    Window { days, from: time(from), to: time(to), zone: "Europe/Berlin".into() }
}

fn at(shape: Shape, window: Window) -> World {
    World::new(7, &Shape { window: Some(window), ..shape })
}

fn starts(world: &World) -> usize {
    let durable = world.journal.durable.iter();
    durable.filter(|it| matches!(it.event, Event::Pipeline(PipelineEvent::StageStarted { .. }))).count()
}

/// [R47] Outside, a start is refused with the time of the next opening, and overridden by a reason, the stage's name and
/// somebody who may start; everything else that the gate asks for stands.
#[test]
fn outside_its_window_a_stage_is_refused_or_overridden_with_a_reason() {
    let mut world = at(small(), window("tue", "13:00", "15:30"));
    world.prepare();
    let early = world.refused("raj", start_outside("production")).to_string();
    assert!(early.contains("an override lifts the window of production, and nothing else"), "{early}");
    world.decide_go();
    let refusal = world.refused("raj", start()).to_string();
    assert!(refusal.contains("closed until Tue 3 Mar 13:00 Europe/Berlin (12:00 UTC)"), "{refusal}");
    assert!(refusal.contains("or an override with a reason (S)"), "{refusal}");
    world.refused("sam", start_outside("production"));
    let other = world.refused("raj", start_outside("beta")).to_string();
    assert!(other.contains("beta is not the next stage"), "{other}");
    world.must("raj", start_outside("production"));
    let run = &world.session().pipeline.stages[0];
    assert_eq!(run.outside.as_ref().map(|it| it.reason.as_str()), Some("the fair opens tonight"));
    assert_eq!((run.state, starts(&world)), (StageState::Rolling, 1));
}

/// A GO that counts no more when the window opens is said to, before it is declared and after.
#[test]
fn a_go_that_expires_before_the_window_opens_says_so() {
    let mut world = at(small(), window("tue", "13:00", "15:30"));
    world.prepare();
    let lasts = world.session().plan().poll.go_expires;
    let early = too_early(world.session(), world.now()).expect("a day is longer than a GO lasts");
    assert_eq!((early.expires, early.from), (world.now().wall.plus(lasts), early.opens.minus(lasts)));
    world.decide_go();
    let early = too_early(world.session(), world.now()).unwrap();
    let declared = world.session().poll.declared.as_ref().unwrap().at.wall;
    assert_eq!(early.expires, declared.plus(lasts));
    let words = early.words();
    assert!(words.contains("before production may begin, Tue 3 Mar 13:00 Europe/Berlin"), "{words}");
    // Soon enough, or open: there is nothing to say.
    for (from, to) in [("13:10", "15:30"), ("12:00", "15:30")] {
        let mut world = at(small(), window("mon", from, to));
        world.prepare();
        world.decide_go();
        assert_eq!(too_early(world.session(), world.now()), None);
    }
}

/// [R47] In its window there is nothing to override, and waiting lifts it without anybody's word.
#[test]
fn when_the_window_opens_the_stage_may_start_as_always() {
    let mut world = at(small(), window("mon", "13:10", "15:30"));
    world.prepare();
    world.decide_go();
    world.refused("raj", start());
    world.run_for(Span::minutes(11));
    let refusal = world.refused("raj", start_outside("production")).to_string();
    assert!(refusal.contains("the window of production is open"), "{refusal}");
    world.must("raj", start());
}

/// [R47] What is under way when the window closes goes on to its end, and the way back asks no window.
#[test]
fn a_stage_that_is_under_way_goes_on_past_its_window_and_back_at_any_time() {
    let mut world = at(Shape { hosts: 4, ..small() }, window("mon", "13:00", "13:01"));
    world.prepare();
    world.decide_go();
    world.must("raj", start());
    world.run_for(Span::minutes(5));
    assert!(closed_over(world.session(), world.now()).is_some());
    let done = world.session().rollout.done_in(&world.session().plan().stages[0].name.clone());
    assert_eq!(done, 4, "{}", world.story());
    world.must("sam", roll_back());
}

/// [R47] A promotion by itself waits for the time at which the next stage may start; nobody has to say it again.
#[test]
fn an_automatic_promotion_waits_for_the_window_of_the_next_stage() {
    let shape =
        Shape { hosts: 3, one_box: true, promote: Promote::Automatic, bake: Span::minutes(40), ..small() };
    let mut world = at(shape, window("mon,wed", "13:00", "13:30"));
    world.under_way();
    world.run_for(Span::hours(40));
    assert_eq!((world.session().pipeline.stages[0].state, starts(&world)), (StageState::Ready, 1));
    let in_the_way = gate::to_promote_next(world.session(), world.now());
    assert!(in_the_way.iter().all(gate::is_window) && !in_the_way.is_empty(), "{in_the_way:?}");
    world.run_for(Span::hours(8));
    assert_eq!(starts(&world), 2, "Wednesday at one it goes on");
}

/// [R47] A freeze closes what its window leaves open, with its reason and its end.
#[test]
fn a_freeze_says_why_and_until_when() {
    let freeze = Freeze {
        name: "fair".into(),
        kind: FreezeKind::Freeze,
        from: "2026-03-01 00:00".parse().unwrap(),
        to: "2026-03-02 14:00".parse().unwrap(),
        zone: "Europe/Berlin".into(),
        reason: "the fair is on".into(),
        environments: BTreeSet::new(),
    };
    let mut world = World::changed(9, &small(), |plan| plan.freezes.push(freeze));
    world.prepare();
    world.decide_go();
    let refusal = world.refused("raj", start()).to_string();
    let expected = "freeze fair: closed until Mon 2 Mar 14:00 Europe/Berlin (13:00 UTC): the fair is on";
    assert!(refusal.contains(expected), "{refusal}");
    world.run_for(Span::hours(1));
    world.must("raj", start());
}
