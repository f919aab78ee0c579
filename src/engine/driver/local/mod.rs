//! Real processes on this machine, from release directories. Below a unit's directory:
//!
//! ```text
//! releases/2.5.0-9f3c01ab/        one release: version and the first digits of its digest
//! releases/2.5.0-9f3c01ab.json    what it holds, so that it can be verified later
//! current -> releases/2.5.0-…     what is installed; changed by one rename
//! service.json                    the process: id, start time, and the release it was started from
//! output.log, output.log.1 …      what it wrote
//! output.pipe, output.lock        what it writes into, and who reads that
//! ```
//!
//! The process must stay in the foreground: one that leaves a child behind and ends has ended.

mod capture;
mod deploy;
mod life;
mod log;
mod releases;
mod service;
mod verbs;

pub use capture::{WORD as CAPTURE, run as capture};
pub(crate) use log::{follow, tail as log_tail};
pub(crate) use service::Services;
pub(crate) use verbs::Local;
