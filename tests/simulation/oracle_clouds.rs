//! What must hold where one cloud serves and the others stand by, counted anew from the units and not by what the core
//! says of roles.

use golive::domain::{
    effect::{LaneStep, PoolState},
    name::{CloudName, EnvironmentName, UnitId},
    pipeline::StageRun,
    plan::Step,
    rollout::{Direction, LaneState, Unit, primary},
};

use super::oracle::Oracle;

impl Oracle {
    fn of_cloud(&self, environment: &EnvironmentName, cloud: &CloudName) -> Vec<Unit> {
        let units = self.shadow.rollout.units().iter();
        let here =
            units.filter(|unit| unit.environment == *environment && unit.cloud.as_ref() == Some(cloud));
        here.cloned().collect()
    }

    /// What stands by gets no traffic but by the switch, or on the way back; and what is changed is out of traffic.
    pub(super) fn its_cloud_is_out(&self, id: &UnitId, step: LaneStep) {
        let Some(unit) = self.shadow.rollout.unit(id) else { return };
        if !self.shadow.plan().takes_clouds(&unit.environment) {
            return;
        }
        // Of a host that is looked after other rules hold.
        let Some(lane) = unit.lane.as_ref().filter(|lane| !lane.upkeep) else { return };
        let run = self.shadow.pipeline.run(&lane.stage).filter(|run| run.takes_clouds());
        let Some(run) = run else {
            // A first deploy: what stands by is not brought into traffic by it.
            let stands_by = primary(&self.shadow, &unit.environment) != unit.cloud.as_ref();
            return self
                .must(!(stands_by && step == LaneStep::Rejoin), || format!("{id} stands by, and rejoins"));
        };
        let Some((to, from)) = run.shift() else { return };
        if step == LaneStep::Rejoin {
            let may = match lane.direction {
                Direction::Forward => lane.batch == to,
                Direction::Back => lane.batch == from,
            };
            self.must(may, || format!("{id} of batch {} gets traffic, {:?}", lane.batch, lane.direction));
            let begun = run.steps.iter().take(run.at.step as usize + 1);
            let returned = begun.clone().any(|step| matches!(step, Step::Return { .. }));
            let forward = lane.direction == Direction::Forward;
            self.must(!forward || returned, || format!("{id} gets traffic before the switch"));
        }
        let changes = matches!(step, LaneStep::Stop | LaneStep::Install | LaneStep::Start);
        let seen = unit.fresh().map(|seen| seen.pool);
        self.must(!(changes && seen == Some(PoolState::In) && !unit.out), || {
            format!("{id}: {step:?} while it serves")
        });
        if changes && lane.direction == Direction::Forward && lane.batch == from {
            let shifted = run.steps.iter().take(run.at.step as usize).any(Step::shifts);
            self.must(shifted, || format!("{id} of the cloud that served is changed before traffic shifted"));
        }
        if step == LaneStep::Drain && unit.in_pool() {
            self.somebody_serves(run, unit);
        }
    }

    /// A host leaves only while every host of the cloud that serves without it is well, but those given up.
    fn somebody_serves(&self, run: &StageRun, leaves: &Unit) {
        let Some((to, from)) = run.shift() else { return };
        let back = leaves.lane.as_ref().is_some_and(|lane| lane.direction == Direction::Back);
        let batch = leaves.lane.as_ref().map(|lane| lane.batch);
        let carries = if batch == Some(from) && !back { to } else { from };
        if batch == Some(carries) {
            return;
        }
        let of = run.units_of(carries).first().and_then(|unit| self.shadow.rollout.unit(unit));
        let Some(cloud) = of.and_then(|unit| unit.cloud.clone()) else { return };
        let plan = self.shadow.plan();
        let hosts = self.shadow.rollout.counts(&run.environment).hosts;
        let needs = plan.limits(&plan.environments[&run.environment], hosts).min_healthy;
        let serve =
            self.of_cloud(&run.environment, &cloud).iter().filter(|unit| unit.available()).count() as u32;
        // Those under way finish; one that was counted when its step began may have fallen sick since.
        let fell =
            self.of_cloud(&run.environment, &cloud).iter().any(|unit| !unit.available() && unit.serves());
        let holds = serve >= needs.min(1) || fell;
        self.must(holds, || format!("{} leaves while {serve} of {cloud} serve, {needs} needed", leaves.id));
    }

    /// The step that takes a cloud out begins only where all of the one that serves is well.
    pub(super) fn cloud_leaves(&mut self, run: &StageRun, batch: u32) {
        let Some((to, from)) = run.shift() else { return };
        let Some(serving) = (if batch == from {
            run.units_of(to).first().and_then(|unit| self.shadow.rollout.unit(unit)?.cloud.clone())
        } else {
            primary(&self.shadow, &run.environment).cloned()
        }) else {
            return;
        };
        let all = self.of_cloud(&run.environment, &serving);
        let given_up = |unit: &Unit| {
            unit.lane
                .as_ref()
                .is_some_and(|lane| lane.set_aside || matches!(lane.state, LaneState::Excluded { .. }))
        };
        // Who is out of traffic already leaves nobody alone.
        let leave = || run.units_of(batch).iter().filter_map(|unit| self.shadow.rollout.unit(unit));
        let out =
            batch != from && leave().all(|unit| unit.fresh().is_some_and(|seen| seen.pool == PoolState::Out));
        let unwell = all.iter().find(|unit| !out && !unit.available() && !given_up(unit));
        let unwell = unwell.map(|unit| unit.id.clone());
        self.must(unwell.is_none(), || {
            format!("a cloud leaves while {unwell:?} of {serving} does not serve")
        });
    }

    /// The shift is over only where nobody of the cloud that left is in the pool, and requests were counted at the other.
    pub(super) fn traffic_has_shifted(&mut self, run: &StageRun) {
        let Some((to, from)) = run.shift() else { return };
        let left: Vec<Unit> =
            run.units_of(from).iter().filter_map(|unit| self.shadow.rollout.unit(unit)).cloned().collect();
        let serves = left.iter().find(|unit| unit.fresh().is_none_or(|seen| seen.pool != PoolState::Out));
        let serves = serves.map(|unit| unit.id.clone());
        self.must(serves.is_none(), || format!("traffic has shifted, and {serves:?} is in the pool"));
        let cloud = run.units_of(to).first().and_then(|unit| self.shadow.rollout.unit(unit)?.cloud.clone());
        let now = primary(&self.shadow, &run.environment).cloned();
        self.must(now == cloud, || format!("traffic has shifted to {cloud:?}, and {now:?} is primary"));
        let counts = self.shadow.plan().environments[&run.environment].balancer.counts();
        let counted = self.shadow.rollout.traffic.get(&run.environment).cloned();
        let seen = counted
            .as_ref()
            .is_some_and(|seen| seen.there > 0 && seen.elsewhere == 0 && seen.at.session >= run.at.since);
        self.must(!counts || seen, || format!("traffic has shifted by {counted:?}"));
    }
}
