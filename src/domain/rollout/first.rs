//! Who goes first where the line would wait for capacity with nobody under way who could give it some: a host of a
//! later batch that does not serve needs none. It takes the place of one of this batch, which goes in its turn; the
//! batches keep their sizes, and what they may lose.

use serde::{Deserialize, Serialize};

use super::{BatchPreview, RolloutEvent, Unit, budget, budget::part_may};
use crate::domain::{
    name::{StageName, UnitId},
    pipeline::StageRun,
    plan::{Plan, Strategy},
    session::Session,
};

/// A host of a later batch that may be taken at once, in place of one of this batch that has to wait for capacity. None:
/// there is none, or hosts under way will give it.
pub(super) fn instead(session: &Session, run: &StageRun, batch: u32) -> Option<RolloutEvent> {
    let counts = session.rollout.counts(&run.environment);
    let plain = run.state.running() && !run.stops_all() && !run.takes_sides();
    if !plain || counts.working > 0 || session.rollout.down(&run.environment) <= counts.out {
        return None;
    }
    let budget = budget(session, &run.environment);
    let here = |unit: &&Unit| unit.environment == run.environment && untried(unit);
    let mut later = session.rollout.unwell_ready().filter(here).filter(|unit| {
        let down = unit.known_not_to_serve() && unit.fresh().is_some();
        down && unit.lane.as_ref().is_some_and(|lane| lane.batch > batch && lane.stage == run.name)
    });
    later.find_map(|unit| {
        if !budget.may_take_out(unit) || !part_may(session, unit) {
            return None;
        }
        let mut these = session.rollout.ready_of(batch, unit.rank()).filter(here);
        let stage = (&run.name, run.by_region());
        let other = these.find(|other| other.available() && together(session.plan(), stage, unit, other))?;
        let (unit, instead) = (unit.id.clone(), other.id.clone());
        Some(RolloutEvent::WentFirst { unit, instead })
    })
}

/// Who would be taken first as things are now, although the plan has another one there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoesFirst {
    pub unit: UnitId,
    /// Its turn is the other one's.
    pub instead: UnitId,
}

impl GoesFirst {
    /// `web-03 first, in place of web-01: it does not serve, so it costs no capacity`
    pub fn words(&self) -> String {
        let Self { unit, instead } = self;
        format!("{unit} first, in place of {instead}: it does not serve, so it costs no capacity")
    }
}

/// Brings the batches of a stage that takes its hosts from the pool one by one into the order in which they would be taken
/// as things are now: in each batch those that do not serve before the others, and one of a later batch first where no
/// other can be spared.
pub(super) fn foreseen(
    session: &Session,
    index: usize,
    (units, batches): (&mut Vec<UnitId>, &mut [BatchPreview]),
) -> Option<GoesFirst> {
    let stage = session.plan().stages.get(index)?;
    let counts = session.rollout.counts(&stage.environment);
    if counts.available == 0 || counts.available == counts.hosts {
        return None;
    }
    let place =
        |id: &UnitId| session.rollout.unit(id).map_or((0, true), |unit| (unit.rank(), unit.available()));
    for batch in &mut *batches {
        batch.units.sort_by_key(place);
    }
    let found = in_place_of(session, index, batches);
    *units = batches.iter().flat_map(|batch| batch.units.iter().cloned()).collect();
    found
}

/// One of a later batch is taken first, since of the first batch nobody can be spared: they change places.
fn in_place_of(session: &Session, index: usize, batches: &mut [BatchPreview]) -> Option<GoesFirst> {
    let stage = session.plan().stages.get(index)?;
    let budget = budget(session, &stage.environment);
    let may = |unit: &Unit| budget.may_take_out(unit) && part_may(session, unit);
    let (first, later) = batches.split_first_mut()?;
    let these = || first.units.iter().filter_map(|id| session.rollout.unit(id));
    if these().any(may) {
        return None;
    }
    let of = (&stage.name, session.plan().by_region(index));
    let other = |unit: &Unit| {
        let mut like_it = these().filter(|other| other.rank() == unit.rank() && other.available());
        like_it.find(|other| together(session.plan(), of, unit, other)).map(|other| other.id.clone())
    };
    let down = |unit: &Unit| unit.known_not_to_serve() && unit.fresh().is_some() && may(unit);
    let found = later.iter().enumerate().find_map(|(batch, it)| {
        let units = it.units.iter().filter_map(|id| session.rollout.unit(id));
        units.filter(|unit| down(unit)).find_map(|unit| Some((batch, unit.id.clone(), other(unit)?)))
    });
    let (batch, unit, instead) = found?;
    let theirs = &mut later[batch].units;
    theirs.retain(|id| *id != unit);
    theirs.push(instead.clone());
    first.units.retain(|id| *id != instead);
    first.units.insert(0, unit.clone());
    Some(GoesFirst { unit, instead })
}

/// Nothing was done on it in this stage.
fn untried(unit: &Unit) -> bool {
    unit.lane.as_ref().is_some_and(|lane| lane.at == 0 && lane.proved.is_none())
}

/// Whether the one may go in the other's turn: where one region, or one value of a label, goes after the other, only
/// hosts of the same change places.
fn together(plan: &Plan, (stage, by_region): (&StageName, bool), one: &Unit, other: &Unit) -> bool {
    if by_region && one.region != other.region {
        return false;
    }
    let strategy = plan.stage(stage).map(|(_, stage)| &stage.strategy);
    let label = match strategy {
        Some(Strategy::Rolling(rolling)) => rolling.label(),
        Some(Strategy::Canary(_)) => None,
        _ => return false,
    };
    let Some(label) = label else { return true };
    let value = |unit: &Unit| plan.unit(&unit.id).and_then(|(_, _, host)| host.label(label));
    value(one) == value(other)
}

/// They have changed places.
pub(super) fn changed(session: &mut Session, unit: &UnitId, instead: &UnitId) {
    let batch = |session: &Session, unit: &UnitId| {
        session.rollout.unit(unit).and_then(|unit| unit.lane.as_ref()).map(|lane| lane.batch)
    };
    let (Some(later), Some(now)) = (batch(session, unit), batch(session, instead)) else { return };
    let stage = session.rollout.unit(unit).and_then(|unit| unit.lane.as_ref()).map(|lane| lane.stage.clone());
    for (unit, batch) in [(unit, now), (instead, later)] {
        session.change_unit(unit, |unit| {
            if let Some(lane) = &mut unit.lane {
                lane.batch = batch;
            }
        });
    }
    if let Some(stage) = stage {
        session.pipeline.change_places(&stage, unit, instead);
    }
}
