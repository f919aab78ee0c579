//! The folded records of items. How an item stands is computed from these, never stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ChecklistEvent, Evidence};
use crate::domain::{
    event::Stamped,
    name::{ItemId, PersonName},
    session::Session,
    time::{Now, WallTime},
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checklist {
    pub items: BTreeMap<ItemId, ItemRecord>,
    /// What each person recorded last, for their undo.
    pub last_of: BTreeMap<PersonName, ItemId>,
}

/// What people recorded about one item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ItemRecord {
    pub tick: Option<By<Option<Evidence>>>,
    pub evidence: Vec<By<Evidence>>,
    pub answer: Option<By<String>>,
    pub not_applicable: Option<By<String>>,
    pub waiver: Option<Waiver>,
    pub comments: Vec<By<String>>,
    /// The record before the last change, and whose change it was.
    pub before: Option<(PersonName, Box<ItemRecord>)>,
}

/// Something said by a person at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct By<T> {
    pub by: PersonName,
    pub at: Now,
    pub what: T,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiver {
    pub asked: By<String>,
    pub expires: WallTime,
    pub approved: Option<By<()>>,
}

impl Waiver {
    pub fn in_force(&self, now: Now) -> bool {
        self.approved.is_some() && now.wall < self.expires
    }
}

impl Checklist {
    pub fn record(&self, item: &ItemId) -> Option<&ItemRecord> {
        self.items.get(item)
    }
}

pub fn apply(session: &mut Session, event: &ChecklistEvent, at: &Stamped) {
    let Some(person) = at.actor.person().cloned() else { return };
    let checklist = &mut session.checklist;
    let item = event.item().clone();
    let record = checklist.items.entry(item.clone()).or_default();
    if let ChecklistEvent::Undone { .. } = event {
        if let Some((_, before)) = record.before.take() {
            *record = *before;
        }
        checklist.last_of.remove(&person);
        return;
    }
    // One step of undo is kept, so the history is not copied along with it.
    let before = Box::new(ItemRecord { before: None, ..record.clone() });
    let by = |what| By { by: person.clone(), at: at.now, what };
    match event {
        ChecklistEvent::Ticked { evidence, .. } => {
            record.tick = Some(By { by: person.clone(), at: at.now, what: evidence.clone() });
            record.not_applicable = None;
        }
        ChecklistEvent::Unticked { .. } => {
            record.tick = None;
            record.not_applicable = None;
        }
        ChecklistEvent::EvidenceGiven { evidence, .. } => {
            record.evidence.push(By { by: person.clone(), at: at.now, what: evidence.clone() });
        }
        ChecklistEvent::Answered { text, .. } => record.answer = Some(by(text.clone())),
        ChecklistEvent::MarkedNotApplicable { reason, .. } => {
            record.not_applicable = Some(by(reason.clone()));
        }
        ChecklistEvent::WaiverAsked { reason, expires, .. } => {
            record.waiver = Some(Waiver { asked: by(reason.clone()), expires: *expires, approved: None });
        }
        ChecklistEvent::WaiverApproved { .. } => {
            if let Some(waiver) = &mut record.waiver {
                waiver.approved = Some(By { by: person.clone(), at: at.now, what: () });
            }
        }
        ChecklistEvent::Commented { text, .. } => record.comments.push(by(text.clone())),
        ChecklistEvent::Undone { .. } => {}
    }
    record.before = Some((person.clone(), before));
    checklist.last_of.insert(person, item);
}

impl ChecklistEvent {
    pub fn item(&self) -> &ItemId {
        match self {
            Self::Ticked { item, .. }
            | Self::Unticked { item }
            | Self::EvidenceGiven { item, .. }
            | Self::Answered { item, .. }
            | Self::MarkedNotApplicable { item, .. }
            | Self::WaiverAsked { item, .. }
            | Self::WaiverApproved { item }
            | Self::Commented { item, .. }
            | Self::Undone { item } => item,
        }
    }
}
