//! When a snapshot of the session is kept. It is made and written beside the loop, from a state that is shared until
//! the loop changes it; that change then copies all of it, so that it is begun where little happens.

use crate::{
    journal::Snapshot,
    record::{Head, snapshot},
    wire::build,
};

use super::host::Host;

/// Lines after which a snapshot is worth keeping.
const EVERY: u64 = 20_000;
/// It is put off while more than this many lines come in a beat (a second),
const QUIET: u64 = 1_000;
/// but not for more lines than are folded again in two seconds or so.
const AT_THE_LATEST: u64 = 400_000;

/// How far the session is kept, and how much happens.
#[derive(Debug)]
pub struct Keeping {
    /// The last line of the newest snapshot in the journal, or of one on its way there.
    kept: u64,
    /// The last line at the last beat.
    seen: u64,
}

impl Keeping {
    /// `kept`: the last line of the snapshot from which it was folded; 0 if from none.
    pub fn from(kept: u64, head: u64) -> Self {
        Self { kept, seen: head }
    }

    /// Whether the head is kept.
    pub fn has(&self, head: u64) -> bool {
        self.kept == head
    }

    /// Once a beat: whether this is the time.
    fn due(&mut self, head: u64) -> bool {
        let came = head.saturating_sub(self.seen);
        self.seen = head;
        let lines = head.saturating_sub(self.kept);
        lines >= AT_THE_LATEST || lines >= EVERY && came <= QUIET
    }
}

impl Host {
    /// Looks once a beat whether a snapshot is due: the first time when a session was taken up, so that what was folded
    /// for long is not folded again by the next one.
    pub fn look_at_keeping(&mut self) {
        if self.hosted.as_mut().is_some_and(|hosted| hosted.keeping.due(hosted.head.seq)) {
            self.keep_snapshot();
        }
    }

    /// Keeps the published session, beside the loop.
    fn keep_snapshot(&mut self) {
        let Some(hosted) = self.hosted.as_mut().filter(|hosted| hosted.turn.broken().is_none()) else {
            return;
        };
        let Some(session) = hosted.published.clone() else { return };
        let head = hosted.head.clone();
        hosted.keeping.kept = head.seq;
        let (writer, stream) = (self.writer.clone(), hosted.stream.clone());
        tokio::spawn(async move {
            // The state is let go as soon as it is read: then it is changed in its place again.
            let state = tokio::task::spawn_blocking(move || snapshot(&session)).await;
            let Ok(Ok(state)) = state else { return };
            if let Err(error) = writer.keep_snapshot(stream, build().into(), Snapshot { head, state }).await {
                tracing::warn!(%error, "a snapshot was not kept: the next start folds more events");
            }
        });
    }

    /// So that the next start folds little.
    pub async fn keep_last_snapshot(&mut self) {
        let Some(hosted) = &self.hosted else { return };
        if hosted.turn.broken().is_some() || hosted.keeping.has(hosted.head.seq) {
            return;
        }
        let Some(Ok(state)) = hosted.published.as_deref().map(snapshot) else { return };
        let head: Head = hosted.head.clone();
        let kept =
            self.writer.keep_snapshot(hosted.stream.clone(), build().into(), Snapshot { head, state }).await;
        if let Err(error) = kept {
            tracing::warn!(%error, "the last snapshot was not kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_put_off_while_much_happens_and_kept_when_it_is_quiet() {
        let mut keeping = Keeping::from(0, 0);
        assert!(!keeping.due(500));
        assert!(!keeping.due(20_500));
        assert!(!keeping.due(40_500));
        assert!(keeping.due(40_600));
    }

    #[test]
    fn it_is_put_off_for_so_many_lines_at_most() {
        let mut keeping = Keeping::from(100_000, 100_000);
        let due = (1..100).map(|beat| 100_000 + beat * 30_000).find(|head| keeping.due(*head));
        assert_eq!(due, Some(520_000));
    }
}
