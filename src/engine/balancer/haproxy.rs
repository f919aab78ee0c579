//! HAProxy by its runtime API. Commands sent, all of them:
//!
//! ```text
//! set server BACKEND/NAME state drain | maint | ready
//! set server BACKEND/NAME weight 0-256
//! show servers state BACKEND
//! show stat BACKEND 4 -1
//! ```
//!
//! A server's name is its host's name. Success is an empty line and failure prose, so that every change is
//! read back. An absolute weight is set, never a percentage: 25 % of a weight of 1 is 0.

use std::{path::Path, time::Duration};

use futures::future::BoxFuture;
use tokio::task::{spawn_blocking, yield_now};
use tokio_util::sync::CancellationToken;

use super::{
    balance::{Balance, BalancerError, Count, Drained, Gets, Member, Told},
    runtime_api::{Socket, ask},
    servers::{
        ANY_MAINT, FORCED_DRAIN, FORCED_MAINT, Server, accepted, read_counts, read_sessions, read_states,
    },
    shares::weights,
};
use crate::{
    clock::Clock,
    domain::{
        effect::PoolState,
        plan::{Vars, Weight},
        time::Span,
    },
    engine::backoff::Backoff,
};

/// The longest pause between two looks at a server that drains or comes back.
const PAUSE: Duration = Duration::from_millis(200);

/// Hosts of which is told without letting others go on.
const AT_ONCE: usize = 512;

#[derive(Debug)]
pub struct Haproxy {
    socket: Socket,
    backend: String,
    /// The longest wait for sessions to end.
    drain_timeout: Span,
    clock: Clock,
    cancel: CancellationToken,
}

type Result<T> = std::result::Result<T, BalancerError>;

impl Haproxy {
    /// `socket` is `host:port` or a path, relative to `base`.
    pub fn new(socket: &str, base: &Path, backend: &str, drain_timeout: Span, clock: Clock) -> Self {
        Self {
            socket: Socket::read(socket, base),
            backend: backend.into(),
            drain_timeout,
            clock,
            cancel: CancellationToken::new(),
        }
    }

    #[must_use]
    pub fn cancelled_by(mut self, cancel: CancellationToken) -> Self {
        self.cancel = cancel;
        self
    }

    async fn ask(&self, command: &str) -> Result<String> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(BalancerError::Cancelled),
            answer = ask(&self.socket, &self.clock, command) => answer,
        }
    }

    async fn pause(&self, backoff: &mut Backoff) -> Result<()> {
        tokio::select! {
            () = self.cancel.cancelled() => Err(BalancerError::Cancelled),
            () = self.clock.sleep(backoff.pause()) => Ok(()),
        }
    }

    async fn servers(&self) -> Result<std::collections::BTreeMap<String, Server>> {
        let unreadable = |command: &str, why| BalancerError::Unreadable { command: command.into(), why };
        let states = format!("show servers state {}", self.backend);
        let stat = format!("show stat {} 4 -1", self.backend);
        let answers = [self.ask(&states).await?, self.ask(&stat).await?];
        let backend = self.backend.clone();
        beside(move || {
            let mut servers = read_states(&answers[0], &backend).map_err(|why| unreadable(&states, why))?;
            let sessions = read_sessions(&answers[1], &backend).map_err(|why| unreadable(&stat, why))?;
            for (name, server) in &mut servers {
                // A server without a figure can't be called empty.
                server.sessions = *sessions
                    .get(name)
                    .ok_or_else(|| unreadable(&stat, format!("it says nothing of {name}")))?;
            }
            Ok(servers)
        })
        .await
    }

    fn missing(&self, name: &str) -> BalancerError {
        BalancerError::NoServer { backend: self.backend.clone(), server: name.into() }
    }

    async fn server(&self, name: &str) -> Result<Server> {
        self.servers().await?.remove(name).ok_or_else(|| self.missing(name))
    }

    /// Sends a change and reads back whether it holds.
    async fn set(&self, name: &str, what: &str, holds: impl Fn(&Server) -> bool + Send) -> Result<Server> {
        let command = format!("set server {}/{name} {what}", self.backend);
        accepted(&command, &self.ask(&command).await?)?;
        let server = self.server(name).await?;
        if holds(&server) {
            Ok(server)
        } else {
            Err(BalancerError::NotDone { command, server: name.into(), found: server.words() })
        }
    }

    /// Drain, wait, maintenance; a server in maintenance already is out already.
    async fn take_out(&self, name: &str, told: Told<'_>) -> Result<Drained> {
        let mut server = self.server(name).await?;
        if server.admin & ANY_MAINT != 0 && server.sessions == 0 {
            return Ok(Drained::Empty);
        }
        if server.admin & (ANY_MAINT | FORCED_DRAIN) == 0 {
            server = self.set(name, "state drain", |server| server.admin & FORCED_DRAIN != 0).await?;
        }
        let start = self.clock.read().monotonic;
        let (mut shown, mut backoff) = (None, Backoff::up_to(PAUSE));
        let drained = loop {
            if server.sessions == 0 {
                break Drained::Empty;
            }
            let after = Span(self.clock.read().monotonic.saturating_sub(start));
            if after >= self.drain_timeout {
                break Drained::Limit { left: server.sessions, after: self.drain_timeout };
            }
            if shown != Some(server.sessions) {
                told(&format!("{} sessions left", server.sessions));
                shown = Some(server.sessions);
            }
            self.pause(&mut backoff).await?;
            server = self.server(name).await?;
        };
        self.set(name, "state maint", |server| server.admin & FORCED_MAINT != 0).await?;
        Ok(drained)
    }

    async fn bring_back(&self, name: &str, told: Told<'_>) -> Result<()> {
        let mut server = self.server(name).await?;
        if server.member().state != PoolState::In {
            server = self
                .set(name, "state ready", |server| server.admin & (FORCED_MAINT | FORCED_DRAIN) == 0)
                .await?;
        }
        if server.admin & ANY_MAINT != 0 {
            let command = format!("set server {}/{name} state ready", self.backend);
            return Err(BalancerError::NotDone { command, server: name.into(), found: server.words() });
        }
        // It takes traffic only once HAProxy's own check has passed.
        let (mut shown, mut backoff) = (None, Backoff::up_to(PAUSE));
        while server.member().state != PoolState::In {
            let why = server.member().why;
            if why != shown {
                told(why.as_deref().unwrap_or("not in the pool yet"));
                shown = why;
            }
            self.pause(&mut backoff).await?;
            server = self.server(name).await?;
        }
        Ok(())
    }
}

impl Haproxy {
    /// Reads all of them back at once.
    async fn hold(&self, servers: &[(&str, (u32, Gets))], wanted: &[u32]) -> Result<()> {
        let found = self.servers().await?;
        for ((name, _), weight) in servers.iter().zip(wanted) {
            let server = found.get(*name).ok_or_else(|| self.missing(name))?;
            if server.weight != *weight {
                let command = format!("set server {}/{name} weight {weight}", self.backend);
                let (server, found) = ((*name).to_owned(), server.words());
                return Err(BalancerError::NotDone { command, server, found });
            }
        }
        Ok(())
    }
}

/// Reads an answer off the threads on which others wait: one about thousands of servers takes long.
async fn beside<T: Send + 'static>(read: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let lost = |error: tokio::task::JoinError| BalancerError::Command {
        why: format!("haproxy's answer was not read: {error}"),
        evidence: None,
    };
    spawn_blocking(read).await.unwrap_or_else(|error| Err(lost(error)))
}

/// A name that could end the command or start another is no server's name.
fn plain(name: &str) -> Option<&str> {
    (!name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || "/;\\".contains(c)))
        .then_some(name)
}

impl Balance for Haproxy {
    fn drain<'a>(&'a self, host: &'a Vars, told: Told<'a>) -> BoxFuture<'a, Result<Drained>> {
        Box::pin(async move {
            let name = plain(&host.name).ok_or_else(|| self.missing(&host.name))?;
            self.take_out(name, told).await
        })
    }

    fn ready<'a>(&'a self, host: &'a Vars, told: Told<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let name = plain(&host.name).ok_or_else(|| self.missing(&host.name))?;
            self.bring_back(name, told).await
        })
    }

    fn members<'a>(&'a self, hosts: &'a [Vars]) -> BoxFuture<'a, Vec<Result<Member>>> {
        Box::pin(async move {
            let servers = self.servers().await;
            let of = |host: &Vars| match &servers {
                Ok(servers) => {
                    servers.get(&host.name).map(Server::member).ok_or_else(|| self.missing(&host.name))
                }
                Err(BalancerError::Cancelled) => Err(BalancerError::Cancelled),
                Err(error) => Err(BalancerError::Command { why: error.to_string(), evidence: None }),
            };
            let mut members = Vec::with_capacity(hosts.len());
            for some in hosts.chunks(AT_ONCE) {
                members.extend(some.iter().map(of));
                yield_now().await;
            }
            members
        })
    }

    fn counts<'a>(&'a self, hosts: &'a [Vars]) -> BoxFuture<'a, Result<Option<Vec<Count>>>> {
        Box::pin(async move {
            let stat = format!("show stat {} 4 -1", self.backend);
            let (answer, backend) = (self.ask(&stat).await?, self.backend.clone());
            let counts = beside(move || {
                read_counts(&answer, &backend).map_err(|why| BalancerError::Unreadable { command: stat, why })
            });
            let counts = counts.await?;
            let of = |host: &Vars| counts.get(&host.name).copied().ok_or_else(|| self.missing(&host.name));
            hosts.iter().map(of).collect::<Result<Vec<Count>>>().map(Some)
        })
    }

    fn share<'a>(
        &'a self,
        hosts: &'a [(Vars, Gets)],
        weight: Option<Weight>,
    ) -> BoxFuture<'a, Result<Vec<u32>>> {
        Box::pin(async move {
            let found = self.servers().await?;
            let mut servers = Vec::with_capacity(hosts.len());
            for (host, gets) in hosts {
                let name = plain(&host.name).filter(|name| found.contains_key(*name));
                let name = name.ok_or_else(|| self.missing(&host.name))?;
                servers.push((name, (found[name].initial, *gets)));
            }
            let initial: Vec<(u32, Gets)> = servers.iter().map(|(_, server)| *server).collect();
            let wanted = weights(&initial, weight);
            for ((name, _), weight) in servers.iter().zip(&wanted) {
                if found[*name].weight != *weight {
                    let command = format!("set server {}/{name} weight {weight}", self.backend);
                    accepted(&command, &self.ask(&command).await?)?;
                }
            }
            self.hold(&servers, &wanted).await?;
            Ok(wanted)
        })
    }
}
