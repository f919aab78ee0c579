//! The simulated fleet: what happens to a host, and hosts that are there before a plan has them.

use super::{
    host::Host,
    plan::{PRODUCTION, candidate, environment, unit},
    world::{HostFault, World},
};

impl World {
    /// Hosts of production that the plan does not have yet, numbered after those that it has. They run what the others
    /// run, and are in the pool.
    pub fn spare_hosts(&mut self, count: u32) {
        let first = self.hosts.iter().find(|host| host.environment.as_str() == PRODUCTION).cloned();
        let runs = first.and_then(|host| host.runs).map(|version| candidate(version.as_str()));
        let before = self.hosts.len() as u32;
        for number in before + 1..=before + count {
            let id = unit(&format!("web-{number:02}"));
            self.index.insert(id.clone(), self.hosts.len());
            self.units.push(id);
            self.looking.push(false);
            self.hosts.push(Host::new(environment(PRODUCTION), runs.clone(), true));
        }
    }

    pub(super) fn host_fault(&mut self, index: usize, fault: HostFault) {
        self.note(&format!("{} {fault:?}", self.units[index]));
        let host = &mut self.hosts[index];
        match fault {
            HostFault::Dies => host.up = false,
            HostFault::ComesBack => {
                host.strange |= !host.up || host.crashed;
                host.up = true;
                if std::mem::take(&mut host.crashed) {
                    host.runs = host.installed.as_ref().map(|installed| installed.version.clone());
                }
            }
            HostFault::PutBack => host.put_back(),
            HostFault::TakenOut => drop(host.take_out(true)),
            HostFault::Sick => host.sick = true,
            HostFault::Well => host.sick = false,
            HostFault::Crashes if host.runs.is_some() => {
                host.runs = None;
                host.crashed = true;
            }
            HostFault::Crashes => {}
        }
        self.look_soon(index);
    }
}
