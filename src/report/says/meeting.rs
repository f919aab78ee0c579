//! What people say in words: the checklist, and the poll.

use super::time::utc;
use crate::domain::{
    checklist::ChecklistEvent,
    poll::{Decision, PollEvent, VoteKind},
};

pub fn checklist(event: &ChecklistEvent) -> String {
    use ChecklistEvent as E;
    match event {
        E::Ticked { item, evidence: Some(evidence) } => format!("ticked {item}: {}", evidence.text),
        E::Ticked { item, evidence: None } => format!("ticked {item}"),
        E::Unticked { item } => format!("unticked {item}"),
        E::EvidenceGiven { item, evidence } => format!("gave evidence for {item}: {}", evidence.text),
        E::Answered { item, text } => format!("answered {item}: {text}"),
        E::MarkedNotApplicable { item, reason } => format!("marked {item} not applicable: {reason}"),
        E::WaiverAsked { item, reason, expires } => {
            format!("asked to waive {item} until {}: {reason}", utc(*expires))
        }
        E::WaiverApproved { item } => format!("approved the waiver of {item}"),
        E::Commented { item, text } => format!("commented on {item}: {text}"),
        E::Undone { item } => format!("took back the last record on {item}"),
    }
}

pub fn poll(event: &PollEvent) -> String {
    match event {
        PollEvent::Called => "called for votes".into(),
        PollEvent::Voted { person, seat, vote, by_voice, .. } => {
            let seat = seat.as_ref().map_or(String::new(), |seat| format!(" as {seat}"));
            let vote = vote_words(vote);
            if *by_voice {
                format!("recorded {person}'s vote{seat}, said by voice: {vote}")
            } else {
                format!("voted{seat} {vote}")
            }
        }
        PollEvent::Withdrawn { person } => format!("withdrew the vote of {person}"),
        PollEvent::ConditionMet { person, shows } => {
            format!("said that the condition of {person} is met: {shows}")
        }
        PollEvent::Declared { decision, reason, ask_again, .. } => {
            let word = match decision {
                Decision::Go => "GO",
                Decision::NoGo => "NO-GO",
            };
            let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            let again = ask_again.map_or(String::new(), |at| format!("; asked again {}", utc(at)));
            format!("declared {word}{reason}{again}")
        }
        PollEvent::GoExpired => "let the GO expire".into(),
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
