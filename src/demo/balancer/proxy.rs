//! Requests go through here: one server each, never a second try, all counted.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::backend::Backend;
use crate::clock::Clock;

/// From the request to the whole answer, as `timeout server` in a HAProxy set-up.
const LIMIT: Duration = Duration::from_secs(10);
/// The largest body that passes, either way.
const BODY: usize = 1024 * 1024;

/// Headers that belong to one connection.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::CONTENT_LENGTH,
];

pub struct Balancing {
    backend: Mutex<Backend>,
    client: reqwest::Client,
}

impl Balancing {
    pub fn new(backend: Backend, client: reqwest::Client) -> Self {
        Self { backend: backend.into(), client }
    }

    pub fn backend(&self) -> MutexGuard<'_, Backend> {
        self.backend.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }
}

/// A request under way on a server; given back when dropped, however it ended.
struct UnderWay<'a> {
    balancing: &'a Balancing,
    at: usize,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.balancing.backend().give_back(self.at);
    }
}

/// How a request failed between us and the server.
enum Failed {
    Connect,
    TimedOut,
    Answer,
}

pub async fn handle(State(balancing): State<Arc<Balancing>>, request: Request) -> Response {
    let now = Clock::System.read().monotonic;
    let taken = {
        let mut backend = balancing.backend();
        backend.take(now).map(|at| (at, backend.servers[at].address.clone(), backend.servers[at].port))
    };
    let Some((at, address, port)) = taken else {
        return (StatusCode::SERVICE_UNAVAILABLE, "No server is available to handle this request.\n")
            .into_response();
    };
    let _under_way = UnderWay { balancing: &balancing, at };
    let answered = forward(&balancing.client, &address, port, request).await;
    let millis = Clock::System.read().monotonic.saturating_sub(now) / 1_000;
    let mut backend = balancing.backend();
    let server = &mut backend.servers[at];
    let counters = &mut server.counters;
    let mut response = match answered {
        Ok((response, bytes)) => {
            counters.bytes_out += bytes as u64;
            counters.response.add(millis);
            // As in HAProxy, what we say in its place is not the server's.
            let class = usize::from(response.status().as_u16() / 100) - 1;
            counters.by_class.get_mut(class).into_iter().for_each(|answers| *answers += 1);
            response
        }
        Err(Failed::Connect) => {
            counters.connect_errors += 1;
            (StatusCode::SERVICE_UNAVAILABLE, format!("{} refused the connection.\n", server.name))
                .into_response()
        }
        Err(Failed::TimedOut) => {
            counters.response_errors += 1;
            (StatusCode::GATEWAY_TIMEOUT, format!("{} did not answer in time.\n", server.name))
                .into_response()
        }
        Err(Failed::Answer) => {
            counters.response_errors += 1;
            (StatusCode::BAD_GATEWAY, format!("{} broke off its answer.\n", server.name)).into_response()
        }
    };
    if let Ok(name) = server.name.parse() {
        response.headers_mut().insert("x-served-by", name);
    }
    response
}

async fn forward(
    client: &reqwest::Client,
    address: &str,
    port: u16,
    request: Request,
) -> Result<(Response, usize), Failed> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let body = to_bytes(body, BODY).await.map_err(|_| Failed::Answer)?;
    let sent = client
        .request(parts.method, format!("http://{address}:{port}{path}"))
        .headers(end_to_end(&parts.headers))
        .timeout(LIMIT)
        .body(body)
        .send()
        .await;
    let mut answer = sent.map_err(|error| match () {
        () if error.is_connect() => Failed::Connect,
        () if error.is_timeout() => Failed::TimedOut,
        () => Failed::Answer,
    })?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| Failed::Answer)? {
        if body.len() + chunk.len() > BODY {
            return Err(Failed::Answer);
        }
        body.extend_from_slice(&chunk);
    }
    let bytes = body.len();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = answer.status();
    *response.headers_mut() = end_to_end(answer.headers());
    Ok((response, bytes))
}

fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let kept = headers.iter().filter(|(name, _)| !HOP_BY_HOP.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}
