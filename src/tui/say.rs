//! Facts for the screens: their words are the report's, the colour, the mark and the weight are these.

use super::{glyph::Glyph, theme::Role};
use crate::{
    domain::{
        checklist::ChecklistEvent,
        course::{CourseEvent, SleepGuard},
        drill::DrillEvent,
        effect::{Outcome, Target},
        effect_log::EffectEvent,
        event::{Event, Stamped},
        lock::LockEvent,
        notice::NoticeEvent,
        operation::OperationEvent,
        pipeline::PipelineEvent,
        plan::{Pause, Step},
        poll::{Decision, PollEvent, VoteKind},
        rollout::RolloutEvent,
        session::Session,
        signal::{JudgedVerdict, SignalEvent},
    },
    report::headline,
};

/// What an event says, in which colour and with which mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub role: Role,
    pub glyph: Glyph,
    pub words: String,
    /// Worth the message line; routine is only in the record.
    pub loud: bool,
}

/// The words with who did it before them, unless they begin with that person anyway.
pub fn attributed(stamped: &Stamped, said: &Said) -> String {
    match stamped.actor.person() {
        Some(person) if !said.words.starts_with(person.as_str()) => format!("{person} {}", said.words),
        _ => said.words.clone(),
    }
}

/// The session gives items their titles; without one they are named by their ids.
pub fn say(event: &Event, session: Option<&Session>) -> Said {
    let Tone { role, glyph, loud } = tone(event);
    Said { role, glyph, words: headline(event, session), loud }
}

/// Whether it is worth the message line.
pub fn is_loud(event: &Event) -> bool {
    tone(event).loud
}

#[derive(Clone, Copy)]
struct Tone {
    role: Role,
    glyph: Glyph,
    loud: bool,
}

const QUIET: Tone = Tone { role: Role::TextDim, glyph: Glyph::Waiting, loud: false };
const DONE: Tone = loud(Role::StateOk, Glyph::Done);
const WORKS: Tone = loud(Role::StateWorking, Glyph::Working);
const WARNS: Tone = loud(Role::StateWarn, Glyph::NeedsHuman);
const FAILS: Tone = loud(Role::StateBad, Glyph::Failed);
const UNKNOWN: Tone = loud(Role::StateUnproven, Glyph::Unknown);

const fn loud(role: Role, glyph: Glyph) -> Tone {
    Tone { role, glyph, loud: true }
}

fn tone(event: &Event) -> Tone {
    match event {
        Event::Course(event) => course(event),
        Event::Checklist(event) => checklist(event),
        Event::Poll(event) => poll(event),
        Event::Pipeline(event) => pipeline(event),
        Event::Rollout(event) => rollout(event),
        Event::Signal(event) => signal(event),
        Event::Effect(event) => effect(event),
        Event::Notice(event) => notice(event),
        Event::Lock(LockEvent::Seen { .. }) | Event::Project(_) => QUIET,
        Event::Lock(_) => WARNS,
        Event::Operation(event) => match event {
            OperationEvent::HostFlagged { .. } | OperationEvent::GivenUp { .. } => WARNS,
            OperationEvent::Ended { left, .. } if !left.is_empty() => FAILS,
            OperationEvent::Ended { .. } | OperationEvent::ReplaceCommitted { .. } => DONE,
            OperationEvent::Began { .. } => WORKS,
            OperationEvent::HostDied { .. }
            | OperationEvent::RepairGivenUp { .. }
            | OperationEvent::RepairJudged { alive: false, .. } => FAILS,
            OperationEvent::HostRevived { .. }
            | OperationEvent::RepairsResumed { .. }
            | OperationEvent::RepairJudged { alive: true, .. } => DONE,
            OperationEvent::TrafficUncounted { .. } | OperationEvent::ScaleSeen { current: None, .. } => {
                UNKNOWN
            }
            OperationEvent::ScaleSeen { .. } => QUIET,
            OperationEvent::ScaleEnded { reached: true, .. } => DONE,
            OperationEvent::ScaleEnded { .. } => FAILS,
            OperationEvent::RepairBegan { .. } | OperationEvent::ScaleAsked { .. } => WORKS,
            OperationEvent::RepairsPaused { .. } => WARNS,
            OperationEvent::ComesBack { early: Some(_), .. } => WARNS,
            OperationEvent::TrafficLeft { .. } | OperationEvent::ComesBack { .. } => WORKS,
            OperationEvent::HostUnflagged { .. }
            | OperationEvent::LaneBegan { .. }
            | OperationEvent::TrafficCounted { .. } => QUIET,
        },
        Event::Drill(event) => match event {
            DrillEvent::Started { .. } => WORKS,
            DrillEvent::Ended { attempt, .. } if attempt.passed() => DONE,
            DrillEvent::Ended { .. } => FAILS,
            DrillEvent::Noted { .. } => QUIET,
        },
    }
}

fn course(event: &CourseEvent) -> Tone {
    match event {
        CourseEvent::Rehearsed(rehearsal) if !rehearsal.passed() => WARNS,
        CourseEvent::Opened(_)
        | CourseEvent::Rehearsed(_)
        | CourseEvent::PlanDiffers { file: None }
        | CourseEvent::PlanAdopted { .. }
        | CourseEvent::Continued
        | CourseEvent::WatchTaken { .. }
        | CourseEvent::WentLive
        | CourseEvent::Verified { .. }
        | CourseEvent::Closed { .. } => DONE,
        CourseEvent::Ticked
        | CourseEvent::SleepGuarded { guard: SleepGuard::Inhibits | SleepGuard::Not { .. } }
        // The header and the waiting line say it while it lasts.
        | CourseEvent::WatcherGone
        | CourseEvent::WatcherBack
        | CourseEvent::Refused { .. } => QUIET,
        CourseEvent::Held { .. } => loud(Role::StateWarn, Glyph::Held),
        CourseEvent::Reopened { .. }
        | CourseEvent::SuspendSeen { .. }
        | CourseEvent::WallJumped { .. }
        | CourseEvent::GoLiveMoved { .. }
        | CourseEvent::HotfixDeclared { .. }
        | CourseEvent::Superseded { .. }
        | CourseEvent::PlanDiffers { file: Some(_) }
        | CourseEvent::CandidateAdopted { .. }
        | CourseEvent::WatchOffered { .. }
        | CourseEvent::GlassSealed { .. } => WARNS,
    }
}

fn checklist(event: &ChecklistEvent) -> Tone {
    match event {
        ChecklistEvent::Ticked { .. }
        | ChecklistEvent::EvidenceGiven { .. }
        | ChecklistEvent::Answered { .. }
        | ChecklistEvent::WaiverApproved { .. } => DONE,
        ChecklistEvent::MarkedNotApplicable { .. } => loud(Role::TextDim, Glyph::Skipped),
        ChecklistEvent::Unticked { .. }
        | ChecklistEvent::WaiverAsked { .. }
        | ChecklistEvent::Undone { .. } => WARNS,
        ChecklistEvent::Commented { .. } => QUIET,
    }
}

fn poll(event: &PollEvent) -> Tone {
    match event {
        PollEvent::Voted { vote: VoteKind::Go, .. } | PollEvent::Declared { decision: Decision::Go, .. } => {
            loud(Role::VoteGo, Glyph::Done)
        }
        PollEvent::Voted { vote: VoteKind::NoGo { .. }, .. }
        | PollEvent::Declared { decision: Decision::NoGo, .. } => loud(Role::VoteNogo, Glyph::Failed),
        PollEvent::Voted { vote: VoteKind::GoIf { .. }, .. } => {
            loud(Role::VoteConditional, Glyph::NeedsHuman)
        }
        PollEvent::Voted { vote: VoteKind::Abstain, .. } => loud(Role::TextDim, Glyph::Skipped),
        PollEvent::ConditionMet { .. } => DONE,
        PollEvent::Called | PollEvent::Withdrawn { .. } | PollEvent::GoExpired => WARNS,
    }
}

fn pipeline(event: &PipelineEvent) -> Tone {
    match event {
        PipelineEvent::StepBegan { what: Step::Pause(Pause::Human), .. } => WARNS,
        PipelineEvent::StageStarted { .. }
        | PipelineEvent::StepBegan { .. }
        | PipelineEvent::BakeStarted { .. } => WORKS,
        PipelineEvent::StageRolledOut { .. }
        | PipelineEvent::BakeEnded { .. }
        | PipelineEvent::StagePassed { .. } => DONE,
        PipelineEvent::SoakWentOn { .. } => WORKS,
        PipelineEvent::StageReady { .. }
        | PipelineEvent::SoakPaused { .. }
        | PipelineEvent::Extended { .. }
        | PipelineEvent::WindowOverridden { .. }
        | PipelineEvent::BakeSkipped { .. }
        | PipelineEvent::BudgetSpent { .. } => WARNS,
    }
}

fn rollout(event: &RolloutEvent) -> Tone {
    match event {
        RolloutEvent::UnitSeen { .. }
        | RolloutEvent::Counted { .. }
        | RolloutEvent::TrafficSeen { .. }
        | RolloutEvent::DesiredSeen { .. } => QUIET,
        RolloutEvent::LaneStarted { .. }
        | RolloutEvent::SpareLeft { .. }
        | RolloutEvent::WentOn { .. }
        | RolloutEvent::BackGathered { .. }
        | RolloutEvent::Switched { .. } => WORKS,
        RolloutEvent::LaneResumed { .. }
        | RolloutEvent::CapacityBack { .. }
        | RolloutEvent::DowntimeEnded { .. }
        | RolloutEvent::RoleSwitched { .. }
        | RolloutEvent::UnitDone { .. }
        | RolloutEvent::Converged { .. }
        | RolloutEvent::DriftEnded { .. }
        | RolloutEvent::Claimed => DONE,
        RolloutEvent::LaneUnknown { .. } => UNKNOWN,
        RolloutEvent::LaneTimedOut { .. }
        | RolloutEvent::LaneBroke { .. }
        | RolloutEvent::CapacityLow { .. }
        | RolloutEvent::LeftInPool { .. }
        | RolloutEvent::StaysDrifted { .. }
        | RolloutEvent::DowntimeBegan { .. }
        | RolloutEvent::Stalled { .. } => FAILS,
        RolloutEvent::Served { off: false, .. } => QUIET,
        RolloutEvent::Served { off: true, .. }
        | RolloutEvent::CapacityFell { .. }
        | RolloutEvent::PutBack { .. }
        | RolloutEvent::ShareLost { .. }
        | RolloutEvent::Drifted { .. }
        | RolloutEvent::Tolerated { .. }
        | RolloutEvent::TriedAgain { .. }
        | RolloutEvent::ForcedPast { .. }
        | RolloutEvent::BarrierForced { .. }
        | RolloutEvent::WentFirst { .. }
        | RolloutEvent::WentLater { .. }
        | RolloutEvent::BehindAccepted { .. }
        | RolloutEvent::OnceTriedAgain { .. }
        | RolloutEvent::OnceMarkedDone { .. }
        | RolloutEvent::OnceForced { .. }
        | RolloutEvent::MarkedDone { .. } => WARNS,
        RolloutEvent::Excluded { .. } => loud(Role::StateWarn, Glyph::Skipped),
        RolloutEvent::RollbackStarted { .. } => loud(Role::StateBad, Glyph::RolledBack),
        RolloutEvent::RollbackEnded { left, .. } if left.is_empty() => loud(Role::StateOk, Glyph::RolledBack),
        RolloutEvent::RollbackEnded { .. } => FAILS,
    }
}

fn signal(event: &SignalEvent) -> Tone {
    match event {
        SignalEvent::RunAsked { .. } | SignalEvent::TrafficLookedAt { .. } => QUIET,
        SignalEvent::TrafficUnknown { .. } => UNKNOWN,
        SignalEvent::TrafficSeen { .. } => FAILS,
        SignalEvent::AlarmLifted { .. } => WARNS,
        SignalEvent::JudgedByHand { verdict: JudgedVerdict::Passed, .. } => DONE,
        SignalEvent::JudgedByHand { .. } => FAILS,
        SignalEvent::Judged { verdict, .. } => match verdict {
            JudgedVerdict::Passed => QUIET,
            JudgedVerdict::Failed => FAILS,
            JudgedVerdict::Inconclusive => UNKNOWN,
        },
    }
}

fn effect(event: &EffectEvent) -> Tone {
    match event {
        EffectEvent::Ended { id, outcome: Outcome::Failed { .. } }
            if matches!(id.target, Target::Unit(_)) =>
        {
            FAILS
        }
        EffectEvent::Started { .. }
        | EffectEvent::CancelAsked { .. }
        | EffectEvent::Outlived { .. }
        | EffectEvent::Ended { .. }
        | EffectEvent::Late { .. } => QUIET,
    }
}

const fn notice(event: &NoticeEvent) -> Tone {
    match event {
        NoticeEvent::Queued { .. } => WARNS,
        NoticeEvent::GaveUp { .. } => FAILS,
        NoticeEvent::Acknowledged { .. } => DONE,
    }
}
