//! Spare hosts, which come in while a canary is on its way: in some worlds, and what holds of them whatever happens.

use std::collections::BTreeSet;

use golive::domain::{
    course::{CourseEvent, Ending},
    effect::PoolState,
    event::{Event, Stamped},
    plan::{Amount, Capacity, Strategy, rules},
    rollout::{LaneState, RolloutEvent},
};

use super::{
    plan::{PRODUCTION, Shape, plan},
    rng::Rng,
    world::World,
};

/// Some canaries have spare hosts; some of those may then give up none that has to serve.
pub fn some_have_it(seed: u64, shape: Shape) -> Shape {
    let mut rng = Rng::new(seed ^ 0x5a9e);
    if !matches!(shape.strategy, Strategy::Canary(_)) || !rng.per_mille(400) {
        return shape;
    }
    let spares = rng.between(1, 3) as u32;
    let all = Capacity {
        max_parallel: Some(Amount::Count(rng.between(1, 3) as u32)),
        min_healthy: Some(Amount::Percent(10_000)),
        max_unavailable: None,
    };
    let capacity = match rng.below(3) {
        0 => Capacity::default(),
        1 => all,
        _ => shape.capacity,
    };
    let other = Shape { spares, capacity, one_box: false, compared: false, ..shape.clone() };
    if rules::check(&plan(&other)).is_empty() { other } else { shape }
}

/// Where all went forward or all went back, whoever stands by is out of traffic again and the others serve.
pub fn holds(world: &World) {
    let session = world.session();
    if matches!(
        session.course.ending,
        None | Some(Ending::AsIs { .. } | Ending::Abandoned { .. } | Ending::NoGo { .. })
    ) {
        return;
    }
    // Whom somebody has taken out at its end is missed: a spare host stays for it, and nobody calls it back later.
    let mut out = BTreeSet::new();
    let closed = |it: &&Stamped| matches!(it.event, Event::Course(CourseEvent::Closed { .. }));
    for stamped in world.journal.durable.iter().take_while(|it| !closed(it)) {
        if let Event::Rollout(RolloutEvent::UnitSeen { unit, seen }) = &stamped.event {
            let mine = session.rollout.unit(unit).is_some_and(|unit| !unit.spare);
            if mine && !matches!(seen.pool, PoolState::In | PoolState::None) {
                out.insert(unit.clone());
            } else {
                out.remove(unit);
            }
        }
    }
    for unit in session.rollout.units().iter().filter(|unit| unit.environment.as_str() == PRODUCTION) {
        if unit.spare && !unit.standby && !out.is_empty() {
            continue;
        }
        let through = unit.lane.as_ref().is_some_and(|lane| {
            !lane.upkeep && matches!(lane.state, LaneState::Done | LaneState::RolledBack)
        });
        assert!(
            !through || unit.spare == unit.standby || session.plan().takes_clouds(&unit.environment),
            "seed {}: {} is spare: {}, stands by: {}\n{}",
            world.seed,
            unit.id,
            unit.spare,
            unit.standby,
            world.story()
        );
    }
}
