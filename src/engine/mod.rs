//! Carries effects out and reports back; owns no policy: what to do, in which order and for how long is the
//! core's; addresses, commands and limits are the adopted plan's.
//!
//! - [`engine`](self::Engine): starts, cancels and reports effects; one task each.
//! - `carry`, `lane`, `alive`, `observe`, `watch`: what each kind of work is.
//! - `keep`, `outlived`: commands that do not end with their conductor, and what the next one makes of them.
//! - `desire`: the desired version that agents read, and what they report.
//! - `driver`, `balancer`, `probe`, `notify`: one trait each, one file a kind.
//! - `lock`: what keeps conductors apart that share no journal.
//! - [`artifact`]: where a release comes from, its digest, and safe unpacking.
//! - [`scrub`]: the one function that every text from outside passes before it leaves.
//!
//! Every lane step is "ensure": observe first, act on a difference, verify after. Nothing here writes a record.

pub mod artifact;
pub mod balancer;
pub mod probe;
pub mod scrub;
pub mod tls;

mod alive;
mod backoff;
mod carry;
mod command;
mod count;
mod desire;
mod driver;
mod ending;
#[expect(clippy::module_inception, reason = "the file is named after the one type it holds")]
mod engine;
mod http;
mod keep;
mod lane;
mod leftovers;
mod live;
mod lock;
mod notify;
mod observe;
mod once;
mod outlived;
mod output;
mod probing;
mod process;
mod proof;
mod recent;
mod repair;
mod scale;
mod secret;
mod unit;
mod watch;
mod workshop;

pub use driver::{CAPTURE, capture};
pub use engine::Engine;
pub(crate) use http::{Clients, why_not};
pub use keep::run as keep;
pub use live::Live;
pub use workshop::EngineDirs;
