//! Waiting for a part of the fleet: until it answers, ends, or has had time enough.

use std::time::Duration;

use super::{children::Process, error::FleetError};
use crate::clock::Clock;

/// How long a part of the fleet may take to answer.
pub const LIMIT: Duration = Duration::from_mins(1);
/// Between two questions.
const STEP: Duration = Duration::from_millis(50);

/// Whether a line of `show servers state` tells of a host whose last check passed: right after the balancer's start all are taken to be up.
pub fn is_up(line: &str) -> bool {
    let cells: Vec<&str> = line.split_whitespace().collect();
    cells.get(5) == Some(&"2") && cells.get(11) == Some(&"3")
}

/// Asks until the answer is good, the process ends, or the limit is over.
pub async fn until_ready<T>(
    processes: &mut [Process],
    name: &'static str,
    mut ask: impl AsyncFnMut() -> Result<T, String>,
) -> Result<T, FleetError> {
    let clock = Clock::System;
    let mut seen = String::new();
    let asking = async {
        loop {
            match ask().await {
                Ok(answer) => return answer,
                Err(why) => seen = why,
            }
            clock.sleep(STEP).await;
        }
    };
    let ended = async {
        match processes.iter_mut().find(|process| process.name == name) {
            Some(process) => {
                let how = process.ended().await.map_or_else(|e| e.to_string(), |status| status.to_string());
                FleetError::Ended { name, how, words: process.last_words() }
            }
            None => std::future::pending().await,
        }
    };
    let answered = clock.limit(LIMIT, async {
        tokio::select! {
            biased;
            answer = asking => Ok(answer),
            error = ended => Err(error),
        }
    });
    match answered.await {
        Some(answered) => answered,
        None => Err(FleetError::Silent { name, seen }),
    }
}
