//! Projects of two parts: web, and a worker that waits for it. What they look like, and what goes wrong between them.

use std::collections::BTreeMap;

use golive::domain::{
    effect::Candidate,
    name::{ComponentName, Digest, PoolId, UnitId, Version},
    plan::{
        Amount, Artifact, Capacity, Component, Driver, Environment, FailureMode, Own, Plan, Pool, Rolling,
        Strategy, Threshold, Tier,
    },
};

use super::{plan::Shape, rng::Rng};
use crate::plan_parts::{candidate, host, template};

/// What the second part is like.
#[derive(Clone, Debug)]
pub struct Parts {
    pub workers: u32,
    pub barrier: Threshold,
    /// Each has an artifact of its own.
    pub apart: bool,
    /// The workers are on the first hosts of web, and not on hosts of their own.
    pub beside: bool,
    /// How many workers have to be kept; none: what the environment says.
    pub keeps: Option<u32>,
    /// How many workers may be under way at once where so many have to be kept; none: what the environment says.
    pub at_once: Option<u32>,
}

pub fn component(name: &str) -> ComponentName {
    ComponentName::new(name).unwrap()
}

fn one(name: &str, own: Own) -> (ComponentName, Component) {
    let name = component(name);
    let depends = Vec::new();
    let (tier, failure) = (Tier::CRITICAL, FailureMode::Down);
    (name.clone(), Component { name, tier, owner: None, failure, depends, external: false, own })
}

/// Every pool of the plan is web's, and production and all else get workers as well.
pub fn arrange(plan: &mut Plan, parts: &Parts) {
    let artifact = |name: &str| {
        parts.apart.then(|| Artifact { source: template(&format!("dist/{name}-{{version}}.tar.gz")) })
    };
    let of = |keeps: u32| Capacity {
        min_healthy: Some(Amount::Count(keeps)),
        max_parallel: parts.at_once.map(Amount::Count),
        ..Capacity::default()
    };
    let capacity = parts.keeps.map(of);
    let web = Own { artifact: artifact("web"), ..Own::default() };
    let worker = Own {
        after: Some(component("web")),
        barrier: parts.barrier,
        artifact: artifact("worker"),
        unbalanced: true,
        capacity,
        ..Own::default()
    };
    plan.components = BTreeMap::from([one("web", web), one("worker", worker)]);
    for environment in plan.environments.values_mut() {
        of_two(environment, parts);
    }
}

fn of_two(environment: &mut Environment, parts: &Parts) {
    if let Driver::Exec { verbs, .. } = &mut environment.driver {
        for verb in verbs.values_mut() {
            verb.argv.push(template("{component}"));
        }
    }
    let web = environment.pools.remove(0);
    let of = |name: &str, hosts: Vec<golive::domain::plan::Host>| Pool {
        id: PoolId::new(&format!("{name}@{}", environment.name)).unwrap(),
        component: component(name),
        cloud: None,
        colour: None,
        hosts: hosts
            .into_iter()
            .map(|mut host| {
                host.unit = UnitId::new(&format!("{name}@{}", host.name)).unwrap();
                host
            })
            .collect(),
    };
    let workers: Vec<_> = if parts.beside {
        web.hosts.iter().take(parts.workers as usize).cloned().collect()
    } else {
        let prefix = if environment.name.as_str() == super::plan::PRODUCTION { "job" } else { "try" };
        (1..=parts.workers).map(|n| host(&format!("{prefix}-{n:02}"), 9090)).collect()
    };
    environment.pools = vec![of("web", web.hosts), of("worker", workers)];
}

/// The artifacts of this version, as the plan tells them apart.
pub fn release(plan: &Plan, version: &str) -> Candidate {
    let parts = plan.told_apart();
    if parts.is_empty() {
        return candidate(version);
    }
    let digest = |name: &ComponentName| Digest::of(format!("{name} {version}").as_bytes());
    let parts = parts.into_iter().map(|it| (it.name.clone(), digest(&it.name))).collect();
    Candidate::of_parts(Version::new(version).unwrap(), parts)
}

/// The same project with a second part.
pub fn any(rng: &mut Rng, shape: &Shape) -> Shape {
    let workers = rng.between(1, 4) as u32;
    let barrier = match rng.below(4) {
        0 => Threshold::All,
        1 => Threshold::Hosts(rng.between(2, 3) as u32),
        _ => Threshold::Hosts(1),
    };
    let parts = Parts {
        workers,
        barrier,
        apart: rng.per_mille(500),
        beside: rng.per_mille(300),
        keeps: match workers {
            1 => Some(0),
            _ => rng.per_mille(500).then(|| rng.below(u64::from(workers)) as u32),
        },
        at_once: rng.per_mille(400).then_some(1),
    };
    let strategy = match &shape.strategy {
        Strategy::Rolling(rolling) => Strategy::Rolling(Rolling { by: None, ..rolling.clone() }),
        Strategy::StopAll => Strategy::StopAll,
        _ => Strategy::Rolling(Rolling { by: None, ..super::random_plan::rolling(rng) }),
    };
    // What counts what each host serves knows nothing of workers; what replaces a host knows of one part only.
    Shape {
        parts: Some(parts),
        strategy,
        compared: false,
        upkeep: false,
        agents: None,
        clouds: 2,
        ..shape.clone()
    }
}
