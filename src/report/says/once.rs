//! What people say of a step that runs once.

use super::told::{Told, told};
use crate::domain::rollout::RolloutEvent;

/// What is told of it; of another event nothing.
pub fn said(event: &RolloutEvent) -> Told {
    use RolloutEvent as E;
    let name = |stage: &dyn std::fmt::Display, once: &dyn std::fmt::Display, back: bool| {
        if back { format!("the way back of {once} of {stage}") } else { format!("{once} of {stage}") }
    };
    match event {
        E::OnceTriedAgain { stage, once, back } => {
            let name = name(stage, once, *back);
            told(format!("had {name} run again")).alone(format!("runs {name} again"))
        }
        E::OnceMarkedDone { stage, once, back, reason } => {
            let name = name(stage, once, *back);
            told(format!("marked {name} done: {reason}")).alone(format!("marks {name} done: {reason}"))
        }
        E::OnceForced { stage, once, back, reason } => {
            let name = name(stage, once, *back);
            told(format!("let the line go on without {name}: {reason}"))
                .alone(format!("goes on without {name}: {reason}"))
        }
        _ => told(String::new()),
    }
}
