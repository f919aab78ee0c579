//! What is left of the pauses and the bake of a stage.

use super::{StageRun, StageState};
use crate::domain::{
    course::hotfix::{Skip, skips},
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

/// What is left of a stage's bake. Session time only: unobserved time never bakes.
pub fn bake_left(session: &Session, run: &StageRun, now: Now) -> Option<Span> {
    let bake = run.bake.filter(|bake| bake.ended.is_none())?;
    let (_, stage) = session.plan().stage(&run.name)?;
    let spent = now.session.since(bake.started.session).0.saturating_sub(bake.unobserved.0);
    Some(Span((stage.bake.0 + bake.longer.0).saturating_sub(spent)))
}

/// The bake that a stage is still to begin; none: it has begun or is over, or there is none.
pub fn bake_ahead(session: &Session, run: &StageRun) -> Option<Span> {
    let ahead = matches!(run.state, StageState::Rolling | StageState::Validating);
    let (_, stage) = session.plan().stage(&run.name).filter(|_| ahead && run.bake.is_none())?;
    (stage.bake > Span::ZERO && !skips(session, Skip::Bakes)).then_some(stage.bake)
}

/// What is left of the pause that a stage is at; none: it is at none, or at one that waits for a person. Unobserved
/// time does not count.
pub fn pause_left(run: &StageRun, now: Now) -> Option<Span> {
    let Some(Step::Pause(pause)) = run.step() else { return None };
    let span = pause.span()?;
    let until = run.at.paused.unwrap_or(now.session);
    let spent = until.since(run.at.since).0.saturating_sub(run.at.unobserved.0);
    Some(Span((span.0 + run.at.longer.0).saturating_sub(spent)))
}
