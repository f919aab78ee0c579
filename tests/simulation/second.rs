//! The next go-live on the same hosts, one of which is down from its beginning: after one that ended PARTIAL, and now
//! and then after another one. It comes back, or does not before everything is mended.

use golive::domain::{course::Ending, plan::Strategy, session::Session, time::Span};

use super::{
    plan::Shape,
    random::heal,
    rng::Rng,
    robot::{Robot, Temper},
    world::{Happening, HostFault, World},
};

/// Whether there was one. From a sequence of its own, so that the worlds of older seeds stay as they were.
pub fn goes_on(world: &mut World, seed: u64, shape: &Shape) -> bool {
    let mut rng = Rng::new(seed ^ 0x2ec0);
    let partial = matches!(world.session().course.ending, Some(Ending::Partial { .. }));
    let plain = matches!(shape.strategy, Strategy::Rolling(_) | Strategy::Canary(_));
    // The plan of a hotfix asks for its review.
    let hotfix = world.session().course.hotfix.is_some();
    let other = shape.agents.is_some() || shape.superseding || shape.queued || hotfix;
    if !plain || other || !rng.per_mille(if partial { 800 } else { 60 }) {
        return false;
    }
    world.opens_next("2.6.0");
    let from = world.at;
    let until = from + Span::minutes(rng.between(2, 12)).0;
    let index = rng.below(world.hosts.len() as u64) as usize;
    let how = *rng.pick(&[HostFault::Dies, HostFault::Crashes, HostFault::TakenOut]);
    world.plan_for(from, Happening::Host(index, how));
    if rng.per_mille(500) {
        let at = rng.between(from, until);
        for mended in [HostFault::ComesBack, HostFault::Well, HostFault::PutBack] {
            world.plan_for(at, Happening::Host(index, mended));
        }
    }
    world.kill_per_mille = *rng.pick(&[0, 0, 5]);
    let mut robot = Robot::new(*rng.pick(&[Temper::Forward, Temper::Forward, Temper::Back]));
    while world.at < until {
        world.run_for(Span::secs(rng.between(5, 60)));
        robot.look(world);
    }
    heal(world);
    let end = world.at + Span::hours(12).0;
    let ended = |session: &Session| session.course.is_over() && session.flights.is_empty();
    while !(ended(world.session()) && world.turn.settled()) && world.at < end {
        world.run_for(Span::secs(rng.between(5, 90)));
        robot.look(world);
    }
    assert!(
        world.session().course.is_over(),
        "seed {seed}: the second did not end within 12 hours\n{}",
        world.story()
    );
    true
}
