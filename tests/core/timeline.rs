//! When a go-live ends and what that hangs on: by what was timed, never by a guess, and with what people decide beside.

use std::collections::BTreeMap;

use golive::domain::{
    command::Command,
    course::Phase,
    effect::LaneStep,
    pipeline::StageState,
    plan::{Amount, Capacity, Promote},
    poll::{Decision, PollCommand},
    rollout::{Basis, Forecast, Learned, RolloutCommand},
    session::Session,
    time::Span,
    timeline::{Expected, Outlook, Timeline, What, ahead, halted, timeline},
};

use super::{
    stop_all,
    ways::{small, stopped},
};
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{PRODUCTION, Shape, candidate, environment, unit},
    world::World,
};

fn seen(world: &World) -> Timeline {
    timeline(world.session(), &Forecast::of(world.session()), world.now())
}

fn outlook(world: &World) -> Outlook {
    seen(world).outlook
}

/// One host first, then the rest, two at a time; nobody decides between them.
fn one_box(hosts: u32) -> Shape {
    let capacity = Capacity {
        max_parallel: Some(Amount::Count(2)),
        min_healthy: Some(Amount::Count(hosts - 2)),
        max_unavailable: None,
    };
    Shape { hosts, capacity, one_box: true, promote: Promote::Automatic, ..Shape::default() }
}

fn rolls(session: &Session, stage: usize) -> bool {
    session.pipeline.stages[stage].state == StageState::Rolling
}

/// [R51] Once every part was timed, what is said to be left is what it takes, within a quarter (or ten seconds).
#[test]
fn once_everything_was_timed_the_end_is_where_it_was_said_to_be() {
    for seed in 1..=40 {
        let mut world = World::new(seed, &one_box(9));
        // Hosts of one service differ, but not by everything.
        world.timings.step = (2_000_000, 3_000_000);
        world.timings.check = (4_000_000, 5_000_000);
        world.under_way();
        world.run_until(Span::hours(1), |session| rolls(session, 1));
        let said = outlook(&world).stage_left().expect("all of it was timed in the first stage");
        let began = world.at;
        world.run_until(Span::hours(2), |session| session.pipeline.stages[1].state == StageState::Ready);
        let took = Span(world.at - began);
        let apart = said.0.abs_diff(took.0);
        // What bakes is known to the second, so the rest alone is compared.
        let bake = Span::minutes(10).0;
        let most = ((took.0 - bake) / 4).max(Span::secs(10).0);
        assert!(apart <= most, "seed {seed}: said {said}, took {took}");
    }
}

/// It comes nearer while hosts get done: what was done is not expected again.
#[test]
fn what_is_done_is_not_expected_again() {
    let mut world = World::new(3, &one_box(9));
    world.timings.step = (2_000_000, 2_000_000);
    world.under_way();
    world.run_until(Span::hours(1), |session| rolls(session, 1));
    let mut last = outlook(&world).stage_left().expect("known").0 + world.at;
    for _ in 0..20 {
        world.run_for(Span::secs(4));
        let end = outlook(&world).stage_left().expect("known").0 + world.at;
        assert!(end.abs_diff(last) < Span::secs(12).0, "the end jumps from {last} to {end}");
        last = end;
    }
}

/// [P50] What takes longer moves the end of all that comes after it, and of what was said beforehand nothing changes.
#[test]
fn a_slip_moves_the_end_of_everything_that_comes_after_it() {
    let mut world = World::new(3, &one_box(9));
    world.timings.step = (2_000_000, 2_000_000);
    world.under_way();
    world.run_until(Span::hours(1), |session| rolls(session, 1));
    let ends = |world: &World| -> Vec<u64> {
        let line = seen(world);
        line.rows.iter().filter_map(|row| Some(row.ends_in?.0 + world.at)).collect()
    };
    let (before, planned) = (ends(&world), seen(&world).rows);
    world.timings.step = (5_000_000, 5_000_000);
    world.run_for(Span::secs(40));
    let after = ends(&world);
    assert!(before.len() >= 3 && before.len() == after.len(), "{before:?} {after:?}");
    for (before, after) in before.iter().zip(&after) {
        assert!(*after > before + Span::secs(10).0, "{before} becomes {after}");
    }
    let still = seen(&world).rows;
    assert!(planned.iter().zip(&still).all(|(one, other)| one.planned == other.planned));
}

#[test]
fn what_was_never_timed_is_named_and_makes_the_end_unknown() {
    let mut world = World::new(1, &small());
    let before = ahead(world.session(), &Forecast::of(world.session()), 0);
    assert_eq!(before.sum.span(), None);
    let unknown = ["no host of production was ever timed", "smoke was never timed in production"];
    assert_eq!(before.sum.unknown, unknown);
    assert_eq!(before.sum.words(), format!("unknown: {}, and 1 more", unknown[0]));
    world.under_way();
    world
        .run_until(Span::minutes(10), |session| session.rollout.done_in(&session.plan().stages[0].name) == 1);
    let line = seen(&world);
    assert_eq!((line.outlook.left(), line.outlook.stage_left()), (None, None));
    assert_eq!(line.outlook.whole.unknown, [unknown[1]], "the hosts are timed by now");
    let hosts = line.rows.iter().find(|row| matches!(row.what, What::Hosts { .. })).unwrap();
    assert!(hosts.ends_in.is_some() && hosts.critical);
    let bake = line.rows.iter().find(|row| matches!(row.what, What::Bake { .. })).unwrap();
    assert_eq!(bake.ends_in, None, "it comes after what nobody has timed");
    assert_eq!(bake.left.as_ref().and_then(Expected::span), Some(Span::minutes(10)));
}

#[test]
fn nothing_is_said_of_the_end_while_the_line_is_held_or_stopped() {
    let mut world = World::new(3, &one_box(9));
    world.timings.step = (2_000_000, 2_000_000);
    world.under_way();
    world.run_until(Span::hours(1), |session| rolls(session, 1));
    assert!(outlook(&world).stage_left().is_some());
    world.must("raj", hold());
    let held = outlook(&world);
    assert_eq!((held.left(), held.stage_left()), (None, None));
    assert_eq!(held.why_unknown().as_deref(), Some("HELD by raj"));
    assert!(seen(&world).rows.iter().all(|row| row.ends_in.is_none()));
    world.must("raj", go_on());
    assert!(outlook(&world).stage_left().is_some());
    let stopped = outlook(&stopped());
    assert!(stopped.why_unknown().unwrap().contains("web-02 failed self-test"), "{stopped:?}");
}

#[test]
fn a_host_that_takes_longer_than_any_before_makes_the_end_unknown_and_is_named() {
    let mut world = World::new(3, &one_box(9));
    world.timings.step = (2_000_000, 2_000_000);
    world.under_way();
    world.run_until(Span::hours(1), |session| rolls(session, 1));
    world.timings.step = (50_000_000, 50_000_000);
    world.run_for(Span::secs(20));
    let why = outlook(&world).why_unknown().unwrap();
    assert!(why.contains("has been at") && why.contains("expected 2 s"), "{why}");
}

/// What people decide is no part of a sum, and is named beside it.
#[test]
fn decisions_are_named_and_not_timed() {
    let mut world = World::new(3, &Shape { promote: Promote::Human, ..one_box(9) });
    let people = outlook(&world).whole.people;
    let wanted = ["the poll", "the start of 1-box", "the promotion of 1-box", "the promotion of production"];
    assert_eq!(people, wanted);
    world.under_way();
    world.run_until(Span::hours(1), |session| session.pipeline.stages[0].state == StageState::Ready);
    let line = seen(&world);
    assert_eq!(line.outlook.whole.people, wanted[2..]);
    assert!(line.outlook.left().is_some(), "all else was timed in the first stage: {:?}", line.outlook);
    assert!(
        line.rows.iter().all(|row| row.ends_in.is_none()),
        "when anything comes after a decision nobody knows"
    );
}

/// The parts that the end hangs on stand in their order, with the hosts by name.
#[test]
fn the_critical_path_names_the_hosts_and_what_comes_after_them() {
    let mut world = World::new(3, &one_box(5));
    world.timings.step = (2_000_000, 2_000_000);
    world.timings.check = (4_000_000, 4_000_000);
    world.under_way();
    world.run_until(Span::hours(1), |session| {
        rolls(session, 1) && session.rollout.counts(&environment(PRODUCTION)).working == 2
    });
    let path = outlook(&world).path;
    let names: Vec<&str> = path.iter().map(|link| link.what.as_str()).collect();
    assert_eq!(names, ["web-03, web-05", "validate smoke, reachable", "bake", "promotion: verified"]);
    assert!(matches!(path[3].left, Expected::Person(_)), "post-live items are a person's");
}

/// What was given up goes no further: what is left is the way back alone.
#[test]
fn of_a_rollout_that_is_brought_back_only_the_way_back_is_left() {
    let mut world = World::new(3, &one_box(9));
    world.under_way();
    world.run_until(Span::hours(1), |session| {
        rolls(session, 1) && session.rollout.done_in(&session.plan().stages[1].name) == 2
    });
    world.must("raj", Command::from(RolloutCommand::RollBack { only: Vec::new() }));
    world.run_until(Span::minutes(1), |session| session.course.phase == Phase::RollingBack);
    let line = seen(&world);
    let left: Vec<String> =
        line.rows.iter().filter(|row| row.left.is_some()).map(golive::domain::timeline::Row::name).collect();
    assert_eq!(left, ["rollback of production"]);
    world.reaches(Phase::RolledBack, Span::minutes(10));
    let back = seen(&world).rows.pop().unwrap();
    assert!(back.left.is_none() && back.ended.is_some());
}

/// What is known from where is said: first from nothing, then from the first stage.
#[test]
fn what_an_expected_time_rests_on_is_said_with_it() {
    let mut world = World::new(3, &one_box(9));
    world.under_way();
    world.run_until(Span::hours(1), |session| session.pipeline.stages[0].state == StageState::Baking);
    let rest = ahead(world.session(), &Forecast::of(world.session()), 1);
    let hosts = rest.parts.iter().find(|(what, _)| matches!(what, What::Hosts { .. })).unwrap();
    assert_eq!(hosts.1.basis(), Some(&Basis::Seen { samples: 1 }));
    assert!(hosts.1.words().ends_with(", 1 timed here"), "{}", hosts.1.words());
    let bake = rest.parts.iter().find(|(what, _)| matches!(what, What::Bake { .. })).unwrap();
    assert_eq!(bake.1.words(), "10 min");
}

/// Whoever closes in the middle of the way back gives that up too: nothing more of it is to come.
#[test]
fn a_way_back_that_was_given_up_is_not_expected_any_more() {
    let mut world = World::new(3, &one_box(9));
    world.under_way();
    world.run_until(Span::hours(1), |session| {
        rolls(session, 1) && session.rollout.done_in(&session.plan().stages[1].name) == 2
    });
    for host in &mut world.hosts {
        host.wrong.push((LaneStep::Start, Wrong::Fails, Some(candidate("2.4.1").version.clone())));
    }
    world.must("raj", Command::from(RolloutCommand::RollBack { only: Vec::new() }));
    world.run_until(Span::minutes(10), |session| {
        session.rollout.any_troubled() && session.rollout.counts(&environment(PRODUCTION)).working == 0
    });
    assert!(seen(&world).rows.pop().unwrap().left.is_some(), "hosts are to come back");
    world.must("dana", end_as_is());
    let line = seen(&world);
    assert!(line.rows.iter().all(|row| row.left.is_none()), "{:?}", line.rows.last());
    assert!(line.outlook.path.is_empty() && line.rows.last().unwrap().ended.is_none());
}

/// A hold keeps nothing from going back, and so does not make the end of that unknown.
#[test]
fn a_hold_does_not_stop_the_clock_of_the_way_back() {
    let mut world = World::new(3, &one_box(9));
    world.under_way();
    world.run_until(Span::hours(1), |session| {
        rolls(session, 1) && session.rollout.done_in(&session.plan().stages[1].name) == 2
    });
    world.must("raj", hold());
    assert_eq!(halted(world.session()).as_deref(), Some("HELD by raj"));
    world.must("raj", roll_back());
    assert_eq!(halted(world.session()), None, "hosts go back all the same");
    assert!(outlook(&world).left().is_some());
}

/// The longer nobody has served, the nearer the end of it is said to be, and past what was expected it is unknown.
#[test]
fn what_a_downtime_has_lasted_is_not_expected_again() {
    let mut world = World::new(203, &stop_all::over(4, Some(4)));
    world.hosts[2].wrong.push((LaneStep::Prove, Wrong::Undecided, None));
    world.under_way();
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(1));
    let mut session = world.session().clone();
    let down = session.rollout.downtime[&environment(PRODUCTION)].by_now(world.now());
    assert!(down > Span::secs(30), "{down}");
    let left = |each: Span, session: &mut Session| {
        let steps = LaneStep::ALL.into_iter().map(|step| (step, each)).collect();
        let learned =
            Learned { sessions: 1, lane: each, steps, checks: BTreeMap::new(), once: BTreeMap::new() };
        session.course.learned.insert(environment(PRODUCTION), learned);
        let forecast = Forecast::beforehand(session);
        let whole = forecast.downtime(session, &environment(PRODUCTION), 4).expect("all of it is learned");
        let line = timeline(session, &forecast, world.now());
        let row = line.rows.into_iter().find(|row| matches!(row.what, What::Downtime { .. })).unwrap();
        (whole, row.left.unwrap())
    };
    let (whole, rest) = left(Span::minutes(10), &mut session);
    assert_eq!(rest.span().map(|rest| rest.0), Some(whole.0 - down.0));
    let (_, rest) = left(Span::secs(1), &mut session);
    assert!(rest.words().contains("nobody has served for"), "{rest:?}");
}

/// What is over and did not come to what it was for says so, and is never shown as done.
#[test]
fn a_batch_that_left_a_host_out_and_a_no_go_fall_short() {
    let mut world = World::new(7, &small());
    world.hosts[2].wrong.push((LaneStep::SelfTest, Wrong::Fails, Some(candidate("2.5.0").version.clone())));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.must("raj", exclude(&unit("web-03")));
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    let short: Vec<_> = seen(&world).rows.into_iter().filter_map(|row| row.short).collect();
    assert_eq!(short, ["1 host left out"]);
    let mut world = World::new(3, &small());
    let decision = Decision::NoGo;
    let no_go = PollCommand::Declare { decision, reason: "rain".into(), ask_again: None };
    world.prepare();
    world.must("dana", no_go.into());
    let poll = seen(&world).rows.remove(0);
    assert_eq!((poll.what, poll.short.as_deref()), (What::Poll, Some("NO-GO")));
}
