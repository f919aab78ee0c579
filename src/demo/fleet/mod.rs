//! The demo's fleet: how it is started, what golive is told about it, and how it ends. It starts processes and
//! looks after them; what is deployed to them is the rollout's affair.

mod agents;
mod children;
mod error;
mod front;
mod options;
pub(super) mod plan;
mod ports;
mod ready;
mod running;
mod site;
mod stand_ins;
mod start;

pub use error::FleetError;
pub use front::{FrontArgs, FrontError, ask_front};
pub use options::{DemoStrategy, HOSTS, LEAD, Options};
pub use running::Fleet;
pub use site::{Installer, Site};
pub use stand_ins::{LARGEST, Rehearsing, StandInFleet};
pub(super) use start::BACKEND;
