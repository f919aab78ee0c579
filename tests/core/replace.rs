//! Replacing hosts: flagged, committed, deployed; refused while any other change is pending; each becomes a new machine
//! with the version that should run, under the capacity budget.

use golive::domain::{
    command::Command,
    course::CourseCommand,
    effect::{LaneStep, PoolState},
    name::{Digest, UnitId},
    operation::{OperationCommand, replaces_again},
    plan::{Amount, Capacity, Rolling, Strategy},
    refusal::ObstacleKind,
    rollout::{moves, unwell},
    session::Session,
    time::Span,
};

use crate::simulation::{
    host::{Host, Wrong},
    people::*,
    plan::{PRODUCTION, Shape, environment, unit},
    upkeep::replaces,
    world::{World, actor},
};

pub fn flag(name: &str) -> Command {
    OperationCommand::Flag { unit: unit(name), reason: "its disk makes noises".into() }.into()
}

fn unflag(name: &str) -> Command {
    OperationCommand::Unflag { unit: unit(name) }.into()
}

fn commit() -> Command {
    OperationCommand::Commit { environment: environment(PRODUCTION) }.into()
}

fn deploy() -> Command {
    OperationCommand::Deploy { environment: environment(PRODUCTION) }.into()
}

pub fn small() -> Shape {
    Shape { hosts: 4, validations: false, bake: Span::ZERO, ..Shape::default() }
}

fn world(seed: u64, shape: &Shape) -> World {
    let mut world = World::changed(seed, shape, replaces);
    world.run_for(Span::secs(20));
    world
}

fn over(session: &Session) -> bool {
    session.operations.running.is_none() && session.operations.last.is_some()
}

/// What was brought to a host anew: the marks of the old machine are gone.
fn mark(world: &mut World) {
    for host in &mut world.hosts {
        host.kept.insert(crate::simulation::plan::candidate("0.0.7"));
    }
}

fn is_new(host: &Host) -> bool {
    !host.kept.contains(&crate::simulation::plan::candidate("0.0.7"))
}

/// [O17]
#[test]
fn a_host_is_flagged_with_a_reason_and_unflagged_again() {
    let mut world = world(401, &small());
    assert!(world.refused("raj", unflag("web-02")).reason.contains("is not flagged"));
    world.must("raj", flag("web-02"));
    world.must("raj", flag("web-03"));
    let flags = |world: &World| world.session().operations.flags.keys().cloned().collect::<Vec<UnitId>>();
    assert_eq!(flags(&world), [unit("web-02"), unit("web-03")]);
    assert_eq!(world.session().operations.flags[&unit("web-02")].reason, "its disk makes noises");
    world.must("raj", unflag("web-02"));
    assert_eq!(flags(&world), [unit("web-03")]);
    assert!(world.refused("sam", flag("web-01")).reason.contains("none of the roles"));
    assert!(world.refused("raj", flag("web-09")).reason.contains("there is no host web-09"));
}

/// [O18] Two steps; the hosts that were committed become new machines one by one, and no other is touched.
#[test]
fn what_is_committed_is_deployed_and_nothing_else() {
    let mut world = world(402, &small());
    world.must("raj", flag("web-02"));
    world.must("raj", flag("web-04"));
    let refusal = world.refused("raj", deploy());
    assert!(refusal.reason.contains("nothing is committed in production"), "{refusal}");
    world.must("raj", commit());
    mark(&mut world);
    world.must("raj", deploy());
    let mut least = 4;
    for _ in 0..5_000 {
        world.step();
        least = least.min(world.hosts.iter().filter(|host| host.serves()).count());
        if over(world.session()) {
            break;
        }
    }
    assert!(over(world.session()), "{}", world.story());
    assert_eq!(least, 3, "one at a time, as the budget has it");
    assert_eq!(world.hosts.iter().map(is_new).collect::<Vec<_>>(), [false, true, false, true]);
    for host in &world.hosts {
        assert_eq!((host.runs.as_ref().unwrap().as_str(), host.pool), ("2.4.1", PoolState::In));
    }
    let last = world.session().operations.last.as_ref().unwrap();
    assert_eq!((last.done.as_slice(), last.left.len()), ([unit("web-02"), unit("web-04")].as_slice(), 0));
    assert!(world.session().operations.flags.is_empty() && world.session().operations.committed.is_empty());
    assert!(!world.session().rollout.any_touched(), "there is nothing to roll back");
    assert_eq!(
        world.session().course.watch.by.as_ref().map(golive::domain::name::PersonName::as_str),
        Some("raj")
    );
}

/// [O19] Each pending change is named; without one it is allowed.
#[test]
fn no_host_is_replaced_while_another_change_is_pending() {
    let mut world = world(403, &small());
    world.must("raj", flag("web-02"));
    world.must("raj", commit());
    // Another flag, that nobody has reviewed.
    world.must("raj", flag("web-03"));
    let named = |world: &mut World| {
        let refusal = world.refused("raj", deploy());
        refusal.obstacles.iter().map(|it| format!("{} {}", it.what, it.why)).collect::<Vec<_>>()
    };
    assert_eq!(named(&mut world), ["web-03 is flagged for replacement, and not committed"]);
    world.must("raj", unflag("web-03"));
    // A plan that is not adopted.
    world.must("dana", Command::Course(CourseCommand::NoticeFile { digest: Digest::of(b"another") }));
    assert_eq!(named(&mut world), ["plan golive.toml differs from the adopted plan"]);
    let same = world.session().course.adopted.digest.clone();
    world.must("dana", Command::Course(CourseCommand::NoticeFile { digest: same }));
    world.must("dana", hold());
    assert_eq!(named(&mut world), ["HOLD by dana"]);
    world.must("dana", go_on());
    // A rollout under way.
    world.prepare();
    world.decide_go();
    world.must("raj", start());
    assert_eq!(named(&mut world), ["2.5.0 its rollout to production was started, and is under way"]);
    // None of them: it is allowed.
    let mut world = self::world(404, &small());
    world.must("raj", flag("web-02"));
    world.must("raj", commit());
    world.must("raj", deploy());
    assert!(world.refused("raj", deploy()).obstacles.iter().any(|it| it.why == "1 host being replaced"));
}

/// The rollout waits for it; and begins afterwards as if nothing had been.
#[test]
fn nothing_is_rolled_out_while_hosts_are_replaced_and_all_of_it_afterwards() {
    let mut world = world(405, &small());
    world.prepare();
    world.decide_go();
    world.must("raj", flag("web-01"));
    world.must("raj", commit());
    world.must("raj", deploy());
    let refusal = world.refused("raj", start());
    assert!(refusal.obstacles.iter().any(|it| it.kind == ObstacleKind::Hosts), "{refusal}");
    assert!(world.refused("dana", close()).obstacles.iter().any(|it| it.why.contains("being replaced")));
    world.run_until(Span::minutes(10), over);
    world.must("raj", start());
    world.reaches(golive::domain::course::Phase::LiveUnverified, Span::minutes(30));
    assert!(world.hosts.iter().all(|host| host.runs.as_ref().is_some_and(|it| it.as_str() == "2.5.0")));
}

/// A step that failed stops it and calls somebody; what is given up is named, and no new host is taken.
#[test]
fn a_host_that_can_not_be_replaced_stops_it_and_is_named_at_its_end() {
    let mut world = world(406, &small());
    world.hosts[0].wrong.push((LaneStep::Start, Wrong::Fails, None));
    world.must("raj", flag("web-01"));
    world.must("raj", flag("web-02"));
    world.must("raj", commit());
    world.must("raj", deploy());
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.run_for(Span::minutes(2));
    let lane = |world: &World, name: &str| world.session().rollout.unit(&unit(name)).unwrap().lane.is_some();
    assert!(lane(&world, "web-01") && !lane(&world, "web-02"), "no further host is taken");
    world.must("raj", Command::from(OperationCommand::Stop { reason: "the image is broken".into() }));
    world.must("raj", exclude(&unit("web-01")));
    world.run_until(Span::minutes(1), over);
    let last = world.session().operations.last.as_ref().unwrap();
    assert_eq!(last.left, [unit("web-01"), unit("web-02")]);
    assert!(world.session().operations.flags.contains_key(&unit("web-02")), "it is still to be replaced");
}

/// What a replacement left out of the pool is named until something brings it back, with what does.
#[test]
fn a_host_that_a_replacement_left_out_is_named_with_what_lifts_it() {
    let one = Rolling { batches: vec![Amount::Count(1)], ..Rolling::default() };
    let capacity = Capacity { min_healthy: Some(Amount::Count(2)), ..Capacity::default() };
    let mut world = world(410, &Shape { strategy: Strategy::Rolling(one), capacity, ..small() });
    world.prepare();
    world.decide_go();
    world.hosts[3].wrong.push((LaneStep::Start, Wrong::Fails, None));
    world.must("raj", flag("web-04"));
    world.must("raj", commit());
    world.must("raj", deploy());
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.must("raj", exclude(&unit("web-04")));
    world.run_until(Span::minutes(1), over);
    let said = |world: &World| {
        let list = unwell(world.session(), world.now()).into_iter();
        let ours = list.filter(|it| it.what.starts_with("web-04 is out of the pool: it was replaced"));
        ours.map(|it| it.release).collect::<Vec<_>>()
    };
    assert_eq!(said(&world), ["replacing it again, or its stage, which deploys to it"]);
    // Its stage is rolled back before its turn: nobody comes to it any more.
    world.hosts[0].wrong.push((LaneStep::Start, Wrong::Fails, None));
    world.must("raj", start());
    world.run_until(Span::minutes(10), |session| session.rollout.any_troubled());
    world.must("sam", roll_back());
    world.hosts[0].wrong.clear();
    world.reaches(golive::domain::course::Phase::RolledBack, Span::minutes(10));
    assert_eq!(world.hosts[3].pool, PoolState::Out);
    assert_eq!(said(&world), ["replacing it again, or the next go-live"]);
}

/// Killed while a machine is made anew, nobody makes it a second time by himself: a human is asked.
#[test]
fn an_interrupted_replacement_is_not_repeated_by_itself() {
    let mut world = world(407, &small());
    world.must("raj", flag("web-02"));
    world.must("raj", commit());
    world.hosts[1].wrong.push((LaneStep::Replace, Wrong::Hangs, None));
    world.must("raj", deploy());
    world.run_until(Span::minutes(5), |session| {
        let lane = session.rollout.unit(&unit("web-02")).and_then(|unit| unit.lane.as_ref());
        lane.is_some_and(|lane| lane.step() == LaneStep::Replace)
    });
    world.kill();
    world.run_until(Span::minutes(5), |session| session.rollout.any_troubled());
    world.hosts[1].wrong.clear();
    // What trying it again does is said before.
    let words = "web-02 is being replaced: replace was begun, and may have run; tried again it begins with drain, and \
                 replace runs AGAIN";
    assert_eq!(replaces_again(world.session(), &unit("web-02")).as_deref(), Some(words));
    let list = moves(world.session(), &actor("raj"), world.now());
    let again = list.iter().find(|it| it.what == "try web-02 again").unwrap();
    assert!(again.does.as_deref().unwrap().starts_with(words), "{again:?}");
    world.must("raj", try_again(&unit("web-02")));
    assert_eq!(replaces_again(world.session(), &unit("web-02")), None, "it is under way");
    world.run_until(Span::minutes(10), over);
    assert!(world.session().operations.last.as_ref().unwrap().left.is_empty());
}

/// What should run is what was proven there, or what runs everywhere; else it is not guessed.
#[test]
fn where_nobody_knows_what_should_run_no_host_is_replaced() {
    let mut world = world(408, &small());
    world.hosts[3].installed = Some(crate::simulation::plan::candidate("2.3.9"));
    world.look_soon(3);
    world.run_for(Span::secs(20));
    world.must("raj", flag("web-02"));
    world.must("raj", commit());
    let refusal = world.refused("raj", deploy());
    assert!(refusal.reason.contains("what should run in production is not known"), "{refusal}");
    let mut plain = World::new(409, &small());
    plain.run_for(Span::secs(20));
    assert!(plain.refused("raj", flag("web-02")).reason.contains("declares no way to replace a host"));
}
