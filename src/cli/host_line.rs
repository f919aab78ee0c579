//! One host, as `status --json` says it.

use serde::Serialize;

use super::agents_line::AgentLine;
use crate::{
    domain::{
        effect::{Health, PoolState},
        operation::{Heart, heart},
        rollout::Unit,
        session::Session,
        time::Now,
    },
    report::utc,
};

#[derive(Serialize)]
pub struct HostLine {
    name: String,
    environment: String,
    /// The component that it is a unit of, where several are deployed; left out where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<String>,
    /// Seen since the conductor started; where not, the rest is what was known before.
    observed: bool,
    health: &'static str,
    /// The version that runs; none: nothing does, or it is not known.
    runs: Option<String>,
    pool: &'static str,
    /// Why sick or not known.
    why: Option<String>,
    /// Whether the rollback's target is kept on it.
    kept: Option<bool>,
    lane: Option<LaneLine>,
    /// None: its environment has no heartbeat.
    heartbeat: Option<HeartLine>,
    /// Where an agent changes it: what it is to install, and when it looked.
    agent: Option<AgentLine>,
}

#[derive(Serialize)]
struct HeartLine {
    state: &'static str,
    /// Beats missed in a row.
    missed: u32,
    /// When the first of them was missed, where it is dead.
    since: Option<String>,
}

impl HeartLine {
    fn of(heart: Heart) -> Self {
        let (missed, since) = match heart {
            Heart::Late { missed, .. } => (missed, None),
            Heart::Dead { missed, since } => (missed, Some(utc(since.wall))),
            Heart::Unknown | Heart::AtWork | Heart::Alive => (0, None),
        };
        Self { state: heart.word(), missed, since }
    }
}

#[derive(Serialize)]
struct LaneLine {
    state: &'static str,
    step: &'static str,
    to: String,
    attempt: u32,
}

impl HostLine {
    /// `known`: somebody conducts, or it is over. If not, a lane that was under way is not known to be.
    pub fn of(session: &Session, unit: &Unit, now: Now, known: bool) -> Self {
        let seen = unit.seen.as_ref().map(|seen| &seen.seen);
        Self {
            name: unit.id.to_string(),
            environment: unit.environment.to_string(),
            component: unit.component().map(ToString::to_string),
            observed: unit.fresh().is_some(),
            health: match unit.fresh().map(|seen| seen.health) {
                Some(Health::Healthy) => "healthy",
                Some(Health::Sick) => "sick",
                Some(Health::Unknown) | None => "unknown",
            },
            runs: unit.runs().map(str::to_owned),
            pool: match seen.map(|seen| seen.pool) {
                Some(PoolState::In) => "in",
                Some(PoolState::Draining) => "draining",
                Some(PoolState::Out) => "out",
                Some(PoolState::Down) => "down",
                Some(PoolState::None) => "none",
                Some(PoolState::Unknown) | None => "unknown",
            },
            why: seen.and_then(|seen| seen.why.clone()),
            kept: seen.and_then(|seen| seen.kept),
            heartbeat: heart(session, unit, now)
                .map(|heart| if known { heart } else { Heart::Unknown })
                .map(HeartLine::of),
            agent: AgentLine::of(session, unit, now, known),
            lane: unit.lane.as_ref().map(|lane| LaneLine {
                state: if known || !unit.working() { lane.state.word() } else { "unknown" },
                step: lane.step().word(),
                to: lane.to.version.to_string(),
                attempt: lane.attempt,
            }),
        }
    }
}
