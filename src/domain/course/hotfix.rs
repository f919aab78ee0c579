//! A hotfix skips bakes and windows, and nothing else: every item, vote, validation and limit stands. It leaves a review
//! behind that is due, and without which the session is not closed.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{CourseEvent, said_why};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    checklist::{ItemKind, ItemSpec, Owner, Severity},
    event::{Event, Stamped},
    name::{ItemId, PersonName},
    plan::{Adopted, Tier},
    refusal::Refusal,
    session::Session,
    time::{Now, Span, WallTime},
};

/// What a hotfix may skip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    Bakes,
    Windows,
}

impl Skip {
    const ALL: [(&'static str, Skip); 2] = [("bakes", Self::Bakes), ("windows", Self::Windows)];

    pub fn word(self) -> &'static str {
        if self == Self::Bakes { "bakes" } else { "windows" }
    }
}

/// The review that comes after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    pub owner: PersonName,
    pub due: WallTime,
}

/// The review as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// None: whoever declares the hotfix.
    pub owner: Option<PersonName>,
    pub due: WallTime,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hotfix {
    pub by: Option<PersonName>,
    pub reason: String,
    pub skips: BTreeSet<Skip>,
    pub follow_up: Review,
}

/// The item that asks for the review.
pub const REVIEW: &str = "hotfix/review";

/// A review that may wait for longer is none.
const LONGEST: Span = Span::days(14);

impl Hotfix {
    fn review(&self) -> Option<ItemSpec> {
        Some(ItemSpec {
            id: ItemId::new(REVIEW).ok()?,
            title: "review of the hotfix".to_owned(),
            why: format!("it skipped {}: {}", words(&self.skips), self.reason),
            group: "Hotfix".to_owned(),
            kind: ItemKind::Hand { evidence: true },
            tier: Tier::CRITICAL,
            severity: Severity::Required,
            owner: Owner::Person(self.follow_up.owner.clone()),
            due: None,
            post_live: true,
        })
    }

    /// The plan with the review among its items.
    pub fn with_review(&self, adopted: &Arc<Adopted>) -> Arc<Adopted> {
        let mut adopted = adopted.clone();
        if let Some(review) = self.review()
            && !adopted.plan.items.iter().any(|item| item.id == review.id)
        {
            Arc::make_mut(&mut adopted).plan.items.push(review);
        }
        adopted
    }
}

/// `bakes and windows`.
pub fn words(skips: &BTreeSet<Skip>) -> String {
    skips.iter().map(|skip| skip.word()).collect::<Vec<_>>().join(" and ")
}

/// Whether this session skips it.
pub fn skips(session: &Session, what: Skip) -> bool {
    session.course.hotfix.as_ref().is_some_and(|hotfix| hotfix.skips.contains(&what))
}

/// A decider says it, before anything was voted on or started: nobody's vote is turned into one on something else, and a
/// bake that has begun is never ended early.
pub fn decide(
    session: &Session,
    reason: &str,
    skip: &[String],
    follow_up: &FollowUp,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let decider = access::may(session, actor, Act::Decide)?;
    said_why(reason)?;
    if let Some(hotfix) = &session.course.hotfix {
        return Err(Refusal::rule(
            format!("it is a hotfix already: {}", hotfix.reason),
            "nothing: it stands",
        ));
    }
    let mut skips = BTreeSet::new();
    for word in skip {
        let Some((_, known)) = Skip::ALL.iter().find(|(known, _)| known == word) else {
            return Err(Refusal::rule(
                format!("a hotfix skips bakes and windows only: {word} is enforced"),
                "leaving it out; an item is lifted by a waiver alone",
            ));
        };
        skips.insert(*known);
    }
    if skips.is_empty() {
        skips = Skip::ALL.iter().map(|(_, skip)| *skip).collect();
    }
    if session.pipeline.stages.iter().any(|run| run.started.is_some()) {
        return Err(Refusal::rule(
            "a stage was started with its bake, and a bake is never ended early",
            "a session of its own, opened as a hotfix",
        ));
    }
    if !session.poll.votes.is_empty() || session.poll.declared.is_some() {
        return Err(Refusal::rule(
            "votes were cast on a go-live with its bakes and windows",
            "a session of its own, opened as a hotfix",
        ));
    }
    let owner = follow_up.owner.as_ref().unwrap_or(&decider.name);
    if !session.plan().people.contains_key(owner) {
        return Err(Refusal::input(format!("{owner} is nobody in [people]"), "somebody who does the review"));
    }
    if follow_up.due <= now.wall || follow_up.due.since(now.wall) > LONGEST {
        return Err(Refusal::input(
            format!("the review is due within {LONGEST}, and not before now"),
            "a due time such as +24h",
        ));
    }
    let (reason, follow_up) = (reason.trim().to_owned(), Review { owner: owner.clone(), due: follow_up.due });
    Ok(vec![Event::Course(CourseEvent::HotfixDeclared { reason, skips, follow_up })])
}

pub(super) fn declared(
    session: &mut Session,
    reason: &str,
    skips: &BTreeSet<Skip>,
    follow_up: &Review,
    at: &Stamped,
) {
    let hotfix = Hotfix {
        by: at.actor.person().cloned(),
        reason: reason.to_owned(),
        skips: skips.clone(),
        follow_up: follow_up.clone(),
    };
    session.course.adopted = hotfix.with_review(&session.course.adopted);
    session.course.hotfix = Some(Box::new(hotfix));
    session.mark_pipeline();
}
