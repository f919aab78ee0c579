//! Where the new version has another share than was asked for, in words: of the requests, or of the hosts.

use super::{Unwell, host_share, share};
use crate::domain::{
    effect::Share,
    name::EnvironmentName,
    plan::HostShare,
    session::Session,
    time::{Now, SessionTime},
};

/// Of the environment as a whole; nobody is without service because of it.
fn of_all(environment: &EnvironmentName, since: SessionTime, what: String, release: &str) -> Unwell {
    let (environment, release) = (environment.clone(), release.to_owned());
    Unwell { environment, unit: None, outage: false, since, what, release }
}

/// The new version gets another share of the requests than it was to get.
pub(super) fn off(session: &Session, environment: &EnvironmentName, now: Now) -> Option<Unwell> {
    let told = session.rollout.shares.get(environment)?;
    let (served, asked) = (told.served.filter(|served| served.off)?, told.asked.as_ref()?);
    let version = &session.course.release.candidate.version;
    let what = format!("{version} gets {}, wanted {}", served.words(now), asked.weight);
    let since = served.since.unwrap_or(served.at).session;
    let release = match without(session, environment, asked) {
        Some(hosts) => format!("{hosts}: others get its requests until it serves again"),
        None => "the balancer's weights and what else sends requests there".to_owned(),
    };
    Some(of_all(environment, since, what, &release))
}

/// `web-01 does not serve`, of a host that has a part of the shares: one of the new version, or one that the balancer was
/// not told is out.
fn without(session: &Session, environment: &EnvironmentName, asked: &Share) -> Option<String> {
    let here = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    let not = here.filter(|unit| !unit.available() && asked.away.binary_search(&unit.id).is_err());
    let names: Vec<&str> = not.map(|unit| unit.id.as_str()).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("{one} does not serve")),
        [one, more @ ..] => Some(format!("{one} and {} more do not serve", more.len())),
    }
}

/// A share is to be looked at, and all hosts that were to have it went back or were given up: the step shows nothing.
pub(super) fn of_nobody(session: &Session) -> Option<Unwell> {
    let run = session.pipeline.running()?;
    let weight = share::of_nobody(session, run)?;
    let version = &session.course.release.candidate.version;
    let what =
        format!("{weight} is wanted for {version}, and none of the hosts for it is left: nobody looks at it");
    let release = "the next share (C), which takes more hosts, or ending it (R, or END AS IS: E)";
    Some(of_all(&run.environment, run.at.since, what, release))
}

/// More hosts run the new version than its share asks for: the fleet has shrunk, or others are down. Nothing takes that
/// back but a rollback.
pub(super) fn more_than_wanted(session: &Session) -> Option<Unwell> {
    let run = session.pipeline.running()?;
    let share = host_share(session).filter(HostShare::is_more)?;
    let version = &session.course.release.candidate.version;
    let what = format!("{} of {} hosts run {version}, wanted {}", share.new, share.of, share.wanted);
    let release = "more hosts of the other version, or rolling back (R); going on (C) asks for more";
    Some(of_all(&run.environment, run.at.since, what, release))
}
