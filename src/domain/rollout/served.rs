//! How the requests are in fact shared out, beside what was asked for. Outside the band it is told; where that lasts as
//! long as a stage may go without progress, a human is called.

use serde::{Deserialize, Serialize};

use super::{RolloutEvent, share};
use crate::domain::{
    comparison::{ENOUGH, Recent, Sides},
    event::{Event, Stamped},
    name::EnvironmentName,
    plan::Weight,
    session::{Next, Session},
    time::{Now, Span},
};

/// What has not changed is recorded this often.
const AGAIN: Span = Span::secs(60);

/// A count that is recorded no more is old after this.
const OLD: Span = Span::secs(90);

/// Before so long has passed since the share was set, too few requests are no news.
const FIRST: Span = Span::secs(30);

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
    /// Over how long it was counted; none: for one look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Span>,
}

impl Served {
    /// In hundredths of a percent.
    pub const fn share(&self) -> u64 {
        match (self.canary * 10_000).checked_div(self.of) {
            Some(share) => share,
            None => 0,
        }
    }

    /// Too few requests to tell.
    pub const fn few(&self) -> bool {
        self.of < ENOUGH
    }

    /// How old it is, where that is older than a count that goes on may be: what it says may be so no more.
    pub fn old(&self, now: Now) -> Option<Span> {
        let age = now.session.since(self.at.session);
        (age > OLD).then_some(age)
    }

    /// `16.92 % of 780 requests`, `5 of 57 requests, too few to tell`; over how long, and how long ago where it is old.
    pub fn words(&self, now: Now) -> String {
        let share = self.share();
        let counted = if self.few() {
            format!("{} of {} requests, too few to tell", self.canary, self.of)
        } else {
            format!("{}.{:02} % of {} requests", share / 100, share % 100, self.of)
        };
        let over = self.over.map_or_else(String::new, |over| format!(" in {}", Span::secs(over.as_secs())));
        let old =
            self.old(now).map_or_else(String::new, |age| format!(", {} ago", Span::secs(age.as_secs())));
        format!("{counted}{over}{old}")
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
pub fn report(
    session: &Session,
    environment: &EnvironmentName,
    lately: &Sides,
    recent: Option<Recent>,
    now: Now,
) -> Vec<Event> {
    let Some(share) = share::held(session, environment) else { return Vec::new() };
    let told = session.rollout.shares.get(environment);
    // While hosts are out the others get more than their share.
    let run = session.pipeline.under_way_in(environment).filter(|run| run.settled(session));
    let Some((told, run)) = told.zip(run) else { return Vec::new() };
    let (canary, of, over) = match recent {
        Some(recent) => {
            // What was counted before the share was set, or its hosts were there, is not of this share.
            let since = told.since.unwrap_or_default().max(run.at.since);
            let so_far = now.session.since(since);
            let enough = recent.of >= ENOUGH;
            if enough && recent.over > so_far || !enough && so_far < FIRST {
                return Vec::new();
            }
            (recent.canary, recent.of, Some(recent.over))
        }
        None if lately.requests() < ENOUGH => return Vec::new(),
        None => (lately.new.requests, lately.requests(), None),
    };
    let few = of < ENOUGH;
    let off = !few && is_off(share.weight, canary, of);
    let same = |known: Served| known.off == off && known.few() == few;
    if told.served.is_some_and(|known| same(known) && now.session.since(known.at.session) < AGAIN) {
        return Vec::new();
    }
    vec![Event::Rollout(RolloutEvent::Served {
        environment: environment.clone(),
        wanted: share.weight,
        canary,
        of,
        off,
        over,
    })]
}

pub fn served(
    session: &mut Session,
    environment: &EnvironmentName,
    counted: (u64, u64, Option<Span>),
    off: bool,
    at: &Stamped,
) {
    let (canary, of, over) = counted;
    if let Some(told) = session.rollout.shares.get_mut(environment) {
        let before = told.served.filter(|before| before.off && off);
        let fresh =
            Served { canary, of, at: at.now, off, since: Some(at.now).filter(|_| off), accepted: None, over };
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

/// A share that is off for as long as a stage may go without progress calls a human, and stops the line: whether all hosts
/// are in the pool or not.
pub fn next(session: &Session, now: Now) -> Next {
    if session.rollout.shares.is_empty() || super::stopped(session) {
        return Next::Nothing;
    }
    let mut waits = Next::Nothing;
    for run in session.pipeline.under_way().filter(|run| run.settled(session)) {
        match next_in(session, &run.environment, now) {
            found @ Next::Events(_) => return found,
            other => waits = waits.or(|| other),
        }
    }
    waits
}

fn next_in(session: &Session, name: &EnvironmentName, now: Now) -> Next {
    let Some(environment) = session.plan().environments.get(name) else { return Next::Nothing };
    let told = session.rollout.shares.get(name);
    let Some((told, served)) = told.and_then(|told| Some((told, told.served?))) else { return Next::Nothing };
    let Some(since) = served.since.filter(|_| served.accepted.is_none() && told.asked.is_some()) else {
        return Next::Nothing;
    };
    let limit = environment.deadlines.progress_deadline;
    let called = since.session.plus(limit);
    // One count says nothing of how long, nor does an old one: the next is waited for.
    if served.at == since || now.session.since(served.at.session) > Span(2 * AGAIN.0) {
        return Next::Nothing;
    }
    if now.session < called {
        return Next::At(called);
    }
    let Some(off) = super::off_share::off(session, name, now) else { return Next::Nothing };
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
