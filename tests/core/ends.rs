//! The end that is named is one, whoever names it: the Decision, Rollout and Timeline screens, `status` and `--json`.

use golive::domain::{
    pipeline::StageState,
    plan::{Amount, Capacity, Promote, TimeOfDay, Weekday, Window},
    rollout::Forecast,
    session::Session,
    time::{Span, WallTime},
    timeline::{End, Outlook, Sum, Timeline, What, timeline},
};

use super::{blue_green, ways::small};
use crate::simulation::{
    people::*,
    plan::Shape,
    world::{Happening, HostFault, World},
};

fn seen(world: &World) -> Timeline {
    timeline(world.session(), &Forecast::of(world.session()), world.now())
}

fn end(world: &World) -> End {
    seen(world).outlook.end(world.now().wall)
}

/// One host first, all of it timed, then the rest by itself.
fn timed(promote: Promote) -> World {
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(2)),
        min_healthy: Some(Amount::Count(7)),
        max_unavailable: None,
    };
    let shape = Shape { hosts: 9, capacity, one_box: true, promote, ..Shape::default() };
    let mut world = World::new(3, &shape);
    world.timings.step = (2_000_000, 2_000_000);
    world.under_way();
    world.run_until(Span::hours(1), |session| {
        session.pipeline.stages[0].state == StageState::Ready || second_rolls(session)
    });
    world
}

fn second_rolls(session: &Session) -> bool {
    session.pipeline.stages[1].state == StageState::Rolling
}

/// While the line is held nobody names an end, of all or of the stage; what stopped it is said instead.
#[test]
fn while_it_is_held_no_end_is_named_and_it_is_said_who_holds() {
    let mut world = timed(Promote::Automatic);
    world.run_until(Span::hours(1), second_rolls);
    let of_stage = |world: &World| seen(world).outlook.end_of_stage(world.now().wall);
    assert!(of_stage(&world).unwrap().certain().is_some());
    world.must("raj", hold());
    assert_eq!(end(&world), End::Halted("HELD by raj".into()));
    assert_eq!(of_stage(&world), Some(End::Halted("HELD by raj".into())));
    assert_eq!(end(&world).words(|_, _| "12:00".into()), "unknown: HELD by raj");
    world.must("raj", go_on());
    assert!(end(&world).earliest().is_some());
}

/// With a decision on the way the end is the earliest, and no time is certain.
#[test]
fn with_a_decision_on_the_way_the_end_is_the_earliest_there_is() {
    let world = timed(Promote::Human);
    let End::At { at, left, decisions } = end(&world) else { panic!("{:?}", end(&world)) };
    assert_eq!((at, decisions), (world.now().wall.plus(left), 2));
    assert_eq!((end(&world).certain(), end(&world).earliest()), (None, Some(at)));
    assert_eq!(end(&world).words(|_, _| "12:00".into()), "12:00 at the earliest");
}

/// What comes after T-0 is not over before the time planned for it, and all that it takes from there.
#[test]
fn what_comes_after_t_0_does_not_end_before_its_time() {
    let (now, t0) = (WallTime(0), WallTime(0).plus(Span::hours(2)));
    let whole = Sum { known: Span::minutes(30), ..Sum::default() };
    let outlook = Outlook { whole, after_t0: Some((t0, Span::minutes(20))), ..Outlook::default() };
    assert_eq!(outlook.end(now).certain(), Some(t0.plus(Span::minutes(20))));
    let late = t0.plus(Span::hours(1));
    assert_eq!(outlook.end(late).certain(), Some(late.plus(Span::minutes(30))));
}

/// Whoever starts a stage waits for its window as well: the way to the end begins with its opening.
#[test]
fn a_start_by_hand_waits_for_its_window_and_the_end_with_it() {
    let time = |text| TimeOfDay::parse(text).unwrap();
    let days = Weekday::parse_set("tue").unwrap();
    let window = Window { days, from: time("13:00"), to: time("15:30"), zone: "Europe/Berlin".into() };
    let mut world = World::new(7, &Shape { window: Some(window), ..small() });
    let wait = |world: &World| {
        let rows = seen(world).rows;
        let row = rows.into_iter().find(|row| row.what == What::Window)?;
        row.left.and_then(|left| left.span())
    };
    let before = wait(&world).expect("it is closed");
    assert!(before > Span::hours(12), "{before}");
    assert_eq!(seen(&world).outlook.path[1].what, "window opens", "{:?}", seen(&world).outlook.path);
    world.run_for(Span::hours(23));
    assert!(wait(&world).expect("it is closed still") < before);
    world.prepare();
    world.run_for(Span::hours(2));
    assert_eq!(wait(&world), None, "it is open");
}

/// A soak that stands still has no end, and says why.
#[test]
fn a_soak_that_stands_still_has_no_end() {
    let mut world = World::new(821, &blue_green::two(6));
    world.under_way();
    world.run_until(Span::minutes(30), blue_green::soaks);
    world.plan_for(world.at, Happening::Host(0, HostFault::Sick));
    world.run_until(Span::minutes(2), |session| {
        session.pipeline.running().is_some_and(|run| run.at.paused.is_some())
    });
    let End::Halted(why) = end(&world) else { panic!("{:?}", end(&world)) };
    assert!(why.starts_with("the soak of production stands still: ") && why.contains("web-01"), "{why}");
    world.plan_for(world.at, Happening::Host(0, HostFault::Well));
    world.run_until(Span::minutes(5), |session| {
        session.pipeline.running().is_some_and(|run| run.at.paused.is_none())
    });
    assert!(!matches!(end(&world), End::Halted(_)), "{:?}", end(&world));
}
