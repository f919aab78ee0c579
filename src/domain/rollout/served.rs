//! How the requests are in fact shared out, beside what was asked for. It judges nothing by itself: outside the band
//! somebody is told.

use serde::{Deserialize, Serialize};

use super::{RolloutEvent, share::Answer};
use crate::domain::{
    effect::{Effect, EffectId, Share, Target, Work},
    effect_log::EffectEvent,
    event::{Event, Stamped},
    name::EnvironmentName,
    plan::Weight,
    session::{Next, Session},
    time::{Now, Span},
};

/// Fewer requests than this say nothing of a share.
pub const ENOUGH: u64 = 200;
/// What has not changed is recorded this often.
const AGAIN: Span = Span::secs(60);

/// What was counted last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    pub canary: u64,
    pub of: u64,
    pub at: Now,
    /// Further from what was asked for than chance explains.
    pub off: bool,
}

impl Served {
    /// In hundredths of a percent.
    pub const fn share(&self) -> u64 {
        match (self.canary * 10_000).checked_div(self.of) {
            Some(share) => share,
            None => 0,
        }
    }
}

/// Whether so many of so many requests are off what was asked for: by more than 2 points or a quarter of it, whichever is
/// more, and three standard deviations of a binomial distribution (its normal approximation).
pub fn is_off(weight: Weight, canary: u64, of: u64) -> bool {
    let (wanted, n) = (f64::from(weight.percent()) / 100.0, of as f64);
    let band = (wanted / 4.0).max(0.02) + 3.0 * (wanted * (1.0 - wanted) / n).sqrt();
    of > 0 && (canary as f64 / n - wanted).abs() > band
}

/// What is to be counted in this environment.
fn wanted<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<&'a Share> {
    let told = session.rollout.shares.get(environment).filter(|told| told.answer == Answer::Holds)?;
    let forward = session.pipeline.running().is_some_and(|run| run.environment == *environment);
    told.asked.as_ref().filter(|_| forward && !session.course.is_over())
}

/// The counting begins when a balancer holds a share, and ends with it.
pub fn next(session: &Session, environment: &EnvironmentName) -> Next {
    let target = Target::Served(environment.clone());
    let share = wanted(session, environment);
    match (session.flights.get(&target), share) {
        (None, Some(share)) => {
            let id = EffectId { target, attempt: session.epoch, step: session.seq as u32 };
            let work = Work::Count { environment: environment.clone(), canary: share.canary.clone() };
            Next::Events(vec![Event::Effect(EffectEvent::Started { effect: Effect { id, work } })])
        }
        (Some(flight), share) if !flight.cancel_asked => {
            let same = matches!((&flight.effect.work, share), (Work::Count { canary, .. }, Some(share)) if *canary == share.canary);
            if same {
                return Next::Nothing;
            }
            let (id, why) = (flight.effect.id.clone(), "another share is counted by now".to_owned());
            Next::Events(vec![Event::Effect(EffectEvent::CancelAsked { id, why })])
        }
        _ => Next::Nothing,
    }
}

/// What was counted, as a fact: where it says something else than before, and now and then.
pub fn report(session: &Session, environment: &EnvironmentName, canary: u64, of: u64) -> Vec<Event> {
    let Some(share) = wanted(session, environment) else { return Vec::new() };
    // While hosts are out the others get more than their share.
    let settled = session.pipeline.running().is_some_and(|run| run.settled(session));
    if !settled || of < ENOUGH {
        return Vec::new();
    }
    let off = is_off(share.weight, canary, of);
    let known = session.rollout.shares.get(environment).and_then(|told| told.served);
    if known.is_some_and(|known| known.off == off && session.now.session.since(known.at.session) < AGAIN) {
        return Vec::new();
    }
    vec![Event::Rollout(RolloutEvent::Served {
        environment: environment.clone(),
        wanted: share.weight,
        canary,
        of,
        off,
    })]
}

pub fn served(
    session: &mut Session,
    environment: &EnvironmentName,
    counted: (u64, u64),
    off: bool,
    at: &Stamped,
) {
    let (canary, of) = counted;
    if let Some(told) = session.rollout.shares.get_mut(environment) {
        told.served = Some(Served { canary, of, at: at.now, off });
    }
}
