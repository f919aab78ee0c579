//! Waivers: who asks never approves, and a show-stopper has none.

use super::{ChecklistEvent, ItemSpec, Owner, Severity};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    event::Event,
    plan::Separation,
    refusal::Refusal,
    session::Session,
    time::{Now, WallTime},
};

pub fn ask(
    session: &Session,
    spec: &ItemSpec,
    reason: &str,
    expires: WallTime,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Record)?;
    if spec.severity == Severity::ShowStopper {
        return Err(Refusal::rule(
            format!("{} is a show-stopper, which can't be waived", spec.title),
            "doing it; or another severity in the checklist, adopted",
        ));
    }
    crate::domain::course::said_why(reason)?;
    if expires <= now.wall {
        return Err(Refusal::input("the waiver would have expired already", "a later expiry"));
    }
    let item = spec.id.clone();
    let reason = reason.trim().to_owned();
    Ok(vec![Event::Checklist(ChecklistEvent::WaiverAsked { item, reason, expires })])
}

pub fn approve(session: &Session, spec: &ItemSpec, actor: &Actor, now: Now) -> Result<Vec<Event>, Refusal> {
    let waiver = session.checklist.record(&spec.id).and_then(|record| record.waiver.as_ref());
    let Some(waiver) = waiver.filter(|waiver| waiver.approved.is_none() && now.wall < waiver.expires) else {
        return Err(Refusal::rule(
            format!("no waiver is asked for on {}", spec.title),
            "somebody asking for one (w), with a reason",
        ));
    };
    let person = access::may(session, actor, Act::Record)?;
    let owns = match &spec.owner {
        Owner::Nobody => false,
        Owner::Role(role) => person.has(role.as_str()),
        Owner::Person(owner) => *owner == person.name,
    };
    if !owns && !person.has("decider") {
        return Err(Refusal::access(
            format!("{} may not approve a waiver of {}", person.name, spec.title),
            format!("a decider, or {}", spec.owner.word()),
        ));
    }
    if waiver.asked.by == person.name && session.plan().separation == Separation::Required {
        return Err(Refusal::rule(
            format!("{} asked for this waiver, and who asks does not approve", person.name),
            format!("another decider, or {}", spec.owner.word()),
        ));
    }
    Ok(vec![Event::Checklist(ChecklistEvent::WaiverApproved { item: spec.id.clone() })])
}
