//! Stages and hosts in words.

use crate::domain::{
    effect::Health,
    name::UnitId,
    pipeline::PipelineEvent,
    rollout::{Direction, RolloutEvent},
};

pub fn pipeline(event: &PipelineEvent) -> String {
    match event {
        PipelineEvent::StageStarted { stage, environment, units, to, from } => {
            let from = from.as_ref().map_or("no previous version".into(), |from| format!("from {from}"));
            format!("started {stage}: {to} on {} of {environment}, {from}", hosts(units.len()))
        }
        PipelineEvent::StageRolledOut { stage } => format!("rolled {stage} out"),
        PipelineEvent::BakeStarted { stage } => format!("began to bake {stage}"),
        PipelineEvent::BakeEnded { stage } => format!("ended the bake of {stage}"),
        PipelineEvent::StageReady { stage } => format!("found {stage} ready for its promotion"),
        PipelineEvent::StagePassed { stage } => format!("passed {stage}"),
    }
}

/// `1 host`, `12 hosts`.
pub fn hosts(count: usize) -> String {
    if count == 1 { "1 host".into() } else { format!("{count} hosts") }
}

pub fn rollout(event: &RolloutEvent) -> String {
    use RolloutEvent as E;
    match event {
        E::UnitSeen { unit, seen } => {
            let runs = seen.runs.as_ref().map_or("nothing known", |version| version.as_str());
            let why = seen.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
            format!("saw {unit} {}, running {runs}{why}", health(seen.health))
        }
        E::LaneStarted { unit, direction, to, attempt } => {
            let how = match direction {
                Direction::Forward => "began",
                Direction::Back => "began to bring back",
            };
            let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
            format!("{how} {unit}: to {}{again}", to.version)
        }
        E::LaneResumed { unit, step } => format!("took {unit} up again at {}", step.word()),
        E::LaneUnknown { unit, why } => format!("can't tell how {unit} stands: {why}"),
        E::LaneTimedOut { unit, step, why } => format!("gave {unit} up at {}: {why}", step.word()),
        E::LaneBroke { unit, step, why, .. } => format!("gave {unit} up at {}: {why}", step.word()),
        E::CapacityFell { environment, why } => format!("takes no further host of {environment}: {why}"),
        E::CapacityLow { environment, why } => format!("called for somebody in {environment}: {why}"),
        E::CapacityBack { environment } => format!("saw the capacity of {environment} back at its minimum"),
        E::UnitDone { unit } => format!("finished {unit}"),
        E::TriedAgain { unit } => format!("had {unit} tried again"),
        E::Excluded { unit, reason } => format!("excluded {unit}: {reason}"),
        E::ForcedPast { unit, reason } => format!("forced the line past {unit}: {reason}"),
        E::MarkedDone { unit, observed, reason } => format!("marked {unit} done ({observed}): {reason}"),
        E::Claimed => "claimed what needs a human".into(),
        E::Stalled { why } => format!("stopped the line: {why}"),
        E::RollbackStarted { environment, to, units, narrow } => {
            let only = if *narrow { ", by name" } else { "" };
            format!("said ROLL BACK: {} of {environment} to {to}{only}", hosts(units.len()))
        }
        E::RollbackEnded { environment, to, units, left, .. } => {
            let left = if left.is_empty() {
                String::new()
            } else {
                let names: Vec<&str> = left.iter().map(UnitId::as_str).collect();
                format!("; not brought back: {}", names.join(", "))
            };
            format!(
                "ended the rollback of {environment}: {} back on {}{left}",
                hosts(*units as usize),
                to.version
            )
        }
    }
}

fn health(health: Health) -> &'static str {
    match health {
        Health::Healthy => "healthy",
        Health::Sick => "sick",
        Health::Unknown => "unknown",
    }
}
