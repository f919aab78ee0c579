//! Time that nobody observed bakes nothing and settles nothing.

use golive::domain::{
    course::Phase,
    pipeline::{StageState, bake_left},
    session::Session,
    time::Span,
};

use super::ways::small;
use crate::simulation::{
    plan::Shape,
    world::{Happening, World},
};

fn left(world: &World) -> Span {
    bake_left(world.session(), &world.session().pipeline.stages[0], world.now()).expect("it bakes")
}

fn baking(session: &Session) -> bool {
    session.pipeline.stages[0].state == StageState::Baking
}

/// [R30] A bake survives a restart: what had 10 minutes left has at least 10 min and at most 10 min 10 s left.
#[test]
fn a_bake_that_had_ten_minutes_left_has_them_after_a_kill() {
    for seed in 0..20 {
        let mut world = World::new(seed, &Shape { bake: Span::minutes(15), ..small() });
        world.under_way();
        world.run_until(Span::hours(1), baking);
        let pause = world.rng.below(Span::secs(20).0);
        world.run_for(Span(left(&world).0 - Span::minutes(10).0));
        world.kill();
        assert!(left(&world) >= Span::minutes(10), "seed {seed}: {}", left(&world));
        assert!(
            left(&world) <= Span(Span::minutes(10).0 + Span::secs(10).0),
            "seed {seed}: {}",
            left(&world)
        );
        world.run_for(Span(pause));
        let before = left(&world);
        world.soon(Span(1), Happening::Suspends(Span::hours(9)));
        world.run_for(Span(2));
        assert!(before.0 - left(&world).0 < 1_000, "the machine slept: nothing baked");
        world.run_until(Span::minutes(11), |session| session.pipeline.stages[0].state == StageState::Ready);
    }
}

#[test]
fn a_hold_lets_the_bake_run_and_keeps_its_end() {
    let mut world = World::new(31, &small());
    world.under_way();
    world.run_until(Span::hours(1), baking);
    world.must("sam", crate::simulation::people::hold());
    world.run_for(Span::hours(1));
    assert!(baking(world.session()), "no bake ends while held");
    assert_eq!(left(&world), Span::ZERO);
    world.must("sam", crate::simulation::people::go_on());
    assert_eq!(world.session().pipeline.stages[0].state, StageState::Ready);
}

#[test]
fn a_host_that_flaps_settles_only_after_an_unbroken_healthy_time() {
    let mut world = World::new(32, &small());
    world.timings.look = (1_000, 2_000);
    world.under_way();
    let settles = |session: &Session| {
        session.rollout.units()[0].lane.as_ref().is_some_and(|lane| lane.state.word() == "settling")
    };
    world.run_until(Span::minutes(5), settles);
    for _ in 0..10 {
        world.run_for(Span::secs(8));
        assert!(settles(world.session()), "{}", world.story());
        world.hosts[0].sick = true;
        world.look_soon(0);
        world.run_for(Span::secs(1));
        world.hosts[0].sick = false;
        world.look_soon(0);
        world.run_for(Span::millis(100));
    }
    world.reaches(Phase::LiveUnverified, Span::minutes(5));
}
