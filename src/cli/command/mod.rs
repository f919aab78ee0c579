//! The commands, one file each.

pub mod by_command;
pub mod check;
pub mod close;
pub mod cockpit;
pub mod compare;
pub mod completions;
pub mod conductor;
pub mod declare;
pub mod demo;
pub mod doctor;
pub mod drill;
pub mod go_on;
pub mod hold;
pub mod init;
pub mod item;
mod obstacles;
pub mod open;
pub mod plan;
pub mod promote;
pub mod record;
mod refused;
pub mod rehearse;
pub mod replace;
pub mod report;
pub mod rollback;
pub mod rollout;
mod rollout_versions;
pub mod run;
pub mod sessions;
pub mod start;
pub mod status;
pub mod timeline;
pub mod vote;
pub mod watch;

pub use obstacles::obstacles;
pub use refused::refused;
