//! How many files are read for one client: one at a time, and so many wait for that. A client that asks for more than
//! it could ever show costs nobody else anything.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Reads that one client may have under way or waiting.
const PLACES: usize = 16;

#[derive(Clone, Debug)]
pub struct Readers {
    places: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

/// One read: it counts until it is dropped.
#[derive(Debug)]
pub struct Place {
    turn: Arc<Semaphore>,
    _counts: OwnedSemaphorePermit,
}

impl Default for Readers {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(PLACES)), turn: Arc::new(Semaphore::new(1)) }
    }
}

impl Readers {
    /// None: too many wait already.
    pub fn place(&self) -> Option<Place> {
        let counts = self.places.clone().try_acquire_owned().ok()?;
        Some(Place { turn: self.turn.clone(), _counts: counts })
    }
}

impl Place {
    /// Waits until no other read of this client is under way; it lasts until what is returned is dropped.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // Never closed.
        self.turn.clone().acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::{PLACES, Readers};

    #[tokio::test]
    async fn one_read_is_under_way_and_a_bounded_number_waits() {
        let readers = Readers::default();
        let mut places: Vec<_> = (0..PLACES).map(|_| readers.place().unwrap()).collect();
        assert!(readers.place().is_none(), "no more wait");
        let first = places[0].turn().await;
        assert!(places[1].turn().now_or_never().is_none(), "one at a time");
        drop(first);
        assert!(places[1].turn().now_or_never().is_some());
        places.pop();
        assert!(readers.place().is_some(), "one that has ended leaves its place");
    }
}
