//! Worlds begin with the opening of a session: by a plan of their own, or one that is there already.

use std::sync::Arc;

use golive::domain::{
    plan::{Adopted, Plan},
    project::Project,
};

use super::{
    plan::{Shape, plan},
    world::World,
};

impl World {
    pub fn new(seed: u64, shape: &Shape) -> Self {
        Self::with(seed, shape, Some("2.4.1"), "2.5.0", true)
    }

    /// `before`: what runs on every host; none: the first deploy ever.
    pub fn with(seed: u64, shape: &Shape, before: Option<&str>, version: &str, heavy: bool) -> Self {
        Self::begin(seed, shape, plan(shape), (before, version), heavy, &Project::default())
    }

    /// A plan with something else in it.
    pub fn changed(seed: u64, shape: &Shape, change: impl FnOnce(&mut Plan)) -> Self {
        let mut plan = plan(shape);
        change(&mut plan);
        Self::begin(seed, shape, plan, (Some("2.4.1"), "2.5.0"), true, &Project::default())
    }

    pub fn begin(
        seed: u64,
        shape: &Shape,
        plan: Plan,
        (before, version): (Option<&str>, &str),
        heavy: bool,
        project: &Project,
    ) -> Self {
        let adopted = Arc::new(Adopted::new(plan, "golive.toml".into()));
        Self::adopting(seed, shape, &adopted, (before, version), heavy, project)
    }
}
