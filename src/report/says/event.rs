//! One event in words: as it reads after who did it (`dana` + `voted GO`), and as it stands alone.

use std::collections::BTreeMap;

use super::{
    carried_out, course, fleet, meeting,
    told::{Told, told},
    upkeep,
};
use crate::domain::{
    checklist::ChecklistEvent,
    effect::{Effect, EffectId, LaneStep, Outcome, Work},
    effect_log::EffectEvent,
    event::Event,
    name::UnitId,
    session::Session,
};

/// What happened, in a sentence that reads after its actor's name.
pub fn says(event: &Event) -> String {
    sentence(event, None).after
}

/// What happened, in few words that stand alone. The session gives items their titles; without one they are named
/// by their ids.
pub fn headline(event: &Event, session: Option<&Session>) -> String {
    let Told { after, alone } = sentence(event, session);
    alone.unwrap_or(after)
}

fn sentence(event: &Event, session: Option<&Session>) -> Told {
    match event {
        Event::Course(event) => course::course(event),
        Event::Checklist(event) => meeting::checklist(event, title(event, session)),
        Event::Poll(event) => meeting::poll(event),
        Event::Pipeline(event) => fleet::pipeline(event),
        Event::Rollout(event) => fleet::rollout(event),
        Event::Signal(event) => carried_out::signal(event),
        Event::Effect(event) => carried_out::effect(event),
        Event::Notice(event) => carried_out::notice(event),
        Event::Lock(event) => told(event.words()),
        Event::Operation(event) => upkeep::operation(event),
        Event::Drill(event) => upkeep::drill(event),
        Event::Project(event) => course::project(event),
    }
}

fn title<'a>(event: &'a ChecklistEvent, session: Option<&'a Session>) -> &'a str {
    let id = event.item();
    let spec = session.and_then(|session| session.plan().items.iter().find(|spec| spec.id == *id));
    spec.map_or(id.as_str(), |spec| &spec.title)
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
