//! Whether a rollback would work, in words.

use super::command::by_command::by_command;
use crate::domain::{
    counted::counted,
    rollout::{Readiness, WayBack},
};

/// Whether a rollback would work, in words.
pub fn readiness(rollback: &Readiness) -> String {
    let Some(to) = &rollback.to else {
        return "no previous version: rollback unavailable".into();
    };
    match rollback.back {
        Some(WayBack::Done) => return back_on(rollback, to.version.as_str()),
        Some(WayBack::NoHost) => return "what ran once is taken back; no host was changed".to_owned(),
        Some(WayBack::Going) => return format!("goes back to {}", to.version),
        Some(WayBack::Short) | None => {}
    }
    if let Some(stage) = &rollback.past {
        let plan_b =
            rollback.plan_b.as_ref().map_or_else(String::new, |b| format!("; plan B: {}", b.words()));
        return format!("no rollback: {stage} is past the point of no return{plan_b}");
    }
    let how = rollback.switch.as_ref().map_or_else(String::new, |switch| match switch.hosts {
        0 => format!(": {} serves all, nothing to switch", switch.to),
        _ => format!(": a switch to {}", switch.to),
    });
    let how = rollback.agents.map_or(how, |agents| format!(", {}", agents.words()));
    if let Some(store) = &rollback.store {
        return format!("rollback to {} is not ready: {}", to.version, by_command(store));
    }
    if rollback.ready() {
        return format!("rollback ready to {}{how}", to.version);
    }
    let kept = format!(
        "rollback to {} kept on {} of {}",
        to.version,
        rollback.kept,
        counted(rollback.hosts, "host")
    );
    let kept = match rollback.agents {
        Some(_) => format!("{kept}{how}"),
        None => kept,
    };
    let kept = match rollback.unknown {
        0 => kept,
        hosts => format!("{kept}, {hosts} not known"),
    };
    match rollback.unreached {
        0 => kept,
        hosts => format!("{kept}, and the balancer can't be asked of {hosts}"),
    }
}

/// Hosts that this release did not change may run neither.
fn back_on(rollback: &Readiness, version: &str) -> String {
    match rollback.elsewhere {
        0 => format!("back on {version}"),
        elsewhere => {
            let (here, of) = (rollback.hosts.saturating_sub(elsewhere), counted(rollback.hosts, "host"));
            format!("back on {version}, which {here} of {of} run: {elsewhere} run another one")
        }
    }
}
