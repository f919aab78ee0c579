//! What is wrong is said at once: a host that stops answering, a process that ended, too few hosts.

use golive::domain::{
    course::Phase,
    effect::LaneStep,
    rollout::{LaneState, Trouble, readiness, troubles, unwell},
    session::Session,
    time::Span,
};

use super::ways::small;
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{PRODUCTION, Shape, environment, unit},
    world::{Happening, HostFault, World},
};

fn settles(session: &Session) -> bool {
    let lane = session.rollout.units()[0].lane.as_ref();
    lane.is_some_and(|lane| matches!(lane.state, LaneState::Settling { .. }))
}

fn settling(seed: u64) -> World {
    let mut world = World::new(seed, &small());
    world.timings.look = (1_000, 2_000);
    world.under_way();
    world.run_until(Span::minutes(5), settles);
    world
}

fn serving(world: &World) -> u32 {
    world.session().rollout.serving(&environment(PRODUCTION)).map(|(_, hosts)| hosts).sum()
}

fn happens(world: &mut World, host: usize, fault: HostFault) {
    world.plan_for(world.at, Happening::Host(host, fault));
    world.run_for(Span::millis(100));
}

/// [W22] One that stops answering while it settles has until its deadline; that, and until when, is said at once.
#[test]
fn a_host_that_stops_answering_while_it_settles_is_said_at_once_with_its_deadline() {
    let mut world = settling(81);
    assert!(unwell(world.session(), world.now()).is_empty());
    happens(&mut world, 0, HostFault::Dies);
    let list = unwell(world.session(), world.now());
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(list[0].what, "web-01 stopped answering while settling: no route to host");
    assert!(list[0].release.starts_with("waits until healthy_deadline in 4 min"), "{}", list[0].release);
    world.must("sam", hold());
    let held = unwell(world.session(), world.now());
    assert_eq!(held[0].release, "its healthy_deadline stands still while held");
    world.must("sam", go_on());
    happens(&mut world, 0, HostFault::ComesBack);
    assert!(unwell(world.session(), world.now()).is_empty(), "it answers again");
}

/// One that is well and out of the pool is no sick one: nobody waits for its recovery.
#[test]
fn a_host_that_is_well_and_out_of_the_pool_is_said_to_be_that() {
    let mut world = World::new(82, &small());
    world.prepare();
    happens(&mut world, 1, HostFault::TakenOut);
    world.run_for(Span::secs(20));
    let list = unwell(world.session(), world.now());
    let said: Vec<(&str, &str)> = list.iter().map(|it| (it.what.as_str(), it.release.as_str())).collect();
    assert_eq!(said, [("web-02 is well and OUT of the pool", "its stage, which puts it back, or by hand")]);
}

/// [W22] A process that has ended is no slow health check: the lane fails now, with its last words.
#[test]
fn a_process_that_ends_while_it_settles_fails_its_lane_now_and_keeps_its_last_words() {
    let mut world = settling(82);
    happens(&mut world, 0, HostFault::Crashes);
    let lane = world.session().rollout.units()[0].lane.clone().unwrap();
    assert!(matches!(lane.state, LaneState::Failed { step: LaneStep::Settle, .. }), "{:?}", lane.state);
    assert!(lane.stopped_after.is_some_and(|span| span > Span::ZERO), "how long it settled is kept");
    assert_eq!(lane.evidence.as_deref(), Some("panicked at main.rs:7"));
    assert!(
        world.session().notices.notices.iter().any(|notice| notice.text.contains("web-01 failed settle"))
    );
    world.run_for(Span::minutes(30));
    let waiting = |name: &str| {
        let lane = world.session().rollout.unit(&unit(name)).unwrap().lane.as_ref();
        lane.is_some_and(|lane| lane.state == LaneState::Waiting)
    };
    assert!(waiting("web-02") && waiting("web-03"), "the line is stopped");
}

/// [W26] A host that the balancer does not take back is a failure at its deadline: it is named, somebody is called,
/// and how long each host took to rejoin is kept.
#[test]
fn a_host_that_never_rejoins_calls_somebody_at_its_deadline() {
    let mut world = World::new(84, &small());
    world.hosts[1].wrong.push((LaneStep::Rejoin, Wrong::Hangs, None));
    world.under_way();
    world.run_until(Span::minutes(20), |session| session.rollout.any_troubled());
    let words = troubles(world.session())[0].words();
    assert_eq!(words, "web-02 failed rejoin: not healthy within 5 min");
    assert!(world.session().notices.notices.iter().any(|notice| notice.text.contains(&words)));
    let first = world.session().rollout.unit(&unit("web-01")).unwrap().lane.clone().unwrap();
    assert!(first.done.iter().any(|done| done.step == LaneStep::Rejoin), "{first:?}");
}

/// A host that drains or is at work gets no requests, whatever was last seen of it.
#[test]
fn a_host_that_was_taken_out_serves_nothing_even_before_it_is_seen_outside() {
    let mut world = World::new(88, &small());
    world.timings.step = (5_000_000, 6_000_000);
    world.under_way();
    let at = |session: &Session, step: LaneStep| {
        let lane = session.rollout.units()[0].lane.as_ref();
        lane.is_some_and(|lane| lane.step() == step && lane.state == LaneState::Working)
    };
    for step in [LaneStep::Drain, LaneStep::Stop, LaneStep::Alive] {
        world.run_until(Span::minutes(5), |session| at(session, step));
        assert_eq!(serving(&world), 2, "in {}", step.word());
    }
    world.run_until(Span::minutes(5), settles);
    assert_eq!(serving(&world), 3, "one that settles serves");
}

#[test]
fn a_process_that_ends_in_its_self_test_fails_the_lane_and_what_is_under_way_is_cancelled() {
    let mut world = World::new(83, &small());
    world.timings.look = (1_000, 2_000);
    world.timings.step = (5_000_000, 6_000_000);
    world.under_way();
    world.run_until(Span::minutes(5), |session| {
        let lane = session.rollout.units()[0].lane.as_ref();
        lane.is_some_and(|lane| lane.step() == LaneStep::SelfTest && lane.state == LaneState::Working)
    });
    happens(&mut world, 0, HostFault::Crashes);
    let lane = world.session().rollout.units()[0].lane.clone().unwrap();
    assert!(matches!(lane.state, LaneState::Failed { step: LaneStep::SelfTest, .. }), "{:?}", lane.state);
    let flight = world.session().flights.iter().find(|it| it.effect.id.target.to_string() == "web-01");
    assert!(flight.is_none_or(|flight| flight.cancel_asked));
}

/// [W16] A fleet that flaps is one occasion, and calls everybody once.
#[test]
fn capacity_that_flaps_is_one_occasion_and_pages_once() {
    let mut world = World::new(84, &Shape { bake: Span::hours(10), ..small() });
    world.timings.look = (1_000, 2_000);
    world.under_way();
    let baking = golive::domain::pipeline::StageState::Baking;
    world.run_until(Span::minutes(10), |session| session.pipeline.stages[0].state == baking);
    for _ in 0..6 {
        happens(&mut world, 0, HostFault::Sick);
        happens(&mut world, 1, HostFault::Sick);
        assert!(world.session().rollout.short[&environment(PRODUCTION)].stops(), "recorded at once");
        world.run_for(Span::secs(20));
        let called = troubles(world.session());
        assert!(matches!(called.as_slice(), [Trouble::Capacity { .. }]), "{called:?}");
        assert!(called[0].words().contains("capacity 1 of 3, minimum 2; web-01: sick, and 1 more"));
        happens(&mut world, 0, HostFault::Well);
        happens(&mut world, 1, HostFault::Well);
        assert!(troubles(world.session()).is_empty(), "it is back");
        world.run_for(Span::secs(30));
    }
    let pages: Vec<&str> = world.session().notices.notices.iter().map(|it| it.person.as_str()).collect();
    assert_eq!(pages, ["dana", "raj"], "once each: who has the watch, and who decides");
    world.run_for(Span::minutes(20));
    happens(&mut world, 0, HostFault::Sick);
    happens(&mut world, 1, HostFault::Sick);
    world.run_for(Span::secs(20));
    assert_eq!(world.session().notices.notices.len(), 4, "the next outage is another one");
}

/// Who starts a stage with too few hosts does so knowingly: bringing them back is what a fix is for.
#[test]
fn a_stage_started_with_too_few_hosts_deploys_to_those_that_do_not_serve() {
    let mut world = World::new(85, &small());
    world.run_for(Span::secs(5));
    for host in 0..3 {
        happens(&mut world, host, HostFault::Sick);
    }
    world.under_way();
    assert!(troubles(world.session()).is_empty(), "nobody is called for what is known");
    let list = unwell(world.session(), world.now());
    assert!(list[0].what.starts_with("capacity 0 of 3, minimum 2"), "{list:?}");
    world.reaches(golive::domain::course::Phase::LiveUnverified, Span::minutes(10));
    assert!(world.session().rollout.short[&environment(PRODUCTION)].over.is_some());
}

/// [W22] At a first deploy ever nothing runs where nothing was put yet: that is no trouble, its turn releases it. One
/// that was deployed and dies is one.
#[test]
fn a_host_on_which_nothing_was_ever_deployed_is_no_trouble_while_it_waits() {
    let mut world = World::with(86, &small(), None, "2.5.0", true);
    world.timings.look = (1_000, 2_000);
    world.under_way();
    world.run_until(Span::minutes(5), |session| session.rollout.counts(&environment(PRODUCTION)).done == 1);
    let waiting = world.session().rollout.counts(&environment(PRODUCTION)).waiting;
    assert!(waiting > 0, "{}", world.story());
    assert!(unwell(world.session(), world.now()).is_empty(), "{:?}", unwell(world.session(), world.now()));
    let first = world.session().rollout.units().iter().position(|unit| unit.touched.is_some()).unwrap();
    happens(&mut world, first, HostFault::Dies);
    let list = unwell(world.session(), world.now());
    assert!(list.iter().any(|one| one.what.contains("no route to host")), "{list:?}");
}

/// While the balancer can't be asked nothing settles: the time counts anew once it is seen to get requests.
#[test]
fn a_host_settles_only_while_it_is_seen_to_get_requests() {
    let mut world = settling(87);
    world.plan_for(world.at, Happening::Balancer(false));
    world.run_for(Span::secs(40));
    assert!(settles(world.session()), "{}", world.story());
    let list = unwell(world.session(), world.now());
    assert_eq!(
        list[0].what.split(':').next(),
        Some("web-01 is healthy, and whether it gets requests is not known")
    );
    world.plan_for(world.at, Happening::Balancer(true));
    world.run_until(Span::minutes(1), |session| {
        session.rollout.units()[0].lane.as_ref().is_some_and(|lane| lane.state == LaneState::Done)
    });
}

/// [W22] A rollback that can't take the next host says so, and what it waits for, from the first moment.
#[test]
fn a_way_back_that_waits_says_what_for() {
    let mut world = settling(86);
    world.must("sam", hold());
    world.run_until(Span::minutes(5), |session| {
        session.rollout.units()[0].lane.as_ref().is_some_and(|lane| lane.state == LaneState::Done)
    });
    assert!(readiness(world.session(), &environment(PRODUCTION)).ready());
    world.plan_for(world.at, Happening::Balancer(false));
    world.run_for(Span::secs(10));
    let ready = readiness(world.session(), &environment(PRODUCTION));
    assert!(!ready.ready() && ready.unreached == 3 && ready.kept == 3, "{ready:?}");
    world.must("raj", roll_back());
    world.run_for(Span::secs(5));
    let list = unwell(world.session(), world.now());
    assert_eq!(list.len(), 1, "{list:?}");
    assert!(
        list[0].what.starts_with("web-01 can't go back yet, capacity 0 of 3, 3 not known, minimum 2"),
        "{list:?}"
    );
    assert!(list[0].release.starts_with("more hosts serving; somebody is called in 9 min"), "{list:?}");
    world.plan_for(world.at, Happening::Balancer(true));
    world.run_for(Span::secs(10));
    assert!(unwell(world.session(), world.now()).is_empty(), "it goes back");
    world.run_until(Span::minutes(5), |session| session.course.phase == Phase::RolledBack);
}
