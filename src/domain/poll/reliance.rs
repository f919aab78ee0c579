//! What votes rely on, and what makes them stale. A run with the same verdict on the same candidate stales
//! nothing; nor does a comment or a phone number. Nor does a check that passes by now, whatever it said when the
//! vote was given: on the same candidate that is better news, and who said GO without it is not asked again. One
//! that does not pass any more makes the vote stale; so does what a person has changed by hand, either way.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::{Reliance, Vote, seats};
use crate::domain::{
    checklist::{self, Evidence, ItemKind, ItemSpec, ItemState, Severity},
    digests,
    effect::Candidate,
    name::{Digest, ItemId},
    plan::{Adopted, Plan, Seat},
    session::Session,
    time::Now,
};

/// The reliance of a vote given now.
pub fn reliance(session: &Session, now: Now) -> Reliance {
    Reliance {
        artifact: session.course.release.candidate.digest.clone(),
        steps: session.steps(),
        go_live: session.course.go_live,
        risks: session.risks(),
        items: item_digests(session, now),
    }
}

/// What an item showed.
#[derive(Default, Serialize)]
struct Shown<'a> {
    ready: bool,
    waived: bool,
    answer: Option<&'a str>,
    evidence: Option<&'a Evidence>,
}

impl Shown<'_> {
    fn digest(&self) -> Digest {
        Digest::of_value("golive/item/1", self)
    }
}

/// Whether this is an automatic item that passes: nobody's hand is in it.
fn passes_by_itself(spec: &ItemSpec, is: &Digest) -> bool {
    matches!(spec.kind, ItemKind::Check { .. } | ItemKind::Fact { .. })
        && *is == Shown { ready: true, ..Shown::default() }.digest()
}

/// The verdict of each item that a vote may rely on, with the evidence's digest if given by hand.
fn item_digests(session: &Session, now: Now) -> BTreeMap<ItemId, Digest> {
    let digest = |spec: &ItemSpec| {
        let state = checklist::standing(session, spec, now).state;
        let record = session.checklist.record(&spec.id);
        let by_hand = matches!(spec.kind, ItemKind::Hand { .. });
        let evidence = record.filter(|_| by_hand).and_then(|record| {
            let ticked = record.tick.as_ref().and_then(|tick| tick.what.as_ref());
            record.evidence.last().map(|given| &given.what).or(ticked)
        });
        let answer = record.and_then(|record| record.answer.as_ref()).map(|answer| answer.what.as_str());
        let shown = Shown { ready: state.ready(), waived: state == ItemState::Waived, answer, evidence };
        (spec.id.clone(), shown.digest())
    };
    session.plan().items.iter().filter(|spec| may_be_relied_on(spec)).map(digest).collect()
}

fn may_be_relied_on(spec: &ItemSpec) -> bool {
    !spec.post_live && spec.severity != Severity::Advisory
}

/// Why a vote does not stand any more: one line, or nothing.
pub fn stale_because(
    session: &Session,
    seat: &Seat,
    vote: &Vote,
    current: &Reliance,
    now: Now,
) -> Option<String> {
    let age = now.wall.since(vote.at.wall);
    let limit = session.plan().poll.votes_expire;
    if age > limit {
        return Some(format!("given {age} ago, votes count for {limit}"));
    }
    differs(session.plan(), seat, &vote.relies, current)
}

fn differs(plan: &Plan, seat: &Seat, saw: &Reliance, is: &Reliance) -> Option<String> {
    let all = seat.relies_on.is_empty();
    let on = |group: &str| all || seat.relies_on.iter().any(|g| g == group);
    if saw.artifact != is.artifact && on("artifacts") {
        return Some(format!("saw {}…", saw.artifact.short()));
    }
    if saw.steps != is.steps && on("steps") {
        return Some("the steps have changed".into());
    }
    if saw.go_live != is.go_live && on("time") {
        return Some("the go-live time was moved".into());
    }
    if saw.risks != is.risks && (on("plan-b") || on("risks")) {
        return Some("plan B or the risks have changed".into());
    }
    let relied = |spec: &&ItemSpec| {
        let required = all && spec.severity != Severity::Advisory;
        required || seat.relies_on.iter().any(|group| group.eq_ignore_ascii_case(&spec.group))
    };
    plan.items.iter().filter(relied).find_map(|spec| {
        match (saw.items.get(&spec.id), is.items.get(&spec.id)) {
            (Some(saw), Some(is)) if saw != is && !passes_by_itself(spec, is) => {
                Some(format!("{} has changed", spec.title))
            }
            (None, Some(_)) => Some(format!("{} is new", spec.title)),
            _ => None,
        }
    })
}

/// What adopting another plan, or another candidate, would make stale: a line each.
pub fn would_stale(
    session: &Session,
    adopted: &Arc<Adopted>,
    candidate: Option<&Candidate>,
    now: Now,
) -> Vec<String> {
    let current = reliance(session, now);
    let steps = digests::steps(&adopted.plan);
    let steps_change = current.steps != steps;
    let artifact = candidate.map_or_else(|| current.artifact.clone(), |candidate| candidate.digest.clone());
    let candidate_changes = artifact != current.artifact;
    let mut next = Reliance { artifact, steps, risks: digests::risks(&adopted.plan), ..current };
    // Items that come with it show nothing yet.
    for spec in adopted.plan.items.iter().filter(|spec| may_be_relied_on(spec)) {
        next.items.entry(spec.id.clone()).or_insert_with(|| Shown::default().digest());
    }
    let mut lines = Vec::new();
    for vote in session.poll.votes.values() {
        let mut of = session.plan().poll.seats.iter();
        let seat = of.find(|seat| seats::eligible(session, seat, &vote.person));
        if let Some(why) = seat.and_then(|seat| differs(&adopted.plan, seat, &vote.relies, &next)) {
            lines.push(format!("vote of {} goes stale: {why}", vote.person));
        }
    }
    let why = if candidate_changes { "the candidate has changed" } else { "the steps have changed" };
    for (item, record) in session.checklist.items.iter().filter(|_| steps_change || candidate_changes) {
        let by_tick = record.tick.as_ref().is_some_and(|tick| tick.what.is_some());
        if by_tick || !record.evidence.is_empty() {
            lines.push(format!("evidence of {item} goes stale: {why}"));
        }
    }
    lines
}
