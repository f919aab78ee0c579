//! One side is out of traffic, changed, validated and back in before the other one is touched: forward. The way back is
//! in `blue_green_back`.

use golive::domain::{
    course::Phase,
    effect::{LaneStep, PoolState},
    name::{ColourName, Version},
    plan::{Amount, BlueGreen, Capacity, Pause, Step, Strategy},
    rollout::{LaneState, Trouble, preview, sides, troubles},
    session::Session,
    time::Span,
};

use super::ways::says;
use crate::simulation::{
    host::{Host, Wrong},
    people::*,
    plan::{PRODUCTION, Shape, check, environment, unit},
    world::{Happening, HostFault, World},
};

pub fn strategy(soak: Span, warm: Span) -> BlueGreen {
    BlueGreen { first: None, validate: vec![check("reachable")], soak, warm }
}

pub fn two(hosts: u32) -> Shape {
    let strategy = Strategy::BlueGreen(strategy(Span::minutes(10), Span::minutes(30)));
    Shape { hosts, strategy, bake: Span::ZERO, validations: false, ..Shape::default() }
}

pub fn step(session: &Session) -> Option<&Step> {
    session.pipeline.running().and_then(|run| run.step())
}

pub fn soaks(session: &Session) -> bool {
    matches!(step(session), Some(Step::Pause(Pause::Soak(_))))
}

pub fn validates(session: &Session) -> bool {
    matches!(step(session), Some(Step::Validate(_)))
}

fn new(host: &Host) -> bool {
    host.runs.as_ref().is_some_and(|version| version.as_str() == "2.5.0")
}

fn out(hosts: &[Host]) -> usize {
    hosts.iter().filter(|host| host.pool == PoolState::Out).count()
}

/// [O51] The steps in their order; what serves is always one whole side at least.
#[test]
fn a_side_is_out_changed_and_validated_and_back_in_before_the_other_is_touched() {
    let mut world = World::new(301, &two(6));
    world.prepare();
    let preview = preview(world.session(), world.now()).unwrap();
    let takes: Vec<Option<u32>> = preview.steps.iter().map(Step::batch).collect();
    let (a, b) = (Some(0), Some(1));
    assert_eq!(takes, [a, a, a, None, a, None, None, b, b, b, None, b, None], "{:?}", preview.steps);
    assert_eq!(preview.lowest, 3, "a whole side serves");
    assert_eq!(
        preview.batches.iter().map(|batch| batch.group.as_deref()).collect::<Vec<_>>(),
        [Some("blue"), Some("green")]
    );
    world.decide_go();
    world.must("raj", start());
    let (mut blue_alone, mut green_alone, mut most) = (false, false, 0);
    for _ in 0..20_000 {
        world.step();
        let (blue, green) = world.hosts.split_at(3);
        assert!(out(blue) == 0 || out(green) == 0, "hosts of both sides are out: {:?}", world.hosts);
        let changed = blue.iter().chain(green).any(|host| !new(host) && host.runs.is_none());
        assert!(!changed || out(blue) == 3 || out(green) == 3, "a side is changed that is not all out");
        green_alone |= out(blue) == 3;
        blue_alone |= out(green) == 3;
        most = most.max(world.session().rollout.working().count());
        if validates(world.session()) {
            assert!(out(blue) == 3 || out(green) == 3, "it is validated without traffic");
        }
        if world.session().course.phase == Phase::LiveUnverified {
            break;
        }
    }
    world.reaches(Phase::LiveUnverified, Span::minutes(5));
    assert!(blue_alone && green_alone);
    assert_eq!(most, 3, "a whole side is changed at once");
    let runs: Vec<_> =
        sides(world.session(), &environment(PRODUCTION)).into_iter().map(|it| it.runs).collect();
    let all_new = vec![(Version::new("2.5.0").unwrap(), 3)];
    assert_eq!(runs, [all_new.clone(), all_new]);
}

/// What is soaked serves; the other side is kept as it was for as long as the plan says.
#[test]
fn the_other_side_is_kept_as_it_was_until_the_first_has_served_for_the_set_time() {
    let mut world = World::new(302, &two(6));
    world.under_way();
    world.run_until(Span::minutes(10), soaks);
    let since = world.now().session;
    assert!(world.hosts.iter().all(Host::serves), "both sides serve while it soaks");
    world.run_until(Span::hours(1), |session| {
        session.pipeline.running().is_some_and(|run| run.reached() == Some(1))
    });
    let kept = world.now().session.since(since);
    assert!(kept >= Span::minutes(30) && kept < Span::minutes(31), "{kept}");
}

/// Killed in the middle of it, a soak goes on and does not begin anew; and nobody's absence counts.
#[test]
fn a_soak_survives_a_restart() {
    let mut world = World::new(303, &two(4));
    world.under_way();
    world.run_until(Span::minutes(10), soaks);
    let since = world.now().session;
    world.run_for(Span::minutes(6));
    world.kill();
    world.run_until(Span::minutes(10), |session| !soaks(session));
    let lasted = world.now().session.since(since);
    assert!(lasted >= Span::minutes(10) && lasted < Span::minutes(12), "{lasted}");
}

/// [O48] One side serves alone: all of it must be well, and it must be enough.
#[test]
fn a_side_is_not_taken_out_while_the_other_is_unwell_or_too_few() {
    let mut world = World::new(304, &two(6));
    world.prepare();
    world.decide_go();
    world.plan_for(world.at, Happening::Host(5, HostFault::Sick));
    world.look_soon(5);
    world.run_for(Span::secs(5));
    says(&world.refused("raj", start()), &["blue", "web-06", "sick"]);
    world.plan_for(world.at, Happening::Host(5, HostFault::Well));
    world.look_soon(5);
    world.run_for(Span::secs(5));
    world.must("raj", start());
    world.run_until(Span::minutes(10), soaks);
    // Before the second is taken out it is asked again.
    world.plan_for(world.at, Happening::Host(0, HostFault::Sick));
    world.look_soon(0);
    world.run_for(Span::hours(2));
    assert_eq!(out(&world.hosts[3..]), 0, "green serves on");
    let words = troubles(world.session()).first().map(Trouble::words).unwrap_or_default();
    assert!(words.contains("web-01"), "{words}");
}

#[test]
fn one_that_falls_sick_on_the_other_side_in_the_middle_keeps_the_minimum_in_service() {
    let capacity = Capacity { max_parallel: Some(Amount::Count(1)), ..Capacity::default() };
    let mut world = World::new(305, &Shape { capacity, ..two(6) });
    world.under_way();
    world.run_until(Span::minutes(10), |session| {
        session.rollout.units().iter().filter(|unit| unit.out).count() == 2
    });
    world.plan_for(world.at, Happening::Host(4, HostFault::Sick));
    world.look_soon(4);
    world.run_for(Span::minutes(5));
    let serving = world.hosts.iter().filter(|host| host.serves()).count();
    assert_eq!(serving, 3, "the third of blue is not taken out");
}

/// [O49] What fails its test gets no traffic.
#[test]
fn a_side_whose_validation_fails_gets_no_traffic() {
    let mut world = World::new(306, &two(4));
    world.check_faults.insert("reachable".into(), Wrong::Fails);
    world.under_way();
    world.run_until(Span::minutes(10), |session| !troubles(session).is_empty());
    world.run_for(Span::minutes(10));
    assert!(matches!(troubles(world.session())[0], Trouble::Validation { .. }));
    assert_eq!((out(&world.hosts[..2]), out(&world.hosts[2..])), (2, 0));
    world.check_faults.clear();
    world.must("raj", validate_again("reachable"));
    world.reaches(Phase::LiveUnverified, Span::hours(3));
}

#[test]
fn one_that_falls_sick_after_its_test_gets_no_traffic_with_its_side() {
    let mut world = World::new(307, &two(4));
    world.under_way();
    world.run_until(Span::minutes(10), validates);
    world.plan_for(world.at, Happening::Host(1, HostFault::Sick));
    world.look_soon(1);
    world.run_for(Span::hours(1));
    assert_eq!(out(&world.hosts[..2]), 2, "{:?}", world.hosts);
    let words = troubles(world.session()).first().map(Trouble::words).unwrap_or_default();
    assert!(words.contains("blue gets no traffic") && words.contains("web-02"), "{words}");
}

#[test]
fn a_balancer_that_forgets_who_is_out_is_told_again_while_the_side_waits() {
    let mut world = World::new(308, &two(4));
    world.check_faults.insert("reachable".into(), Wrong::Hangs);
    world.under_way();
    world.run_until(Span::minutes(10), validates);
    world.plan_for(world.at, Happening::Host(0, HostFault::PutBack));
    world.look_soon(0);
    world.run_for(Span::secs(10));
    assert_eq!(out(&world.hosts[..2]), 2, "what waits without traffic is taken out again");
}

#[test]
fn the_colour_that_the_plan_names_is_first() {
    let green = ColourName::new("green").ok();
    let strategy = BlueGreen { first: green, ..strategy(Span::ZERO, Span::ZERO) };
    let mut world = World::new(309, &Shape { strategy: Strategy::BlueGreen(strategy), ..two(4) });
    world.under_way();
    world.run_until(Span::minutes(10), validates);
    assert_eq!((out(&world.hosts[..2]), out(&world.hosts[2..])), (0, 2));
    world.reaches(Phase::LiveUnverified, Span::minutes(30));
}

#[test]
fn killed_at_any_step_one_whole_side_serves() {
    for nth in 0..9 {
        let mut world = World::new(310 + nth, &two(4));
        world.under_way();
        world.run_until(Span::hours(2), |session| {
            session.pipeline.running().is_some_and(|run| u64::from(run.at.step) == nth)
        });
        world.kill();
        for _ in 0..20_000 {
            world.step();
            let (blue, green) = world.hosts.split_at(2);
            let serve = |side: &[Host]| side.iter().all(Host::serves);
            assert!(serve(blue) || serve(green), "step {nth}: no whole side serves");
            if world.session().course.phase == Phase::LiveUnverified {
                break;
            }
        }
        world.reaches(Phase::LiveUnverified, Span::hours(1));
    }
}

#[test]
fn a_first_deploy_has_no_sides() {
    let mut world = World::with(320, &two(4), None, "2.5.0", true);
    world.prepare();
    let preview = preview(world.session(), world.now()).unwrap();
    assert!(preview.first && preview.steps.len() == 1);
    world.decide_go();
    world.must("raj", start());
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
}

/// One that is left out of the first side leaves too few to carry all: the other side is not taken out.
#[test]
fn a_side_that_has_lost_a_host_is_not_enough_unless_the_plan_says_so() {
    for (min_healthy, goes_on) in [(None, false), (Some(Amount::Count(2)), true)] {
        let capacity = Capacity { min_healthy, ..Capacity::default() };
        let mut world = World::new(321, &Shape { capacity, ..two(6) });
        world.hosts[0].wrong.push((LaneStep::Install, Wrong::Fails, None));
        world.under_way();
        world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
        world.run_for(Span::minutes(1));
        world.must("raj", exclude(&unit("web-01")));
        world.run_for(Span::hours(1));
        let lane = world.session().rollout.unit(&unit("web-04")).unwrap().lane.clone().unwrap();
        assert_eq!(lane.state == LaneState::Done, goes_on, "{:?}", lane.state);
        if !goes_on {
            let words = troubles(world.session())[0].words();
            assert!(words.contains("2 of 3 on the other side") || words.contains("2 hosts of 3"), "{words}");
        }
    }
}

#[test]
fn a_hold_keeps_the_last_soak_from_ending_too() {
    let mut world = World::new(322, &two(4));
    world.under_way();
    world.run_until(Span::hours(2), |session| {
        soaks(session) && session.pipeline.running().is_some_and(|run| run.reached() == Some(1))
    });
    world.must("sam", hold());
    world.run_for(Span::minutes(20));
    assert!(soaks(world.session()), "nothing ends while it is held");
    world.must("dana", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(5));
}

/// What was seen before the change says nothing of a host whose change has failed.
#[test]
fn a_host_whose_change_failed_counts_to_no_version_before_it_was_looked_at() {
    let mut world = World::new(341, &two(6));
    world.hosts[0].wrong.push((LaneStep::Start, Wrong::Fails, None));
    world.under_way();
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    let well = world.hosts[..3].iter().filter(|host| host.healthy()).count();
    let blue = &sides(world.session(), &environment(PRODUCTION))[0];
    assert!(blue.healthy as usize <= well, "{blue:?}, and {well} are well\n{}", world.story());
}
