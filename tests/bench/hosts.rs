//! Ten thousand hosts, as far as a watch can see them: ports that accept. One of the two closes and opens when told
//! to, and every host behind it turns sick and well again.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use golive::clock::Clock;
use tokio::runtime::{Builder, Runtime};

pub struct Hosts {
    pub steady: u16,
    pub moody: u16,
    storm: Arc<AtomicBool>,
    _runtime: Runtime,
}

/// How long the moody port stays open, and closed, in a storm: about as long as a round of the watch takes.
const MOOD: Duration = Duration::from_millis(2_300);

impl Hosts {
    pub fn start() -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let steady = TcpListener::bind("127.0.0.1:0")?;
        let moody = TcpListener::bind("127.0.0.1:0")?;
        let (at, moody_at) = (steady.local_addr()?, moody.local_addr()?);
        let storm = Arc::new(AtomicBool::new(false));
        drop(moody);
        let entered = runtime.enter();
        let steady = listen(steady)?;
        drop(entered);
        runtime.spawn(accept(steady));
        runtime.spawn(moods(moody_at, storm.clone()));
        Ok(Self { steady: at.port(), moody: moody_at.port(), storm, _runtime: runtime })
    }

    pub fn storm(&self, on: bool) {
        self.storm.store(on, Ordering::Relaxed);
    }
}

fn listen(listener: TcpListener) -> std::io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

/// Accepts and closes, for ever.
async fn accept(listener: tokio::net::TcpListener) {
    loop {
        // One that failed was no use to whoever connected; the next may be.
        drop(listener.accept().await);
    }
}

/// Open, and in a storm closed every other while.
async fn moods(at: SocketAddr, storm: Arc<AtomicBool>) {
    let clock = Clock::System;
    loop {
        if let Ok(listener) = tokio::net::TcpListener::bind(at).await {
            let open = accept(listener);
            tokio::pin!(open);
            loop {
                let ends = clock.limit(MOOD, &mut open).await;
                if ends.is_some() || storm.load(Ordering::Relaxed) {
                    break;
                }
            }
        }
        if storm.load(Ordering::Relaxed) {
            clock.sleep(MOOD).await;
        }
    }
}
