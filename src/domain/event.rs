//! The facts of a go-live. Past tense, append-only; each part of the domain has its own.

use serde::{Deserialize, Serialize};

use super::{
    actor::Actor, checklist::ChecklistEvent, course::CourseEvent, drill::DrillEvent, effect_log::EffectEvent,
    lock::LockEvent, notice::NoticeEvent, operation::OperationEvent, pipeline::PipelineEvent,
    poll::PollEvent, project::ProjectEvent, rollout::RolloutEvent, signal::SignalEvent, time::Now,
};

/// An event with its place and time in its stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// Counts from 1 within the stream.
    pub seq: u64,
    pub now: Now,
    /// The conductor's epoch for this session when it was written.
    pub epoch: u32,
    pub actor: Actor,
    pub event: Event,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The session's own course: opened, held, watched, closed.
    Course(CourseEvent),
    Checklist(ChecklistEvent),
    Poll(PollEvent),
    Pipeline(PipelineEvent),
    Rollout(RolloutEvent),
    /// Checks and their verdicts.
    Signal(SignalEvent),
    /// What was done to the world, and how it ended.
    Effect(EffectEvent),
    Notice(NoticeEvent),
    /// Locks at deploy targets.
    Lock(LockEvent),
    /// Hosts that are looked after outside a rollout.
    Operation(OperationEvent),
    Drill(DrillEvent),
    /// The project's own stream.
    Project(ProjectEvent),
}

impl Event {
    /// Decisions are durable before they act, and take queued observations along; observations wait 250 ms at most.
    pub fn is_decision(&self) -> bool {
        match self {
            Event::Course(event) => !matches!(event, CourseEvent::Ticked),
            Event::Rollout(event) => !matches!(event, RolloutEvent::UnitSeen { .. }),
            Event::Effect(event) => {
                matches!(event, EffectEvent::Started { .. } | EffectEvent::CancelAsked { .. })
            }
            Event::Signal(_) => false,
            Event::Lock(event) => !matches!(event, LockEvent::Seen { .. }),
            _ => true,
        }
    }
}
