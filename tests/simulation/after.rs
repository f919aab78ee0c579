//! The fleet as a session finds it: what runs there, and who stands by, as the project's own stream has it.

use std::sync::Arc;

use golive::domain::{
    effect::PoolState,
    name::UnitId,
    plan::{Adopted, Balancer},
    project::Project,
};
#[cfg(test)]
use golive::domain::{
    event::{Event, Stamped},
    plan::Plan,
    project::ProjectEvent,
    time::Now,
};

use super::{host::Host, parts::release};
#[cfg(test)]
use super::{
    plan::{Shape, plan},
    world::World,
};

/// Every host, in the order of the plan. What stands by was taken out before.
pub fn fleet(
    adopted: &Arc<Adopted>,
    before: Option<&str>,
    balanced: bool,
    project: &Project,
) -> (Vec<Host>, Vec<UnitId>) {
    let read = adopted.with_primaries(&project.primaries(&adopted.plan));
    let now = &read.plan;
    let release = before.map(|version| release(now, version));
    let (mut hosts, mut units) = (Vec::new(), Vec::new());
    for (environment, pool) in now.pools() {
        let stands_by = now.takes_clouds(&environment.name) && pool.cloud.as_ref() != environment.primary();
        for host in &pool.hosts {
            let part = Some(&pool.component).filter(|_| now.has_parts());
            let known = *now.balancer(environment, part) != Balancer::None;
            let runs = release.as_ref().map(|release| release.of(part));
            let mut runs = Host::new(environment.name.clone(), runs, balanced && known);
            runs.part = part.cloned();
            if stands_by || host.spare {
                runs.pool = PoolState::Out;
            }
            hosts.push(runs);
            units.push(host.unit.clone());
        }
    }
    (hosts, units)
}

#[cfg(test)]
impl World {
    /// A session that is opened after what the project's stream says, with something else in its plan.
    pub fn after(seed: u64, shape: &Shape, project: &Project, change: impl FnOnce(&mut Plan)) -> Self {
        let mut plan = plan(shape);
        change(&mut plan);
        Self::begin(seed, shape, plan, (Some("2.4.1"), "2.5.0"), true, project)
    }
}

/// The project's stream says this.
#[cfg(test)]
pub fn told(project: &mut Project, event: ProjectEvent, now: Now) {
    let (actor, event) = (super::world::actor("dana"), Event::Project(event));
    project.apply(&Stamped { seq: 1, now, epoch: 1, actor, event });
}
