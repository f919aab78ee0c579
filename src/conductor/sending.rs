//! Sends clients the record: from where they have it, anew, or an older part of it.

use std::path::Path;

use tokio::sync::mpsc;

use super::{catching_up::part, clients::frame, fold, host::Host};
use crate::{
    domain::{
        effect::Target,
        name::{SessionId, UnitId},
    },
    journal::{JournalError, Reader},
    record::{Head, Json, NotJson, snapshot},
    wire::{Carried, Frame, Live, MAX_FRAME, ToClient, parts},
};

/// Lines that are sent for one `Past`.
const PAST: u32 = 2_000;

impl Host {
    /// A session from where the client has it, or anew.
    pub fn send_session(&mut self, client: u64, session: &SessionId, after: Option<&Head>) {
        let Some(known) = self.clients.get_mut(client) else { return };
        known.catching_up = None;
        let caught_up = || ToClient::CaughtUp { session: session.clone() };
        if let Some(hosted) = self.hosted.as_mut().filter(|hosted| hosted.id == *session) {
            if after == Some(&hosted.head) {
                return known.tell(&caught_up());
            }
            let broken = hosted.turn.broken().is_some();
            let rest = after.filter(|_| !broken).and_then(|after| part(&self.reader, session, after));
            let whole = known.same_build || broken;
            if let Some(rest) = rest
                && !(rest.more && whole)
            {
                rest.frames.into_iter().for_each(|frame| known.send(frame));
                if rest.more {
                    return self.catch_up_beside(client, session, rest.head);
                }
                return known.tell(&caught_up());
            }
            if after.is_some() {
                let why = "the record is sent anew".to_owned();
                known.tell(&ToClient::Resync { session: session.clone(), why });
            }
            if whole {
                hosted.snapshot(&self.reader).into_iter().for_each(|frame| known.send(frame));
                known.tell(&caught_up());
            } else {
                self.catch_up_beside(client, session, Head::beginning(session.as_str()));
            }
            return;
        }
        // One that nobody writes to: read beside the loop, which has others to answer.
        let (journal, session, same) = (self.setup.paths.journal(), session.clone(), known.same_build);
        let out = known.queue();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = stored(&journal, &session, same, &out) {
                let why = error.to_string();
                let _ = frame(&ToClient::NoSession { session, why }).map(|frame| out.blocking_send(frame));
            }
        });
    }

    /// What a unit put out before somebody looked at it. Read beside the loop, which has others to answer; a client
    /// whose queue is full does without.
    pub fn send_recent(&mut self, client: u64, unit: UnitId) {
        let (Some(known), Some(hosted)) = (self.clients.get_mut(client), &self.hosted) else { return };
        let Some(place) = known.readers.place() else {
            tracing::warn!(client, %unit, "it asks for recent lines faster than they can be read: left out");
            return;
        };
        let (out, engine) = (known.queue(), hosted.engine.clone());
        tokio::spawn(async move {
            let _turn = place.turn().await;
            let lines = engine.recent(unit.clone()).await;
            let recent = ToClient::Live(Live::Recent { target: Target::Unit(unit), lines });
            let _ = frame(&recent).map(|frame| out.try_send(frame));
        });
    }

    pub fn send_past(&mut self, client: u64, session: &SessionId, before: u64, count: u32) {
        let count = u64::from(count.min(PAST));
        let read = self.reader.head(session.as_str()).and_then(|head| {
            let before = before.min(head.seq + 1);
            lines(&self.reader, session.as_str(), before.saturating_sub(count + 1), before)
        });
        let lines = read.unwrap_or_else(|error| {
            tracing::warn!(%session, %error, "older lines could not be read");
            Vec::new()
        });
        self.clients.tell(client, &ToClient::Past { session: session.clone(), lines });
    }
}

fn lines(reader: &Reader, stream: &str, after: u64, before: u64) -> Result<Vec<Carried>, JournalError> {
    let mut lines = Vec::new();
    let mut bytes = 0;
    let read = reader.lines(stream, after, |row| {
        // Never more than fits into a frame: whoever wants the rest asks for fewer lines.
        bytes += row.line.len() + row.blob.map_or(0, str::len);
        if row.seq >= before || bytes >= MAX_FRAME / 2 {
            return Err(None);
        }
        lines.extend(carry(row.line, row.blob));
        Ok(())
    });
    match read {
        Ok(()) | Err(None) => Ok(lines),
        Err(Some(error)) => Err(error),
    }
}

pub fn carry(line: &str, blob: Option<&str>) -> Result<Carried, NotJson> {
    Ok(Carried {
        line: Json::from_text(line.to_owned())?,
        body: blob.map(|body| Json::from_text(body.to_owned())).transpose()?,
    })
}

/// A session that is over, or can't be written: its state, or for another build its lines.
fn stored(
    journal: &Path,
    session: &SessionId,
    same_build: bool,
    out: &mpsc::Sender<Frame>,
) -> Result<(), fold::Unread> {
    let reader = Reader::open(journal)?;
    // A client that has gone takes no more.
    let send = |frames: Vec<Frame>| frames.into_iter().try_for_each(|frame| out.blocking_send(frame)).is_ok();
    let caught_up = ToClient::CaughtUp { session: session.clone() };
    if same_build && let Ok(read) = fold::session(&reader, session.as_str()) {
        let state = snapshot(&read.session)?;
        let parts = parts(session, &read.head, &state);
        let frames = parts.into_iter().map(ToClient::Snapshot).chain([caught_up]);
        send(frames.filter_map(|message| frame(&message)).collect());
        return Ok(());
    }
    reader.head(session.as_str())?;
    let mut after = Head::beginning(session.as_str());
    while let Some(part) = part(&reader, session, &after)
        && send(part.frames)
        && part.more
    {
        after = part.head;
    }
    send(frame(&caught_up).into_iter().collect());
    Ok(())
}
