//! A stage under way whose fleet is another one by now: the hosts that come, those that go, and the share that stays.
//!
//! A share that hosts stand for is one of the hosts that serve. A host that joins counts to neither side until it is
//! seen to serve: no other host is taken because of it, and it is changed with the last share, where it costs nobody
//! anything. One that serves what the others serve is counted as soon as that is seen, and the share is split anew over
//! all of them. What was changed stays changed: where a fleet shrinks under it the share is larger than was asked for,
//! which is said (see `rollout::HostShare`), and nobody else is taken before the next share asks for more.

use super::{BatchSize, StageRun, lanes::numbers};
use crate::domain::{
    name::UnitId,
    plan::{Canary, Plan, Step, Strategy},
    rollout::{self, Lane, LaneState, Unit},
    session::Session,
};

/// The stages under way take the hosts that the plan has by now.
pub(in crate::domain) fn regrouped(session: &mut Session) {
    let under_way: Vec<StageRun> = session.pipeline.under_way().cloned().collect();
    for run in under_way {
        regroup(session, run);
    }
}

fn regroup(session: &mut Session, mut run: StageRun) {
    let adopted = session.course.adopted.clone();
    let Some((index, stage)) = adopted.plan.stage(&run.name) else { return };
    // One that began as a first deploy has no strategy, and gets none on the way.
    let takes = run.steps.iter().filter(|step| step.batch().is_some()).count();
    let first = takes == 1 && run.from.is_none();
    if let Strategy::Canary(canary) = &stage.strategy
        && !first
    {
        split_anew(session, &adopted.plan, index, canary, &mut run);
    } else {
        let batches = if first { adopted.plan.whole(index) } else { adopted.plan.batches(index) };
        let units = batches.iter().flat_map(|batch| batch.hosts.iter().map(|host| host.unit.clone()));
        run.units = units.collect();
        run.batches = batches.iter().map(BatchSize::of).collect();
    }
    run.barriers = adopted.plan.barriers(index);
    // Nor does one that stops every host become one that does not, or the other way about.
    let steps = adopted.plan.steps(index);
    let same = run.stops_all() == steps.iter().any(Step::proves)
        && run.takes_sides() == steps.iter().any(Step::takes_side_out);
    if !first && same {
        run.steps = steps;
    }
    run.at.step = run.at.step.min(run.steps.len().saturating_sub(1) as u32);
    session.pipeline.replace(&run);
    in_their_lanes(session, &run);
}

/// A host was seen. One that joined, and serves by now, is counted with the others from here on.
pub(in crate::domain) fn serves_by_now(session: &mut Session, unit: &UnitId) {
    let joined = session.pipeline.under_way().any(|run| run.joined.contains(unit));
    if joined && session.rollout.unit(unit).is_some_and(Unit::serves) {
        regrouped(session);
        session.mark_pipeline();
        session.mark_shares();
        session.capacity_changed();
    }
}

/// Who was taken comes first, as it was taken; then those that serve the other version, and last those that joined and
/// serve nobody yet.
fn split_anew(session: &Session, plan: &Plan, index: usize, canary: &Canary, run: &mut StageRun) {
    let units = plan.units_of(index);
    let begun = |id: &UnitId| session.rollout.unit(id).and_then(|unit| taken_in(unit, run));
    let waits = |id: &&UnitId| begun(id).is_none();
    let serves = |id: &UnitId| session.rollout.unit(id).is_some_and(Unit::serves);
    let is_new = |id: &UnitId| run.joined.contains(id) || !run.units.contains(id);
    let joined: Vec<UnitId> =
        units.iter().filter(waits).filter(|id| is_new(id) && !serves(id)).cloned().collect();
    let mut taken: Vec<(u32, UnitId)> =
        units.iter().filter_map(|id| Some((begun(id)?, id.clone()))).collect();
    taken.sort_by_key(|(batch, _)| *batch);
    let (hosts, reached) = ((units.len() - joined.len()) as u32, run.reached().unwrap_or_default() as usize);
    let sizes = canary.sizes_again(hosts, joined.len() as u32, reached, taken.len() as u32);
    let others: Vec<UnitId> = units.iter().filter(waits).filter(|id| !joined.contains(id)).cloned().collect();
    run.batches = sizes.into_iter().map(|hosts| BatchSize { hosts, tolerates: 0 }).collect();
    run.units = taken.into_iter().map(|(_, id)| id).chain(others).chain(joined.iter().cloned()).collect();
    run.joined = joined;
}

/// In which batch this stage took it; none: it has not.
fn taken_in(unit: &Unit, run: &StageRun) -> Option<u32> {
    let lane = unit.lane.as_ref().filter(|lane| lane.stage == run.name)?;
    let waits = matches!(lane.state, LaneState::Waiting | LaneState::Excluded { .. } | LaneState::Skipped);
    (unit.touched.is_some() || !waits).then_some(lane.batch)
}

/// Each host's lane says which batch it is in; one that is new gets one.
fn in_their_lanes(session: &mut Session, run: &StageRun) {
    let until: Vec<_> = (0..run.batches.len()).map(|batch| run.until_of(batch as u32)).collect();
    let to = session.course.release.candidate.clone();
    for (unit, batch) in run.units.iter().zip(numbers(&run.batches)) {
        let (steps, stands_by) = rollout::lane_of_stage(session, run, unit, batch);
        let until = until.get(batch as usize).copied().flatten();
        let part = session.rollout.unit(unit).and_then(|unit| unit.component());
        let lane = Lane { until, stands_by, ..Lane::new(run.name.clone(), to.of(part), steps) };
        session.change_unit(unit, |unit| {
            let lane = unit.lane.take().unwrap_or(lane);
            unit.lane = Some(Lane { batch, ..lane });
        });
    }
}
