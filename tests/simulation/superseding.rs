//! A second go-live in the random worlds: said at the worst time, once or twice; and what must hold of it at the end.

use golive::domain::{
    actor::Actor,
    command::Command,
    course::{CourseCommand, CourseEvent, Ending},
    effect::{Target, Work},
    effect_log::EffectEvent,
    event::Event,
    name::{PersonName, Version},
};

use super::{
    plan::{PRODUCTION, candidate},
    rng::Rng,
    world::{Happening, World},
};

pub fn supersede(version: &str) -> Command {
    Command::Course(CourseCommand::Supersede { by: Version::new(version).unwrap() })
}

/// Somebody opens other versions while this one is under way.
pub fn another_comes(world: &mut World, rng: &mut Rng, until: u64) {
    for version in ["2.6.0", "2.7.0"].into_iter().take(rng.between(1, 2) as usize) {
        let who = if rng.per_mille(500) { "dana" } else { "raj" };
        let person = PersonName::new(who).unwrap();
        world.plan_for(rng.below(until), Happening::Says(person, Box::new(supersede(version).into())));
    }
}

/// Once it is superseded nothing of it goes forward, by whatever way it ends; and where it ends superseded, no host of
/// production runs it: the version that comes next is the second there, never the third.
pub fn holds(world: &World) {
    let new = candidate("2.5.0");
    let mut superseded = None;
    for stamped in &world.journal.durable {
        match &stamped.event {
            Event::Course(CourseEvent::Superseded { .. }) => superseded = Some(stamped.seq),
            Event::Effect(EffectEvent::Started { effect }) => {
                let forward = matches!(&effect.work, Work::Step { want, .. } if want.version == new.version);
                let on_host = matches!(effect.id.target, Target::Unit(_));
                assert!(
                    superseded.is_none() || !(forward && on_host),
                    "seed {}: {effect:?} was started after it was superseded\n{}",
                    world.seed,
                    world.story()
                );
            }
            _ => {}
        }
    }
    let Some(Ending::Superseded { .. }) = world.session().course.ending else { return };
    let closed = world
        .journal
        .durable
        .iter()
        .rev()
        .find(|it| matches!(&it.event, Event::Course(event) if event.closes()));
    assert!(superseded.is_some() && closed.is_some_and(|it| it.actor == Actor::RULES || it.actor.is_human()));
    // What somebody put there by hand, on a host that was never ours, is none of it.
    let ours = world.session().rollout.units().iter().filter(|unit| unit.touched.is_some());
    for unit in ours.filter(|unit| unit.environment.as_str() == PRODUCTION) {
        let host = &world.hosts[world.index[&unit.id]];
        assert!(
            host.runs.as_ref() != Some(&new.version) || !host.serves(),
            "seed {}: {} serves {} although that was superseded\n{}",
            world.seed,
            unit.id,
            new.version,
            world.story()
        );
    }
}
