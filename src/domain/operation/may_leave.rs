//! Whether hosts may leave traffic together: the others are seen to be enough, and whoever takes over to be well.

use super::{Away, Kind, OperationEvent, pending::obstacle_of, should_run};
use crate::domain::{
    effect::{Candidate, Health},
    event::Event,
    name::{CloudName, DrillName, EnvironmentName, UnitId},
    plan::{Balancer, DataCentre},
    refusal::{Obstacle, ObstacleKind, Refusal},
    rollout::{self, Unit},
    session::Session,
    time::Span,
};

/// The hosts of a data centre are to leave, which is refused unless the others are seen to be enough.
pub(in crate::domain) fn begun(
    session: &Session,
    environment: &EnvironmentName,
    place: DataCentre,
    lasts: Span,
    drill: DrillName,
) -> Result<(Event, Vec<UnitId>), Refusal> {
    let Some(to) = should_run(session, environment) else {
        return Err(Refusal::rule(
            format!("what should run in {environment} is not known, and is not guessed"),
            "a go-live that proves a release there, or one version on every host",
        ));
    };
    let declared = session.plan().environments.get(environment);
    let Some(declared) = declared.filter(|declared| declared.balancer != Balancer::None) else {
        return Err(Refusal::rule(format!("{environment} has no balancer"), "a balancer in golive.toml"));
    };
    let units = place.units(declared);
    let primary = rollout::primary(session, environment);
    let leaves = match &place {
        DataCentre::Cloud(cloud) => Some(cloud),
        DataCentre::Region(_) => None,
    };
    if let Some(primary) = primary.filter(|primary| leaves != Some(*primary)) {
        return Err(Refusal::rule(
            format!("{primary} is primary in {environment}: {place} stands by, and has no traffic to lose"),
            "a drill that names no cloud, which takes whoever is primary",
        ));
    }
    let takes_over = primary.and_then(|primary| {
        declared.clouds.iter().map(|cloud| &cloud.name).find(|cloud| *cloud != primary).cloned()
    });
    let carriers = match &takes_over {
        Some(cloud) => DataCentre::Cloud(cloud.clone()).units(declared),
        None => Vec::new(),
    };
    let obstacles = unfit(session, environment, (&units, &carriers), takes_over.as_ref(), &to);
    if !obstacles.is_empty() {
        return Err(Refusal::not_ready(format!("{place} can't be taken out of traffic"), obstacles));
    }
    let all = units.iter().chain(&carriers).cloned().collect();
    let began = OperationEvent::Began {
        kind: Kind::Offline,
        environment: environment.clone(),
        units,
        to,
        drill: Some(drill),
        away: Some(Box::new(Away { place, takes_over, carriers, lasts })),
    };
    Ok((Event::Operation(began), all))
}

/// What shows that the others could not carry all, or that it would not be seen whether they do.
fn unfit(
    session: &Session,
    environment: &EnvironmentName,
    (units, carriers): (&[UnitId], &[UnitId]),
    takes_over: Option<&CloudName>,
    to: &Candidate,
) -> Vec<Obstacle> {
    let of = |what: &str, why: String, lift: &str| obstacle_of(ObstacleKind::Hosts, what, why, lift);
    let mut list = Vec::new();
    let found = |unit: &UnitId| session.rollout.unit(unit);
    let here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    // Of clouds that stand by only the one that takes over is asked.
    let concerned = |unit: &&Unit| takes_over.is_none() || units.contains(&unit.id);
    for unit in here.filter(concerned).filter(|unit| !unit.available()) {
        list.push(of(unit.id.as_str(), does_not(unit), "its being seen to serve"));
    }
    for unit in carriers.iter().filter_map(found) {
        let well = unit.fresh().is_some_and(|seen| seen.health == Health::Healthy)
            && unit.running() == Some(&to.version);
        if !well {
            let why = match unit.fresh() {
                Some(seen) if seen.health == Health::Healthy => {
                    format!("runs {}, and {} should run there", unit.runs().unwrap_or("nothing"), to.version)
                }
                _ => does_not(unit),
            };
            list.push(of(unit.id.as_str(), why, "its being seen to be well"));
        }
    }
    let budget = rollout::budget(session, environment);
    let (out, hosts) = (units.len() as u32, budget.limits.hosts);
    let serve = match takes_over {
        Some(_) => carriers.len() as u32,
        None => hosts.saturating_sub(out),
    };
    let needs = budget.limits.min_healthy.max(1);
    let spare = takes_over.is_some() || out <= budget.limits.spare();
    if serve < needs || !spare {
        let why = format!("{serve} of {hosts} hosts would serve alone; {}", budget.words());
        list.push(of("capacity", why, "a smaller place, or more hosts besides it"));
    }
    list
}

/// Why a host does not serve, as far as it is known.
fn does_not(unit: &Unit) -> String {
    let seen = unit.fresh();
    let why = seen.and_then(|seen| seen.why.clone()).unwrap_or_else(|| match seen {
        None => "it is not observed".to_owned(),
        Some(seen) if seen.health == Health::Healthy => "it is not in the pool".to_owned(),
        Some(_) => "it is not healthy".to_owned(),
    });
    format!("does not serve: {why}")
}
