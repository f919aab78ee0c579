//! Windows, freezes and traffic maps: what they name is there, and a stage has hours in which it may start at all.

use super::{Broken, Kind, Place};
use crate::domain::{
    calendar::{Opening, Rule},
    plan::{EVERYWHERE, Plan, Shutter, Stage, Strategy, opening},
    time::{Span, WallTime},
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    let place = Place::of(&["freezes"]);
    for freeze in &plan.freezes {
        for (at, name) in freeze.environments.iter().enumerate() {
            if !plan.environments.contains_key(name) {
                let known = plan.environments.keys().map(ToString::to_string);
                let at = place.key(&freeze.name).key("environments").index(at);
                broken.push(Broken::unknown(at, Kind::Environment, name.as_str(), known));
            }
        }
    }
    for (index, stage) in plan.stages.iter().enumerate() {
        let place = Place::of(&["stages"]).index(index);
        // Each region that is taken by itself begins in hours of its own.
        let regions = plan.regions(index);
        let openings: Vec<_> = if regions.is_empty() {
            vec![opening(plan, index)]
        } else {
            regions.iter().map(|it| plan.opening_of_region(index, it.name)).collect()
        };
        let unknown: Vec<String> =
            openings.iter().flat_map(|opening| opening.rules.iter().filter_map(lacks)).collect();
        if !unknown.is_empty() {
            broken.push(Broken::new(
                place.key("window"),
                format!(
                    "when {} is off-peak is not known, and not guessed: there is no traffic map of {}",
                    stage.name,
                    unknown.join(", ")
                ),
                format!(
                    "write [traffic.REGION] with 7 × 24 figures, or [traffic.{EVERYWHERE}] for the others"
                ),
            ));
        } else if openings.iter().any(never) {
            let hours = if stage.off_peak { "off-peak hours of its regions" } else { "window" };
            broken.push(Broken::new(
                place,
                format!("{} could never start: the {hours} leave no time in common", stage.name),
                meets(plan, index, stage),
            ));
        }
    }
}

/// What lets a stage begin whose hours leave no time in common.
fn meets(plan: &Plan, index: usize, stage: &Stage) -> &'static str {
    let hosts = plan.selected(index);
    let several = hosts.iter().any(|host| host.region != hosts[0].region);
    match &stage.strategy {
        // Each region by itself finds none.
        _ if !stage.off_peak || !several || plan.by_region(index) => "let the window meet the off-peak hours",
        Strategy::Rolling(_) | Strategy::Converge(_) => {
            "write by = \"region\" in its strategy: each region then begins in its own hours; or let the window meet \
             the off-peak hours"
        }
        _ => {
            "give each region a stage of its own, with its hosts by name: select = { hosts = [\"…\"] }; or let the \
             window meet the off-peak hours"
        }
    }
}

/// The region whose map is missing.
fn lacks((shutter, rule): &(Shutter<'_>, Rule)) -> Option<String> {
    match (shutter, rule) {
        (Shutter::OffPeak { region, zone: None }, Rule::Unknown) => {
            Some(region.unwrap_or("hosts without a region").to_owned())
        }
        _ => None,
    }
}

/// A week of winter and one of summer: what is open in neither is not open in any that anybody plans with. Freezes
/// pass.
fn never(opening: &Opening<Shutter<'_>>) -> bool {
    const JANUARY: WallTime = WallTime(1_767_571_200_000_000);
    const JULY: WallTime = WallTime(1_783_296_000_000_000);
    let weekly = opening.rules.iter().filter(|(_, rule)| matches!(rule, Rule::Hours(_)));
    let weekly = Opening { rules: weekly.cloned().collect() };
    let soon = |from: WallTime| weekly.opens(from).is_some_and(|at| at.since(from) <= Span::days(14));
    !soon(JANUARY) && !soon(JULY)
}
