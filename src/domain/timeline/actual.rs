//! When a part began, when it was over, and whether it came to what it was for, as recorded.

use super::What;
use crate::domain::{
    counted::counted,
    pipeline::{StageRun, validation_standing},
    poll::Decision,
    rollout::{Direction, LaneState},
    session::Session,
    signal::JudgedVerdict,
    time::Now,
};

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
            | What::Shift { step, .. }
            | What::Region { step, .. }
            | What::Once { step, .. }
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
            // What was judged of one region on the way is no judgement of the whole.
            let judged = run.rolled_out.and_then(|_| validation_standing(session, run, check));
            (run.rolled_out, judged.map(|judged| judged.at))
        }
        (What::Window, Some(_)) => (None, None),
        (What::Promotion { .. }, Some(run)) => (run.ready, run.passed),
    }
}

/// What is missing of a part that is over; none: nothing.
pub(super) fn short(session: &Session, run: Option<&StageRun>, what: &What) -> Option<String> {
    match (what, run) {
        (What::Poll, _) => {
            let declared = session.poll.declared.as_ref();
            declared.filter(|it| it.decision == Decision::NoGo).map(|_| "NO-GO".to_owned())
        }
        (What::Judgement { check }, Some(run)) => {
            let judged = run.rolled_out.and_then(|_| validation_standing(session, run, check));
            judged.filter(|it| it.verdict != JudgedVerdict::Passed).map(|_| "not passed".to_owned())
        }
        (What::Rollback { environment }, _) => {
            let left = session.rollout.rollbacks.get(environment)?.left.len();
            (left > 0).then(|| format!("{} not back", counted(left, "host")))
        }
        (What::Hosts { batch, .. } | What::Gather { batch, .. }, Some(run)) => {
            let before: usize = run.batches.iter().take(*batch as usize).map(|it| it.hosts as usize).sum();
            let hosts = run.batches.get(*batch as usize)?.hosts as usize;
            let units = run.units.get(before..before + hosts)?.iter();
            let lanes = units.filter_map(|id| session.rollout.unit(id)?.lane.as_ref());
            let lacks = lanes.filter(|lane| {
                let given_up = matches!(lane.state, LaneState::Excluded { .. } | LaneState::Skipped);
                lane.direction == Direction::Forward && (lane.set_aside || given_up)
            });
            let lacks = lacks.count();
            (lacks > 0).then(|| format!("{} left out", counted(lacks, "host")))
        }
        _ => None,
    }
}
