//! A host that was taken out and is put back into the pool by something else, before it was found good: it is taken out
//! again, a few times; then the line stops.

use golive::domain::{
    course::Phase,
    effect::{LaneStep, PoolState},
    event::Event,
    rollout::{LaneState, RolloutEvent, Trouble, troubles, unwell},
    session::Session,
    time::Span,
};

use super::ways::{says, small};
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{PRODUCTION, candidate, environment, unit},
    world::{Happening, HostFault, World},
};

fn happens(world: &mut World, host: usize, fault: HostFault) {
    world.plan_for(world.at, Happening::Host(host, fault));
}

/// How often each host was recorded as put back, in the record's order.
fn put_back(world: &World) -> Vec<(String, u32)> {
    let told = world.journal.durable.iter().chain(&world.journal.fallback);
    told.filter_map(|stamped| match &stamped.event {
        Event::Rollout(RolloutEvent::PutBack { unit, times }) => Some((unit.to_string(), *times)),
        _ => None,
    })
    .collect()
}

/// The second host failed its self-test and is outside the pool.
fn failed(seed: u64) -> World {
    let mut world = World::new(seed, &small());
    world.timings.look = (1_000, 2_000);
    world.hosts[1].wrong.push((LaneStep::SelfTest, Wrong::Fails, Some(candidate("2.5.0").version.clone())));
    world.under_way();
    world.run_until(Span::minutes(20), |session| session.rollout.any_troubled());
    world.run_for(Span::secs(5));
    world
}

/// The first host is at this step, which takes this long.
fn at(seed: u64, step: LaneStep, takes: Span) -> World {
    let mut world = World::new(seed, &small());
    world.timings.look = (1_000, 2_000);
    world.timings.step = (takes.0, takes.0);
    world.under_way();
    world.run_until(Span::hours(2), |session| {
        let lane = session.rollout.units()[0].lane.as_ref();
        lane.is_some_and(|lane| lane.step() == step && lane.state == LaneState::Working)
    });
    world.run_for(Span::millis(100));
    world
}

fn state(session: &Session, host: &str) -> LaneState {
    session.rollout.unit(&unit(host)).unwrap().lane.as_ref().unwrap().state.clone()
}

/// [W22] A host that failed and was out is put back by a balancer that forgot: what nobody found good is served. That
/// is the first thing said, it is on record, and the host is taken out again.
#[test]
fn a_host_that_failed_and_is_back_in_the_pool_is_said_and_taken_out_again() {
    let mut world = failed(87);
    assert!(unwell(world.session(), world.now()).is_empty(), "it is out, and a human is called");
    world.timings.step = (2_000_000, 2_000_000);
    happens(&mut world, 1, HostFault::PutBack);
    world.run_for(Span::millis(500));
    let list = unwell(world.session(), world.now());
    assert_eq!(
        list[0].what,
        "web-02 failed self-test and is back in the pool: somebody or the balancer put it in"
    );
    assert_eq!(list[0].release, "it is being taken out again");
    assert_eq!(list.len(), 1, "{list:?}");
    let serving = |world: &World| -> u32 {
        world.session().rollout.serving(&environment(PRODUCTION)).map(|(_, hosts)| hosts).sum()
    };
    assert_eq!(serving(&world), 3, "it gets requests, and that is what is counted");
    assert_eq!(world.session().rollout.counts(&environment(PRODUCTION)).available, 2, "and is not available");
    world.run_for(Span::secs(4));
    assert_eq!(world.hosts[1].pool, PoolState::Out);
    assert!(unwell(world.session(), world.now()).is_empty());
    assert_eq!(serving(&world), 2);
    assert_eq!(put_back(&world), [("web-02".to_owned(), 1)]);
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(10));
    assert!(world.hosts.iter().all(crate::simulation::host::Host::serves));
}

/// [W22] While a host is being installed its lane goes on and something else has put it in: it is taken out beside
/// that, and comes back when it was found good.
#[test]
fn a_host_that_is_put_back_while_it_is_installed_is_taken_out_beside_its_lane() {
    for step in [LaneStep::Stop, LaneStep::Install, LaneStep::Start, LaneStep::SelfTest, LaneStep::Alive] {
        let mut world = at(91, step, Span::secs(8));
        assert_eq!(world.hosts[0].pool, PoolState::Out);
        happens(&mut world, 0, HostFault::PutBack);
        world.timings.step = (500_000, 500_000);
        world.run_for(Span::secs(3));
        assert_eq!(world.hosts[0].pool, PoolState::Out, "at {}: {}", step.word(), world.story());
        assert_eq!(state(world.session(), "web-01"), LaneState::Working, "its step goes on");
        assert!(troubles(world.session()).is_empty());
        world.reaches(Phase::LiveUnverified, Span::minutes(10));
        assert_eq!(put_back(&world), [("web-01".to_owned(), 1)]);
        assert!(world.hosts.iter().all(crate::simulation::host::Host::serves));
    }
}

/// What takes a host out again is over before the lane brings it back by itself.
#[test]
fn a_host_that_becomes_good_meanwhile_rejoins_after_that() {
    let mut world = at(92, LaneStep::Alive, Span::secs(8));
    world.timings.step = (60_000_000, 60_000_000);
    happens(&mut world, 0, HostFault::PutBack);
    world.run_until(Span::minutes(1), |session| session.rollout.units()[0].put_back.is_some());
    world.timings.step = (500_000, 500_000);
    world.reaches(Phase::LiveUnverified, Span::minutes(10));
    assert!(world.hosts.iter().all(crate::simulation::host::Host::serves), "{}", world.story());
}

/// HOLD stops new hosts; it leaves no bad one in the pool.
#[test]
fn a_host_is_taken_out_again_under_a_hold_too() {
    let mut world = at(93, LaneStep::Install, Span::secs(8));
    world.must("sam", hold());
    happens(&mut world, 0, HostFault::PutBack);
    world.timings.step = (500_000, 500_000);
    world.run_for(Span::secs(3));
    assert_eq!(world.hosts[0].pool, PoolState::Out);
    assert!(world.session().course.hold.is_some());
}

/// Nothing is done that could not be recorded; when the journal is back the host is looked at, and taken out.
#[test]
fn while_the_journal_cannot_be_written_no_host_is_taken_out_again() {
    let mut world = failed(94);
    world.soon(Span(1), Happening::JournalFull(true));
    world.run_for(Span::millis(1));
    world.say("raj", tick("basic/looked"));
    world.run_for(Span::secs(1));
    assert!(world.turn.broken().is_some());
    happens(&mut world, 1, HostFault::PutBack);
    world.run_for(Span::minutes(2));
    assert_eq!(world.hosts[1].pool, PoolState::In);
    world.soon(Span(1), Happening::JournalFull(false));
    world.run_for(Span::secs(20));
    assert_eq!(world.hosts[1].pool, PoolState::Out, "{}", world.story());
}

/// Another conductor that has the environment's lock may be deploying there.
#[test]
fn a_host_that_is_not_ours_to_touch_is_only_said() {
    let mut world = failed(95);
    world.plan_for(world.at, Happening::Foreign(crate::simulation::lock::Foreign::TakesOver));
    world.run_for(Span::secs(10));
    happens(&mut world, 1, HostFault::PutBack);
    world.run_for(Span::secs(30));
    assert_eq!(world.hosts[1].pool, PoolState::In);
    let list = unwell(world.session(), world.now());
    assert!(list[0].release.starts_with("take it out by hand"), "{list:?}");
    assert!(put_back(&world).is_empty());
}

/// [W22] [W25] Something that keeps putting a host in whose service is stopped is stronger than we are: traffic flows to
/// it, which is said at once; after three times the line stops, somebody is
/// called once, and what they take out by hand lets it go on.
#[test]
fn after_three_times_the_line_stops_and_says_that_something_else_puts_it_in() {
    let mut world = at(96, LaneStep::Install, Span::secs(30));
    world.timings.step = (500_000, 500_000);
    for _ in 0..4 {
        assert!(troubles(world.session()).is_empty());
        happens(&mut world, 0, HostFault::PutBack);
        world.run_for(Span::millis(450));
        let said = unwell(world.session(), world.now()).into_iter().map(|it| it.what);
        let said: Vec<String> = said.chain(troubles(world.session()).iter().map(Trouble::words)).collect();
        assert!(said[0].starts_with("web-01 is at install and is"), "{said:?}");
        world.run_for(Span::millis(3_550));
    }
    let called = troubles(world.session());
    assert!(matches!(called.as_slice(), [Trouble::InPool { .. }]), "{called:?}\n{}", world.story());
    assert_eq!(
        called[0].words(),
        "web-01 is at install and is in the pool again after it was taken out 3 times: something else puts it in"
    );
    assert_eq!(world.hosts[0].pool, PoolState::In, "it is left there");
    let times: Vec<u32> = put_back(&world).into_iter().map(|(_, times)| times).collect();
    assert_eq!(times, [1, 2, 3]);
    let pages =
        || world.session().notices.notices.iter().filter(|it| it.text.contains("something else puts"));
    assert_eq!(pages().count(), 2, "whoever has the watch, and whoever decides");
    says(&world.refused("raj", promote()), &["something else puts it in"]);
    world.must("raj", claim());
    happens(&mut world, 0, HostFault::TakenOut);
    world.run_for(Span::secs(2));
    assert!(troubles(world.session()).is_empty());
    assert!(world.session().rollout.claim.is_none(), "nothing is left to care for");
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
    let pages = world.session().notices.notices.iter().filter(|it| it.text.contains("something else puts"));
    assert_eq!(pages.count(), 2);
}

/// While something keeps a bad host in the pool no other is taken; the host's own lane ends, and that is the end of it.
#[test]
fn a_contested_host_takes_no_other_with_it_and_is_contested_no_more_when_it_is_good() {
    let mut world = at(97, LaneStep::Install, Span::minutes(1));
    world.timings.step = (500_000, 500_000);
    for _ in 0..4 {
        happens(&mut world, 0, HostFault::PutBack);
        world.run_for(Span::secs(4));
    }
    assert!(matches!(troubles(world.session()).as_slice(), [Trouble::InPool { .. }]));
    world.run_until(Span::minutes(5), |session| troubles(session).is_empty());
    let lane = world.session().rollout.units()[0].lane.clone().unwrap();
    assert!(matches!(lane.step(), LaneStep::Rejoin | LaneStep::Settle), "{lane:?}");
    assert_eq!(state(world.session(), "web-02"), LaneState::Waiting);
    world.reaches(Phase::LiveUnverified, Span::minutes(20));
}

/// A balancer that does not obey is no reason to ask it for ever.
#[test]
fn a_host_that_cannot_be_taken_out_calls_somebody_and_says_why() {
    let mut world = failed(98);
    world.hosts[1].pool_is_stuck = true;
    happens(&mut world, 1, HostFault::PutBack);
    world.timings.step = (200_000, 200_000);
    world.run_for(Span::secs(1));
    let list = unwell(world.session(), world.now());
    assert_eq!(list[0].release, "it is tried again to take it out: permission denied");
    world.run_for(Span::secs(20));
    let words: Vec<String> = troubles(world.session()).iter().map(Trouble::words).collect();
    let said = "web-02 failed self-test and is in the pool, and can't be taken out: permission denied";
    assert!(words.contains(&said.to_owned()), "{words:?}\n{}", world.story());
    assert_eq!(put_back(&world).len(), 3);
    world.run_for(Span::hours(1));
    assert_eq!(put_back(&world).len(), 3, "it is left alone");
}

/// The way back waits for nobody: a host that something keeps in the pool is drained and brought back like the others.
#[test]
fn a_rollback_goes_on_whatever_keeps_a_host_in_the_pool() {
    let mut world = failed(99);
    world.timings.step = (500_000, 500_000);
    for _ in 0..4 {
        happens(&mut world, 1, HostFault::PutBack);
        world.run_for(Span::secs(4));
    }
    world.must("sam", roll_back());
    world.reaches(Phase::RolledBack, Span::minutes(10));
    assert!(world.hosts.iter().all(crate::simulation::host::Host::serves), "{}", world.story());
    world.must("dana", close());
}

/// A host that somebody excluded is theirs: what they put back stays.
#[test]
fn an_excluded_host_is_not_taken_out_again() {
    let mut world = failed(100);
    world.must("raj", exclude(&unit("web-02")));
    happens(&mut world, 1, HostFault::PutBack);
    world.run_for(Span::secs(30));
    assert_eq!(world.hosts[1].pool, PoolState::In);
    assert!(put_back(&world).is_empty());
}
