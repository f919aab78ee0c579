//! Random worlds in which one cloud serves and the others stand by.

use golive::domain::{
    course::Ending,
    name::CloudName,
    plan::{Capacity, CloudPauses, CloudStep, Strategy, ZeroDowntime},
    rollout::{LaneState, Unit, primary},
    time::Span,
};

use super::{
    plan::{PRODUCTION, Shape, check, cloud, environment},
    rng::Rng,
    world::World,
};

/// The same fleet in clouds, of which one serves: in any order, with or without a test and pauses.
pub fn any(rng: &mut Rng, shape: &Shape) -> Shape {
    let clouds = if shape.hosts >= 3 && rng.per_mille(400) { 3 } else { 2 };
    let mut order: Vec<CloudName> = ["b", "c"].iter().take(clouds - 1).map(|name| cloud(name)).collect();
    if rng.per_mille(500) {
        order.reverse();
    }
    order.push(cloud("a"));
    let mut pause = CloudPauses::default();
    if rng.per_mille(200) {
        pause.before.push(CloudStep::Switch);
    }
    if rng.per_mille(200) {
        pause.after.push(CloudStep::Apply(order[0].clone()));
    }
    let strategy = ZeroDowntime {
        takes_over: rng.per_mille(300).then(|| cloud("b")),
        order,
        verify: rng.per_mille(700).then(|| check("reachable")).into_iter().collect(),
        pause,
        within: Span::secs(*rng.pick(&[60, 120])),
    };
    Shape {
        strategy: Strategy::ZeroDowntime(strategy),
        clouds: clouds as u32,
        capacity: Capacity::default(),
        one_box: false,
        compared: false,
        ..shape.clone()
    }
}

/// Where all went forward or all went back, the hosts of the primary serve and the others stand by.
pub fn roles_hold(world: &World) {
    let session = world.session();
    if matches!(
        session.course.ending,
        None | Some(Ending::AsIs { .. } | Ending::Abandoned { .. } | Ending::NoGo { .. })
    ) {
        return;
    }
    let place = environment(PRODUCTION);
    if !session.plan().takes_clouds(&place) {
        return;
    }
    let Some(primary) = primary(session, &place) else { return };
    let ended = |unit: &&Unit| {
        unit.environment == place
            && unit
                .lane
                .as_ref()
                .is_some_and(|lane| matches!(lane.state, LaneState::Done | LaneState::RolledBack))
    };
    // Who took over in a drill goes on serving where home can't be seen to carry all: its end names them as left.
    let took_over =
        |unit: &Unit| unit.lane.as_ref().is_some_and(|lane| lane.upkeep && !lane.stands_by) && !unit.standby;
    for unit in session.rollout.units().iter().filter(ended).filter(|unit| !took_over(unit)) {
        let serves = unit.cloud.as_ref() == Some(primary);
        assert!(
            serves != unit.standby,
            "seed {}: {} of {:?}, {primary} is primary, stands by: {}\n{}",
            world.seed,
            unit.id,
            unit.cloud,
            unit.standby,
            world.story()
        );
    }
}
