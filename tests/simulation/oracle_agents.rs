//! What must hold where agents change the hosts, counted anew from the units and the world.

use golive::domain::{
    desired::{Over, Wish},
    effect::Health,
    event::Stamped,
    name::{EnvironmentName, UnitId, Version},
    plan::Converge,
    rollout::{Lane, RolloutEvent, store_shows},
    time::Span,
};

use super::oracle::Oracle;

impl Oracle {
    /// What agents read is set forward only while nobody holds, batch by batch, and over what somebody else set only by the
    /// word of a person.
    pub(super) fn desires(&mut self, environment: &EnvironmentName, wish: &Wish, stamped: &Stamped) {
        let told = self.shadow.rollout.stores.get(environment).and_then(|store| store.told.as_ref());
        let said_before = told.is_some_and(|told| told.wish.over == wish.over);
        let may = wish.over.is_empty() || stamped.actor.is_human() || said_before;
        self.must(may, || format!("{environment}: {:?} is overwritten and nobody said so", wish.over));
        // Key by key: what somebody was shown of one says nothing of another.
        let shown = store_shows(&self.shadow, environment);
        let is_shown = |over: &&Over| {
            shown.iter().any(|it| it.key == over.key && it.holds.revision.as_ref() == Some(&over.revision))
        };
        let unseen = wish.over.iter().find(|over| !said_before && !is_shown(over)).cloned();
        self.must(unseen.is_none(), || format!("{environment}: {unseen:?} is overwritten and was not shown"));
        self.must(wish.at == stamped.now.wall, || format!("{environment}: wished at another time"));
        let acts = stamped.actor.person().filter(|_| stamped.actor.is_human());
        let by = acts.is_none() || wish.by.as_ref() == acts;
        self.must(by, || format!("{environment}: wished by {:?}, and {acts:?} acts", wish.by));
        let known = [Some(&self.shadow.course.release.candidate), Some(&wish.to)];
        let from = self.shadow.pipeline.from_in(environment).flatten().cloned();
        let strange = wish.expects.iter().find(|expected| {
            let ours = known.iter().flatten().any(|candidate| candidate.version == **expected);
            !ours && from.as_ref().is_none_or(|from| from.version != **expected)
        });
        let strange = strange.cloned();
        self.must(strange.is_none(), || format!("{environment}: {strange:?} would be replaced"));
        if wish.back {
            return;
        }
        self.must(self.shadow.course.hold.is_none(), || format!("{environment}: set while held"));
        let Some(run) = self.shadow.pipeline.running().cloned() else {
            return self.must(false, || format!("{environment}: set, and no stage runs"));
        };
        let reached = run.reached();
        let early = wish
            .units
            .iter()
            .find(|id| self.lane(id).is_some_and(|lane| Some(lane.batch) > reached))
            .cloned();
        self.must(early.is_none(), || format!("{early:?} is told before its batch"));
        let before = self.shadow.rollout.units().iter().find(|unit| {
            unit.lane
                .as_ref()
                .is_some_and(|lane| lane.stage == run.name && Some(lane.batch) < reached && lane.awaited())
        });
        let before = before.map(|unit| unit.id.clone());
        self.must(before.is_none(), || {
            format!("{environment}: set for batch {reached:?}, and {before:?} is not through")
        });
    }

    fn lane(&self, id: &UnitId) -> Option<&Lane> {
        self.shadow.rollout.unit(id).and_then(|unit| unit.lane.as_ref())
    }

    pub(super) fn agents(&mut self, event: &RolloutEvent, stamped: &Stamped) {
        match event {
            RolloutEvent::StaysDrifted { unit, runs } => self.stays_drifted(unit, runs, stamped),
            RolloutEvent::LaneTimedOut { unit, .. } => self.gives_up(unit, stamped),
            _ => {}
        }
    }

    /// A host is given up before its agent had its time only where it runs what was set and is not well, and has had the
    /// time that any host has to become well.
    fn gives_up(&mut self, id: &UnitId, stamped: &Stamped) {
        let Some(unit) = self.shadow.rollout.unit(id).cloned() else { return };
        let (Some(lane), Some(plan)) =
            (&unit.lane, self.shadow.plan().environments.get(&unit.environment).map(|it| it.deadlines))
        else {
            return;
        };
        let spent = self.shadow.course.lane_clock(lane.direction, stamped.now.session).since(lane.started);
        let not_well = unit
            .fresh()
            .is_some_and(|seen| seen.runs.as_ref() == Some(&lane.to.version) && seen.health == Health::Sick);
        let long = spent >= plan.progress_deadline || not_well && spent >= plan.healthy_deadline;
        self.must(long, || format!("{id} is given up after {spent}, not well: {not_well}"));
    }

    /// Somebody is called for a host that drifted once, and only after its agent had its time to mend it.
    pub(super) fn stays_drifted(&mut self, id: &UnitId, runs: &Version, stamped: &Stamped) {
        let unit = self.shadow.rollout.unit(id).cloned();
        let drift = unit.as_ref().and_then(|unit| unit.drift.clone()).unwrap_or_default();
        let cycle = unit.as_ref().and_then(|unit| self.shadow.plan().converges(&unit.environment));
        let cycle = cycle.map_or(Span::ZERO, Converge::cycle);
        let since = drift.now.as_ref().map(|(since, _)| since.session);
        let long = since.is_some_and(|since| stamped.now.session.since(since) >= cycle);
        let other = self.lane(id).is_some_and(|lane| lane.to.version != *runs);
        self.must(long && other && drift.called.is_none(), || {
            format!("{id} stays drifted: {drift:?}, runs {runs}, a cycle of {cycle}")
        });
    }

    /// A host has converged only where it is seen to run what was set.
    pub(super) fn converges(&mut self, id: &UnitId) {
        let runs = self.shadow.rollout.unit(id).and_then(|unit| unit.running()).cloned();
        let wanted = self.lane(id).map(|lane| lane.to.version.clone());
        self.must(runs.is_some() && runs == wanted, || {
            format!("{id} converged: runs {runs:?}, wanted {wanted:?}")
        });
    }
}
