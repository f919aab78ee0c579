//! The project's own stream: what a session's facts mean for the project, written after them. What a crash left
//! out is found missing, and written, when the session is taken up again.

use std::collections::VecDeque;

use crate::{
    domain::{
        actor::Actor,
        event::{Event, Stamped},
        project::{self, Project, ProjectEvent},
        session::Session,
        time::{Now, SessionTime, WallTime},
    },
    journal::{Answered, Batch, PROJECT},
    record::draft,
};

/// What was told, by whom, and whose command it was.
type Told = (ProjectEvent, Actor, Option<Answered>);

pub struct ProjectStream {
    pub project: Project,
    /// Under which it is written; or why the journal could not be when it was to be opened.
    epoch: Result<u32, String>,
    seq: u64,
    /// One append at a time: what is owed is asked anew once it is known how that ended.
    under_way: Option<Vec<Stamped>>,
    /// What somebody told the project, and is not put out yet.
    told: VecDeque<Told>,
}

impl ProjectStream {
    pub fn new(project: Project, epoch: Result<u32, String>, seq: u64) -> Self {
        Self { project, epoch, seq, under_way: None, told: VecDeque::new() }
    }

    /// Why its stream is still to be opened, where it is.
    pub fn unwritable(&self) -> Option<&str> {
        self.epoch.as_ref().err().map(String::as_str)
    }

    pub fn opened(&mut self, epoch: u32) {
        self.epoch = Ok(epoch);
    }

    /// To be written with what is owed next.
    pub fn tell(&mut self, event: ProjectEvent, actor: Actor) {
        self.told.push_back((event, actor, None));
    }

    /// The same of a command, whose answer is kept with it: who asks again, of a later conductor too, is told so.
    pub fn tell_by(&mut self, event: ProjectEvent, actor: Actor, by: Answered) {
        self.told.push_back((event, actor, Some(by)));
    }

    /// Whether all that was told is put out.
    pub fn all_told(&self) -> bool {
        self.told.is_empty()
    }

    /// What is to be appended now.
    pub fn owed(&mut self, session: Option<&Session>, wall: WallTime) -> Option<(Vec<Stamped>, Batch)> {
        let epoch = self.epoch.as_ref().ok().copied().filter(|_| self.under_way.is_none())?;
        let stamp = |((event, actor), seq)| Stamped {
            seq,
            now: Now { wall, session: SessionTime::default() },
            epoch,
            actor,
            event: Event::Project(event),
        };
        let owed = session.map(|session| project::owed(&self.project, session)).unwrap_or_default();
        let owed = owed.into_iter().map(|event| (event, Actor::RULES, None));
        let all: Vec<Told> = self.told.drain(..).chain(owed).collect();
        let mut answers = Vec::new();
        let mut events: Vec<Stamped> = Vec::new();
        for ((event, actor, by), seq) in all.into_iter().zip(self.seq + 1..) {
            answers.extend(by.map(|by| (by, seq)));
            events.push(stamp(((event, actor), seq)));
        }
        let drafts = events.iter().map(draft).collect::<Result<Vec<_>, _>>();
        match drafts {
            Ok(drafts) if !drafts.is_empty() => {
                self.under_way = Some(events.clone());
                Some((events, Batch { stream: PROJECT.into(), drafts, answers }))
            }
            Ok(_) => None,
            Err(error) => {
                tracing::error!(%error, "an event of the project can't be written");
                None
            }
        }
    }

    /// The project with what was told to its stream and is not written yet.
    pub fn with_told(&self, session: Option<&Session>, wall: WallTime) -> Project {
        let mut project = self.with(session, wall);
        let now = Now { wall, session: SessionTime::default() };
        for (event, actor, _) in &self.told {
            let (event, actor) = (Event::Project(event.clone()), actor.clone());
            project.apply(&Stamped { seq: self.seq, now, epoch: 0, actor, event });
        }
        project
    }

    /// The project with what is owed to its stream: the session's own record is ahead of it for a moment.
    pub fn with(&self, session: Option<&Session>, wall: WallTime) -> Project {
        let mut project = self.project.clone();
        self.under_way.iter().flatten().for_each(|event| project.apply(event));
        for event in session.map(|session| project::owed(&project, session)).unwrap_or_default() {
            let now = Now { wall, session: SessionTime::default() };
            let event = Event::Project(event);
            project.apply(&Stamped {
                seq: self.seq,
                now,
                epoch: *self.epoch.as_ref().unwrap_or(&0),
                actor: Actor::RULES,
                event,
            });
        }
        project
    }

    /// Whether all that it is to say is written.
    pub fn settled(&self) -> bool {
        self.under_way.is_none() && self.told.is_empty() && self.epoch.is_ok()
    }

    pub fn head(&self) -> u64 {
        self.seq
    }

    pub fn durable(&mut self, events: &[Stamped]) {
        self.under_way = None;
        for event in events {
            self.seq = event.seq;
            self.project.apply(event);
        }
    }

    /// Asked for again with the session's next fact.
    pub fn failed(&mut self) {
        self.under_way = None;
    }
}
