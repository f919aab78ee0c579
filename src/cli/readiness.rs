//! Whether a rollback would work, in words.

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
        Some(WayBack::Done) => return format!("back on {}", to.version),
        Some(WayBack::NoHost) => return "what ran once is taken back; no host was changed".to_owned(),
        Some(WayBack::Going) => return format!("goes back to {}", to.version),
        Some(WayBack::Short) | None => {}
    }
    if let Some(stage) = &rollback.past {
        return format!("no rollback: {stage} is past the point of no return");
    }
    let how = rollback.switch.as_ref().map_or_else(String::new, |switch| match switch.hosts {
        0 => format!(": {} serves all, nothing to switch", switch.to),
        _ => format!(": a switch to {}", switch.to),
    });
    let how = rollback.agents.map_or(how, |agents| format!(", {}", agents.words()));
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
