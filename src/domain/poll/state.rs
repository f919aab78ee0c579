//! The folded state of the poll.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Decision, PollEvent, Reliance, VoteKind};
use crate::domain::{
    course::Phase,
    event::Stamped,
    name::{PersonName, RoleName},
    session::Session,
    time::{Now, WallTime},
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Poll {
    pub called: Option<Now>,
    pub votes: BTreeMap<PersonName, Vote>,
    pub declared: Option<Declared>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    pub person: PersonName,
    pub seat: Option<RoleName>,
    pub kind: VoteKind,
    pub relies: Reliance,
    pub at: Now,
    /// Who recorded it, where it was said by voice.
    pub recorded_by: Option<PersonName>,
    /// For GO IF: what showed that the condition is met.
    pub met: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    pub decision: Decision,
    pub by: Option<PersonName>,
    pub at: Now,
    pub reason: String,
    pub ask_again: Option<WallTime>,
    /// The votes as they stood.
    pub roll_call: Vec<String>,
    pub expired: bool,
}

pub fn apply(session: &mut Session, event: &PollEvent, at: &Stamped) {
    let poll = &mut session.poll;
    match event {
        PollEvent::Called => {
            poll.called = Some(at.now);
            session.course.polling();
        }
        PollEvent::Voted { person, seat, vote, relies, by_voice } => {
            let vote = Vote {
                person: person.clone(),
                seat: seat.clone(),
                kind: vote.clone(),
                relies: (**relies).clone(),
                at: at.now,
                recorded_by: if *by_voice { at.actor.person().cloned() } else { None },
                met: None,
            };
            poll.votes.insert(person.clone(), vote);
            session.course.polling();
        }
        PollEvent::Withdrawn { person } => {
            poll.votes.remove(person);
        }
        PollEvent::ConditionMet { person, shows } => {
            if let Some(vote) = poll.votes.get_mut(person) {
                vote.met = Some(shows.clone());
            }
        }
        PollEvent::Declared { decision, reason, ask_again, roll_call } => {
            poll.declared = Some(Declared {
                decision: *decision,
                by: at.actor.person().cloned(),
                at: at.now,
                reason: reason.clone(),
                ask_again: *ask_again,
                roll_call: roll_call.clone(),
                expired: false,
            });
            if session.course.started.is_none() {
                session.course.phase = match decision {
                    Decision::Go => Phase::Go,
                    Decision::NoGo => Phase::NoGo,
                };
            }
        }
        PollEvent::GoExpired => void(session),
    }
    session.mark_course();
}

/// What was declared counts no more: it has expired, or was about another candidate.
pub fn void(session: &mut Session) {
    if let Some(declared) = &mut session.poll.declared {
        declared.expired = true;
    }
    if session.course.phase == Phase::Go {
        session.course.phase = Phase::Polling;
    }
}

impl crate::domain::course::Course {
    /// A vote or a call: the session polls, unless it is past that. After a NO-GO it is asked again.
    pub(in crate::domain) fn polling(&mut self) {
        if matches!(self.phase, Phase::Preparing | Phase::NoGo) {
            self.phase = Phase::Polling;
        }
    }
}
