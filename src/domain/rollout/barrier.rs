//! Hosts of one component that wait for those of another one. Forward only: nobody waits on the way back.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Budget, Direction, LaneState, RolloutEvent, Unit, part_budget, state::calmed};
use crate::domain::{
    counted::counted,
    effect::Candidate,
    event::{Event, Stamped},
    name::ComponentName,
    pipeline::StageRun,
    plan::Barrier,
    session::Session,
};

/// One component of a stage, before it starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartPreview {
    pub component: ComponentName,
    pub hosts: u32,
    /// Whom its hosts wait for; none: nobody.
    pub waits: Option<Barrier>,
    pub budget: Budget,
    /// The fewest available hosts of it on the way, if nothing fails.
    pub lowest: u32,
    /// What is brought to its hosts.
    pub to: Candidate,
}

impl PartPreview {
    pub(super) fn of(session: &Session, index: usize) -> Vec<Self> {
        let plan = session.plan();
        let Some(stage) = plan.stages.get(index).filter(|_| plan.has_parts()) else { return Vec::new() };
        let barriers = plan.barriers(index);
        let part = |(component, hosts): (&ComponentName, u32)| {
            let budget = part_budget(session, &stage.environment, component);
            Self {
                component: component.clone(),
                hosts,
                waits: barriers.iter().find(|barrier| barrier.component == *component).cloned(),
                lowest: if plan.stops_all(&stage.environment) { 0 } else { budget.lowest(hosts) },
                budget,
                to: session.course.release.candidate.of(Some(component)),
            }
        };
        plan.parts_of(index).into_iter().map(part).collect()
    }

    /// `2 hosts, 1 at once, capacity 2 of 2, minimum 1, lowest 1; after the first healthy web host`.
    pub fn words(&self) -> String {
        let hosts = counted(self.hosts as usize, "host");
        let at_once = self.budget.at_once().min(self.hosts);
        let waits = self.waits.as_ref().map_or(String::new(), |it| format!("; waits for {}", it.wants()));
        format!("{hosts}, {at_once} at once, {}, lowest {}{waits}", self.budget.words(), self.lowest)
    }
}

/// A barrier that is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits<'a> {
    pub barrier: &'a Barrier,
    /// So many of the hosts that it waits for are well and done.
    pub well: u32,
    /// So many may still become so by themselves.
    pub open: u32,
    /// So many are done, and not well by now or not looked at: they may become so again.
    pub sick: u32,
}

impl Waits<'_> {
    /// `worker waits for the first healthy web host: 0 of 1`.
    pub fn words(&self) -> String {
        format!("{}: {} of {}", self.barrier.words(), self.well, self.barrier.hosts)
    }

    /// What opens it.
    pub fn lifts(&self) -> String {
        let Barrier { component, after, .. } = self.barrier;
        let opens = match self.sick {
            0 => format!("a host of {after} that is tried again (T), done and healthy"),
            sick => {
                format!("the recovery of a host of {after}, {sick} of which are done and not seen to be well")
            }
        };
        format!(
            "{opens}; forcing {component} past it (F); excluding the hosts of {component}; or rolling back (R)"
        )
    }

    /// Nobody that it waits for is left to become what it waits for.
    pub const fn hopeless(&self) -> bool {
        self.well + self.open + self.sick < self.barrier.hosts
    }
}

fn waits<'a>(session: &Session, run: &'a StageRun, barrier: &'a Barrier) -> Option<Waits<'a>> {
    if run.forced.contains(&barrier.component) {
        return None;
    }
    let well = session.rollout.well_in(&run.name, &barrier.after);
    let open = open(session, run, &barrier.after);
    // Every host is looked at only where no other is left to open it.
    let lost = well + open < barrier.hosts;
    let sick = if lost { done(session, run, &barrier.after).saturating_sub(well) } else { 0 };
    (well < barrier.hosts).then_some(Waits { barrier, well, open, sick })
}

/// How many hosts of a part may still come to a good end by themselves while others wait for them: where the stage goes
/// one region at a time, of those whose turn it is.
fn open(session: &Session, run: &StageRun, part: &ComponentName) -> u32 {
    if !run.by_region() {
        return session.rollout.open_of(&run.environment, part);
    }
    let turn = run.turns().get(run.turn()).cloned().unwrap_or_default();
    coming(session, run, part, turn.start as u32..turn.end as u32)
}

/// How many hosts of a part in these batches are under way, or wait for their turn.
fn coming(session: &Session, run: &StageRun, part: &ComponentName, batches: Range<u32>) -> u32 {
    let deployed = session.plan().deployed();
    let Some(rank) = deployed.iter().position(|it| it.name == *part) else { return 0 };
    let of_stage = |unit: &&Unit| {
        let lane = unit.lane.as_ref().filter(|lane| lane.stage == run.name);
        lane.is_some_and(|lane| batches.contains(&lane.batch) && lane.direction == Direction::Forward)
    };
    let working = session.rollout.working().map(|(_, unit)| unit);
    let working = working.filter(|unit| unit.component() == Some(part)).filter(of_stage).count();
    let ready = batches.clone().flat_map(|batch| session.rollout.ready_of(batch, rank as u32));
    (working + ready.filter(of_stage).count()) as u32
}

/// The batch in which hosts wait brings too few of those that they wait for, and a later one may bring them: each of
/// their component goes one batch later, so that the line gets there.
pub(super) fn later(
    session: &Session,
    run: &StageRun,
    batch: u32,
    waits: &Waits<'_>,
) -> Option<RolloutEvent> {
    let Barrier { component, after, hosts, .. } = waits.barrier;
    let here = coming(session, run, after, batch..batch + 1);
    if waits.well + here >= *hosts {
        return None;
    }
    // Who is done and not well for a moment may be what they wait for again.
    let sick = done(session, run, after).saturating_sub(waits.well);
    let later = waits.open > here && waits.well + here + sick < *hosts;
    later.then(|| RolloutEvent::WentLater {
        stage: run.name.clone(),
        component: component.clone(),
        after: after.clone(),
    })
}

/// How many hosts of a part the stage has brought to their end, well or not.
fn done(session: &Session, run: &StageRun, part: &ComponentName) -> u32 {
    let units = run.units.iter().filter_map(|id| session.rollout.unit(id));
    let is_done = |unit: &&Unit| {
        let lane = unit.lane.as_ref().filter(|lane| lane.stage == run.name);
        unit.component() == Some(part) && lane.is_some_and(|lane| lane.state == LaneState::Done)
    };
    units.filter(is_done).count() as u32
}

/// What keeps this unit from beginning; none: nothing does.
pub fn keeps<'a>(session: &Session, run: &'a StageRun, unit: &Unit) -> Option<Waits<'a>> {
    let part = unit.component()?;
    // Before anything is deployed hosts only fetch and stop together.
    if !run.deploys() {
        return None;
    }
    let mut barriers = run.barriers.iter().filter(|barrier| barrier.component == *part);
    barriers.find_map(|barrier| waits(session, run, barrier))
}

/// The barriers at which hosts of the running stage wait now.
pub fn barred(session: &Session) -> Vec<Waits<'_>> {
    let Some(run) = session.pipeline.running().filter(|run| !run.barriers.is_empty() && run.deploys()) else {
        return Vec::new();
    };
    // Lanes under way wait for nobody any more.
    let waiting = |part: &ComponentName| {
        let of = session.rollout.counts_of(&run.environment, part);
        of.open > of.working
    };
    let closed = run.barriers.iter().filter(|barrier| waiting(&barrier.component));
    closed.filter_map(|barrier| waits(session, run, barrier)).collect()
}

/// Hosts that would begin now are kept by one that nothing opens by itself any more: said at once, not at a deadline.
pub(super) fn hopeless(session: &Session, waits: &Waits<'_>) -> Option<RolloutEvent> {
    let says = waits.hopeless() && session.rollout.stalled.is_none();
    says.then(|| RolloutEvent::Stalled {
        why: format!("{}, and none is left to become one; what lifts it: {}", waits.words(), waits.lifts()),
    })
}

/// The ones at which a person lets the line go on: such as nothing opens by itself any more, or all once it has stalled;
/// of this component alone, where one is named.
pub fn forced(session: &Session, of: Option<&ComponentName>, reason: &str) -> Vec<Event> {
    let stalled = session.rollout.stalled.is_some();
    let Some(stage) = session.pipeline.running().map(|run| run.name.clone()) else { return Vec::new() };
    let force = |waits: Waits<'_>| {
        Event::Rollout(RolloutEvent::BarrierForced {
            stage: stage.clone(),
            component: waits.barrier.component.clone(),
            after: waits.barrier.after.clone(),
            well: waits.well,
            hosts: waits.barrier.hosts,
            reason: reason.to_owned(),
        })
    };
    let meant = |it: &Waits<'_>| of.is_none_or(|of| it.barrier.component == *of);
    barred(session).into_iter().filter(meant).filter(|it| stalled || it.hopeless()).map(force).collect()
}

/// The hosts of this component wait no more in this stage.
pub(super) fn lifted(session: &mut Session, event: &RolloutEvent, at: &Stamped) {
    let RolloutEvent::BarrierForced { stage, component, .. } = event else { return };
    session.pipeline.force(stage, component);
    session.capacity_changed();
    calmed(session, at.now);
}
