//! The only caller of `now()` and `sleep()`. Everything else is handed a [`Clock`], so that tests run on a
//! fake one.
//!
//! Session time is not kept here: the conductor adds up the monotonic time during which it ran a session. The
//! monotonic clock stands still while the machine sleeps (Linux); the boot-time clock does not, and the
//! difference between the two tells of a suspend.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Microseconds of the three clocks at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// UTC, microseconds since 1970.
    pub wall: i64,
    /// Monotonic, stands still in suspend; microseconds since an arbitrary start.
    pub monotonic: u64,
    /// Monotonic, goes on in suspend.
    pub boot: u64,
}

/// Where time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    Fake(Arc<FakeClock>),
}

/// A clock that moves when told to.
#[derive(Debug, Default)]
pub struct FakeClock {
    micros: AtomicU64,
    suspended: AtomicU64,
    moved: tokio::sync::Notify,
}

impl FakeClock {
    /// 2026-03-02 12:00 UTC, the day on which tests begin.
    const START: i64 = 1_772_452_800_000_000;

    pub fn advance(&self, by: Duration) {
        self.micros.fetch_add(by.as_micros() as u64, Ordering::SeqCst);
        self.moved.notify_waiters();
    }

    /// Wall and boot time go on, monotonic time does not.
    pub fn suspend(&self, by: Duration) {
        self.suspended.fetch_add(by.as_micros() as u64, Ordering::SeqCst);
        self.moved.notify_waiters();
    }
}

impl Clock {
    pub fn fake() -> (Self, Arc<FakeClock>) {
        let fake = Arc::new(FakeClock::default());
        (Self::Fake(fake.clone()), fake)
    }

    pub fn read(&self) -> Reading {
        match self {
            Clock::System => system(),
            Clock::Fake(fake) => {
                let monotonic = fake.micros.load(Ordering::SeqCst);
                let boot = monotonic + fake.suspended.load(Ordering::SeqCst);
                Reading { wall: FakeClock::START + boot.cast_signed(), monotonic, boot }
            }
        }
    }

    /// Waits on the monotonic clock.
    pub async fn sleep(&self, span: Duration) {
        let span = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        self.sleep_until(self.read().monotonic.saturating_add(span)).await;
    }

    /// Waits until the monotonic clock reads so much, in microseconds. Whoever waits for a time that was fixed
    /// earlier misses nothing of what went by since.
    pub async fn sleep_until(&self, until: u64) {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that sleeps")]
            Clock::System => {
                let left = until.saturating_sub(self.read().monotonic);
                tokio::time::sleep(Duration::from_micros(left)).await;
            }
            Clock::Fake(fake) => loop {
                let moved = fake.moved.notified();
                if fake.micros.load(Ordering::SeqCst) >= until {
                    return;
                }
                moved.await;
            },
        }
    }

    /// Runs `work`, but not longer than `limit`.
    pub async fn limit<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
        match self {
            // Work that is always ready uses up its turn before a sleep beside it is asked; this one is asked all the
            // same.
            Clock::System => tokio::time::timeout(limit, work).await.ok(),
            Clock::Fake(_) => tokio::select! {
                biased;
                done = work => Some(done),
                () = self.sleep(limit) => None,
            },
        }
    }
}

/// Blocks the calling thread; for the few places that have no runtime.
pub fn block_for(span: Duration) {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that sleeps")]
    std::thread::sleep(span);
}

fn system() -> Reading {
    use rustix::time::{ClockId, clock_gettime};
    let micros = |at: rustix::time::Timespec| at.tv_sec * 1_000_000 + at.tv_nsec / 1_000;
    let monotonic = micros(clock_gettime(ClockId::Monotonic)).cast_unsigned();
    #[cfg(target_os = "linux")]
    let boot = micros(clock_gettime(ClockId::Boottime)).cast_unsigned();
    #[cfg(not(target_os = "linux"))]
    let boot = monotonic;
    Reading { wall: micros(clock_gettime(ClockId::Realtime)), monotonic, boot }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Duration};

    /// Work that is always ready never lets go by itself, and uses up what a task may do in one turn: a sleep that is
    /// merely asked beside it is never found to be over.
    #[test]
    fn a_limit_ends_work_that_is_always_ready() {
        let (done, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let found = runtime.block_on(async {
                let (send, mut take) = tokio::sync::mpsc::unbounded_channel::<u64>();
                let always_ready = async {
                    loop {
                        send.send(1).unwrap();
                        take.recv().await;
                    }
                };
                Clock::System.limit::<()>(Duration::from_millis(20), always_ready).await
            });
            done.send(found).unwrap();
        });
        // Without the limit it would go on for ever.
        assert_eq!(ended.recv_timeout(Duration::from_secs(20)), Ok(None));
    }
}
