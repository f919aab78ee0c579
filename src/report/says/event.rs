//! One event in words, as it reads after who did it: `dana` + `voted GO`.

use std::collections::BTreeMap;

use super::{carried_out, course, fleet, meeting};
use crate::domain::{
    effect::{Effect, EffectId, LaneStep, Outcome, Work},
    effect_log::EffectEvent,
    event::Event,
    name::UnitId,
    session::Session,
};

/// What happened, in a sentence that reads after its actor's name.
pub fn says(event: &Event) -> String {
    match event {
        Event::Course(event) => course::course(event),
        Event::Checklist(event) => meeting::checklist(event),
        Event::Poll(event) => meeting::poll(event),
        Event::Pipeline(event) => fleet::pipeline(event),
        Event::Rollout(event) => fleet::rollout(event),
        Event::Signal(event) => carried_out::signal(event),
        Event::Effect(event) => carried_out::effect(event),
        Event::Notice(event) => carried_out::notice(event),
        Event::Lock(event) => event.words(),
        Event::Project(event) => course::project(event),
    }
}

/// Tells the steps of hosts by their names: which step an act was is said when it starts, and asked when it ends.
#[derive(Debug, Default)]
pub struct Teller {
    steps: BTreeMap<EffectId, (UnitId, LaneStep)>,
}

impl Teller {
    /// What is under way already, where the telling begins in the middle.
    pub fn learn(&mut self, session: &Session) {
        for flight in session.flights.iter() {
            self.started(&flight.effect);
        }
    }

    fn started(&mut self, effect: &Effect) {
        if let Work::Step { unit, step, .. } = &effect.work {
            self.steps.insert(effect.id.clone(), (unit.clone(), *step));
        }
    }

    /// As [`says`], for events in their order.
    pub fn says(&mut self, event: &Event) -> String {
        match event {
            Event::Effect(EffectEvent::Started { effect }) => {
                self.started(effect);
                says(event)
            }
            Event::Effect(EffectEvent::Ended { id, outcome }) => match self.steps.remove(id) {
                Some((unit, step)) => step_ended(&unit, step, outcome),
                None => says(event),
            },
            _ => says(event),
        }
    }
}

fn step_ended(unit: &UnitId, step: LaneStep, outcome: &Outcome) -> String {
    let step = step.word();
    match outcome {
        Outcome::Done { note, .. } => format!("{step} of {unit}: {note}"),
        Outcome::Failed { why, .. } => format!("{step} of {unit} FAILED: {why}"),
        Outcome::Inconclusive { why } => format!("{step} of {unit} could not be decided: {why}"),
        Outcome::Cancelled => format!("{step} of {unit} was stopped"),
        Outcome::Seen(_) => format!("looked at {unit}"),
    }
}
