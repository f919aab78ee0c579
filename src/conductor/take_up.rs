//! How a session comes under a turn: opened by somebody, or taken up again after a conductor ended, however it
//! ended.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{
    fold::{self, Read},
    host::Host,
    hosted::{Hosted, REPORTS, pass_on},
    hours::Hours,
    turn::{Asker, Input, Output, Turn},
};
use crate::{
    domain::{
        actor::Actor,
        course::{CourseEvent, OpenRequest, open_at},
        event::Event,
        name::SessionId,
        plan::Adopted,
        refusal::{Refusal, RefusalKind},
        time::{SessionTime, WallTime},
    },
    engine::{Engine, EngineDirs},
    journal::{Answered, BreakGlass, JournalError, PROJECT, discard, places},
    wire::{Answer, Open, ToClient},
};

/// Space that a fallback file takes: a rollback of some thousand hosts.
const GLASS: u64 = 8 << 20;

impl Host {
    /// Opens a new session; the answer comes when its first line is durable. Asked again, of a later conductor too,
    /// it is the same session.
    pub async fn open(&mut self, client: u64, asker: Asker, request: Open, actor: Actor) {
        let id = asker.id.clone();
        let by = Answered { client: asker.client, id: asker.id.clone() };
        let answer = match self.reader.answered_in(&by).map(|opened| opened.map(|name| SessionId::new(&name)))
        {
            Ok(Some(Ok(session))) => Answer::Opened { session },
            Ok(Some(Err(why))) => Answer::Failed(why.to_string()),
            Err(error) => Answer::Failed(format!("the journal can't be read: {error}")),
            Ok(None) => match self.decide_open(request, &actor) {
                Ok((session, event, adopted)) => {
                    match self.begin(&session, event, &adopted, actor, asker).await {
                        Ok(outputs) => {
                            self.opening = Some((client, id));
                            self.carry(outputs).await;
                            return;
                        }
                        Err(why) => Answer::Failed(format!("the session was not opened: {why}")),
                    }
                }
                Err(refusal) => Answer::Refused(refusal),
            },
        };
        self.clients.tell(client, &ToClient::Answer { id, answer: Box::new(answer) });
    }

    pub(super) fn decide_open(
        &mut self,
        request: Open,
        actor: &Actor,
    ) -> Result<(SessionId, Event, Arc<Adopted>), Refusal> {
        let unsettled = self.hosted.as_ref().is_some_and(|hosted| !hosted.turn.settled());
        let running = self.hosted.as_ref().is_some_and(|hosted| !hosted.turn.session().course.is_over());
        let published = self.hosted.as_ref().and_then(|hosted| hosted.published.as_deref());
        let project = self.project.with(published, self.wall());
        if self.opening.is_some() || unsettled || running && project.open_session().is_none() {
            let lift = "waiting until that is done";
            let refusal = Refusal::rule("another session is being opened or closed just now", lift);
            // Not a rule's no: who asks again is answered.
            return Err(Refusal { kind: RefusalKind::NotReady, ..refusal });
        }
        let id = self.new_id(request.candidate.version.as_str())?;
        let adopted = request.adopted.clone();
        let event = open_at(
            &project,
            OpenRequest {
                id: id.clone(),
                candidate: request.candidate,
                go_live: request.go_live,
                adopted: request.adopted,
                mode: request.mode,
                author: request.author,
                machine: self.setup.machine.clone(),
            },
            request.strictness.as_ref(),
            actor,
        )?;
        Ok((id, event, adopted))
    }

    /// The version, with a number behind it from the second go-live of that version on.
    pub(super) fn new_id(&self, version: &str) -> Result<SessionId, Refusal> {
        let taken = self.reader.streams().map_err(|error| {
            Refusal::rule(format!("the journal can't be read: {error}"), "golive doctor says more")
        })?;
        let free = |name: &str| {
            let mut written = taken.iter().filter(|stream| stream.head.seq > 0);
            name != PROJECT && written.all(|stream| stream.name != name)
        };
        let mut name = version.to_owned();
        let mut number = 1;
        while !free(&name) {
            number += 1;
            name = format!("{version}-{number}");
        }
        SessionId::new(&name).map_err(|why| Refusal::input(why.to_string(), "a shorter version"))
    }

    pub(super) async fn begin(
        &mut self,
        id: &SessionId,
        event: Event,
        adopted: &Arc<Adopted>,
        actor: Actor,
        asker: Asker,
    ) -> Result<Vec<Output>, String> {
        let stream: Arc<str> = id.as_str().into();
        self.put_glass_away();
        // First what needs space: on a full disk nothing is begun.
        let glass = self.glass(&stream).map_err(|why| why.to_string())?;
        let hours = Hours::from(self.clock.clone(), SessionTime::default());
        let opened = self.writer.open_stream(stream.clone(), self.wall()).await;
        let begun = opened.map_err(|why| why.to_string()).and_then(|opened| {
            Turn::begin(event, actor, opened.epoch, hours.now()).map_err(|why| why.to_string())
        });
        let (turn, mut outputs) = match begun {
            Ok(begun) => begun,
            Err(why) => {
                self.leave_nothing(&stream).await;
                return Err(why);
            }
        };
        // Kept with the first line: who asks again is told of this session.
        if let Some(Output::Append { answers, .. }) = outputs.first_mut() {
            answers.push((asker, 1));
        }
        self.host(id.clone(), turn, adopted, hours, Some(glass), None);
        Ok(outputs)
    }

    /// Takes a session up that is in the journal. One that is over, or that can't be read, is not.
    pub async fn take_up(&mut self, id: &SessionId) {
        if let Err(why) = self.try_take_up(id).await {
            tracing::error!(session = %id, %why, "a session was not taken up: it can only be read");
            self.unread.insert(id.to_string(), why);
        }
    }

    async fn try_take_up(&mut self, id: &SessionId) -> Result<(), String> {
        let stream: Arc<str> = id.as_str().into();
        let read = fold::session(&self.reader, &stream).map_err(|why| why.to_string())?;
        if read.session.course.is_over() {
            // Its conductor ended before the project's stream had been told of it.
            self.tell_of_one_that_is_over(&read.session).await;
            return Ok(());
        }
        let opened = self.writer.open_stream(stream.clone(), self.wall()).await;
        let mut opened = match opened {
            Ok(opened) => opened,
            Err(error) if error.may_pass() => return self.take_up_unwritable(id, &stream, error.to_string()),
            Err(error) => return Err(error.to_string()),
        };
        if let Some(cut) = &opened.cut {
            tracing::error!(session = %id, from = cut.from, lines = cut.lines, why = %cut.why,
                "a broken tail was cut off the record; it is kept in the journal's table of such");
        }
        let mut glass = self.glass(&stream).map_err(|why| why.to_string())?;
        let aside = glass.recover().map_err(|why| why.to_string())?;
        if let Some(aside) = &aside {
            match self.writer.import(stream.clone(), aside.lines.clone(), aside.answers.clone()).await {
                Ok(_) => {
                    // They were written under the epoch that was to come: this conductor's is one higher.
                    let again = self.writer.open_stream(stream.clone(), self.wall()).await;
                    opened = again.map_err(|why| why.to_string())?;
                }
                Err(JournalError::NotNext { .. }) => {
                    // In the journal already, but not emptied; or overtaken. Nothing of it is lost.
                    let kept = glass.set_aside().map_err(|why| why.to_string())?;
                    tracing::warn!(session = %id, ?kept, "the fallback file does not follow the record");
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        let Read { session, head, from } = if opened.head == read.head {
            read
        } else {
            // Something was cut off, taken in from the fallback, or written in between.
            fold::session(&self.reader, &stream).map_err(|why| why.to_string())?
        };
        let hours = Hours::from(self.clock.clone(), session.now.session);
        let adopted = session.course.adopted.clone();
        let now = hours.now();
        let (mut turn, outputs) = Turn::reopen(session.clone(), opened.epoch, now);
        let stored = self.reader.answers(&stream).map_err(|why| why.to_string())?;
        let kept_aside = aside.iter().flat_map(|aside| aside.answers.clone());
        recall(&mut turn, stored.into_iter().chain(kept_aside));
        self.host(id.clone(), turn, &adopted, hours, Some(glass), Some(Read { session, head, from }));
        self.carry(outputs).await;
        if let Some(aside) = aside {
            let lines = aside.lines.len() as u32;
            let sealed = Event::Course(CourseEvent::GlassSealed { lines, hash: aside.digest });
            self.give(Input::Fact(sealed)).await;
            if let Some(hosted) = &mut self.hosted {
                hosted.clear_after = Some(hosted.turn.session().seq);
            }
        }
        self.settle_project().await;
        Ok(())
    }

    /// While the journal can't be written: nothing is possible but HOLD and ROLL BACK, on the space that was taken
    /// when the session was opened. What an earlier conductor wrote there belongs to the session.
    fn take_up_unwritable(&mut self, id: &SessionId, stream: &Arc<str>, why: String) -> Result<(), String> {
        tracing::error!(session = %id, %why, "the journal can't be written: only HOLD and ROLL BACK go ahead");
        let mut glass = self.glass(stream).map_err(|why| why.to_string())?;
        let aside = glass.recover().map_err(|why| why.to_string())?;
        let durable = self.reader.head(stream).map_err(|why| why.to_string())?;
        let (lines, kept_aside) = aside
            .filter(|aside| aside.follows == durable)
            .map(|aside| (aside.lines, aside.answers))
            .unwrap_or_default();
        let folded = fold::session_and(&self.reader, stream, &lines);
        let read = folded.map_err(|why| why.to_string())?;
        if let Some(last) = lines.last() {
            glass.go_on(last.head());
        }
        let streams = self.reader.streams().map_err(|why| why.to_string())?;
        let stored = streams.iter().find(|it| it.name == **stream).map_or(0, |it| it.epoch);
        let session = &read.session;
        let hours = Hours::from(self.clock.clone(), session.now.session);
        let adopted = session.course.adopted.clone();
        let epoch = stored.max(session.epoch) + 1;
        let mut turn = Turn::reopen_unwritable(session.clone(), epoch, why, hours.now());
        let stored = self.reader.answers(stream).map_err(|why| why.to_string())?;
        recall(&mut turn, stored.into_iter().chain(kept_aside));
        self.host(id.clone(), turn, &adopted, hours, Some(glass), Some(read));
        Ok(())
    }

    fn host(
        &mut self,
        id: SessionId,
        turn: Turn,
        adopted: &Arc<Adopted>,
        hours: Hours,
        glass: Option<BreakGlass>,
        published: Option<Read>,
    ) {
        let (reports, coming) = mpsc::channel(REPORTS);
        let dirs = EngineDirs::new(self.setup.dir.clone(), self.setup.paths.engine());
        let engine = Engine::new(adopted.clone(), self.clock.clone(), dirs, reports);
        tokio::spawn(pass_on(engine.live(), self.hub.clone()));
        self.generation += 1;
        self.watch_differs = 0;
        self.hosted = Some(Hosted::new(id, turn, engine, coming, hours, glass, published));
        self.heard_changed();
    }

    /// The project's own stream, where it could not be opened when the conductor started.
    pub async fn open_project(&mut self, wall: WallTime) {
        if self.project.unwritable().is_some()
            && let Ok(opened) = self.writer.open_stream(PROJECT.into(), wall).await
        {
            self.project.opened(opened.epoch);
        }
    }

    /// So that a journal that is emptied later is not taken for a new one.
    pub fn note_used(&self) {
        if let Err(error) = self.setup.paths.note_used() {
            tracing::warn!(%error, "that this journal is in use is noted nowhere but in itself");
        }
    }

    /// Nothing of a session that was not opened stays behind.
    pub async fn leave_nothing(&mut self, stream: &Arc<str>) {
        self.discard_glass(stream);
        if let Err(error) = self.writer.forget_empty(stream.clone()).await {
            tracing::warn!(%stream, %error, "an empty stream is left in the journal: it is passed over");
        }
    }

    /// Gives the fallback's space back once the journal has it that the session is closed.
    pub fn put_glass_away(&mut self) {
        let Some(hosted) = &mut self.hosted else { return };
        // As far as it is durable: what is still to be observed needs no fallback.
        let over = hosted.published.as_ref().is_some_and(|session| session.course.is_over());
        if over
            && hosted.turn.broken().is_none()
            && hosted.clear_after.is_none()
            && hosted.glass.take().is_some()
        {
            let stream = hosted.stream.clone();
            self.discard_glass(&stream);
        }
    }

    pub fn discard_glass(&self, stream: &str) {
        let paths = &self.setup.paths;
        match discard(stream, &places(paths.home(), &paths.elsewhere())) {
            Ok(false) => {}
            Ok(true) => tracing::warn!(%stream, "a fallback file holds what is not sealed: it stays"),
            Err(error) => tracing::warn!(%stream, %error, "a fallback file was not removed"),
        }
    }

    /// Space for a fallback: beside the journal, and on another file system where there is one.
    fn glass(&self, stream: &Arc<str>) -> Result<BreakGlass, JournalError> {
        let paths = &self.setup.paths;
        BreakGlass::prepare(stream, &places(paths.home(), &paths.elsewhere()), GLASS)
    }
}

/// Commands that earlier conductors carried out: whoever asks again gets their answers.
fn recall(turn: &mut Turn, answers: impl Iterator<Item = (Answered, u64)>) {
    for (Answered { client, id }, seq) in answers {
        turn.recall(&Asker { client, id }, seq);
    }
}
