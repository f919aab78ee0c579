//! The standing watch over an environment: reports each unit once at first, and then what changes.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use futures::StreamExt as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    balancer::{self, BalancerError, Member},
    ending::Trouble,
    observe::Look,
    unit::{Unit, Units},
    workshop::Workshop,
};
use crate::domain::{
    effect::{Candidate, EffectId, Report, Reported, Seen},
    name::{EnvironmentName, UnitId},
    time::Span,
};

/// How many units are looked at at once; each look is one probe at most.
const AT_ONCE: usize = 256;

pub struct Watch<'a> {
    pub shop: &'a Workshop,
    pub environment: &'a EnvironmentName,
    pub keeps: Option<&'a Candidate>,
    pub interval: Span,
    pub id: &'a EffectId,
    pub epoch: u32,
    pub reports: &'a mpsc::Sender<Report>,
    pub cancel: &'a CancellationToken,
}

impl Watch<'_> {
    /// Ends only when cancelled, or when the environment is not in the plan.
    pub async fn run(&self) -> Trouble {
        let mut known: HashMap<UnitId, Seen> = HashMap::new();
        let mut plan: Option<Arc<Units>> = None;
        loop {
            let units = self.shop.units();
            let all = match units.all(self.environment) {
                Ok(all) => all,
                Err(trouble) => return trouble,
            };
            if plan.as_ref().is_none_or(|plan| !Arc::ptr_eq(plan, &units)) {
                let ids: HashSet<&UnitId> = all.iter().map(|unit| unit.id()).collect();
                known.retain(|id, _| ids.contains(id));
                plan = Some(units.clone());
            }
            if let Err(trouble) = self.round(all, &mut known).await {
                return trouble;
            }
            tokio::select! {
                () = self.shop.clock.sleep(self.interval.duration()) => {}
                () = self.cancel.cancelled() => return Trouble::Cancelled,
            }
        }
    }

    async fn round(&self, units: &[Arc<Unit>], known: &mut HashMap<UnitId, Seen>) -> Result<(), Trouble> {
        let Some(first) = units.first() else { return Ok(()) };
        let base = &self.shop.dirs.base;
        let hosts: Vec<_> = units.iter().map(|unit| unit.vars("")).collect();
        // One question for all: a balancer answers for a thousand servers as fast as for one.
        let balancer = balancer::of(&first.site.balancer, &self.shop.clock, base, self.cancel);
        let members = balancer.members(&hosts).await;
        let looks: Vec<_> = units.iter().zip(members).map(|(unit, member)| self.look(unit, member)).collect();
        let mut looks = futures::stream::iter(looks).buffer_unordered(AT_ONCE);
        while let Some((unit, seen)) = looks.next().await {
            if self.cancel.is_cancelled() {
                // What was seen while everything was being cancelled says nothing.
                return Err(Trouble::Cancelled);
            }
            if known.get(unit.id()) == Some(&seen) {
                continue;
            }
            known.insert(unit.id().clone(), seen.clone());
            let what = Reported::Unit { unit: unit.id().clone(), seen };
            let report = Report { epoch: self.epoch, effect: self.id.clone(), what };
            tokio::select! {
                // Nobody takes reports any more: the conductor is ending.
                sent = self.reports.send(report) => sent.map_err(|_| Trouble::Cancelled)?,
                () = self.cancel.cancelled() => return Err(Trouble::Cancelled),
            }
        }
        Ok(())
    }

    async fn look<'b>(&self, unit: &'b Unit, member: Result<Member, BalancerError>) -> (&'b Unit, Seen) {
        let look =
            Look { shop: self.shop, unit, keeps: self.keeps, target: &self.id.target, cancel: self.cancel };
        (unit, look.look(member).await)
    }
}
