//! Hosts that agents change: a store that says which version each of them is to run, and the agents, a process a host,
//! that look there every few seconds and install what it says. Nobody tells a host anything: it is only read.

mod agent;
mod store;

pub use agent::{AgentArgs, AgentError, agent};
pub use store::{Ready, StoreArgs, StoreError, store};
