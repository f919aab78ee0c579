//! What may close a stage: the window of its environment, the off-peak hours of its regions, freezes and blackouts.

use super::{freeze::Freeze, project::Plan, stage::Stage, traffic::TrafficMap, window::Window};
use crate::domain::{
    calendar::{Frozen, Opening, Rule},
    name::EnvironmentName,
};

/// What may close a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutter<'a> {
    Window(&'a Window),
    OffPeak {
        /// None: of hosts that name none.
        region: Option<&'a str>,
        /// None: there is no map that would say it.
        zone: Option<&'a str>,
    },
    Freeze(&'a Freeze),
}

impl Shutter<'_> {
    /// `window`, `off-peak eu-1`, `freeze black friday`.
    pub fn what(&self) -> String {
        match self {
            Self::Window(_) => "window".to_owned(),
            Self::OffPeak { region: None, .. } => "off-peak".to_owned(),
            Self::OffPeak { region: Some(region), .. } => format!("off-peak {region}"),
            Self::Freeze(freeze) => format!("{} {}", freeze.kind.word(), freeze.name),
        }
    }

    /// In whose terms its times are said.
    pub fn zone(&self) -> &str {
        match self {
            Self::Window(window) => &window.zone,
            Self::OffPeak { zone, .. } => zone.unwrap_or("UTC"),
            Self::Freeze(freeze) => &freeze.zone,
        }
    }

    /// What it says besides when it opens.
    pub fn says(&self) -> String {
        match self {
            Self::Window(window) => format!("open {window}"),
            Self::OffPeak { zone: None, .. } => "there is no traffic map that would say it".to_owned(),
            Self::OffPeak { .. } => "by its traffic map".to_owned(),
            Self::Freeze(freeze) => freeze.reason.clone(),
        }
    }
}

/// What opens and closes a stage of the plan.
pub fn opening(plan: &Plan, index: usize) -> Opening<Shutter<'_>> {
    let Some(stage) = plan.stages.get(index) else { return Opening { rules: Vec::new() } };
    // What goes one region at a time begins with its first one, whatever the hours of the others are.
    let regions = match plan.regions(index).first() {
        Some(first) => vec![first.name],
        None if stage.off_peak => plan.selected(index).iter().map(|host| host.region.as_deref()).collect(),
        None => Vec::new(),
    };
    of_hours(plan, stage, regions)
}

/// What opens and closes a stage for hosts of these regions.
pub(super) fn of_hours<'a>(
    plan: &'a Plan,
    stage: &Stage,
    regions: Vec<Option<&'a str>>,
) -> Opening<Shutter<'a>> {
    let mut opening = closes(plan, &stage.environment);
    if stage.off_peak {
        opening.rules.extend(off_peak(plan, regions));
    }
    opening
}

/// What opens and closes an environment for what is done to hosts of these regions while there is little traffic.
pub fn quiet<'a>(
    plan: &'a Plan,
    environment: &EnvironmentName,
    regions: Vec<Option<&'a str>>,
) -> Opening<Shutter<'a>> {
    let mut opening = closes(plan, environment);
    opening.rules.extend(off_peak(plan, regions));
    opening
}

/// Its freezes and its window.
fn closes<'a>(plan: &'a Plan, environment: &EnvironmentName) -> Opening<Shutter<'a>> {
    let mut rules = Vec::new();
    for freeze in plan.freezes.iter().filter(|freeze| freeze.covers(environment)) {
        let frozen = Frozen::of(&freeze.zone, freeze.from, freeze.to);
        rules.push((Shutter::Freeze(freeze), frozen.map_or(Rule::Unknown, Rule::Frozen)));
    }
    let window = plan.environments.get(environment).and_then(|place| place.window.as_ref());
    if let Some(window) = window {
        rules.push((Shutter::Window(window), window.hours().map_or(Rule::Unknown, Rule::Hours)));
    }
    Opening { rules }
}

/// The off-peak hours of each of these regions, by its traffic map.
fn off_peak<'a>(plan: &'a Plan, mut regions: Vec<Option<&'a str>>) -> Vec<(Shutter<'a>, Rule)> {
    regions.sort_unstable();
    regions.dedup();
    let rule = |region: Option<&'a str>| {
        let map = plan.traffic_of(region);
        let hours = map.and_then(TrafficMap::off_peak_hours);
        let shutter = Shutter::OffPeak { region, zone: map.map(|map| map.zone.as_str()) };
        (shutter, hours.map_or(Rule::Unknown, Rule::Hours))
    };
    regions.into_iter().map(rule).collect()
}
