//! When a stage may start: the window of its environment, the off-peak hours of its regions, freezes and blackouts. A
//! stage that is under way when one of them closes goes on; what comes after it waits. The way back never asks.

use serde::{Deserialize, Serialize};

use super::{StageRun, next_index, pauses_to_come, regions::opening_of_turn};
use crate::domain::{
    calendar::{Closed, Opening, near},
    course::hotfix::{Skip, skips},
    name::{PersonName, StageName},
    plan::{Shutter, Step, opening},
    poll,
    refusal::{Obstacle, ObstacleKind},
    rollout::Forecast,
    session::Session,
    time::{Now, Span, WallTime},
};

/// Who started a stage outside its window, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outside {
    pub by: Option<PersonName>,
    pub closed: Vec<String>,
    pub reason: String,
}

/// What of it is in the way of starting the stage now. `key`: what starts it.
pub fn window_obstacles(session: &Session, index: usize, key: &str, now: Now) -> Vec<Obstacle> {
    if skips(session, Skip::Windows) {
        return Vec::new();
    }
    closed_by(session, &opening(session.plan(), index), key, now)
}

/// What closes it now, and what lifts that.
pub fn closed_by(session: &Session, opening: &Opening<Shutter<'_>>, key: &str, now: Now) -> Vec<Obstacle> {
    let closed = opening.closed(now.wall);
    let Some(first) = closed.first() else { return Vec::new() };
    let all = opening.opens(now.wall);
    let deployer = session.plan().people.values().find(|person| person.has("deployer"));
    let who = deployer.map_or("", |person| person.name.as_str());
    let waits = match all {
        Some(at) => format!("waiting until {}", near(at, first.by.zone())),
        None => "a plan whose hours meet within a year".to_owned(),
    };
    let lift = format!("{waits}, or an override with a reason ({key})");
    closed.iter().map(|closed| obstacle(closed, &lift, who)).collect()
}

fn obstacle(closed: &Closed<'_, Shutter<'_>>, lift: &str, who: &str) -> Obstacle {
    let says = closed.by.says();
    let why = match (closed.opens, closed.by) {
        (Some(at), _) => format!("closed until {}: {says}", near(at, closed.by.zone())),
        (None, Shutter::OffPeak { zone: None, .. }) => format!("not known: {says}"),
        (None, _) => format!("closed, and no opening is known: {says}"),
    };
    Obstacle {
        kind: ObstacleKind::Window,
        what: closed.by.what(),
        why,
        lift: lift.to_owned(),
        who: who.to_owned(),
    }
}

/// When a stage that waits for nothing but its window can start; none: not known.
pub fn opens(session: &Session, index: usize, now: Now) -> Option<WallTime> {
    opening(session.plan(), index).opens(now.wall)
}

/// A GO that counts no more when the stage that it is for may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooEarly {
    pub stage: StageName,
    /// When the GO expires.
    pub expires: WallTime,
    /// When the stage may begin.
    pub opens: WallTime,
    /// A GO that is declared from then on still counts when it may.
    pub from: WallTime,
    /// In whose terms its times are said.
    pub zone: String,
}

/// Whether the GO that counts, or else one that would be declared now, expires before the stage that it is for may begin;
/// none: it doesn't, nothing is left to start, or no opening is known.
pub fn too_early(session: &Session, now: Now) -> Option<TooEarly> {
    let plan = session.plan();
    let index = next_index(session).filter(|index| *index >= plan.poll_index())?;
    if session.course.started.is_some() || skips(session, Skip::Windows) {
        return None;
    }
    let declared = session.poll.declared.as_ref().filter(|_| poll::go_valid(session, now));
    let lasts = plan.poll.go_expires;
    let expires = declared.map_or(now.wall, |declared| declared.at.wall).plus(lasts);
    let opening = opening(plan, index);
    let zone = opening.closed(now.wall).first()?.by.zone().to_owned();
    let opens = opening.opens(now.wall).filter(|opens| *opens > expires)?;
    let stage = plan.stages.get(index)?.name.clone();
    Some(TooEarly { stage, expires, opens, from: opens.minus(lasts), zone })
}

impl TooEarly {
    /// `the GO expires …, before prod may begin, …: it takes a GO declared from … on`.
    pub fn words(&self) -> String {
        let at = |at: WallTime| near(at, &self.zone);
        format!(
            "the GO expires {}, before {} may begin, {}: it takes a GO declared from {} on",
            at(self.expires),
            self.stage,
            at(self.opens),
            at(self.from)
        )
    }
}

/// What is seen of a stage's window beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foresight {
    /// Nothing ever closes it.
    Always,
    /// A hotfix minds none.
    Bypassed,
    /// It can start then, and this closes next.
    Open { closes: WallTime, zone: String, what: String, end: Option<WallTime> },
    /// It is closed then.
    Closed { what: String, opens: Option<WallTime>, zone: String },
}

/// The window of a stage that would start, or goes on, at `at`, and when its hosts would be done.
pub fn foresight(
    session: &Session,
    index: usize,
    at: WallTime,
    forecast: &Forecast,
    hosts: u32,
) -> Foresight {
    let plan = session.plan();
    let opening = opening(plan, index);
    if skips(session, Skip::Windows) && !opening.rules.is_empty() {
        return Foresight::Bypassed;
    }
    if let Some(closed) = opening.closed(at).first() {
        let (what, zone) = (closed.by.what(), closed.by.zone().to_owned());
        return Foresight::Closed { what, opens: opening.opens(at), zone };
    }
    let Some((closes, by)) = opening.closes(at) else { return Foresight::Always };
    let end = plan.stages.get(index).and_then(|stage| {
        let hosts = forecast.hosts(session, &stage.environment, hosts)?;
        let pauses = pauses_to_come(session, &stage.name, session.now);
        (!pauses.by_hand).then(|| at.plus(Span(hosts.0 + pauses.span.0)))
    });
    Foresight::Open { closes, zone: by.zone().to_owned(), what: by.what(), end }
}

impl Foresight {
    /// `window closes Mon 23 Nov 15:30 Europe/Berlin (14:30 UTC) · expected end …`; none: nothing ever closes it.
    /// `when`: a time as its reader wants it.
    pub fn words(&self, when: impl Fn(WallTime, &str) -> String) -> Option<String> {
        match self {
            Self::Always => None,
            Self::Bypassed => Some("HOTFIX: windows are not kept".to_owned()),
            Self::Closed { what, opens: Some(at), zone } => {
                Some(format!("{what} closed, open from {}", when(*at, zone)))
            }
            Self::Closed { what, opens: None, .. } => Some(format!("{what} closed, and no opening is known")),
            Self::Open { closes, zone, what, end } => {
                let closes_at = when(*closes, zone);
                let end = match end {
                    None => "expected end unknown".to_owned(),
                    Some(end) if end <= closes => {
                        format!(
                            "expected end {} · {} to spare",
                            when(*end, zone),
                            rounded(closes.since(*end))
                        )
                    }
                    Some(end) => {
                        format!(
                            "expected end {} · {} too late",
                            when(*end, zone),
                            rounded(end.since(*closes))
                        )
                    }
                };
                // A freeze begins; a window closes.
                let verb = if what.starts_with("freeze") || what.starts_with("blackout") {
                    "begins"
                } else {
                    "closes"
                };
                Some(format!("{what} {verb} {closes_at} · {end}"))
            }
        }
    }
}

/// Nobody plans by the second.
fn rounded(span: Span) -> Span {
    if span < Span::minutes(1) { span } else { Span::minutes(span.as_secs() / 60) }
}

/// Whether a stage is under way, started in its window, and that is closed by now: it goes on, and what comes next waits.
pub fn closed_over(session: &Session, now: Now) -> Option<(&StageRun, String)> {
    session.pipeline.under_way().filter(|run| run.outside.is_none()).find_map(|run| {
        let (index, _) = session.plan().stage(&run.name)?;
        if run.step().is_some_and(Step::is_region) {
            return None;
        }
        let opening = opening_of_turn(session, run, index).unwrap_or_else(|| opening(session.plan(), index));
        let what = opening.closed(now.wall).first().map(|closed| closed.by.what())?;
        Some((run, what))
    })
}
