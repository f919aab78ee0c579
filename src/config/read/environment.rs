//! Environments, their hosts and pools.

use std::collections::BTreeMap;

use super::{Reading, calendar, driver, heartbeat, scale};
use crate::{
    config::{
        hosts::expand,
        shape::{self, EachOr, TextOr},
    },
    domain::{
        name::{CloudName, ColourName, ComponentName, EnvironmentName, HostName, PoolId, UnitId},
        plan::{
            Balancer, Capacity, Cloud, CloudRole, Deadlines, Driver, Environment, EnvironmentKind, Host,
            Place, Pool, TrafficKind,
        },
    },
};

/// The parts that are deployed, and what [defaults] says.
pub struct Surroundings<'a> {
    pub deployed: Vec<ComponentName>,
    pub defaults: Option<&'a shape::Defaults>,
}

pub fn environments(
    written: &BTreeMap<String, shape::Environment>,
    around: &Surroundings<'_>,
    reading: &mut Reading<'_>,
) -> BTreeMap<EnvironmentName, Environment> {
    let mut environments = BTreeMap::new();
    for (key, environment) in written {
        let place = Place::of(&["environments", key]);
        let Some(name) = reading.name::<EnvironmentName>(&place, key) else { continue };
        environments.insert(name.clone(), one(name, environment, &place, around, reading));
    }
    environments
}

/// Of what an environment says itself, and else of what [defaults] says: the value and its place.
fn own_or_default<'w, T>(
    own: Option<&'w T>,
    default: Option<&'w T>,
    place: &Place,
    key: &str,
) -> Option<(&'w T, Place)> {
    own.map(|own| (own, place.key(key)))
        .or_else(|| default.map(|default| (default, Place::of(&["defaults", key]))))
}

fn one(
    name: EnvironmentName,
    written: &shape::Environment,
    place: &Place,
    around: &Surroundings<'_>,
    reading: &mut Reading<'_>,
) -> Environment {
    let defaults = around.defaults;
    let (driver, at) =
        own_or_default(written.driver.as_ref(), defaults.and_then(|d| d.driver.as_ref()), place, "driver")
            .map_or((None, place.key("driver")), |(driver, at)| (driver::driver(driver, &at, reading), at));
    let driver = driver.unwrap_or_else(|| {
        let unread = reading.is_wrong(&at) || reading.is_wrong(&Place::of(&["defaults", "driver"]));
        if !unread {
            reading.bad(
                place,
                format!("{name} has no driver"),
                "add driver = { kind = \"local\", dir = \"run\", start = […] }, or one in [defaults]",
            );
        }
        // So that everything else about the environment is still checked.
        Driver::Exec { verbs: BTreeMap::new(), dir: None }
    });
    let balancer = own_or_default(
        written.balancer.as_ref(),
        defaults.and_then(|d| d.balancer.as_ref()),
        place,
        "balancer",
    )
    .map_or(Balancer::None, |(balancer, at)| {
        driver::balancer(balancer, &at, reading).unwrap_or_else(|| reading.stand_in(&at, Balancer::None))
    });
    let capacity = own_or_default(
        written.capacity.as_ref(),
        defaults.and_then(|d| d.capacity.as_ref()),
        place,
        "capacity",
    )
    .map_or_else(Capacity::default, |(capacity, at)| self::capacity(capacity, &at, reading));
    let mut limits = Deadlines::default();
    if let Some(general) = defaults.and_then(|d| d.deadlines.as_ref()) {
        limits = deadlines(general, limits, &Place::of(&["defaults", "deadlines"]), reading);
    }
    if let Some(own) = &written.deadlines {
        limits = deadlines(own, limits, &place.key("deadlines"), reading);
    }
    if written.hosts.is_some() && !written.clouds.is_empty() {
        reading.bad(
            &place.key("hosts"),
            format!("{name} has hosts and clouds"),
            "write the hosts under their clouds, or leave the clouds out",
        );
    }
    if !written.colours.is_empty() && (written.hosts.is_some() || !written.clouds.is_empty()) {
        let other = if written.hosts.is_some() { "hosts" } else { "clouds" };
        reading.bad(
            &place.key(other),
            format!("{name} has {other} and colours"),
            format!("write the hosts under their colours, or leave the colours out and keep {other}"),
        );
    }
    let heartbeat = own_or_default(
        written.heartbeat.as_ref(),
        defaults.and_then(|d| d.heartbeat.as_ref()),
        place,
        "heartbeat",
    )
    .map(|(heartbeat, at)| heartbeat::heartbeat(heartbeat, &at, reading));
    let repair =
        own_or_default(written.repair.as_ref(), defaults.and_then(|d| d.repair.as_ref()), place, "repair")
            .and_then(|(repair, at)| heartbeat::repair(repair, &at, reading));
    let scale = written.scale.as_ref().and_then(|it| scale::scale(it, &place.key("scale"), reading));
    let (clouds, groups) = groups(written, place, around, reading);
    let pools = pools(&name, groups, &around.deployed);
    let window = written.window.as_ref().and_then(|w| calendar::window(w, &place.key("window"), reading));
    Environment {
        kind: written.kind.map_or(EnvironmentKind::Production, kind),
        traffic: match written.traffic {
            Some(shape::Traffic::None) => TrafficKind::None,
            Some(shape::Traffic::Real) | None => TrafficKind::Real,
        },
        driver,
        balancer,
        capacity,
        deadlines: limits,
        clouds,
        pools,
        window,
        heartbeat,
        repair,
        scale,
        name,
    }
}

fn kind(written: shape::Kind) -> EnvironmentKind {
    match written {
        shape::Kind::Test => EnvironmentKind::Test,
        shape::Kind::Development => EnvironmentKind::Development,
        shape::Kind::Uat => EnvironmentKind::Uat,
        shape::Kind::Staging => EnvironmentKind::Staging,
        shape::Kind::Production => EnvironmentKind::Production,
    }
}

pub(super) fn capacity(written: &shape::Capacity, place: &Place, reading: &mut Reading<'_>) -> Capacity {
    Capacity {
        max_parallel: reading.amount(&place.key("max_parallel"), written.max_parallel.as_ref()),
        min_healthy: reading.amount(&place.key("min_healthy"), written.min_healthy.as_ref()),
        max_unavailable: reading.amount(&place.key("max_unavailable"), written.max_unavailable.as_ref()),
    }
}

fn deadlines(
    written: &shape::Deadlines,
    base: Deadlines,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Deadlines {
    let mut span =
        |key: &str, text: &Option<String>, base| reading.span(&place.key(key), text.as_deref(), base);
    Deadlines {
        min_healthy_time: span("min_healthy_time", &written.min_healthy_time, base.min_healthy_time),
        healthy_deadline: span("healthy_deadline", &written.healthy_deadline, base.healthy_deadline),
        progress_deadline: span("progress_deadline", &written.progress_deadline, base.progress_deadline),
    }
}

/// Hosts that belong together: those of a cloud, a colour or a component, or all of them.
struct Group {
    /// Only units of this one are on them.
    component: Option<ComponentName>,
    cloud: Option<CloudName>,
    colour: Option<ColourName>,
    hosts: Vec<Bare>,
}

/// A host before it is a unit of a component.
struct Bare {
    name: HostName,
    address: String,
    port: Option<u16>,
    region: Option<String>,
    labels: BTreeMap<String, String>,
    spare: bool,
}

fn groups(
    written: &shape::Environment,
    place: &Place,
    around: &Surroundings<'_>,
    reading: &mut Reading<'_>,
) -> (Vec<Cloud>, Vec<Group>) {
    let mut clouds = Vec::new();
    let mut groups = Vec::new();
    match &written.hosts {
        None => {}
        Some(EachOr::All(hosts)) => {
            let hosts = bare(hosts, None, &place.key("hosts"), reading);
            groups.push(Group { component: None, cloud: None, colour: None, hosts });
        }
        Some(EachOr::Each(each)) => {
            for (key, hosts) in each {
                let at = place.key("hosts").key(key);
                let Some(name) = reading.name::<ComponentName>(&at, key) else { continue };
                if !around.deployed.contains(&name) {
                    let known: Vec<&str> = around.deployed.iter().map(ComponentName::as_str).collect();
                    reading.bad(
                        &at,
                        format!("{key} is no component that is deployed, so nothing is on these hosts"),
                        format!("use {}, or declare it in [components]", known.join(" or ")),
                    );
                    continue;
                }
                let hosts = bare(hosts, None, &at, reading);
                groups.push(Group { component: Some(name), cloud: None, colour: None, hosts });
            }
        }
    }
    // In the order of deployment.
    groups
        .sort_by_key(|group| around.deployed.iter().position(|name| group.component.as_ref() == Some(name)));
    for key in reading.in_order(&place.key("colours")) {
        let Some(colour) = written.colours.get(&key) else { continue };
        let at = place.key("colours").key(&key);
        let Some(name) = reading.name::<ColourName>(&at, &key) else { continue };
        let hosts = colour.hosts.as_deref().unwrap_or_default();
        let hosts = bare(hosts, None, &at.key("hosts"), reading);
        groups.push(Group { component: None, cloud: None, colour: Some(name), hosts });
    }
    // As written: it is the order in which they are deployed.
    for key in reading.in_order(&place.key("clouds")) {
        let Some(cloud) = written.clouds.get(&key) else { continue };
        let at = place.key("clouds").key(&key);
        let Some(name) = reading.name::<CloudName>(&at, &key) else { continue };
        let hosts = cloud.hosts.as_deref().unwrap_or_default();
        let hosts = bare(hosts, cloud.region.as_deref(), &at.key("hosts"), reading);
        clouds.push(Cloud {
            name: name.clone(),
            role: match cloud.role {
                Some(shape::CloudRole::Secondary) => CloudRole::Secondary,
                Some(shape::CloudRole::Primary) | None => CloudRole::Primary,
            },
            region: cloud.region.clone(),
        });
        groups.push(Group { component: None, cloud: Some(name), colour: None, hosts });
    }
    (clouds, groups)
}

fn bare(
    written: &[TextOr<shape::Host>],
    region: Option<&str>,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Vec<Bare> {
    let mut hosts = Vec::new();
    for (at, host) in written.iter().enumerate() {
        let place = place.index(at);
        let plain = shape::Host::default();
        let (text, host) = match host {
            TextOr::Text(text) => (text, &plain),
            TextOr::Table(table) => match &table.name {
                Some(name) => (name, table),
                None => continue,
            },
        };
        let names = match expand(text) {
            Ok(names) => names,
            Err(error) => {
                reading.bad(&place, &error.what, error.help);
                continue;
            }
        };
        if let Some(address) = &host.address
            && (address.is_empty()
                || address.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/'))
        {
            reading.bad(
                &place.key("address"),
                format!("{address:?} is not an address"),
                "write a name or an IP address; a port goes into `port`",
            );
            continue;
        }
        for name in names {
            let Some(name) = reading.name::<HostName>(&place, &name) else { continue };
            hosts.push(Bare {
                address: host.address.clone().unwrap_or_else(|| name.to_string()),
                port: host.port,
                region: host.region.clone().or_else(|| region.map(str::to_owned)),
                labels: host.labels.clone(),
                spare: host.spare.unwrap_or(false),
                name,
            });
        }
    }
    hosts
}

/// A pool for each component and group. With one component a unit reads as its host, with several as
/// `web@web-01`.
fn pools(environment: &EnvironmentName, groups: Vec<Group>, deployed: &[ComponentName]) -> Vec<Pool> {
    let mut pools = Vec::new();
    for group in groups {
        for component in deployed.iter().filter(|it| group.component.as_ref().is_none_or(|own| own == *it)) {
            let mut id = environment.to_string();
            let part = group.cloud.as_ref().map(CloudName::as_str);
            if let Some(part) = part.or(group.colour.as_ref().map(ColourName::as_str)) {
                id = format!("{id}/{part}");
            }
            if deployed.len() > 1 {
                id = format!("{component}@{id}");
            }
            let hosts = group.hosts.iter().filter_map(|host| {
                let unit = match deployed {
                    [_] => host.name.to_string(),
                    _ => format!("{component}@{}", host.name),
                };
                Some(Host {
                    unit: UnitId::new(&unit).ok()?,
                    name: host.name.clone(),
                    address: host.address.clone(),
                    port: host.port,
                    region: host.region.clone(),
                    labels: host.labels.clone(),
                    spare: host.spare,
                })
            });
            let hosts = hosts.collect();
            if let Ok(id) = PoolId::new(&id) {
                let (cloud, colour) = (group.cloud.clone(), group.colour.clone());
                pools.push(Pool { id, component: component.clone(), cloud, colour, hosts });
            }
        }
    }
    pools
}
