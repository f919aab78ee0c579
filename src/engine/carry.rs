//! Carries one effect out, to its one ending.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    count::Count,
    desire,
    driver::Job,
    ending::{Done, Trouble, outcome},
    lane,
    lock::{self, Lock},
    notify,
    observe::Look,
    once,
    outlived::Follow,
    probing::{Probing, ended},
    repair, scale,
    unit::Unit,
    watch::Watch,
    workshop::Workshop,
};
use crate::domain::{
    calendar,
    desired::Wish,
    effect::{Effect, Outcome, Report, Reported, Work},
    lock::Found,
    name::{CheckName, EnvironmentName, UnitId, Version},
    plan::{ALIVE, Scope, Vars},
    time::WallTime,
};

pub struct Carrier<'a> {
    pub shop: &'a Workshop,
    pub effect: &'a Effect,
    pub epoch: u32,
    pub reports: &'a mpsc::Sender<Report>,
    pub cancel: &'a CancellationToken,
}

impl Carrier<'_> {
    pub async fn carry(&self) -> Outcome {
        let (shop, cancel) = (self.shop, self.cancel);
        let ended = match &self.effect.work {
            Work::Step { unit, step, want, keep } => match self.unit(unit) {
                Ok(unit) => {
                    let target = &self.effect.id.target;
                    let job = Job { shop, unit: &unit, target, step: *step, want, keep, cancel };
                    lane::step(&job).await
                }
                Err(trouble) => Err(trouble),
            },
            Work::TakeOut { unit, want } => match self.unit(unit) {
                Ok(unit) => lane::take_out(shop, &unit, want, &self.effect.id.target, cancel).await,
                Err(trouble) => Err(trouble),
            },
            Work::Probe { unit, want: _ } => match self.unit(unit) {
                Ok(unit) => return self.probe(&unit).await,
                Err(trouble) => Err(trouble),
            },
            Work::Check { check, environment, unit, version, since } => {
                self.check((check, environment), unit.as_ref(), version, *since).await
            }
            Work::Watch { environment, keeps, interval } => {
                let (id, epoch, reports) = (&self.effect.id, self.epoch, self.reports);
                let (keeps, interval) = (keeps.as_ref(), *interval);
                Err(Watch { shop, environment, keeps, interval, id, epoch, reports, cancel }.run().await)
            }
            Work::Share { environment, share } => {
                lane::share(shop, environment, share.as_ref(), cancel).await
            }
            Work::Desire { environment, wish } => self.desire(environment, wish).await,
            Work::Once { environment, stage, once, version, back } => {
                let what = once::What { environment, stage, once, version, back: *back };
                once::run(shop, &what, &self.effect.id, cancel).await
            }
            Work::Count { environment, canary, among } => {
                let (id, epoch, reports) = (&self.effect.id, self.epoch, self.reports);
                Err(Count { shop, environment, canary, among, id, epoch, reports, cancel }.run().await)
            }
            Work::Lock { environment, claim, breaks } => {
                self.lock(environment, async |lock| lock::take(lock, claim, breaks.as_ref()).await).await
            }
            Work::Repair { unit } => match self.unit(unit) {
                Ok(unit) => repair::repair(shop, &unit, &self.effect.id, cancel).await,
                Err(trouble) => Err(trouble),
            },
            Work::Scale { environment, to } => {
                scale::to(shop, environment, *to, &self.effect.id, cancel).await
            }
            Work::Outlived { of } => {
                let (id, epoch, reports) = (&self.effect.id, self.epoch, self.reports);
                Follow { shop, of, id, epoch, reports, cancel }.run().await
            }
            Work::Unlock { environment, claim } => {
                self.lock(environment, async |lock| lock::release(lock, claim).await).await
            }
            Work::Notify { notice, person, text } => notify::tell(shop, *notice, person, text, cancel).await,
        };
        outcome(ended, &shop.scrubber())
    }

    /// Takes or releases a lock. What stands there then is told before how that ended.
    async fn lock(
        &self,
        environment: &EnvironmentName,
        act: impl AsyncFnOnce(&Lock<'_>) -> (Option<Found>, Result<Done, Trouble>),
    ) -> Result<Done, Trouble> {
        let _one = self.shop.locking.lock().await;
        let (shop, target, cancel) = (self.shop, &self.effect.id.target, self.cancel);
        let (found, ended) = act(&Lock { shop, environment, target, epoch: self.epoch, cancel }).await;
        if let Some(found) = found {
            let what = Reported::Lock { environment: environment.clone(), found };
            let report = Report { epoch: self.epoch, effect: self.effect.id.clone(), what };
            // Nobody takes reports any more: the conductor is ending.
            self.reports.send(report).await.map_err(|_| Trouble::Cancelled)?;
        }
        ended
    }

    /// Sets what agents read. What each key holds is told before how that ended.
    async fn desire(&self, environment: &EnvironmentName, wish: &Wish) -> Result<Done, Trouble> {
        let (id, epoch, reports, cancel) = (&self.effect.id, self.epoch, self.reports, self.cancel);
        desire::set(self.shop, wish, &desire::Tell { environment, id, epoch, reports, cancel }).await
    }

    fn unit(&self, id: &UnitId) -> Result<Arc<Unit>, Trouble> {
        self.shop.units().find(id)
    }

    /// Looks at a unit after an interruption.
    async fn probe(&self, unit: &Unit) -> Outcome {
        let (shop, cancel, target) = (self.shop, self.cancel, &self.effect.id.target);
        let seen = Look { shop, unit, keeps: None, target, cancel }.anew().await;
        if cancel.is_cancelled() { Outcome::Cancelled } else { Outcome::Seen(seen) }
    }

    async fn check(
        &self,
        (name, environment): (&CheckName, &EnvironmentName),
        unit: Option<&UnitId>,
        version: &Version,
        since: Option<WallTime>,
    ) -> Result<Done, Trouble> {
        let adopted = self.shop.adopted();
        let check = adopted
            .plan
            .check(name.as_str())
            .ok_or_else(|| Trouble::failed(format!("{name} is not in the adopted plan")))?;
        let vars = match unit {
            Some(unit) => self.unit(unit)?.vars(version.as_str()),
            None if check.scope() == Scope::Hosts => {
                return Err(Trouble::unknown(format!("{name} names a host, and none was given")));
            }
            None => {
                Vars { environment: environment.to_string(), version: version.to_string(), ..Vars::default() }
            }
        };
        let vars = Vars { since: since.map_or_else(String::new, calendar::utc), ..vars };
        let probing = Probing {
            shop: self.shop,
            check,
            vars: &vars,
            // `alive` is asked of hosts before and after they have the version; its answer is a fact there.
            // Whoever gives another check a version field wants it to be right.
            wants: (name.as_str() != ALIVE).then(|| version.as_str()),
            environment,
            unit,
            target: &self.effect.id.target,
            step: None,
            cancel: self.cancel,
        };
        ended(probing.verdict().await)
    }
}
