//! What must hold of the steps of a stage, counted anew from the units and the plan.

use golive::domain::{
    course::hotfix::Skip,
    effect::LaneStep,
    event::{Event, Stamped},
    name::{CheckName, StageName, UnitId},
    pipeline::{PipelineEvent, StageRun, validation_standing},
    plan::{CheckKind, Pause, Step, Strategy, Weight},
    rollout::{Answer, Direction, LaneState, OnceRun, OnceState, Unit},
    signal::{JudgedVerdict, SignalEvent},
};

use super::oracle::Oracle;

impl Oracle {
    /// Where no two versions may run side by side nothing starts while something else is known to answer somewhere.
    pub(super) fn nothing_strange(&mut self, index: usize, stage: &StageName) {
        let plan = self.shadow.plan();
        let environment = plan.stages[index].environment.clone();
        if !plan.stops_all(&environment) {
            return;
        }
        let here = self.shadow.rollout.units().iter().filter(|unit| unit.environment == environment);
        let strange = |unit: &&Unit| unit.fresh().is_some_and(|seen| seen.stranger.is_some());
        let found = here.filter(strange).map(|unit| unit.id.clone()).next();
        self.must(found.is_none(), || format!("{stage} started although something answers at {found:?}"));
    }

    /// No host of a batch is taken while one of an earlier batch of its stage is not through.
    pub(super) fn batch_moves(&mut self, id: &UnitId) {
        let lane = |id: &UnitId| self.shadow.rollout.unit(id).and_then(|unit| unit.lane.as_ref());
        let Some(of) = lane(id) else { return };
        // The cloud that left waits for its turn, which may come after others.
        let of_clouds = self.shadow.pipeline.run(&of.stage).is_some_and(StageRun::takes_clouds);
        let waits = self.shadow.rollout.units().iter().find(|other| {
            other.lane.as_ref().is_some_and(|lane| {
                let gathered = of_clouds && matches!(lane.state, LaneState::Gathered { .. });
                lane.stage == of.stage
                    && lane.batch < of.batch
                    && !lane.state.ended()
                    && !lane.set_aside
                    && !gathered
            })
        });
        let waits = waits.map(|unit| unit.id.clone());
        self.must(waits.is_none(), || format!("{id} was taken before {waits:?} of an earlier batch"));
    }

    /// A batch goes on with no more failures than the plan lets it have, and never without a host that is well.
    pub(super) fn tolerates(&mut self, id: &UnitId) {
        let Some(lane) = self.shadow.rollout.unit(id).and_then(|unit| unit.lane.clone()) else { return };
        let batch = || {
            self.shadow
                .rollout
                .units()
                .iter()
                .filter_map(|unit| unit.lane.as_ref())
                .filter(|other| other.stage == lane.stage && other.batch == lane.batch)
        };
        let fell = batch().filter(|lane| {
            lane.direction == Direction::Forward
                && matches!(lane.state, LaneState::Failed { .. } | LaneState::Unknown { .. })
        });
        let (failed, hosts) = (fell.count(), batch().count());
        let plan = self.shadow.plan();
        let share = plan.stage(&lane.stage).and_then(|(_, stage)| match &stage.strategy {
            Strategy::Rolling(rolling) => rolling.failures,
            _ => None,
        });
        let may = share.map_or(0, |share| share.round_down(hosts as u32)) as usize;
        let holds = failed <= may && failed < hosts;
        self.must(holds, || format!("{id}: {failed} of {hosts} failed, {may} may, and the line went on"));
    }

    /// A step begins when all before it is through: its hosts, its time, its tests, or the word of a person.
    pub(super) fn step_begins(&mut self, name: &StageName, step: u32, what: &Step, stamped: &Stamped) {
        let Some(run) = self.shadow.pipeline.run(name).cloned() else {
            return self.must(false, || format!("{name} is at a step and does not run"));
        };
        self.must(run.at.step + 1 == step, || format!("{name} goes from step {} to {step}", run.at.step));
        self.must(run.steps.get(step as usize) == Some(what), || format!("{name}: {what:?} is not its step"));
        self.must(self.shadow.course.hold.is_none(), || format!("{name} goes on to step {step} while held"));
        let reached = run.reached();
        let open = self.shadow.rollout.units().iter().find(|unit| {
            unit.lane
                .as_ref()
                .is_some_and(|lane| lane.stage == *name && Some(lane.batch) <= reached && lane.awaited())
        });
        let open = open.map(|unit| unit.id.clone());
        self.must(open.is_none(), || format!("{name} goes on to step {step} before {open:?} is through"));
        self.side_step_begins(&run, what);
        self.region_begins(&run, what, stamped);
        self.soaked_well(&run, stamped);
        match run.step() {
            Some(Step::Pause(Pause::Human)) => {
                self.must(stamped.actor.is_human(), || format!("nobody ended the pause of {name}"));
            }
            Some(Step::Pause(
                Pause::For(span) | Pause::Soak(span) | Pause::Bake(span) | Pause::Warm(span),
            )) => {
                let spent = stamped.now.session.since(run.at.since).0 - run.at.unobserved.0;
                let skipped = matches!(run.step(), Some(Step::Pause(Pause::Bake(_))))
                    && self.shadow.course.hotfix.as_ref().is_some_and(|it| it.skips.contains(&Skip::Bakes));
                self.must(spent >= span.0 || skipped, || {
                    format!("{name} paused too short: {spent} of {}", span.0)
                });
            }
            Some(Step::Validate(checks)) => {
                let compares = |check: &CheckName| {
                    let check = self.shadow.plan().checks.get(check);
                    check.is_some_and(|check| check.kind == CheckKind::Comparison)
                };
                // Where nobody knows what ran before there is nothing to compare with.
                let mut asked = checks.iter().filter(|check| run.from.is_some() || !compares(check));
                let passed = asked.all(|check| {
                    validation_standing(&self.shadow, &run, check)
                        .is_some_and(|judged| judged.verdict == JudgedVerdict::Passed)
                });
                self.must(passed, || format!("{name} goes on and its tests have not passed"));
            }
            Some(Step::Shift { .. }) => self.traffic_has_shifted(&run),
            Some(Step::Once(once)) => {
                let through = |it: &OnceRun| matches!(it.state, OnceState::Done | OnceState::Forced);
                let through = run.once.iter().any(|it| it.name == *once && through(it));
                self.must(through, || format!("{name} goes on and {once} has not ended well"));
            }
            Some(
                Step::Deploy { .. }
                | Step::Desire { .. }
                | Step::Gather { .. }
                | Step::Return { .. }
                | Step::Stand { .. }
                | Step::StandBy
                | Step::Region { .. },
            )
            | None => {}
        }
    }

    /// Where no two versions may run side by side: nothing is deployed before every host of the stage, or every one that
    /// goes back, is shown to be stopped, and while another version is seen to run.
    pub(super) fn nothing_else_runs(&self, id: &UnitId, step: LaneStep) {
        self.its_side_is_out(id, step);
        self.its_cloud_is_out(id, step);
        let Some(unit) = self.shadow.rollout.unit(id) else { return };
        let Some(lane) = unit.lane.as_ref().filter(|lane| lane.has_to_prove()) else { return };
        if !matches!(step, LaneStep::Install | LaneStep::Start) {
            return;
        }
        self.must(lane.proved.is_some(), || format!("{id}: {step:?} before it was shown to be stopped"));
        let here = |other: &&Unit| other.environment == unit.environment;
        let units = || self.shadow.rollout.units().iter().filter(here);
        let open = units().find(|other| {
            other.awaits_back && lane.direction == Direction::Back
                || other.lane.as_ref().is_some_and(|of| {
                    // One that fell back after the others had begun is dealt with while hosts under way finish.
                    of.may_still_run()
                        && of.direction == lane.direction
                        && of.attempt <= lane.attempt
                        && of.state == LaneState::Waiting
                })
        });
        let open = open.map(|unit| unit.id.clone());
        let other = units().find(|other| other.running().is_some_and(|runs| *runs != lane.to.version));
        let other = other.map(|unit| unit.id.clone());
        self.must(open.is_none(), || format!("{id}: {step:?} before {open:?} was shown to be stopped"));
        self.must(other.is_none(), || format!("{id}: {step:?} while {other:?} runs another version"));
    }

    /// A person compares, and passes nothing for which there are neither figures nor words.
    pub(super) fn judges(&mut self, stamped: &Stamped) {
        let Event::Signal(SignalEvent::JudgedByHand { verdict, note, sides, .. }) = &stamped.event else {
            return;
        };
        self.must(stamped.actor.is_human(), || "nobody has compared, and it is judged".into());
        let figures = sides.as_ref().is_some_and(|sides| sides.too_few().is_none());
        let said = note.split_whitespace().count() > 1;
        let passed = *verdict == JudgedVerdict::Passed;
        self.must(!passed || figures || said, || format!("passed by {sides:?} and {note:?}"));
    }

    /// No host is taken before the step that takes its batch.
    pub(super) fn step_has_begun(&mut self, id: &UnitId) {
        let Some(lane) = self.shadow.rollout.unit(id).and_then(|unit| unit.lane.as_ref()) else { return };
        let reached = self.shadow.pipeline.run(&lane.stage).and_then(StageRun::reached);
        self.must(reached >= Some(lane.batch), || format!("{id} was taken before its step began"));
        let weight = self.shadow.pipeline.run(&lane.stage).and_then(StageRun::weight);
        let environment = self.shadow.rollout.unit(id).map(|unit| unit.environment.clone());
        let Some(environment) = environment else { return };
        let weighs = self.shadow.plan().environments[&environment].balancer.weighs();
        let Some(weight) = weight.filter(|weight| weighs && *weight < Weight::ALL) else { return };
        let told = self.shadow.rollout.shares.get(&environment).cloned();
        let holds = told.as_ref().is_some_and(|told| {
            let share = told.asked.as_ref();
            told.answer == Answer::Holds
                && share.is_some_and(|share| share.weight == weight && share.canary.contains(id))
        });
        self.must(holds, || format!("{id} was taken for {weight}, and the balancer holds {told:?}"));
    }

    /// The clock on the wall there shows a time of the window, or a person said that it need not.
    pub(super) fn in_its_window(
        &mut self,
        index: usize,
        stage: &golive::domain::name::StageName,
        stamped: &Stamped,
    ) {
        let plan = self.shadow.plan();
        let Some(window) = plan.environments[&plan.stages[index].environment].window.clone() else { return };
        let at = jiff::Timestamp::from_microsecond(stamped.now.wall.0).unwrap();
        let shown = at.in_tz(&window.zone).unwrap();
        let (minute, from, to) =
            (shown.hour() as u16 * 60 + shown.minute() as u16, window.from.0, window.to.0);
        let open = if from < to { (from..to).contains(&minute) } else { minute >= from || minute < to };
        let overridden = self.shadow.pipeline.run(stage).is_some_and(|run| run.outside.is_some());
        self.must(open || overridden, || format!("{stage} started at {shown}, outside {window}"));
    }

    /// A wait is only ever lengthened, and by a person; a soak pauses for a reason that is there.
    pub(super) fn waits_longer(&mut self, event: &PipelineEvent, stamped: &Stamped) {
        match event {
            PipelineEvent::Extended { stage, by, reason } => {
                let said = stamped.actor.is_human() && by.0 > 0 && !reason.is_empty();
                self.must(said, || format!("{stage} was lengthened by {by}, and nobody said so"));
            }
            PipelineEvent::SoakPaused { stage, why } => {
                let soaks = self.shadow.pipeline.run(stage).is_some_and(|run| {
                    matches!(run.step(), Some(Step::Pause(Pause::Soak(_) | Pause::Bake(_))))
                });
                self.must(soaks && !why.is_empty(), || format!("{stage} paused no soak: {why}"));
            }
            _ => {}
        }
    }

    /// While an alarm stands over it no soak comes to its end, however long that lasts.
    pub(super) fn soaked_well(&mut self, run: &StageRun, stamped: &Stamped) {
        let Some(Step::Pause(Pause::Soak(span) | Pause::Bake(span))) = run.step() else { return };
        let skips = self.shadow.course.hotfix.as_ref().is_some_and(|it| it.skips.contains(&Skip::Bakes));
        let bakes = matches!(run.step(), Some(Step::Pause(Pause::Bake(_))));
        if skips && bakes {
            return;
        }
        let counted = stamped.now.session.since(run.at.since).0 - run.at.unobserved.0;
        self.must(run.at.paused.is_none(), || format!("{} goes on while its soak is paused", run.name));
        let wanted = span.0 + run.at.longer.0;
        self.must(counted >= wanted, || format!("{} soaked {counted} of {wanted}", run.name));
    }
}
