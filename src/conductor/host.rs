//! The loop's state, and what it does with each output of the turn.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use futures::{
    future::BoxFuture,
    stream::{FuturesOrdered, FuturesUnordered},
};
use tokio::task::JoinHandle;

use super::{
    awake::Awake,
    catching_up::Caught,
    clients::Clients,
    hosted::Hosted,
    project::ProjectStream,
    queue::Look,
    samples::Samples,
    serve::LiveHub,
    setup::Setup,
    turn::{Act, Asker, Input, Output},
    urgent::Urgently,
};
use crate::{
    clock::Clock,
    domain::{
        course::CourseEvent,
        effect::Report,
        event::{Event, Stamped},
        time::WallTime,
    },
    journal::{Answered, AppendError, Batch, Class, Durable, Reader, Writer},
    record::draft,
    wire::{Answer, CommandId, Present, ToClient},
};

/// Events that are put out and not published yet, before reports have to wait: a decision is written, and answered,
/// after all of them.
const UNPUBLISHED: usize = 1_024;

/// Where an answer goes.
#[derive(Debug)]
pub enum Waiting {
    Client(u64, CommandId),
    Urgent(Urgently),
}

/// What was appended, and came back.
pub enum Written {
    /// Of the session; appends of an older generation do not count any more.
    Session(u64, Result<Durable, AppendError>),
    Project(Vec<Stamped>, Result<Durable, AppendError>),
}

pub struct Host {
    pub setup: Setup,
    pub clock: Clock,
    pub writer: Writer,
    pub reader: Reader,
    pub project: ProjectStream,
    pub hosted: Option<Hosted>,
    /// Sessions that this build can't read, and why.
    pub unread: HashMap<String, String>,
    pub clients: Clients,
    pub hub: LiveHub,
    pub waiting: HashMap<Asker, Waiting>,
    /// Who told the project something, and is answered once that is written.
    pub noting: Vec<(u64, CommandId)>,
    /// The session that is being opened, and who asked.
    pub opening: Option<(u64, CommandId)>,
    /// At the artifact of the first of the queue.
    pub looking: Option<Look>,
    pub written: FuturesOrdered<BoxFuture<'static, Written>>,
    pub generation: u64,
    /// Another conductor writes now: this one must end.
    pub fenced: bool,
    pub since: WallTime,
    /// Clients that are sent what there was before they came.
    pub catching_up: FuturesUnordered<JoinHandle<Caught>>,
    /// Counts commands that the conductor gives itself.
    pub own: u64,
    /// For how many beats the watch has been attended otherwise than the session says.
    pub watch_differs: u32,
    /// What keeps the machine from falling asleep while anything is rolling.
    pub awake: Awake,
    /// Since when the journal can't be written.
    pub unwritable_since: Option<WallTime>,
    /// Who was there when clients were last told.
    pub present: Vec<Present>,
    /// The latest of what is measured.
    pub samples: Samples,
}

impl Host {
    pub fn wall(&self) -> WallTime {
        WallTime(self.clock.read().wall)
    }

    /// Gives the turn something, and carries out what follows.
    pub async fn give(&mut self, input: Input) {
        let Some(hosted) = &mut self.hosted else { return };
        let now = hosted.hours.now();
        let outputs = hosted.turn.handle(input, now);
        self.carry(outputs).await;
    }

    /// Whether so little is still to be written and published that more may be put out. Whoever reports waits
    /// meanwhile; whoever decides does not.
    pub fn has_room(&self) -> bool {
        self.hosted.as_ref().is_none_or(|hosted| hosted.events.len() < UNPUBLISHED)
    }

    /// Reports that came together: what follows from them is one append, and one message to each client.
    pub async fn give_reports(&mut self, reports: &mut Vec<Report>) {
        let Some(hosted) = &mut self.hosted else { return reports.clear() };
        let now = hosted.hours.now();
        let outputs = hosted.turn.reports(reports.drain(..), now);
        self.carry(outputs).await;
    }

    pub async fn carry(&mut self, outputs: Vec<Output>) {
        let mut outputs = VecDeque::from(outputs);
        while let Some(output) = outputs.pop_front() {
            match output {
                Output::Append { events, decision, answers } => self.append(events, decision, answers).await,
                Output::Fallback { events, answers } => {
                    let input = self.write_aside(events, answers);
                    if let Some(hosted) = &mut self.hosted {
                        let now = hosted.hours.now();
                        outputs.extend(hosted.turn.handle(input, now));
                    }
                }
                Output::Act(act) => self.act(act),
                Output::Reply { asker, answer } => self.reply(&asker, answer.map(|seq| Answer::Done { seq })),
                Output::Publish { last } => {
                    // What becomes durable together is told together.
                    if !matches!(outputs.front(), Some(Output::Publish { .. })) {
                        self.publish(last).await;
                    }
                }
                Output::Refold => outputs.extend(Box::pin(self.refold()).await),
            }
        }
    }

    async fn append(&mut self, events: Vec<Stamped>, decision: bool, answers: Vec<(Asker, u64)>) {
        let Some(hosted) = &mut self.hosted else { return };
        let generation = self.generation;
        let drafts: Result<Vec<_>, _> = events.iter().map(draft).collect();
        hosted.events.extend(events);
        // Where much waits already, the rest waits for it and not for the time that observations may take.
        let at_once = decision || hosted.events.len() >= UNPUBLISHED / 2;
        let class = if at_once { Class::Decision } else { Class::Observation };
        match drafts {
            Ok(drafts) => {
                let batch = Batch {
                    stream: hosted.stream.clone(),
                    drafts,
                    answers: answers
                        .into_iter()
                        .map(|(Asker { client, id }, seq)| (Answered { client, id }, seq))
                        .collect(),
                };
                let ticket = self.writer.append(batch, class).await;
                self.written.push_back(Box::pin(async move { Written::Session(generation, ticket.await) }));
            }
            Err(why) => {
                let failed = Err(AppendError::Failed(why.to_string()));
                self.written.push_back(Box::pin(async move { Written::Session(generation, failed) }));
            }
        }
    }

    fn act(&mut self, act: Act) {
        let Some(hosted) = &mut self.hosted else { return };
        match act {
            Act::Start { effect, epoch } => hosted.engine.start(Arc::unwrap_or_clone(effect), epoch),
            Act::Cancel(id) => hosted.engine.cancel(&id),
            Act::CancelAll => hosted.engine.cancel_all(),
        }
    }

    pub fn reply(&mut self, asker: &Asker, answer: Result<Answer, crate::domain::refusal::Refusal>) {
        let answer = answer.unwrap_or_else(Answer::Refused);
        match self.waiting.remove(asker) {
            Some(Waiting::Client(client, id)) => {
                self.clients.tell(client, &ToClient::Answer { id, answer: Box::new(answer) });
            }
            Some(Waiting::Urgent(urgently)) => self.reply_urgently(urgently, answer),
            None => {}
        }
    }

    async fn publish(&mut self, last: u64) {
        let Some(hosted) = &mut self.hosted else { return };
        let (facts, frames) = hosted.publish(last);
        let id = hosted.id.clone();
        for frame in &frames {
            self.clients.publish(&id, frame);
        }
        let mut course = false;
        for fact in &facts {
            match &fact.event {
                Event::Course(CourseEvent::PlanAdopted { adopted, .. }) => {
                    if let Some(hosted) = &self.hosted {
                        hosted.engine.replace_plan(Arc::clone(adopted));
                    }
                    course = true;
                }
                Event::Course(_) | Event::Pipeline(_) | Event::Drill(_) => course = true,
                _ => {}
            }
        }
        if course {
            self.settle_project().await;
            self.people_changed();
        }
    }

    /// Writes what the project's stream should say about the session and does not yet.
    pub async fn settle_project(&mut self) {
        let session = self.hosted.as_ref().and_then(|hosted| hosted.published.as_deref());
        let wall = WallTime(self.clock.read().wall);
        let Some((events, batch)) = self.project.owed(session, wall) else { return };
        let ticket = self.writer.append(batch, Class::Decision).await;
        self.written.push_back(Box::pin(async move { Written::Project(events, ticket.await) }));
    }

    pub async fn came_back(&mut self, written: Written) {
        match written {
            Written::Project(events, Ok(_)) => {
                self.project.durable(&events);
                // Whoever is answered has been told before who is there and what waits.
                self.people_changed();
                self.say_noted(None);
                self.say_opened();
                self.settle_project().await;
                self.open_queued().await;
            }
            Written::Project(_, Err(error)) => {
                tracing::error!(%error, "the project's stream was not written");
                self.project.failed();
                self.say_noted(Some(&error.to_string()));
                self.say_opened();
                self.fenced |= matches!(error, AppendError::Fenced { .. });
            }
            Written::Session(generation, _) if generation != self.generation => {}
            Written::Session(_, Ok(durable)) => {
                let seq = durable.head.seq;
                if let Some(hosted) = &mut self.hosted {
                    hosted.lines.extend(durable.lines);
                    if hosted.clear_after.is_some_and(|after| after <= seq) {
                        hosted.clear_after = None;
                        let cleared = hosted.glass.as_mut().map(crate::journal::BreakGlass::clear);
                        if let Some(Err(error)) = cleared {
                            tracing::error!(%error, "the fallback file was not emptied");
                        }
                    }
                }
                self.give(Input::Durable { seq }).await;
            }
            Written::Session(_, Err(error)) => {
                tracing::error!(%error, "an append failed");
                self.fenced |= matches!(error, AppendError::Fenced { .. });
                if !self.fenced {
                    self.give(Input::AppendFailed { why: error.to_string() }).await;
                }
            }
        }
    }

    /// Answers who opened the session, once the project knows of it too: whoever asks next finds it.
    fn say_opened(&mut self) {
        let Some(hosted) = &self.hosted else { return };
        if hosted.published.is_none() {
            return;
        }
        if let Some((client, command)) = self.opening.take() {
            self.note_used();
            let session = hosted.id.clone();
            let answer = Box::new(Answer::Opened { session });
            self.clients.tell(client, &ToClient::Answer { id: command, answer });
        }
    }
}
