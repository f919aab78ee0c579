//! Hosts that are looked after: plans in which they can be replaced, a drill that does so, and people who ask for either
//! whenever it comes to their mind.

use golive::domain::{
    command::Command,
    drill::DrillCommand,
    name::{DrillName, PersonName},
    operation::OperationCommand,
    plan::{
        Amount, Capacity, Check, CheckKind, DataCentre, Drill, DrillKind, Driver, EVERYWHERE, Environment,
        ExecVerb, Heartbeat, HttpCheck, OFF_PEAK, Plan, Repair, Scale, Strategy, TrafficMap, Verb, rules,
    },
    time::Span,
};

use super::{
    plan::{PRODUCTION, Shape, check, environment, plan, unit},
    rng::Rng,
    world::{Happening, HostFault, World},
};
use crate::plan_parts::template;

/// Its driver has a way to replace a host.
pub fn replaces(plan: &mut Plan) {
    for environment in plan.environments.values_mut() {
        let Driver::Exec { verbs, .. } = &mut environment.driver else { continue };
        let like = verbs.values().next().unwrap().clone();
        verbs.insert(Verb::Replace, ExecVerb { repeatable: false, ..like });
    }
}

/// golive repairs, and replaces, by itself; how much of it follows from how many hosts there are.
pub fn repairs_in(environment: &mut Environment) {
    let hosts = environment.hosts().count() as u32;
    environment.heartbeat = Some(Heartbeat { every: Span::secs(10), missed: 3 });
    environment.repair = Some(Repair {
        argv: vec![template("ci/restart"), template("{host}")],
        timeout: Span::secs(20),
        cool_down: Span::minutes(1),
        attempts: 2,
        at_once: if hosts > 3 { 2 } else { 1 },
        replace: (!hosts.is_multiple_of(3)).then_some(1),
    });
}

/// Its platform is asked how many machines there are, and told another number.
pub fn scales(environment: &mut Environment) {
    let hosts = environment.hosts().count() as u32;
    environment.scale = Some(Scale {
        min: hosts,
        max: hosts + 5,
        step: 2,
        current: vec![template("ci/count")],
        to: vec![template("ci/scale"), template("{count}")],
        timeout: Span::secs(20),
        within: Span::minutes(2),
    });
}

/// Some hosts can't be repaired, and somebody suspends what golive does by itself, or resumes it.
fn beyond_repair(world: &mut World, rng: &mut Rng, until: u64) {
    for host in &mut world.hosts {
        host.beyond_repair = rng.per_mille(300);
    }
    let production = || environment(PRODUCTION);
    for _ in 0..rng.below(5) {
        let reason = "the network is being moved".into();
        let command = match rng.below(4) {
            0 => OperationCommand::SuspendRepairs { environment: production(), reason },
            1 | 2 => {
                let to = (world.hosts.len() as u64 + rng.below(8)) as u32 - 1;
                OperationCommand::Scale { environment: production(), to, reason }
            }
            _ => OperationCommand::ResumeRepairs { environment: production() },
        };
        let (person, at) = (PersonName::new("raj").unwrap(), rng.below(until));
        world.plan_for(at, Happening::Says(person, Box::new(Command::from(command).into())));
    }
    // One that dies before the rollout, and stays so.
    if rng.per_mille(500) {
        let index = rng.below(world.hosts.len() as u64) as usize;
        let fault = *rng.pick(&[HostFault::Crashes, HostFault::Dies, HostFault::Sick]);
        world.plan_for(rng.below(Span::minutes(3).0), Happening::Host(index, fault));
    }
}

pub fn name() -> DrillName {
    DrillName::new("replace-web").unwrap()
}

fn front() -> Check {
    let http = HttpCheck {
        url: template("http://shop.example/"),
        method: "GET".into(),
        headers: [].into(),
        status: (200, 299),
        latency: None,
        contains: None,
        json: None,
        version_pointer: None,
    };
    let (timeout, interval) = (Span::secs(2), Span::secs(10));
    Check { name: check("front"), kind: CheckKind::Http(http), timeout, retries: 0, interval, runbook: None }
}

fn tool(name: &str) -> Check {
    let argv = vec![template("ci/heard"), template("{since}")];
    Check { name: check(name), kind: CheckKind::Exec { argv, dir: None, env: [].into() }, ..front() }
}

/// The drill of a plan in which hosts are replaced.
pub fn drills(plan: &mut Plan) {
    replaces(plan);
    drills_of(plan, DrillKind::Replace { hosts: vec![unit("web-02"), unit("web-03")] });
}

/// Some fleets can be looked after.
pub fn some_have_it(rng: &mut Rng, shape: Shape) -> Shape {
    // Of a host that an agent changes no machine is replaced.
    if !rng.per_mille(250) || shape.agents.is_some() {
        return shape;
    }
    let mut other = Shape { upkeep: true, hosts: shape.hosts.max(3), ..shape.clone() };
    // As often as not a region may be spared.
    if rng.per_mille(500) && matches!(shape.strategy, Strategy::Rolling(_) | Strategy::Canary(_)) {
        other.regions = rng.between(2, 3) as u32;
        let min_healthy = Some(Amount::Count(1));
        other.capacity = Capacity { min_healthy, max_unavailable: None, ..shape.capacity };
    }
    if rules::check(&plan(&other)).is_empty() { other } else { shape }
}

/// A drill that this fleet can have: a cloud or a region leaves where the others may serve alone, else hosts are replaced.
pub fn any(plan: &mut Plan) {
    replaces(plan);
    let production = plan.environments.get_mut(&environment(PRODUCTION)).unwrap();
    repairs_in(production);
    scales(production);
    let place = plan.environments[&environment(PRODUCTION)].clone();
    let hosts = place.hosts().count();
    quiet_at(plan, if hosts.is_multiple_of(2) { 0..24 } else { 12..13 });
    let lasts = Span::secs(if hosts < 5 { 20 } else { 120 });
    let region = DataCentre::Region("eu-1".into());
    let kinds = [
        DrillKind::Secondary { cloud: None, lasts },
        DrillKind::Offline { place: region, lasts },
        DrillKind::Replace { hosts: vec![unit("web-02"), unit("web-03")] },
    ];
    for kind in kinds {
        drills_of(plan, kind);
        if rules::check(plan).is_empty() {
            return;
        }
    }
}

/// These hours of every day are off-peak everywhere, in UTC.
pub fn quiet_at(plan: &mut Plan, quiet: std::ops::Range<usize>) {
    let hours = (0..TrafficMap::HOURS).map(|hour| if quiet.contains(&(hour % 24)) { 10 } else { 1_000 });
    let mut map = TrafficMap { zone: "UTC".into(), hours: hours.collect(), off_peak: OFF_PEAK };
    if quiet.len() == 24 {
        // The busiest hour of the week is none of today's.
        map.hours[TrafficMap::HOURS - 1] = 1_000;
    }
    plan.traffic.insert(EVERYWHERE.to_owned(), map);
}

/// The drill does this.
pub fn drills_of(plan: &mut Plan, kind: DrillKind) {
    for check in [front(), tool("pager"), tool("graphs")] {
        plan.checks.insert(check.name.clone(), check);
    }
    let drill = Drill {
        name: name(),
        environment: environment(PRODUCTION),
        kind,
        probe: check("front"),
        interval: Span::secs(1),
        availability: 9_990,
        latency: Span::millis(200),
        tools: vec![check("pager"), check("graphs")],
        receipts: Span::minutes(2),
    };
    plan.drills.insert(name(), drill);
}

/// Each at a time of its own: they flag, commit and deploy in whatever order that comes to, or begin a drill.
pub fn asked_for(world: &mut World, rng: &mut Rng, until: u64) {
    beyond_repair(world, rng, until);
    let production = || environment(PRODUCTION);
    let mut commands: Vec<Command> = Vec::new();
    let leaves =
        world.session().plan().drills.values().any(|it| !matches!(it.kind, DrillKind::Replace { .. }));
    // What is flagged keeps a drill from beginning.
    let flags = if leaves && rng.per_mille(750) { 0 } else { rng.between(1, 3) };
    if flags == 0 {
        commands.extend([
            DrillCommand::Start { drill: name() }.into(),
            DrillCommand::Start { drill: name() }.into(),
        ]);
        let gives_up = OperationCommand::Stop { reason: "customers are calling".into() };
        commands.extend(rng.per_mille(200).then(|| gives_up.into()));
    }
    for host in 1..=flags {
        let unit = unit(&format!("web-{host:02}"));
        commands.push(
            OperationCommand::Flag { unit: unit.clone(), reason: "its disk makes noises".into() }.into(),
        );
        if rng.per_mille(200) {
            commands.push(OperationCommand::Unflag { unit }.into());
        }
    }
    for _ in 0..rng.between(1, 3) {
        commands.push(OperationCommand::Commit { environment: production() }.into());
        commands.push(OperationCommand::Deploy { environment: production() }.into());
        commands.push(DrillCommand::Start { drill: name() }.into());
        if rng.per_mille(200) {
            let reason = "the fair opens tonight".into();
            commands.push(DrillCommand::StartOutside { drill: name(), reason }.into());
        }
    }
    if rng.per_mille(300) {
        commands.push(DrillCommand::Note { drill: name(), fix: "the exporter listens again".into() }.into());
    }
    // Early, so that most come before the rollout.
    let mut at = world.at;
    for command in commands {
        at += rng.below(Span::secs(20).0);
        if at < until {
            let person = PersonName::new("raj").unwrap();
            world.plan_for(at, Happening::Says(person, Box::new(command.into())));
        }
    }
}
