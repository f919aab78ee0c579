//! A stage that begins by itself: all that it is after has passed, golive itself promotes each of these, and the line is
//! free. Where a person promotes one of them, it begins with that promotion, or a person starts it.

use super::{StageState, until_it_opens};
use crate::domain::{
    gate,
    plan::Promote,
    rollout,
    session::{Next, Session},
    time::Now,
};

pub(super) fn next(session: &Session, now: Now) -> Next {
    let pipeline = &session.pipeline;
    let went_back =
        |run: &super::StageRun| matches!(run.state, StageState::RollingBack | StageState::RolledBack);
    // In a list a stage begins with the promotion of the one before it, always.
    if !pipeline.branches()
        || session.course.hold.is_some()
        || pipeline.rolling().is_some()
        || pipeline.stages.iter().any(went_back)
    {
        return Next::Nothing;
    }
    let mut waits = Next::Nothing;
    for index in (0..pipeline.stages.len()).filter(|index| by_itself(session, *index)) {
        let in_the_way = gate::to_start(session, index, now);
        if in_the_way.is_empty() {
            return Next::Events(rollout::follows(session, index, now));
        }
        waits = waits.or(|| until_it_opens(session, Some(index), &in_the_way, now));
    }
    waits
}

/// Whether nobody has to start it, nor to promote what it is after.
pub fn by_itself(session: &Session, index: usize) -> bool {
    let (pipeline, plan) = (&session.pipeline, session.plan());
    let automatic = |at: usize| plan.stages.get(at).is_some_and(|it| it.promote == Promote::Automatic);
    pipeline.may_begin(index)
        && pipeline.before(index).next().is_some()
        && !plan.follows_the_poll(index)
        && pipeline.before(index).all(automatic)
}
