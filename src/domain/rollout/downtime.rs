//! The time in which nobody serves, as planned: expected beforehand, measured while it lasts, recorded when it is over.
//! Where nothing has shown how long it takes, that is said, and nothing is guessed.

use serde::{Deserialize, Serialize};

use super::{Forecast, RolloutEvent, Unwell, reach, unseen};
use crate::domain::{
    counted::counted,
    event::{Event, Stamped},
    name::EnvironmentName,
    pipeline::{StageRun, StageState},
    session::{Next, Session},
    time::{Now, Span},
};

/// When nobody served: the last time, or now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Downtime {
    pub since: Now,
    pub expected: Option<Span>,
    /// When a host served again; none: nobody does.
    pub over: Option<Now>,
    /// How long earlier ones of this session lasted together.
    pub before: Span,
}

impl Downtime {
    /// How long this one has lasted, or did.
    pub fn lasted(&self, now: Now) -> Span {
        self.over.unwrap_or(now).session.since(self.since.session)
    }

    /// The same for somebody who looks: who reads the record alone knows of session time only what it says last.
    pub fn by_now(&self, now: Now) -> Span {
        match self.over {
            Some(_) => self.lasted(now),
            None => self.lasted(now).max(now.wall.since(self.since.wall)),
        }
    }

    /// All of this session together.
    pub fn total(&self, now: Now) -> Span {
        Span(self.before.0 + self.by_now(now).0)
    }

    pub const fn is_now(&self) -> bool {
        self.over.is_none()
    }
}

/// What a start would mean for those who are served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    pub environment: EnvironmentName,
    pub hosts: u32,
    /// How long nobody will serve; none: nothing has shown it.
    pub span: Option<Span>,
    /// From how many earlier sessions that is known; none: from this one, or not at all.
    pub sessions: Option<u32>,
}

impl Expected {
    /// `all 4 hosts of production are stopped before one is started`
    pub fn what(&self) -> String {
        match self.hosts {
            1 => format!("the one host of {} is stopped before it is started again", self.environment),
            hosts => {
                format!(
                    "all {} of {} are stopped before one is started",
                    counted(hosts, "host"),
                    self.environment
                )
            }
        }
    }

    /// `about 12 s (from 3 sessions)`, or that it is not known.
    pub fn how_long(&self) -> String {
        match (self.span, self.sessions) {
            (None, _) => "how long is unknown: no session has shown it".to_owned(),
            (Some(span), None) => format!("about {}", Span::secs(span.as_secs().max(1))),
            (Some(span), Some(sessions)) => {
                let from = counted(sessions, "session");
                format!("about {} (from {from})", Span::secs(span.as_secs().max(1)))
            }
        }
    }
}

/// What is expected where the stages of an environment stop all its hosts.
pub fn expected(session: &Session, environment: &EnvironmentName, hosts: u32) -> Option<Expected> {
    if !session.plan().stops_all(environment) {
        return None;
    }
    let forecast = Forecast::of(session);
    let span = forecast.downtime(session, environment, hosts);
    let sessions = forecast.learned_from(environment).filter(|_| span.is_some());
    Some(Expected { environment: environment.clone(), hosts, span, sessions })
}

/// Where nobody serves, or did, as planned.
pub fn downtimes(session: &Session) -> impl Iterator<Item = (&EnvironmentName, &Downtime)> {
    session.rollout.downtime.iter()
}

/// Begins when the last host is taken out of service, and ends when one is seen to serve.
pub fn next(session: &Session) -> Next {
    for run in session.pipeline.stages.iter().filter(|run| run.started.is_some() && run.stops_all()) {
        let environment = run.environment.clone();
        let known = session.rollout.downtime.get(&environment);
        let down = known.is_some_and(Downtime::is_now);
        let serves = session.rollout.serves(&environment);
        if down {
            if serves > 0 {
                let lasted = known.map_or(Span::ZERO, |known| known.lasted(session.now));
                return Next::Events(vec![Event::Rollout(RolloutEvent::DowntimeEnded {
                    environment,
                    lasted,
                })]);
            }
            continue;
        }
        let changes = matches!(run.state, StageState::Rolling | StageState::RollingBack);
        let counts = session.rollout.counts(&environment);
        // Who was not looked at may well serve.
        if changes
            && counts.touched > 0
            && serves == 0
            && session.rollout.down(&environment) == counts.hosts
            && unseen(session, &environment) == 0
        {
            let expected = expected(session, &environment, run.units.len() as u32).and_then(|it| it.span);
            return Next::Events(vec![Event::Rollout(RolloutEvent::DowntimeBegan { environment, expected })]);
        }
    }
    Next::Nothing
}

pub fn began(session: &mut Session, environment: &EnvironmentName, expected: Option<Span>, at: &Stamped) {
    let before = session
        .rollout
        .downtime
        .get(environment)
        .map_or(Span::ZERO, |known| Span(known.before.0 + known.lasted(at.now).0));
    let downtime = Downtime { since: at.now, expected, over: None, before };
    session.rollout.downtime.insert(environment.clone(), downtime);
}

pub fn ended(session: &mut Session, environment: &EnvironmentName, at: &Stamped) {
    if let Some(known) = session.rollout.downtime.get_mut(environment) {
        known.over = Some(at.now);
    }
}

/// Where nobody serves and nothing that is under way changes that: what brings the service back. HOLD does not, and
/// where the line is stopped CONTINUE alone does not either.
pub fn brings_back(session: &Session) -> Option<&'static str> {
    let (environment, _) = downtimes(session).find(|(_, downtime)| downtime.is_now())?;
    let back = reach(session).is_ok();
    if session.rollout.any_troubled() || session.rollout.stalled.is_some() {
        return Some(if back { "R, or what the stopped line needs" } else { "what the stopped line needs" });
    }
    // Hosts under way finish, and a rollback goes on, although the line is held.
    let starts = session.pipeline.under_way_in(environment).is_some_and(StageRun::deploys)
        && session.rollout.counts(environment).working > 0;
    if session.course.hold.is_none() || starts || session.pipeline.is_rolling_back() {
        return None;
    }
    Some(if back { "C or R brings it back, HOLD does not" } else { "C brings it back, HOLD does not" })
}

/// What is said of it while it lasts: that nobody serves, and what brings the service back.
pub fn unwell(session: &Session, environment: &EnvironmentName, now: Now) -> Option<Unwell> {
    let downtime = session.rollout.downtime.get(environment).filter(|downtime| downtime.is_now())?;
    let lasted = downtime.by_now(now);
    let expected = || match downtime.expected {
        None => "a host that serves; when is unknown".to_owned(),
        Some(span) if lasted > span => {
            format!("a host that serves; it was expected after about {}", Span::secs(span.as_secs().max(1)))
        }
        Some(span) => {
            format!("a host that serves, expected after about {}", Span::secs(span.as_secs().max(1)))
        }
    };
    let release = brings_back(session).map_or_else(expected, str::to_owned);
    Some(Unwell {
        environment: environment.clone(),
        unit: None,
        outage: true,
        since: downtime.since.session,
        what: format!("DOWN for {}: no host of {environment} serves", Span::secs(lasted.as_secs())),
        release,
    })
}
