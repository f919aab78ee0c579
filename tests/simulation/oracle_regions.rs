//! One region at a time: of a stage that takes some hosts over several regions no two are ever in progress, and the next
//! one begins when the one before it was found good, in its own hours. Read anew from the plan, the units and a calendar.

use golive::domain::{
    course::hotfix::Skip,
    event::Stamped,
    name::{CheckName, StageName, UnitId},
    pipeline::{StageRun, validation_standing},
    plan::{CheckKind, Converging, Pause, Plan, Select, Step, Strategy},
    rollout::{LaneState, Unit},
    signal::JudgedVerdict,
};

use super::oracle::Oracle;

/// Whether the plan has this stage go one region at a time: it takes some of the hosts, and no word says together.
fn in_turn(plan: &Plan, name: &StageName) -> bool {
    let Some((_, stage)) = plan.stage(name) else { return false };
    let by = match &stage.strategy {
        Strategy::Rolling(rolling) => rolling.by.as_deref(),
        Strategy::Converge(Converging { batches, all_at_once: false }) => batches.by.as_deref(),
        _ => return false,
    };
    matches!(stage.select, Select::Some { .. }) && by != Some("all")
}

impl Oracle {
    /// A host is taken: no host of another region of its stage is under way, and none is that was not found good.
    pub(super) fn region_is_alone(&self, id: &UnitId) {
        let Some(unit) = self.shadow.rollout.unit(id) else { return };
        let Some(lane) = &unit.lane else { return };
        let Some(run) = self.shadow.pipeline.run(&lane.stage) else { return };
        if run.from.is_none() || !in_turn(self.shadow.plan(), &lane.stage) {
            return;
        }
        let of_stage = |other: &&Unit| other.lane.as_ref().is_some_and(|of| of.stage == lane.stage);
        let all: Vec<Unit> = self.shadow.rollout.units().iter().filter(of_stage).cloned().collect();
        let others = || all.iter().filter(|other| other.region != unit.region);
        let under_way = |other: &&Unit| {
            let state = other.lane.as_ref().map(|lane| &lane.state);
            let idle = state.is_some_and(|state| *state == LaneState::Waiting || state.ended());
            !idle && !other.lane.as_ref().is_some_and(|lane| lane.set_aside)
        };
        let busy = others().find(under_way).map(|unit| unit.id.clone());
        self.must(busy.is_none(), || format!("{id} was taken while {busy:?} of another region is under way"));
        // Another region was changed before: something has to have shown that it is good.
        let before = others().any(|other| {
            other.lane.as_ref().is_some_and(|lane| matches!(lane.state, LaneState::Done))
                && other.touched.is_some()
        });
        let first_of_it = !all.iter().any(|other| {
            other.id != *id
                && other.region == unit.region
                && other.lane.as_ref().is_some_and(|of| of.attempt > 0)
        });
        if before && first_of_it && lane.attempt == 0 {
            let has = run.steps.iter().take(run.at.step as usize + 1).any(Step::is_region);
            self.must(has, || format!("{id}: its region began with the one before"));
        }
    }

    /// A region begins: the one before it has passed what the stage asks for and has baked, and its own hours are open.
    pub(super) fn region_begins(&mut self, run: &StageRun, what: &Step, stamped: &Stamped) {
        if let Step::Region { .. } = what {
            return self.region_was_good(run);
        }
        if run.step().is_some_and(Step::is_region) {
            self.in_hours_of_region(run, stamped);
        }
    }

    fn region_was_good(&mut self, run: &StageRun) {
        let plan = self.shadow.plan();
        let Some((_, stage)) = plan.stage(&run.name) else { return };
        // Since when the region before is at its tests: the steps after its last batch.
        let at = run.at.step as usize;
        let after = run.steps[..=at.min(run.steps.len().saturating_sub(1))]
            .iter()
            .rposition(|step| step.batch().is_some())
            .map_or(0, |step| step + 1);
        let by_hand = |check: &CheckName| {
            plan.checks.get(check).is_some_and(|check| check.kind == CheckKind::Comparison)
        };
        let since = run.begun.get(after).map(|now| now.session);
        let asked: Vec<CheckName> = stage.validations.clone();
        let good = asked.iter().filter(|check| run.from.is_some() || !by_hand(check)).all(|check| {
            let judged = self.shadow.checks.run(check, &run.environment).and_then(|of| of.last.as_ref());
            judged.is_some_and(|judged| {
                judged.verdict == JudgedVerdict::Passed
                    && since.is_none_or(|since| judged.at.session >= since)
            })
        });
        let standing = asked.iter().filter_map(|check| validation_standing(&self.shadow, run, check)).count();
        let bakes = run.steps[after..=at].iter().any(|step| matches!(step, Step::Pause(Pause::Bake(_))));
        let must_bake = stage.bake.0 > 0;
        self.must(good, || format!("{}: another region begins, {standing} of {asked:?} stand", run.name));
        self.must(bakes || !must_bake, || format!("{}: a region did not bake", run.name));
    }

    fn in_hours_of_region(&mut self, run: &StageRun, stamped: &Stamped) {
        let skips =
            self.shadow.course.hotfix.as_ref().is_some_and(|hotfix| hotfix.skips.contains(&Skip::Windows));
        let Some((_, stage)) = self.shadow.plan().stage(&run.name) else { return };
        let first = run.units_of_turn().first().and_then(|unit| self.shadow.rollout.unit(unit));
        let Some(region) = first.and_then(|unit| unit.region.clone()).filter(|_| stage.off_peak) else {
            return;
        };
        let Some(map) = self.shadow.plan().traffic.get(&region) else { return };
        let at = jiff::Timestamp::from_microsecond(stamped.now.wall.0).unwrap();
        let shown = at.in_tz(&map.zone).unwrap();
        let day = shown.weekday().to_monday_zero_offset() as usize;
        let hour = map.hours[day * 24 + shown.hour() as usize];
        let peak = map.hours.iter().max().copied().unwrap_or_default();
        let quiet = u64::from(hour) * 100 < u64::from(peak) * u64::from(map.off_peak);
        // A person who begins it all the same has said so in the same breath.
        let said = stamped.actor.is_human() && run.outside.is_some();
        self.must(quiet || skips || said, || {
            format!("{region} of {} began at {shown}, in its peak", run.name)
        });
    }
}
