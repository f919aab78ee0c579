//! The simulated fleet: what happens to a host, and hosts that are there before a plan has them.

use golive::domain::{
    effect::{Effect, PoolState, Target},
    name::PersonName,
    plan::Strategy,
    time::Span,
};

use super::{
    chaos::Wrongs,
    host::Host,
    parts::release,
    people::adopt,
    plan::{PRODUCTION, Shape, environment, plan, unit},
    rng::Rng,
    world::{Happening, HostFault, World},
};

/// Hosts join now and then, while it rolls out or before: such as run what the others run, and empty machines. What may
/// not be is refused. From a sequence of its own, so that the worlds of older seeds stay as they were.
pub fn grows(world: &mut World, seed: u64, shape: &Shape, until: u64, wrongs: &mut Wrongs) {
    strangers(world, seed, shape, until, wrongs);
    let mut rng = Rng::new(seed ^ 0x960e);
    let plain = matches!(shape.strategy, Strategy::Rolling(_) | Strategy::Canary(_)) && shape.parts.is_none();
    let grows = rng.per_mille(250);
    // Where sides, clouds or components go together as well; of agents each host has its own from the beginning.
    let together = Rng::new(seed ^ 0x960f).per_mille(250);
    if shape.agents.is_some() || !(if plain { grows } else { together }) {
        return;
    }
    let empty = rng.per_mille(600);
    let more = rng.between(1, 4) as u32;
    world.spare_hosts(more, empty);
    world.workers_beside(shape, more, empty);
    for _ in 0..rng.between(1, 3) {
        let hosts = shape.hosts + rng.between(1, u64::from(more)) as u32;
        let asked = Box::new(adopt(&Shape { hosts, ..shape.clone() }).into());
        let dana = PersonName::new("dana").unwrap();
        wrongs.comes(world, rng.below(until), Happening::Says(dana, asked));
    }
}

/// Where no two versions may run side by side, something else answers on a host now and then, for a while: before the start,
/// or while it is stopped. From a sequence of its own as well.
fn strangers(world: &mut World, seed: u64, shape: &Shape, until: u64, wrongs: &mut Wrongs) {
    let mut rng = Rng::new(seed ^ 0x57a6);
    if shape.strategy != Strategy::StopAll || !rng.per_mille(400) {
        return;
    }
    for _ in 0..rng.between(1, 3) {
        let (host, at) = (rng.below(world.hosts.len() as u64) as usize, rng.below(until));
        let ends = (at + rng.below(Span::minutes(5).0)).min(until);
        wrongs.comes(world, ends, Happening::Host(host, HostFault::Stranger(false)));
        wrongs.comes(world, at, Happening::Host(host, HostFault::Stranger(true)));
    }
}

impl World {
    /// Hosts of production that the plan does not have yet, numbered after those that it has. They run what the others
    /// run, and are in the pool; or nothing is on them, and they are in no pool.
    pub fn spare_hosts(&mut self, count: u32, empty: bool) {
        let here = |host: &&Host| host.environment.as_str() == PRODUCTION;
        let first = self.hosts.iter().find(here).cloned();
        let balanced = first.as_ref().is_none_or(|host| host.pool != PoolState::None);
        let part = first.as_ref().and_then(|host| host.part.clone());
        let plan = self.session().plan();
        let runs = first.and_then(|host| host.runs);
        let runs = runs.map(|version| release(plan, version.as_str()).of(part.as_ref()));
        let runs = runs.filter(|_| !empty);
        let of_part = |host: &&Host| here(host) && host.part == part;
        let before = self.hosts.iter().filter(of_part).count() as u32;
        for number in before + 1..=before + count {
            let id = match &part {
                None => unit(&format!("web-{number:02}")),
                Some(part) => unit(&format!("{part}@web-{number:02}")),
            };
            self.index.insert(id.clone(), self.hosts.len());
            self.units.push(id);
            self.looking.push(false);
            let mut host = Host::new(environment(PRODUCTION), runs.clone(), balanced);
            host.part.clone_from(&part);
            if empty && balanced {
                host.pool = PoolState::Out;
            }
            self.hosts.push(host);
        }
    }

    /// Where workers are on the hosts of web, more hosts mean more workers.
    fn workers_beside(&mut self, shape: &Shape, more: u32, empty: bool) {
        let grown = plan(&Shape { hosts: shape.hosts + more, ..shape.clone() });
        let place = &grown.environments[&environment(PRODUCTION)];
        for (pool, host) in
            place.pools.iter().flat_map(|pool| pool.hosts.iter().map(move |host| (pool, host)))
        {
            if self.index.contains_key(&host.unit) {
                continue;
            }
            let like = self.hosts.iter().find(|host| host.part.as_ref() == Some(&pool.component)).cloned();
            let runs = like.as_ref().and_then(|host| host.installed.clone()).filter(|_| !empty);
            let mut host_of = Host::new(environment(PRODUCTION), runs, false);
            host_of.part = Some(pool.component.clone());
            self.index.insert(host.unit.clone(), self.hosts.len());
            self.units.push(host.unit.clone());
            self.looking.push(false);
            self.hosts.push(host_of);
        }
    }

    /// The balancer was started anew, and holds what it is configured to.
    pub(super) fn forgets(&mut self) {
        let now = self.now().session;
        for host in &mut self.hosts {
            host.changed = Some(now);
            host.put_back();
        }
        self.forgets_weights();
    }

    /// What was cancelled, or whose conductor is gone, was carried out all the same.
    pub(super) fn unheard(&mut self, effect: &Effect) {
        let unit = match &effect.id.target {
            Target::Unit(unit) | Target::Pool(unit) => Some(unit),
            _ => None,
        };
        if let Some(index) = unit.and_then(|unit| self.index.get(unit)) {
            self.hosts[*index].changed = Some(self.now().session);
        }
    }

    pub(super) fn host_fault(&mut self, index: usize, fault: HostFault) {
        self.note(&format!("{} {fault:?}", self.units[index]));
        let now = self.now().session;
        let host = &mut self.hosts[index];
        host.changed = Some(now);
        match fault {
            HostFault::Dies => host.up = false,
            HostFault::ComesBack => {
                host.strange |= !host.up || host.crashed;
                host.up = true;
                host.stranger = None;
                if std::mem::take(&mut host.crashed) {
                    host.runs = host.installed.as_ref().map(|installed| installed.version.clone());
                }
            }
            HostFault::PutBack => host.put_back(),
            HostFault::TakenOut => drop(host.take_out(true)),
            HostFault::Sick => host.sick = true,
            HostFault::Well => host.sick = false,
            HostFault::Stranger(comes) => {
                host.stranger = comes.then(|| "0.0.2".to_owned());
                host.crashed |= comes && host.runs.is_some();
                host.runs = host.runs.take().filter(|_| !comes);
            }
            HostFault::Crashes if host.runs.is_some() => {
                host.runs = None;
                host.crashed = true;
            }
            HostFault::Crashes => {}
        }
        self.look_soon(index);
    }
}
