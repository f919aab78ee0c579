//! Drills in which a cloud or a data centre is out of traffic for a while: the others are proved to be enough, traffic is
//! watched to leave, and all of it comes back, whatever happens meanwhile.

use golive::domain::{
    command::Command,
    drill::{AttemptLine, Criterion, DrillCommand, Finding, Standing},
    effect::{LaneStep, PoolState},
    event::Event,
    name::CloudName,
    operation::{Absence, OperationCommand},
    plan::{Amount, Capacity, DataCentre, DrillKind, Plan},
    rollout::{RolloutEvent, primary},
    session::Session,
    time::Span,
};

use super::{clouds::two, replace::small};
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{PRODUCTION, Shape, cloud, environment, unit},
    upkeep::{drills_of, name, quiet_at},
    world::{Happening, HostFault, World},
};

const LASTS: Span = Span::minutes(3);

pub(super) fn begin() -> Command {
    DrillCommand::Start { drill: name() }.into()
}

fn begin_outside() -> Command {
    DrillCommand::StartOutside { drill: name(), reason: "the fair opens tonight".into() }.into()
}

fn give_up() -> Command {
    OperationCommand::Stop { reason: "customers are calling".into() }.into()
}

pub(super) fn secondary(of: Option<&str>) -> DrillKind {
    DrillKind::Secondary { cloud: of.map(cloud), lasts: LASTS }
}

pub(super) fn offline(region: &str) -> DrillKind {
    DrillKind::Offline { place: DataCentre::Region(region.into()), lasts: LASTS }
}

/// Four hosts in two regions, of which two may be out.
pub(super) fn regions() -> Shape {
    let capacity = Capacity { min_healthy: Some(Amount::Count(2)), ..Capacity::default() };
    Shape { regions: 2, capacity, ..small() }
}

pub(super) fn world(seed: u64, shape: &Shape, change: impl FnOnce(&mut Plan)) -> World {
    let mut world = World::changed(seed, shape, change);
    world.timings.check = (20_000, 300_000);
    world.run_for(Span::secs(20));
    world
}

/// Two clouds of two hosts, of which `a` serves.
fn with_roles(seed: u64) -> World {
    world(seed, &two(4), |plan| drills_of(plan, secondary(None)))
}

/// Region `eu-1` is to be out, at any hour.
pub(super) fn with_regions(seed: u64) -> World {
    world(seed, &regions(), |plan| {
        drills_of(plan, offline("eu-1"));
        quiet_at(plan, 0..24);
    })
}

pub(super) fn over(session: &Session) -> bool {
    session.drills.running.is_none()
}

pub(super) fn last(session: &Session) -> AttemptLine {
    session.drills.book.get(&name()).unwrap().last().unwrap().clone()
}

pub(super) fn found(line: &AttemptLine, of: Criterion) -> &Finding {
    line.findings.iter().find(|finding| finding.criterion == of).unwrap()
}

fn is_primary(world: &World) -> &CloudName {
    primary(world.session(), &environment(PRODUCTION)).unwrap()
}

pub(super) fn serving(world: &World) -> Vec<usize> {
    world.hosts.iter().enumerate().filter(|(_, host)| host.serves()).map(|(at, _)| at + 1).collect()
}

pub(super) fn is_out(session: &Session) -> bool {
    let away = session.operations.running.as_ref().and_then(|it| it.away.as_ref());
    away.is_some_and(|away| away.left.is_some())
}

/// Until it is over; the fewest hosts that served at any moment.
fn least(world: &mut World) -> usize {
    let mut least = world.hosts.len();
    for _ in 0..50_000 {
        world.step();
        least = least.min(world.hosts.iter().filter(|host| host.serves()).count());
        if over(world.session()) {
            return least;
        }
    }
    panic!("no end\n{}", world.story());
}

fn events(world: &World, of: impl Fn(&Event) -> bool) -> usize {
    world.journal.durable.iter().filter(|stamped| of(&stamped.event)).count()
}

/// [O23] The cloud that stands by takes over, the other one is watched to get no request, and then it is as before.
#[test]
fn a_cloud_becomes_secondary_without_a_moment_in_which_too_few_serve() {
    let mut world = with_roles(601);
    assert_eq!(serving(&world), [1, 2]);
    world.must("raj", begin());
    world.run_until(Span::minutes(10), is_out);
    assert_eq!((serving(&world), is_primary(&world)), (vec![3, 4], &cloud("b")), "{}", world.story());
    let counted = world.session().operations.running.as_ref().unwrap().away.as_ref().unwrap().counted;
    assert!(counted.is_some_and(|it| it.away == 0 && it.elsewhere > 0), "{counted:?}");
    let left = world.at;
    assert!(least(&mut world) >= 2);
    assert!(world.at - left >= LASTS.0);
    assert_eq!((serving(&world), is_primary(&world)), (vec![1, 2], &cloud("a")));
    let standby = world.session().rollout.units().iter().map(|unit| unit.standby).collect::<Vec<_>>();
    assert_eq!(standby, [false, false, true, true]);
    let line = last(world.session());
    assert!(line.passed(), "{:?}\n{}", line.findings, world.story());
    let shows = &found(&line, Criterion::CarriedOut).shows;
    assert!(shows.starts_with("cloud a out for 3 min") && shows.contains("b primary meanwhile"), "{shows}");
    // The last count is one of their last moments out.
    let away = world.session().operations.last.as_ref().unwrap().operation.away.as_ref().unwrap();
    let (counted, back) = (away.counted.unwrap(), away.back.as_ref().unwrap());
    assert!(back.at.session.since(counted.at.session) <= Span::secs(15), "{away:?}");
    let switches = events(&world, |it| matches!(it, Event::Rollout(RolloutEvent::RoleSwitched { .. })));
    assert_eq!(switches, 2, "there and back");
    assert!(!world.session().rollout.any_touched(), "there is nothing to roll back");
}

/// The whole way down: never fewer than the cloud that serves has, from the first to the last moment.
#[test]
fn while_a_cloud_is_secondary_the_other_one_carries_all() {
    let mut world = with_roles(602);
    world.must("raj", begin());
    assert_eq!(least(&mut world), 2);
    // Where all clouds serve, the one that is named leaves and no role changes.
    let mut world = self::world(603, &regions(), |plan| {
        clouds_that_all_serve(plan);
        drills_of(plan, secondary(Some("b")));
    });
    assert_eq!(serving(&world), [1, 2, 3, 4]);
    world.must("raj", begin());
    assert_eq!(least(&mut world), 2);
    assert!(last(world.session()).passed(), "{:?}", last(world.session()).findings);
    assert_eq!(serving(&world), [1, 2, 3, 4]);
}

/// Two clouds without roles.
pub fn clouds_that_all_serve(plan: &mut Plan) {
    use golive::domain::plan::{Cloud, CloudRole};
    let production = plan.environments.get_mut(&environment(PRODUCTION)).unwrap();
    let mut pool = production.pools.remove(0);
    let hosts = pool.hosts.split_off(2);
    for (name, hosts) in [("a", std::mem::take(&mut pool.hosts)), ("b", hosts)] {
        production.clouds.push(Cloud { name: cloud(name), role: CloudRole::Primary, region: None });
        let id = golive::domain::name::PoolId::new(&format!("{PRODUCTION}/{name}")).unwrap();
        let cloud = Some(cloud(name));
        production.pools.push(golive::domain::plan::Pool { id, cloud, hosts, ..pool.clone() });
    }
}

/// [O24] In its hours a region leaves traffic and comes back.
#[test]
fn a_data_centre_is_taken_offline_while_there_is_little_traffic() {
    let mut world = with_regions(604);
    world.must("raj", begin());
    world.run_until(Span::minutes(10), is_out);
    assert_eq!(serving(&world), [2, 4], "{}", world.story());
    assert!(world.refused("raj", start()).obstacles.iter().any(|it| it.what == "drill replace-web"));
    assert_eq!(least(&mut world), 2);
    assert_eq!(serving(&world), [1, 2, 3, 4]);
    let line = last(world.session());
    assert!(line.passed() && line.outside.is_none(), "{:?}", line.findings);
    assert!(found(&line, Criterion::CarriedOut).shows.starts_with("region eu-1 out for 3 min"));
}

/// [O24] Outside its hours it is refused with the time of the next opening; a reason overrides it and stays in the record.
#[test]
fn outside_the_hours_with_little_traffic_it_is_refused_or_overridden_with_a_reason() {
    // It is noon in UTC, and five hours are off-peak from one o'clock at night.
    let mut world = world(605, &regions(), |plan| {
        drills_of(plan, offline("eu-1"));
        quiet_at(plan, 1..6);
    });
    let refusal = world.refused("raj", begin()).to_string();
    assert!(
        refusal.contains("off-peak eu-1: closed until Tue 3 Mar 01:00 UTC: by its traffic map"),
        "{refusal}"
    );
    assert!(refusal.contains("golive drill start replace-web --outside-window REASON"), "{refusal}");
    world.must("raj", begin_outside());
    assert_eq!(least(&mut world), 2);
    let line = last(world.session());
    let outside = line.outside.as_ref().unwrap();
    assert_eq!(outside.reason, "the fair opens tonight");
    assert_eq!(outside.by.as_ref().map(golive::domain::name::PersonName::as_str), Some("raj"));
    assert!(line.passed());
    // Inside there is nothing to override.
    let mut world = with_regions(606);
    assert!(world.refused("raj", begin_outside()).reason.contains("nothing to override"));
}

/// Without a map nothing is guessed.
#[test]
fn without_a_traffic_map_no_data_centre_goes_offline() {
    let mut world = world(607, &regions(), |plan| drills_of(plan, offline("eu-1")));
    let refusal = world.refused("raj", begin()).to_string();
    assert!(
        refusal.contains("off-peak eu-1: not known: there is no traffic map that would say it"),
        "{refusal}"
    );
    // Hours that close before it would be over are too short.
    let mut world = self::world(608, &regions(), |plan| {
        drills_of(
            plan,
            DrillKind::Offline { place: DataCentre::Region("eu-1".into()), lasts: Span::hours(2) },
        );
        quiet_at(plan, 11..13);
    });
    let refusal = world.refused("raj", begin()).to_string();
    assert!(refusal.contains("and region eu-1 is out for 2 h"), "{refusal}");
}

/// The others are seen to be enough, or it does not begin.
#[test]
fn it_does_not_begin_where_the_others_are_not_seen_to_be_enough() {
    let mut world = with_regions(609);
    world.plan_for(world.at, Happening::Host(1, HostFault::Sick));
    world.run_for(Span::secs(20));
    let refusal = world.refused("raj", begin());
    assert!(
        refusal.obstacles.iter().any(|it| it.what == "web-02" && it.why.starts_with("does not serve")),
        "{refusal}"
    );
    let mut world = with_roles(610);
    world.plan_for(world.at, Happening::Host(2, HostFault::Sick));
    world.run_for(Span::secs(20));
    let refusal = world.refused("raj", begin());
    assert!(refusal.obstacles.iter().any(|it| it.what == "web-03"), "{refusal}");
    let mut world = self::world(611, &two(4), |plan| drills_of(plan, secondary(Some("b"))));
    let refusal = world.refused("raj", begin());
    assert!(refusal.reason.contains("a is primary in production: cloud b stands by"), "{refusal}");
}

/// Whoever falls sick meanwhile brings it back at once: capacity is held, and the drill has not passed.
#[test]
fn what_is_out_comes_back_as_soon_as_the_others_are_too_few() {
    let mut world = with_regions(612);
    world.must("raj", begin());
    world.run_until(Span::minutes(10), is_out);
    world.plan_for(world.at, Happening::Host(1, HostFault::Sick));
    world.run_until(Span::minutes(2), |session| {
        session.operations.running.as_ref().is_none_or(|it| it.away.as_ref().unwrap().back.is_some())
    });
    world.run_until(Span::minutes(5), over);
    assert_eq!(serving(&world), [1, 3, 4], "{}", world.story());
    let line = last(world.session());
    let finding = found(&line, Criterion::CarriedOut);
    assert_eq!(finding.standing, Standing::NotMet);
    assert!(
        finding.shows.contains("region eu-1 came back after") && finding.shows.contains("capacity 1 of 4")
    );
}

/// A person gives it up or holds: it comes back at once, also while held, and the drill has failed by their name.
#[test]
fn whoever_gives_it_up_or_holds_has_all_back_at_once() {
    for (seed, act) in [(613, give_up()), (614, hold())] {
        for roles in [false, true] {
            let mut world = if roles { with_roles(seed) } else { with_regions(seed) };
            let before = serving(&world);
            world.must("raj", begin());
            world.run_until(Span::minutes(10), is_out);
            world.must("raj", act.clone());
            world.run_for(Span::minutes(1));
            for host in &before {
                assert!(serving(&world).contains(host), "{}", world.story());
            }
            if world.session().course.hold.is_some() {
                world.must("raj", go_on());
            }
            world.run_until(Span::minutes(10), over);
            assert_eq!(serving(&world), before, "{}", world.story());
            let line = last(world.session());
            assert_eq!(found(&line, Criterion::CarriedOut).standing, Standing::NotMet);
            assert!(found(&line, Criterion::HandsOff).shows.starts_with("raj acted"));
        }
    }
}

/// A conductor that was killed brings all back when it is there again.
#[test]
fn nothing_stays_out_of_traffic_when_the_conductor_is_killed_in_a_drill() {
    for (seed, roles) in [(615, false), (616, true)] {
        for after in [1, 4, 9, 20, 40, 90] {
            let mut world = if roles { with_roles(seed) } else { with_regions(seed) };
            let before = serving(&world);
            world.must("raj", begin());
            world.run_for(Span::secs(after));
            world.kill();
            world.run_until(Span::minutes(20), over);
            assert_eq!(serving(&world), before, "killed after {after} s\n{}", world.story());
            assert!(!last(world.session()).passed());
        }
    }
}

/// One that can't be taken out: those that are out come back, and so does that one.
#[test]
fn a_host_that_can_not_be_taken_out_ends_the_drill_and_serves() {
    let mut world = with_regions(617);
    world.hosts[2].wrong.push((LaneStep::Drain, Wrong::Fails, None));
    world.must("raj", begin());
    world.run_until(Span::minutes(10), over);
    assert_eq!(serving(&world), [1, 2, 3, 4], "{}", world.story());
    let line = last(world.session());
    assert!(
        found(&line, Criterion::CarriedOut).shows.contains("never left traffic: web-03 is failed"),
        "{line:?}"
    );
}

/// One that dies while it is out needs a human; the drill does not end before it serves or is given up by name.
#[test]
fn a_host_that_does_not_come_back_is_never_forgotten() {
    let mut world = with_regions(618);
    world.must("raj", begin());
    world.run_until(Span::minutes(10), is_out);
    world.plan_for(world.at, Happening::Host(0, HostFault::Dies));
    world.run_until(Span::minutes(20), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(1));
    assert!(!over(world.session()));
    assert_eq!(serving(&world), [2, 3, 4], "{}", world.story());
    world.plan_for(world.at, Happening::Host(0, HostFault::ComesBack));
    world.run_for(Span::secs(20));
    world.must("raj", try_again(&unit("web-01")));
    world.run_until(Span::minutes(10), over);
    assert_eq!(serving(&world), [1, 2, 3, 4]);
}

/// Something put it back into the pool, and requests were counted there: what is not out is not called so.
#[test]
fn requests_that_go_to_what_is_out_end_the_drill() {
    let mut world = with_regions(620);
    world.must("raj", begin());
    world.run_until(Span::minutes(10), is_out);
    world.hosts[0].pool = PoolState::In;
    world.run_until(Span::minutes(20), over);
    assert_eq!(serving(&world), [1, 2, 3, 4]);
    let line = last(world.session());
    let finding = found(&line, Criterion::CarriedOut);
    assert_eq!(finding.standing, Standing::NotMet);
    assert!(finding.shows.ends_with("60 of 180 requests went there"), "{}", finding.shows);
}

fn absence(session: &Session) -> Option<&Absence> {
    session.operations.running.as_ref()?.away.as_deref()
}

/// What is out has to come back as it was: one that dies out of traffic, or is put back by something else, ends it.
#[test]
fn a_host_that_dies_or_is_put_back_while_it_is_out_brings_all_back() {
    for (fault, words) in [(HostFault::Dies, "web-0"), (HostFault::PutBack, "put back into the pool")] {
        let mut world = with_regions(61);
        world.must("raj", begin());
        world.run_until(Span::minutes(3), |session| absence(session).is_some_and(|it| it.left.is_some()));
        let out = world.session().operations.running.as_ref().unwrap().units[0].clone();
        let index = world.index[&out];
        world.plan_for(world.at, Happening::Host(index, fault));
        world.run_until(Span::secs(60), |session| absence(session).is_none_or(|it| it.back.is_some()));
        world.plan_for(world.at, Happening::Host(index, HostFault::ComesBack));
        world.run_for(Span::minutes(10));
        if over(world.session()) {
            let carried =
                last(world.session()).findings.into_iter().find(|it| it.criterion == Criterion::CarriedOut);
            let carried = carried.unwrap();
            assert!(carried.standing == Standing::NotMet && carried.shows.contains(words), "{carried:?}");
        }
    }
}
