//! The planned pauses of a stage that are still to come.

use super::pause_left;
use crate::domain::{
    name::StageName,
    plan::Step,
    session::Session,
    time::{Now, Span},
};

/// The planned pauses that are still to come, the present one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// What those take together whose length is known.
    pub span: Span,
    /// One of them waits for a person.
    pub by_hand: bool,
}

pub fn pauses_to_come(session: &Session, stage: &StageName, now: Now) -> Pauses {
    let run = session.pipeline.run(stage).filter(|run| !run.steps.is_empty());
    let fresh = match (run, session.plan().stage(stage)) {
        (None, Some((index, _))) => session.plan().steps(index),
        _ => Vec::new(),
    };
    let steps = run.map_or(fresh.as_slice(), |run| run.steps.get(run.at.step as usize..).unwrap_or_default());
    let mut pauses = Pauses { span: Span::ZERO, by_hand: false };
    for (nth, step) in steps.iter().enumerate() {
        match step {
            Step::Pause(pause) => match pause.span() {
                None => pauses.by_hand = true,
                Some(span) => {
                    let present = run.filter(|_| nth == 0).and_then(|run| pause_left(run, now));
                    pauses.span = Span(pauses.span.0 + present.unwrap_or(span).0);
                }
            },
            Step::Deploy { .. }
            | Step::Desire { .. }
            | Step::Gather { .. }
            | Step::Return { .. }
            | Step::Stand { .. }
            | Step::StandBy
            | Step::Shift { .. }
            | Step::Validate(_)
            | Step::Once(_)
            | Step::Region { .. } => {}
        }
    }
    pauses
}
