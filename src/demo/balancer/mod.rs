//! The demo's balancer, a process of its own, so that a killed conductor fails no request: it spreads
//! requests over the hosts, checks their health, and answers the runtime commands of HAProxy 2.6 that golive's
//! HAProxy balancer uses, so that the real balancer code is at work in the demo. What a command changes is
//! decided here and nowhere else; it never repeats a request that failed.

mod backend;
mod check;
mod checks;
mod command;
mod process;
mod proxy;
mod server;
mod socket;
mod stat;

pub use process::{Args, BalancerError, Config, Ready, ServerConfig, run};
pub use socket::ask;
