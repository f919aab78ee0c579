//! Go-lives that wait: taken into the project's stream, and the first of them opened once nothing stands before it. The
//! stream says what was opened, so that a conductor that is killed in between opens it once.

use std::time::Duration;

use tokio::task::JoinHandle;

use super::{host::Host, peer::Peer, people::actor, turn::Asker};
use crate::{
    clock::Clock,
    config,
    domain::{
        actor::Actor,
        effect::Candidate,
        name::{PersonName, Version},
        project::{
            Project, ProjectEvent, Queued,
            queue::{self, GoLive, Here, Next, Waits},
        },
        refusal::Refusal,
        session::Session,
    },
    engine::{EngineDirs, artifact},
    wire::QueuedInfo,
};

/// How long it may take to look at an artifact again.
const LOOK: Duration = Duration::from_mins(1);

/// How often it is looked at again where that failed, and how long after.
const AGAIN: u32 = 2;
const PAUSE: Duration = Duration::from_secs(2);

/// Who opens what was queued: no user has this id.
const QUEUE: u64 = u64::MAX - 1;

impl Host {
    /// For clients: who waits.
    pub fn queue(&self) -> Vec<QueuedInfo> {
        // Whoever is listed as a session waits no more.
        let published = self.hosted.as_ref().and_then(|hosted| hosted.published.as_deref());
        self.project.with(published, self.wall()).queue().iter().map(QueuedInfo::of).collect()
    }

    pub fn queues(
        &self,
        peer: &Peer,
        asked: GoLive,
        as_person: Option<&PersonName>,
    ) -> Result<(ProjectEvent, Actor), Refusal> {
        if !peer.own {
            let lift = "asking whoever runs the conductor";
            return Err(Refusal::access(format!("{} may not bring a plan", peer.login), lift));
        }
        let actor = actor(peer, &asked.adopted.plan, as_person)?;
        let event = queue::enter(&self.with_told(), self.open_session(), asked, &actor, &self.setup.machine)?;
        Ok((event, actor))
    }

    pub fn leaves_queue(
        &self,
        peer: &Peer,
        version: &Version,
        as_person: Option<&PersonName>,
    ) -> Result<(ProjectEvent, Actor), Refusal> {
        let project = self.with_told();
        let open = self.open_session();
        let plan = match open {
            Some(open) => Some(open.plan()),
            None => queue::place_of(&project, version).map(|(_, queued)| &queued.asked.adopted.plan),
        };
        let Some(plan) = plan else {
            return Err(Refusal::input(
                format!("{version} is not in the queue"),
                "golive sessions shows who is",
            ));
        };
        let actor = actor(peer, plan, as_person)?;
        Ok((queue::leave(&project, open, version, &actor)?, actor))
    }

    fn open_session(&self) -> Option<&Session> {
        let hosted = self.hosted.as_ref().map(|hosted| hosted.turn.session());
        hosted.filter(|session| !session.course.is_over())
    }

    /// With what was told and is not written yet: two who ask at once are not let in twice.
    fn with_told(&self) -> Project {
        let published = self.hosted.as_ref().and_then(|hosted| hosted.published.as_deref());
        self.project.with_told(published, self.wall())
    }

    /// Opens the first of the queue, or says why a person has to. Nothing while anything is open or not written yet.
    pub async fn open_queued(&mut self) {
        let open = self.opening.is_some() || self.open_session().is_some() || !self.unread.is_empty();
        let settled =
            self.hosted.as_ref().is_none_or(|hosted| hosted.turn.settled()) && self.project.settled();
        if open || !settled {
            return;
        }
        let Some(queued) = queue::due(&self.project.project).cloned() else {
            self.looking = None;
            return;
        };
        let Some(artifact) = self.looks(&queued).await else { return };
        let event = match self.next_queued(&queued, artifact) {
            Some(Next::Opens(request, by)) => match self.opens(&queued, *request, by).await {
                Ok(()) => return,
                Err(event) => event,
            },
            Some(Next::Waits(event)) => event,
            None => return,
        };
        self.project.tell(event, Actor::RULES);
        self.settle_project().await;
    }

    /// What lies there of the artifact now; none: somebody looks, and nobody waits for that meanwhile.
    async fn looks(&mut self, queued: &Queued) -> Option<Result<Candidate, String>> {
        let Some(mut look) = self.looking.take().filter(|look| look.of == *queued) else {
            let dirs = EngineDirs::new(self.setup.dir.clone(), self.setup.paths.engine());
            let task = tokio::spawn(looked_at(queued.clone(), dirs, self.clock.clone()));
            self.looking = Some(Look { of: queued.clone(), task });
            return None;
        };
        if !look.task.is_finished() {
            self.looking = Some(look);
            return None;
        }
        let found = (&mut look.task).await;
        Some(found.unwrap_or_else(|error| Err(format!("nobody could look: {error}"))))
    }

    fn next_queued(&self, queued: &Queued, artifact: Result<Candidate, String>) -> Option<Next> {
        let loaded = config::load(&self.setup.dir, self.setup.user_config.as_deref());
        let problem = |problems: &config::Problems| {
            let first = problems.to_string();
            first.lines().next().unwrap_or_default().to_owned()
        };
        let id = match self.new_id(queued.version().as_str()) {
            Ok(id) => id,
            Err(refusal) => return Some(Next::Waits(queue::refused(queued.version(), &refusal))),
        };
        let here = Here {
            machine: &self.setup.machine,
            now: self.wall(),
            file: loaded.as_ref().map(|loaded| &loaded.plan).map_err(problem),
            artifact,
            id,
        };
        queue::next(&self.project.project, &here)
    }

    async fn opens(
        &mut self,
        queued: &Queued,
        request: crate::domain::course::OpenRequest,
        by: Actor,
    ) -> Result<(), ProjectEvent> {
        let version = queued.version();
        let (id, adopted) = (request.id.clone(), request.adopted.clone());
        let published = self.hosted.as_ref().and_then(|hosted| hosted.published.as_deref());
        let project = self.project.with(published, self.wall());
        let event =
            match crate::domain::course::open_at(&project, request, queued.asked.strictness.as_ref(), &by) {
                Ok(event) => queue::by_itself(event, queued),
                Err(refusal) => return Err(queue::refused(version, &refusal)),
            };
        let asker = Asker { client: QUEUE, id: format!("{version} of {}", queued.at.0) };
        match self.begin(&id, event, &adopted, by, asker).await {
            Ok(outputs) => {
                tracing::info!(session = %id, "opened from the queue");
                self.carry(outputs).await;
                Ok(())
            }
            Err(why) => {
                tracing::error!(%version, %why, "the first of the queue was not opened");
                let lift = format!("golive open {version}");
                Err(queue::waiting(version, Waits { why: format!("it was not opened: {why}"), lift }))
            }
        }
    }

    /// Found to be over when a conductor starts, before the project's stream had heard of it.
    pub async fn tell_of_one_that_is_over(&mut self, session: &Session) {
        let wall = self.wall();
        let Some((events, batch)) = self.project.owed(Some(session), wall) else { return };
        let ticket = self.writer.append(batch, crate::journal::Class::Decision).await;
        match ticket.await {
            Ok(_) => self.project.durable(&events),
            Err(error) => {
                tracing::error!(%error, "the project's stream was not told of a session that is over");
                self.project.failed();
            }
        }
    }
}

/// Somebody looks at the artifact of the first of the queue.
pub struct Look {
    of: Queued,
    task: JoinHandle<Result<Candidate, String>>,
}

impl Drop for Look {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What lies there of it now; or why that is not known. One refused connection is no reason to call a person.
async fn looked_at(queued: Queued, dirs: EngineDirs, clock: Clock) -> Result<Candidate, String> {
    let (plan, version) = (&queued.asked.adopted.plan, queued.version().clone());
    let look = async {
        let mut again = 0;
        loop {
            match artifact::candidate(plan, version.clone(), &dirs, &clock).await {
                Ok(found) => return Ok(found),
                Err(not) if again == AGAIN => return Err(not.why),
                Err(_) => again += 1,
            }
            clock.sleep(PAUSE).await;
        }
    };
    let late = || Err(format!("it took longer than {} s", LOOK.as_secs()));
    clock.limit(LOOK, look).await.unwrap_or_else(late)
}
