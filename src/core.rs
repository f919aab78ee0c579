//! The pure part of golive, a crate of its own (`src/core/Cargo.toml`), which its tests and the simulator build
//! without the rest: [`domain`] is every rule of a go-live, [`record`] the shapes in which its events are stored,
//! [`report`] what is written about it, [`conductor::turn`] the one place where its events come to be.
//! No IO, no clock, no chance: time and ids are passed in.

pub mod domain;
pub mod record;
pub mod report;

/// What of the conductor is pure.
#[path = "conductor"]
pub mod conductor {
    pub mod turn;
}
