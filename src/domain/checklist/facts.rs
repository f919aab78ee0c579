//! Items that the session answers by itself.

use super::Fact;
use crate::domain::{counted::counted, poll, rollout, session::Session};

/// Whether a fact holds, with what shows it.
pub enum Held {
    Yes(String),
    No {
        shows: String,
        lift: String,
    },
    /// No data is never green.
    Unknown {
        shows: String,
        lift: String,
    },
}

pub fn holds(session: &Session, fact: Fact) -> Held {
    match fact {
        Fact::ArtifactRecorded => {
            let candidate = &session.course.release.candidate;
            Held::Yes(format!("{} is {}…", candidate.version, candidate.digest.short()))
        }
        Fact::RollbackReady => rollback_ready(session),
        Fact::HostsObserved => hosts(session, false),
        Fact::HostsHealthy => hosts(session, true),
        Fact::PlanBDecided => match &session.plan().plan_b.decides {
            Some(person) => Held::Yes(format!("{person} decides")),
            None => Held::No {
                shows: "nobody decides on plan B".into(),
                lift: "plan_b.decides in golive.toml, adopted".into(),
            },
        },
        Fact::SeatsCovered => match poll::uncovered(session) {
            None => Held::Yes(format!("{} seats, each by another person", session.plan().poll.seats.len())),
            Some(seat) => Held::No {
                shows: format!("no free person for the seat of {seat}"),
                lift: "another person with that role in golive.toml, adopted".into(),
            },
        },
    }
}

fn rollback_ready(session: &Session) -> Held {
    let Some(environment) = session.plan().headline() else {
        return Held::Unknown { shows: "no environment".into(), lift: "a plan with stages".into() };
    };
    let ready = rollout::readiness(session, &environment.name);
    let unseen = rollout::unseen(session, &environment.name);
    match (&ready.to, ready.kept, ready.hosts) {
        (None, _, hosts) if unseen > 0 => Held::Unknown {
            shows: format!("{unseen} of {} not observed yet", counted(hosts, "host")),
            lift: "an observation of every host".into(),
        },
        // All were looked at, and no release is on all of them that one could go back to.
        (None, _, _) => Held::No {
            shows: "no previous version: rollback unavailable".into(),
            lift: "a waiver: the first deploy has nothing to go back to".into(),
        },
        (Some(to), kept, hosts) if kept == hosts && ready.unreached > 0 => Held::Unknown {
            shows: format!(
                "{} kept on {kept} of {hosts}, and the balancer can't be asked of {}",
                to.version, ready.unreached
            ),
            lift: "the balancer's answer: no host is taken out or brought back without it".into(),
        },
        (Some(to), kept, hosts) if kept == hosts && ready.store.is_some() => Held::Unknown {
            shows: format!("{}: {}", to.version, ready.store.unwrap_or_default()),
            lift: "a store that can be told, and that holds what this release is about".into(),
        },
        (Some(to), kept, hosts) if kept == hosts => {
            Held::Yes(format!("{} kept on {kept} of {hosts}", to.version))
        }
        (Some(to), kept, hosts) if ready.missing == 0 => Held::Unknown {
            shows: format!("{} kept on {kept} of {hosts}, {} not known", to.version, hosts - kept),
            lift: "an observation of every host".into(),
        },
        (Some(to), _, hosts) => Held::No {
            shows: format!("{} is missing on {} of {}", to.version, ready.missing, counted(hosts, "host")),
            lift: "the release put back on those hosts, or a waiver".into(),
        },
    }
}

fn hosts(session: &Session, healthy: bool) -> Held {
    let (mut total, mut seen, mut well) = (0, 0, 0);
    let mut first_bad = None;
    for unit in session.rollout.units() {
        total += 1;
        let Some(fresh) = unit.fresh() else { continue };
        seen += 1;
        if fresh.health == crate::domain::effect::Health::Healthy {
            well += 1;
        } else if first_bad.is_none() {
            first_bad = Some(format!("{}: {}", unit.id, fresh.why.as_deref().unwrap_or("not healthy")));
        }
    }
    if seen < total {
        return Held::Unknown {
            shows: format!("{seen} of {} observed", counted(total, "host")),
            lift: "an observation of every host".into(),
        };
    }
    if !healthy || well == total {
        return Held::Yes(format!("{} of {total}", if healthy { well } else { seen }));
    }
    Held::No {
        shows: format!("{well} of {total} healthy; {}", first_bad.unwrap_or_default()),
        lift: "those hosts answering again, or a waiver".into(),
    }
}
