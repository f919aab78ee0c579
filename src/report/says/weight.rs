//! How much an event matters to whom.

use crate::domain::{
    checklist::ChecklistEvent,
    course::CourseEvent,
    effect::{Outcome, Target},
    effect_log::EffectEvent,
    event::Event,
    lock::LockEvent,
    operation::OperationEvent,
    rollout::RolloutEvent,
    signal::{JudgedVerdict, SignalEvent},
};

/// How much an event matters to who was not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// What only the record needs: observations, ticks of the clock.
    Trace,
    /// What somebody watching wants to see go by.
    Step,
    /// What a report tells.
    Milestone,
}

pub fn weight(event: &Event) -> Weight {
    match event {
        Event::Course(
            CourseEvent::Ticked
            | CourseEvent::SleepGuarded { .. }
            | CourseEvent::WatcherBack
            | CourseEvent::WatcherGone
            | CourseEvent::Refused { .. },
        )
        | Event::Rollout(
            RolloutEvent::UnitSeen { .. }
            | RolloutEvent::Served { off: false, .. }
            | RolloutEvent::Counted { .. }
            | RolloutEvent::DesiredSeen { .. },
        )
        | Event::Lock(LockEvent::Seen { .. })
        | Event::Project(_) => Weight::Trace,
        Event::Course(CourseEvent::WallJumped { .. } | CourseEvent::PlanDiffers { .. })
        | Event::Notice(_)
        | Event::Rollout(
            RolloutEvent::LaneStarted { .. }
            | RolloutEvent::LaneResumed { .. }
            | RolloutEvent::Converged { .. }
            | RolloutEvent::SpareLeft { .. }
            | RolloutEvent::WentOn { .. },
        )
        | Event::Operation(OperationEvent::LaneBegan { .. })
        | Event::Checklist(ChecklistEvent::Commented { .. }) => Weight::Step,
        Event::Signal(SignalEvent::JudgedByHand { .. }) => Weight::Milestone,
        Event::Signal(SignalEvent::Judged { verdict: JudgedVerdict::Passed, .. }) => Weight::Trace,
        Event::Signal(SignalEvent::Judged { .. }) => Weight::Step,
        Event::Signal(SignalEvent::RunAsked { .. } | SignalEvent::TrafficLookedAt { .. }) => Weight::Trace,
        Event::Signal(SignalEvent::TrafficUnknown { .. }) => Weight::Step,
        Event::Signal(SignalEvent::TrafficSeen { .. } | SignalEvent::AlarmLifted { .. }) => Weight::Milestone,
        Event::Effect(EffectEvent::Ended { id, outcome }) => match outcome {
            Outcome::Done { .. }
                if matches!(id.target, Target::Share(_) | Target::Desired(_) | Target::Once { .. }) =>
            {
                Weight::Milestone
            }
            Outcome::Failed { .. } | Outcome::Inconclusive { .. } => Weight::Milestone,
            Outcome::Done { .. } | Outcome::Cancelled => Weight::Step,
            Outcome::Seen(_) => Weight::Trace,
        },
        Event::Effect(
            EffectEvent::Late { .. } | EffectEvent::CancelAsked { .. } | EffectEvent::Outlived { .. },
        ) => Weight::Step,
        Event::Effect(EffectEvent::Started { effect }) => match effect.id.target {
            Target::Once { .. } => Weight::Milestone,
            _ => Weight::Trace,
        },
        Event::Course(_)
        | Event::Checklist(_)
        | Event::Poll(_)
        | Event::Pipeline(_)
        | Event::Rollout(_)
        | Event::Operation(_)
        | Event::Drill(_)
        | Event::Lock(_) => Weight::Milestone,
    }
}
