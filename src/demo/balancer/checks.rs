//! Health checks: every server's `/is_alive`, again and again, however it is asked for (but in maintenance).

use std::{sync::Arc, time::Duration};

use super::{check::Seen, proxy::Balancing, server::Admin};
use crate::clock::Clock;

/// How long one check may take.
const LIMIT: Duration = Duration::from_secs(1);

/// Between two checks of one server. Grows with the fleet, so that 200 hosts cost two cores little.
fn interval(servers: usize) -> Duration {
    Duration::from_millis((servers as u64 * 8).max(200))
}

/// Checks all servers until dropped.
pub async fn run(balancing: Arc<Balancing>) {
    let servers = balancing.backend().servers.len();
    let every = interval(servers);
    let mut tasks = tokio::task::JoinSet::new();
    for at in 0..servers {
        let balancing = balancing.clone();
        tasks.spawn(async move {
            // Spread over the interval, so that the checks don't come in waves.
            Clock::System.sleep(every * at as u32 / servers as u32).await;
            loop {
                check(&balancing, at).await;
                Clock::System.sleep(every).await;
            }
        });
    }
    while tasks.join_next().await.is_some() {}
}

async fn check(balancing: &Balancing, at: usize) {
    let clock = Clock::System;
    let url = {
        let backend = balancing.backend();
        let server = &backend.servers[at];
        if server.admin == Admin::Maint {
            return;
        }
        format!("http://{}:{}/is_alive", server.address, server.port)
    };
    let began = clock.read().monotonic;
    let seen = match balancing.client().get(url).timeout(LIMIT).send().await {
        Ok(answer) => Seen::Status(answer.status().as_u16()),
        Err(error) if error.is_connect() => Seen::NotConnected("Connection refused".into()),
        Err(error) if error.is_timeout() => Seen::TimedOut,
        Err(_) => Seen::NotConnected("Connection closed".into()),
    };
    let now = clock.read().monotonic;
    balancing.backend().servers[at].checked(seen, now.saturating_sub(began) / 1_000, now);
}
