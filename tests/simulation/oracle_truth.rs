//! What must hold of the hosts themselves, whatever the core believes of them.

use std::collections::BTreeSet;

use golive::domain::{
    course::CourseEvent,
    effect::{Health, PoolState},
    event::{Event, Stamped},
    name::UnitId,
    pipeline::{PipelineEvent, StageRun},
    plan::{Split, Weight},
    rollout::{Direction, LaneState, RolloutEvent, Unit},
    time::Span,
};

use super::{oracle::Oracle, world::World};

/// A report is on its way for no longer than this.
const ON_ITS_WAY: u64 = 1_000;

impl World {
    /// A host that serves is taken out: so many others serve in truth as the plan keeps at least. Whoever was taken out by
    /// a step serves no more; and whoever stopped serving by itself is counted as long as nobody has reported it.
    pub(super) fn keep_enough(&mut self) {
        if self.oracle.leaves.is_empty() {
            return;
        }
        for (id, seen_down) in std::mem::take(&mut self.oracle.leaves) {
            let session = &self.oracle.shadow;
            let Some(unit) = session.rollout.unit(&id) else { continue };
            if !self.hosts[self.index[&id]].serves() || seen_down && self.is_news(unit) {
                continue;
            }
            let here = |other: &&Unit| other.environment == unit.environment;
            let units: Vec<&Unit> = session.rollout.units().iter().filter(here).collect();
            let of_pool = |other: &&&Unit| other.id != id && !other.out && !other.standby;
            let serves = |other: &&&Unit| self.hosts[self.index[&other.id]].serves();
            let counts = |other: &&&Unit| serves(other) || self.is_news(other);
            let others = units.iter().filter(of_pool).filter(counts).count() as u32;
            let plan = session.plan();
            let limits = plan.limits(&plan.environments[&unit.environment], units.len() as u32);
            let down: Vec<&UnitId> =
                units.iter().filter(of_pool).filter(|other| !counts(other)).map(|other| &other.id).collect();
            assert!(
                others >= limits.min_healthy,
                "seed {}: {id} was taken out, and {others} others serve in truth, {limits:?}; {down:?} do not\n{}",
                self.seed,
                self.story()
            );
        }
    }

    /// It is another one since it was last seen.
    fn is_news(&self, unit: &Unit) -> bool {
        let Some(changed) = self.hosts[self.index[&unit.id]].changed else { return false };
        let seen = unit.seen.as_ref().filter(|seen| !seen.stale);
        seen.is_none_or(|seen| seen.at.session <= changed.plus(Span(ON_ITS_WAY)))
    }
}

impl Oracle {
    /// Hosts that join a stage under way count to no side of its share before they were seen to serve.
    pub(super) fn joins(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::Course(CourseEvent::PlanAdopted { adopted, .. }) => {
                let running = self.shadow.pipeline.running().is_some();
                let pools = adopted.plan.pools();
                let units = pools.flat_map(|(_, pool)| &pool.hosts).map(|host| &host.unit);
                let new = units.filter(|id| running && self.shadow.rollout.unit(id).is_none());
                let new: BTreeSet<UnitId> = new.cloned().collect();
                self.joined.extend(new);
            }
            Event::Pipeline(PipelineEvent::StageStarted { .. }) => self.joined.clear(),
            Event::Rollout(RolloutEvent::UnitSeen { unit, seen })
                if seen.health == Health::Healthy && matches!(seen.pool, PoolState::In | PoolState::None) =>
            {
                self.joined.remove(unit);
            }
            _ => {}
        }
    }

    /// No host is taken beyond the share that its stage is at, of the hosts that serve or did when they came.
    pub(super) fn keeps_the_share(&mut self, id: &UnitId) {
        let taken = |unit: &Unit, run: &StageRun| {
            unit.lane.as_ref().is_some_and(|lane| {
                let waits = matches!(
                    lane.state,
                    LaneState::Waiting | LaneState::Excluded { .. } | LaneState::Skipped
                );
                lane.stage == run.name
                    && lane.direction == Direction::Forward
                    && (unit.touched.is_some() || !waits)
            })
        };
        let session = &self.shadow;
        let Some(run) = session.pipeline.running() else { return };
        let weight = run.weight().filter(|weight| *weight < Weight::ALL);
        let fresh = session.rollout.unit(id).is_some_and(|unit| !taken(unit, run));
        let Some(weight) = weight.filter(|_| fresh) else { return };
        let of_stage = |unit: &&Unit| unit.lane.as_ref().is_some_and(|lane| lane.stage == run.name);
        let all = || session.rollout.units().iter().filter(of_stage);
        let new = all().filter(|unit| taken(unit, run)).count() as u32 + 1;
        let counted = |unit: &&Unit| taken(unit, run) || !self.joined.contains(&unit.id);
        let hosts = all().filter(counted).count() as u32;
        let most = Split::closest(hosts, weight.percent(), 0).canary;
        self.must(new <= most, || format!("{id} is number {new} of {hosts} hosts at {weight}"));
    }
}
