//! Scaling: how many machines the platform says there are, and a change of that which somebody asked for. The platform is
//! told once, and believed only by what it says afterwards.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{OperationEvent, pending::left_behind};
use crate::domain::{
    effect::{Effect, EffectId, Outcome, Target, Work},
    effect_log::EffectEvent,
    event::{Event, Stamped},
    name::{EnvironmentName, PersonName},
    session::{Next, Session},
    time::{Now, Span},
};

/// So many changes are remembered; the record has them all.
const LAST: usize = 10;
/// What can't be told by a mark is asked again this often.
const AGAIN: Span = Span::secs(5);

/// What is known of how many machines an environment has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scaled {
    /// As the platform says; none: nobody has asked since the conductor started, or it could not say.
    pub current: Option<u32>,
    /// Why it could not say.
    pub why: Option<String>,
    pub pending: Option<Rescale>,
    /// The last changes, the newest at the end.
    pub last: Vec<Rescaled>,
    /// Changes in this session: part of the effect ids.
    pub count: u32,
}

/// A change that is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rescale {
    pub from: u32,
    pub to: u32,
    pub by: Option<PersonName>,
    pub reason: String,
    pub at: Now,
    /// The platform was told, or may have been.
    pub told: bool,
    /// Why telling it failed; none: it did not.
    pub failed: Option<String>,
}

/// A change that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rescaled {
    pub asked: Rescale,
    pub reached: bool,
    pub shows: String,
    pub at: Now,
}

pub type Scales = BTreeMap<EnvironmentName, Scaled>;

impl Scaled {
    /// `4, as its platform says`.
    pub fn words(&self) -> String {
        match (self.current, &self.why) {
            (Some(current), _) => current.to_string(),
            (None, Some(why)) => format!("not known: {why}"),
            (None, None) => "not known: not asked yet".to_owned(),
        }
    }
}

impl Rescaled {
    /// `4 to 6 by raj: reached (the fair opens tonight)`.
    pub fn words(&self) -> String {
        let asked = &self.asked;
        let by = asked.by.as_ref().map_or("somebody", |by| by.as_str());
        let how = if self.reached { "reached".to_owned() } else { format!("NOT reached: {}", self.shows) };
        format!("{} to {} by {by}: {how} ({})", asked.from, asked.to, asked.reason)
    }
}

/// The change that is under way in this environment.
pub fn scaling<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<&'a Rescale> {
    session.operations.scales.get(environment)?.pending.as_ref()
}

/// The first change that is under way anywhere, in words: `production goes from 4 to 6 machines, 5 by now`.
pub(super) fn under_way(session: &Session) -> Option<(&EnvironmentName, String)> {
    session.operations.scales.iter().find_map(|(environment, known)| {
        let pending = known.pending.as_ref()?;
        let now = known.current.map_or_else(|| "not known by now".to_owned(), |now| format!("{now} by now"));
        let told = session.flights.get(&Target::Scale(environment.clone())).filter(|it| it.effect.follows());
        let told = told.map_or_else(String::new, |flight| format!("; what tells it {}", left_behind(flight)));
        let words =
            format!("{environment} goes from {} to {} machines, {now}{told}", pending.from, pending.to);
        Some((environment, words))
    })
}

/// What the platform says, as a fact where it differs from what is known.
pub(in crate::domain) fn report(
    session: &Session,
    environment: &EnvironmentName,
    said: &Result<u32, String>,
) -> Option<Event> {
    let known = session.operations.scales.get(environment);
    let same = known.is_some_and(|known| match said {
        Ok(count) => known.current == Some(*count),
        Err(why) => known.current.is_none() && known.why.as_ref() == Some(why),
    });
    let declared = session.plan().environments.get(environment).is_some_and(|it| it.scale.is_some());
    if same || !declared || session.course.is_over() {
        return None;
    }
    let (current, why) = match said {
        Ok(count) => (Some(*count), None),
        Err(why) => (None, Some(why.clone())),
    };
    let environment = environment.clone();
    Some(Event::Operation(OperationEvent::ScaleSeen { environment, current, why }))
}

/// Nothing said before now counts.
pub(in crate::domain) fn stale(session: &mut Session) {
    for known in session.operations.scales.values_mut() {
        (known.current, known.why) = (None, None);
    }
}

pub(super) fn next(session: &Session, now: Now) -> Next {
    let mut wake = Next::Nothing;
    for (environment, known) in &session.operations.scales {
        let Some(pending) = &known.pending else { continue };
        match pending_next(session, environment, known, pending, now) {
            Next::Events(events) => return Next::Events(events),
            next => wake = wake.or(|| next),
        }
    }
    wake
}

fn pending_next(
    session: &Session,
    environment: &EnvironmentName,
    known: &Scaled,
    pending: &Rescale,
    now: Now,
) -> Next {
    let target = Target::Scale(environment.clone());
    let ended = |reached: bool, shows: String| {
        let (environment, to) = (environment.clone(), pending.to);
        Next::Events(vec![Event::Operation(OperationEvent::ScaleEnded { environment, to, reached, shows })])
    };
    if session.flights.get(&target).is_some() {
        return Next::Nothing;
    }
    let Some(declared) = session.plan().environments.get(environment).and_then(|it| it.scale.as_ref()) else {
        return ended(false, "the plan has it no longer".to_owned());
    };
    if !pending.told {
        let id = EffectId { target, attempt: known.count, step: 0 };
        let work = Work::Scale { environment: environment.clone(), to: pending.to };
        return Next::Events(vec![Event::Effect(EffectEvent::Started {
            effect: Effect { id, work }.into(),
        })]);
    }
    if known.current == Some(pending.to) {
        return ended(true, format!("{} machines", pending.to));
    }
    if let Some(why) = &pending.failed {
        return ended(false, why.clone());
    }
    let over = pending.at.session.plus(declared.within);
    if now.session < over {
        return Next::At(over.min(now.session.plus(AGAIN)));
    }
    ended(false, format!("{} after {}", known.words(), declared.within))
}

pub(in crate::domain) fn started(session: &mut Session, effect: &Effect) {
    let Target::Scale(environment) = &effect.id.target else { return };
    if let Some(pending) = session.operations.scales.get_mut(environment).and_then(|it| it.pending.as_mut()) {
        pending.told = true;
    }
}

/// How telling it ended. What is not known of that its number says.
pub(in crate::domain) fn ended(session: &mut Session, id: &EffectId, outcome: &Outcome) {
    let Target::Scale(environment) = &id.target else { return };
    if let Outcome::Failed { why, .. } = outcome
        && let Some(pending) =
            session.operations.scales.get_mut(environment).and_then(|it| it.pending.as_mut())
    {
        pending.failed = Some(why.clone());
    }
}

pub(super) fn apply(session: &mut Session, event: &OperationEvent, at: &Stamped) {
    let scales = &mut session.operations.scales;
    match event {
        OperationEvent::ScaleSeen { environment, current, why } => {
            let known = scales.entry(environment.clone()).or_default();
            (known.current, known.why) = (*current, why.clone());
        }
        OperationEvent::ScaleAsked { environment, from, to, reason } => {
            let known = scales.entry(environment.clone()).or_default();
            known.count += 1;
            known.pending = Some(Rescale {
                from: *from,
                to: *to,
                by: at.actor.person().cloned(),
                reason: reason.clone(),
                at: at.now,
                told: false,
                failed: None,
            });
        }
        OperationEvent::ScaleEnded { environment, reached, shows, .. } => {
            let known = scales.entry(environment.clone()).or_default();
            if let Some(asked) = known.pending.take() {
                known.last.push(Rescaled { asked, reached: *reached, shows: shows.clone(), at: at.now });
                if known.last.len() > LAST {
                    known.last.remove(0);
                }
            }
        }
        _ => return,
    }
    session.mark_notices();
}
