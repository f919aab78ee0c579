//! How many hosts stand for the share of the new version in fact.

use super::{Unit, budget, weighs};
use crate::domain::{
    name::StageName,
    pipeline::StageState,
    plan::{HostShare, Weight},
    session::Session,
};

/// Where hosts stand for the share that the stage under way is at, and all of them were seen: how they do. None: another
/// stage, a balancer that shares the requests out, or hosts that are being changed. Those of a stage before, such as a
/// 1-box, are part of it. Looks at every unit of its stages.
pub fn host_share(session: &Session) -> Option<HostShare> {
    let run = session.pipeline.running().filter(|run| run.state == StageState::Rolling)?;
    let wanted = run.weight().filter(|weight| *weight < Weight::ALL && !weighs(session, run))?;
    if !run.settled(session) || budget(session, &run.environment).unknown > 0 {
        return None;
    }
    let up_to = session.pipeline.stages.iter().take_while(|before| before.name != run.name);
    let stages: Vec<&StageName> = up_to
        .filter(|before| before.environment == run.environment && before.started.is_some())
        .chain([run])
        .map(|run| &run.name)
        .collect();
    let of_stage = |unit: &&Unit| unit.lane.as_ref().is_some_and(|lane| stages.contains(&&lane.stage));
    let candidate = &session.course.release.candidate.version;
    let mut share = HostShare { wanted, new: 0, of: 0 };
    for unit in session.rollout.units().iter().filter(of_stage).filter(|unit| unit.serves()) {
        share.of += 1;
        share.new += u32::from(unit.running() == Some(candidate));
    }
    Some(share)
}
