//! Steady requests to the demo's balancer, a process of its own: it counts every request, and says of every
//! failed one why. It must not hide anything: no retries, and a request that could not even be sent is failed.

mod feed;
mod figures;
mod histogram;
mod load;
mod process;

pub use feed::feed;
pub use figures::{Failure, Stats};
pub use process::{Args, TrafficError, run};
