//! What must hold where one side is taken after the other, counted anew from the units.

use golive::domain::{
    effect::LaneStep,
    name::UnitId,
    pipeline::StageRun,
    plan::Step,
    rollout::{Direction, LaneState, Unit},
};

use super::oracle::Oracle;

impl Oracle {
    pub(super) fn of_batch(&self, run: &StageRun, batch: u32) -> Vec<Unit> {
        let units = self.shadow.rollout.units().iter();
        let of = |unit: &&Unit| {
            unit.lane.as_ref().is_some_and(|lane| lane.stage == run.name && lane.batch == batch)
        };
        units.filter(of).cloned().collect()
    }

    /// No host of a side is changed before all of that side is out of traffic, nor gets traffic before its side does;
    /// and none of the other side is out meanwhile, but one that has failed. On the way back by switching, all are out
    /// before one is changed.
    pub(super) fn its_side_is_out(&self, id: &UnitId, step: LaneStep) {
        let Some(unit) = self.shadow.rollout.unit(id) else { return };
        let Some(lane) = &unit.lane else { return };
        let changes = matches!(step, LaneStep::Stop | LaneStep::Install | LaneStep::Start);
        if lane.direction == Direction::Back {
            let back = self.shadow.rollout.rollbacks.get(&unit.environment);
            // A host that was on its way back by name before goes on: it is out, and its lane fetched first.
            let began_with_it = lane.steps.first() == Some(&LaneStep::Drain);
            let switching = began_with_it && back.is_some_and(|back| back.switches() && !back.gathered);
            self.must(!(changes && switching), || format!("{id}: {step:?} before the switch was through"));
            return;
        }
        let run =
            self.shadow.pipeline.run(&lane.stage).filter(|run| run.takes_sides() && !run.takes_clouds());
        let Some(run) = run else { return };
        let until = run.until_of(lane.batch);
        if step == LaneStep::Rejoin {
            self.must(until.is_none(), || format!("{id} gets traffic before its side does"));
        }
        let waits = |unit: &Unit| unit.lane.as_ref().is_some_and(|lane| lane.open() && !lane.fell);
        if changes && until.is_some() {
            self.must(until == Some(LaneStep::Alive), || format!("{id}: {step:?} before its side is out"));
            let here = self.of_batch(run, lane.batch);
            let serves = here.into_iter().find(|other| waits(other) && !other.out);
            let serves = serves.map(|other| other.id);
            self.must(serves.is_none(), || format!("{id}: {step:?} while {serves:?} of its side serves"));
        }
        if step == LaneStep::Drain && until.is_some() && !lane.fell {
            let other = (0..run.batches.len() as u32).filter(|batch| *batch != lane.batch);
            let others: Vec<Unit> = other.flat_map(|batch| self.of_batch(run, batch)).collect();
            let out = others
                .into_iter()
                .find(|other| other.out && other.lane.as_ref().is_some_and(|lane| !lane.fell && lane.open()));
            let out = out.map(|other| other.id);
            self.must(out.is_none(), || format!("{id} is taken out while {out:?} of the other side is"));
        }
    }

    /// A side leaves only where the other one serves, all of it that was not given up, and enough.
    pub(super) fn side_step_begins(&mut self, run: &StageRun, what: &Step) {
        let Step::Gather { batch, at: LaneStep::Drain } = what else { return };
        if run.takes_clouds() {
            return self.cloud_leaves(run, *batch);
        }
        let others: Vec<Unit> = (0..run.batches.len() as u32)
            .filter(|other| other != batch)
            .flat_map(|other| self.of_batch(run, other))
            .collect();
        let serve = others.iter().filter(|unit| unit.available()).count() as u32;
        let given_up = |unit: &Unit| {
            unit.lane
                .as_ref()
                .is_some_and(|lane| lane.set_aside || matches!(lane.state, LaneState::Excluded { .. }))
        };
        let unwell = others.iter().find(|unit| !unit.available() && !given_up(unit));
        let unwell = unwell.map(|unit| unit.id.clone());
        self.must(unwell.is_none(), || format!("a side is taken out while {unwell:?} does not serve"));
        let plan = self.shadow.plan();
        let hosts = self.shadow.rollout.counts(&run.environment).hosts;
        let needs = plan.limits(&plan.environments[&run.environment], hosts).min_healthy;
        self.must(serve >= needs, || format!("a side is taken out and {serve} serve of {needs} needed"));
    }
}
