//! The Rollout screen: stages, hosts, one host's lane with its output, capacity and blast radius, the way back.

mod draw;
mod view;

pub use draw::{draw, list_rows};
pub use view::{HostRow, View};
