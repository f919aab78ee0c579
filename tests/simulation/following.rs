//! Random worlds whose hosts follow a store: any such fleet, and what goes wrong with agents and store.

use golive::domain::{
    course::Ending,
    plan::{Converging, Rolling, Strategy},
    rollout::{Lane, LaneState, Unit},
    time::Span,
};

use super::{
    agents::Agents,
    plan::{PRODUCTION, Shape, environment},
    random_plan::rolling,
    rng::Rng,
    world::{Happening, World},
};

/// The same fleet, changed by agents: with one key, or a key each.
pub fn any(rng: &mut Rng, shape: &Shape) -> Shape {
    let per_host = rng.per_mille(600);
    let batches = if per_host { rolling(rng) } else { Rolling::default() };
    let batches = Rolling { failures: None, ..batches };
    let strategy = Strategy::Converge(Converging { batches, all_at_once: !per_host });
    let agents = Some(per_host);
    Shape { strategy, agents, balanced: false, one_box: false, compared: false, ..shape.clone() }
}

/// Agents that fall silent, hosts that are changed by hand, a store that goes away, and somebody else who sets it.
pub fn goes_wrong(world: &mut World, rng: &mut Rng, until: u64) {
    let place = environment(PRODUCTION);
    if world.how(&place).is_none() {
        return;
    }
    world.sets_late = if rng.per_mille(300) { 150 } else { 0 };
    let hosts: Vec<usize> =
        (0..world.hosts.len()).filter(|index| world.hosts[*index].environment == place).collect();
    for _ in 0..rng.below(6) {
        let at = rng.between(world.at, until);
        let index = *rng.pick(&hosts);
        let (what, later) = match rng.below(5) {
            0 => (Agents::Silent(index, true), Some(Agents::Silent(index, false))),
            1 => (Agents::ByHand(index, (*rng.pick(&["2.4.0", "2.4.1", "2.5.0"])).into()), None),
            2 | 3 => (Agents::Store(place.clone(), true), Some(Agents::Store(place.clone(), false))),
            _ => (Agents::Sets(place.clone(), (*rng.pick(&["2.4.9", "2.4.1"])).into(), "lee".into()), None),
        };
        world.plan_for(at, Happening::Agents(what));
        if let Some(later) = later {
            let back = at + rng.between(1_000_000, 400_000_000);
            world.plan_for(back.min(until), Happening::Agents(later));
        }
    }
}

/// What was changed by hand its agent mends at its next look.
pub fn mends(world: &mut World) {
    if !world.stores.is_empty() {
        world.run_for(Span::minutes(3));
    }
}

/// Somebody else's word stands in the store: the agent does what that says.
pub fn told_otherwise(world: &World, unit: &Unit, lane: &Lane) -> bool {
    world.stores.get(&unit.environment).is_some_and(|store| {
        let own = store.keys.get(&Some(unit.id.clone())).or_else(|| store.keys.get(&None));
        own.and_then(|key| key.version.as_ref()) != Some(&lane.to.version)
    })
}

/// Where each host has a key, what was left out is not told the new version by us.
pub fn left_out_keep(world: &World) {
    let session = world.session();
    if !matches!(session.course.ending, Some(Ending::Verified | Ending::Partial { .. })) {
        return;
    }
    for unit in session.rollout.units() {
        let out = unit.lane.as_ref().is_some_and(|lane| matches!(lane.state, LaneState::Excluded { .. }));
        let store = world.stores.get(&unit.environment).filter(|_| out);
        let Some(key) = store.and_then(|store| store.keys.get(&Some(unit.id.clone()))) else { continue };
        let new = &session.course.release.candidate.version;
        let told = key.version.as_ref() == Some(new) && key.by.as_deref() == Some("golive");
        let from = session.pipeline.from_in(&unit.environment).flatten();
        assert!(
            !told || from.is_none_or(|from| from.version == *new),
            "seed {}: {} was left out and is told {new}\n{}",
            world.seed,
            unit.id,
            world.story()
        );
    }
}
