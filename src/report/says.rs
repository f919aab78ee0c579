//! One event in words, as it reads after who did it: `dana` + `voted GO`. The account of a watch, the record and
//! the report's timeline all use these.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::{
    checklist::ChecklistEvent,
    course::{CourseEvent, Ending, ReopenedBecause, SleepGuard},
    effect::{Effect, EffectId, Health, LaneStep, Outcome, Work},
    effect_log::EffectEvent,
    event::Event,
    lock::LockEvent,
    name::UnitId,
    notice::NoticeEvent,
    pipeline::PipelineEvent,
    poll::{Decision, PollEvent, VoteKind},
    project::ProjectEvent,
    rollout::{Direction, RolloutEvent},
    session::Session,
    signal::{JudgedVerdict, SignalEvent},
    time::WallTime,
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
        | Event::Rollout(RolloutEvent::UnitSeen { .. })
        | Event::Lock(LockEvent::Seen { .. })
        | Event::Project(_) => Weight::Trace,
        Event::Course(CourseEvent::WallJumped { .. } | CourseEvent::PlanDiffers { .. })
        | Event::Notice(_)
        | Event::Rollout(RolloutEvent::LaneStarted { .. } | RolloutEvent::LaneResumed { .. })
        | Event::Checklist(ChecklistEvent::Commented { .. }) => Weight::Step,
        Event::Signal(SignalEvent::Judged { verdict: JudgedVerdict::Passed, .. }) => Weight::Trace,
        Event::Signal(SignalEvent::Judged { .. }) => Weight::Step,
        Event::Signal(SignalEvent::RunAsked { .. }) => Weight::Trace,
        Event::Effect(EffectEvent::Ended { outcome, .. }) => match outcome {
            Outcome::Failed { .. } | Outcome::Inconclusive { .. } => Weight::Milestone,
            Outcome::Done { .. } | Outcome::Cancelled => Weight::Step,
            Outcome::Seen(_) => Weight::Trace,
        },
        Event::Effect(EffectEvent::Late { .. } | EffectEvent::CancelAsked { .. }) => Weight::Step,
        Event::Effect(EffectEvent::Started { .. }) => Weight::Trace,
        Event::Course(_)
        | Event::Checklist(_)
        | Event::Poll(_)
        | Event::Pipeline(_)
        | Event::Rollout(_)
        | Event::Lock(_) => Weight::Milestone,
    }
}

/// What happened, in a sentence that reads after its actor's name.
pub fn says(event: &Event) -> String {
    match event {
        Event::Course(event) => course(event),
        Event::Checklist(event) => checklist(event),
        Event::Poll(event) => poll(event),
        Event::Pipeline(event) => pipeline(event),
        Event::Rollout(event) => rollout(event),
        Event::Signal(event) => signal(event),
        Event::Effect(event) => effect(event),
        Event::Notice(event) => notice(event),
        Event::Lock(event) => event.words(),
        Event::Project(event) => project(event),
    }
}

/// Tells the steps of hosts by their names: which step an act was is said when it starts, and asked when it ends.
#[derive(Debug, Default)]
pub struct Teller {
    steps: BTreeMap<EffectId, (UnitId, LaneStep)>,
}

impl Teller {
    /// What is under way already, where the telling begins in the middle.
    pub fn learn(&mut self, session: &Session) {
        for flight in session.flights.iter() {
            self.started(&flight.effect);
        }
    }

    fn started(&mut self, effect: &Effect) {
        if let Work::Step { unit, step, .. } = &effect.work {
            self.steps.insert(effect.id.clone(), (unit.clone(), *step));
        }
    }

    /// As [`says`], for events in their order.
    pub fn says(&mut self, event: &Event) -> String {
        match event {
            Event::Effect(EffectEvent::Started { effect }) => {
                self.started(effect);
                says(event)
            }
            Event::Effect(EffectEvent::Ended { id, outcome }) => match self.steps.remove(id) {
                Some((unit, step)) => step_ended(&unit, step, outcome),
                None => says(event),
            },
            _ => says(event),
        }
    }
}

fn step_ended(unit: &UnitId, step: LaneStep, outcome: &Outcome) -> String {
    let step = step.word();
    match outcome {
        Outcome::Done { note, .. } => format!("{step} of {unit}: {note}"),
        Outcome::Failed { why, .. } => format!("{step} of {unit} FAILED: {why}"),
        Outcome::Inconclusive { why } => format!("{step} of {unit} could not be decided: {why}"),
        Outcome::Cancelled => format!("{step} of {unit} was stopped"),
        Outcome::Seen(_) => format!("looked at {unit}"),
    }
}

/// UTC to the second: reports are read in other zones than they were made in.
pub fn utc(moment: WallTime) -> String {
    Timestamp::from_microsecond(moment.0)
        .map_or_else(|_| "a time out of range".into(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

fn course(event: &CourseEvent) -> String {
    match event {
        CourseEvent::Opened(opened) => format!(
            "opened the session of {} for {}, plan {}",
            opened.release.candidate,
            utc(opened.go_live),
            opened.adopted.digest.short()
        ),
        CourseEvent::Reopened { epoch, because } => match because {
            ReopenedBecause::Started => {
                format!("took the session up again (epoch {epoch}); what was in flight is probed")
            }
            ReopenedBecause::AppendFailed => {
                format!("could not write the journal and took the session up again (epoch {epoch})")
            }
        },
        CourseEvent::Ticked => "noted the time".into(),
        CourseEvent::SuspendSeen { slept } => {
            format!("saw that the machine slept for {slept}: every observation is stale")
        }
        CourseEvent::SleepGuarded { guard: SleepGuard::Inhibits } => {
            "keeps the machine from falling asleep while anything is rolling".into()
        }
        CourseEvent::SleepGuarded { guard: SleepGuard::Not { why } } => {
            format!("can't keep the machine from falling asleep: {why}")
        }
        CourseEvent::WallJumped { micros } => {
            format!("saw the wall clock jump by {:.1} s", *micros as f64 / 1_000_000.0)
        }
        CourseEvent::GoLiveMoved { to } => format!("moved the go-live to {}", utc(*to)),
        CourseEvent::PlanDiffers { file: Some(file) } => {
            format!("saw that golive.toml differs from the adopted plan ({})", file.short())
        }
        CourseEvent::PlanDiffers { file: None } => "saw that golive.toml is the adopted plan again".into(),
        CourseEvent::PlanAdopted { adopted, differences } => {
            format!("adopted the plan {}: {}", adopted.digest.short(), some(differences))
        }
        CourseEvent::CandidateAdopted { candidate, was, stale } => {
            format!("adopted the candidate {candidate} in the place of {was}: {}", some(stale))
        }
        CourseEvent::Held { reason } if reason.is_empty() => "said HOLD".into(),
        CourseEvent::Held { reason } => format!("said HOLD: {reason}"),
        CourseEvent::Continued => "said CONTINUE".into(),
        CourseEvent::WatchOffered { to } => format!("offered the watch to {to}"),
        CourseEvent::WatchTaken { .. } => "took the watch".into(),
        CourseEvent::WatcherGone => "saw that whoever is on watch is gone".into(),
        CourseEvent::WatcherBack => "saw that whoever is on watch is back".into(),
        CourseEvent::WentLive => "went live; not verified yet".into(),
        CourseEvent::Verified => "verified what is live".into(),
        CourseEvent::Closed { ending } => closed(ending),
        CourseEvent::Refused { command, reason, lift } => {
            format!("was refused {command}: {reason}; lifted by: {lift}")
        }
        CourseEvent::GlassSealed { lines, hash } => {
            format!(
                "took in {lines} lines written while the journal could not be (sealed by {})",
                hash.short()
            )
        }
    }
}

fn closed(ending: &Ending) -> String {
    match ending {
        Ending::NoGo { reason } | Ending::AsIs { reason } | Ending::Abandoned { reason } => {
            format!("closed the session, {}: {reason}", ending.word())
        }
        Ending::Verified | Ending::RolledBack => format!("closed the session, {}", ending.word()),
    }
}

fn checklist(event: &ChecklistEvent) -> String {
    use ChecklistEvent as E;
    match event {
        E::Ticked { item, evidence: Some(evidence) } => format!("ticked {item}: {}", evidence.text),
        E::Ticked { item, evidence: None } => format!("ticked {item}"),
        E::Unticked { item } => format!("unticked {item}"),
        E::EvidenceGiven { item, evidence } => format!("gave evidence for {item}: {}", evidence.text),
        E::Answered { item, text } => format!("answered {item}: {text}"),
        E::MarkedNotApplicable { item, reason } => format!("marked {item} not applicable: {reason}"),
        E::WaiverAsked { item, reason, expires } => {
            format!("asked to waive {item} until {}: {reason}", utc(*expires))
        }
        E::WaiverApproved { item } => format!("approved the waiver of {item}"),
        E::Commented { item, text } => format!("commented on {item}: {text}"),
        E::Undone { item } => format!("took back the last record on {item}"),
    }
}

fn poll(event: &PollEvent) -> String {
    match event {
        PollEvent::Called => "called for votes".into(),
        PollEvent::Voted { person, seat, vote, by_voice, .. } => {
            let seat = seat.as_ref().map_or(String::new(), |seat| format!(" as {seat}"));
            let vote = vote_words(vote);
            if *by_voice {
                format!("recorded {person}'s vote{seat}, said by voice: {vote}")
            } else {
                format!("voted{seat} {vote}")
            }
        }
        PollEvent::Withdrawn { person } => format!("withdrew the vote of {person}"),
        PollEvent::ConditionMet { person, shows } => {
            format!("said that the condition of {person} is met: {shows}")
        }
        PollEvent::Declared { decision, reason, ask_again, .. } => {
            let word = match decision {
                Decision::Go => "GO",
                Decision::NoGo => "NO-GO",
            };
            let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            let again = ask_again.map_or(String::new(), |at| format!("; asked again {}", utc(at)));
            format!("declared {word}{reason}{again}")
        }
        PollEvent::GoExpired => "let the GO expire".into(),
    }
}

/// `GO IF hotline staffed (mia, due …)`.
pub(super) fn vote_words(vote: &VoteKind) -> String {
    match vote {
        VoteKind::Go | VoteKind::Abstain => vote.word().into(),
        VoteKind::NoGo { reason } => format!("NO-GO: {reason}"),
        VoteKind::GoIf { condition, owner, due } => {
            format!("GO IF {condition} ({owner}, due {})", utc(*due))
        }
    }
}

fn pipeline(event: &PipelineEvent) -> String {
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
pub(super) fn hosts(count: usize) -> String {
    if count == 1 { "1 host".into() } else { format!("{count} hosts") }
}

fn rollout(event: &RolloutEvent) -> String {
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

fn signal(event: &SignalEvent) -> String {
    match event {
        SignalEvent::RunAsked { check, environment, .. } => {
            format!("asked for a run of {check} in {environment}")
        }
        SignalEvent::Judged { check, environment, verdict, n, passed, shows, .. } => {
            let word = match verdict {
                JudgedVerdict::Passed => "passed",
                JudgedVerdict::Failed => "failed",
                JudgedVerdict::Inconclusive => "could not be decided",
            };
            format!("judged {check} in {environment}: {word}, {passed} of {n}; {shows}")
        }
    }
}

fn effect(event: &EffectEvent) -> String {
    match event {
        EffectEvent::Started { effect } => match &effect.work {
            Work::Step { unit, step, want, .. } => {
                format!("sent {unit} to {} ({})", step.word(), want.version)
            }
            Work::Probe { unit, .. } => format!("sent a probe to {unit}"),
            Work::Check { check, environment, unit, .. } => match unit {
                Some(unit) => format!("ran {check} on {unit}"),
                None => format!("ran {check} in {environment}"),
            },
            Work::Watch { environment, .. } => format!("began to watch {environment}"),
            Work::Notify { person, .. } => format!("sent a notice to {person}"),
            Work::Lock { environment, .. } => format!("began to lock {environment}"),
            Work::Unlock { environment, .. } => format!("began to release {environment}"),
        },
        EffectEvent::CancelAsked { id, why } => format!("asked {id} to stop: {why}"),
        EffectEvent::Ended { id, outcome } => match outcome {
            Outcome::Done { note, .. } if note.is_empty() => format!("did {id}"),
            Outcome::Done { note, .. } => format!("did {id}: {note}"),
            Outcome::Failed { why, .. } => format!("failed {id}: {why}"),
            Outcome::Inconclusive { why } => format!("could not decide {id}: {why}"),
            Outcome::Cancelled => format!("stopped {id}"),
            Outcome::Seen(_) => format!("looked at {}", id.target),
        },
        EffectEvent::Late { id, epoch } => {
            format!("reported on {id} too late (epoch {epoch}); nothing changed by it")
        }
    }
}

fn notice(event: &NoticeEvent) -> String {
    match event {
        NoticeEvent::Queued { number, person, text, .. } => {
            format!("tells {person} (notice {number}): {text}")
        }
        NoticeEvent::GaveUp { number, why } => format!("gave notice {number} up: {why}"),
        NoticeEvent::Acknowledged { number } => format!("acknowledged notice {number}"),
    }
}

fn project(event: &ProjectEvent) -> String {
    match event {
        ProjectEvent::SessionOpened { id, candidate, mode } => {
            format!("opened session {id} of {candidate}, {}", mode.word())
        }
        ProjectEvent::SessionEnded { id, ending } => format!("ended session {id}, {}", ending.word()),
        ProjectEvent::ReleaseProven { environment, candidate, session } => {
            format!("proved {candidate} good in {environment} (session {session})")
        }
        ProjectEvent::EnvironmentLocked { environment, session, .. } => {
            format!("locked {environment} for session {session}")
        }
        ProjectEvent::EnvironmentUnlocked { environment, .. } => format!("unlocked {environment}"),
    }
}

/// The first three of a list, and how many more.
fn some(list: &[String]) -> String {
    match list {
        [] => "nothing of its structure changed".into(),
        [first @ .., _] if list.len() > 3 => format!("{} and {} more", first[..2].join("; "), list.len() - 2),
        all => all.join("; "),
    }
}

fn health(health: Health) -> &'static str {
    match health {
        Health::Healthy => "healthy",
        Health::Sick => "sick",
        Health::Unknown => "unknown",
    }
}
