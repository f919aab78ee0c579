//! The rollout: units and their lanes, the capacity budget, failures, and the way back.

mod begin;
mod budget;
mod command;
mod event;
mod fleet;
mod index;
mod lane;
mod next;
mod readiness;
mod repair;
mod rollback;
mod state;
mod trouble;
mod unit;

pub(super) use begin::passed;
pub use begin::{Preview, preview, preview_of};
pub use budget::{Budget, budget};
pub use command::RolloutCommand;
pub(super) use command::decide;
pub use event::RolloutEvent;
pub use fleet::Rollout;
pub use index::Counts;
pub(super) use lane::lane_steps_of;
pub use lane::{Direction, Lane, LaneState, StepDone, lane_steps};
pub(super) use next::{back, line, unit as next_of_unit};
pub(super) use readiness::target as way_back;
pub use readiness::{Readiness, readiness};
pub use rollback::{Reach, Rollback, RollbackScope, reach, scope};
pub(super) use state::{
    apply, closed, ended, flight_started, observations_stale, progressed, reopened, unobserved,
};
pub use trouble::{Trouble, troubles};
pub use unit::{SeenAt, Unit};
