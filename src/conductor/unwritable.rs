//! What the loop does while the journal can't be written: lines go to the fallback file, clients are told for as
//! long as it lasts, and once a second the journal is tried again.

use std::sync::Arc;

use super::{
    fold::{self, Read},
    host::Host,
    keeping::Keeping,
    turn::{Asker, Input, Output},
};
use crate::{
    domain::event::Stamped,
    journal::Answered,
    record::draft,
    wire::{Answer, JournalState, ToClient, Unwritable},
};

impl Host {
    /// Whether what happens can be recorded, and since when it can't.
    pub fn journal_state(&mut self) -> JournalState {
        let session = self.hosted.as_ref().and_then(|hosted| hosted.turn.broken());
        let Some(why) = session.or_else(|| self.project.unwritable()).map(str::to_owned) else {
            self.unwritable_since = None;
            return JournalState::Writable;
        };
        let wall = self.wall();
        let glass = self.hosted.as_ref().and_then(|hosted| hosted.glass.as_ref());
        JournalState::Unwritable(Unwritable {
            since: *self.unwritable_since.get_or_insert(wall),
            why,
            journal: self.setup.paths.journal(),
            fallback: glass.into_iter().flat_map(crate::journal::BreakGlass::paths).map(Into::into).collect(),
        })
    }

    /// To the fallback file: what says so is fed back at once, since its writes are waited for.
    pub fn write_aside(&mut self, events: Vec<Stamped>, answers: Option<Asker>) -> Input {
        let Some(hosted) = &mut self.hosted else { return Input::Tick };
        let Some(glass) = &mut hosted.glass else {
            return Input::AppendFailed { why: "there is no fallback file".into() };
        };
        let mut seq = 0;
        for event in events {
            let written = draft(&event)
                .map_err(|why| why.to_string())
                .and_then(|draft| glass.write(&hosted.head, &draft).map_err(|why| why.to_string()));
            match written {
                Ok(line) => {
                    seq = line.seq;
                    hosted.lines.push_back(line);
                    hosted.events.push_back(event);
                }
                Err(why) => {
                    tracing::error!(%why, "the fallback file was not written either");
                    return Input::AppendFailed { why };
                }
            }
        }
        if let Some(Asker { client, id }) = answers
            && let Err(why) = glass.answered(&Answered { client, id }, seq)
        {
            // What it did is written; only who asks again of a later conductor is not told so.
            tracing::warn!(%why, "a command's id was not kept");
        }
        Input::Durable { seq }
    }

    /// The session as it is durable, under a new epoch if the journal can be written, and under the one that
    /// will be the next if not.
    pub async fn refold(&mut self) -> Vec<Output> {
        self.generation += 1;
        let wall = self.wall();
        let Some(hosted) = &mut self.hosted else { return Vec::new() };
        hosted.events.clear();
        hosted.lines.clear();
        let opened = self.writer.open_stream(hosted.stream.clone(), wall).await;
        let epoch = opened.as_ref().map_or(hosted.turn.epoch() + 1, |opened| opened.epoch);
        match fold::session(&self.reader, &hosted.stream) {
            Ok(Read { session, head, from }) => {
                hosted.published = Some(Arc::new(session.clone()));
                hosted.keeping = Keeping::from(from.map_or(0, |from| from.head.seq), head.seq);
                hosted.head = head;
                let now = hosted.hours.now();
                let mut outputs =
                    hosted.turn.handle(Input::Refolded { session: Box::new(session), epoch }, now);
                if opened.is_ok() {
                    outputs.extend(hosted.turn.handle(Input::JournalBack { sealed: None }, now));
                } else {
                    self.people_changed();
                }
                outputs
            }
            Err(error) => {
                // Nothing of it is durable: it was being opened; or the record is damaged, and is left alone.
                let why = error.to_string();
                tracing::error!(stream = %hosted.stream, %why, "the session is let go");
                if let Some((client, id)) = self.opening.take() {
                    let answer = Box::new(Answer::Failed(format!("the session was not opened: {why}")));
                    self.clients.tell(client, &ToClient::Answer { id, answer });
                } else {
                    self.unread.insert(hosted.stream.to_string(), why);
                }
                let stream = hosted.stream.clone();
                self.hosted = None;
                if !self.unread.contains_key(&*stream) {
                    self.leave_nothing(&stream).await;
                }
                Vec::new()
            }
        }
    }

    /// Once a second, while the journal can't be written: whether it can again.
    pub async fn try_journal(&mut self) {
        let wall = self.wall();
        self.open_project(wall).await;
        let Some(hosted) = &mut self.hosted else { return };
        if hosted.turn.broken().is_none() {
            return;
        }
        let Ok(opened) = self.writer.open_stream(hosted.stream.clone(), wall).await else { return };
        let used = hosted.glass.as_ref().and_then(|glass| glass.recover().ok().flatten());
        if opened.epoch != hosted.turn.epoch() {
            // Taken up in between under another epoch: begun anew, with what the fallback holds.
            let id = hosted.id.clone();
            self.hosted = None;
            self.generation += 1;
            self.take_up(&id).await;
            return;
        }
        let now = hosted.hours.now();
        let outputs = hosted.turn.handle(Input::JournalBack { sealed: used.map(|used| used.digest) }, now);
        hosted.clear_after = Some(hosted.turn.session().seq);
        self.carry(outputs).await;
    }
}
