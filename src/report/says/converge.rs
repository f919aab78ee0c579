//! What is said of hosts that agents change.

use super::told::{Told, told};
use crate::domain::{
    desired::Found,
    name::{EnvironmentName, UnitId, Version},
    time::Span,
};

pub fn converged(unit: &UnitId, took: Span) -> Told {
    let took = Span::secs(took.as_secs());
    told(format!("saw {unit} converge, {took} after it was set")).alone(format!("{unit} converged in {took}"))
}

pub fn drifted(unit: &UnitId, runs: &Version) -> Told {
    told(format!("saw {unit} drift: it runs {runs} by now")).alone(format!("{unit} drifted: it runs {runs}"))
}

pub fn stays_drifted(unit: &UnitId, runs: &Version) -> Told {
    told(format!("saw {unit} stay drifted: it runs {runs}, and its agent has not mended it"))
        .alone(format!("{unit} stays drifted: it runs {runs}, and its agent has not mended it"))
}

pub fn drift_ended(unit: &UnitId) -> Told {
    told(format!("saw {unit} run what is desired again")).alone(format!("{unit} runs what is desired again"))
}

/// What a key holds.
pub fn found(environment: &EnvironmentName, unit: Option<&UnitId>, found: &Found) -> Told {
    let whose = unit.map_or_else(|| environment.to_string(), ToString::to_string);
    match found {
        Found::Holds(desired) => {
            let holds = desired.words();
            told(format!("read the desired version of {whose}: {holds}"))
                .alone(format!("desired for {whose}: {holds}"))
        }
        Found::Unreadable { why } => told(format!("could not read the desired version of {whose}: {why}"))
            .alone(format!("the desired version of {whose} can't be read: {why}")),
    }
}
