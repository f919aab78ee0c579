//! The commands, one file each.

pub mod check;
pub mod completions;
pub mod doctor;
pub mod init;
mod obstacles;
pub mod record;
mod refused;
pub mod report;
pub mod sessions;
pub mod status;

pub use obstacles::obstacles;
pub use refused::refused;
