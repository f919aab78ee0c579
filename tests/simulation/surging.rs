//! Spare hosts, which come in while a canary is on its way: in some worlds, and what holds of them whatever happens.

use golive::domain::{
    course::Ending,
    plan::{Amount, Capacity, Strategy, rules},
    rollout::LaneState,
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
    for unit in session.rollout.units().iter().filter(|unit| unit.environment.as_str() == PRODUCTION) {
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
