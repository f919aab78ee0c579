//! Random worlds whose hosts follow a store: any such fleet, and what goes wrong with agents and store.

use golive::domain::{
    plan::{Converging, Rolling, Strategy},
    rollout::{Lane, Unit},
    time::Span,
};

use super::{
    agents::Agents,
    plan::{PRODUCTION, Shape, environment},
    random::rolling,
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
