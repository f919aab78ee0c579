//! Facts as sentences, for the Record screen, the message line and "since I last looked".

use super::{glyph::Glyph, screens::rollout::hosts, theme::Role};
use crate::domain::{
    checklist::ChecklistEvent,
    course::{CourseEvent, SleepGuard},
    effect::{Effect, EffectId, Outcome, Target, Work},
    effect_log::EffectEvent,
    event::{Event, Stamped},
    lock::LockEvent,
    name::UnitId,
    notice::NoticeEvent,
    pipeline::PipelineEvent,
    poll::{Decision, PollEvent, VoteKind},
    rollout::{Direction, RolloutEvent},
    session::Session,
    signal::{JudgedVerdict, SignalEvent},
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

fn loud(role: Role, glyph: Glyph, words: impl Into<String>) -> Said {
    Said { role, glyph, words: words.into(), loud: true }
}

fn quiet(words: impl Into<String>) -> Said {
    Said { role: Role::TextDim, glyph: Glyph::Waiting, words: words.into(), loud: false }
}

fn done(words: impl Into<String>) -> Said {
    loud(Role::StateOk, Glyph::Done, words)
}

fn warns(words: impl Into<String>) -> Said {
    loud(Role::StateWarn, Glyph::NeedsHuman, words)
}

fn fails(words: impl Into<String>) -> Said {
    loud(Role::StateBad, Glyph::Failed, words)
}

/// The session gives items their titles; without one they are named by their ids.
pub fn say(event: &Event, session: Option<&Session>) -> Said {
    match event {
        Event::Course(event) => course(event),
        Event::Checklist(event) => checklist(event, session),
        Event::Poll(event) => poll(event),
        Event::Pipeline(event) => pipeline(event),
        Event::Rollout(event) => rollout(event),
        Event::Signal(event) => signal(event),
        Event::Effect(event) => effect(event),
        Event::Notice(event) => notice(event),
        Event::Lock(event @ LockEvent::Seen { .. }) => quiet(event.words()),
        Event::Lock(event) => warns(event.words()),
        Event::Project(event) => quiet(format!("project: {event:?}")),
    }
}

fn course(event: &CourseEvent) -> Said {
    match event {
        CourseEvent::Opened(opened) => done(format!("opened {} for {}", opened.id, opened.release.candidate)),
        CourseEvent::Reopened { epoch, .. } => warns(format!(
            "conductor took the session up again (epoch {epoch}); everything is looked at anew"
        )),
        CourseEvent::Ticked => quiet("session time stored"),
        CourseEvent::SuspendSeen { slept } => {
            warns(format!("the machine slept {slept}; observations are stale"))
        }
        CourseEvent::SleepGuarded { guard: SleepGuard::Inhibits } => {
            quiet("the machine's sleep is inhibited while anything is rolling")
        }
        CourseEvent::SleepGuarded { guard: SleepGuard::Not { why } } => {
            quiet(format!("sleep not inhibited: {why}"))
        }
        CourseEvent::WallJumped { micros } => warns(format!("the wall clock moved by {} ms", micros / 1_000)),
        CourseEvent::GoLiveMoved { .. } => warns("the go-live time was moved"),
        CourseEvent::PlanDiffers { file: Some(_) } => {
            warns("golive.toml differs from the adopted plan; nothing has changed (golive plan diff)")
        }
        CourseEvent::PlanDiffers { file: None } => done("golive.toml equals the adopted plan again"),
        CourseEvent::PlanAdopted { differences, .. } => {
            done(format!("plan adopted: {} differences", differences.len()))
        }
        CourseEvent::CandidateAdopted { candidate, was, stale } => warns(format!(
            "candidate changed: {was} → {candidate}; {} votes and evidences are stale",
            stale.len()
        )),
        CourseEvent::Held { reason } => loud(Role::StateWarn, Glyph::Held, with("HOLD", reason)),
        CourseEvent::Continued => done("CONTINUE"),
        CourseEvent::WatchOffered { to } => warns(format!("offered the watch to {to}")),
        CourseEvent::WatchTaken { by } => done(format!("{by} has the watch")),
        // The header and the waiting line say it while it lasts.
        CourseEvent::WatcherGone => quiet("the watcher is gone"),
        CourseEvent::WatcherBack => quiet("the watcher is back"),
        CourseEvent::WentLive => done("live, unverified"),
        CourseEvent::Verified => done("verified"),
        CourseEvent::Closed { ending } => done(format!("closed: {}", ending.word())),
        CourseEvent::Refused { command, reason, .. } => quiet(format!("refused: {command}: {reason}")),
        CourseEvent::GlassSealed { lines, .. } => {
            warns(format!("break-glass: {lines} lines written while the journal was out, sealed"))
        }
    }
}

fn checklist(event: &ChecklistEvent, session: Option<&Session>) -> Said {
    let id = event.item();
    let title = session
        .and_then(|session| session.plan().items.iter().find(|spec| spec.id == *id))
        .map_or_else(|| id.to_string(), |spec| spec.title.clone());
    match event {
        ChecklistEvent::Ticked { evidence: Some(evidence), .. } => {
            done(format!("ticked {title}: {}", evidence.text))
        }
        ChecklistEvent::Ticked { evidence: None, .. } => done(format!("ticked {title}")),
        ChecklistEvent::Unticked { .. } => warns(format!("took back the tick of {title}")),
        ChecklistEvent::EvidenceGiven { evidence, .. } => {
            done(format!("evidence for {title}: {}", evidence.text))
        }
        ChecklistEvent::Answered { text, .. } => done(format!("{title} {text}")),
        ChecklistEvent::MarkedNotApplicable { reason, .. } => {
            loud(Role::TextDim, Glyph::Skipped, format!("{title}: not applicable, {reason}"))
        }
        ChecklistEvent::WaiverAsked { reason, .. } => {
            warns(format!("asks for a waiver of {title}: {reason}"))
        }
        ChecklistEvent::WaiverApproved { .. } => done(format!("approved the waiver of {title}")),
        ChecklistEvent::Commented { text, .. } => quiet(format!("on {title}: {text}")),
        ChecklistEvent::Undone { .. } => warns(format!("took back the last record on {title}")),
    }
}

fn poll(event: &PollEvent) -> Said {
    match event {
        PollEvent::Called => warns("calls for the votes"),
        PollEvent::Voted { person, seat, vote, by_voice, .. } => {
            let seat = seat.as_ref().map_or(String::new(), |seat| format!(" ({seat})"));
            let voice = if *by_voice { ", said by voice" } else { "" };
            let (role, glyph, what) = match vote {
                VoteKind::Go => (Role::VoteGo, Glyph::Done, String::new()),
                VoteKind::NoGo { reason } => (Role::VoteNogo, Glyph::Failed, format!(": {reason}")),
                VoteKind::GoIf { condition, owner, .. } => {
                    (Role::VoteConditional, Glyph::NeedsHuman, format!(" {condition}; {owner}"))
                }
                VoteKind::Abstain => (Role::TextDim, Glyph::Skipped, String::new()),
            };
            loud(role, glyph, format!("{person}{seat} {}{what}{voice}", vote.word()))
        }
        PollEvent::Withdrawn { person } => warns(format!("{person} took the vote back")),
        PollEvent::ConditionMet { person, shows } => done(format!("condition of {person} met: {shows}")),
        PollEvent::Declared { decision: Decision::Go, .. } => loud(Role::VoteGo, Glyph::Done, "declared GO"),
        PollEvent::Declared { decision: Decision::NoGo, reason, .. } => {
            loud(Role::VoteNogo, Glyph::Failed, with("declared NO-GO", reason))
        }
        PollEvent::GoExpired => warns("the GO has expired"),
    }
}

fn pipeline(event: &PipelineEvent) -> Said {
    match event {
        PipelineEvent::StageStarted { stage, units, to, .. } => loud(
            Role::StateWorking,
            Glyph::Working,
            format!("started {stage}: {} on {}", to.version, hosts(units.len())),
        ),
        PipelineEvent::StageRolledOut { stage } => done(format!("{stage}: every host is done")),
        PipelineEvent::BakeStarted { stage } => {
            loud(Role::StateWorking, Glyph::Working, format!("{stage} bakes"))
        }
        PipelineEvent::BakeEnded { stage } => done(format!("{stage} is baked")),
        PipelineEvent::StageReady { stage } => warns(format!("{stage} waits for its promotion (P)")),
        PipelineEvent::StagePassed { stage } => done(format!("{stage} passed")),
    }
}

fn rollout(event: &RolloutEvent) -> Said {
    match event {
        RolloutEvent::UnitSeen { unit, seen } => {
            let runs = seen.runs.as_ref().map_or("nothing known", |version| version.as_str());
            let why = seen.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
            quiet(format!("{unit} seen {:?}, runs {runs}{why}", seen.health).to_lowercase())
        }
        RolloutEvent::LaneStarted { unit, direction, to, .. } => {
            let way = if *direction == Direction::Back { "back to" } else { "to" };
            loud(Role::StateWorking, Glyph::Working, format!("{unit} goes {way} {}", to.version))
        }
        RolloutEvent::LaneResumed { unit, step } => done(format!("{unit} goes on at {}", step.word())),
        RolloutEvent::LaneUnknown { unit, why } => {
            loud(Role::StateUnproven, Glyph::Unknown, format!("{unit} is unknown: {why}"))
        }
        RolloutEvent::LaneTimedOut { unit, step, why } => {
            fails(format!("{unit} ran out of time at {}: {why}", step.word()))
        }
        RolloutEvent::LaneBroke { unit, step, why, .. } => {
            fails(format!("{unit} failed at {}: {why}", step.word()))
        }
        RolloutEvent::CapacityFell { why, .. } => warns(format!("no new host: {why}")),
        RolloutEvent::CapacityLow { why, .. } => fails(why.clone()),
        RolloutEvent::CapacityBack { environment } => done(format!("{environment} has its capacity back")),
        RolloutEvent::UnitDone { unit } => done(format!("{unit} is done")),
        RolloutEvent::TriedAgain { unit } => warns(format!("tries {unit} again")),
        RolloutEvent::Excluded { unit, reason } => {
            loud(Role::StateWarn, Glyph::Skipped, format!("excludes {unit}: {reason}"))
        }
        RolloutEvent::ForcedPast { unit, reason } => warns(format!("forces the line past {unit}: {reason}")),
        RolloutEvent::MarkedDone { unit, observed, reason } => {
            warns(format!("marks {unit} done ({observed}): {reason}"))
        }
        RolloutEvent::Claimed => done("takes care of it"),
        RolloutEvent::Stalled { why } => fails(why.clone()),
        RolloutEvent::RollbackStarted { to, units, .. } => loud(
            Role::StateBad,
            Glyph::RolledBack,
            format!("ROLL BACK to {} on {}", to.version, hosts(units.len())),
        ),
        RolloutEvent::RollbackEnded { to, units, left, .. } if left.is_empty() => {
            loud(Role::StateOk, Glyph::RolledBack, format!("rolled back to {} on {units} hosts", to.version))
        }
        RolloutEvent::RollbackEnded { to, units, left, .. } => fails(format!(
            "rollback to {} ended on {units} hosts; not back: {}",
            to.version,
            left.iter().map(UnitId::as_str).collect::<Vec<_>>().join(", ")
        )),
    }
}

fn signal(event: &SignalEvent) -> Said {
    match event {
        SignalEvent::RunAsked { check, environment, .. } => quiet(format!("{check} runs in {environment}")),
        SignalEvent::Judged { check, environment, verdict, shows, .. } => {
            let words = format!("{check} in {environment}: {shows}");
            match verdict {
                JudgedVerdict::Passed => quiet(words),
                JudgedVerdict::Failed => fails(words),
                JudgedVerdict::Inconclusive => loud(Role::StateUnproven, Glyph::Unknown, words),
            }
        }
    }
}

fn effect(event: &EffectEvent) -> Said {
    match event {
        EffectEvent::Started { effect } => quiet(work(effect)),
        EffectEvent::CancelAsked { id, why } => quiet(format!("cancel {id}: {why}")),
        EffectEvent::Ended { id, outcome } => ended(id, outcome),
        EffectEvent::Late { id, epoch } => quiet(format!("late report of {id} from epoch {epoch}")),
    }
}

fn work(effect: &Effect) -> String {
    match &effect.work {
        Work::Step { unit, step, want, .. } => format!("{unit}: {} {}", step.word(), want.version),
        Work::Probe { unit, .. } => format!("{unit}: looked at after an interruption"),
        Work::Check { check, environment, unit: None, .. } => format!("{check} in {environment}"),
        Work::Check { check, unit: Some(unit), .. } => format!("{check} on {unit}"),
        Work::Watch { environment, .. } => format!("watch over {environment}"),
        Work::Notify { person, text, .. } => format!("tell {person}: {text}"),
        Work::Lock { environment, .. } => format!("lock {environment} at its target"),
        Work::Unlock { environment, .. } => format!("release the lock on {environment}"),
    }
}

fn ended(id: &EffectId, outcome: &Outcome) -> Said {
    match outcome {
        Outcome::Done { note, .. } => quiet(with(&id.to_string(), note)),
        Outcome::Failed { why, .. } if matches!(id.target, Target::Unit(_)) => {
            fails(format!("{} failed: {why}", id.target))
        }
        Outcome::Failed { why, .. } => quiet(format!("{} failed: {why}", id.target)),
        Outcome::Inconclusive { why } => quiet(format!("{} inconclusive: {why}", id.target)),
        Outcome::Cancelled => quiet(format!("{id} cancelled")),
        Outcome::Seen(_) => quiet(format!("{} was looked at", id.target)),
    }
}

fn notice(event: &NoticeEvent) -> Said {
    match event {
        NoticeEvent::Queued { person, text, .. } => warns(format!("tells {person}: {text}")),
        NoticeEvent::GaveUp { why, .. } => fails(format!("a notice did not arrive: {why}")),
        NoticeEvent::Acknowledged { .. } => done("acknowledged the page"),
    }
}

fn with(words: &str, more: &str) -> String {
    if more.is_empty() { words.to_owned() } else { format!("{words}: {more}") }
}
