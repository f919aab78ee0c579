//! Drills: what they name is there, and what they ask can be answered.

use super::{Broken, Kind, Place};
use crate::domain::{
    name::{CheckName, UnitId},
    operation,
    plan::{
        Balancer, Check, CheckKind, DataCentre, Drill, DrillKind, Environment, Placeholder, Plan, Scope,
        Template,
    },
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for drill in plan.drills.values() {
        of_one(plan, drill, broken);
    }
    for name in plan.poll.drills.keys().filter(|name| !plan.drills.contains_key(*name)) {
        let place = Place::of(&["poll", "drills"]).key(name.as_str());
        let known = plan.drills.keys().map(ToString::to_string);
        broken.push(Broken::unknown(place, Kind::Drill, name.as_str(), known));
    }
}

fn of_one(plan: &Plan, drill: &Drill, broken: &mut Vec<Broken>) {
    let place = Place::of(&["drills"]).key(drill.name.as_str());
    let Some(environment) = plan.environments.get(&drill.environment) else {
        let known = plan.environments.keys().map(ToString::to_string);
        broken.push(Broken::unknown(
            place.key("environment"),
            Kind::Environment,
            drill.environment.as_str(),
            known,
        ));
        return;
    };
    match &drill.kind {
        DrillKind::Replace { hosts } => replaces(plan, drill, hosts, environment, &place, broken),
        DrillKind::Secondary { .. } | DrillKind::Offline { .. } => {
            leaves(plan, drill, environment, &place, broken);
        }
    }
    if !plan.stages.iter().any(|stage| stage.environment == drill.environment) {
        broken.push(Broken::new(
            place.key("environment"),
            format!("no stage deploys {}, so nothing brings a version to a new host", drill.environment),
            "name an environment that a stage deploys",
        ));
    }
    probe(plan, drill, &place, broken);
    if drill.tools.is_empty() {
        let what =
            format!("drill {} names no monitoring tool, so nothing shows that one was notified", drill.name);
        broken.push(Broken::new(place.key("tools"), what, "name a check for each tool"));
    }
    for (at, name) in drill.tools.iter().enumerate() {
        let place = place.key("tools").index(at);
        let Some(check) = known(plan, name, &place, broken) else { continue };
        if *name == drill.probe || check.scope() == Scope::Hosts || !asks_since(check) {
            broken.push(Broken::new(
                place,
                format!(
                    "{name} does not ask its tool for an alarm since the drill began, so an old one would do"
                ),
                "a command or URL with {since} and without {host}",
            ));
        }
    }
}

fn replaces(
    plan: &Plan,
    drill: &Drill,
    hosts: &[UnitId],
    environment: &Environment,
    place: &Place,
    broken: &mut Vec<Broken>,
) {
    if hosts.is_empty() {
        let what = format!("drill {} takes no host", drill.name);
        broken.push(Broken::new(place.clone(), what, "write hosts = [\"web-01\"]"));
    }
    if !operation::can_replace(environment) {
        broken.push(Broken::new(
            place.key("kind"),
            format!(
                "the driver of {} declares no way to replace a host and see that it is new",
                environment.name
            ),
            "declare replace and observe among the verbs of its exec driver",
        ));
    }
    if plan.has_parts() {
        broken.push(Broken::new(
            place.key("environment"),
            "several components are deployed: a host that is replaced would lose all that is on it",
            "keep drills in a project of one component",
        ));
    }
    if plan.takes_clouds(&environment.name) {
        broken.push(Broken::new(
            place.key("environment"),
            format!("{} has clouds with roles: a host that stands by would get traffic", environment.name),
            "name an environment all hosts of which serve",
        ));
    }
}

/// A cloud or region that is taken out of traffic: there is one, it can be, and the others may serve alone.
fn leaves(plan: &Plan, drill: &Drill, environment: &Environment, place: &Place, broken: &mut Vec<Broken>) {
    let name = &environment.name;
    if plan.has_parts() {
        broken.push(Broken::new(
            place.key("environment"),
            "several components are deployed, and what one of them can spare is not what another can",
            "keep drills in a project of one component",
        ));
        return;
    }
    let clouds: Vec<&str> = environment.clouds.iter().map(|cloud| cloud.name.as_str()).collect();
    if environment.balancer == Balancer::None {
        broken.push(Broken::new(
            place.key("environment"),
            format!("{name} has no balancer that would take its hosts out of traffic and bring them back"),
            format!("declare balancer in [environments.{name}]"),
        ));
    }
    let roles = plan.takes_clouds(name);
    let primary = environment.primary().filter(|_| roles);
    let key = match &drill.kind {
        DrillKind::Offline { place: DataCentre::Region(_), .. } => "region",
        DrillKind::Offline { .. } | DrillKind::Secondary { .. } | DrillKind::Replace { .. } => "cloud",
    };
    if roles && matches!(drill.kind, DrillKind::Offline { .. }) {
        broken.push(Broken::new(
            place.key("kind"),
            format!("one cloud of {name} serves and the others stand by: without it nobody would be served"),
            "kind = \"secondary\" has another cloud serve meanwhile",
        ));
        return;
    }
    let Some(leaves) = drill.kind.place(primary) else {
        let what = format!("drill {} names no cloud, and none of {name} is primary", drill.name);
        broken.push(Broken::new(place.clone(), what, format!("cloud = one of {}", clouds.join(", "))));
        return;
    };
    let units = leaves.units(environment);
    let hosts = environment.hosts().count();
    if units.is_empty() {
        let what = format!("no host of {name} is of {leaves}");
        let help = match key {
            "cloud" if clouds.is_empty() => format!("[environments.{name}] clouds.a = {{ … }}"),
            "cloud" => format!("one of {}", clouds.join(", ")),
            _ => "the region of some of its hosts, or of their cloud".to_owned(),
        };
        broken.push(Broken::new(place.key(key), what, help));
        return;
    }
    if units.len() == hosts {
        let what = format!("all hosts of {name} are of {leaves}: nobody would be served without it");
        broken.push(Broken::new(place.key(key), what, "a data centre besides which others serve"));
        return;
    }
    let limits = plan.limits(environment, hosts as u32);
    let (out, spare) = (units.len() as u32, limits.spare());
    if !roles && out > spare {
        broken.push(Broken::new(
            place.key(key),
            format!(
                "{leaves} is {out} of the {hosts} hosts of {name}, and its capacity lets {spare} be out of traffic at once"
            ),
            format!(
                "capacity = {{ min_healthy = {} }} at the most and max_unavailable = {out} or more, or a smaller place",
                hosts as u32 - out
            ),
        ));
    }
}

fn probe(plan: &Plan, drill: &Drill, place: &Place, broken: &mut Vec<Broken>) {
    let place = place.key("probe");
    let Some(check) = known(plan, &drill.probe, &place, broken) else { return };
    let name = &drill.probe;
    if !matches!(check.kind, CheckKind::Http(_)) || check.scope() == Scope::Hosts {
        broken.push(Broken::new(
            place,
            format!("{name} is not asked as a user asks"),
            "a check by http that names no host: what stands in front of them",
        ));
    } else if check.retries > 0 {
        let what = format!("{name} is tried again where it fails, which hides what a user saw");
        broken.push(Broken::new(place, what, "retries = 0"));
    }
}

fn known<'a>(plan: &'a Plan, name: &CheckName, place: &Place, broken: &mut Vec<Broken>) -> Option<&'a Check> {
    let found = plan.check(name.as_str());
    if found.is_none() {
        let known = plan.checks.keys().map(ToString::to_string);
        broken.push(Broken::unknown(place.clone(), Kind::Check, name.as_str(), known));
    }
    found
}

/// Whether it asks for what came since a drill began.
pub(super) fn asks_since(check: &Check) -> bool {
    let asks = |template: &Template| template.uses(Placeholder::Since);
    match &check.kind {
        CheckKind::Http(http) => asks(&http.url),
        CheckKind::Tcp { address, .. } => asks(address),
        CheckKind::Exec { argv, dir, env } | CheckKind::Parity { argv, dir, env, .. } => {
            argv.iter().chain(dir).chain(env.values()).any(asks)
        }
        CheckKind::Comparison => false,
    }
}
