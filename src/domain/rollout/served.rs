//! How the requests are in fact shared out, beside what was asked for. It judges nothing by itself: outside the band
//! somebody is told.

use serde::{Deserialize, Serialize};

use super::{RolloutEvent, share};
use crate::domain::{
    comparison::{ENOUGH, Sides},
    event::{Event, Stamped},
    name::EnvironmentName,
    plan::Weight,
    session::Session,
    time::{Now, Span},
};

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

/// What was counted, as a fact: where it says something else than before, and now and then.
pub fn report(session: &Session, environment: &EnvironmentName, counted: &Sides) -> Vec<Event> {
    let Some(share) = share::held(session, environment) else { return Vec::new() };
    let (canary, of) = (counted.new.requests, counted.requests());
    // While hosts are out the others get more than their share.
    let settled = session.pipeline.under_way_in(environment).is_some_and(|run| run.settled(session));
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
