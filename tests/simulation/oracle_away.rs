//! What must hold where hosts are out of traffic together for a while: the others are enough before and when each leaves,
//! it happens in its hours, and nobody is left out at the end but who was left out by name.

use golive::domain::{
    effect::{Health, LaneStep, PoolState},
    event::Stamped,
    name::{DrillName, UnitId},
    operation::OperationEvent,
    plan::{DrillKind, quiet},
    rollout::{LaneState, Unit, primary},
};

use super::oracle::Oracle;

impl Oracle {
    /// Whoever stays is well, and as many as the plan asks for.
    pub(super) fn may_leave(&mut self, event: &OperationEvent) {
        let OperationEvent::Began { environment, units, away: Some(away), .. } = event else { return };
        let plan = self.shadow.plan();
        let all: Vec<Unit> = self.shadow.rollout.units().to_vec();
        let here = || all.iter().filter(|unit| unit.environment == *environment);
        let needs = plan.limits(&plan.environments[environment], here().count() as u32).min_healthy.max(1);
        let roles = plan.takes_clouds(environment);
        let well = |unit: &&Unit| unit.fresh().is_some_and(|seen| seen.health == Health::Healthy);
        let stay = here().filter(|unit| !units.contains(&unit.id));
        let serve = if roles {
            stay.filter(|unit| away.carriers.contains(&unit.id)).filter(well).count()
        } else {
            stay.filter(|unit| unit.available()).count()
        };
        self.must(serve as u32 >= needs, || format!("{} leaves, {serve} stay, {needs} needed", away.place));
        let leaves = here().filter(|unit| units.contains(&unit.id)).all(Unit::available);
        self.must(leaves, || format!("{} leaves and is not well", away.place));
        let home = primary(&self.shadow, environment).cloned();
        let whole = !roles || here().filter(|unit| unit.cloud == home).all(|unit| units.contains(&unit.id));
        self.must(whole, || format!("{home:?} is primary, and {units:?} leave"));
    }

    /// In hours with little traffic, or by somebody's word.
    pub(super) fn in_its_hours(&mut self, drill: &DrillName, outside: bool, stamped: &Stamped) {
        let Some(declared) = self.shadow.plan().drills.get(drill).cloned() else { return };
        let DrillKind::Offline { place, .. } = &declared.kind else { return };
        let plan = self.shadow.plan();
        let environment = &plan.environments[&declared.environment];
        let units = place.units(environment);
        let hosts = environment.hosts().filter(|host| units.contains(&host.unit));
        let open = quiet(plan, &declared.environment, hosts.map(|host| host.region.as_deref()).collect())
            .is_open(stamped.now.wall);
        self.must(open || outside, || format!("{drill} began outside its hours"));
    }

    /// A host leaves only while all is as it should be, and who took over only once the others serve.
    pub(super) fn leaves_or_returns(&mut self, id: &UnitId, step: LaneStep) {
        let Some(operation) = self.shadow.operations.running.clone() else { return };
        let Some(absence) = operation.away else { return };
        let Some(unit) = self.shadow.rollout.unit(id).cloned() else { return };
        let touches = matches!(step, LaneStep::Drain | LaneStep::Alive | LaneStep::Rejoin);
        self.must(touches, || format!("{id}: {step:?}, and only traffic should leave it"));
        let carries = absence.asked.carriers.contains(id);
        let back = absence.back.is_some();
        match step {
            LaneStep::Drain => {
                self.must(carries == back, || format!("{id} leaves, and back is {back}"));
                let plan = self.shadow.plan();
                let hosts = self.shadow.rollout.counts(&operation.environment);
                let needs = plan.limits(&plan.environments[&operation.environment], hosts.hosts).min_healthy;
                let serve = hosts.available.saturating_sub(u32::from(unit.available()));
                let holds = serve >= needs || !unit.available();
                self.must(holds, || format!("{id} leaves while {serve} others serve, {needs} needed"));
            }
            LaneStep::Rejoin => self.must(carries || back, || format!("{id} comes back before its time")),
            _ => {}
        }
    }

    /// They stay out for the whole of their time only while all of those that should serve meanwhile are well.
    pub(super) fn comes_back_in_time(&mut self, event: &OperationEvent) {
        let OperationEvent::ComesBack { environment, early: None, .. } = event else { return };
        let Some(operation) = self.shadow.operations.running.clone() else { return };
        let should_serve = |unit: &&Unit| {
            unit.environment == *environment
                && !operation.units.contains(&unit.id)
                && !(unit.out || unit.standby || unit.working())
                && unit.lane.as_ref().is_none_or(|lane| !lane.set_aside)
        };
        let sick = |unit: &Unit| unit.fresh().is_some_and(|seen| seen.health == Health::Sick);
        let mut units = self.shadow.rollout.units().iter().filter(should_serve);
        let unit = units.find(|unit| sick(unit)).map(|unit| unit.id.clone());
        self.must(unit.is_none(), || {
            format!("{unit:?} should serve meanwhile, is sick, and nobody came back early")
        });
    }

    /// Whether its next lane brings it back into traffic.
    pub(super) fn comes_back(&self, id: &UnitId) -> bool {
        let away = self.shadow.operations.running.as_ref().and_then(|operation| operation.away.as_ref());
        away.is_some_and(|away| away.back.is_some() && !away.asked.carriers.contains(id))
    }

    pub(super) fn traffic_is_elsewhere(&mut self) {
        let Some(operation) = self.shadow.operations.running.clone() else { return };
        let units = operation.units.iter().filter_map(|unit| self.shadow.rollout.unit(unit));
        let mut serve = units.filter(|unit| unit.fresh().is_none_or(|seen| seen.pool != PoolState::Out));
        let serves = serve.next().map(|unit| unit.id.clone());
        self.must(serves.is_none(), || format!("traffic has left, and {serves:?} is in the pool"));
        let Some(absence) = operation.away else { return };
        let counts = self.shadow.plan().environments[&operation.environment].balancer.counts();
        let seen = absence.counted.is_some_and(|seen| seen.away == 0 && seen.elsewhere > 0);
        self.must(!counts || seen, || format!("traffic has left by {:?}", absence.counted));
    }

    /// Nobody is left out of traffic but who was left out by a person.
    pub(super) fn all_are_back(&mut self, left: &[UnitId]) {
        let Some(operation) = self.shadow.operations.running.clone() else { return };
        let Some(absence) = &operation.away else { return };
        let units = operation.units.iter().filter_map(|unit| self.shadow.rollout.unit(unit));
        for unit in units.cloned().collect::<Vec<Unit>>() {
            let named = left.contains(&unit.id)
                && unit
                    .lane
                    .as_ref()
                    .is_none_or(|lane| lane.set_aside || matches!(lane.state, LaneState::Excluded { .. }));
            self.must(!unit.out || named, || format!("{} is left out of traffic", unit.id));
        }
        self.must(absence.back.is_some(), || format!("{} never came back", absence.asked.place));
    }
}
