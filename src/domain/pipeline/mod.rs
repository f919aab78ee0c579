//! The pipeline: its stages one after another, their validations and bakes, and what promotion waits for.

mod cards;
mod event;
mod next;
mod state;
mod validation;
mod verified;

pub use cards::{By, Card, Validation, cards};
pub use event::{BatchSize, PipelineEvent};
pub(super) use next::next;
pub use state::{Bake, Pipeline, StageRun, StageState, bake_left};
pub(super) use state::{apply, numbers, unobserved};
pub use validation::{failed_validations, validation_obstacles, validation_standing};
pub use verified::{Verifies, declares_a_test, untested, verifies, waits_to_be_verified};
