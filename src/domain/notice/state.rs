//! The outbox.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::{
    effect::{EffectId, Outcome, Target},
    event::Stamped,
    name::PersonName,
    session::Session,
    time::{Now, SessionTime, Span},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeEvent {
    /// `key` names the occasion; each occasion is told once to each person.
    Queued {
        number: u64,
        key: String,
        person: PersonName,
        text: String,
    },
    GaveUp {
        number: u64,
        why: String,
    },
    Acknowledged {
        number: u64,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outbox {
    pub notices: Vec<Notice>,
    /// Occasions already told.
    pub told: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub number: u64,
    pub person: PersonName,
    pub text: String,
    pub queued: Now,
    pub state: NoticeState,
    pub tries: u32,
    pub acknowledged: Option<(PersonName, Now)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeState {
    /// To be sent, not before this time.
    Queued {
        not_before: SessionTime,
    },
    Sending,
    Sent {
        at: Now,
    },
    GaveUp {
        why: String,
    },
}

/// Tries before giving up, and the pause before the second; each later one is twice as long.
pub(super) const TRIES: u32 = 5;
const FIRST_PAUSE: Span = Span::secs(5);

impl Outbox {
    fn find(&mut self, number: u64) -> Option<&mut Notice> {
        self.notices.iter_mut().find(|notice| notice.number == number)
    }

    pub fn open(&self) -> impl Iterator<Item = &Notice> {
        self.notices.iter().filter(|notice| notice.acknowledged.is_none())
    }
}

pub fn apply(session: &mut Session, event: &NoticeEvent, at: &Stamped) {
    let outbox = &mut session.notices;
    match event {
        NoticeEvent::Queued { number, key, person, text } => {
            outbox.told.insert(format!("{key}/{person}"));
            outbox.notices.push(Notice {
                number: *number,
                person: person.clone(),
                text: text.clone(),
                queued: at.now,
                state: NoticeState::Queued { not_before: at.now.session },
                tries: 0,
                acknowledged: None,
            });
        }
        NoticeEvent::GaveUp { number, why } => {
            if let Some(notice) = outbox.find(*number) {
                notice.state = NoticeState::GaveUp { why: why.clone() };
            }
        }
        NoticeEvent::Acknowledged { number } => {
            let by = at.actor.person().cloned();
            if let (Some(notice), Some(person)) = (outbox.find(*number), by) {
                notice.acknowledged = Some((person, at.now));
            }
        }
    }
    session.mark_notices();
}

pub fn sending(session: &mut Session, id: &EffectId) {
    if let Target::Notice(number) = id.target
        && let Some(notice) = session.notices.find(number)
    {
        notice.state = NoticeState::Sending;
        notice.tries += 1;
    }
}

pub fn ended(session: &mut Session, id: &EffectId, outcome: &Outcome, at: &Stamped) {
    let Target::Notice(number) = id.target else { return };
    if let Some(notice) = session.notices.find(number) {
        notice.state = if matches!(outcome, Outcome::Done { .. }) {
            NoticeState::Sent { at: at.now }
        } else {
            let pause = Span(FIRST_PAUSE.0 << notice.tries.saturating_sub(1).min(8));
            NoticeState::Queued { not_before: at.now.session.plus(pause) }
        };
    }
    session.mark_notices();
}

/// After a crash a notice under way may or may not have arrived: it is sent again rather than lost.
pub fn interrupted(session: &mut Session, at: &Stamped) {
    for notice in &mut session.notices.notices {
        if notice.state == NoticeState::Sending {
            notice.state = NoticeState::Queued { not_before: at.now.session };
        }
    }
}
