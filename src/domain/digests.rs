//! What votes and evidence rely on, as digests over canonical typed JSON. Each scheme has a name and a version;
//! golden tests hold them, so that a stored vote means the same in a later build.

use std::sync::OnceLock;

use serde::Serialize;

use super::{
    name::Digest,
    plan::{Capacity, Deadlines, Driver, EnvironmentKind, Own, Plan, PlanB, Repair, Stage},
    session::Session,
};

/// The digests of an adopted plan: digested once, when somebody asks first, not for every item and vote of every session
/// that goes by it. Derived, never stored; another plan begins with none.
#[derive(Clone, Debug, Default)]
pub struct OfPlan(OnceLock<(Digest, Digest)>);

/// What is derived takes no part in comparing plans.
impl PartialEq for OfPlan {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for OfPlan {}

impl OfPlan {
    pub(super) fn of(&self, plan: &Plan) -> &(Digest, Digest) {
        self.0.get_or_init(|| (steps(plan), risks(plan)))
    }
}

impl Session {
    /// [`steps`] of the adopted plan.
    pub fn steps(&self) -> Digest {
        self.course.adopted.digests().0.clone()
    }

    /// [`risks`] of the adopted plan.
    pub fn risks(&self) -> Digest {
        self.course.adopted.digests().1.clone()
    }
}

/// Stages, hosts, order, strategy, capacity, rollback: what will be done to which machine.
pub fn steps(plan: &Plan) -> Digest {
    #[derive(Serialize)]
    struct Steps<'a> {
        stages: &'a [Stage],
        environments: Vec<Place<'a>>,
        /// Left out where there is one: a stored vote means what it meant.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        components: Vec<(&'a str, &'a Own)>,
    }
    #[derive(Serialize)]
    struct Place<'a> {
        name: &'a str,
        kind: EnvironmentKind,
        driver: &'a Driver,
        capacity: &'a Capacity,
        deadlines: &'a Deadlines,
        /// Unit, address and port, in the order of deployment.
        hosts: Vec<(&'a str, &'a str, Option<u16>)>,
        /// Left out where nothing is repaired by itself: a stored vote means what it meant.
        #[serde(skip_serializing_if = "Option::is_none")]
        repair: Option<&'a Repair>,
    }
    let environments = plan
        .environments
        .values()
        .map(|env| Place {
            name: env.name.as_str(),
            kind: env.kind,
            driver: &env.driver,
            capacity: &env.capacity,
            deadlines: &env.deadlines,
            hosts: env.hosts().map(|h| (h.unit.as_str(), h.address.as_str(), h.port)).collect(),
            repair: env.repair.as_ref(),
        })
        .collect();
    let parts = plan.deployed().into_iter().filter(|_| plan.has_parts());
    let components = parts.map(|it| (it.name.as_str(), &it.own)).collect();
    Digest::of_value("golive/steps/1", &Steps { stages: &plan.stages, environments, components })
}

/// Plan B, and which items are show-stoppers.
pub fn risks(plan: &Plan) -> Digest {
    #[derive(Serialize)]
    struct Risks<'a> {
        plan_b: &'a PlanB,
        show_stoppers: Vec<&'a str>,
    }
    let show_stoppers = plan
        .items
        .iter()
        .filter(|item| item.severity == super::checklist::Severity::ShowStopper)
        .map(|item| item.id.as_str())
        .collect();
    Digest::of_value("golive/risks/1", &Risks { plan_b: &plan.plan_b, show_stoppers })
}
