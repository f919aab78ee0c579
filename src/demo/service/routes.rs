//! What the service answers on which path.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{StatusCode, header::CONTENT_TYPE},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use tokio::sync::Notify;

use super::{
    behaviour::Behaviour,
    log::Log,
    metrics::Metrics,
    self_test::{SelfTest, Verdict},
};
use crate::clock::Clock;

/// The state of one service.
pub struct Service {
    pub name: String,
    pub version: String,
    pub behaviour: Behaviour,
    pub self_test: Mutex<SelfTest>,
    pub metrics: Metrics,
    pub worked: AtomicU64,
    pub log: Arc<Log>,
    /// Told when the self-test has finished.
    pub tested: Notify,
}

impl Service {
    pub fn self_test(&self) -> MutexGuard<'_, SelfTest> {
        self.self_test.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Here = State<Arc<Service>>;

pub fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/", get(work))
        .route("/is_alive", get(health))
        .route("/health", get(health))
        .route("/selftest", get(self_test))
        .route("/version", get(version))
        .route("/metrics", get(metrics))
        .layer(middleware::from_fn_with_state(service.clone(), hang))
        .with_state(service)
}

/// A service that hangs accepts the request and never answers it.
async fn hang(State(service): Here, request: Request, next: Next) -> Response {
    if service.behaviour.never_answers {
        std::future::pending::<()>().await;
    }
    next.run(request).await
}

/// What the service is for: a few milliseconds of work, with the version in the answer.
async fn work(State(service): Here) -> Response {
    const ITSELF: [u64; 5] = [2, 3, 5, 4, 8];
    let clock = Clock::System;
    let began = clock.read().monotonic;
    service.metrics.begin();
    let nth = service.worked.fetch_add(1, Ordering::Relaxed) + 1;
    let itself = Duration::from_millis(ITSELF[(nth % ITSELF.len() as u64) as usize]);
    clock.sleep(itself + service.behaviour.latency).await;
    let fails = service.behaviour.error_every.is_some_and(|every| nth.is_multiple_of(every));
    let status = if fails { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
    let took = Duration::from_micros(clock.read().monotonic.saturating_sub(began));
    service.metrics.end(status.as_u16(), took);
    let text = format!("GET / {} {} ms", status.as_u16(), took.as_millis());
    if fails {
        service.log.error(&text);
    } else {
        service.log.info(&text);
    }
    let names = [("x-version", service.version.clone()), ("x-host", service.name.clone())];
    (status, names, format!("shop {} on {}\n", service.version, service.name)).into_response()
}

/// Whether it may be sent traffic: not before its self-test has passed.
async fn health(State(service): Here) -> Response {
    let verdict = service.self_test().verdict();
    let (status, word) = match verdict {
        Verdict::Passed => (StatusCode::OK, "ok"),
        Verdict::Running => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
        Verdict::Failed => (StatusCode::SERVICE_UNAVAILABLE, "self-test failed"),
    };
    let body = json!({ "alive": verdict == Verdict::Passed, "status": word, "version": service.version });
    (status, Json(body)).into_response()
}

/// What the self-test says; while it runs, its end is waited for.
async fn self_test(State(service): Here) -> Response {
    let finished = service.tested.notified();
    if service.self_test().verdict() == Verdict::Running {
        finished.await;
    }
    let test = service.self_test();
    let status = match test.verdict() {
        Verdict::Passed => StatusCode::OK,
        Verdict::Running | Verdict::Failed => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, test.report()).into_response()
}

async fn version(State(service): Here) -> Response {
    Json(json!({ "version": service.version, "name": "shop", "host": service.name })).into_response()
}

async fn metrics(State(service): Here) -> Response {
    let passed = service.self_test().passed();
    let text = service.metrics.text(&service.version, passed, service.log.lost());
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
