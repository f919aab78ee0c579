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

/// The stages that run and are not through yet, and their budgets.
fn runs(session: &Session) -> impl Iterator<Item = (&StageRun, &Stage, Span)> {
    session.pipeline.under_way().filter(|run| run.ready.is_none()).filter_map(|run| {
        let (_, stage) = session.plan().stage(&run.name)?;
        Some((run, stage, stage.budget?))
    })
}

/// What it has taken is real time: it goes on while the line is held.
fn took(run: &StageRun, now: Now) -> Span {
    run.started.map_or(Span::ZERO, |started| now.session.since(started.session))
}

pub(super) fn next(session: &Session, now: Now) -> Next {
    let mut next = Next::Nothing;
    for (run, stage, budget) in runs(session) {
        let (Some(started), None) = (run.started, run.over_budget) else { continue };
        if took(run, now) >= budget {
            let spent = PipelineEvent::BudgetSpent { stage: stage.name.clone(), budget };
            return Next::Events(vec![Event::Pipeline(spent)]);
        }
        next = next.or(|| Next::At(started.session.plus(budget)));
    }
    next
}

/// The stages that take longer than they may.
pub fn over_budget(session: &Session, now: Now) -> impl Iterator<Item = Unwell> + '_ {
    runs(session).filter_map(move |(run, stage, budget)| {
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
    })
}
