//! Counts how many requests some hosts get of all, by what the balancer says it has sent them.

use std::{collections::BTreeSet, time::Duration};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{balancer, ending::Trouble, workshop::Workshop};
use crate::domain::{
    effect::{EffectId, Report, Reported},
    name::{EnvironmentName, UnitId},
};

/// How long requests are counted for one report.
const WINDOW: Duration = Duration::from_secs(10);

pub struct Count<'a> {
    pub shop: &'a Workshop,
    pub environment: &'a EnvironmentName,
    pub canary: &'a [UnitId],
    pub id: &'a EffectId,
    pub epoch: u32,
    pub reports: &'a mpsc::Sender<Report>,
    pub cancel: &'a CancellationToken,
}

impl Count<'_> {
    /// Ends only when cancelled, or when the environment is not in the plan.
    pub async fn run(&self) -> Trouble {
        let mut before = None;
        loop {
            let now = match self.look().await {
                Ok(now) => now,
                Err(trouble) => return trouble,
            };
            if let (Some((canary, of)), Some((canary_now, of_now))) = (before, now)
                // A balancer that began anew counts from 0 again.
                && let (Some(canary), Some(of)) = (u64::checked_sub(canary_now, canary), u64::checked_sub(of_now, of))
                && self.tell(canary, of).await.is_err()
            {
                return Trouble::Cancelled;
            }
            before = now;
            tokio::select! {
                () = self.shop.clock.sleep(WINDOW) => {}
                () = self.cancel.cancelled() => return Trouble::Cancelled,
            }
        }
    }

    /// What the counted hosts and all of them have got; none: the balancer can't be asked now.
    async fn look(&self) -> Result<Option<(u64, u64)>, Trouble> {
        let units = self.shop.units();
        let units = units.all(self.environment)?;
        let Some(first) = units.first() else { return Ok(None) };
        let hosts: Vec<_> = units.iter().map(|unit| unit.vars("")).collect();
        let balancer =
            balancer::of(&first.site.balancer, &self.shop.clock, &self.shop.dirs.base, self.cancel);
        let Ok(Some(counts)) = balancer.requests(&hosts).await else { return Ok(None) };
        let canary: BTreeSet<&UnitId> = self.canary.iter().collect();
        let counted = units.iter().zip(&counts).filter(|(unit, _)| canary.contains(unit.id()));
        Ok(Some((counted.map(|(_, count)| *count).sum(), counts.iter().sum())))
    }

    async fn tell(&self, canary: u64, of: u64) -> Result<(), Trouble> {
        let what = Reported::Served { environment: self.environment.clone(), canary, of };
        let report = Report { epoch: self.epoch, effect: self.id.clone(), what };
        tokio::select! {
            sent = self.reports.send(report) => sent.map_err(|_| Trouble::Cancelled),
            () = self.cancel.cancelled() => Err(Trouble::Cancelled),
        }
    }
}
