//! Wall-clock time in the zones of the people who read it: when hours of the week are open, when a freeze begins and
//! ends, also on the days on which clocks are put forward and back. The zones' data is compiled in; no file and no
//! clock is read, so that the same times give the same answer everywhere.

mod freeze;
mod hours;
mod opening;
mod zone;

pub use freeze::Frozen;
pub use hours::Hours;
pub use opening::{Closed, Opening, Rule};
pub use zone::{known, local, near, utc, zone};
