//! Facts about the project across sessions, and their folded state.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{
    attempts,
    left::Left,
    queue::{self, GoLive, Queued, Waits},
};
use crate::domain::{
    course::{Ending, Mode, Phase},
    drill::{AttemptLine, Book, Note},
    effect::Candidate,
    event::{Event, Stamped},
    name::{DrillName, EnvironmentName, SessionId, Version},
    plan::{Plan, Primaries, Primary},
    rehearsal::Rehearsal,
    rollout::{self, Learned, Times},
    session::Session,
    time::WallTime,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProjectEvent {
    SessionOpened {
        id: SessionId,
        candidate: Candidate,
        mode: Mode,
    },
    SessionEnded {
        id: SessionId,
        ending: Ending,
        /// What it was about in the end, where another was adopted on the way.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        candidate: Option<Candidate>,
        /// Whether hosts were changed, in whatever environment.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        changed: bool,
    },
    /// Verified in a go-live: what a rollback in this environment may go back to.
    ReleaseProven {
        environment: EnvironmentName,
        candidate: Candidate,
        session: SessionId,
    },
    /// How long its hosts took in a session that is over: what the next one expects.
    HostsTimed {
        environment: EnvironmentName,
        session: SessionId,
        times: Times,
    },
    /// What a session that is over leaves behind for the next one: it stands in place of what was left before.
    SessionLeft {
        session: SessionId,
        left: Box<Left>,
    },
    /// A plan was rehearsed: what the next go-live of these steps expects where nothing else was seen.
    Rehearsed(Box<Rehearsal>),
    /// Another cloud is primary than the plan declared.
    PrimarySwitched {
        environment: EnvironmentName,
        session: SessionId,
        primary: Primary,
    },
    EnvironmentLocked {
        environment: EnvironmentName,
        session: SessionId,
        candidate: Candidate,
    },
    EnvironmentUnlocked {
        environment: EnvironmentName,
        session: SessionId,
    },
    /// An adopted plan has a drill that was not known before: it is due from now on.
    DrillDeclared {
        drill: DrillName,
        session: SessionId,
    },
    /// An attempt has come to its end.
    DrillAttempted {
        drill: DrillName,
        attempt: Box<AttemptLine>,
    },
    /// What was mended after an attempt that did not pass.
    DrillNoted {
        drill: DrillName,
        attempt: u32,
        note: Note,
    },
    /// A go-live waits for the end of the one that is open.
    GoLiveQueued(Box<GoLive>),
    /// Somebody took it out of the queue.
    QueueLeft {
        version: Version,
    },
    /// It was its turn, and a person has to say first that it is opened.
    QueueWaits {
        version: Version,
        waits: Waits,
    },
}

/// Earlier proven releases that are kept in mind: more than one, since a way back takes one away.
const EARLIER: usize = 4;
/// Sessions from which it is learned how long hosts take: the last ones, since services change.
const TIMED: usize = 5;

/// What the project itself is told, whether or not a session is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProjectCommand {
    NoteRehearsal(Box<Rehearsal>),
    /// A go-live that waits for the end of the one that is open.
    Queue(Box<GoLive>),
    LeaveQueue {
        version: Version,
    },
}

/// The folded project stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Project {
    pub sessions: Vec<SessionLine>,
    proven: BTreeMap<EnvironmentName, (Candidate, SessionId)>,
    /// What was proven before that, the newest first: who deploys again what is live goes back to it.
    #[serde(default)]
    before: BTreeMap<EnvironmentName, Vec<Candidate>>,
    /// How long hosts took in the last sessions, the newest last.
    #[serde(default)]
    timed: BTreeMap<EnvironmentName, VecDeque<(SessionId, Times)>>,
    /// The cloud that is primary, where golive has switched it.
    #[serde(default)]
    primaries: Primaries,
    pub locks: BTreeMap<EnvironmentName, SessionId>,
    /// The last one.
    #[serde(default)]
    rehearsal: Option<Box<Rehearsal>>,
    /// What the last session left, and which it was.
    #[serde(default)]
    left: Option<(SessionId, Box<Left>)>,
    #[serde(default)]
    pub drills: Book,
    /// Go-lives that wait, in their order.
    #[serde(default)]
    queue: Vec<Queued>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionLine {
    pub id: SessionId,
    pub candidate: Candidate,
    pub mode: Mode,
    pub opened: WallTime,
    pub ending: Option<Ending>,
    /// Of one that has ended: whether hosts were changed.
    #[serde(default)]
    pub changed: bool,
}

impl Project {
    pub fn apply(&mut self, at: &Stamped) {
        let Event::Project(event) = &at.event else { return };
        queue::apply(&mut self.queue, event, at);
        match event {
            ProjectEvent::SessionOpened { id, candidate, mode } => self.sessions.push(SessionLine {
                id: id.clone(),
                candidate: candidate.clone(),
                mode: *mode,
                opened: at.now.wall,
                ending: None,
                changed: false,
            }),
            ProjectEvent::SessionEnded { id, ending, candidate, changed } => {
                if let Some(line) = self.sessions.iter_mut().find(|line| line.id == *id) {
                    line.ending = Some(ending.clone());
                    line.changed = *changed;
                    if let Some(candidate) = candidate {
                        line.candidate = candidate.clone();
                    }
                }
            }
            ProjectEvent::ReleaseProven { environment, candidate, session } => {
                let was = self.proven.insert(environment.clone(), (candidate.clone(), session.clone()));
                let before = self.before.entry(environment.clone()).or_default();
                before.retain(|earlier| earlier != candidate);
                // Within one session it is the way back: what it replaces was given up.
                if let Some((was, _)) = was.filter(|(was, by)| was != candidate && by != session) {
                    before.retain(|earlier| *earlier != was);
                    before.insert(0, was);
                    before.truncate(EARLIER);
                }
            }
            ProjectEvent::HostsTimed { environment, session, times } => {
                let timed = self.timed.entry(environment.clone()).or_default();
                timed.push_back((session.clone(), times.clone()));
                while timed.len() > TIMED {
                    timed.pop_front();
                }
            }
            ProjectEvent::SessionLeft { session, left } => self.left = Some((session.clone(), left.clone())),
            ProjectEvent::Rehearsed(rehearsal) => {
                if rehearsal.counts() {
                    self.rehearsal = Some(rehearsal.clone());
                }
            }
            ProjectEvent::PrimarySwitched { environment, primary, .. } => {
                self.primaries.insert(environment.clone(), primary.clone());
            }
            ProjectEvent::EnvironmentLocked { environment, session, .. } => {
                self.locks.insert(environment.clone(), session.clone());
            }
            ProjectEvent::EnvironmentUnlocked { environment, .. } => {
                self.locks.remove(environment);
            }
            ProjectEvent::DrillDeclared { drill, .. } => self.drills.declared(drill, at.now.wall),
            ProjectEvent::DrillAttempted { drill, attempt } => self.drills.attempted(drill, attempt),
            ProjectEvent::DrillNoted { drill, attempt, note } => {
                self.drills.noted(drill, *attempt, note.clone());
            }
            ProjectEvent::GoLiveQueued(_)
            | ProjectEvent::QueueLeft { .. }
            | ProjectEvent::QueueWaits { .. } => {}
        }
    }

    pub fn open_session(&self) -> Option<&SessionLine> {
        self.sessions.iter().rev().find(|line| line.ending.is_none())
    }

    /// Go-lives that wait for the end of the one that is open, the next one first.
    pub fn queue(&self) -> &[Queued] {
        &self.queue
    }

    pub fn session(&self, id: &SessionId) -> Option<&SessionLine> {
        self.sessions.iter().find(|line| line.id == *id)
    }

    pub fn proven(&self, environment: &EnvironmentName) -> Option<&Candidate> {
        self.proven.get(environment).map(|(candidate, _)| candidate)
    }

    /// The release proven before the last one.
    pub fn proven_before(&self, environment: &EnvironmentName) -> Option<&Candidate> {
        self.before.get(environment)?.first()
    }

    /// What is expected of the hosts of an environment by the last sessions there.
    pub fn learned(&self, environment: &EnvironmentName) -> Option<Learned> {
        Learned::of(self.timed.get(environment)?.iter().map(|(_, times)| times))
    }

    /// What the last session left behind for the next one.
    pub fn left(&self) -> Left {
        self.left.as_ref().map(|(_, left)| (**left).clone()).unwrap_or_default()
    }

    /// The last rehearsal, of whatever plan.
    pub fn rehearsal(&self) -> Option<&Rehearsal> {
        self.rehearsal.as_deref()
    }

    /// Who is primary in the environments of this plan, where golive has switched it.
    pub fn primaries(&self, plan: &Plan) -> Primaries {
        // Who edits the roles after a switch says who is primary.
        let known = self.primaries.iter().filter(|(name, primary)| primary.stands(plan, name));
        known.map(|(name, primary)| (name.clone(), primary.clone())).collect()
    }

    fn timed_by(&self, environment: &EnvironmentName, session: &SessionId) -> bool {
        self.timed.get(environment).is_some_and(|timed| timed.iter().any(|(by, _)| by == session))
    }

    fn proven_by(&self, environment: &EnvironmentName, session: &SessionId) -> bool {
        self.proven.get(environment).is_some_and(|(_, by)| by == session)
    }
}

/// Who is primary by now, where the project's stream says otherwise.
fn switched(project: &Project, session: &Session, environment: &EnvironmentName) -> Option<ProjectEvent> {
    let cloud = session.rollout.primaries.get(environment)?;
    let here = session.plan().environments.get(environment)?;
    // What the file says: an earlier switch stands beside it.
    let declared = match session.course.primaries.get(environment) {
        Some(earlier) => &earlier.declared,
        None => here.primary()?,
    };
    let primary = Primary { cloud: cloud.clone(), declared: declared.clone() };
    let (environment, session) = (environment.clone(), session.course.id.clone());
    (project.primaries.get(&environment) != Some(&primary)).then_some(ProjectEvent::PrimarySwitched {
        environment,
        session,
        primary,
    })
}

/// What the project's stream should say about a session and does not yet. Asked after every durable batch and
/// when a conductor starts, so that a crash between the two streams loses nothing.
pub fn owed(project: &Project, session: &Session) -> Vec<ProjectEvent> {
    let course = &session.course;
    let id = &course.id;
    let mut owed = Vec::new();
    let line = project.session(id);
    if line.is_none() {
        owed.push(ProjectEvent::SessionOpened {
            id: id.clone(),
            candidate: course.release.candidate.clone(),
            mode: course.release.mode,
        });
    }
    // What the project had when the session was opened is no newer than what it has now.
    if let Some(rehearsal) = &course.rehearsal
        && project.rehearsal().is_none_or(|known| known.at < rehearsal.at)
    {
        owed.push(ProjectEvent::Rehearsed(rehearsal.clone()));
    }
    for environment in session.plan().environments.keys() {
        let busy = session.pipeline.busy_in(environment) && !course.is_over();
        let locked = project.locks.get(environment) == Some(id);
        if busy && !locked {
            owed.push(ProjectEvent::EnvironmentLocked {
                environment: environment.clone(),
                session: id.clone(),
                candidate: course.release.candidate.clone(),
            });
        } else if locked && course.is_over() {
            owed.push(ProjectEvent::EnvironmentUnlocked {
                environment: environment.clone(),
                session: id.clone(),
            });
        }
        owed.extend(switched(project, session, environment));
        // Verified first and rolled back after all: what runs again is what a later rollback goes back to.
        let back =
            session.rollout.rollbacks.get(environment).filter(|back| back.ended.is_some() && !back.narrow);
        if let Some(back) = back
            && project.proven(environment) == Some(&course.release.candidate)
        {
            owed.push(ProjectEvent::ReleaseProven {
                environment: environment.clone(),
                candidate: back.to.clone(),
                session: id.clone(),
            });
        }
        // What is live was verified, on every host of the environment: what failed on one of them is not proven good.
        let verified = (matches!(course.phase, Phase::Verified)
            || matches!(course.ending, Some(Ending::Verified | Ending::Partial { .. })))
            && rollout::everywhere(session, environment);
        let deployed = session.pipeline.busy_in(environment);
        if course.is_over()
            && deployed
            && !project.timed_by(environment, id)
            && let Some(times) = rollout::times(session, environment)
        {
            owed.push(ProjectEvent::HostsTimed {
                environment: environment.clone(),
                session: id.clone(),
                times,
            });
        }
        if verified && deployed && !project.proven_by(environment, id) {
            owed.push(ProjectEvent::ReleaseProven {
                environment: environment.clone(),
                candidate: course.release.candidate.clone(),
                session: id.clone(),
            });
        }
    }
    if let Some(left) = Left::by(session)
        && project.left.as_ref().map_or_else(|| !left.is_empty(), |(by, _)| by != id)
    {
        owed.push(ProjectEvent::SessionLeft { session: id.clone(), left: Box::new(left) });
    }
    owed.extend(attempts::owed(project, session));
    if let Some(ending) = &course.ending
        && line.is_none_or(|line| line.ending.is_none())
    {
        let last = &course.release.candidate;
        owed.push(ProjectEvent::SessionEnded {
            id: id.clone(),
            ending: ending.clone(),
            candidate: line.is_some_and(|line| line.candidate != *last).then(|| last.clone()),
            changed: session.rollout.any_touched() || rollout::any_once_begun(session),
        });
    }
    owed
}
