//! What the engine carries out, in words: steps, checks, notices.

use super::{
    fleet::hosts,
    told::{Told, told, with},
};
use crate::domain::{
    counted::counted,
    effect::{Effect, EffectId, Outcome, Target, Work},
    effect_log::EffectEvent,
    notice::NoticeEvent,
    signal::{JudgedVerdict, SignalEvent},
};

pub fn signal(event: &SignalEvent) -> Told {
    match event {
        SignalEvent::RunAsked { check, environment, .. } => {
            told(format!("asked for a run of {check} in {environment}"))
                .alone(format!("{check} runs in {environment}"))
        }
        SignalEvent::Judged { check, environment, verdict, n, passed, shows, .. } => {
            let word = match verdict {
                JudgedVerdict::Passed => "passed",
                JudgedVerdict::Failed => "failed",
                JudgedVerdict::Inconclusive => "could not be decided",
            };
            told(format!("judged {check} in {environment}: {word}, {passed} of {n}; {shows}"))
                .alone(format!("{check} in {environment}: {shows}"))
        }
        SignalEvent::JudgedByHand { check, environment, verdict, note, sides, .. } => {
            let word = if *verdict == JudgedVerdict::Passed { "passed" } else { "failed" };
            let figures = sides.as_ref().map_or("no figures".to_owned(), ToString::to_string);
            let note = if note.is_empty() { String::new() } else { format!(": {note}") };
            told(format!("said that the {check} in {environment} {word}{note} ({figures})"))
                .alone(format!("{check} in {environment} {word}{note} ({figures})"))
        }
        SignalEvent::TrafficLookedAt { environment, before, .. } if *before > 0 => {
            let requests = counted(before, "request");
            told(format!("saw {requests} more in {environment} that had come before the alarm was lifted"))
        }
        SignalEvent::TrafficLookedAt { environment, .. } => {
            told(format!("saw no request in {environment}, which has no traffic"))
        }
        SignalEvent::TrafficUnknown { environment, why } => {
            told(format!("can't say whether requests come to {environment}, which has no traffic: {why}"))
        }
        SignalEvent::TrafficSeen { environment, requests, host, .. } => {
            let host = host.as_ref().map_or_else(String::new, |host| format!(", most of them on {host}"));
            let requests = counted(requests, "request");
            told(format!("ALARM: {requests} in {environment}{host}, which has no traffic"))
        }
        SignalEvent::AlarmLifted { environment, reason } => {
            told(format!("lifted the alarm about traffic in {environment}: {reason}"))
        }
    }
}

pub fn effect(event: &EffectEvent) -> Told {
    match event {
        EffectEvent::Started { effect } => started(effect),
        EffectEvent::CancelAsked { id, why } => {
            told(format!("asked {id} to stop: {why}")).alone(format!("cancel {id}: {why}"))
        }
        EffectEvent::Ended { id, outcome } => ended(id, outcome),
        EffectEvent::Outlived { id, found } => {
            let target = &id.target;
            told(format!("found that {target} still runs ({found}): its conductor was ended"))
                .alone(format!("{target} still runs ({found})"))
        }
        EffectEvent::Late { id, epoch } => {
            told(format!("reported on {id} too late (epoch {epoch}); nothing changed by it"))
                .alone(format!("late report of {id} from epoch {epoch}"))
        }
    }
}

fn started(effect: &Effect) -> Told {
    match &effect.work {
        Work::Step { unit, step, want, .. } => told(format!(
            "sent {unit} to {} ({})",
            step.word(),
            want.version
        ))
        .alone(format!("{unit}: {} {}", step.word(), want.version)),
        Work::TakeOut { unit, .. } => told(format!("began to take {unit} out of the pool again"))
            .alone(format!("{unit}: taken out of the pool again")),
        Work::Probe { unit, .. } => {
            told(format!("sent a probe to {unit}")).alone(format!("{unit}: looked at after an interruption"))
        }
        Work::Check { check, environment, unit: None, .. } => {
            told(format!("ran {check} in {environment}")).alone(format!("{check} in {environment}"))
        }
        Work::Check { check, unit: Some(unit), .. } => {
            told(format!("ran {check} on {unit}")).alone(format!("{check} on {unit}"))
        }
        Work::Watch { environment, .. } => {
            told(format!("began to watch {environment}")).alone(format!("watch over {environment}"))
        }
        Work::Notify { person, text, .. } => {
            told(format!("sent a notice to {person}")).alone(format!("tell {person}: {text}"))
        }
        Work::Lock { environment, .. } => {
            told(format!("began to lock {environment}")).alone(format!("lock {environment} at its target"))
        }
        Work::Share { environment, share: Some(share) } => {
            let hosts = hosts(share.canary.len());
            told(format!("told the balancer of {environment} to give {} to {hosts}", share.weight))
                .alone(format!("{} of {environment} for {hosts}", share.weight))
        }
        Work::Share { environment, share: None } => {
            told(format!("told the balancer of {environment} to share as it is configured"))
                .alone(format!("shares of {environment} as configured"))
        }
        Work::Desire { environment, wish } => {
            let whose = match wish.units.len() {
                0 => environment.to_string(),
                some => format!("{} of {environment}", hosts(some)),
            };
            let over = if wish.over.is_empty() { "" } else { ", over what somebody else set" };
            let version = &wish.to.version;
            told(format!("began to set {version} as the desired version of {whose}{over}"))
                .alone(format!("{version} desired for {whose}{over}"))
        }
        Work::Once { environment, stage, once, back: false, .. } => {
            told(format!("began {once} of {stage}, which runs once, in {environment}"))
                .alone(format!("{once} of {stage}, once"))
        }
        Work::Once { environment, stage, once, back: true, .. } => {
            told(format!("began to take back {once} of {stage} in {environment}"))
                .alone(format!("takes back {once} of {stage}"))
        }
        Work::Count { environment, .. } => told(format!("began to count the requests in {environment}"))
            .alone(format!("count the requests in {environment}")),
        Work::Repair { unit } => {
            told(format!("sent {unit} its repair command")).alone(format!("{unit}: repair command"))
        }
        Work::Scale { environment, to } => {
            told(format!("told the platform of {environment} to come to {to} machines"))
                .alone(format!("{environment}: {to} machines asked of its platform"))
        }
        Work::Outlived { of } => {
            let target = &of.id.target;
            told(format!("looked for {target}, which a conductor left behind"))
                .alone(format!("{target}: looked for after an interruption"))
        }
        Work::Unlock { environment, .. } => told(format!("began to release {environment}"))
            .alone(format!("release the lock on {environment}")),
    }
}

fn ended(id: &EffectId, outcome: &Outcome) -> Told {
    let target = &id.target;
    match (outcome, target) {
        (Outcome::Done { note, .. }, Target::Share(environment)) => {
            told(format!("set the shares of {environment}: {note}"))
                .alone(format!("shares of {environment}: {note}"))
        }
        (Outcome::Done { note, .. }, Target::Desired(environment)) => {
            told(format!("set what agents of {environment} read: {note}"))
                .alone(format!("{environment}: {note}"))
        }
        (Outcome::Done { note, .. }, _) => {
            told(with(format!("did {id}"), note)).alone(with(id.to_string(), note))
        }
        (Outcome::Failed { why, .. }, _) => {
            told(format!("failed {id}: {why}")).alone(format!("{target} failed: {why}"))
        }
        (Outcome::Inconclusive { why }, _) => {
            told(format!("could not decide {id}: {why}")).alone(format!("{target} inconclusive: {why}"))
        }
        (Outcome::Cancelled, _) => told(format!("stopped {id}")).alone(format!("{id} cancelled")),
        (Outcome::Seen(_), _) => told(format!("looked at {target}")).alone(format!("{target} was looked at")),
    }
}

pub fn notice(event: &NoticeEvent) -> Told {
    match event {
        NoticeEvent::Queued { number, person, text, .. } => {
            told(format!("tells {person} (notice {number}): {text}")).alone(format!("tells {person}: {text}"))
        }
        NoticeEvent::GaveUp { number, why } => {
            told(format!("gave notice {number} up: {why}")).alone(format!("a notice did not arrive: {why}"))
        }
        NoticeEvent::Acknowledged { number } => {
            told(format!("acknowledged notice {number}")).alone("acknowledged the page")
        }
    }
}
