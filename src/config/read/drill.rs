//! Resiliency drills.

use std::collections::BTreeMap;

use super::Reading;
use crate::{
    config::shape,
    domain::{
        name::{CheckName, CloudName, DrillName, EnvironmentName, HostName},
        plan::{Amount, DataCentre, Drill, DrillKind, Environment, Place},
        time::Span,
    },
};

/// Between two samples.
const INTERVAL: Span = Span::secs(1);
/// Out of traffic.
const LASTS: Span = Span::minutes(5);
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
    let lasts = reading.positive_span(&place.key("lasts"), written.lasts.as_deref(), LASTS);
    let cloud = written.cloud.as_deref();
    let cloud = cloud.map(|text| reading.name::<CloudName>(&place.key("cloud"), text));
    let word = written.kind?;
    unheard_of(word, written, place, reading);
    let kind = match word {
        shape::DrillKind::Replace => {
            let names: Vec<HostName> = reading.names(&place.key("hosts"), &written.hosts);
            let declared = environment.as_ref().and_then(|name| environments.get(name));
            // That there is no such environment is a rule's to say.
            let hosts = declared.map(|declared| hosts(&names, declared, &place.key("hosts"), reading));
            DrillKind::Replace { hosts: hosts.unwrap_or_default() }
        }
        shape::DrillKind::Secondary => {
            // A name that is none was said to be so.
            let cloud = match cloud {
                Some(named) => Some(named?),
                None => None,
            };
            DrillKind::Secondary { cloud, lasts }
        }
        shape::DrillKind::Offline => {
            let data_centre = match (cloud, &written.region) {
                (Some(cloud), None) => DataCentre::Cloud(cloud?),
                (None, Some(region)) => DataCentre::Region(region.clone()),
                (Some(_), Some(_)) => {
                    let what = format!("drill {name} takes both a cloud and a region out");
                    reading.bad(&place.key("region"), what, "leave one of the two out");
                    return None;
                }
                (None, None) => {
                    let what = format!("drill {name} does not say which data centre is taken out");
                    reading.bad(place, what, "write cloud = \"b\" or region = \"eu-1\"");
                    return None;
                }
            };
            DrillKind::Offline { place: data_centre, lasts }
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

/// Keys that say nothing to a drill of this kind.
fn unheard_of(kind: shape::DrillKind, written: &shape::Drill, place: &Place, reading: &mut Reading<'_>) {
    use shape::DrillKind::{Offline, Replace, Secondary};
    let hosts = !written.hosts.is_empty();
    let (cloud, region, lasts) = (written.cloud.is_some(), written.region.is_some(), written.lasts.is_some());
    let stray = match kind {
        Replace => [("cloud", cloud), ("region", region), ("lasts", lasts)],
        Secondary => [("hosts", hosts), ("region", region), ("", false)],
        Offline => [("hosts", hosts), ("", false), ("", false)],
    };
    for (key, _) in stray.into_iter().filter(|(_, written)| *written) {
        let what = format!("{key} says nothing to a drill of this kind");
        reading.bad(&place.key(key), what, "take it out, or choose another kind");
    }
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
