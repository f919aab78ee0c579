//! Hosts that are looked after: plans in which they can be replaced, a drill that does so, and people who ask for either
//! whenever it comes to their mind.

use golive::domain::{
    command::Command,
    drill::DrillCommand,
    name::{DrillName, PersonName},
    operation::OperationCommand,
    plan::{Check, CheckKind, Drill, DrillKind, Driver, ExecVerb, HttpCheck, Plan, Verb},
    time::Span,
};

use super::{
    plan::{PRODUCTION, check, environment, unit},
    rng::Rng,
    world::{Happening, World},
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

pub fn drills(plan: &mut Plan) {
    replaces(plan);
    for check in [front(), tool("pager"), tool("graphs")] {
        plan.checks.insert(check.name.clone(), check);
    }
    let drill = Drill {
        name: name(),
        environment: environment(PRODUCTION),
        kind: DrillKind::Replace { hosts: vec![unit("web-02"), unit("web-03")] },
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
    let production = || environment(PRODUCTION);
    let mut commands: Vec<Command> = Vec::new();
    for host in 1..=rng.between(1, 3) {
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
