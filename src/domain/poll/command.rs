//! Voting and declaring.

use serde::{Deserialize, Serialize};

use super::{Decision, PollEvent, VoteKind, reliance, seats, tally};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    course::said_why,
    event::Event,
    gate,
    name::{PersonName, RoleName},
    plan::Seat,
    refusal::Refusal,
    session::Session,
    time::{Now, WallTime},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PollCommand {
    Call,
    Vote {
        seat: Option<RoleName>,
        vote: VoteKind,
        /// On behalf of this person, who said it by voice.
        said_by: Option<PersonName>,
    },
    Withdraw,
    /// The condition of a person's GO IF is met.
    ConditionMet {
        person: PersonName,
        shows: String,
    },
    Declare {
        decision: Decision,
        reason: String,
        ask_again: Option<WallTime>,
    },
}

impl PollCommand {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Call => "vote call",
            Self::Vote { .. } => "vote",
            Self::Withdraw => "vote withdraw",
            Self::ConditionMet { .. } => "vote met",
            Self::Declare { .. } => "declare",
        }
    }
}

pub fn decide(
    session: &Session,
    command: &PollCommand,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let event = match command {
        PollCommand::Call => {
            access::may(session, actor, Act::Decide)?;
            if session.poll.called.is_some() {
                return Ok(Vec::new());
            }
            PollEvent::Called
        }
        PollCommand::Vote { seat, vote, said_by } => {
            cast(session, seat.as_ref(), vote, said_by.as_ref(), actor, now)?
        }
        PollCommand::Withdraw => {
            let person = &access::may(session, actor, Act::Record)?.name;
            not_started(session)?;
            if !session.poll.votes.contains_key(person) {
                return Err(Refusal::rule(format!("{person} has not voted"), "nothing"));
            }
            PollEvent::Withdrawn { person: person.clone() }
        }
        PollCommand::ConditionMet { person, shows } => met(session, person, shows, actor)?,
        PollCommand::Declare { decision, reason, ask_again } => {
            declare(session, *decision, reason, *ask_again, actor, now)?
        }
    };
    Ok(vec![Event::Poll(event)])
}

/// Votes are about starting; once it has started, HOLD and ROLL BACK are the words.
fn not_started(session: &Session) -> Result<(), Refusal> {
    if session.course.started.is_some() {
        return Err(Refusal::rule("the go-live has started: votes are past", "HOLD (H) or ROLL BACK (R)"));
    }
    Ok(())
}

fn cast(
    session: &Session,
    seat: Option<&RoleName>,
    vote: &VoteKind,
    said_by: Option<&PersonName>,
    actor: &Actor,
    now: Now,
) -> Result<PollEvent, Refusal> {
    let recorder = access::may(session, actor, Act::Record)?;
    not_started(session)?;
    let by_voice = said_by.is_some_and(|person| *person != recorder.name);
    let person = said_by.unwrap_or(&recorder.name);
    if by_voice {
        if !session.plan().poll.by_voice {
            let lift = format!("{person} voting themselves");
            return Err(Refusal::rule("this plan takes no votes by voice", lift));
        }
        access::may(session, actor, Act::Decide)?;
        if !session.plan().people.contains_key(person) {
            return Err(Refusal::input(format!("{person} is not in [people]"), "a person of the project"));
        }
    }
    let seats_of_poll = &session.plan().poll.seats;
    if let Some(role) = seat
        && !seats_of_poll.iter().any(|seat| seat.role == *role)
    {
        let roles: Vec<&str> = seats_of_poll.iter().map(|seat| seat.role.as_str()).collect();
        return Err(Refusal::input(format!("there is no seat of {role}"), roles.join(", ")));
    }
    let fits: Vec<&Seat> = seats_of_poll.iter().filter(|s| seat.is_none_or(|role| *role == s.role)).collect();
    if !fits.iter().any(|seat| seats::eligible(session, seat, person)) {
        return Err(if fits.iter().any(|seat| seats::barred(session, seat, person)) {
            let why = format!("{person} wrote or deploys this release, and this seat must differ");
            Refusal::access(why, "another person's vote")
        } else {
            Refusal::access(format!("{person} holds no such seat"), "the vote of somebody who does")
        });
    }
    check_vote(session, vote, now)?;
    Ok(PollEvent::Voted {
        person: person.clone(),
        seat: seat.cloned(),
        vote: vote.clone(),
        relies: Box::new(reliance(session, now)),
        by_voice,
    })
}

fn check_vote(session: &Session, vote: &VoteKind, now: Now) -> Result<(), Refusal> {
    match vote {
        VoteKind::NoGo { reason } => said_why(reason),
        VoteKind::GoIf { condition, owner, due } => {
            said_why(condition)?;
            if !session.plan().people.contains_key(owner) {
                return Err(Refusal::input(format!("{owner} is not in [people]"), "an owner from [people]"));
            }
            if *due <= now.wall {
                return Err(Refusal::input("the condition's due time is past", "a later time"));
            }
            Ok(())
        }
        VoteKind::Go | VoteKind::Abstain => Ok(()),
    }
}

fn met(session: &Session, person: &PersonName, shows: &str, actor: &Actor) -> Result<PollEvent, Refusal> {
    let recorder = access::may(session, actor, Act::Record)?;
    said_why(shows)?;
    let condition = session.poll.votes.get(person).and_then(|vote| match (&vote.kind, &vote.met) {
        (VoteKind::GoIf { owner, .. }, None) => Some(owner),
        _ => None,
    });
    let Some(owner) = condition else {
        return Err(Refusal::rule(format!("{person} has no open condition"), "nothing"));
    };
    if recorder.name != *person && recorder.name != *owner && !recorder.has("decider") {
        return Err(Refusal::access(
            format!("{} may not say that {person}'s condition is met", recorder.name),
            format!("{person}, {owner} or a decider"),
        ));
    }
    Ok(PollEvent::ConditionMet { person: person.clone(), shows: shows.trim().to_owned() })
}

fn declare(
    session: &Session,
    decision: Decision,
    reason: &str,
    ask_again: Option<WallTime>,
    actor: &Actor,
    now: Now,
) -> Result<PollEvent, Refusal> {
    access::may(session, actor, Act::Decide)?;
    not_started(session)?;
    match decision {
        Decision::Go => {
            let obstacles = gate::to_go(session, now);
            if !obstacles.is_empty() {
                return Err(Refusal::not_ready("GO can't be declared", obstacles));
            }
        }
        Decision::NoGo => {
            said_why(reason)?;
            if ask_again.is_some_and(|at| at <= now.wall) {
                return Err(Refusal::input("the date to ask again is past", "a later date"));
            }
        }
    }
    let line = |seat: &super::SeatStanding| {
        let person = seat.vote.as_ref().map_or("-", |vote| vote.person.as_str());
        let word = seat.vote.as_ref().map_or("no vote", |vote| vote.kind.word());
        format!("{}: {person} {word} {}", seat.role, seat.note).trim_end().to_owned()
    };
    let roll_call = tally(session, now).seats.iter().map(line).collect();
    Ok(PollEvent::Declared { decision, reason: reason.trim().to_owned(), ask_again, roll_call })
}
