//! Worlds begin with the opening of a session: by a plan of their own, or one that is there already.

use std::sync::Arc;

use golive::domain::{
    course::{Mode, OpenRequest, open_at},
    event::Event,
    hash::Table,
    name::{SessionId, UnitId},
    plan::{Adopted, Plan},
    project::Project,
    time::{Span, WallTime},
};

use super::{
    after,
    host::Host,
    parts::release,
    plan::{Shape, plan},
    profiles,
    world::{MORNING, World, actor},
};

/// How a world begins: its fleet, and the event that opens its session. Any number of worlds can begin with the same.
pub struct Opening {
    pub event: Event,
    pub hosts: Vec<Host>,
    pub units: Vec<UnitId>,
    /// The place of each unit.
    pub index: Table<UnitId, usize>,
    /// What runs on every host; none: it is the first deploy ever.
    pub before: Option<String>,
    pub repeatable: bool,
}

impl Opening {
    /// By a plan that is there already, whoever else goes by it.
    pub fn of(
        shape: &Shape,
        adopted: &Arc<Adopted>,
        (before, version): (Option<&str>, &str),
        project: &Project,
    ) -> Self {
        let (hosts, units) = after::fleet(adopted, before, shape.balanced, project);
        let request = OpenRequest {
            id: SessionId::new("1").unwrap(),
            candidate: release(&adopted.plan, version),
            go_live: WallTime(MORNING).plus(Span::hours(2)),
            adopted: adopted.clone(),
            mode: Mode::Live,
            author: None,
            machine: "deploy-1".into(),
        };
        let asked = profiles::asked(&adopted.plan);
        Self {
            event: open_at(project, request, asked.as_ref(), &actor("dana")).unwrap(),
            index: units.iter().cloned().zip(0..).collect(),
            hosts,
            units,
            before: before.map(ToOwned::to_owned),
            repeatable: shape.repeatable,
        }
    }
}

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
        Self::opened(seed, &Opening::of(shape, &adopted, (before, version), project), heavy)
    }
}
