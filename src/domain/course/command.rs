//! Commands on the session's course, and which rule answers each.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    CourseEvent, Ending, adopt, candidate, close, hold,
    hotfix::{self, FollowUp},
    supersede, watch,
};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    drill,
    effect::Candidate,
    event::Event,
    name::{Digest, PersonName, Version},
    operation,
    plan::Adopted,
    refusal::Refusal,
    rehearsal::Rehearsal,
    rollout,
    session::Session,
    time::{Now, WallTime},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CourseCommand {
    /// No new host, promotion or bake end.
    Hold {
        reason: String,
    },
    /// Lifts a hold.
    Continue,
    MoveGoLive {
        to: WallTime,
    },
    AdoptPlan {
        adopted: Arc<Adopted>,
    },
    /// Another build, or version, of what is taken live.
    AdoptCandidate {
        candidate: Candidate,
    },
    /// The conductor saw that the file differs from what was adopted (or no longer does).
    NoticeFile {
        digest: Digest,
    },
    OfferWatch {
        to: PersonName,
    },
    TakeWatch,
    /// The conductor says whether the watcher has a front end open.
    WatcherPresent {
        present: bool,
    },
    /// It skips what is named (bakes and windows where nothing is), and nothing else can be named.
    DeclareHotfix {
        reason: String,
        skips: Vec<String>,
        follow_up: FollowUp,
    },
    /// Another version takes its place, where the plan says that it may.
    Supersede {
        by: Version,
    },
    /// What a rehearsal has shown.
    NoteRehearsal(Box<Rehearsal>),
    Close,
    Abandon {
        reason: String,
    },
}

impl CourseCommand {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Hold { .. } => "hold",
            Self::Continue => "continue",
            Self::MoveGoLive { .. } => "open --at",
            Self::AdoptPlan { .. } | Self::AdoptCandidate { .. } => "plan adopt",
            Self::NoticeFile { .. } => "plan diff",
            Self::OfferWatch { .. } | Self::TakeWatch | Self::WatcherPresent { .. } => "watch",
            Self::DeclareHotfix { .. } => "open --hotfix",
            Self::Supersede { .. } => "open",
            Self::NoteRehearsal(_) => "rehearse",
            Self::Close => "close",
            Self::Abandon { .. } => "close --abandon",
        }
    }
}

pub fn decide(
    session: &Session,
    command: &CourseCommand,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    match command {
        CourseCommand::Hold { reason } => hold::decide_hold(session, reason, actor),
        CourseCommand::Continue => hold::decide_continue(session, actor, now),
        CourseCommand::MoveGoLive { to } => {
            access::may(session, actor, Act::Direct)?;
            if session.course.started.is_some() {
                return Err(Refusal::rule("the go-live has started", "nothing: the time is past"));
            }
            Ok(vec![Event::Course(CourseEvent::GoLiveMoved { to: *to })])
        }
        CourseCommand::AdoptPlan { adopted } => adopt::decide(session, adopted, actor, now),
        CourseCommand::AdoptCandidate { candidate } => candidate::decide(session, candidate, actor, now),
        CourseCommand::NoticeFile { digest } => Ok(adopt::notice_file(session, digest)),
        CourseCommand::OfferWatch { to } => watch::offer(session, to, actor),
        CourseCommand::TakeWatch => watch::take(session, actor),
        CourseCommand::WatcherPresent { present } => Ok(watch::present(session, *present)),
        CourseCommand::DeclareHotfix { reason, skips, follow_up } => {
            hotfix::decide(session, reason, skips, follow_up, actor, now)
        }
        CourseCommand::Supersede { by } => supersede::decide(session, by, actor, now),
        CourseCommand::NoteRehearsal(rehearsal) => {
            access::may(session, actor, Act::Record)?;
            rehearsal.bounded()?;
            let known = session.course.rehearsal.as_ref() == Some(rehearsal);
            let noted = Event::Course(CourseEvent::Rehearsed(rehearsal.clone()));
            Ok(if known { Vec::new() } else { vec![noted] })
        }
        CourseCommand::Close => close::decide(session, actor, now),
        CourseCommand::Abandon { reason } => {
            access::may(session, actor, Act::Decide)?;
            said_why(reason)?;
            nothing_looked_after(session)?;
            if session.rollout.any_touched() {
                return Err(Refusal::rule(
                    "hosts have been changed, so the session can't be abandoned",
                    "rolling back, or END AS IS with a reason",
                ));
            }
            if let Some(run) = rollout::once_to_take_back(session) {
                return Err(Refusal::rule(
                    format!("what runs once in {run} was begun, and is not taken back"),
                    "rolling back (R), or END AS IS with a reason",
                ));
            }
            let ending = Ending::Abandoned { reason: reason.trim().to_owned() };
            Ok(close::closing(session, ending))
        }
    }
}

/// No session ends while hosts are looked after, or a drill is under way.
pub(in crate::domain) fn nothing_looked_after(session: &Session) -> Result<(), Refusal> {
    let looked_after = operation::obstacle(session).or_else(|| operation::repairing(session));
    match looked_after.or_else(|| drill::under_way(session)) {
        None => Ok(()),
        Some(obstacle) => Err(Refusal::not_ready("the session can't end now", vec![obstacle])),
    }
}

/// A reason says something: a few letters, and not a word that stands for nothing.
pub fn said_why(reason: &str) -> Result<(), Refusal> {
    if crate::domain::checklist::says_nothing(reason) {
        return Err(Refusal::input("a reason is needed", "a sentence that somebody can read tomorrow"));
    }
    Ok(())
}
