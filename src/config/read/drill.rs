//! Resiliency drills.

use std::collections::BTreeMap;

use super::Reading;
use crate::{
    config::shape,
    domain::{
        name::{CheckName, DrillName, EnvironmentName, HostName},
        plan::{Amount, Drill, DrillKind, Environment, Place},
        time::Span,
    },
};

/// Between two samples.
const INTERVAL: Span = Span::secs(1);
/// For monitoring tools to receive their alarm.
const RECEIPTS: Span = Span::minutes(5);

pub fn drills(
    written: &BTreeMap<String, shape::Drill>,
    environments: &BTreeMap<EnvironmentName, Environment>,
    reading: &mut Reading<'_>,
) -> BTreeMap<DrillName, Drill> {
    let mut drills = BTreeMap::new();
    for (key, written) in written {
        let place = Place::of(&["drills", key]);
        let Some(name) = reading.name::<DrillName>(&place, key) else { continue };
        if let Some(drill) = drill(name.clone(), written, environments, &place, reading) {
            drills.insert(name, drill);
        }
    }
    drills
}

fn drill(
    name: DrillName,
    written: &shape::Drill,
    environments: &BTreeMap<EnvironmentName, Environment>,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Option<Drill> {
    let environment = written.environment.as_deref();
    let environment = environment.and_then(|text| reading.name(&place.key("environment"), text));
    let probe =
        written.probe.as_deref().and_then(|text| reading.name::<CheckName>(&place.key("probe"), text));
    let interval = reading.positive_span(&place.key("interval"), written.interval.as_deref(), INTERVAL);
    let availability = written.availability.as_deref().and_then(|text| share(text, place, reading));
    let latency = written.latency.as_deref();
    let latency = latency.map(|text| reading.positive_span(&place.key("latency"), Some(text), INTERVAL));
    let tools = written.tools.as_deref().map(|written| reading.names(&place.key("tools"), written));
    let receipts = reading.positive_span(&place.key("receipts"), written.receipts.as_deref(), RECEIPTS);
    let kind = match written.kind? {
        shape::DrillKind::Replace => {
            let names: Vec<HostName> = reading.names(&place.key("hosts"), &written.hosts);
            let declared = environment.as_ref().and_then(|name| environments.get(name));
            // That there is no such environment is a rule's to say.
            let hosts = declared.map(|declared| hosts(&names, declared, &place.key("hosts"), reading));
            DrillKind::Replace { hosts: hosts.unwrap_or_default() }
        }
    };
    Some(Drill {
        name,
        environment: environment?,
        kind,
        probe: probe?,
        interval,
        availability: availability?,
        latency: latency?,
        tools: tools?,
        receipts,
    })
}

fn hosts(
    names: &[HostName],
    environment: &Environment,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Vec<crate::domain::name::UnitId> {
    let mut units = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let mut here = environment.hosts().filter(|host| host.name == *name).peekable();
        if here.peek().is_none() {
            let what = format!("{} has no host {name}", environment.name);
            reading.bad(&place.index(at), what, "write the names of hosts of this environment");
        }
        units.extend(here.map(|host| host.unit.clone()));
    }
    units
}

fn share(text: &str, place: &Place, reading: &mut Reading<'_>) -> Option<u32> {
    if let Some(Amount::Percent(share @ 1..)) = Amount::parse(text) {
        return Some(share);
    }
    let what = format!("{text:?} is not a share of the answers");
    reading.bad(&place.key("availability"), what, "write one up to \"100%\", such as \"99.9%\"");
    None
}
