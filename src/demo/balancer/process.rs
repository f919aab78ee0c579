//! The balancer as a process.

use std::{fs, io, net::Ipv4Addr, path::PathBuf, sync::Arc};

use axum::Router;
use serde::{Deserialize, Serialize};
use tokio::{
    net::{TcpListener, UnixListener},
    signal::unix,
};

use super::{
    backend::Backend,
    checks,
    proxy::{self, Balancing},
    server::Server,
    socket,
};
use crate::{
    clock::Clock,
    demo::{
        http,
        layout::Layout,
        tether::{Tether, TetherError},
    },
};

/// How the balancer is started.
#[derive(Clone, Debug)]
pub struct Args {
    /// The directory of the demo it lives in; its configuration and socket are there.
    pub demo: PathBuf,
    /// Its own part of that directory, where there are several of its kind.
    pub at: Option<PathBuf>,
}

/// What is balanced; `balancer.json` in the demo's directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub backend: String,
    pub servers: Vec<ServerConfig>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    pub name: String,
    pub address: String,
    pub port: u16,
}

/// What it says once it serves; `balancer.ready` in the demo's directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    pub pid: u32,
    /// Where requests are taken, on 127.0.0.1.
    pub port: u16,
}

#[derive(Debug, thiserror::Error)]
pub enum BalancerError {
    #[error(transparent)]
    Demo(#[from] TetherError),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} is no configuration of the demo's balancer: {source}", .path.display())]
    Config { path: PathBuf, source: serde_json::Error },
    #[error("the HTTP client can't be made: {0}")]
    Client(#[from] reqwest::Error),
    #[error("serving requests: {0}")]
    Serve(io::Error),
}

/// Runs until TERM or the demo's end.
pub async fn run(args: Args) -> Result<(), BalancerError> {
    let tether = Tether::hold(&args.demo)?;
    let layout = Layout::new(args.at.as_ref().unwrap_or(&args.demo));
    let path = layout.balancer_config();
    let text = fs::read(&path).map_err(|source| BalancerError::File { path: path.clone(), source })?;
    let config: Config =
        serde_json::from_slice(&text).map_err(|source| BalancerError::Config { path, source })?;
    let now = Clock::System.read().monotonic;
    let servers = config.servers.iter().map(|s| Server::new(&s.name, &s.address, s.port, now)).collect();
    let balancing = Arc::new(Balancing::new(Backend::new(&config.backend, servers, now), http::client()?));

    let mut term = unix::signal(unix::SignalKind::terminate()).map_err(BalancerError::Serve)?;
    let path = layout.balancer_socket();
    let runtime = UnixListener::bind(&path).map_err(|source| BalancerError::File { path, source })?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(BalancerError::Serve)?;
    let port = listener.local_addr().map_err(BalancerError::Serve)?.port();
    let path = layout.balancer_ready();
    layout
        .write_json(&path, &Ready { pid: std::process::id(), port })
        .map_err(|source| BalancerError::File { path, source })?;

    let app = Router::new().fallback(proxy::handle).with_state(balancing.clone());
    let served = axum::serve(listener, app).with_graceful_shutdown(async move {
        term.recv().await;
    });
    tokio::select! {
        biased;
        () = tether.gone() => Ok(()),
        done = served => done.map_err(BalancerError::Serve),
        done = socket::serve(runtime, balancing.clone()) => done.map_err(BalancerError::Serve),
        () = checks::run(balancing) => Ok(()),
    }
}
