//! What every balancer can do. Hosts are named by template values; a balancer's own name for a host is `{name}`.

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::{exec::Exec, haproxy::Haproxy, none::NoBalancer};
use crate::{
    domain::{
        effect::{PoolState, Target},
        plan::{self, Vars, Weight},
        time::Span,
    },
    engine::{ending::Trouble, workshop::Workshop},
};

#[derive(Debug, thiserror::Error)]
pub enum BalancerError {
    #[error("the balancer can't be reached at {socket}: {why}")]
    Unreachable { socket: String, why: String },
    #[error("haproxy refused \"{command}\": {said}")]
    Refused { command: String, said: String },
    #[error("haproxy has no server {server} in backend {backend}: servers bear the hosts' names")]
    NoServer { backend: String, server: String },
    #[error("haproxy accepted \"{command}\", but {server} is {found} afterwards")]
    NotDone { command: String, server: String, found: String },
    #[error("haproxy's answer to \"{command}\" was not understood: {why}")]
    Unreadable { command: String, why: String },
    #[error("{0} has no weights")]
    NoWeight(&'static str),
    #[error("{why}")]
    Command { why: String, evidence: Option<String> },
    #[error("cancelled")]
    Cancelled,
}

impl From<BalancerError> for Trouble {
    fn from(error: BalancerError) -> Self {
        match error {
            BalancerError::Cancelled => Trouble::Cancelled,
            BalancerError::Command { why, evidence } => Trouble::Failed { why, evidence },
            error => Trouble::failed(error),
        }
    }
}

/// A host in the pool, as the balancer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub state: PoolState,
    /// Sessions and requests that wait for it.
    pub sessions: u64,
    /// Absent where the balancer has none.
    pub weight: Option<u32>,
    /// Why it takes no traffic though nobody asked for that.
    pub why: Option<String>,
}

impl Member {
    pub fn is(state: PoolState) -> Self {
        Self { state, sessions: 0, weight: None, why: None }
    }
}

/// What a host has served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub requests: u64,
    pub errors: u64,
    /// The mean time to an answer lately, in milliseconds, where the balancer knows it.
    pub response: Option<u64>,
}

/// What of the requests a host gets where a part of them is given to some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gets {
    /// Its part of the share.
    Share,
    /// Its part of the rest.
    Rest,
    /// None, since it is out of the pool. Its weight is as if it got its part of the rest.
    Nothing,
}

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// The host has no sessions.
    Empty,
    /// The limit was reached with so many left, which end when the host is stopped.
    Limit { left: u64, after: Span },
    /// The balancer can't count; it said that the host is out.
    Uncounted,
    /// There is no balancer: requests may fail.
    NoBalancer,
}

/// Is told how far a step is.
pub type Told<'a> = &'a (dyn Fn(&str) + Send + Sync);

pub trait Balance: Send + Sync {
    /// Takes the host out: no new sessions, waits until it has none or the limit, and verifies that it is out.
    fn drain<'a>(&'a self, host: &'a Vars, told: Told<'a>) -> BoxFuture<'a, Result<Drained, BalancerError>>;

    /// Brings the host back, and waits until the balancer says that it takes traffic.
    fn ready<'a>(&'a self, host: &'a Vars, told: Told<'a>) -> BoxFuture<'a, Result<(), BalancerError>>;

    /// What the balancer says of each host, in order.
    fn members<'a>(&'a self, hosts: &'a [Vars]) -> BoxFuture<'a, Vec<Result<Member, BalancerError>>>;

    /// What each host served since the balancer began, in order; none: it does not count.
    fn counts<'a>(&'a self, hosts: &'a [Vars]) -> BoxFuture<'a, Result<Option<Vec<Count>>, BalancerError>>;

    /// Gives hosts this share of the requests together, and the others that are in the pool the rest; none: as the
    /// balancer is configured. Gives the weights that it holds afterwards, in order.
    fn share<'a>(
        &'a self,
        hosts: &'a [(Vars, Gets)],
        weight: Option<Weight>,
    ) -> BoxFuture<'a, Result<Vec<u32>, BalancerError>>;
}

/// The balancer that a plan declares. `act` is what its commands are, where they change something: one that outlives
/// its conductor is ended before anything else is done for the same target.
pub(crate) fn of<'a>(
    balancer: &'a plan::Balancer,
    shop: &'a Workshop,
    cancel: &'a CancellationToken,
    act: Option<&'a Target>,
) -> Box<dyn Balance + 'a> {
    let (clock, base) = (&shop.clock, &shop.dirs.base);
    match balancer {
        plan::Balancer::None => Box::new(NoBalancer),
        plan::Balancer::Haproxy { socket, backend, drain_timeout } => {
            let haproxy = Haproxy::new(socket, base, backend, *drain_timeout, clock.clone());
            Box::new(haproxy.cancelled_by(cancel.clone()))
        }
        plan::Balancer::Exec { drain, ready, observe, timeout } => {
            let (timeout, noted) = (*timeout, act.map(|act| (&shop.leftovers, act)));
            Box::new(Exec { drain, ready, observe, timeout, clock, base: base.clone(), cancel, noted })
        }
    }
}
