//! The traffic as a process: it sends, writes its figures every 250 ms, and tells them to whoever asks.

use std::{io, path::PathBuf, time::Duration};

use tokio::{
    io::AsyncWriteExt as _,
    net::{UnixListener, UnixStream},
    signal::unix,
};

use super::{figures::Stats, load::Load};
use crate::{
    clock::Clock,
    demo::{
        http,
        layout::Layout,
        tether::{Tether, TetherError},
    },
};

/// Between two writings of the figures.
const EVERY: Duration = Duration::from_millis(250);

/// How the traffic is started.
#[derive(Clone, Debug)]
pub struct Args {
    /// The directory of the demo it lives in; its figures and socket are there.
    pub demo: PathBuf,
    /// Its own part of that directory, where there are several of its kind.
    pub at: Option<PathBuf>,
    /// The port of the balancer, on 127.0.0.1.
    pub port: u16,
    /// Requests per second.
    pub rate: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum TrafficError {
    #[error(transparent)]
    Demo(#[from] TetherError),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the HTTP client can't be made: {0}")]
    Client(#[from] reqwest::Error),
    #[error("signals or connections can't be taken: {0}")]
    Accept(io::Error),
}

/// Runs until TERM or the demo's end.
pub async fn run(args: Args) -> Result<(), TrafficError> {
    let tether = Tether::hold(&args.demo)?;
    let layout = Layout::new(args.at.as_ref().unwrap_or(&args.demo));
    let load = Load::new(http::client()?, format!("http://127.0.0.1:{}/", args.port), args.rate);
    let mut term = unix::signal(unix::SignalKind::terminate()).map_err(TrafficError::Accept)?;
    let path = layout.traffic_socket();
    let socket = UnixListener::bind(&path).map_err(|source| TrafficError::File { path, source })?;
    tokio::select! {
        biased;
        () = tether.gone() => Ok(()),
        _ = term.recv() => Ok(()),
        done = write(&layout, &load) => done,
        done = answer(socket, &load) => done,
        () = load.run(args.rate) => Ok(()),
    }
}

fn stats(load: &Load) -> Stats {
    let now = Clock::System.read();
    load.with(|figures| figures.stats(now.monotonic, now.wall))
}

async fn write(layout: &Layout, load: &Load) -> Result<(), TrafficError> {
    loop {
        Clock::System.sleep(EVERY).await;
        let path = layout.traffic_stats();
        layout.write_json(&path, &stats(load)).map_err(|source| TrafficError::File { path, source })?;
    }
}

/// Whoever connects gets the figures of that moment as one line of JSON.
async fn answer(socket: UnixListener, load: &Load) -> Result<(), TrafficError> {
    loop {
        let (stream, _) = socket.accept().await.map_err(TrafficError::Accept)?;
        let stats = stats(load);
        tokio::spawn(async move {
            // Who goes away before the answer does not want it.
            let _ = tell(stream, &stats).await;
        });
    }
}

async fn tell(mut stream: UnixStream, stats: &Stats) -> io::Result<()> {
    let mut line = serde_json::to_vec(stats)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.shutdown().await
}
