//! The Rollout screen: stages, hosts, one host's lane with its output, capacity and blast radius, the way back.

mod board;
mod draw;
mod host;
mod safety;
mod share;
mod show;
mod sides;
mod state;
mod view;

pub use draw::{draw, list_needs};
pub use host::{Steps, detail, short};
pub use safety::{hosts, rollback};
pub use show::show;
pub use sides::way_back;
pub use state::{State, problem};
pub use view::{AgentCells, Detail, HostRow, View, Widths};
