//! What a check says now.

use serde::{Deserialize, Serialize};

use super::{JudgedVerdict, schedule};
use crate::domain::{
    name::{CheckName, EnvironmentName},
    session::Session,
    time::{Now, Span},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStanding {
    pub verdict: Verdict,
    /// One line: what shows it, or why it is not decided.
    pub shows: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Passed,
    Failed,
    Inconclusive,
    Running,
    Stale,
    Never,
}

/// The environment in which an item's check is asked: that of the stage before the poll that has it as a
/// validation, else the one the poll decides about.
pub fn home_of(session: &Session, check: &CheckName) -> Option<EnvironmentName> {
    let plan = session.plan();
    plan.stages[..plan.poll_index()]
        .iter()
        .find(|stage| stage.asks_for().any(|asked| asked == check))
        .map(|stage| stage.environment.clone())
        .or_else(|| plan.headline().map(|environment| environment.name.clone()))
}

pub fn standing_of(session: &Session, check: &CheckName, now: Now) -> CheckStanding {
    match home_of(session, check) {
        Some(environment) => standing_in(session, check, &environment, now),
        None => CheckStanding { verdict: Verdict::Never, shows: "no environment".into() },
    }
}

pub fn standing_in(
    session: &Session,
    check: &CheckName,
    environment: &EnvironmentName,
    now: Now,
) -> CheckStanding {
    let say = |verdict, shows: String| CheckStanding { verdict, shows };
    let Some(run) = session.checks.run(check, environment) else {
        return say(Verdict::Never, "never run".into());
    };
    let Some(last) = &run.last else {
        return match &run.running {
            Some(running) => {
                say(Verdict::Running, format!("running for {}", now.session.since(running.since.session)))
            }
            None => say(Verdict::Never, "never run to its end".into()),
        };
    };
    let candidate = &session.course.release.candidate.digest;
    if last.candidate != *candidate {
        return say(
            Verdict::Stale,
            format!("ran on {}…, not {}…", last.candidate.short(), candidate.short()),
        );
    }
    let repeated = session.plan().check(check.as_str()).and_then(schedule::interval);
    if let Some(every) = repeated {
        let age = now.session.since(last.at.session);
        if last.at.session < session.course.stale_before {
            return say(Verdict::Stale, "not asked since the conductor started".into());
        }
        // One answer may be missed; after two nobody knows any more.
        if age > Span(every.0.saturating_mul(2)) {
            return say(Verdict::Stale, format!("last answer {age} ago"));
        }
    }
    if repeated.is_none() && run.running.is_some() {
        return say(Verdict::Running, "running again".into());
    }
    match last.verdict {
        JudgedVerdict::Passed => say(Verdict::Passed, last.shows.clone()),
        JudgedVerdict::Failed => say(Verdict::Failed, last.shows.clone()),
        JudgedVerdict::Inconclusive => say(Verdict::Inconclusive, last.shows.clone()),
    }
}
