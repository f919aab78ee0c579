//! Random worlds: fleets, faults, kills, full journals, jumping clocks, and people at the worst time. Whatever
//! happens, the oracle holds, and with somebody sensible at the keyboard every go-live comes to an end.

use golive::domain::{
    course::{Ending, Phase},
    plan::{Amount, Capacity, EnvironmentKind, Strategy, rules},
    rollout::LaneState,
    session::Session,
    time::Span,
};

use super::{
    chaos::{Wrongs, chaos, faults},
    clouds, fleet, following,
    lock::Foreign,
    people::hotfix,
    plan::{Shape, plan},
    queueing,
    random_plan::{canary, shape, window},
    rehearsing,
    rng::Rng,
    robot::{Robot, Temper},
    superseding,
    world::{Happening, HostFault, World},
};

/// How many seeds `tests/run` tries; more on request.
const SEEDS: u64 = 2000;

/// From now on nothing new goes wrong; what is wrong with the release itself stays.
pub(super) fn heal(world: &mut World) {
    world.kill_per_mille = 0;
    world.plan_for(world.at, Happening::JournalFull(false));
    world.plan_for(world.at, Happening::Balancer(true));
    world.check_faults.clear();
    world.once.wrong.clear();
    world.notices_fail = false;
    world.other_locks_between_kills = false;
    world.plan_for(world.at, Happening::Foreign(Foreign::Dies));
    for index in 0..world.hosts.len() {
        world.hosts[index].wrong.retain(|(_, _, only)| only.is_some());
        world.plan_for(world.at, Happening::Host(index, HostFault::ComesBack));
        world.plan_for(world.at, Happening::Host(index, HostFault::Well));
    }
}

/// How long a stage may take, now and then.
fn budget(seed: u64) -> Option<Span> {
    let mut budgets = Rng::new(seed ^ 0xb4d6);
    budgets.per_mille(300).then(|| Span::minutes(budgets.between(1, 30)))
}

fn rehearsals(world: &mut World, seed: u64, until: u64) {
    let mut rehearsals = Rng::new(seed ^ 0x4e4e);
    if rehearsals.per_mille(200) {
        rehearsing::some_are_over(world, &mut rehearsals, until);
    }
}

/// A world from its seed, with what goes wrong in it.
pub fn run(seed: u64, wrongs: &mut Wrongs) -> World {
    let mut rng = Rng::new(seed ^ 0x5eed);
    let mut shape = shape(&mut rng);
    // From a sequence of its own, so that the worlds of older seeds stay as they were.
    let mut apart = Rng::new(seed ^ 0xca9a);
    if apart.per_mille(300) {
        let other = Shape { strategy: Strategy::Canary(canary(&mut apart)), ..shape.clone() };
        shape = if rules::check(&plan(&other)).is_empty() { other } else { shape };
    }
    if apart.per_mille(400) {
        let other = Shape { compared: true, ..shape.clone() };
        shape = if rules::check(&plan(&other)).is_empty() { other } else { shape };
    }
    shape = super::test_bed::any(seed, Shape { budget: budget(seed), ..shape });
    let mut hours = Rng::new(seed ^ 0x77d0);
    if hours.per_mille(300) {
        shape.window = Some(window(&mut hours));
    }
    let mut stops = Rng::new(seed ^ 0x570b);
    if stops.per_mille(200) {
        let capacity = Capacity {
            max_parallel: stops.per_mille(600).then(|| Amount::Count(stops.between(1, 4) as u32)),
            ..Capacity::default()
        };
        shape = Shape { strategy: Strategy::StopAll, capacity, one_box: false, ..shape };
        assert!(rules::check(&plan(&shape)).is_empty());
    }
    shape = super::colours::in_colours(seed, shape);
    let mut roles = Rng::new(seed ^ 0xc10d);
    if roles.per_mille(200) {
        let other = clouds::any(&mut roles, &shape);
        shape = if rules::check(&plan(&other)).is_empty() { other } else { shape };
    }
    let mut agents = Rng::new(seed ^ 0xa9e7);
    if agents.per_mille(150) {
        let other = following::any(&mut agents, &shape);
        shape = if rules::check(&plan(&other)).is_empty() { other } else { shape };
    }
    let mut second = Rng::new(seed ^ 0x2d60);
    shape.superseding = second.per_mille(150);
    shape.quiet = super::quiet::is_meant(seed, &shape);
    let mut queue = Rng::new(seed ^ 0x9e0e);
    shape.queued = !shape.superseding && queue.per_mille(150);
    let mut upkeep = Rng::new(seed ^ 0x0b5e);
    shape = super::upkeep::some_have_it(&mut upkeep, shape);
    let mut parts = Rng::new(seed ^ 0x9a47);
    if parts.per_mille(200) {
        let other = super::parts::any(&mut parts, &shape);
        shape = if rules::check(&plan(&other)).is_empty() { other } else { shape };
    }
    shape = super::test_bed::with_hours_in_common(super::once::some_have_it(seed, shape));
    for more in [super::branches::some_have_them, super::profiles::any, super::surging::some_have_it] {
        let other = more(seed, shape.clone());
        shape = if rules::check(&plan(&other)).is_empty() { other } else { shape };
    }
    let before = rng.per_mille(900).then_some("2.4.1");
    let mut world = World::with(seed, &shape, before, "2.5.0", true);
    world.run_for(Span::secs(1));
    faults(&mut world, &mut rng, wrongs);
    super::once::goes_wrong(&mut world, seed, wrongs);
    let until = Span::minutes(rng.between(2, 15)).0;
    chaos(&mut world, &mut rng, until, wrongs);
    following::goes_wrong(&mut world, &mut agents, until);
    fleet::grows(&mut world, seed, &shape, until, wrongs);
    if shape.upkeep {
        super::upkeep::asked_for(&mut world, &mut upkeep, until);
    }
    if shape.superseding {
        superseding::another_comes(&mut world, &mut second, until);
    }
    super::quiet::some_ask(&mut world, seed, until);
    if shape.queued {
        queueing::others_come(&mut world, &mut queue, until);
    }
    rehearsals(&mut world, seed, until);
    world.kill_per_mille = *rng.pick(&[0, 0, 1, 5, 20]);
    world.other_locks_between_kills = rng.per_mille(300);
    if hours.per_mille(200) {
        world.say("dana", hotfix(Span::hours(24)));
    }
    let temper = *rng.pick(&[Temper::Forward, Temper::Forward, Temper::Back]);
    let mut robot = Robot::new(temper);
    while world.at < until {
        let pause = Span::secs(rng.between(5, 60));
        world.run_for(pause);
        robot.look(&mut world);
    }
    heal(&mut world);
    // A kill can still take the closing back, and what is under way is cancelled, which takes its time.
    let end = world.at + Span::hours(12).0;
    let ended = |session: &Session| session.course.is_over() && session.flights.is_empty();
    while !(ended(world.session()) && world.turn.settled()) && world.at < end {
        world.run_for(Span::secs(rng.between(5, 90)));
        robot.look(&mut world);
    }
    following::mends(&mut world);
    assert!(world.session().course.is_over(), "seed {seed}: no end within 12 hours\n{}", world.story());
    ends_well(&mut world);
    what_comes_after(&mut world, seed, &shape, &mut queue);
    world
}

/// Those that waited for its end, and now and then another go-live on the same hosts.
fn what_comes_after(world: &mut World, seed: u64, shape: &Shape, queue: &mut Rng) {
    rehearsing::holds(world);
    if shape.queued {
        queueing::goes_on(world, queue);
    }
    if super::second::goes_on(world, seed, shape) {
        ends_well(world);
    }
}

/// What the record says at the end is how the world is.
fn ends_well(world: &mut World) {
    world.holds_at_the_end();
    let ours = world.locks.values().any(|lock| matches!(lock, Some(lock) if lock.ours));
    assert!(!ours, "seed {}: a lock is left behind\n{}", world.seed, world.story());
    let as_is = matches!(world.session().course.ending, Some(Ending::AsIs { .. }));
    let shared = !world.shares.is_empty() && !as_is;
    assert!(!shared, "seed {}: {:?} is not taken back\n{}", world.seed, world.shares, world.story());
    let session = world.session();
    let seed = world.seed;
    assert_ne!(session.course.phase, Phase::RollingBack);
    assert!(session.flights.is_empty(), "seed {seed}: {:?}\n{}", session.flights, world.story());
    for unit in session.rollout.units() {
        let Some(at) = world.index.get(&unit.id) else {
            panic!("seed {seed}: nobody knows {}\n{}", unit.id, world.story())
        };
        let host = &world.hosts[*at];
        let Some(lane) = &unit.lane else { continue };
        if following::told_otherwise(world, unit, lane) {
            continue;
        }
        if matches!(lane.state, LaneState::Done | LaneState::RolledBack) {
            assert_eq!(
                host.installed.as_ref(),
                Some(&lane.to),
                "seed {seed}: {} says {:?}\n{}",
                unit.id,
                lane.state,
                world.story()
            );
            // Faults after the end are none of ours.
            let well = host.up && !host.sick && !host.crashed;
            // What stands by is without traffic on purpose.
            assert!(
                host.serves() || !well || unit.standby,
                "seed {seed}: {} is done and does not serve\n{}",
                unit.id,
                world.story()
            );
        }
    }
    superseding::holds(world);
    super::quiet::holds(world);
    super::profiles::holds(world);
    clouds::roles_hold(world);
    super::surging::holds(world);
    super::once::holds(world);
    following::left_out_keep(world);
    let session = world.session();
    let down = session.rollout.downtime.values().any(golive::domain::rollout::Downtime::is_now);
    let verified = session.course.ending == Some(Ending::Verified);
    assert!(!(down && verified), "seed {seed}: verified, and DOWN\n{}", world.story());
    // A success is a success on every host that it was meant for; what is not says so, with the right figures.
    let live = |name| session.plan().environments[name].kind == EnvironmentKind::Production;
    let here: Vec<_> = session.rollout.units().iter().filter(|unit| live(&unit.environment)).collect();
    let done =
        here.iter().filter(|unit| unit.lane.as_ref().is_some_and(|lane| lane.state == LaneState::Done));
    // What runs something else by now is not on it, whatever was done.
    let done = done.filter(|unit| unit.drift.as_ref().is_none_or(|drift| drift.now.is_none()));
    let (all, left) = (here.len() as u32, here.len() as u32 - done.count() as u32);
    assert!(
        !verified || left == 0,
        "seed {seed}: verified, and {left} hosts are not on it\n{}",
        world.story()
    );
    if let Some(Ending::Partial { new, of }) = session.course.ending {
        assert_eq!((new, of), (all - left, all), "seed {seed}: PARTIAL\n{}", world.story());
    }
    if session.course.ending == Some(Ending::RolledBack) {
        for rollback in session.rollout.rollbacks.values() {
            for unit in &rollback.units {
                let lane = session.rollout.unit(unit).and_then(|unit| unit.lane.as_ref());
                let back = lane.is_some_and(|lane| lane.state == LaneState::RolledBack);
                assert!(
                    back || rollback.left.contains(unit),
                    "seed {seed}: {unit} was forgotten\n{}",
                    world.story()
                );
            }
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// [W16] [W19] Capacity is kept, no host starts while another needs a human, nothing is done twice, and every
/// rollout ends, whatever goes wrong. `GOLIVE_SEEDS` says how many worlds, `GOLIVE_SEED` names one.
#[test]
#[expect(clippy::print_stdout, reason = "one seed is run to read its story")]
fn whatever_goes_wrong_the_rules_hold_and_every_go_live_ends() {
    if let Some(seed) = number("GOLIVE_SEED") {
        let world = run(seed, &mut Wrongs::default());
        println!("{}", world.story());
        return;
    }
    let seeds = number("GOLIVE_SEEDS").unwrap_or(SEEDS);
    for world in super::broken::all() {
        run(world.world, &mut world.wrongs());
    }
    let next = std::sync::atomic::AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(4);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    run(seed, &mut Wrongs::default());
                }
            });
        }
    });
}
