//! A stage under way whose fleet is another one by now: the hosts that come, those that go, and the share that stays.
//!
//! A share that hosts stand for is one of the hosts that serve. A host that joins counts to neither side until it is
//! seen to serve: no other host is taken because of it, and it is changed with the last share, where it costs nobody
//! anything. One that serves what the others serve is counted as soon as that is seen, and the share is split anew over
//! all of them. What was changed stays changed: where a fleet shrinks under it the share is larger than was asked for,
//! which is said (see `rollout::HostShare`), and nobody else is taken before the next share asks for more.

use std::collections::BTreeSet;

use super::{BatchSize, StageRun, lanes::numbers};
use crate::domain::{
    name::{ComponentName, StageName, UnitId},
    plan::{Canary, Host, Plan, Step, Strategy},
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
    } else if !first && (run.by_region() || adopted.plan.by_region(index)) {
        in_turn(&adopted.plan, index, &mut run);
        session.pipeline.replace(&run);
        return in_their_lanes(session, &run);
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

/// What goes one region at a time keeps the turns up to the present one as they are, without the hosts that are gone. Who
/// joins has a turn that is still to come, with others of its region or by itself: no two regions are ever in progress.
fn in_turn(plan: &Plan, index: usize, run: &mut StageRun) {
    let units = plan.units_of(index);
    let begun = run.turns().get(run.turn()).map_or(run.batches.len(), |turn| turn.end);
    let mut kept = Vec::new();
    let mut batches = Vec::new();
    for batch in 0..begun {
        let stay = run.units_of(batch as u32).iter().filter(|unit| units.contains(unit));
        let before = kept.len();
        kept.extend(stay.cloned());
        let (hosts, tolerates) = ((kept.len() - before) as u32, run.batches[batch].tolerates);
        batches.push(BatchSize { hosts, tolerates: tolerates.min(hosts.saturating_sub(1)) });
    }
    let hosts = plan.selected(index);
    let later: Vec<&Host> = hosts.into_iter().filter(|host| !kept.contains(&host.unit)).collect();
    let mut counts = Vec::new();
    for region in later.chunk_by(|one, next| one.region == next.region) {
        let of_region = plan.in_batches(index, region);
        counts.push(of_region.len() as u32);
        for batch in &of_region {
            batches.push(BatchSize::of(batch));
            kept.extend(batch.hosts.iter().map(|host| host.unit.clone()));
        }
    }
    // Where the next turn begins after the present one, if there is one by now.
    let at = run.at.step as usize;
    let next = run.steps.iter().skip(at + 1).position(Step::is_region).map(|nth| at + 1 + nth);
    let mut once: Vec<Step> = Vec::new();
    if next.is_none() {
        // What runs once at the very end stays there.
        while matches!(run.steps.last(), Some(Step::Once(_))) && run.steps.len() > at + 1 {
            once.extend(run.steps.pop());
        }
    } else {
        let end = run.steps.iter().rev().take_while(|step| matches!(step, Step::Once(_)));
        once.extend(end.cloned());
    }
    match next {
        Some(next) if !counts.is_empty() => run.steps.truncate(next + 1),
        Some(next) => run.steps.truncate(next),
        None if !counts.is_empty() => run.steps.extend(plan.between_regions(index, begun as u32)),
        None => {}
    }
    run.steps.extend(plan.steps_of_regions(index, &counts, begun as u32));
    run.steps.extend(once.into_iter().rev());
    run.units = kept;
    run.batches = batches;
    run.barriers = plan.barriers(index);
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
    let spare = |id: &&UnitId| session.rollout.unit(id).is_some_and(|unit| unit.spare);
    let surge = units.iter().filter(spare).count() as u32;
    let sizes = canary.sizes_again((hosts, surge), joined.len() as u32, reached, taken.len() as u32);
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

/// Each host's lane says which batch it is in; one that is new gets one, and one that waits goes as its host is by now:
/// that may be another side's.
fn in_their_lanes(session: &mut Session, run: &StageRun) {
    // Who waited for this stage and is none of its hosts any more waits for nothing.
    let of_stage: BTreeSet<&UnitId> = run.units.iter().collect();
    let waits =
        |lane: &Lane| lane.stage == run.name && lane.state == LaneState::Waiting && lane.is_untouched();
    let left = session.rollout.units().iter().filter(|unit| unit.lane.as_ref().is_some_and(waits));
    let left: Vec<UnitId> =
        left.filter(|unit| !of_stage.contains(&unit.id)).map(|unit| unit.id.clone()).collect();
    for unit in &left {
        session.change_unit(unit, |unit| unit.lane = None);
    }
    let until: Vec<_> = (0..run.batches.len()).map(|batch| run.until_of(batch as u32)).collect();
    let to = session.course.release.candidate.clone();
    for (unit, batch) in run.units.iter().zip(numbers(&run.batches)) {
        let (steps, stands_by) = rollout::lane_of_stage(session, run, unit, batch);
        let until = until.get(batch as usize).copied().flatten();
        let part = session.rollout.unit(unit).and_then(|unit| unit.component());
        let lane = Lane { until, stands_by, ..Lane::new(run.name.clone(), to.of(part), steps) };
        session.change_unit(unit, |unit| {
            unit.lane = Some(match unit.lane.take() {
                None => Lane { batch, ..lane },
                Some(was) if was.is_untouched() => {
                    let Lane { steps, stands_by, .. } = lane;
                    Lane { batch, steps, stands_by, ..was }
                }
                Some(was) => Lane { batch, ..was },
            });
        });
    }
}

/// The hosts of a component that have not begun go one batch later each, within the turn of the stage. The batches of the
/// others stay as they are; what comes later than the last one has one of its own.
pub(in crate::domain) fn went_later(session: &mut Session, stage: &StageName, component: &ComponentName) {
    let Some(mut run) = session.pipeline.run(stage).cloned() else { return };
    let turn = run.turns().get(run.turn()).cloned().unwrap_or(0..run.batches.len());
    let mut all: Vec<(u32, UnitId)> = numbers(&run.batches).zip(run.units.iter().cloned()).collect();
    let goes = |batch: u32, id: &UnitId| {
        let unit = session.rollout.unit(id).filter(|unit| unit.component() == Some(component));
        let waits = |lane: &Lane| lane.stage == *stage && lane.state == LaneState::Waiting;
        turn.contains(&(batch as usize)) && unit.and_then(|unit| unit.lane.as_ref()).is_some_and(waits)
    };
    let moves: Vec<bool> = all.iter().map(|(batch, id)| goes(*batch, id)).collect();
    let end = turn.end as u32;
    let over = all.iter().zip(&moves).any(|((batch, _), moves)| *moves && batch + 1 == end);
    for ((batch, _), moves) in all.iter_mut().zip(moves) {
        let is_of_a_later_turn = over && *batch >= end;
        *batch += u32::from(moves || is_of_a_later_turn);
    }
    if over {
        run.batches.insert(turn.end, BatchSize { hosts: 0, tolerates: 0 });
        add_batch(&mut run.steps, end);
    }
    all.sort_by_key(|(batch, id)| (*batch, session.rollout.unit(id).map(Unit::rank)));
    let rolling = session.plan().stage(stage).and_then(|(_, stage)| stage.rolling());
    let mut sizes = vec![0; run.batches.len()];
    for (batch, _) in &all {
        sizes[*batch as usize] += 1;
    }
    for (size, hosts) in run.batches.iter_mut().zip(sizes) {
        if hosts != size.hosts {
            let tolerates = rolling.map_or(size.tolerates, |it| it.tolerates(hosts));
            *size = BatchSize { hosts, tolerates };
        }
    }
    run.units = all.iter().map(|(_, id)| id.clone()).collect();
    session.pipeline.replace(&run);
    for (batch, id) in all {
        let stays = |lane: &Lane| lane.batch == batch;
        if session.rollout.unit(&id).and_then(|unit| unit.lane.as_ref()).is_none_or(stays) {
            continue;
        }
        session.change_unit(&id, |unit| {
            if let Some(lane) = &mut unit.lane {
                lane.batch = batch;
            }
        });
    }
    session.capacity_changed();
    session.mark_pipeline();
}

/// A batch more, with this number: the ones from there on are counted one further, and it is taken after the one before.
fn add_batch(steps: &mut Vec<Step>, number: u32) {
    for step in steps.iter_mut() {
        match step {
            Step::Deploy { batch, .. } if *batch >= number => *batch += 1,
            Step::Region { next } if *next >= number => *next += 1,
            _ => {}
        }
    }
    let before = steps.iter().rposition(|step| step.batch().is_some_and(|batch| batch + 1 == number));
    steps.insert(before.map_or(steps.len(), |at| at + 1), Step::Deploy { batch: number, weight: None });
}
