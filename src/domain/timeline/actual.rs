//! When a part began and when it was over, as recorded.

use super::What;
use crate::domain::{pipeline::StageRun, session::Session, time::Now};

/// Began, and ended; none: not yet.
pub(super) fn actual(session: &Session, run: Option<&StageRun>, what: &What) -> (Option<Now>, Option<Now>) {
    let declared = session.poll.declared.as_ref().map(|declared| declared.at);
    match (what, run) {
        (What::Poll, _) => (Some(session.course.opened), declared),
        (What::Rollback { environment }, _) => {
            let back = session.rollout.rollbacks.get(environment);
            (back.map(|back| back.started), back.and_then(|back| back.ended))
        }
        (What::Downtime { environment, .. }, _) => {
            let down = session.rollout.downtime.get(environment);
            (down.map(|down| down.since), down.and_then(|down| down.over))
        }
        (_, None) => (None, None),
        (What::Start, Some(run)) => {
            let index = session.plan().stage(&run.name).map(|(index, _)| index);
            let poll = index == Some(session.plan().poll_index());
            (if poll { declared } else { Some(session.course.opened) }, run.started)
        }
        (
            What::Hosts { step, .. }
            | What::Gather { step, .. }
            | What::Pause { step, .. }
            | What::Validate { step: Some(step), .. },
            Some(run),
        ) => {
            let next = run.begun.get(*step as usize + 1).copied();
            // A step is over with the next one, and the last one with the hosts.
            (run.begun.get(*step as usize).copied(), next.or(run.rolled_out))
        }
        (What::Validate { step: None, .. }, Some(run)) => {
            let baking = run.bake.map(|bake| bake.started);
            (run.rolled_out, baking.or(run.ready))
        }
        (What::Bake { .. }, Some(run)) => {
            (run.bake.map(|bake| bake.started), run.bake.and_then(|bake| bake.ended))
        }
        (What::Judgement { check }, Some(run)) => {
            let judged = crate::domain::pipeline::validation_standing(session, run, check);
            (run.rolled_out, judged.map(|judged| judged.at))
        }
        (What::Window, Some(_)) => (None, None),
        (What::Promotion { .. }, Some(run)) => (run.ready, run.passed),
    }
}
