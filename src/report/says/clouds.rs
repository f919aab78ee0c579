//! What is said where traffic shifts from one cloud to another.

use super::{
    stop_all::{self, tenths},
    told::{Told, told},
};
use crate::domain::{
    counted::{counted, grouped},
    name::{CloudName, EnvironmentName},
    rollout::RolloutEvent,
    time::Span,
};

/// What is no fact of clouds is said elsewhere.
pub fn says(event: &RolloutEvent) -> Told {
    match event {
        RolloutEvent::TrafficSeen { environment, to, there, elsewhere } => {
            traffic(environment, to, *there, *elsewhere)
        }
        RolloutEvent::RoleSwitched { environment, from, to, took, requests } => {
            switched(environment, from, to, *took, *requests)
        }
        RolloutEvent::Switched { environment, took, left, cloud } => match cloud {
            Some(cloud) => alone(environment, cloud, *took, *left),
            None => stop_all::switched(environment, *took, *left),
        },
        _ => told(String::new()),
    }
}

/// On the way back: the cloud that was primary before serves alone. Whether that was a switch is told by itself.
fn alone(environment: &EnvironmentName, cloud: &CloudName, took: Span, left: u32) -> Told {
    // Who never stopped to serve was waited for by nobody.
    let after = if took < Span::secs(1) { String::new() } else { format!(", after {}", tenths(took)) };
    let words = match left {
        0 => {
            format!("cloud {cloud} of {environment} serves alone{after}; the others go back without traffic")
        }
        left => format!(
            "cloud {cloud} of {environment} does not serve alone: {} of the new version still in the pool",
            counted(left, "host")
        ),
    };
    told(format!("found that {words}")).alone(words)
}

fn traffic(environment: &EnvironmentName, to: &CloudName, there: u64, elsewhere: u64) -> Told {
    let words = match (there, elsewhere) {
        (0, 0) => "no request at all".to_owned(),
        (there, elsewhere) => {
            format!("{} to {to}, {} elsewhere", counted(there, "request"), grouped(elsewhere))
        }
    };
    told(format!("counted in {environment} while traffic shifts: {words}")).alone(words)
}

fn switched(
    environment: &EnvironmentName,
    from: &CloudName,
    to: &CloudName,
    took: Span,
    requests: Option<u64>,
) -> Told {
    let took = tenths(took);
    let seen = match requests {
        Some(requests) => format!("{} there and none elsewhere", counted(requests, "request")),
        None => "by who is in the pool".to_owned(),
    };
    told(format!("saw {environment} served by cloud {to} instead of {from}, after {took}: {seen}"))
        .alone(format!("{to} is primary, {from} stands by, after {took}: {seen}"))
}
