//! What must hold of what golive does by itself about dead hosts, by the record alone: never more than the cap, never a
//! host that something else is at work on or that was put out, never twice in a cool-down, and nothing while suspended.

use golive::domain::{
    effect::{Effect, Health, LaneStep, Target, Work},
    event::{Event, Stamped},
    name::{EnvironmentName, UnitId},
    operation::OperationEvent,
    rollout::{LaneState, Unit},
};

use super::{oracle::Oracle, oracle_upkeep::Upkept};

impl Upkept {
    pub(super) fn notes_repairs(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::Operation(OperationEvent::RepairBegan { unit, .. }) => {
                self.repaired.insert(unit.clone(), stamped.now.session);
            }
            Event::Operation(OperationEvent::RepairJudged { unit, alive: false, .. }) => {
                *self.helpless.entry(unit.clone()).or_default() += 1;
            }
            _ => {}
        }
    }
}

impl Oracle {
    /// Nobody but golive repairs, and only whom it may.
    pub(super) fn may_repair(&mut self, id: &UnitId, attempt: u32, stamped: &Stamped) {
        self.must(!stamped.actor.is_human(), || format!("{id} is repaired by {}", stamped.actor));
        let Some(unit) = self.shadow.rollout.unit(id).cloned() else { return };
        let environment = &unit.environment;
        let Some(policy) = self.shadow.plan().environments[environment].repair.clone() else {
            return self.must(false, || format!("{id} is repaired without a rule"));
        };
        self.must(attempt <= policy.attempts, || format!("{id} is repaired {attempt} times"));
        let paused = self.shadow.operations.repairs.paused.contains_key(environment);
        self.must(!paused, || format!("{id} is repaired while that is suspended"));
        self.must(self.shadow.course.hold.is_none(), || format!("{id} is repaired while held"));
        let back = self.shadow.rollout.rollbacks.get(environment).is_some_and(|it| it.ended.is_none());
        self.must(!back, || format!("{id} is repaired in a rollback"));
        let busy = self.shadow.flights.get(&Target::Unit(id.clone())).is_some();
        let lane = unit.lane.as_ref().map(|lane| &lane.state);
        let moved = unit.out || busy || lane.is_some_and(LaneState::under_way);
        self.must(!moved, || format!("{id} is repaired while its lane is {lane:?}"));
        let left = lane.is_some_and(|it| it.stopped() || matches!(it, LaneState::Excluded { .. }));
        self.must(!left, || format!("{id} is repaired although it is {lane:?}"));
        let sick = unit.fresh().is_some_and(|seen| seen.health == Health::Sick);
        self.must(sick, || format!("{id} is repaired, and was seen as {:?}", unit.seen));
        let mut gone = self.gone(environment);
        // Who was given up before is a person's by now, and nothing that others share.
        let repairs = &self.shadow.operations.repairs.hosts;
        let over = |id: &UnitId| repairs.get(id).is_some_and(|it| it.given_up.is_some());
        gone.retain(|id| policy.replace.is_some() || !over(id));
        self.must(gone.len() <= policy.at_once as usize, || {
            format!("{id} is repaired while {gone:?} are gone, {} at once", policy.at_once)
        });
        let under_way = self.repairs_under_way(environment);
        self.must(under_way < policy.at_once as usize, || format!("{under_way} are repaired besides {id}"));
        if let Some(last) = self.upkept.repaired.get(id) {
            let since = stamped.now.session.since(*last);
            self.must(since >= policy.cool_down, || format!("{id} is repaired again after {since}"));
        }
    }

    /// Hosts of which nobody can say that they are alive, and which nobody took out.
    fn gone(&self, environment: &EnvironmentName) -> Vec<UnitId> {
        let here = self.shadow.rollout.units().iter().filter(|unit| unit.environment == *environment);
        let gone = |unit: &&Unit| {
            !unit.out && !unit.working() && unit.fresh().is_none_or(|seen| seen.health != Health::Healthy)
        };
        here.filter(gone).map(|unit| unit.id.clone()).collect()
    }

    fn repairs_under_way(&self, environment: &EnvironmentName) -> usize {
        let here =
            |id: &UnitId| self.shadow.rollout.unit(id).is_some_and(|it| it.environment == *environment);
        let flights = self.shadow.flights.iter();
        flights.filter(|it| matches!(&it.effect.id.target, Target::Repair(id) if here(id))).count()
    }

    /// That it helped the beat says, and that it did not only once the cool-down is over.
    pub(super) fn repair_judged(&mut self, id: &UnitId, alive: bool, stamped: &Stamped) {
        let dead = self.shadow.operations.hearts.get(id).is_some_and(|beats| beats.dead.is_some());
        self.must(alive != dead, || format!("{id} is judged alive: {alive}, and is dead: {dead}"));
        let Some(began) = self.upkept.repaired.get(id).copied() else {
            return self.must(false, || format!("{id} is judged, and was not repaired"));
        };
        let environment = self.shadow.rollout.unit(id).map(|unit| unit.environment.clone());
        let policy = environment.and_then(|it| self.shadow.plan().environments[&it].repair.clone());
        let over = policy.is_none_or(|it| stamped.now.session.since(began) >= it.cool_down);
        self.must(alive || over, || format!("a repair of {id} did not help before its cool-down was over"));
    }

    /// Hosts are replaced by a person, or by the rule that says so: only hosts that repairs did not help, under its cap.
    pub(super) fn may_replace(&mut self, environment: &EnvironmentName, units: &[UnitId], stamped: &Stamped) {
        if stamped.actor.is_human() {
            return;
        }
        let policy = self.shadow.plan().environments[environment].repair.clone();
        let Some((policy, cap)) = policy.and_then(|it| it.replace.map(|cap| (it, cap))) else {
            return self.must(false, || "an operation was begun by nobody".into());
        };
        self.must(units.len() <= cap as usize, || format!("{units:?} are replaced, {cap} at once"));
        let paused = self.shadow.operations.repairs.paused.contains_key(environment);
        self.must(!paused, || format!("{units:?} are replaced while that is suspended"));
        for id in units {
            let helpless = self.upkept.helpless.get(id).copied().unwrap_or_default();
            self.must(helpless >= policy.attempts, || format!("{id} is replaced after {helpless} repairs"));
            let Some(unit) = self.shadow.rollout.unit(id) else { continue };
            let sick = unit.fresh().is_some_and(|seen| seen.health == Health::Sick);
            self.must(sick, || format!("{id} is replaced, and was not seen to be dead"));
        }
    }

    /// A lane and a repair are never at the same host.
    pub(super) fn lane_is_alone(&mut self, id: &UnitId, step: LaneStep) {
        let repaired = self.shadow.flights.get(&Target::Repair(id.clone())).is_some();
        self.must(!repaired, || format!("{id} goes to {} while it is repaired", step.word()));
    }

    /// Only a person scales, within the bounds, from what the platform says, and beside no other change.
    pub(super) fn may_scale(&mut self, environment: &EnvironmentName, from: u32, to: u32, stamped: &Stamped) {
        self.must(stamped.actor.is_human(), || format!("{environment} is scaled by {}", stamped.actor));
        let Some(scale) = self.shadow.plan().environments[environment].scale.clone() else {
            return self.must(false, || format!("{environment} can't be scaled"));
        };
        let within = (scale.min..=scale.max).contains(&to) && to.abs_diff(from) <= scale.step && to != from;
        self.must(within, || format!("{environment} is scaled from {from} to {to}"));
        let known = self.shadow.operations.scales.get(environment);
        let (current, pending) = known.map_or((None, false), |it| (it.current, it.pending.is_some()));
        self.must(current == Some(from) && !pending, || format!("{current:?} machines, pending {pending}"));
        let busy = self.shadow.pipeline.busy_in(environment) || self.shadow.operations.running.is_some();
        self.must(!busy, || format!("{environment} is scaled beside another change"));
    }

    /// That it is reached its platform says.
    pub(super) fn is_scaled(&mut self, environment: &EnvironmentName, to: u32, reached: bool) {
        let current = self.shadow.operations.scales.get(environment).and_then(|known| known.current);
        self.must(!reached || current == Some(to), || format!("{environment} has {current:?} and not {to}"));
    }

    /// One effect a target; and the command of a repair was said to begin.
    pub(super) fn effect_starts(&mut self, effect: &Effect) {
        let free = self.shadow.flights.get(&effect.id.target).is_none();
        self.must(free, || format!("{} started while another is under way", effect.id));
        if let Work::Scale { environment, to } = &effect.work {
            let pending = self.shadow.operations.scales.get(environment).and_then(|it| it.pending.clone());
            let once = pending.as_ref().is_some_and(|pending| pending.to == *to && !pending.told);
            self.must(once, || format!("{environment} is told {to}, and {pending:?} was asked"));
        }
        let Work::Repair { unit } = &effect.work else { return };
        let said = self.shadow.operations.repairs.last(unit).is_some_and(|last| last.ended.is_none());
        self.must(said, || format!("a repair of {unit} was started that nobody said"));
    }
}
