//! What somebody sensible does about a line that made no progress for too long.

use std::sync::Arc;

use golive::domain::{
    command::Command,
    course::CourseCommand,
    name::UnitId,
    operation::OperationCommand,
    plan::{Adopted, Amount, Capacity},
    rollout::{CapacityWait, Unit, Waits, barred, waits_for_capacity},
    session::Session,
};

use super::{people::*, robot::abandon, world::World};

/// For the so-manieth time; where hosts go back, or forward.
pub(super) fn stalled(world: &mut World, back: bool, times: u32) {
    let units = world.session().rollout.units().iter();
    let aside = units.filter(|unit| unit.out && unit.lane.as_ref().is_some_and(|lane| lane.set_aside));
    let aside: Vec<_> = aside.map(|unit| unit.id.clone()).collect();
    if times == 1 && !back && !aside.is_empty() {
        for unit in &aside {
            world.say("raj", try_again(unit));
        }
        return;
    }
    // Nobody is left whom the others could wait for.
    if times == 1 && !back && barred(world.session()).iter().any(Waits::hopeless) {
        world.say("raj", force_next());
        return;
    }
    // What it says lifts it: a plan with another capacity, then CONTINUE.
    let waits = waits_for_capacity(world.session()).filter(|_| times == 2 && !world.seed.is_multiple_of(3));
    if let Some(wait) = waits {
        world.say("dana", less_capacity(world.session(), &wait));
    }
    if times <= 2 {
        world.say("dana", go_on());
        return;
    }
    // Hosts that are looked after, and can't be spared: that is given up.
    if let Some(operation) = &world.session().operations.running {
        let waits = |unit: &&UnitId| world.session().rollout.unit(unit).is_some_and(|unit| !unit.out);
        let waiting = operation.taken.iter().find(waits).cloned();
        world.say(
            "raj",
            Command::from(OperationCommand::Stop { reason: "there is no capacity for it".into() }),
        );
        if let Some(unit) = waiting {
            world.say("raj", exclude(&unit));
        }
        return;
    }
    if !back && times <= 4 {
        world.say("dana", roll_back());
        return;
    }
    let waits = |unit: &&Unit| unit.awaits_back || unit.comes_back() && !unit.out;
    let waiting = world.session().rollout.units().iter().find(waits).map(|unit| unit.id.clone());
    if let Some(unit) = waiting {
        world.say("raj", exclude(&unit));
    } else if times <= 8 {
        world.say("dana", end_as_is());
    } else {
        world.say("dana", abandon());
    }
}

/// One more may be out than lack already.
fn less_capacity(session: &Session, wait: &CapacityWait) -> Command {
    let mut plan = session.plan().clone();
    let most = Amount::Count(wait.unavailable.len() as u32 + 1);
    if let Some(environment) = plan.environments.get_mut(&wait.environment) {
        environment.capacity = Capacity { max_unavailable: Some(most), ..Capacity::default() };
    }
    let adopted = Arc::new(Adopted::new(plan, "golive.toml".into()));
    Command::Course(CourseCommand::AdoptPlan { adopted })
}
