//! How long a stage may take, from its start until all that it asks for has passed. A budget that is spent is said, and
//! stops nothing: what is late is no worse for going on.

use super::{PipelineEvent, StageRun};
use crate::domain::{
    event::Event,
    plan::Stage,
    rollout::Unwell,
    session::{Next, Session},
    time::{Now, Span},
};

/// The stage that runs and is not through yet, and its budget.
fn runs(session: &Session) -> Option<(&StageRun, &Stage, Span)> {
    let run = session.pipeline.running().filter(|run| run.ready.is_none())?;
    let (_, stage) = session.plan().stage(&run.name)?;
    Some((run, stage, stage.budget?))
}

/// What it has taken is real time: it goes on while the line is held.
fn took(run: &StageRun, now: Now) -> Span {
    run.started.map_or(Span::ZERO, |started| now.session.since(started.session))
}

pub(super) fn next(session: &Session, now: Now) -> Next {
    let Some((run, stage, budget)) = runs(session) else { return Next::Nothing };
    let (Some(started), None) = (run.started, run.over_budget) else { return Next::Nothing };
    if took(run, now) < budget {
        return Next::At(started.session.plus(budget));
    }
    Next::Events(vec![Event::Pipeline(PipelineEvent::BudgetSpent { stage: stage.name.clone(), budget })])
}

/// The stage that takes longer than it may.
pub fn over_budget(session: &Session, now: Now) -> Option<Unwell> {
    let (run, stage, budget) = runs(session)?;
    let over = run.over_budget?;
    let took = Span::secs(took(run, now).as_secs());
    Some(Unwell {
        environment: stage.environment.clone(),
        unit: None,
        outage: false,
        since: over.session,
        what: format!("{} has taken {took} of its {budget}", stage.name),
        release: "its end; time alone stops nothing, and it may be rolled back (R)".to_owned(),
    })
}
