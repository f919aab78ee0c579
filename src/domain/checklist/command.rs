//! Commands on items, and the rules that answer them.

use serde::{Deserialize, Serialize};

use super::{ChecklistEvent, Evidence, ItemKind, ItemSpec, says_nothing, waiver};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    course::{Phase, said_why},
    event::Event,
    name::{Digest, ItemId},
    refusal::Refusal,
    session::Session,
    signal,
    time::{Now, WallTime},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChecklistCommand {
    Tick {
        item: ItemId,
        evidence: Option<String>,
        file: Option<Digest>,
    },
    Untick {
        item: ItemId,
    },
    GiveEvidence {
        item: ItemId,
        evidence: String,
        file: Option<Digest>,
    },
    Answer {
        item: ItemId,
        text: String,
    },
    NotApplicable {
        item: ItemId,
        reason: String,
    },
    AskWaiver {
        item: ItemId,
        reason: String,
        expires: WallTime,
    },
    ApproveWaiver {
        item: ItemId,
    },
    Comment {
        item: ItemId,
        text: String,
    },
    /// Runs the item's check now.
    Run {
        item: ItemId,
    },
    /// Takes back this person's last record.
    Undo,
}

impl ChecklistCommand {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Tick { .. } => "item tick",
            Self::Untick { .. } => "item untick",
            Self::GiveEvidence { .. } => "item evidence",
            Self::Answer { .. } => "item answer",
            Self::NotApplicable { .. } => "item na",
            Self::AskWaiver { .. } => "item waive",
            Self::ApproveWaiver { .. } => "item approve",
            Self::Comment { .. } => "item comment",
            Self::Run { .. } => "item run",
            Self::Undo => "undo",
        }
    }
}

pub fn decide(
    session: &Session,
    command: &ChecklistCommand,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    use ChecklistCommand as C;
    access::may(session, actor, Act::Record)?;
    let event = match command {
        C::Tick { item, evidence, file } => {
            let spec = open_item(session, item)?;
            by_hand(session, spec, now)?;
            if spec.kind == ItemKind::Question {
                return Err(Refusal::rule(format!("{} is a question", spec.title), "an answer (a)"));
            }
            let evidence = evidence.as_deref().map(|text| bound(session, text, file.clone())).transpose()?;
            let has = session.checklist.record(item).is_some_and(|record| !record.evidence.is_empty());
            if spec.kind == (ItemKind::Hand { evidence: true }) && evidence.is_none() && !has {
                return Err(Refusal::input(
                    format!("{} needs evidence", spec.title),
                    "a link or a sentence (e)",
                ));
            }
            ChecklistEvent::Ticked { item: item.clone(), evidence }
        }
        C::Untick { item } => {
            let spec = open_item(session, item)?;
            let record = session.checklist.record(item);
            if record.is_none_or(|r| r.tick.is_none() && r.not_applicable.is_none()) {
                return Err(Refusal::rule(format!("{} is not ticked", spec.title), "nothing"));
            }
            ChecklistEvent::Unticked { item: item.clone() }
        }
        C::GiveEvidence { item, evidence, file } => {
            let spec = open_item(session, item)?;
            by_hand(session, spec, now)?;
            ChecklistEvent::EvidenceGiven {
                item: item.clone(),
                evidence: bound(session, evidence, file.clone())?,
            }
        }
        C::Answer { item, text } => {
            let spec = open_item(session, item)?;
            if spec.kind != ItemKind::Question {
                return Err(Refusal::rule(format!("{} is not a question", spec.title), "a tick, or a run"));
            }
            if says_nothing(text) {
                return Err(Refusal::input(
                    format!("{:?} answers nothing", text.trim()),
                    "an answer that somebody can act on: who, what, until when",
                ));
            }
            ChecklistEvent::Answered { item: item.clone(), text: text.trim().to_owned() }
        }
        C::NotApplicable { item, reason } => {
            let spec = open_item(session, item)?;
            said_why(reason)?;
            if matches!(spec.kind, ItemKind::Check { .. } | ItemKind::Fact { .. }) {
                return Err(Refusal::rule(
                    format!("{} is checked automatically", spec.title),
                    "a waiver (w), or leaving it out of the checklist",
                ));
            }
            ChecklistEvent::MarkedNotApplicable { item: item.clone(), reason: reason.trim().to_owned() }
        }
        C::AskWaiver { item, reason, expires } => {
            let spec = open_item(session, item)?;
            return waiver::ask(session, spec, reason, *expires, actor, now);
        }
        C::ApproveWaiver { item } => {
            let spec = open_item(session, item)?;
            return waiver::approve(session, spec, actor, now);
        }
        C::Comment { item, text } => {
            let spec = find(session, item)?;
            if text.trim().is_empty() {
                return Err(Refusal::input(format!("the comment on {} is empty", spec.title), "a text"));
            }
            ChecklistEvent::Commented { item: item.clone(), text: text.trim().to_owned() }
        }
        C::Run { item } => {
            let spec = open_item(session, item)?;
            let ItemKind::Check { check } = &spec.kind else {
                return Err(Refusal::rule(
                    format!("{} has no check to run", spec.title),
                    "a tick or an answer",
                ));
            };
            return signal::decide_run(session, check);
        }
        C::Undo => return undo(session, actor),
    };
    Ok(vec![Event::Checklist(event)])
}

fn find<'a>(session: &'a Session, item: &ItemId) -> Result<&'a ItemSpec, Refusal> {
    session.plan().items.iter().find(|spec| spec.id == *item).ok_or_else(|| {
        Refusal::input(format!("there is no item {item}"), "one of the items of golive item (without a name)")
    })
}

fn open_item<'a>(session: &'a Session, item: &ItemId) -> Result<&'a ItemSpec, Refusal> {
    let spec = find(session, item)?;
    if session.course.phase == Phase::Closed {
        return Err(Refusal::rule("the session is closed", "the next session"));
    }
    if session.course.phase == Phase::RolledBack && !spec.post_live {
        let reason = format!("it is rolled back, and nothing waits for {} any more", spec.title);
        return Err(Refusal::rule(reason, "the next session; a comment is taken"));
    }
    Ok(spec)
}

/// A hand never overrides an automatic check.
fn by_hand(session: &Session, spec: &ItemSpec, now: Now) -> Result<(), Refusal> {
    if matches!(spec.kind, ItemKind::Check { .. } | ItemKind::Fact { .. }) {
        let standing = super::standing(session, spec, now);
        return Err(Refusal::rule(
            format!(
                "{} is checked automatically and is {}: {}",
                spec.title,
                standing.state.word(),
                standing.shows
            ),
            if standing.lift.is_empty() { "nothing: it stands".to_owned() } else { standing.lift },
        ));
    }
    Ok(())
}

fn bound(session: &Session, text: &str, file: Option<Digest>) -> Result<Evidence, Refusal> {
    if says_nothing(text) {
        return Err(Refusal::input("the evidence says nothing", "a link, a figure, or a sentence"));
    }
    Ok(Evidence {
        text: text.trim().to_owned(),
        file,
        artifact: session.course.release.candidate.digest.clone(),
        steps: session.steps(),
    })
}

fn undo(session: &Session, actor: &Actor) -> Result<Vec<Event>, Refusal> {
    let nothing = || Refusal::rule("there is nothing of yours to undo", "nothing");
    let person = actor.person().ok_or_else(nothing)?;
    if session.poll.declared.is_some() {
        return Err(Refusal::rule("the decision is declared", "correcting the record with a new entry"));
    }
    let item = session.checklist.last_of.get(person).ok_or_else(nothing)?;
    let mine = session
        .checklist
        .record(item)
        .and_then(|record| record.before.as_ref())
        .is_some_and(|(by, _)| by == person);
    if !mine {
        return Err(Refusal::rule(
            format!("somebody else has changed {item} since"),
            "unticking it, or a comment",
        ));
    }
    Ok(vec![Event::Checklist(ChecklistEvent::Undone { item: item.clone() })])
}
