//! Several components in one release: their order, what tells them apart on a host, and what each of them keeps.

use std::collections::BTreeMap;

use super::{Broken, Kind, Place, remarks::Remarks};
use crate::domain::{
    counted::counted,
    name::ComponentName,
    plan::{
        Balancer, Check, CheckKind, Component, Driver, Environment, Host, LaneCheck, Own, Placeholder, Plan,
        Stage, Strategy, Template, Threshold, Vars, Verb,
    },
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    for component in plan.components.values() {
        of_one(plan, component, broken);
    }
    circle(plan, broken);
    if !plan.has_parts() {
        return;
    }
    for (index, stage) in plan.stages.iter().enumerate() {
        strategy(index, &stage.strategy, broken);
    }
    for environment in plan.environments.values() {
        place(plan, environment, broken);
    }
}

/// Where a stage takes fewer hosts of a component than another one waits for, or none.
pub(super) fn remark(plan: &Plan, index: usize, stage: &Stage, out: &mut Remarks) {
    let parts = plan.parts_of(index);
    let of = |name: &ComponentName| parts.iter().find(|(part, _)| *part == name).map_or(0, |(_, of)| *of);
    for component in parts.iter().filter_map(|(name, _)| plan.components.get(*name)) {
        let Some(after) = &component.own.after else { continue };
        match (of(after), component.own.barrier) {
            (0, _) => {
                let what = format!(
                    "{} takes no host of {after}: {} waits for nobody there",
                    stage.name, component.name
                );
                out.say(at(component).key("after"), what);
            }
            (of, Threshold::Hosts(hosts)) if hosts > of => {
                let has = counted(of as usize, "host");
                let what = format!(
                    "{} takes {has} of {after}: {} waits for {of} there, not {hosts}",
                    stage.name, component.name
                );
                out.say(at(component).key("barrier"), what);
            }
            _ => {}
        }
    }
}

fn at(component: &Component) -> Place {
    Place::of(&["components", component.name.as_str()])
}

fn of_one(plan: &Plan, component: &Component, broken: &mut Vec<Broken>) {
    let (place, own) = (at(component), &component.own);
    let alone = *own != Own::default() && (component.external || !plan.has_parts());
    if alone {
        let why = if component.external { "is external" } else { "is all that is deployed" };
        broken.push(Broken::new(
            place.clone(),
            format!("{} {why}: after, barrier, artifact, driver, checks, balanced and capacity are for one of several", component.name),
            "write them under [artifact], [defaults] or [environments], or declare the other component",
        ));
        return;
    }
    if let Some(after) = &own.after {
        let others = || {
            plan.components.values().filter(|it| !it.external && it.name != component.name).map(|it| &it.name)
        };
        if !others().any(|name| name == after) {
            let known = others().map(ToString::to_string);
            broken.push(Broken::unknown(place.key("after"), Kind::Component, after.as_str(), known));
        }
    } else if own.barrier != Threshold::default() {
        broken.push(Broken::new(
            place.key("barrier"),
            format!("{} waits for nobody, so its barrier means nothing", component.name),
            "say for whom: after = \"web\"",
        ));
    }
    for (key, which) in [("alive", &own.alive), ("self_test", &own.self_test)] {
        if let LaneCheck::Check(name) = which
            && !plan.checks.contains_key(name)
        {
            let known = plan.checks.keys().map(ToString::to_string);
            broken.push(Broken::unknown(place.key(key), Kind::Check, name.as_str(), known));
        }
    }
    if let Some(artifact) = &own.artifact
        && !artifact.source.uses(Placeholder::Version)
    {
        broken.push(Broken::new(
            place.key("artifact").key("source"),
            format!(
                "the artifact of {} has no {{version}}, so every version would be the same one",
                component.name
            ),
            "put {version} where the version stands: \"dist/worker-{version}.tar.gz\"",
        ));
    }
    if matches!(own.driver, Some(Driver::Converge(_) | Driver::Ssh { .. })) {
        broken.push(Broken::new(
            place.key("driver"),
            format!("{} has a driver of its own that is neither local nor exec", component.name),
            "use kind = \"local\" or kind = \"exec\" for a component's own driver",
        ));
    }
}

/// One circle of components that wait for each other, where there is one.
fn circle(plan: &Plan, broken: &mut Vec<Broken>) {
    let after = |name: &ComponentName| plan.components.get(name).and_then(|it| it.own.after.as_ref());
    for start in plan.components.values() {
        let mut path = vec![&start.name];
        while let Some(next) = path.last().and_then(|name| after(name)) {
            if *next == start.name {
                let words: Vec<&str> = path.iter().map(|name| name.as_str()).collect();
                broken.push(Broken::new(
                    at(start).key("after"),
                    format!(
                        "components wait for each other in a circle: {} -> {}",
                        words.join(" -> "),
                        start.name
                    ),
                    "take one `after` out",
                ));
                return;
            }
            // It leads into a circle that is found from elsewhere, or out of the plan.
            if path.contains(&next) {
                break;
            }
            path.push(next);
        }
    }
}

fn strategy(index: usize, strategy: &Strategy, broken: &mut Vec<Broken>) {
    let at = Place::of(&["stages"]).index(index).key("strategy");
    match strategy {
        Strategy::StopAll => {}
        Strategy::Rolling(rolling) if rolling.label().is_none() => {}
        Strategy::Rolling(_) => broken.push(Broken::new(
            at.key("by"),
            "several components are not taken by a label: which would come first, the label or the order among them?",
            "leave `by` out, or take one stage after another with select = { region = \"…\" }",
        )),
        other => broken.push(Broken::new(
            at.key("kind"),
            format!("{} takes one component, and several are deployed", other.word()),
            "use rolling (a test bed with select = 1 first, if need be) or stop-all, or a project for each component",
        )),
    }
}

fn place(plan: &Plan, environment: &Environment, broken: &mut Vec<Broken>) {
    let here = Place::of(&["environments", environment.name.as_str()]);
    if !environment.clouds.is_empty() || !environment.sides().is_empty() {
        let key = if environment.clouds.is_empty() { "colours" } else { "clouds" };
        broken.push(Broken::new(
            here.key(key),
            format!("{} has {key}, and several components are deployed", environment.name),
            "write its hosts as one list, or by component: hosts = { web = […], worker = […] }",
        ));
        return;
    }
    if environment.converges().is_some() {
        broken.push(Broken::new(
            here.key("driver"),
            format!("agents change the hosts of {}, and several components are deployed", environment.name),
            "use the local or the exec driver, or a project for each component",
        ));
        return;
    }
    let parts: Vec<(&Component, u32)> = plan
        .deployed()
        .into_iter()
        .filter_map(|it| {
            let hosts = environment.pools.iter().filter(|pool| pool.component == it.name);
            let count: usize = hosts.map(|pool| pool.hosts.len()).sum();
            (count > 0).then_some((it, count as u32))
        })
        .collect();
    if parts.len() > 1 && parts.iter().all(|(it, _)| it.own.driver.is_some()) {
        broken.push(Broken::new(
            here.key("driver"),
            format!("every component of {} has a driver of its own, so nothing uses that of the environment, which locks it", environment.name),
            "let one of them use the environment's driver",
        ));
    }
    balancer(environment, &parts, broken);
    commands(environment, &parts, broken);
    for (component, hosts) in &parts {
        minimum(plan, environment, component, *hosts, broken);
    }
    neighbours(plan, environment, broken);
}

/// A balancer knows hosts by their names, so that two parts of one host would be the same to it.
fn balancer(environment: &Environment, parts: &[(&Component, u32)], broken: &mut Vec<Broken>) {
    let tells = match &environment.balancer {
        Balancer::None => return,
        Balancer::Haproxy { .. } => false,
        Balancer::Exec { drain, ready, observe, .. } => {
            [drain, ready, observe].iter().all(|argv| argv.iter().any(|it| it.uses(Placeholder::Component)))
        }
    };
    let balanced: Vec<&str> =
        parts.iter().filter(|(it, _)| !it.own.unbalanced).map(|(it, _)| it.name.as_str()).collect();
    if balanced.len() > 1 && !tells {
        broken.push(Broken::new(
            Place::of(&["environments", environment.name.as_str(), "balancer"]),
            format!("the balancer of {} can't tell {} apart", environment.name, balanced.join(" and ")),
            "write balanced = false at each component that gets no requests through it",
        ));
    }
}

/// One command for two components would do the same for both.
fn commands(environment: &Environment, parts: &[(&Component, u32)], broken: &mut Vec<Broken>) {
    let shared: Vec<&str> =
        parts.iter().filter(|(it, _)| it.own.driver.is_none()).map(|(it, _)| it.name.as_str()).collect();
    let Driver::Exec { verbs, .. } = &environment.driver else { return };
    if shared.len() < 2 {
        return;
    }
    let of_a_host = verbs.iter().filter(|(verb, _)| !matches!(verb, Verb::Lock | Verb::Unlock));
    let tells = |hole: &Template| hole.uses(Placeholder::Component) || hole.uses(Placeholder::Dir);
    let mut same = of_a_host.filter(|(_, it)| !it.argv.iter().chain(it.env.values()).any(tells));
    if let Some((verb, _)) = same.next() {
        let word = Verb::ALL.iter().find(|(_, it)| it == verb).map_or("", |(word, _)| *word);
        broken.push(Broken::new(
            Place::of(&["environments", environment.name.as_str(), "driver"]),
            format!("the command {word} of {} is the same for {}", environment.name, shared.join(" and ")),
            "put {component} into it, or give one of them a driver of its own",
        ));
    }
}

/// What one component keeps, whatever the others have.
fn minimum(
    plan: &Plan,
    environment: &Environment,
    component: &Component,
    hosts: u32,
    broken: &mut Vec<Broken>,
) {
    let stops = plan.stops_all(&environment.name);
    let limits = plan.limits_of(environment, &component.name, hosts);
    if stops || limits.spare() > 0 {
        return;
    }
    let (name, all) = (&component.name, counted(hosts as usize, "host"));
    let keeps = limits.min_healthy.min(hosts);
    let help = match hosts {
        1 => format!(
            "it is down while it is changed: write capacity = {{ min_healthy = 0 }} under [components.{name}]"
        ),
        _ => format!(
            "write capacity = {{ min_healthy = {} }}, or fewer, under [components.{name}]",
            hosts.saturating_sub(1)
        ),
    };
    broken.push(Broken::new(
        at(component).key("capacity"),
        format!(
            "{name} can't keep its capacity in {} while a host is changed: {all}, minimum {}: {hosts} - {keeps} = {} may be out",
            environment.name,
            limits.min_healthy,
            hosts - keeps
        ),
        help,
    ));
}

/// Two components on one host: where each lies, where it listens, and who answers for it.
fn neighbours(plan: &Plan, environment: &Environment, broken: &mut Vec<Broken>) {
    let mut on: BTreeMap<&str, Vec<(&ComponentName, &Host)>> = BTreeMap::new();
    for pool in &environment.pools {
        for host in &pool.hosts {
            on.entry(host.name.as_str()).or_default().push((&pool.component, host));
        }
    }
    for both in on.values() {
        let pairs =
            both.iter().enumerate().flat_map(|(nth, one)| both[nth + 1..].iter().map(move |it| (one, it)));
        for (one, other) in pairs {
            let before = broken.len();
            neighbour(plan, environment, *one, *other, broken);
            // One host is enough: the others are written in the same line.
            if broken.len() > before {
                return;
            }
        }
    }
}

type On<'a> = (&'a ComponentName, &'a Host);

fn neighbour(plan: &Plan, environment: &Environment, one: On<'_>, other: On<'_>, broken: &mut Vec<Broken>) {
    let ((a, host), (b, beside)) = (one, other);
    let here = Place::of(&["environments", environment.name.as_str()]);
    let directory =
        |(name, host): On<'_>| directory(environment, plan.driver(environment, Some(name)), name, host);
    if let (Some(dir), Some(same)) = (directory(one), directory(other))
        && dir == same
    {
        broken.push(Broken::new(
            here.key("driver"),
            format!("{a} and {b} would both lie in {dir} on {}", host.name),
            "put {component} into the driver's dir, as in dir = \"run/{component}\"",
        ));
    }
    let uses = |name: &ComponentName| uses_port(plan.driver(environment, Some(name)));
    let same_port = host.port.is_some() && host.port == beside.port && host.address == beside.address;
    if same_port && uses(a) && uses(b) {
        broken.push(Broken::new(
            here.key("hosts"),
            format!("{a} and {b} would both listen on {}:{}", host.address, host.port.unwrap_or_default()),
            format!("write the hosts by component, each with a port of its own: hosts = {{ {a} = […], {b} = […] }}"),
        ));
    }
    let asked = (plan.alive(Some(a)), plan.alive(Some(b)));
    if let (Some(check), Some(same)) = asked
        && check.name == same.name
        && host.port == beside.port
        && !names_the_component(check)
    {
        broken.push(Broken::new(
            Place::of(&["checks", check.name.as_str()]),
            format!(
                "check {} asks {a} and {b} on {} the same, so one would answer for both",
                check.name, host.name
            ),
            format!(
                "write alive = \"…\" with a check of its own, or alive = \"none\", under [components.{b}]"
            ),
        ));
    }
}

fn directory(
    environment: &Environment,
    driver: &Driver,
    component: &ComponentName,
    host: &Host,
) -> Option<String> {
    let vars = Vars {
        name: host.name.to_string(),
        environment: environment.name.to_string(),
        component: component.to_string(),
        ..Vars::default()
    };
    match driver {
        Driver::Local { dir, .. } if dir.uses(Placeholder::Name) => Some(dir.render(&vars)),
        Driver::Local { dir, .. } => Some(format!("{}/{}", dir.render(&vars), host.name)),
        Driver::Exec { dir, .. } => dir.as_ref().map(|dir| dir.render(&vars)),
        Driver::Ssh { .. } | Driver::Converge(_) => None,
    }
}

fn uses_port(driver: &Driver) -> bool {
    match driver {
        Driver::Local { start, env, .. } => {
            start.iter().chain(env.values()).any(|it| it.uses(Placeholder::Port))
        }
        Driver::Exec { verbs, .. } => verbs
            .values()
            .any(|verb| verb.argv.iter().chain(verb.env.values()).any(|it| it.uses(Placeholder::Port))),
        Driver::Ssh { .. } | Driver::Converge(_) => false,
    }
}

fn names_the_component(check: &Check) -> bool {
    let names = |it: &Template| it.uses(Placeholder::Component);
    match &check.kind {
        CheckKind::Http(http) => names(&http.url),
        CheckKind::Tcp { address, .. } => names(address),
        CheckKind::Exec { argv, dir, env } | CheckKind::Parity { argv, dir, env, .. } => {
            argv.iter().chain(dir).chain(env.values()).any(names)
        }
        CheckKind::Comparison => false,
    }
}
