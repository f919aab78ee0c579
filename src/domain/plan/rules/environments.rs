//! Environments: they have hosts, each host is one thing in one place, and what their commands ask for is there.

use std::collections::BTreeMap;

use super::{Broken, Kind, Place};
use crate::domain::{
    counted::counted,
    name::UnitId,
    plan::{
        AgentReports, Check, CheckKind, Driver, Environment, Host, Placeholder, Plan, Pool, Scope, Template,
    },
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    if plan.environments.is_empty() {
        broken.push(Broken::new(
            Place::of(&["environments"]),
            "there is no environment",
            "add [environments.production] with its hosts",
        ));
    }
    let mut units: BTreeMap<&UnitId, &Environment> = BTreeMap::new();
    let mut sockets: BTreeMap<(&str, u16), &Host> = BTreeMap::new();
    for environment in plan.environments.values() {
        // Where nothing is deployed no host holds a unit; that is another rule's to say.
        let deploys = plan.components.values().any(|component| !component.external);
        if deploys && environment.hosts().next().is_none() {
            broken.push(Broken::new(
                hosts(environment),
                format!("{} has no hosts", environment.name),
                "add hosts = [\"web-01\", …]",
            ));
        }
        for host in environment.hosts() {
            if let Some(other) = units.insert(&host.unit, environment) {
                let what = if other.name == environment.name {
                    format!("{} is twice in {}", host.unit, environment.name)
                } else {
                    format!("{} is in {} and in {}", host.unit, other.name, environment.name)
                };
                broken.push(Broken::new(
                    hosts(environment),
                    what,
                    "a name stands for one host: name them apart, and give both the same address if need be",
                ));
            } else if let Some(port) = host.port
                && let Some(other) = sockets.insert((&host.address, port), host)
                && other.name != host.name
            {
                broken.push(Broken::new(
                    hosts(environment),
                    format!("{} and {} are both {}:{port}", other.name, host.name, host.address),
                    "give each a port or an address of its own",
                ));
            }
        }
        for (driver, hosts) in drivers(plan, environment) {
            self::driver(environment, driver, &hosts, broken);
        }
    }
    ports_of_checks(plan, broken);
    one_answer_for_all(plan, broken);
}

/// A check of a host's lane that names no host would ask the same of all of them, so that one healthy host
/// would make all of them look so.
fn one_answer_for_all(plan: &Plan, broken: &mut Vec<Broken>) {
    let Some(several) = plan.environments.values().find(|environment| environment.hosts().nth(1).is_some())
    else {
        return;
    };
    let lanes = plan.checks.values().filter(|check| plan.runs_in_lanes(&check.name));
    for check in lanes.filter(|check| check.scope() == Scope::Environment) {
        broken.push(Broken::new(
            Place::of(&["checks", check.name.as_str()]),
            format!(
                "check {} asks the same for each host of {}, so one would answer for all",
                check.name, several.name
            ),
            "put {host}, {name} or {port} into it, or give the check another name",
        ));
    }
}

fn hosts(environment: &Environment) -> Place {
    let environment_place = Place::of(&["environments", environment.name.as_str()]);
    match (environment.clouds.is_empty(), environment.sides().is_empty()) {
        (true, true) => environment_place.key("hosts"),
        (true, false) => environment_place.key("colours"),
        (false, _) => environment_place.key("clouds"),
    }
}

/// Each driver of an environment with the hosts that it changes.
pub(super) fn drivers<'a>(plan: &'a Plan, environment: &'a Environment) -> Vec<(&'a Driver, Vec<&'a Host>)> {
    let several = plan.has_parts();
    let mut drivers: Vec<(&Driver, Vec<&Host>)> = Vec::new();
    for pool in &environment.pools {
        let driver = plan.driver(environment, Some(&pool.component).filter(|_| several));
        match drivers.iter_mut().find(|(known, _)| std::ptr::eq(*known, driver)) {
            Some((_, hosts)) => hosts.extend(&pool.hosts),
            None => drivers.push((driver, pool.hosts.iter().collect())),
        }
    }
    drivers
}

/// A driver that fills in {port} needs one, and processes of one machine need ports of their own.
fn driver(environment: &Environment, driver: &Driver, hosts: &[&Host], broken: &mut Vec<Broken>) {
    let uses = |hole: Placeholder| match driver {
        Driver::Local { start, env, .. } => start.iter().chain(env.values()).any(|t| t.uses(hole)),
        Driver::Exec { verbs, .. } => {
            verbs.values().any(|verb| verb.argv.iter().chain(verb.env.values()).any(|t| t.uses(hole)))
        }
        Driver::Converge(converge) => {
            let agents = converge.agents.iter().flat_map(AgentReports::templates);
            let nudge = converge.nudge.iter().flatten();
            converge.store.templates().into_iter().chain(agents).chain(nudge).any(|t| t.uses(hole))
        }
        Driver::Ssh { .. } => false,
    };
    if uses(Placeholder::Port)
        && let Some(host) = hosts.iter().find(|host| host.port.is_none())
    {
        broken.push(Broken::new(
            Place::of(&["environments", environment.name.as_str(), "driver"]),
            format!("the driver of {} uses {{port}}, but {} has none", environment.name, host.name),
            format!("write the host as {{ name = \"{}\", port = 8081 }}", host.name),
        ));
    }
    if let Driver::Exec { dir: None, .. } = driver
        && uses(Placeholder::Dir)
    {
        broken.push(Broken::new(
            Place::of(&["environments", environment.name.as_str(), "driver"]),
            format!("the driver of {} uses {{dir}}, but has no dir", environment.name),
            "add dir = \"…\" to the driver",
        ));
    }
}

/// A check that names {port} can't run where a host has none.
fn ports_of_checks(plan: &Plan, broken: &mut Vec<Broken>) {
    for check in plan.checks.values().filter(|check| check.scope() == Scope::Hosts) {
        if !templates(check).iter().any(|t| t.uses(Placeholder::Port)) {
            continue;
        }
        let named = |environment: &&Environment| {
            plan.stages
                .iter()
                .any(|s| s.environment == environment.name && s.asks_for().any(|name| *name == check.name))
        };
        for environment in plan.environments.values() {
            let of_all = named(&environment);
            let several = plan.has_parts();
            let asked = |pool: &&Pool| {
                let part = Some(&pool.component).filter(|_| several);
                let of = [plan.alive(part), plan.self_test(part)];
                of_all || of.into_iter().flatten().any(|it| it.name == check.name)
            };
            let mut hosts = environment.pools.iter().filter(asked).flat_map(|pool| &pool.hosts);
            if let Some(host) = hosts.find(|host| host.port.is_none()) {
                broken.push(Broken::new(
                    Place::of(&["checks", check.name.as_str()]),
                    format!(
                        "check {} uses {{port}}, but {} in {} has none",
                        check.name, host.name, environment.name
                    ),
                    format!(
                        "write the host as {{ name = \"{}\", port = 8081 }}, or the port into the check",
                        host.name
                    ),
                ));
            }
        }
    }
}

fn templates(check: &Check) -> Vec<&Template> {
    match &check.kind {
        CheckKind::Http(http) => vec![&http.url],
        CheckKind::Tcp { address, .. } => vec![address],
        CheckKind::Exec { argv, dir, env } | CheckKind::Parity { argv, dir, env, .. } => {
            argv.iter().chain(dir).chain(env.values()).collect()
        }
        CheckKind::Comparison => Vec::new(),
    }
}

/// A region or host that a selection names and the environment does not have.
pub(super) fn selection(
    environment: &Environment,
    region: Option<&str>,
    named: &[crate::domain::name::HostName],
    at: &Place,
    broken: &mut Vec<Broken>,
) {
    if let Some(region) = region
        && !environment.hosts().any(|host| host.region.as_deref() == Some(region))
    {
        let mut known: Vec<String> = environment.hosts().filter_map(|host| host.region.clone()).collect();
        known.sort();
        known.dedup();
        broken.push(Broken::unknown(at.key("region"), Kind::Region, region, known));
    }
    for (index, name) in named.iter().enumerate() {
        if !environment.hosts().any(|host| host.name == *name) {
            let known = environment.hosts().map(|host| host.name.to_string());
            let mut unknown = Broken::unknown(at.key("hosts").index(index), Kind::Host, name.as_str(), known);
            unknown.help = format!(
                "{} has {}; name one of them",
                environment.name,
                counted(environment.hosts().count(), "host")
            );
            broken.push(unknown);
        }
    }
}
