//! One cloud serves and the other stands by: that is changed and verified without traffic, takes over, and then the first
//! is changed. The way back is in `clouds_back`.

use golive::domain::{
    course::Phase,
    effect::PoolState,
    event::Event,
    name::CloudName,
    plan::{Amount, Capacity, CloudPauses, CloudStep, Pause, Step, Strategy, ZeroDowntime},
    rollout::{RolloutEvent, Trouble, preview, primary, sides, troubles, unwell},
    session::Session,
    time::Span,
};

use super::ways::says;
use crate::simulation::{
    host::{Host, Wrong},
    people::*,
    plan::{PRODUCTION, Shape, check, cloud, environment, unit},
    world::{Happening, HostFault, World},
};

pub fn strategy() -> ZeroDowntime {
    ZeroDowntime { verify: vec![check("reachable")], ..ZeroDowntime::default() }
}

pub fn taken(strategy: ZeroDowntime, hosts: u32, clouds: u32) -> Shape {
    let strategy = Strategy::ZeroDowntime(strategy);
    Shape { hosts, clouds, strategy, bake: Span::ZERO, validations: false, ..Shape::default() }
}

pub fn two(hosts: u32) -> Shape {
    taken(strategy(), hosts, 2)
}

pub fn step(session: &Session) -> Option<&Step> {
    session.pipeline.running().and_then(|run| run.step())
}

pub fn shifts(session: &Session) -> bool {
    matches!(step(session), Some(Step::Shift { .. }))
}

pub fn validates(session: &Session) -> bool {
    matches!(step(session), Some(Step::Validate(_)))
}

pub fn is_primary(session: &Session) -> Option<&CloudName> {
    primary(session, &environment(PRODUCTION))
}

pub fn new(host: &Host) -> bool {
    host.runs.as_ref().is_some_and(|version| version.as_str() == "2.5.0")
}

pub fn out(hosts: &[Host]) -> usize {
    hosts.iter().filter(|host| host.pool == PoolState::Out).count()
}

pub fn serve(hosts: &[Host]) -> bool {
    hosts.iter().all(Host::serves)
}

fn trouble(world: &World) -> String {
    troubles(world.session()).first().map(Trouble::words).unwrap_or_default()
}

fn switched(world: &World) -> Vec<(String, String, Option<u64>)> {
    let events = world.journal.between(0, u64::MAX).into_iter().map(|stamped| stamped.event);
    let of = |event| match event {
        Event::Rollout(RolloutEvent::RoleSwitched { from, to, requests, .. }) => {
            Some((from.to_string(), to.to_string(), requests))
        }
        _ => None,
    };
    events.filter_map(of).collect()
}

/// [O35] [O37] [O40] The steps in their order: the primary is as it was until the other cloud serves, there is one at any
/// moment, and both run the new version at the end.
#[test]
fn what_stands_by_is_changed_and_takes_over_before_the_primary_is_touched() {
    let mut world = World::new(401, &two(6));
    world.prepare();
    let preview = preview(world.session(), world.now()).unwrap();
    let takes: Vec<Option<u32>> = preview.steps.iter().map(Step::batch).collect();
    let (b, a) = (Some(0), Some(1));
    assert_eq!(takes, [b, b, None, b, a, None, a, None], "{:?}", preview.steps);
    assert_eq!((preview.steps[5].clone(), preview.lowest), (Step::Shift { to: 0, from: 1 }, 3));
    world.decide_go();
    world.must("raj", start());
    let mut both = false;
    for _ in 0..20_000 {
        world.step();
        let (a, b) = world.hosts.split_at(3);
        assert!(serve(a) || serve(b), "no whole cloud serves: {:?}", world.hosts);
        both |= serve(a) && serve(b);
        if a.iter().any(|host| host.runs.is_none() || new(host)) {
            assert!(
                b.iter().all(|host| host.serves() && new(host)),
                "the primary is changed before b serves"
            );
            assert_eq!(is_primary(world.session()), Some(&cloud("b")));
            assert_eq!(out(a), 3);
        }
        if b.iter().any(|host| host.runs.is_none()) {
            assert_eq!(out(b), 3, "what is changed gets no traffic");
        }
        if world.session().course.phase == Phase::LiveUnverified {
            break;
        }
    }
    world.reaches(Phase::LiveUnverified, Span::minutes(5));
    assert!(both, "the one joins before the other leaves");
    assert!(world.hosts.iter().all(new));
    assert_eq!((out(&world.hosts[..3]), out(&world.hosts[3..])), (3, 0), "a stands by");
    let sides = sides(world.session(), &environment(PRODUCTION));
    let lanes: Vec<_> = sides.iter().map(|side| (side.name.as_str(), side.in_pool, side.healthy)).collect();
    assert_eq!(lanes, [("a", 0, 3), ("b", 3, 3)]);
    world.run_for(Span::hours(1));
    assert_eq!(troubles(world.session()), [], "what stands by is nobody's trouble");
    assert_eq!(out(&world.hosts[..3]), 3, "and it is not brought back");
}

/// [O39] Told is not done: it is done when requests were counted at the new one, and none elsewhere.
#[test]
fn the_switch_is_done_when_the_shift_of_traffic_was_observed() {
    let mut world = World::new(402, &two(4));
    world.requests = 0;
    world.under_way();
    world.run_until(Span::minutes(10), shifts);
    world.run_for(Span::secs(90));
    assert!(shifts(world.session()) && troubles(world.session()).is_empty());
    assert_eq!(is_primary(world.session()), Some(&cloud("a")), "a is primary until it was observed");
    world.run_for(Span::secs(60));
    let words = trouble(&world);
    for part in ["traffic has not shifted for 2 min", "no request came since a left", "whether b serves"] {
        assert!(words.contains(part), "{words}");
    }
    assert!(world.hosts[..2].iter().all(|host| !new(host)), "a is as it was");
    world.requests = 60;
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    assert_eq!(switched(&world), [("a".to_owned(), "b".to_owned(), Some(120))]);
}

/// Another hand puts the old one back: that is taken out again, and the step stays open and says so.
#[test]
fn a_balancer_that_does_not_shift_leaves_the_step_open() {
    let mut world = World::new(403, &two(4));
    world.requests = 0;
    world.under_way();
    world.run_until(Span::minutes(10), shifts);
    world.hosts[0].pool_is_stuck = true;
    world.plan_for(world.at, Happening::Host(0, HostFault::PutBack));
    world.look_soon(0);
    world.requests = 60;
    world.run_for(Span::minutes(5));
    assert!(shifts(world.session()), "the step is not done");
    assert_eq!(is_primary(world.session()), Some(&cloud("a")));
    let words = trouble(&world);
    assert!(words.contains("web-01") && words.contains("in the pool"), "{words}");
    assert!(!new(&world.hosts[0]) && !new(&world.hosts[1]));
    world.hosts[0].pool_is_stuck = false;
    world.hosts[0].pool = PoolState::Out;
    world.look_soon(0);
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
}

/// [O38] What fails its test does not take over: the switch is blocked.
#[test]
fn a_cloud_that_fails_its_test_does_not_take_over() {
    let mut world = World::new(404, &two(4));
    world.check_faults.insert("reachable".into(), Wrong::Fails);
    world.under_way();
    world.run_until(Span::minutes(10), |session| !troubles(session).is_empty());
    world.run_for(Span::minutes(10));
    assert!(matches!(troubles(world.session())[0], Trouble::Validation { .. }));
    assert_eq!((out(&world.hosts[..2]), out(&world.hosts[2..])), (0, 2));
    assert!(world.hosts[..2].iter().all(|host| host.serves() && !new(host)), "a serves as it was");
    world.check_faults.clear();
    world.must("raj", validate_again("reachable"));
    world.reaches(Phase::LiveUnverified, Span::hours(1));
}

#[test]
fn one_that_falls_sick_before_the_switch_gets_no_traffic_with_its_cloud() {
    let pause = CloudPauses { before: vec![CloudStep::Switch], after: Vec::new() };
    let mut world = World::new(405, &taken(ZeroDowntime { pause, ..strategy() }, 4, 2));
    world.under_way();
    world.run_until(Span::minutes(10), |session| step(session) == Some(&Step::Pause(Pause::Human)));
    world.plan_for(world.at, Happening::Host(3, HostFault::Sick));
    world.look_soon(3);
    world.run_for(Span::secs(20));
    let refused = world.refused("raj", go_on());
    says(&refused, &["b gets no traffic", "web-04"]);
    assert_eq!(out(&world.hosts[2..]), 2);
    world.plan_for(world.at, Happening::Host(3, HostFault::Well));
    world.look_soon(3);
    world.run_for(Span::secs(20));
    world.must("raj", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
}

/// [O36] Three clouds in the order that the plan says, with pauses where it says so, each until somebody continues.
#[test]
fn the_order_is_the_plans_and_a_pause_holds_until_somebody_continues() {
    let pause = CloudPauses {
        before: vec![CloudStep::Switch],
        after: vec![CloudStep::Apply(cloud("c")), CloudStep::Switch],
    };
    let order = vec![cloud("c"), cloud("b"), cloud("a")];
    let strategy =
        ZeroDowntime { order, takes_over: Some(cloud("b")), pause, verify: Vec::new(), ..strategy() };
    let mut world = World::new(406, &taken(strategy, 6, 3));
    world.under_way();
    let pauses = |session: &Session| step(session) == Some(&Step::Pause(Pause::Human));
    let changed =
        |world: &World| -> Vec<bool> { world.hosts.chunks(2).map(|hosts| hosts.iter().all(new)).collect() };
    // After c, before the switch, and after it: what serves meanwhile, and what is changed.
    for (serves, of_b) in [("a", false), ("a", true), ("b", true)] {
        world.run_until(Span::minutes(20), pauses);
        world.run_for(Span::hours(1));
        assert!(pauses(world.session()), "nobody has said to go on");
        assert_eq!(changed(&world), [false, of_b, true]);
        let alone: Vec<bool> = world.hosts.chunks(2).map(serve).collect();
        assert_eq!(alone, [serves == "a", serves == "b", false]);
        world.must("raj", go_on());
        world.run_for(Span::secs(1));
    }
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    assert_eq!(changed(&world), [true, true, true]);
    assert_eq!((out(&world.hosts[..2]), out(&world.hosts[2..4]), out(&world.hosts[4..])), (2, 0, 2));
}

/// A pause before the first step holds: nothing is taken out of traffic before somebody continues.
#[test]
fn a_pause_before_the_first_step_keeps_it_from_beginning() {
    let pause = CloudPauses { before: vec![CloudStep::Apply(cloud("b"))], after: Vec::new() };
    let mut world = World::new(425, &taken(ZeroDowntime { pause, ..strategy() }, 4, 2));
    // Both serve before it, so that leaving the pool would be seen.
    world.under_way();
    world.run_for(Span::hours(1));
    assert_eq!(step(world.session()), Some(&Step::Pause(Pause::Human)));
    assert!(!world.session().rollout.any_touched());
    let left = world.session().rollout.units().iter().find(|unit| unit.out);
    assert_eq!(left.map(|unit| &unit.id), None, "it began in the pause");
    world.must("raj", go_on());
    world.reaches(Phase::LiveUnverified, Span::minutes(30));
}

/// A host that dies while its cloud is without traffic is told, and need not keep the others for ever.
#[test]
fn one_that_dies_without_traffic_is_not_well_and_may_be_excluded() {
    let pause = CloudPauses { before: vec![CloudStep::Switch], after: vec![CloudStep::Switch] };
    let pauses = |session: &Session| step(session) == Some(&Step::Pause(Pause::Human));
    let said = |world: &World, host: &str| {
        let list = unwell(world.session(), world.now());
        list.iter().any(|it| it.what.contains(host) && it.release.contains("excluding it"))
    };
    let capacity = Capacity { min_healthy: Some(Amount::Count(2)), ..Capacity::default() };
    let shape = Shape { capacity, ..taken(ZeroDowntime { pause, ..strategy() }, 6, 2) };
    let mut world = World::new(426, &shape);
    world.under_way();
    world.run_until(Span::minutes(10), pauses);
    assert!(!said(&world, "web-"), "all are well");
    world.plan_for(world.at, Happening::Host(5, HostFault::Sick));
    world.look_soon(5);
    world.run_for(Span::secs(20));
    assert!(said(&world, "web-06"), "{:?}", unwell(world.session(), world.now()));
    says(&world.refused("raj", go_on()), &["b gets no traffic", "web-06", "excluding it"]);
    world.must("raj", exclude(&unit("web-06")));
    world.must("raj", go_on());
    world.run_until(Span::minutes(10), pauses);
    // Who served before is the way back.
    world.plan_for(world.at, Happening::Host(0, HostFault::Sick));
    world.look_soon(0);
    world.run_for(Span::secs(20));
    assert!(said(&world, "web-01"), "{:?}", unwell(world.session(), world.now()));
}

#[test]
fn of_three_the_first_takes_over_and_the_old_primary_is_last() {
    let mut world = World::new(407, &taken(strategy(), 6, 3));
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(30));
    assert!(world.hosts.iter().all(new));
    assert_eq!((out(&world.hosts[..2]), out(&world.hosts[2..4]), out(&world.hosts[4..])), (2, 0, 2));
    assert_eq!(is_primary(world.session()), Some(&cloud("b")));
}

#[test]
fn a_switch_waits_until_every_host_of_the_other_cloud_is_well() {
    let mut world = World::new(408, &two(4));
    world.prepare();
    world.decide_go();
    // Somebody has b serve too, and what would serve alone without it is not well.
    for (index, fault) in [(2, HostFault::PutBack), (3, HostFault::PutBack), (0, HostFault::Sick)] {
        world.plan_for(world.at, Happening::Host(index, fault));
        world.look_soon(index);
    }
    world.run_for(Span::secs(5));
    says(&world.refused("raj", start()), &["web-01", "cloud a"]);
    world.plan_for(world.at, Happening::Host(0, HostFault::Well));
    world.look_soon(0);
    world.run_for(Span::secs(5));
    world.must("raj", start());
    world.run_until(Span::minutes(10), |session| matches!(step(session), Some(Step::Return { .. })));
    world.plan_for(world.at, Happening::Host(2, HostFault::Sick));
    world.look_soon(2);
    world.run_for(Span::minutes(20));
    assert!(serve(&world.hosts[..2]), "a does not leave while b is not well");
    assert!(!troubles(world.session()).is_empty());
}

/// A balancer that was started anew has everybody in: what stands by is taken out again.
#[test]
fn a_balancer_that_forgets_does_not_leave_what_stands_by_in_the_pool() {
    for at in ["before the switch", "when all is done"] {
        let mut world = World::new(409, &two(4));
        world.check_faults.insert("reachable".into(), Wrong::Hangs);
        world.under_way();
        world.run_until(Span::minutes(10), validates);
        let stands_by = if at == "before the switch" {
            2
        } else {
            world.check_faults.clear();
            world.kill();
            world.reaches(Phase::LiveUnverified, Span::minutes(30));
            0
        };
        world.plan_for(world.at, Happening::BalancerForgets);
        world.run_for(Span::secs(30));
        let hosts = &world.hosts[stands_by..stands_by + 2];
        assert_eq!(out(hosts), 2, "{at}: {hosts:?}");
    }
}

#[test]
fn killed_at_any_step_one_whole_cloud_serves() {
    for nth in 0..8 {
        let mut world = World::new(410 + nth, &two(4));
        world.under_way();
        world.run_until(Span::hours(2), |session| {
            session.pipeline.running().is_some_and(|run| u64::from(run.at.step) == nth)
        });
        world.kill();
        for _ in 0..20_000 {
            world.step();
            let (a, b) = world.hosts.split_at(2);
            assert!(serve(a) || serve(b), "step {nth}: no whole cloud serves");
            if world.session().course.phase == Phase::LiveUnverified {
                break;
            }
        }
        world.reaches(Phase::LiveUnverified, Span::hours(1));
        assert_eq!(is_primary(world.session()), Some(&cloud("b")), "step {nth}");
    }
}

#[test]
fn a_first_deploy_brings_nothing_into_traffic_that_stands_by() {
    let mut world = World::with(420, &two(4), None, "2.5.0", true);
    world.prepare();
    world.decide_go();
    world.must("raj", start());
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    assert!(world.hosts.iter().all(new));
    assert_eq!((out(&world.hosts[..2]), out(&world.hosts[2..])), (0, 2));
}
