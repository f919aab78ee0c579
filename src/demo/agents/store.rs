//! The store: GET and PUT of a key, where PUT replaces only what it names (`If-Match` with the `ETag` that was read, or
//! `If-None-Match: *`); and what agents report of their hosts, which each of them puts there itself.

use std::{
    collections::BTreeMap,
    io,
    net::Ipv4Addr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::{Path, State},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::demo::{
    layout::Layout,
    tether::{Tether, TetherError},
};

/// How the store is started.
#[derive(Clone, Debug)]
pub struct StoreArgs {
    /// The directory of the demo it lives in.
    pub demo: PathBuf,
    /// Where its own files are; none: there.
    pub at: Option<PathBuf>,
}

/// What it says once it serves; `store.ready` in the demo's directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Where it is asked, on 127.0.0.1.
    pub port: u16,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(transparent)]
    Demo(#[from] TetherError),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("serving the store: {0}")]
    Serve(io::Error),
}

/// What it holds: of each key how often it was set, and the last text. It ends with the demo.
#[derive(Debug, Default)]
struct Store {
    desired: Mutex<BTreeMap<String, (u64, String)>>,
    reports: Mutex<BTreeMap<String, String>>,
}

fn held<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs until the demo's end.
pub async fn store(args: StoreArgs) -> Result<(), StoreError> {
    let tether = Tether::hold(&args.demo)?;
    let layout = Layout::new(args.at.as_ref().unwrap_or(&args.demo));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(StoreError::Serve)?;
    let port = listener.local_addr().map_err(StoreError::Serve)?.port();
    let path = layout.store_ready();
    layout.write_json(&path, &Ready { port }).map_err(|source| StoreError::File { path, source })?;
    let app = Router::new()
        .route("/desired/{key}", get(desired).put(set))
        .route("/agents/{host}", get(report).put(reports))
        .with_state(Arc::new(Store::default()));
    tokio::select! {
        biased;
        () = tether.gone() => Ok(()),
        served = axum::serve(listener, app) => served.map_err(StoreError::Serve),
    }
}

type Here = State<Arc<Store>>;

fn etag(revision: u64) -> String {
    format!("\"{revision}\"")
}

fn json(body: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

async fn desired(State(store): Here, Path(key): Path<String>) -> Response {
    match held(&store.desired).get(&key) {
        Some((revision, body)) => ([(ETAG, etag(*revision))], json(body.clone())).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Compares and sets at once: whoever read something else by now changes nothing.
async fn set(State(store): Here, Path(key): Path<String>, headers: HeaderMap, body: String) -> StatusCode {
    let mut keys = held(&store.desired);
    let revision = keys.get(&key).map(|(revision, _)| *revision);
    let named = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let may = match (named(IF_MATCH), named(IF_NONE_MATCH)) {
        (Some(wanted), _) => revision.is_some_and(|revision| etag(revision) == wanted),
        (None, Some(_)) => revision.is_none(),
        (None, None) => false,
    };
    if !may {
        return StatusCode::PRECONDITION_FAILED;
    }
    keys.insert(key, (revision.unwrap_or_default() + 1, body));
    StatusCode::NO_CONTENT
}

async fn report(State(store): Here, Path(host): Path<String>) -> Response {
    match held(&store.reports).get(&host) {
        Some(body) => json(body.clone()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn reports(State(store): Here, Path(host): Path<String>, body: String) -> StatusCode {
    held(&store.reports).insert(host, body);
    StatusCode::NO_CONTENT
}
