//! The lock on an environment, written where it is deployed to: for conductors that share no journal. It is taken
//! before the first host of a stage is touched, and released when the session is done with the environment.

mod event;
mod found;
mod next;
mod state;

pub use event::LockEvent;
pub use found::{Claim, Found, Holder, Life};
pub(super) use next::{break_lock, next, obstacle, take_again};
pub use next::{may_touch, refusals, refused, standing};
pub use state::{EnvironmentLock, Locks, Refused, Standing};
pub(super) use state::{apply, ended, rollback_began, stale, started};
