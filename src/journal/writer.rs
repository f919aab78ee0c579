//! The single writer: a thread of its own that owns the store, fed by one bounded queue.
//!
//! Order: batches are written in the order in which they were handed over, whatever their class, so that a
//! decision never overtakes an observation it was made upon. Whatever has queued up while one commit was under
//! way goes into the next: the slower the disk, the larger the commits. A full queue makes whoever appends
//! wait; nothing is dropped.
//!
//! A snapshot is written in pieces, each when nobody else waits: a decision comes before the rest of it.
//!
//! After a failed append, batches that were queued behind it fail too: their numbers no longer follow. What is
//! decided anew begins at the head as stored.

use std::{
    collections::VecDeque,
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};

use super::{
    append::{Answered, Batch, Class, Durable},
    error::{AppendError, JournalError},
    sample::{Sample, Series},
    snapshot::{Keeping, Snapshot},
    store::{Opened, Store},
};
use crate::{
    clock::Clock,
    domain::{name::Digest, time::WallTime},
    record::{Head, Line},
};

/// How long an observation waits for a decision that takes it along.
pub const OBSERVATIONS_WAIT: Duration = Duration::from_millis(250);
/// Orders in the queue before whoever appends has to wait.
const QUEUE: usize = 1024;
/// A commit is not made larger than about this.
const COMMIT_BYTES: usize = 4 << 20;

/// The way to the writer. It ends, after a last commit, when all of these are gone.
#[derive(Clone, Debug)]
pub struct Writer {
    orders: mpsc::Sender<Order>,
    thread: Arc<std::sync::Mutex<Option<JoinHandle<()>>>>,
}

/// Becomes what was said of an append: on the disk, or why not.
#[derive(Debug)]
pub struct Ticket(oneshot::Receiver<Result<Durable, AppendError>>);

impl Future for Ticket {
    type Output = Result<Durable, AppendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|said| said.unwrap_or(Err(AppendError::Gone)))
    }
}

type Reply<T> = oneshot::Sender<Result<T, JournalError>>;

#[derive(Debug)]
enum Order {
    Append { batch: Batch, class: Class, reply: oneshot::Sender<Result<Durable, AppendError>> },
    OpenStream { name: Arc<str>, wall: WallTime, reply: Reply<Opened> },
    ForgetEmpty { name: Arc<str>, reply: Reply<()> },
    Import { name: Arc<str>, lines: Vec<Line>, answers: Vec<(Answered, u64)>, reply: Reply<Head> },
    Snapshot { keeping: Keeping, reply: Reply<()> },
    Samples { series: Series, samples: Vec<Sample>, reply: Reply<()> },
    ForgetSamples { wall: WallTime, reply: Reply<usize> },
    Redact { digest: Digest, wall: WallTime, why: String, reply: Reply<bool> },
}

impl Writer {
    /// Starts the thread.
    pub fn start(mut store: Store, clock: Clock) -> std::io::Result<Self> {
        store.take_in_beside();
        Self::begin(Held::Store(store), clock)
    }

    /// Starts the thread over a journal that can't be opened for writing just now: every order tries again.
    pub fn start_later(path: PathBuf, clock: Clock) -> std::io::Result<Self> {
        Self::begin(Held::Path(path), clock)
    }

    fn begin(store: Held, clock: Clock) -> std::io::Result<Self> {
        let (orders, taken) = mpsc::channel(QUEUE);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || runtime.block_on(Work::new(store, clock).run(taken)))?;
        Ok(Self { orders, thread: Arc::new(std::sync::Mutex::new(Some(thread))) })
    }

    /// Hands a batch over. Waits only while the queue is full; the ticket says when it is durable.
    pub async fn append(&self, batch: Batch, class: Class) -> Ticket {
        let (reply, ticket) = oneshot::channel();
        // If the writer has ended, the order and its reply are dropped, and the ticket says so.
        let _ = self.orders.send(Order::Append { batch, class, reply }).await;
        Ticket(ticket)
    }

    /// Opens a stream under a new epoch; see [`Store::open_stream`].
    pub async fn open_stream(&self, name: Arc<str>, wall: WallTime) -> Result<Opened, JournalError> {
        self.ask(|reply| Order::OpenStream { name, wall, reply }).await
    }

    /// Forgets a stream that nothing was written to; see [`Store::forget_empty`].
    pub async fn forget_empty(&self, name: Arc<str>) -> Result<(), JournalError> {
        self.ask(|reply| Order::ForgetEmpty { name, reply }).await
    }

    /// Takes in lines of a fallback file; see [`Store::import`].
    pub async fn import(
        &self,
        name: Arc<str>,
        lines: Vec<Line>,
        answers: Vec<(Answered, u64)>,
    ) -> Result<Head, JournalError> {
        self.ask(|reply| Order::Import { name, lines, answers, reply }).await
    }

    pub async fn keep_snapshot(
        &self,
        name: Arc<str>,
        form: Arc<str>,
        snapshot: Snapshot,
    ) -> Result<(), JournalError> {
        let keeping = Keeping::new(name, form, snapshot);
        self.ask(|reply| Order::Snapshot { keeping, reply }).await
    }

    pub async fn add_samples(&self, series: Series, samples: Vec<Sample>) -> Result<(), JournalError> {
        self.ask(|reply| Order::Samples { series, samples, reply }).await
    }

    pub async fn forget_samples(&self, wall: WallTime) -> Result<usize, JournalError> {
        self.ask(|reply| Order::ForgetSamples { wall, reply }).await
    }

    pub async fn redact(&self, digest: Digest, wall: WallTime, why: String) -> Result<bool, JournalError> {
        self.ask(|reply| Order::Redact { digest, wall, why, reply }).await
    }

    /// Ends the writer once everything handed over is written, and waits for it. Blocks: at most one commit.
    pub fn close(self) {
        let Self { orders, thread } = self;
        drop(orders);
        let thread = thread.lock().ok().and_then(|mut thread| thread.take());
        // A writer that panicked has dropped its replies: those who waited were told.
        let _ = thread.map(JoinHandle::join);
    }

    async fn ask<T>(&self, order: impl FnOnce(Reply<T>) -> Order) -> Result<T, JournalError> {
        let (reply, said) = oneshot::channel();
        self.orders.send(order(reply)).await.map_err(|_| JournalError::Gone)?;
        said.await.map_err(|_| JournalError::Gone)?
    }
}

/// The store, or where it is to be.
enum Held {
    Store(Store),
    Path(PathBuf),
}

impl Held {
    fn open(&mut self) -> Result<&mut Store, JournalError> {
        if let Self::Path(path) = self {
            let mut store = Store::open(path)?;
            store.take_in_beside();
            *self = Self::Store(store);
        }
        match self {
            Self::Store(store) => Ok(store),
            Self::Path(_) => Err(JournalError::Gone),
        }
    }
}

struct Work {
    store: Held,
    clock: Clock,
    batches: Vec<Batch>,
    replies: Vec<oneshot::Sender<Result<Durable, AppendError>>>,
    bytes: usize,
    decided: bool,
    /// Monotonic microseconds at which the first of the batches came.
    since: u64,
    /// Snapshots that are being written. Whoever sends them waits for them, so that there are few.
    keeping: VecDeque<(Keeping, Reply<()>)>,
}

impl Work {
    fn new(store: Held, clock: Clock) -> Self {
        Self {
            store,
            clock,
            batches: Vec::new(),
            replies: Vec::new(),
            bytes: 0,
            decided: false,
            since: 0,
            keeping: VecDeque::new(),
        }
    }

    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            let order = if let Ok(order) = orders.try_recv() {
                Some(order)
            } else if !self.keeping.is_empty() {
                self.keep_a_piece();
                if self.left() == Some(Duration::ZERO) {
                    self.commit();
                }
                continue;
            } else if let Some(left) = self.left() {
                let Some(order) = self.clock.limit(left, orders.recv()).await else {
                    self.commit();
                    continue;
                };
                order
            } else {
                orders.recv().await
            };
            let Some(order) = order else { break };
            self.take(order);
            while self.bytes < COMMIT_BYTES
                && let Ok(order) = orders.try_recv()
            {
                self.take(order);
            }
            if self.decided || self.bytes >= COMMIT_BYTES {
                self.commit();
            }
        }
        self.commit();
        if let Held::Store(store) = &self.store
            && let Err(error) = store.check_point()
        {
            // Nothing is lost: the log is read wherever the journal is.
            tracing::warn!(%error, "the journal's log was not taken into it");
        }
    }

    /// How long the batches may still wait; none if there are none.
    fn left(&self) -> Option<Duration> {
        let waited = || Duration::from_micros(self.clock.read().monotonic.saturating_sub(self.since));
        (!self.batches.is_empty()).then(|| OBSERVATIONS_WAIT.saturating_sub(waited()))
    }

    /// Writes a piece of the snapshot whose turn it is.
    fn keep_a_piece(&mut self) {
        let Some((mut keeping, reply)) = self.keeping.pop_front() else { return };
        match self.store.open().and_then(|store| store.keep_a_piece(&mut keeping)) {
            Ok(false) => self.keeping.push_front((keeping, reply)),
            done => drop(reply.send(done.map(drop))),
        }
    }

    fn take(&mut self, order: Order) {
        if let Order::Append { batch, class, reply } = order {
            if self.batches.is_empty() {
                self.since = self.clock.read().monotonic;
            }
            self.bytes += batch.bytes();
            self.decided |= class == Class::Decision;
            self.batches.push(batch);
            self.replies.push(reply);
            return;
        }
        if let Order::Snapshot { keeping, reply } = order {
            self.keeping.push_back((keeping, reply));
            return;
        }
        // Everything else comes after what was handed over before it.
        self.commit();
        // Whoever no longer waits for an answer needs none.
        match order {
            Order::Append { .. } | Order::Snapshot { .. } => {}
            Order::OpenStream { name, wall, reply } => {
                drop(reply.send(self.store.open().and_then(|store| store.open_stream(&name, wall))));
            }
            Order::ForgetEmpty { name, reply } => {
                drop(reply.send(self.store.open().and_then(|store| store.forget_empty(&name))));
            }
            Order::Import { name, lines, answers, reply } => {
                let store = self.store.open();
                drop(reply.send(store.and_then(|store| store.import(&name, &lines, &answers))));
            }
            Order::Samples { series, samples, reply } => {
                let store = self.store.open();
                drop(reply.send(store.and_then(|store| store.add_samples(&series, &samples))));
            }
            Order::ForgetSamples { wall, reply } => {
                drop(reply.send(self.store.open().and_then(|store| store.forget_samples(wall))));
            }
            Order::Redact { digest, wall, why, reply } => {
                drop(reply.send(self.store.open().and_then(|store| store.redact(&digest, wall, &why))));
            }
        }
    }

    fn commit(&mut self) {
        if self.batches.is_empty() {
            return;
        }
        let said = match self.store.open() {
            Ok(store) => store.append(&self.batches),
            Err(error) => {
                let failed = || Err(AppendError::Failed(error.to_string()));
                self.batches.iter().map(|_| failed()).collect()
            }
        };
        for (said, reply) in said.into_iter().zip(self.replies.drain(..)) {
            // A ticket that was dropped: whoever appended has gone.
            let _ = reply.send(said);
        }
        self.batches.clear();
        self.bytes = 0;
        self.decided = false;
    }
}
