//! What must hold between the parts of a release, counted anew from the units and the plan: whoever waits for another
//! part begins only when enough of it serve the new version, and no part goes under its own minimum for the others' sake.

use std::collections::BTreeSet;

use golive::domain::{
    event::{Event, Stamped},
    name::{ComponentName, EnvironmentName, UnitId},
    plan::Threshold,
    rollout::{Direction, Lane, LaneState, RolloutEvent, Unit},
    session::Session,
};

use super::oracle::Oracle;

/// How many can be serving at the most, and how many have to: of all hosts, and of each part besides, counted anew.
/// What there is over a minimum makes up for no other one.
pub fn possible(session: &Session, environment: &EnvironmentName) -> (u32, u32) {
    let (plan, place) = (session.plan(), &session.plan().environments[environment]);
    let count = |part: Option<&ComponentName>| {
        let units = session.rollout.units().iter();
        let here =
            units.filter(|it| it.environment == *environment && (part.is_none() || it.component() == part));
        here.fold((0, 0), |(hosts, can): (u32, u32), it: &Unit| {
            (hosts + 1, can + u32::from(!it.known_not_to_serve()))
        })
    };
    let (hosts, all) = count(None);
    let least = plan.limits(place, hosts).min_healthy;
    if !plan.has_parts() {
        return (all, least);
    }
    let (mut figure, mut minimum) = (all.min(least), least);
    let parts: BTreeSet<&ComponentName> = place.pools.iter().map(|pool| &pool.component).collect();
    for part in parts {
        let (hosts, can) = count(Some(part));
        let own = plan.limits_of(place, part, hosts).min_healthy;
        figure += can.min(own);
        minimum += own;
    }
    (figure, minimum)
}

impl Oracle {
    /// A lane begins, on the way there or back.
    pub(super) fn parts(&mut self, stamped: &Stamped) {
        let Event::Rollout(RolloutEvent::LaneStarted { unit, direction, .. }) = &stamped.event else {
            return;
        };
        self.part_has_room(unit);
        if *direction == Direction::Forward {
            self.in_its_order(unit);
        }
    }

    /// No more hosts of a part are under way at once than its own budget says.
    fn part_has_room(&mut self, id: &UnitId) {
        let session = &self.shadow;
        let Some(unit) = session.rollout.unit(id) else { return };
        let Some(part) = unit.component() else { return };
        let units = session.rollout.units().iter();
        let here: Vec<&Unit> =
            units.filter(|it| it.environment == unit.environment && it.component() == Some(part)).collect();
        let plan = session.plan();
        let limits = plan.limits_of(&plan.environments[&unit.environment], part, here.len() as u32);
        let working = here.iter().filter(|it| it.id != *id && it.working()).count() as u32;
        self.must(working < limits.max_parallel, || {
            format!("{id} began with {working} of its part under way, {limits:?}")
        });
    }

    /// No host of a part begins before so many of the part that it comes after are healthy and done in this stage, but by
    /// force.
    fn in_its_order(&mut self, id: &UnitId) {
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
        let mut wanted = wanted.min(before.len());
        if run.by_region() {
            // What comes in a later region is not there when the first host waits.
            let all: Vec<&Unit> = run.units.iter().filter_map(|id| session.rollout.unit(id)).collect();
            let mut there = 0;
            for region in all.chunk_by(|one, next| one.region == next.region) {
                there += region.iter().filter(|unit| unit.component() == Some(after)).count();
                if region.iter().any(|unit| unit.component() == Some(part)) {
                    break;
                }
            }
            wanted = wanted.min(there);
        }
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

    /// The line comes to a stand by itself. It is never because hosts wait for others of a batch that can't begin before
    /// them: where all that is left of a batch waits for another part, one of that part is sick, or none is left to come.
    pub(super) fn nobody_waits_for_who_waits(&mut self, why: &str) {
        let session = &self.shadow;
        let Some(run) = session.pipeline.rolling().filter(|run| !run.barriers.is_empty() && run.deploys())
        else {
            return;
        };
        let units: Vec<&Unit> =
            run.units_of_turn().iter().filter_map(|id| session.rollout.unit(id)).collect();
        let lane = |unit: &Unit| unit.lane.clone().filter(|lane| lane.stage == run.name);
        let batch = |unit: &Unit| lane(unit).filter(Lane::awaited).map(|lane| lane.batch);
        let Some(first) = units.iter().filter_map(|unit| batch(unit)).min() else { return };
        let after = |unit: &Unit| {
            let part = unit.component().filter(|part| !run.forced.contains(part))?;
            run.barriers.iter().find(|barrier| barrier.component == *part)
        };
        let waiting = |unit: &Unit| lane(unit).is_some_and(|lane| lane.state == LaneState::Waiting);
        let mut left = units.iter().filter(|unit| batch(unit) == Some(first));
        let all_wait = left.clone().all(|unit| waiting(unit) && after(unit).is_some());
        let Some(barrier) = left.find_map(|unit| after(unit)).filter(|_| all_wait) else { return };
        let of = || units.iter().filter(|unit| unit.component() == Some(&barrier.after));
        let done = |unit: &&&Unit| lane(unit).is_some_and(|lane| lane.state == LaneState::Done);
        let (well, all) =
            (of().filter(done).filter(|unit| unit.available()).count(), of().filter(done).count());
        let comes = of().filter(|unit| batch(unit).is_some()).count();
        let may = well >= barrier.hosts as usize || all > well || comes == 0;
        self.must(may, || format!("{} waits for hosts that wait for it: {why}", barrier.component));
    }

    /// The same budget for each part as for all of them.
    pub(super) fn part_keeps(&self, unit: &Unit) {
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
            || format!("{} taken out with {available} of {hosts} of {part} available, {limits:?}", unit.id);
        // The last of several is never given up, but where the plan says so or all are stopped.
        let last = hosts > 1 && after == 0 && unit.available() && limits.min_healthy > 0;
        self.must(sick || after >= limits.min_healthy && !last, words);
        self.must(sick || hosts - after <= limits.max_unavailable, words);
    }
}
