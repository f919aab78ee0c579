//! Looking after hosts outside a rollout: which are flagged for replacement, what was committed, and the operation that
//! takes them through their lanes with the version that should run. The lanes themselves are the rollout's.

mod absence;
mod ask_scale;
mod command;
mod event;
mod heart;
mod leave;
mod may_leave;
mod mend;
mod next;
mod pending;
mod repair;
mod scale;
mod state;
mod unwell;
mod wanted;
mod words;

pub use absence::{Absence, Back, Traffic};
pub(super) use absence::{comes_back, counted, leaves_no_more, report, uncounted};
pub use command::OperationCommand;
pub(super) use command::{begun, decide, watched};
pub use event::{Away, Kind, OperationEvent};
pub use heart::{Beats, Dead, Heart, Revived, heart};
pub(super) use heart::{looked, misses, stale};
pub(super) use may_leave::begun as leaves;
pub(super) use next::next;
pub use pending::pending;
pub(super) use pending::{obstacle, repairing};
pub use repair::{Mended, Paused, Repaired, Repairs, policy};
pub(super) use repair::{ended as repair_ended, under_repair};
pub use scale::{Rescale, Rescaled, Scaled, Scales, scaling};
pub(super) use scale::{ended as scale_ended, report as scale_report, started as scale_started};
pub use state::{Committed, Flag, Operation, Operations, Over};
pub(super) use state::{apply, carried};
pub use unwell::unwell;
pub use wanted::can_replace;
pub use wanted::should_run;
pub(super) use wanted::steps;
pub use words::{RepairStands, repairs, replaces_again, scaled, standing, suspended, under_way};
