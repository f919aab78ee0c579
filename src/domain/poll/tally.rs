//! The computed result: how each seat stands, and what the votes put in the way of GO.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Decision, Vote, VoteKind, reliance, seats, stale_because};
use crate::domain::{
    name::{PersonName, RoleName},
    refusal::{Obstacle, ObstacleKind},
    session::Session,
    time::Now,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    pub seats: Vec<SeatStanding>,
    pub quorum: u32,
    /// Seats that count as GO.
    pub go: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeatStanding {
    pub role: RoleName,
    pub required: bool,
    pub veto: bool,
    /// Who holds it: who voted, else who is expected.
    pub person: Option<PersonName>,
    pub deputy: Option<PersonName>,
    pub state: SeatState,
    pub vote: Option<Vote>,
    /// One line beside the vote.
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeatState {
    Go,
    /// GO IF, its condition not met yet.
    Conditional,
    NoGo,
    Abstained,
    Stale,
    NoVote,
}

pub fn tally(session: &Session, now: Now) -> Tally {
    let current = reliance(session, now);
    let votes = &session.poll.votes;
    let people: BTreeMap<PersonName, Option<RoleName>> =
        votes.iter().map(|(person, vote)| (person.clone(), vote.seat.clone())).collect();
    let assigned = seats::assign(session, &people);
    let rules = &session.plan().poll;
    let mut seats = Vec::with_capacity(rules.seats.len());
    for (i, seat) in rules.seats.iter().enumerate() {
        let vote = assigned.get(&i).and_then(|person| votes.get(person));
        let stale = vote.and_then(|vote| stale_because(session, seat, vote, &current, now));
        let (state, note) = match (vote, stale) {
            (None, _) => (SeatState::NoVote, String::new()),
            // A NO-GO stands until it is taken back, whatever changes around it.
            (Some(vote), Some(why)) if !matches!(vote.kind, VoteKind::NoGo { .. }) => (SeatState::Stale, why),
            (Some(vote), _) => by_kind(vote, now),
        };
        let expected =
            session.plan().people.keys().find(|person| {
                seats::eligible(session, seat, person) && seat.deputy.as_ref() != Some(*person)
            });
        seats.push(SeatStanding {
            role: seat.role.clone(),
            required: seat.required,
            veto: seat.veto,
            person: vote.map(|vote| vote.person.clone()).or_else(|| expected.cloned()),
            deputy: seat.deputy.clone(),
            state,
            vote: vote.cloned(),
            note,
        });
    }
    let required = seats.iter().filter(|seat| seat.required).count() as u32;
    let go = seats.iter().filter(|seat| seat.state == SeatState::Go).count() as u32;
    Tally { quorum: rules.quorum.unwrap_or(required), go, seats }
}

fn by_kind(vote: &Vote, now: Now) -> (SeatState, String) {
    match &vote.kind {
        VoteKind::Go => (SeatState::Go, String::new()),
        VoteKind::NoGo { reason } => (SeatState::NoGo, reason.clone()),
        VoteKind::Abstain => (SeatState::Abstained, String::new()),
        VoteKind::GoIf { condition, owner, due } => match &vote.met {
            Some(shows) => (SeatState::Go, format!("{condition}: {shows}")),
            None if now.wall > *due => (SeatState::Conditional, format!("{condition}; {owner} is late")),
            None => (SeatState::Conditional, format!("{condition}; {owner}")),
        },
    }
}

impl Tally {
    /// What the votes put in the way of GO, in the order of the roll call.
    pub fn obstacles(&self) -> Vec<Obstacle> {
        let mut list: Vec<Obstacle> = self.seats.iter().filter_map(SeatStanding::obstacle).collect();
        if self.go < self.quorum && list.is_empty() {
            list.push(Obstacle {
                kind: ObstacleKind::Quorum,
                what: "quorum".into(),
                why: format!("{} of {} GO", self.go, self.quorum),
                lift: "more votes".into(),
                who: String::new(),
            });
        }
        list
    }
}

impl SeatStanding {
    fn obstacle(&self) -> Option<Obstacle> {
        let role = self.role.to_string();
        let vote_of = match (&self.person, &self.deputy) {
            (Some(person), Some(deputy)) if person != deputy => format!("vote of {person} or {deputy}"),
            (Some(person), _) | (None, Some(person)) => format!("vote of {person}"),
            (None, None) => format!("somebody with the role {role}"),
        };
        let (kind, why, lift) = match self.state {
            SeatState::NoGo if self.veto || self.required => {
                (ObstacleKind::NoGo(role), format!("NO-GO: {}", self.note), "its vote changed".into())
            }
            _ if !self.required => return None,
            SeatState::Conditional => {
                let why = format!("GO IF {}", self.note);
                (ObstacleKind::Seat(role), why, "the condition met (v)".into())
            }
            SeatState::Stale => {
                (ObstacleKind::Seat(role), format!("vote is stale: {}", self.note), "vote again".into())
            }
            SeatState::NoVote => (ObstacleKind::Seat(role), "no vote".into(), vote_of),
            SeatState::Abstained => {
                (ObstacleKind::Seat(role), "abstained, and the seat is required".into(), vote_of)
            }
            SeatState::Go | SeatState::NoGo => return None,
        };
        let who = self.person.as_ref().map_or(String::new(), ToString::to_string);
        Some(Obstacle { kind, what: self.role.to_string(), why, lift, who })
    }
}

/// Whether a declared GO still counts.
pub fn go_valid(session: &Session, now: Now) -> bool {
    session.poll.declared.as_ref().is_some_and(|declared| {
        declared.decision == Decision::Go
            && !declared.expired
            && now.wall.since(declared.at.wall) <= session.plan().poll.go_expires
    })
}
