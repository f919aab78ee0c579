//! The lanes of a stage that starts.

use super::BatchSize;
use crate::domain::{
    effect::{Candidate, LaneStep},
    name::StageName,
    rollout::{self, Lane, Ran},
    session::Session,
};

pub(super) fn start(session: &mut Session, stage: &StageName, to: &Candidate) {
    let Some(run) = session.pipeline.run(stage) else { return };
    let run = run.clone();
    let until: Vec<Option<LaneStep>> =
        (0..run.batches.len()).map(|batch| run.until_of(batch as u32)).collect();
    let batches: Vec<u32> = numbers(&run.batches).collect();
    for (id, batch) in run.units.clone().iter().zip(batches) {
        let (steps, stands_by) = rollout::lane_of_stage(session, &run, id, batch);
        let until = until.get(batch as usize).copied().flatten();
        session.change_unit(id, |unit| {
            if unit.touched.is_none() {
                unit.ran = unit.known_to_run().map(|runs| Ran { version: runs.cloned() });
            }
            let attempt = unit.lane.as_ref().map_or(unit.tries, |lane| lane.attempt);
            unit.lane = Some(Lane {
                batch,
                attempt,
                until,
                stands_by,
                ..Lane::new(stage.clone(), to.of(unit.component()), steps)
            });
        });
    }
}

/// The number of each host's batch, from 0, in the order of the hosts.
pub(super) fn numbers(batches: &[BatchSize]) -> impl Iterator<Item = u32> {
    let of = |(at, batch): (usize, &BatchSize)| std::iter::repeat_n(at as u32, batch.hosts as usize);
    batches.iter().enumerate().flat_map(of)
}
