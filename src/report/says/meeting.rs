//! What people say in words: the checklist, and the poll.

use super::{
    time::utc,
    told::{Told, told, with},
};
use crate::domain::{
    checklist::ChecklistEvent,
    poll::{Decision, PollEvent, VoteKind},
};

/// `title`: what people call the item.
pub fn checklist(event: &ChecklistEvent, title: &str) -> Told {
    use ChecklistEvent as E;
    match event {
        E::Ticked { item, evidence } => {
            let shown = evidence.as_ref().map_or("", |evidence| &evidence.text);
            told(with(format!("ticked {item}"), shown)).alone(with(format!("ticked {title}"), shown))
        }
        E::Unticked { item } => {
            told(format!("unticked {item}")).alone(format!("took back the tick of {title}"))
        }
        E::EvidenceGiven { item, evidence } => told(format!("gave evidence for {item}: {}", evidence.text))
            .alone(format!("evidence for {title}: {}", evidence.text)),
        E::Answered { item, text } => {
            told(format!("answered {item}: {text}")).alone(format!("{title} {text}"))
        }
        E::MarkedNotApplicable { item, reason } => told(format!("marked {item} not applicable: {reason}"))
            .alone(format!("{title}: not applicable, {reason}")),
        E::WaiverAsked { item, reason, expires } => {
            told(format!("asked to waive {item} until {}: {reason}", utc(*expires)))
                .alone(format!("asks for a waiver of {title}: {reason}"))
        }
        E::WaiverApproved { item } => {
            told(format!("approved the waiver of {item}")).alone(format!("approved the waiver of {title}"))
        }
        E::Commented { item, text } => {
            told(format!("commented on {item}: {text}")).alone(format!("on {title}: {text}"))
        }
        E::Undone { item } => told(format!("took back the last record on {item}"))
            .alone(format!("took back the last record on {title}")),
    }
}

pub fn poll(event: &PollEvent) -> Told {
    match event {
        PollEvent::Called => told("called for votes").alone("calls for the votes"),
        PollEvent::Voted { person, seat, vote, by_voice, .. } => {
            let as_seat = seat.as_ref().map_or(String::new(), |seat| format!(" as {seat}"));
            let after = if *by_voice {
                format!("recorded {person}'s vote{as_seat}, said by voice: {}", vote_words(vote))
            } else {
                format!("voted{as_seat} {}", vote_words(vote))
            };
            let seat = seat.as_ref().map_or(String::new(), |seat| format!(" ({seat})"));
            let what = match vote {
                VoteKind::Go | VoteKind::Abstain => String::new(),
                VoteKind::NoGo { reason } => format!(": {reason}"),
                VoteKind::GoIf { condition, owner, .. } => format!(" {condition}; {owner}"),
            };
            let voice = if *by_voice { ", said by voice" } else { "" };
            told(after).alone(format!("{person}{seat} {}{what}{voice}", vote.word()))
        }
        PollEvent::Withdrawn { person } => {
            told(format!("withdrew the vote of {person}")).alone(format!("{person} took the vote back"))
        }
        PollEvent::ConditionMet { person, shows } => {
            told(format!("said that the condition of {person} is met: {shows}"))
                .alone(format!("condition of {person} met: {shows}"))
        }
        PollEvent::Declared { decision, reason, ask_again, .. } => {
            let (word, alone) = match decision {
                Decision::Go => ("declared GO", ""),
                Decision::NoGo => ("declared NO-GO", reason.as_str()),
            };
            let again = ask_again.map_or(String::new(), |at| format!("; asked again {}", utc(at)));
            told(format!("{}{again}", with(word, reason))).alone(with(word, alone))
        }
        PollEvent::GoExpired => told("let the GO expire").alone("the GO has expired"),
    }
}

/// `GO IF hotline staffed (mia, due …)`.
pub fn vote_words(vote: &VoteKind) -> String {
    match vote {
        VoteKind::Go | VoteKind::Abstain => vote.word().into(),
        VoteKind::NoGo { reason } => format!("NO-GO: {reason}"),
        VoteKind::GoIf { condition, owner, due } => {
            format!("GO IF {condition} ({owner}, due {})", utc(*due))
        }
    }
}
