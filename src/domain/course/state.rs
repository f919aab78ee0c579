//! The folded state of a session's course.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    CourseEvent, Ending, Opened, Phase, Release, SleepGuard,
    hotfix::Hotfix,
    strictness::Chosen,
    supersede::{self, Superseded},
};
use crate::domain::{
    effect::{Candidate, Outcome},
    event::Stamped,
    name::{Digest, EnvironmentName, PersonName, SessionId},
    plan::{Adopted, Primaries, Profile},
    project::Left,
    rehearsal::Rehearsal,
    rollout::{self, Direction, Learned},
    session::Session,
    signal,
    time::{Now, SessionTime, Span, WallTime},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Course {
    pub id: SessionId,
    pub release: Release,
    /// The candidate before this one, and when it was replaced.
    pub previous: Option<(Candidate, Now)>,
    pub opened: Now,
    pub opened_by: Option<PersonName>,
    pub go_live: WallTime,
    /// T-0: when the stage the poll stands before was started.
    pub started: Option<Now>,
    pub adopted: Arc<Adopted>,
    /// Who is primary where golive switched it in an earlier session.
    #[serde(default)]
    pub primaries: Primaries,
    pub differs: Option<Digest>,
    pub proven: BTreeMap<EnvironmentName, Candidate>,
    #[serde(default)]
    pub proven_before: BTreeMap<EnvironmentName, Candidate>,
    /// What the session before this one left behind.
    #[serde(default)]
    pub left: Left,
    /// How long hosts took in earlier sessions.
    #[serde(default)]
    pub learned: BTreeMap<EnvironmentName, Learned>,
    /// The last rehearsal of the project.
    #[serde(default)]
    pub rehearsal: Option<Box<Rehearsal>>,
    pub machine: String,
    /// What it skips, and why; none: it is no hotfix.
    #[serde(default)]
    pub hotfix: Option<Box<Hotfix>>,
    /// How strict it is; none: all that the plan says.
    #[serde(default)]
    pub strictness: Option<Box<Chosen>>,
    /// Another version takes its place; none: it goes on.
    #[serde(default)]
    pub superseded: Option<Superseded>,
    /// As the conductor found it; none: not yet.
    pub sleep: Option<SleepGuard>,
    pub phase: Phase,
    pub hold: Option<Hold>,
    /// When somebody last let go on what waited for a person.
    #[serde(default)]
    pub went_on: Option<Now>,
    /// Session time spent held, ended holds only.
    pub held_total: Span,
    pub watch: Watch,
    pub ending: Option<Ending>,
    pub last_refusal: Option<(SessionTime, String)>,
    /// Observations made before this are stale.
    pub stale_before: SessionTime,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    pub by: Option<PersonName>,
    pub reason: String,
    pub at: Now,
}

/// Who is responsible for looking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    pub by: Option<PersonName>,
    pub offered_to: Option<PersonName>,
    /// The watcher's last front end went away.
    pub gone_since: Option<Now>,
}

impl Course {
    pub fn new(opened: &Opened, at: &Stamped) -> Self {
        Self {
            id: opened.id.clone(),
            release: opened.release.clone(),
            previous: None,
            opened: at.now,
            opened_by: at.actor.person().cloned(),
            go_live: opened.go_live,
            started: None,
            adopted: with(&opened.adopted, &opened.primaries, opened.strictness.as_deref()),
            strictness: opened.strictness.clone(),
            primaries: opened.primaries.clone(),
            differs: None,
            proven: opened.proven.clone(),
            proven_before: opened.proven_before.clone(),
            left: opened.left.clone(),
            learned: opened.learned.clone(),
            rehearsal: opened.rehearsal.clone(),
            machine: opened.machine.clone(),
            hotfix: None,
            superseded: None,
            sleep: None,
            phase: Phase::Preparing,
            hold: None,
            went_on: None,
            held_total: Span::ZERO,
            watch: Watch::default(),
            ending: None,
            last_refusal: None,
            stale_before: SessionTime::default(),
        }
    }

    /// Session time that was not held: what deadlines run on.
    pub fn active(&self, now: SessionTime) -> SessionTime {
        let current = self.hold.as_ref().map_or(Span::ZERO, |hold| now.since(hold.at.session));
        SessionTime(now.0.saturating_sub(self.held_total.0).saturating_sub(current.0))
    }

    /// It was lifted, or the release has come to an end past which nothing is left to hold.
    pub(in crate::domain) fn end_hold(&mut self, now: Now) {
        if let Some(hold) = self.hold.take() {
            self.held_total = Span(self.held_total.0 + now.session.since(hold.at.session).0);
        }
    }

    /// The time that a lane's deadlines run on. A hold does not stop the way back.
    pub fn lane_clock(&self, direction: Direction, now: SessionTime) -> SessionTime {
        match direction {
            Direction::Forward => self.active(now),
            Direction::Back => now,
        }
    }

    pub fn is_over(&self) -> bool {
        self.ending.is_some()
    }
}

/// The plan with who is primary by now, and without what its profile leaves out.
fn with(adopted: &Arc<Adopted>, primaries: &Primaries, chosen: Option<&Chosen>) -> Arc<Adopted> {
    let adopted = adopted.with_primaries(primaries);
    match chosen {
        Some(chosen) if chosen.profile != Profile::Strict => Arc::new(adopted.at(chosen.profile)),
        _ => adopted,
    }
}

pub fn apply(session: &mut Session, event: &CourseEvent, at: &Stamped) {
    let course = &mut session.course;
    match event {
        CourseEvent::Opened(_) | CourseEvent::Ticked | CourseEvent::GlassSealed { .. } => {}
        CourseEvent::Reopened { .. } => {
            course.stale_before = at.now.session;
            session.reopened(at);
        }
        CourseEvent::SuspendSeen { .. } => {
            course.stale_before = at.now.session;
            session.observations_stale();
        }
        CourseEvent::SleepGuarded { guard } => course.sleep = Some(guard.clone()),
        // A GO expires by the wall clock, and windows open and close by it.
        CourseEvent::WallJumped { .. } => {
            session.mark_course();
            session.mark_pipeline();
        }
        CourseEvent::GoLiveMoved { to } => course.go_live = *to,
        CourseEvent::HotfixDeclared { reason, skips, follow_up } => {
            super::hotfix::declared(session, reason, skips, follow_up, at);
        }
        CourseEvent::Rehearsed(rehearsal) => {
            if rehearsal.counts() {
                course.rehearsal = Some(rehearsal.clone());
            }
        }
        CourseEvent::Superseded { by } => supersede::said(session, by, at),
        CourseEvent::PlanDiffers { file } => course.differs.clone_from(file),
        CourseEvent::PlanAdopted { adopted, .. } => {
            let review = course.hotfix.as_ref().map(|hotfix| hotfix.with_review(adopted));
            course.primaries.retain(|name, primary| primary.stands(&adopted.plan, name));
            let read = review.as_ref().unwrap_or(adopted);
            course.adopted = with(read, &course.primaries, course.strictness.as_deref());
            course.differs = None;
            session.plan_changed();
        }
        CourseEvent::CandidateAdopted { candidate, was, .. } => {
            super::candidate::adopted(session, candidate, was, at);
        }
        CourseEvent::Held { reason } => {
            course.hold = Some(Hold { by: at.actor.person().cloned(), reason: reason.clone(), at: at.now });
            session.mark_pipeline();
        }
        CourseEvent::Continued => {
            course.end_hold(at.now);
            course.went_on = Some(at.now);
            session.hold_lifted(at);
        }
        CourseEvent::WatchOffered { to } => course.watch.offered_to = Some(to.clone()),
        CourseEvent::WatchTaken { by } => {
            course.watch = Watch { by: Some(by.clone()), offered_to: None, gone_since: None };
            session.mark_notices();
        }
        CourseEvent::WatcherGone => {
            course.watch.gone_since = Some(at.now);
            session.mark_notices();
        }
        CourseEvent::WatcherBack => course.watch.gone_since = None,
        CourseEvent::WentLive => {
            course.phase = Phase::LiveUnverified;
            session.mark_pipeline();
        }
        CourseEvent::Verified { .. } => {
            course.phase = Phase::Verified;
            course.end_hold(at.now);
            session.mark_locks();
        }
        CourseEvent::Closed { ending } => {
            course.ending = Some(ending.clone());
            course.phase = Phase::Closed;
            // They have been asked to end, and what they still say changes nothing.
            for look in session.flights.take_looks() {
                signal::ended(session, &look.effect.id, &Outcome::Cancelled);
            }
            rollout::closed(session);
            session.mark_everything();
        }
        CourseEvent::Refused { reason, .. } => {
            course.last_refusal = Some((at.now.session, reason.clone()));
        }
    }
}
