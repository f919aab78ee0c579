//! The checklist: items, their evidence, answers and waivers, and how each stands now.

mod answer;
mod command;
mod event;
mod facts;
mod obstacles;
mod spec;
mod standing;
mod state;
mod waiver;

pub use answer::says_nothing;
pub use command::ChecklistCommand;
pub(super) use command::decide;
pub use event::{ChecklistEvent, Evidence};
pub use facts::holds;
pub use obstacles::{When, blocks, obstacles};
pub use spec::{Fact, ItemKind, ItemSpec, Owner, Severity};
pub use standing::{ItemStanding, ItemState, standing};
pub(super) use state::apply;
pub use state::{By, Checklist, ItemRecord, Waiver};
