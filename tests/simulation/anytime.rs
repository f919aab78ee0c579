//! The same thing done at every moment of a good rollout: it must come out right at each of them, and by itself.

use golive::domain::{course::Phase, rollout::troubles, time::Span};

use super::{
    host::Host,
    people::{go_on, hold, roll_back},
    plan::{Shape, candidate},
    world::World,
};

/// A rollout of three hosts takes about two minutes; one moment in each second and a bit.
const MOMENTS: u64 = 110;

fn at_moment(seed: u64, moment: u64) -> World {
    let shape = Shape { hosts: 3, validations: false, ..Shape::default() };
    let mut world = World::new(seed, &shape);
    world.under_way();
    world.run_for(Span::millis(moment * 1_130));
    world
}

#[track_caller]
fn comes_back(world: &mut World) {
    let touched = !world.session().rollout.touched().is_empty();
    let answer = world.ask("sam", roll_back());
    assert_eq!(answer.is_ok(), touched, "seed {}: {answer:?}\n{}", world.seed, world.story());
    if !touched {
        return;
    }
    world.reaches(Phase::RolledBack, Span::minutes(4));
    assert!(troubles(world.session()).is_empty(), "{}", world.story());
    assert!(world.session().notices.notices.is_empty(), "nobody was paged\n{}", world.story());
    world.run_for(Span::secs(10));
    for (host, unit) in world.hosts.iter().zip(world.session().rollout.units()) {
        assert_eq!(host.installed, Some(candidate("2.4.1")), "{}\n{}", unit.id, world.story());
        assert!(host.serves(), "{}\n{}", unit.id, world.story());
        assert!(!unit.out);
    }
}

/// [W22] A rollback comes to its end by itself, whenever it is asked for.
#[test]
fn a_rollback_at_any_moment_brings_every_touched_host_back_without_a_human() {
    for moment in 0..MOMENTS {
        comes_back(&mut at_moment(moment, moment));
    }
}

#[test]
fn a_rollback_right_after_a_kill_at_any_moment_does_so_too() {
    for moment in 0..MOMENTS {
        let mut world = at_moment(1_000 + moment, moment);
        world.kill();
        world.run_for(Span::millis(moment * 37));
        comes_back(&mut world);
    }
}

#[test]
fn a_kill_during_a_rollback_at_any_moment_loses_no_host() {
    for moment in 0..MOMENTS {
        let mut world = at_moment(2_000 + moment, 60);
        world.must("sam", roll_back());
        world.run_for(Span::millis(moment * 300));
        world.kill();
        world.reaches(Phase::RolledBack, Span::minutes(5));
        world.run_for(Span::secs(10));
        assert!(world.hosts.iter().all(Host::serves), "{}", world.story());
    }
}

#[test]
fn a_kill_at_any_moment_of_a_good_rollout_changes_nothing_but_the_time() {
    for moment in 0..MOMENTS {
        let mut world = at_moment(3_000 + moment, moment);
        world.kill();
        world.reaches(Phase::LiveUnverified, Span::minutes(10));
        for host in &world.hosts {
            assert_eq!(host.installed, Some(candidate("2.5.0")));
            assert!(host.serves());
        }
    }
}

#[test]
fn a_hold_at_any_moment_stands_still_and_goes_on() {
    for moment in 0..MOMENTS {
        let mut world = at_moment(4_000 + moment, moment);
        world.must("sam", hold());
        world.run_for(Span::hours(2));
        assert!(!world.session().rollout.units().iter().any(|unit| unit.out), "{}", world.story());
        assert!(troubles(world.session()).is_empty(), "{}", world.story());
        world.must("sam", go_on());
        world.reaches(Phase::LiveUnverified, Span::minutes(10));
    }
}
