//! Commands on the rollout.

use serde::{Deserialize, Serialize};

use super::{begin, once, once::Said, outside, over, repair, rollback, rollback_in, share};
use crate::domain::{
    actor::Actor,
    comparison,
    event::Event,
    lock,
    name::{CheckName, ComponentName, EnvironmentName, OnceName, StageName, UnitId},
    pipeline,
    refusal::Refusal,
    session::Session,
    signal,
    time::{Now, Span},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RolloutCommand {
    /// Starts the next stage; a name must be that stage's, or among branches that of any which was not started.
    Start {
        stage: Option<StageName>,
    },
    Promote,
    /// Promotes this stage, where several wait for it.
    PromoteStage {
        stage: StageName,
    },
    /// Starts the next stage although its window is closed; it must be that stage's name.
    StartOutside {
        stage: StageName,
        reason: String,
    },
    /// Promotes the running stage although the window of the one that starts with it is closed; the name is that of the
    /// stage that starts.
    PromoteOutside {
        stage: StageName,
        reason: String,
    },
    /// Of what was touched in this environment; narrower only by name.
    RollBack {
        only: Vec<UnitId>,
    },
    /// Of what was touched in this environment, whichever [`RollBack`](Self::RollBack) would be about.
    RollBackIn {
        environment: EnvironmentName,
    },
    TryAgain {
        unit: UnitId,
    },
    ValidateAgain {
        check: CheckName,
    },
    /// Judges the comparison of the stage; a name must be that stage's.
    Judge {
        stage: Option<StageName>,
        passed: bool,
        note: String,
    },
    Exclude {
        unit: UnitId,
        reason: String,
    },
    ForceNext {
        reason: String,
    },
    /// The hosts of this component wait for those of another one no more.
    ForcePart {
        component: ComponentName,
        reason: String,
    },
    MarkDone {
        unit: UnitId,
        reason: String,
    },
    EndAsIs {
        reason: String,
    },
    Claim,
    /// Tries to take the lock at the deploy target again.
    LockAgain {
        environment: EnvironmentName,
    },
    /// Begins a step again that runs once.
    OnceAgain {
        once: OnceName,
    },
    /// Somebody knows that it is done.
    OnceDone {
        once: OnceName,
        reason: String,
    },
    /// The line goes on without it.
    OnceForced {
        once: OnceName,
        reason: String,
    },
    /// Tells the balancer again how to share the requests out.
    ShareAgain {
        environment: EnvironmentName,
    },
    /// Sets the desired version again, over these keys of the store and no others: each as the person was shown it, as
    /// [`Held::over`](super::Held::over) writes it.
    DesireAgain {
        environment: EnvironmentName,
        over: Vec<String>,
    },
    /// Lets the lock be taken over that another conductor has left, by the next start or by what is under way.
    BreakLock {
        environment: EnvironmentName,
        reason: String,
    },
    /// Lengthens the soak, pause or bake that is under way.
    Extend {
        by: Span,
        reason: String,
    },
    /// Lengthens that of this stage.
    ExtendStage {
        stage: StageName,
        by: Span,
        reason: String,
    },
    /// Lifts the alarm about requests where none should be.
    LiftAlarm {
        environment: EnvironmentName,
        reason: String,
    },
}

impl RolloutCommand {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Promote | Self::PromoteStage { .. } => "promote",
            Self::StartOutside { .. } => "start --outside-window",
            Self::PromoteOutside { .. } => "promote --outside-window",
            Self::RollBack { .. } => "rollback",
            Self::RollBackIn { .. } => "rollback --environment",
            Self::TryAgain { .. } | Self::ValidateAgain { .. } => "rollout try",
            Self::Judge { .. } => "compare",
            Self::Exclude { .. } => "rollout exclude",
            Self::ForceNext { .. } => "rollout force-next",
            Self::ForcePart { .. } => "rollout force-next --component",
            Self::MarkDone { .. } => "rollout mark-done",
            Self::EndAsIs { .. } => "rollout end-as-is",
            Self::Claim => "rollout claim",
            Self::LockAgain { .. } => "rollout try --lock",
            Self::OnceAgain { .. } => "rollout try --once",
            Self::OnceDone { .. } => "rollout mark-done --once",
            Self::OnceForced { .. } => "rollout force-next --once",
            Self::ShareAgain { .. } => "rollout try --share",
            Self::DesireAgain { .. } => "rollout try --desired",
            Self::BreakLock { .. } => "rollout break-lock",
            Self::Extend { .. } | Self::ExtendStage { .. } => "rollout extend",
            Self::LiftAlarm { .. } => "rollout lift-alarm",
        }
    }
}

pub fn decide(
    session: &Session,
    command: &RolloutCommand,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    use RolloutCommand as C;
    match command {
        C::Start { stage } => begin::decide_start(session, stage.as_ref(), actor, now),
        C::Promote => begin::decide_promote(session, None, actor, now),
        C::PromoteStage { stage } => begin::decide_promote(session, Some(stage), actor, now),
        C::StartOutside { stage, reason } => outside::decide_start(session, stage, reason, actor, now),
        C::PromoteOutside { stage, reason } => outside::decide_promote(session, stage, reason, actor, now),
        C::RollBack { only } => rollback::decide(session, only, actor),
        C::RollBackIn { environment } => rollback_in::decide_in(session, environment, actor),
        C::TryAgain { unit } => repair::try_again(session, unit, actor),
        C::ValidateAgain { check } => repair::validate_again(session, check, actor),
        C::Judge { stage, passed, note } => {
            comparison::decide(session, stage.as_ref(), *passed, note, actor, now)
        }
        C::Exclude { unit, reason } => repair::exclude(session, unit, reason, actor),
        C::ForceNext { reason } => repair::force_next(session, reason, actor),
        C::ForcePart { component, reason } => repair::force_part(session, component, reason, actor),
        C::MarkDone { unit, reason } => repair::mark_done(session, unit, reason, actor),
        C::EndAsIs { reason } => repair::end_as_is(session, reason, actor),
        C::Claim => repair::claim(session, actor),
        C::OnceAgain { once } => once::decide(session, once, Said::Again, "", actor),
        C::OnceDone { once, reason } => once::decide(session, once, Said::Done, reason, actor),
        C::OnceForced { once, reason } => once::decide(session, once, Said::Forced, reason, actor),
        C::ShareAgain { environment } => share::share_again(session, environment, actor),
        C::DesireAgain { environment, over } => over::again(session, environment, over, actor, now),
        C::LockAgain { environment } => lock::take_again(session, environment, actor),
        C::Extend { by, reason } => pipeline::decide_extend(session, None, *by, reason, actor, now),
        C::ExtendStage { stage, by, reason } => {
            pipeline::decide_extend(session, Some(stage), *by, reason, actor, now)
        }
        C::LiftAlarm { environment, reason } => signal::lift_alarm(session, environment, reason, actor),
        C::BreakLock { environment, reason } => lock::break_lock(session, environment, reason, actor, now),
    }
}
