//! How the requests are in fact shared out, beside what was asked for. Outside the band it is told; where that lasts as
//! long as a stage may go without progress, a human is called.

use serde::{Deserialize, Serialize};

use super::{RolloutEvent, share};
use crate::domain::{
    comparison::{ENOUGH, Sides},
    event::{Event, Stamped},
    name::EnvironmentName,
    plan::Weight,
    session::{Next, Session},
    time::{Now, Span},
};

/// What has not changed is recorded this often.
const AGAIN: Span = Span::secs(60);

/// A share that differs by more than this from what somebody goes on knowing, in hundredths of a percent, is another one.
const NEAR: u64 = 300;

/// What was counted last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    pub canary: u64,
    pub of: u64,
    pub at: Now,
    /// Further from what was asked for than chance explains.
    pub off: bool,
    /// Since when it is; none: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Now>,
    /// Somebody goes on knowing that it is this, in hundredths of a percent: until it is right again, or quite another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<u64>,
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
        let before = told.served.filter(|before| before.off && off);
        let fresh =
            Served { canary, of, at: at.now, off, since: Some(at.now).filter(|_| off), accepted: None };
        let known =
            before.filter(|before| before.accepted.is_none_or(|it| it.abs_diff(fresh.share()) <= NEAR));
        told.served = Some(known.map_or(fresh, |before| Served {
            since: before.since,
            accepted: before.accepted,
            ..fresh
        }));
    }
    session.mark_pipeline();
}

/// A share that is off for as long as a stage may go without progress calls a human, and stops the line.
pub fn next(session: &Session, now: Now) -> Next {
    let told_anything = !session.rollout.shares.is_empty();
    let running = session.pipeline.running().filter(|_| told_anything);
    let Some(run) = running.filter(|run| run.settled(session)) else { return Next::Nothing };
    let Some(environment) = session.plan().environments.get(&run.environment) else { return Next::Nothing };
    let told = session.rollout.shares.get(&run.environment);
    let Some((told, served)) = told.and_then(|told| Some((told, told.served?))) else { return Next::Nothing };
    let Some(since) = served.since.filter(|_| served.accepted.is_none() && told.asked.is_some()) else {
        return Next::Nothing;
    };
    // Where a host is not well others get its share, and that is said of the host.
    let counts = session.rollout.counts(&run.environment);
    if super::stopped(session) || counts.available < counts.hosts {
        return Next::Nothing;
    }
    let limit = environment.deadlines.progress_deadline;
    let called = since.session.plus(limit);
    // One count says nothing of how long, nor does an old one: the next is waited for.
    if served.at == since || now.session.since(served.at.session) > Span(2 * AGAIN.0) {
        return Next::Nothing;
    }
    if now.session < called {
        return Next::At(called);
    }
    let Some(off) = super::unwell::off_its_share(session, &run.environment) else { return Next::Nothing };
    let why = format!("{}, for {limit}", off.what);
    Next::Events(vec![Event::Rollout(RolloutEvent::Stalled { why })])
}

/// Somebody goes on knowing what the shares are.
pub fn accepted(session: &mut Session) {
    for told in session.rollout.shares.values_mut() {
        if let Some(served) = told.served.as_mut().filter(|served| served.off) {
            served.accepted = Some(served.share());
        }
    }
}
