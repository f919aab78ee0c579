//! The fleet as golive sees it, and who puts its first release there.

use std::{path::PathBuf, sync::Arc};

use futures::future::BoxFuture;

use crate::{
    demo::fault::Fault,
    domain::{
        effect::Candidate,
        name::UnitId,
        plan::{Adopted, Plan},
    },
};

/// The team's directory with its plan, what runs first on every host of it, and what may follow.
#[derive(Clone, Debug)]
pub struct Site {
    pub project: PathBuf,
    /// The golive program that the fleet's processes run.
    pub program: PathBuf,
    pub plan: Arc<Adopted>,
    pub first: Candidate,
    pub good: Candidate,
    pub bad: Candidate,
    /// What is wrong with the bad one.
    pub faults: Vec<Fault>,
}

impl Site {
    pub fn plan(&self) -> &Plan {
        &self.plan.plan
    }

    /// The units of all hosts that golive itself changes, in the plan's order: agents install by themselves.
    pub fn units(&self) -> Vec<UnitId> {
        let ours = self.plan().pools().filter(|(environment, _)| environment.converges().is_none());
        ours.flat_map(|(_, pool)| &pool.hosts).map(|host| host.unit.clone()).collect()
    }
}

/// Installs and starts the first release on every host, as a rollout would. The demo may not reach into the
/// engine, so that it is handed this.
pub trait Installer: Send + Sync {
    /// An error is one line that names the host.
    fn install<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), String>>;
}
