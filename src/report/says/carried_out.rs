//! What the engine carries out, in words: steps, checks, notices.

use crate::domain::{
    effect::{Outcome, Work},
    effect_log::EffectEvent,
    notice::NoticeEvent,
    signal::{JudgedVerdict, SignalEvent},
};

pub fn signal(event: &SignalEvent) -> String {
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

pub fn effect(event: &EffectEvent) -> String {
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

pub fn notice(event: &NoticeEvent) -> String {
    match event {
        NoticeEvent::Queued { number, person, text, .. } => {
            format!("tells {person} (notice {number}): {text}")
        }
        NoticeEvent::GaveUp { number, why } => format!("gave notice {number} up: {why}"),
        NoticeEvent::Acknowledged { number } => format!("acknowledged notice {number}"),
    }
}
