//! One session under its turn: what the turn puts out is carried to journal, engine and clients, and what comes
//! of it goes back in. Nothing here decides; the order of things is the turn's.

use std::{collections::VecDeque, sync::Arc};

use tokio::sync::{broadcast, mpsc};

use super::{
    catching_up::{LINES, part},
    fold::Read,
    hours::Hours,
    keeping::Keeping,
    serve::LiveHub,
    turn::Turn,
};
use crate::{
    domain::{effect::Report, event::Stamped, name::SessionId, session::Session},
    engine::{self, Engine},
    journal::{BreakGlass, Reader},
    record::{Head, Line, snapshot},
    wire::{Frame, Live, SnapshotPart, ToClient, parts, record_frames},
};

/// Reports that wait for the loop before effects have to.
pub const REPORTS: usize = 4096;
pub struct Hosted {
    pub id: SessionId,
    pub stream: Arc<str>,
    pub turn: Turn,
    pub engine: Engine,
    pub reports: mpsc::Receiver<Report>,
    pub hours: Hours,
    pub glass: Option<BreakGlass>,
    /// The session as far as it is durable: what clients are sent.
    pub published: Option<Arc<Session>>,
    pub head: Head,
    /// Put out to be written, and not published yet.
    pub events: VecDeque<Stamped>,
    /// Written, and not published yet.
    pub lines: VecDeque<Line>,
    pub keeping: Keeping,
    /// The fallback file is emptied once this line is durable in the journal.
    pub clear_after: Option<u64>,
    snapshot: Option<(Head, Vec<Frame>)>,
}

impl Hosted {
    pub fn new(
        id: SessionId,
        turn: Turn,
        engine: Engine,
        reports: mpsc::Receiver<Report>,
        hours: Hours,
        glass: Option<BreakGlass>,
        published: Option<Read>,
    ) -> Self {
        let stream: Arc<str> = id.as_str().into();
        let (published, head, from) = match published {
            Some(Read { session, head, from }) => (Some(Arc::new(session)), head, from),
            None => (None, Head::beginning(&stream), None),
        };
        let kept = from.as_ref().map_or(0, |from| from.head.seq);
        // Who comes first is sent what was read, and not the same made anew.
        let near = from.filter(|from| head.seq - from.head.seq <= LINES as u64);
        let snapshot = near.map(|from| (from.head.clone(), frames(&id, &from.head, &from.state)));
        Self {
            id,
            stream,
            turn,
            engine,
            reports,
            hours,
            glass,
            published,
            keeping: Keeping::from(kept, head.seq),
            head,
            events: VecDeque::new(),
            lines: VecDeque::new(),
            clear_after: None,
            snapshot,
        }
    }

    /// Takes what is written up to line `last` into the published session, and returns the facts with the frames
    /// that carry them to clients.
    pub fn publish(&mut self, last: u64) -> (Vec<Stamped>, Vec<Frame>) {
        let mut facts = Vec::new();
        while self.events.front().is_some_and(|event| event.seq <= last) {
            let Some(event) = self.events.pop_front() else { break };
            if event.seq <= self.head.seq {
                continue;
            }
            match &mut self.published {
                Some(session) => Arc::make_mut(session).apply(&event),
                none => *none = Session::begin(&event).ok().map(Arc::new),
            }
            facts.push(event);
        }
        let mut lines = Vec::new();
        while self.lines.front().is_some_and(|line| line.seq <= last) {
            let Some(line) = self.lines.pop_front() else { break };
            // Lines of the fallback come again when the journal takes them in: they are the same.
            if line.seq > self.head.seq {
                self.head = line.head();
                lines.push(line);
            }
        }
        let texts = lines.iter().map(|line| (&*line.text, line.blob.as_deref()));
        (facts, record_frames(&self.id, texts))
    }

    /// The session as clients of the same build are sent it: as it was a little before, where it was sent to another
    /// then, with what came after; else as it is. Made once for all.
    pub fn snapshot(&mut self, reader: &Reader) -> Vec<Frame> {
        let near = |(head, frames): &(Head, Vec<Frame>)| {
            let rest = part(reader, &self.id, head).filter(|rest| !rest.more)?;
            Some(frames.iter().cloned().chain(rest.frames).collect())
        };
        if self.turn.broken().is_none()
            && let Some(frames) = self.snapshot.as_ref().and_then(near)
        {
            return frames;
        }
        let Some(state) = self.published.as_ref().and_then(|session| snapshot(session).ok()) else {
            return Vec::new();
        };
        let frames = frames(&self.id, &self.head, &state);
        self.snapshot = Some((self.head.clone(), frames.clone()));
        frames
    }
}

fn frames(id: &SessionId, head: &Head, state: &[u8]) -> Vec<Frame> {
    let message = |part: SnapshotPart| super::clients::frame(&ToClient::Snapshot(part));
    parts(id, head, state).into_iter().filter_map(message).collect()
}

/// Passes what the engine says just now on to the connections, until the engine is gone.
pub async fn pass_on(mut from: broadcast::Receiver<engine::Live>, hub: LiveHub) {
    use broadcast::error::RecvError;
    loop {
        let live = match from.recv().await {
            Ok(live) => live,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        let live = match live {
            engine::Live::Output { target, step, line } => Live::Output { target, step, line },
            engine::Live::Progress { target, step, text } => Live::Progress { target, step, text },
            engine::Live::Probe { environment, unit, check, took, passed } => {
                Live::Probe { environment, unit, check, took, passed }
            }
        };
        // Nobody listens: allowed.
        let _ = hub.send(live);
    }
}
