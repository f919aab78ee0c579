//! For the retrospective: what did not go as planned, and what is left to do about it. Each follow-up is a line that
//! the next checklist takes as it is.

use super::{
    document::{FollowUp, TimelineLine},
    says::{Teller, utc},
};
use crate::domain::{
    checklist::{self, ChecklistEvent, ItemState, Owner},
    course::{CourseEvent, Ending},
    drill::DrillEvent,
    effect::{Outcome, Target},
    effect_log::EffectEvent,
    event::{Event, Stamped},
    operation::OperationEvent,
    pipeline::PipelineEvent,
    poll::{Decision, PollEvent},
    rollout::{LaneState, RolloutEvent},
    session::Session,
    signal::{JudgedVerdict, SignalEvent},
    time::Now,
};

pub fn deviations(events: &[Stamped]) -> Vec<TimelineLine> {
    let mut teller = Teller::default();
    let told = events.iter().map(|at| (at, teller.says(&at.event)));
    told.filter(|(at, _)| deviates(&at.event))
        .map(|(at, what)| TimelineLine { seq: at.seq, at: utc(at.now.wall), who: at.actor.to_string(), what })
        .collect()
}

/// Whether a go-live that goes as it was planned has none of these.
fn deviates(event: &Event) -> bool {
    match event {
        Event::Course(event) => match event {
            CourseEvent::Closed { ending } => *ending != Ending::Verified,
            other => matches!(
                other,
                CourseEvent::Reopened { .. }
                    | CourseEvent::SuspendSeen { .. }
                    | CourseEvent::WallJumped { .. }
                    | CourseEvent::GoLiveMoved { .. }
                    | CourseEvent::PlanAdopted { .. }
                    | CourseEvent::CandidateAdopted { .. }
                    | CourseEvent::Held { .. }
                    | CourseEvent::HotfixDeclared { .. }
                    | CourseEvent::Superseded { .. }
                    | CourseEvent::GlassSealed { .. }
            ),
        },
        Event::Checklist(event) => matches!(event, ChecklistEvent::WaiverApproved { .. }),
        Event::Poll(event) => {
            matches!(event, PollEvent::GoExpired | PollEvent::Declared { decision: Decision::NoGo, .. })
        }
        Event::Rollout(event) => matches!(
            event,
            RolloutEvent::LaneUnknown { .. }
                | RolloutEvent::LaneTimedOut { .. }
                | RolloutEvent::LaneBroke { .. }
                | RolloutEvent::TriedAgain { .. }
                | RolloutEvent::Excluded { .. }
                | RolloutEvent::ForcedPast { .. }
                | RolloutEvent::MarkedDone { .. }
                | RolloutEvent::Stalled { .. }
                | RolloutEvent::CapacityLow { .. }
                | RolloutEvent::RollbackStarted { .. }
        ),
        Event::Effect(EffectEvent::Ended { id, outcome }) => {
            matches!(id.target, Target::Unit(_))
                && matches!(outcome, Outcome::Failed { .. } | Outcome::Inconclusive { .. })
        }
        Event::Signal(SignalEvent::Judged { verdict, .. }) => *verdict != JudgedVerdict::Passed,
        Event::Pipeline(event) => {
            matches!(event, PipelineEvent::WindowOverridden { .. } | PipelineEvent::BakeSkipped { .. })
        }
        Event::Operation(event) => matches!(event, OperationEvent::GivenUp { .. }),
        Event::Drill(DrillEvent::Ended { attempt, .. }) => !attempt.passed(),
        Event::Effect(_) | Event::Signal(_) | Event::Lock(_) | Event::Drill(_) => false,
        Event::Notice(_) | Event::Project(_) => false,
    }
}

pub fn follow_ups(session: &Session, now: Now) -> Vec<FollowUp> {
    let mut list = Vec::new();
    for spec in &session.plan().items {
        let standing = checklist::standing(session, spec, now);
        let text = match standing.state {
            ItemState::Waived => format!("{} (was waived: {})", spec.title, standing.shows),
            state if state.ready() => continue,
            state => format!("{} (was {}: {})", spec.title, state.word(), standing.shows),
        };
        let owner = (spec.owner != Owner::Nobody).then(|| spec.owner.word().to_owned());
        list.push(FollowUp { text, owner });
    }
    let decides = session.plan().plan_b.decides.as_ref().map(ToString::to_string);
    for unit in session.rollout.units() {
        let Some(lane) = &unit.lane else { continue };
        let what = match &lane.state {
            LaneState::Failed { step, why } => format!("failed {}: {why}", step.word()),
            LaneState::Unknown { step, why } => format!("was left unknown at {}: {why}", step.word()),
            LaneState::Excluded { reason } => format!("was left out: {reason}"),
            _ => continue,
        };
        list.push(FollowUp { text: format!("{} {what}", unit.id), owner: decides.clone() });
    }
    for (environment, rollback) in &session.rollout.rollbacks {
        let version = &session.course.release.candidate.version;
        let text =
            format!("what would have shown before the start that {version} is rolled back in {environment}?");
        list.push(FollowUp { text, owner: decides.clone() });
        for unit in &rollback.left {
            list.push(FollowUp { text: format!("{unit} was not brought back"), owner: decides.clone() });
        }
    }
    list
}
