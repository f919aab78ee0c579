//! The pipeline: its stages one after another, their validations and bakes, and what promotion waits for.

mod budget;
mod cards;
mod event;
mod lanes;
mod next;
mod pauses;
mod regions;
mod regroup;
mod soak;
mod stage_state;
mod state;
mod steps;
mod validation;
mod verified;
mod window;

pub use budget::over_budget;
pub use cards::{By, Card, Validation, cards};
pub use event::{BatchSize, PipelineEvent};
pub(super) use next::next;
pub use pauses::{Pauses, pauses_to_come};
pub use regions::{RegionWaits, region_compared, region_in_turn, region_waits};
pub(super) use regroup::{regrouped, serves_by_now};
pub use soak::alarm as soak_alarm;
pub(super) use soak::decide_extend;
pub use stage_state::StageState;
pub use state::{Bake, Pipeline, StageRun, StepAt, bake_left, pause_left};
pub(super) use state::{apply, unobserved};
pub(super) use steps::decide_go_on;
pub use steps::{region_outside, waits_at_pause};
pub use validation::{failed_validations, validation_obstacles, validation_standing};
pub use verified::{Verifies, declares_a_test, untested, verifies, waits_to_be_verified};
pub(super) use window::closed_by;
pub use window::{Foresight, Outside, closed_over, follows, foresight, opens, window_obstacles};
