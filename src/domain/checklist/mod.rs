//! The checklist: items, their evidence, answers and waivers, and how each stands now.

mod spec;

pub use spec::{Fact, ItemKind, ItemSpec, Owner, Severity};
