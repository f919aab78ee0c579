//! Clients that have much of a record still to hear: it is read and sent beside the loop, as fast as they take it, and
//! what happens meanwhile is kept from them until they are nearly there. The rest is sent by the loop, in one go.

use std::{path::PathBuf, time::Duration};

use tokio::{sync::mpsc, task::AbortHandle};

use super::{clients::QUEUE, host::Host, sending::carry};
use crate::{
    clock::Clock,
    domain::name::{Digest, SessionId},
    journal::Reader,
    record::{Head, Json},
    wire::{Frame, record_frames},
};

/// Lines that are read at once: as many as the loop may read itself.
pub const LINES: usize = 2_000;
/// Bytes of them, roughly.
const BYTES: usize = 2 << 20;
/// How often a client that takes nothing is looked at.
const AGAIN: Duration = Duration::from_millis(2);

/// A part of a record.
pub struct Part {
    pub frames: Vec<Frame>,
    /// Its last line.
    pub head: Head,
    /// Whether there is more behind it.
    pub more: bool,
}

/// A client that has what there was when it was read last.
pub struct Caught {
    client: u64,
    session: SessionId,
    /// None: it can't be read, or the client has gone.
    head: Option<Head>,
}

/// The way of a client to the end of a record; given up when it is dropped.
#[derive(Debug)]
pub struct CatchingUp(AbortHandle);

impl Drop for CatchingUp {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The next lines after a head; none if that head is not in the record, or it can't be read.
pub fn part(reader: &Reader, session: &SessionId, after: &Head) -> Option<Part> {
    let mut known = *after == Head::beginning(session.as_str());
    let (mut carried, mut bytes) = (Vec::new(), 0);
    let mut head = after.clone();
    let read = reader.lines(session.as_str(), after.seq.saturating_sub(1), |row| {
        if row.seq == after.seq {
            known = row.hash == after.hash.as_str();
            return Ok(());
        }
        if !known || carried.len() >= LINES || bytes >= BYTES {
            return Err(None);
        }
        // What is no JSON was not written here; a client sees the gap and asks again.
        if let (Ok(line), Ok(hash)) = (carry(row.line, row.blob), Digest::parse(row.hash)) {
            bytes += row.line.len() + row.blob.map_or(0, str::len);
            head = Head { seq: row.seq, hash };
            carried.push(line);
        }
        Ok(())
    });
    let more = match read {
        Ok(()) => false,
        Err(None) => true,
        Err(Some(error)) => {
            tracing::warn!(%session, %error, "a record could not be read for a client");
            return None;
        }
    };
    let texts = carried.iter().map(|it| (it.line.text(), it.body.as_ref().map(Json::text)));
    known.then(|| Part { frames: record_frames(session, texts), head, more })
}

impl Host {
    /// Sends a client what comes after a head, beside the loop.
    pub fn catch_up_beside(&mut self, client: u64, session: &SessionId, after: Head) {
        let Some(known) = self.clients.get_mut(client) else { return };
        let task = CatchUp {
            journal: self.setup.paths.journal(),
            session: session.clone(),
            out: known.queue(),
            clock: self.clock.clone(),
        };
        let session = session.clone();
        let task = tokio::spawn(async move { Caught { client, session, head: task.go(after).await } });
        known.catching_up = Some(CatchingUp(task.abort_handle()));
        self.catching_up.push(task);
    }

    /// One is nearly there: the rest comes from the loop, and from then on what happens.
    pub fn caught_up(&mut self, caught: Caught) {
        let Caught { client, session, head } = caught;
        if let Some(known) = self.clients.get_mut(client) {
            known.catching_up = None;
            // Where it could not be read, the client sees the gap and asks again.
            if head.is_some() && known.following.as_ref() == Some(&session) {
                self.send_session(client, &session, head.as_ref());
            }
        }
    }
}

/// Reads and sends.
struct CatchUp {
    journal: PathBuf,
    session: SessionId,
    out: mpsc::Sender<Frame>,
    clock: Clock,
}

impl CatchUp {
    /// How far it came.
    async fn go(self, mut after: Head) -> Option<Head> {
        loop {
            let (journal, session, from) = (self.journal.clone(), self.session.clone(), after.clone());
            let read = move || part(&Reader::open(&journal).ok()?, &session, &from);
            let part = tokio::task::spawn_blocking(read).await.ok()??;
            for frame in part.frames {
                // Half of the queue stays free for what the loop says meanwhile.
                while self.out.capacity() < QUEUE / 2 {
                    self.clock.sleep(AGAIN).await;
                }
                self.out.send(frame).await.ok()?;
            }
            if !part.more {
                return Some(part.head);
            }
            after = part.head;
        }
    }
}
