//! Environments without traffic: whoever sends requests there is a mistake. The balancer's own counts say so, as long as
//! a session is open; a request that is seen is an alarm, which stops the line until a person lifts it, with a reason.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SignalEvent;
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    comparison::Sides,
    counted::{counted, grouped},
    course::{Phase, said_why},
    event::{Event, Stamped},
    name::{EnvironmentName, PersonName, UnitId},
    plan::TrafficKind,
    refusal::Refusal,
    rollout,
    session::Session,
    time::{Now, Span, WallTime},
};

/// An alarm that stands, and requests that go on coming: they are added this often.
const AGAIN: Span = Span::secs(60);

/// What is known of the requests to an environment that should get none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quiet {
    /// Since when it is looked at, and no request came; none: it is not known whether any does.
    pub since: Option<Now>,
    /// Why nobody can look; none: somebody looks, or has not begun to.
    pub unseen: Option<String>,
    pub alarm: Option<TrafficAlarm>,
    pub lifted: Option<Lifted>,
    /// All requests that the balancer had counted when something was recorded last: what it has counted since is seen by
    /// it, whoever looked meanwhile; none: not known.
    #[serde(default)]
    pub total: Option<u64>,
    /// Since when nobody has looked; none: somebody does.
    #[serde(default)]
    pub away: Option<Now>,
    /// When nobody looked, and nothing counted for them: what came then is not known.
    #[serde(default)]
    pub gap: Option<(Now, Now)>,
    /// An alarm was lifted, and nobody has looked since: what had come before was known to whoever lifted it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub just_lifted: bool,
}

/// Requests that were seen where none should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficAlarm {
    /// At the least: they are counted from look to look.
    pub requests: u64,
    /// The host that got most of them, as far as that was last known.
    pub host: Option<UnitId>,
    pub first: Now,
    pub last: Now,
}

/// Who lifted the last alarm, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    pub by: Option<PersonName>,
    pub reason: String,
    pub at: Now,
}

/// What is known of all such environments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quiets(BTreeMap<EnvironmentName, Quiet>);

impl Quiets {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, environment: &EnvironmentName) -> Option<&Quiet> {
        self.0.get(environment)
    }

    /// Nothing seen before now says anything of what comes. An alarm stays.
    pub(in crate::domain) fn stale(&mut self) {
        for quiet in self.0.values_mut() {
            (quiet.since, quiet.unseen) = (None, None);
        }
    }

    /// Nobody has looked since then.
    pub(super) fn away_since(&mut self, last: Now) {
        for quiet in self.0.values_mut().filter(|quiet| quiet.away.is_none()) {
            quiet.away = Some(last);
        }
    }
}

impl Quiet {
    /// Somebody has looked: what came while nobody did is in the balancer's count, or is not known.
    fn looked(self, total: Option<u64>, at: Now) -> Self {
        let covered = self.total.zip(total).is_some_and(|(was, is)| is >= was);
        let gap = self.away.filter(|_| !covered).map(|from| (from, at));
        Self { total, away: None, gap: gap.or(self.gap), unseen: None, just_lifted: false, ..self }
    }
}

/// How the traffic of an environment stands that should have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrafficStanding<'a> {
    /// Nothing counts requests there.
    NotSeenByAnything,
    /// It was not looked at since the conductor started.
    NotLookedAt,
    /// It can't be looked at now, and why.
    Unknown(&'a str),
    /// No request since then; but what came in between is not known, where nobody looked.
    None(Now, Option<(Now, Now)>),
    Alarm(&'a TrafficAlarm),
}

/// None: the environment is meant to have traffic.
pub fn traffic<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<TrafficStanding<'a>> {
    let declared = session.plan().environments.get(environment)?;
    if declared.traffic != TrafficKind::None {
        return None;
    }
    let known = session.checks.quiet.get(environment);
    Some(match known {
        Some(Quiet { alarm: Some(alarm), .. }) => TrafficStanding::Alarm(alarm),
        _ if !declared.balancer.counts() => TrafficStanding::NotSeenByAnything,
        Some(Quiet { unseen: Some(why), .. }) => TrafficStanding::Unknown(why),
        Some(Quiet { since: Some(since), gap, .. }) => TrafficStanding::None(*since, *gap),
        _ => TrafficStanding::NotLookedAt,
    })
}

impl TrafficStanding<'_> {
    /// `traffic: none seen`, `traffic: not seen by anything`.
    pub fn words(&self) -> String {
        match self {
            Self::NotSeenByAnything => "traffic: not seen by anything".into(),
            Self::NotLookedAt => "traffic: not looked at yet".into(),
            Self::Unknown(why) => format!("traffic: unknown, {why}"),
            Self::None(_, None) => "traffic: 0 requests seen, as it should be".into(),
            Self::None(_, Some((from, to))) => {
                let (from, to) = (minute(from.wall), minute(to.wall));
                format!("traffic: 0 requests seen, not looked from {from} to {to} UTC")
            }
            Self::Alarm(alarm) => format!("TRAFFIC: {}", alarm.words()),
        }
    }
}

/// `12:01`, of the day in UTC.
fn minute(at: WallTime) -> String {
    let minutes = at.0.div_euclid(60_000_000).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

impl TrafficAlarm {
    /// `3 requests seen, most on alpha-01`.
    pub fn words(&self) -> String {
        let requests = counted(grouped(self.requests), "request");
        match &self.host {
            Some(host) => format!("{requests} seen, most of them on {host}"),
            None => format!("{requests} seen"),
        }
    }
}

/// Whether requests to it are counted for as long as the session is open.
pub(in crate::domain) fn looks(session: &Session, environment: &EnvironmentName) -> bool {
    let declared = session.plan().environments.get(environment);
    declared.is_some_and(|it| it.traffic == TrafficKind::None && it.balancer.counts())
}

/// The alarms that stop the line. Of what is rolled back, or verified, nothing is left to stop.
pub fn alarms(session: &Session) -> impl Iterator<Item = (&EnvironmentName, &TrafficAlarm)> {
    let phase = session.course.phase;
    // Where one of several stages beside each other goes back, the others are still looked at.
    let back = matches!(phase, Phase::RollingBack | Phase::RolledBack);
    let past = match phase {
        Phase::Verified | Phase::Closed => true,
        _ => back && session.pipeline.under_way().next().is_none(),
    };
    let declared = |environment: &EnvironmentName| traffic(session, environment).is_some();
    let all = session.checks.quiet.0.iter().filter(move |(name, _)| !past && declared(name));
    all.filter_map(|(name, quiet)| Some((name, quiet.alarm.as_ref()?)))
}

/// Why an environment without traffic can't be vouched for; none: it can, or nothing declared looks at it at all.
pub fn unproven<'a>(session: &'a Session, environment: &EnvironmentName) -> Option<TrafficStanding<'a>> {
    let standing = traffic(session, environment)?;
    matches!(standing, TrafficStanding::NotLookedAt | TrafficStanding::Unknown(_)).then_some(standing)
}

/// What was counted, as a fact: the first look at which nothing came, and every request that does, those among them that
/// were counted while nobody looked. Of an alarm that stands what has come since is added once a minute: until then the
/// balancer's count holds it.
pub(in crate::domain) fn report(
    session: &Session,
    environment: &EnvironmentName,
    lately: &Sides,
    (host, total): (Option<&UnitId>, Option<u64>),
    now: Now,
) -> Vec<Event> {
    if !looks(session, environment) || session.course.is_over() {
        return Vec::new();
    }
    let known = session.checks.quiet.get(environment);
    let environment = environment.clone();
    let grown = known.and_then(|known| known.total).zip(total).map(|(was, is)| is.checked_sub(was));
    // It counts from 0 again.
    let anew = grown == Some(None);
    let grown = grown.flatten();
    // What came before the alarm was lifted raises none anew. The first look after it can't tell that apart from what came
    // between: the lift counts from there on, and what it saw is in the record.
    let lifted = known.is_some_and(|known| known.just_lifted && known.away.is_none());
    let came = grown.unwrap_or_else(|| lately.requests());
    let (before, requests) = if lifted { (came, 0) } else { (0, came) };
    let mut events = Vec::new();
    if before > 0 {
        events.push(SignalEvent::TrafficLookedAt { environment: environment.clone(), total, before });
    }
    if requests > 0 {
        let standing = known.and_then(|known| known.alarm.as_ref());
        let often = standing.is_some_and(|it| now.session.since(it.last.session) < AGAIN);
        let seen = known.is_some_and(|known| known.unseen.is_none() && known.away.is_none());
        // Without the balancer's own count what is not recorded would be lost.
        if often && seen && grown.is_some() && !anew {
            return Vec::new();
        }
        events.push(SignalEvent::TrafficSeen { environment, requests, host: host.cloned(), total });
    } else if before == 0
        && (anew || known.is_none_or(|known| known.since.is_none() || known.unseen.is_some()))
    {
        events.push(SignalEvent::TrafficLookedAt { environment, total, before });
    }
    events.into_iter().map(Event::Signal).collect()
}

/// Nobody can be asked for the counts.
pub(in crate::domain) fn uncounted(
    session: &Session,
    environment: &EnvironmentName,
    why: &str,
) -> Option<Event> {
    let known = session.checks.quiet.get(environment);
    let told = known.is_some_and(|known| known.unseen.as_deref() == Some(why));
    if told || !looks(session, environment) || session.course.is_over() {
        return None;
    }
    let (environment, why) = (environment.clone(), why.to_owned());
    Some(Event::Signal(SignalEvent::TrafficUnknown { environment, why }))
}

/// A person lifts the alarm, and says why.
pub fn lift(
    session: &Session,
    environment: &EnvironmentName,
    reason: &str,
    actor: &Actor,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    said_why(reason)?;
    if session.checks.quiet.get(environment).is_none_or(|quiet| quiet.alarm.is_none()) {
        return Err(Refusal::rule(format!("no alarm stands in {environment}"), "nothing"));
    }
    let (environment, reason) = (environment.clone(), reason.trim().to_owned());
    Ok(vec![Event::Signal(SignalEvent::AlarmLifted { environment, reason })])
}

pub(super) fn apply(session: &mut Session, event: &SignalEvent, at: &Stamped) {
    let of = |session: &mut Session, environment: &EnvironmentName| {
        std::mem::take(session.checks.quiet.0.entry(environment.clone()).or_default())
    };
    let (environment, quiet) = match event {
        SignalEvent::TrafficLookedAt { environment, total, .. } => {
            let known = of(session, environment).looked(*total, at.now);
            (environment, Quiet { since: Some(known.since.unwrap_or(at.now)), ..known })
        }
        SignalEvent::TrafficUnknown { environment, why } => {
            let known = of(session, environment);
            (environment, Quiet { since: None, unseen: Some(why.clone()), just_lifted: false, ..known })
        }
        SignalEvent::TrafficSeen { environment, requests, host, total } => {
            let mut known = of(session, environment).looked(*total, at.now);
            let alarm = match known.alarm.take() {
                Some(alarm) => TrafficAlarm {
                    requests: alarm.requests.saturating_add(*requests),
                    host: host.clone().or(alarm.host),
                    last: at.now,
                    first: alarm.first,
                },
                None => TrafficAlarm { requests: *requests, host: host.clone(), first: at.now, last: at.now },
            };
            (environment, Quiet { since: None, alarm: Some(alarm), ..known })
        }
        SignalEvent::AlarmLifted { environment, reason } => {
            let known = of(session, environment);
            let by = at.actor.person().cloned();
            let lifted = Lifted { by, reason: reason.clone(), at: at.now };
            (
                environment,
                Quiet { since: None, alarm: None, lifted: Some(lifted), just_lifted: true, ..known },
            )
        }
        _ => return,
    };
    session.checks.quiet.0.insert(environment.clone(), quiet);
    if matches!(event, SignalEvent::AlarmLifted { .. }) {
        // No deadline runs on the time for which the line waited for a person.
        rollout::progressed(session, at.now);
    }
    session.mark_pipeline();
    session.mark_notices();
    session.capacity_changed();
}
