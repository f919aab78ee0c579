//! A balancer that shares otherwise than it was told: it was started anew, or something else has set its weights. It is
//! told again, a few times; then the line stops, since something else keeps setting them.

use serde::{Deserialize, Serialize};

use super::{
    RolloutEvent, Unwell,
    share::Answer,
    stray::{SAME_WITHIN, TIMES},
};
use crate::domain::{
    effect::Target,
    event::{Event, Stamped},
    name::EnvironmentName,
    session::Session,
    time::Now,
};

/// What was seen of a balancer that did not hold what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostShare {
    /// How often it was seen, one time soon after another.
    pub times: u32,
    /// When that was last.
    pub last: Now,
    /// What it gave instead then, in hundredths of a percent.
    pub gives: u64,
}

impl LostShare {
    /// `25.00 %`
    pub fn gave(&self) -> String {
        hundredths(self.gives)
    }
}

fn hundredths(share: u64) -> String {
    format!("{}.{:02} %", share / 100, share % 100)
}

/// A watch saw it, as a fact: not while the balancer is told something, or is to be told anyway.
pub fn report(session: &Session, environment: &EnvironmentName, gives: u64, now: Now) -> Option<Event> {
    let told = session.rollout.shares.get(environment).filter(|told| told.answer == Answer::Holds)?;
    let wanted = told.asked.as_ref()?.weight;
    if session.flights.get(&Target::Share(environment.clone())).is_some() {
        return None;
    }
    let soon = |lost: &super::LostShare| now.session.since(lost.last.session) < SAME_WITHIN;
    let times = told.lost.filter(soon).map_or(1, |lost| lost.times + 1);
    let environment = environment.clone();
    Some(Event::Rollout(RolloutEvent::ShareLost { environment, wanted, gives, times }))
}

/// It is told again, or a human is called.
pub fn lost(session: &mut Session, environment: &EnvironmentName, gives: u64, times: u32, at: &Stamped) {
    if let Some(told) = session.rollout.shares.get_mut(environment) {
        told.lost = Some(LostShare { times, last: at.now, gives });
        // What was counted was counted by other weights.
        told.served = None;
        let wanted = told.asked.as_ref().map_or_else(String::new, |asked| asked.weight.to_string());
        told.answer = if times > TIMES {
            let why = format!(
                "the balancer gives {} instead of {wanted} although it was told again {TIMES} times: something else \
                 sets its weights",
                hundredths(gives)
            );
            Answer::Refused { why, since: at.now.session }
        } else {
            Answer::Awaited
        };
    }
    session.capacity_changed();
    session.mark_shares();
    session.mark_notices();
}

/// It is being told again.
pub fn unwell(session: &Session, environment: &EnvironmentName) -> Option<Unwell> {
    let told = session.rollout.shares.get(environment).filter(|told| told.answer == Answer::Awaited)?;
    let (lost, asked) = (told.lost?, told.asked.as_ref()?);
    let version = &session.course.release.candidate.version;
    Some(Unwell {
        environment: environment.clone(),
        unit: None,
        outage: false,
        since: lost.last.session,
        what: format!(
            "the balancer gives {version} {} instead of {}: it has lost what it was told",
            lost.gave(),
            asked.weight
        ),
        release: "it is told again".to_owned(),
    })
}
