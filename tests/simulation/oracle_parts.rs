//! What must hold between the parts of a release, counted anew from the units and the plan: whoever waits for another
//! part begins only when enough of it serve the new version, and no part goes under its own minimum for the others' sake.

use golive::domain::{
    name::UnitId,
    plan::Threshold,
    rollout::{LaneState, Unit},
};

use super::oracle::Oracle;

impl Oracle {
    /// No host of a part begins before so many of the part that it comes after are healthy and done in this stage, but by
    /// force.
    pub(super) fn in_its_order(&mut self, id: &UnitId) {
        let session = &self.shadow;
        let Some(unit) = session.rollout.unit(id) else { return };
        let Some(part) = unit.component() else { return };
        let Some(run) = session.pipeline.running().filter(|run| run.deploys()) else { return };
        let own = &session.plan().components[part].own;
        let Some(after) = &own.after else { return };
        let before: Vec<&Unit> = run
            .units
            .iter()
            .filter_map(|id| session.rollout.unit(id))
            .filter(|unit| unit.component() == Some(after))
            .collect();
        let wanted = match own.barrier {
            Threshold::Hosts(hosts) => hosts as usize,
            Threshold::All => usize::MAX,
        };
        let wanted = wanted.min(before.len());
        let done = |unit: &&&Unit| {
            let lane = unit.lane.as_ref();
            lane.is_some_and(|lane| lane.state == LaneState::Done && lane.stage == run.name)
                && unit.available()
        };
        let well = before.iter().filter(done).count();
        let forced = run.forced.contains(part);
        self.must(well >= wanted || forced, || {
            format!("{id} began with {well} healthy hosts of the part before it, and {wanted} had to be")
        });
    }

    /// The same budget for each part as for all of them.
    pub(super) fn part_keeps(&mut self, unit: &Unit) {
        let Some(part) = unit.component() else { return };
        let units = self.shadow.rollout.units().iter();
        let (mut hosts, mut available) = (0, 0);
        for other in units.filter(|it| it.environment == unit.environment && it.component() == Some(part)) {
            hosts += 1;
            available += u32::from(other.available());
        }
        let plan = self.shadow.plan();
        let limits = plan.limits_of(&plan.environments[&unit.environment], part, hosts);
        let after = available - u32::from(unit.available());
        let sick = unit.fresh().is_some_and(|_| unit.known_not_to_serve());
        let words =
            format!("{} taken out with {available} of {hosts} of {part} available, {limits:?}", unit.id);
        // The last of several is never given up, but where the plan says so or all are stopped.
        let last = hosts > 1 && after == 0 && unit.available() && limits.min_healthy > 0;
        self.must(sick || after >= limits.min_healthy && !last, || words.clone());
        self.must(sick || hosts - after <= limits.max_unavailable, || words);
    }
}
