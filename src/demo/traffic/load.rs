//! The requests themselves: so many a second, whether or not the earlier ones are answered.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Semaphore;

use super::figures::{Ended, Failure, Figures};
use crate::clock::Clock;

/// How long a request may take.
const LIMIT: Duration = Duration::from_secs(5);
/// Requests under way at once; one more fails unsent.
const UNDER_WAY: usize = 512;

#[derive(Clone)]
pub struct Load {
    figures: Arc<Mutex<Figures>>,
    client: reqwest::Client,
    target: String,
}

impl Load {
    pub fn new(client: reqwest::Client, target: String, rate: u32) -> Self {
        Self { figures: Arc::new(Mutex::new(Figures::new(rate))), client, target }
    }

    pub fn with<T>(&self, act: impl FnOnce(&mut Figures) -> T) -> T {
        act(&mut self.figures.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends until dropped.
    pub async fn run(&self, rate: u32) {
        let clock = Clock::System;
        let slots = Arc::new(Semaphore::new(UNDER_WAY));
        let began = clock.read().monotonic;
        let mut sent: u64 = 0;
        loop {
            // By the clock and not by adding up sleeps, so that the rate holds on a busy machine.
            let due = began + sent * 1_000_000 / u64::from(rate.max(1));
            let now = clock.read().monotonic;
            if due > now {
                clock.sleep(Duration::from_micros(due - now)).await;
            }
            sent += 1;
            self.with(Figures::sent);
            let Ok(slot) = slots.clone().try_acquire_owned() else {
                self.ended(failed("not sent, 512 are unanswered".into(), None), 0);
                continue;
            };
            let this = self.clone();
            tokio::spawn(async move {
                this.one().await;
                drop(slot);
            });
        }
    }

    async fn one(&self) {
        let clock = Clock::System;
        let began = clock.read().monotonic;
        let ended = self.request().await;
        self.ended(ended, clock.read().monotonic.saturating_sub(began));
    }

    fn ended(&self, ended: Ended, took: u64) {
        let now = Clock::System.read().monotonic;
        self.with(|figures| figures.ended(ended, took, now));
    }

    async fn request(&self) -> Ended {
        let answer = match self.client.get(&self.target).timeout(LIMIT).send().await {
            Ok(answer) => answer,
            Err(error) => return failed(why(&error).into(), None),
        };
        let header = |name| answer.headers().get(name).and_then(|v| v.to_str().ok()).map(String::from);
        let (version, host) = (header("x-version"), header("x-served-by"));
        let status = answer.status();
        // The body belongs to the answer: an answer that breaks off is a failed request.
        if let Err(error) = answer.bytes().await {
            return failed(why(&error).into(), host);
        }
        if !status.is_success() {
            return failed(format!("status {}", status.as_u16()), host);
        }
        match version {
            Some(version) => Ended::Served(version),
            None => failed("no version in the answer".into(), host),
        }
    }
}

fn failed(why: String, host: Option<String>) -> Ended {
    Ended::Failed(Failure { wall: Clock::System.read().wall, why, host })
}

fn why(error: &reqwest::Error) -> &'static str {
    match () {
        () if error.is_timeout() => "no answer within 5 s",
        () if error.is_connect() => "connection refused",
        () => "the answer broke off",
    }
}
