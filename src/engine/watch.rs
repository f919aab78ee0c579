//! The standing watch over an environment: reports each unit once at first, and then what changes.
//!
//! A unit that is slow to look at holds up no other: each round asks the balancer once for all and looks at the
//! units whose last look has ended. A look that was overtaken by the end of an effect on the unit is old and is
//! taken again; and after such an end the unit is told once more, since whoever listens has heard of it from the
//! effect meanwhile.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use futures::{StreamExt as _, stream::FuturesUnordered};
use tokio::{
    sync::{Semaphore, mpsc},
    task::yield_now,
};
use tokio_util::sync::CancellationToken;

use super::{
    balancer::{self, BalancerError, Held, Member},
    desire,
    ending::Trouble,
    lock,
    observe::Look,
    scale,
    unit::{Unit, Units},
    workshop::Workshop,
};
use crate::domain::{
    effect::{Candidate, EffectId, PoolState, Report, Reported, Seen},
    lock::Found,
    name::{EnvironmentName, UnitId},
    plan::Balancer,
    time::Span,
};

/// How many units are looked at at once; each look is one probe at most.
const AT_ONCE: usize = 256;
/// Units that are gone through before others may go on: while a task goes on, nobody may hear what comes in.
const SLICE: usize = 512;

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

/// A finished look.
struct Looked {
    unit: UnitId,
    /// The effect before whose end it was taken.
    turn: u64,
    seen: Seen,
}

#[derive(Default)]
struct Known {
    /// What was told of each unit.
    told: HashMap<UnitId, (u64, Seen)>,
    /// Units whose look has not ended.
    busy: HashSet<UnitId>,
}

impl Known {
    /// Whether the unit is to be looked at in its turn. `blank`: nothing else can be seen of it than what was told.
    fn wants_a_look(&self, unit: &UnitId, turn: u64, blank: bool) -> bool {
        let told = || self.told.get(unit).is_some_and(|(told, _)| *told == turn);
        !(blank && told() || self.busy.contains(unit))
    }
}

impl Watch<'_> {
    /// Ends only when cancelled, or when the environment is not in the plan.
    pub async fn run(&self) -> Trouble {
        let ended = tokio::select! {
            ended = self.rounds() => ended,
            trouble = self.stores() => Err(trouble),
            trouble = self.machines() => Err(trouble),
        };
        match ended {
            Ok(()) => Trouble::Cancelled,
            Err(trouble) => trouble,
        }
    }

    /// What agents are told, read at its own pace: a store that does not answer holds up no look at a host.
    async fn stores(&self) -> Trouble {
        let Self { shop, environment, interval, id, epoch, reports, cancel, .. } = *self;
        desire::watch(shop, interval, &desire::Tell { environment, id, epoch, reports, cancel }).await
    }

    /// How many machines the platform says there are, asked at a pace of its own.
    async fn machines(&self) -> Trouble {
        let Self { shop, environment, id, epoch, reports, cancel, .. } = *self;
        scale::watch(shop, &scale::Tell { environment, id, epoch, reports, cancel }).await
    }

    async fn rounds(&self) -> Result<(), Trouble> {
        let permits = Semaphore::new(AT_ONCE);
        let (mut known, mut looks) = (Known::default(), FuturesUnordered::new());
        let mut plan: Option<Arc<Units>> = None;
        let (mut lock, mut lost) = (None, None);
        loop {
            {
                let asking = self.look_at_the_lock(&mut lock);
                tokio::pin!(asking);
                loop {
                    tokio::select! {
                        looked = &mut asking => break looked?,
                        Some(looked) = looks.next() => self.tell(&mut known, looked).await?,
                        () = self.cancel.cancelled() => return Ok(()),
                    }
                }
            }
            let units = self.shop.units();
            let all = units.all(self.environment)?;
            if plan.as_ref().is_none_or(|plan| !Arc::ptr_eq(plan, &units)) {
                let ids: HashSet<&UnitId> = all.iter().map(|unit| unit.id()).collect();
                known.told.retain(|id, _| ids.contains(id));
                plan = Some(units.clone());
            }
            let due = self.due(all, &known).await;
            let held = self.shop.weights.held(self.environment);
            let members = {
                let asking = self.members(&due);
                tokio::pin!(asking);
                loop {
                    tokio::select! {
                        members = &mut asking => break members,
                        Some(looked) = looks.next() => self.tell(&mut known, looked).await?,
                        () = self.cancel.cancelled() => return Ok(()),
                    }
                }
            };
            self.look_at_the_weights(held, &due, &members, &mut lost).await?;
            for (at, ((unit, turn), member)) in due.into_iter().zip(members).enumerate() {
                if known.busy.insert(unit.id().clone()) {
                    looks.push(self.look(&permits, unit.clone(), turn, member));
                }
                if at % SLICE == SLICE - 1 {
                    yield_now().await;
                }
            }
            let next = self.shop.clock.sleep(self.interval.duration());
            tokio::pin!(next);
            loop {
                tokio::select! {
                    () = &mut next => break,
                    Some(looked) = looks.next() => self.tell(&mut known, looked).await?,
                    () = self.cancel.cancelled() => return Ok(()),
                }
            }
        }
    }

    /// How the lock at the deploy target stands, where it can be seen and has changed.
    async fn look_at_the_lock(&self, told: &mut Option<Found>) -> Result<(), Trouble> {
        // Whoever takes or releases it just now tells what stands there.
        let Ok(_one) = self.shop.locking.try_lock() else { return Ok(()) };
        let found = lock::look(self.shop, self.environment).await;
        match found {
            Some(found) if told.as_ref() != Some(&found) => {
                *told = Some(found.clone());
                let what = Reported::Lock { environment: self.environment.clone(), found };
                let report = Report { epoch: self.epoch, effect: self.id.clone(), what };
                tokio::select! {
                    sent = self.reports.send(report) => sent.map_err(|_| Trouble::Cancelled),
                    () = self.cancel.cancelled() => Err(Trouble::Cancelled),
                }
            }
            _ => Ok(()),
        }
    }

    /// Whether the balancer still holds what it was told last, by what it says of its servers now. It is told once, until
    /// the balancer is told something again.
    async fn look_at_the_weights(
        &self,
        held: Option<(u64, Arc<Held>)>,
        due: &[(&Arc<Unit>, u64)],
        members: &[Result<Member, BalancerError>],
        told: &mut Option<u64>,
    ) -> Result<(), Trouble> {
        let Some((number, held)) = held.filter(|(number, _)| *told != Some(*number)) else { return Ok(()) };
        let now = due
            .iter()
            .zip(members)
            .map(|((unit, _), member)| (unit.id(), member.as_ref().ok().and_then(|member| member.weight)));
        let Some(gives) = held.lost(now) else { return Ok(()) };
        // What it was told since it was asked is not what it was asked about.
        if self.shop.weights.held(self.environment).is_none_or(|(now, _)| now != number) {
            return Ok(());
        }
        *told = Some(number);
        let what = Reported::ShareLost { environment: self.environment.clone(), gives };
        let report = Report { epoch: self.epoch, effect: self.id.clone(), what };
        tokio::select! {
            sent = self.reports.send(report) => sent.map_err(|_| Trouble::Cancelled),
            () = self.cancel.cancelled() => Err(Trouble::Cancelled),
        }
    }

    /// The units to be looked at in this round, each with its turn: not those whose last look goes on, and not those
    /// that were looked at since the last effect on them and of which nothing else can be seen.
    async fn due<'u>(&self, units: &'u [Arc<Unit>], known: &Known) -> Vec<(&'u Arc<Unit>, u64)> {
        let nothing_left = self.shop.leftovers.none();
        let mut due = Vec::new();
        for some in units.chunks(SLICE) {
            let turns = self.shop.turns(some.iter().map(|unit| unit.id()));
            due.extend(some.iter().zip(turns).filter(|(unit, turn)| {
                known.wants_a_look(unit.id(), *turn, nothing_left && unit.site.shows_nothing())
            }));
            yield_now().await;
        }
        due
    }

    /// One question for all: a balancer answers for a thousand servers as fast as for one.
    async fn members(&self, units: &[(&Arc<Unit>, u64)]) -> Vec<Result<Member, BalancerError>> {
        let known = |unit: &Unit| unit.site.balancer != Balancer::None;
        let none = || Ok(Member::is(PoolState::None));
        let Some((first, _)) = units.iter().find(|(unit, _)| known(unit)) else {
            return units.iter().map(|_| none()).collect();
        };
        let mut hosts = Vec::with_capacity(units.len());
        for some in units.chunks(SLICE) {
            hosts.extend(some.iter().filter(|(unit, _)| known(unit)).map(|(unit, _)| unit.vars("")));
            yield_now().await;
        }
        let asked = balancer::of(&first.site.balancer, self.shop, self.cancel, None).members(&hosts).await;
        let mut asked = asked.into_iter();
        let of = |(unit, _): &(&Arc<Unit>, u64)| {
            let member = if known(unit) { asked.next() } else { None };
            member.unwrap_or_else(none)
        };
        units.iter().map(of).collect()
    }

    /// Looks until nothing has ended on the unit meanwhile; a second look asks the balancer for this unit only.
    async fn look(
        &self,
        permits: &Semaphore,
        unit: Arc<Unit>,
        mut turn: u64,
        member: Result<Member, BalancerError>,
    ) -> Looked {
        // Never closed.
        let _permit = permits.acquire().await;
        let look = Look {
            shop: self.shop,
            unit: &unit,
            keeps: self.keeps,
            target: &self.id.target,
            cancel: self.cancel,
        };
        let mut seen = look.look(member).await;
        loop {
            let now = self.shop.turn(unit.id());
            if now == turn || self.cancel.is_cancelled() {
                return Looked { unit: unit.id().clone(), turn, seen };
            }
            turn = now;
            seen = look.anew().await;
        }
    }

    async fn tell(&self, known: &mut Known, looked: Looked) -> Result<(), Trouble> {
        let Looked { unit, turn, seen } = looked;
        known.busy.remove(&unit);
        if self.cancel.is_cancelled() {
            // What was seen while everything was being cancelled says nothing.
            return Err(Trouble::Cancelled);
        }
        if self.shop.turn(&unit) != turn {
            // Something has ended on the unit since: the next round looks again.
            return Ok(());
        }
        if known.told.get(&unit).is_some_and(|(before, told)| *before == turn && *told == seen) {
            return Ok(());
        }
        known.told.insert(unit.clone(), (turn, seen.clone()));
        let what = Reported::Unit { unit, seen };
        let report = Report { epoch: self.epoch, effect: self.id.clone(), what };
        tokio::select! {
            // Nobody takes reports any more: the conductor is ending.
            sent = self.reports.send(report) => sent.map_err(|_| Trouble::Cancelled),
            () = self.cancel.cancelled() => Err(Trouble::Cancelled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::effect::Health;

    /// Of ten thousand hosts that nothing is asked of none costs anything in a round once it was told.
    #[test]
    fn a_host_of_which_nothing_can_be_seen_is_looked_at_once_a_turn() {
        let (web, other): (UnitId, UnitId) = ("web-01".parse().unwrap(), "web-02".parse().unwrap());
        let mut known = Known::default();
        assert!(known.wants_a_look(&web, 0, true), "nobody has been told of it");
        let seen = Seen {
            health: Health::Unknown,
            runs: None,
            installed: None,
            pool: PoolState::None,
            kept: None,
            why: None,
            ended: None,
            checked_in: None,
            stranger: None,
        };
        known.told.insert(web.clone(), (0, seen));
        assert!(!known.wants_a_look(&web, 0, true), "nothing else can be seen of it");
        assert!(known.wants_a_look(&web, 1, true), "an effect has ended on it since");
        assert!(known.wants_a_look(&web, 0, false), "what runs there may have changed");
        assert!(known.wants_a_look(&other, 0, true));
        known.busy.insert(other.clone());
        assert!(!known.wants_a_look(&other, 0, false), "its last look has not ended");
    }
}
