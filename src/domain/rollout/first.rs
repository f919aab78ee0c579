//! Who goes first where the line would wait for capacity with nobody under way who could give it some: a host of a
//! later batch that does not serve needs none. It takes the place of one of this batch, which goes in its turn; the
//! batches keep their sizes, and what they may lose.

use super::{RolloutEvent, Unit, budget, budget::part_may};
use crate::domain::{
    name::UnitId,
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
        let other = these.find(|other| other.available() && together(session.plan(), run, unit, other))?;
        let (unit, instead) = (unit.id.clone(), other.id.clone());
        Some(RolloutEvent::WentFirst { unit, instead })
    })
}

/// Nothing was done on it in this stage.
fn untried(unit: &Unit) -> bool {
    unit.lane.as_ref().is_some_and(|lane| lane.at == 0 && lane.proved.is_none())
}

/// Whether the one may go in the other's turn: where one region, or one value of a label, goes after the other, only
/// hosts of the same change places.
fn together(plan: &Plan, run: &StageRun, one: &Unit, other: &Unit) -> bool {
    if run.by_region() && one.region != other.region {
        return false;
    }
    let strategy = plan.stage(&run.name).map(|(_, stage)| &stage.strategy);
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
