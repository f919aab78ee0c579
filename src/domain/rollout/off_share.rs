//! Where the new version has another share than was asked for, in words: of the requests, or of the hosts.

use super::{Unwell, host_share, share};
use crate::domain::{name::EnvironmentName, plan::HostShare, session::Session, time::Now};

/// The new version gets another share of the requests than it was to get.
pub(super) fn off(session: &Session, environment: &EnvironmentName, now: Now) -> Option<Unwell> {
    let told = session.rollout.shares.get(environment)?;
    let (served, asked) = (told.served.filter(|served| served.off)?, told.asked.as_ref()?);
    let version = &session.course.release.candidate.version;
    Some(Unwell {
        environment: environment.clone(),
        unit: None,
        outage: false,
        since: served.since.unwrap_or(served.at).session,
        what: format!("{version} gets {}, wanted {}", served.words(now), asked.weight),
        release: "the balancer's weights and what else sends requests there".to_owned(),
    })
}

/// A share is to be looked at, and all hosts that were to have it went back or were given up: the step shows nothing.
pub(super) fn of_nobody(session: &Session) -> Option<Unwell> {
    let run = session.pipeline.running()?;
    let weight = share::of_nobody(session, run)?;
    let version = &session.course.release.candidate.version;
    Some(Unwell {
        environment: run.environment.clone(),
        unit: None,
        outage: false,
        since: run.at.since,
        what: format!(
            "{weight} is wanted for {version}, and none of the hosts for it is left: nobody looks at it"
        ),
        release: "the next share (C), which takes more hosts, or ending it (R, or END AS IS: E)".to_owned(),
    })
}

/// More hosts run the new version than its share asks for: the fleet has shrunk, or others are down. Nothing takes that
/// back but a rollback.
pub(super) fn more_than_wanted(session: &Session) -> Option<Unwell> {
    let run = session.pipeline.running()?;
    let share = host_share(session).filter(HostShare::is_more)?;
    let version = &session.course.release.candidate.version;
    Some(Unwell {
        environment: run.environment.clone(),
        unit: None,
        outage: false,
        since: run.at.since,
        what: format!("{} of {} hosts run {version}, wanted {}", share.new, share.of, share.wanted),
        release: "more hosts of the other version, or rolling back (R); going on (C) asks for more"
            .to_owned(),
    })
}
