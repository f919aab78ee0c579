//! One host of the demo, a process of its own: an HTTP service with a self-test, health, version, metrics and
//! logs, that behaves as its release says. It knows nothing of rollouts.

mod behaviour;
mod log;
mod metrics;
mod process;
mod routes;
mod self_test;

pub use process::{Args, ServiceError, run};
