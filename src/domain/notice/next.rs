//! What people should be told now, and what should be sent.

use std::collections::BTreeSet;

use super::{NoticeEvent, NoticeState, state::TRIES};
use crate::domain::{
    effect::{Effect, EffectId, Target, Work},
    effect_log::EffectEvent,
    event::Event,
    name::PersonName,
    rollout::{self, Lane},
    session::{Next, Session},
    time::Now,
};

pub fn next(session: &Session, now: Now) -> Next {
    if session.plan().notify.is_empty() {
        return Next::Nothing;
    }
    if let Some(event) = queue(session) {
        return Next::Events(vec![event]);
    }
    let mut wake = Next::Nothing;
    for notice in &session.notices.notices {
        let NoticeState::Queued { not_before } = notice.state else { continue };
        if notice.tries >= TRIES {
            let why = format!("not delivered after {TRIES} tries");
            return Next::Events(vec![Event::Notice(NoticeEvent::GaveUp { number: notice.number, why })]);
        }
        if now.session < not_before {
            wake = match wake {
                Next::At(at) if at < not_before => Next::At(at),
                _ => Next::At(not_before),
            };
            continue;
        }
        let id = EffectId { target: Target::Notice(notice.number), attempt: notice.tries + 1, step: 0 };
        let work =
            Work::Notify { notice: notice.number, person: notice.person.clone(), text: notice.text.clone() };
        return Next::Events(vec![Event::Effect(EffectEvent::Started {
            effect: Effect { id, work }.into(),
        })]);
    }
    wake
}

/// The first occasion that somebody has not been told of.
fn queue(session: &Session) -> Option<Event> {
    let project = session.course.release.project.as_str();
    let mut occasions: Vec<(String, String)> = Vec::new();
    for trouble in rollout::troubles(session) {
        let what = trouble.unit().map_or("line", |unit| unit.as_str());
        occasions.push((
            format!("trouble/{what}/{}", trouble.since().0),
            format!("{project}: NEEDS A HUMAN: {}", trouble.words()),
        ));
    }
    // Nothing stops at these, so that one notice is enough for the hosts of a batch.
    let mut batches = BTreeSet::new();
    for unit in rollout::let_pass(session) {
        let Some(lane) = &unit.lane else { continue };
        if tolerates(session, lane) && batches.insert((&lane.stage, lane.batch)) {
            occasions.push((
                format!("let-pass/{}/{}", lane.stage, lane.batch),
                format!(
                    "{project}: {0} {1}; {2} goes on without it: golive rollout try {0}, or exclude {0}",
                    unit.id,
                    rollout::let_pass_why(unit),
                    lane.stage,
                ),
            ));
        }
    }
    if let Some((person, at)) = &session.rollout.claim {
        occasions.push((format!("claim/{}", at.session.0), format!("{project}: {person} has claimed it")));
    }
    if let Some(gone) = &session.course.watch.gone_since {
        let who = session.course.watch.by.as_ref().map_or("the watcher", |person| person.as_str());
        occasions.push((
            format!("gone/{}", gone.session.0),
            format!("{project}: {who} is on watch and has no screen open"),
        ));
    }
    for run in &session.pipeline.stages {
        let Some(over) = run.over_budget.filter(|_| run.state.running()) else { continue };
        let budget = session.plan().stage(&run.name).and_then(|(_, stage)| stage.budget).unwrap_or_default();
        occasions.push((
            format!("budget/{}/{}", run.name, over.session.0),
            format!("{project}: {} takes longer than its {budget}", run.name),
        ));
    }
    for (unit, beats) in &session.operations.hearts {
        if let Some(dead) = &beats.dead {
            let lasts = dead.at.session.since(dead.since.session);
            let text = format!("{project}: {unit} is DEAD, no beat for {lasts}: {}", dead.why);
            occasions.push((format!("dead/{unit}/{}", dead.at.session.0), text));
        }
        if let Some(back) = &beats.back {
            let text = format!("{project}: {unit} is alive again after {}", back.lasted);
            occasions.push((format!("alive/{unit}/{}", back.died.session.0), text));
        }
    }
    let repairs = &session.operations.repairs;
    for (unit, mended) in &repairs.hosts {
        if let Some(at) = mended.given_up {
            let text = format!("{project}: NEEDS A HUMAN: {} repairs of {unit} did not help", mended.tries);
            occasions.push((format!("given-up/{unit}/{}", at.session.0), text));
        }
    }
    for (environment, paused) in repairs.paused.iter().filter(|(_, paused)| paused.by.is_none()) {
        let text = format!("{project}: NEEDS A HUMAN: repairs of {environment} stopped: {}", paused.reason);
        occasions.push((format!("repairs/{environment}/{}", paused.at.session.0), text));
    }
    for (environment, known) in &session.operations.scales {
        for last in known.last.iter().filter(|last| !last.reached) {
            let text = format!("{project}: NEEDS A HUMAN: machines of {environment}: {}", last.words());
            occasions.push((format!("scale/{environment}/{}", last.at.session.0), text));
        }
    }
    if occasions.is_empty() {
        return None;
    }
    let people = recipients(session);
    for (key, text) in occasions {
        for person in &people {
            if !session.notices.told.contains(&format!("{key}/{person}")) {
                let number = session.notices.notices.len() as u64 + 1;
                let person = person.clone();
                return Some(Event::Notice(NoticeEvent::Queued { number, key, person, text }));
            }
        }
    }
    None
}

/// Whether the plan lets hosts of its batch fail. What somebody forced the line past they know of.
fn tolerates(session: &Session, lane: &Lane) -> bool {
    let batch = session.pipeline.run(&lane.stage).and_then(|run| run.batches.get(lane.batch as usize));
    batch.is_some_and(|batch| batch.tolerates > 0)
}

/// The watch, and whoever decides on plan B; nobody twice.
fn recipients(session: &Session) -> BTreeSet<PersonName> {
    let mut people: BTreeSet<PersonName> = session.course.watch.by.iter().cloned().collect();
    people.extend(session.plan().plan_b.decides.clone());
    if people.is_empty() {
        people.extend(session.plan().people.values().filter(|p| p.has("deployer")).map(|p| p.name.clone()));
    }
    people
}
