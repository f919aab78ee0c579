//! Counts what some hosts serve and what the others of their environment serve, by what the balancer says of each.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    balancer::{self, Count as Served},
    ending::{Trouble, why},
    workshop::Workshop,
};
use crate::domain::{
    comparison::{ENOUGH, Recent, SETTLED, Side, Sides},
    effect::{EffectId, Report, Reported},
    name::{EnvironmentName, UnitId},
    time::Span,
};

/// How long requests are counted for one report; the first ones are shorter, since somebody waits for what they say.
const WINDOW: Duration = Duration::from_secs(10);
const FIRST: Duration = Duration::from_secs(1);

pub struct Count<'a> {
    pub shop: &'a Workshop,
    pub environment: &'a EnvironmentName,
    /// Those that have the new version.
    pub canary: &'a [UnitId],
    /// Those that are counted at all; empty: all.
    pub among: &'a [UnitId],
    pub id: &'a EffectId,
    pub epoch: u32,
    pub reports: &'a mpsc::Sender<Report>,
    pub cancel: &'a CancellationToken,
}

/// So many looks are remembered: an hour of them.
const REMEMBERED: usize = 360;

/// What was counted until each of the last looks.
#[derive(Default)]
struct Looks(VecDeque<(u64, u64, u64)>);

impl Looks {
    /// Another look: when, in microseconds, and what was counted until then. As few of the last looks as hold enough
    /// requests to tell the shares, or all; none: this is the first.
    fn add(&mut self, at: u64, canary: u64, of: u64) -> Option<Recent> {
        let since = |(began, new, all): &(u64, u64, u64)| Recent {
            canary: canary.saturating_sub(*new),
            of: of.saturating_sub(*all),
            over: Span(at.saturating_sub(*began)),
        };
        let enough = self.0.iter().rev().map(since).find(|recent| recent.of >= ENOUGH);
        let recent = enough.or_else(|| self.0.front().map(since));
        self.0.push_back((at, canary, of));
        if self.0.len() > REMEMBERED {
            self.0.pop_front();
        }
        recent
    }
}

/// On which side a host is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    New,
    Rest,
    /// It is of another region than the one that is looked at.
    Neither,
}

/// What each host has served so far, and on which side it is counted.
type Look = Vec<(Whose, Served)>;

impl Count<'_> {
    /// Ends only when cancelled, or when the environment is not in the plan.
    pub async fn run(&self) -> Trouble {
        let (mut first, mut before): (Option<Look>, Option<Look>) = (None, None);
        let (mut earlier, mut all) = (Sides::default(), Sides::default());
        let (mut window, mut looks) = (FIRST, Looks::default());
        looks.add(self.shop.clock.read().monotonic, 0, 0);
        loop {
            let now = match self.look().await {
                Ok(Ok(now)) => Some(now),
                Ok(Err(why)) => {
                    let environment = self.environment.clone();
                    if self.say(Reported::Uncounted { environment, why }).await.is_err() {
                        return Trouble::Cancelled;
                    }
                    None
                }
                Err(trouble) => return trouble,
            };
            let since = |look: &Option<Look>| served(look.as_ref()?, now.as_ref()?);
            if let (Some(lately), Some(whole)) = (since(&before), since(&first)) {
                all = earlier.and(&whole);
                let busiest = first.as_ref().zip(now.as_ref()).and_then(|(was, is)| busiest(was, is));
                let total = now.as_ref().map(|now| now.iter().map(|(_, count)| count.requests).sum());
                let recent = looks.add(self.shop.clock.read().monotonic, all.new.requests, all.requests());
                if self.tell((lately, all), busiest, total, recent).await.is_err() {
                    return Trouble::Cancelled;
                }
            } else {
                (earlier, first) = (all, now.clone());
            }
            before = now;
            tokio::select! {
                () = self.shop.clock.sleep(window) => window = (window * 2).min(WINDOW),
                () = self.cancel.cancelled() => return Trouble::Cancelled,
            }
        }
    }

    /// Or why the balancer can't be asked now.
    async fn look(&self) -> Result<Result<Look, String>, Trouble> {
        let units = self.shop.units();
        let units = units.balanced(self.environment)?;
        let Some(first) = units.first() else { return Ok(Err("it has no hosts".into())) };
        let hosts: Vec<_> = units.iter().map(|unit| unit.vars("")).collect();
        let balancer = balancer::of(&first.site.balancer, self.shop, self.cancel, None);
        let counts = match balancer.counts(&hosts).await {
            Ok(Some(counts)) => counts,
            Ok(None) => return Ok(Err("its balancer counts no requests".into())),
            Err(error) => return Ok(Err(why(&error.to_string(), &self.shop.scrubber()))),
        };
        let new: BTreeSet<&UnitId> = self.canary.iter().collect();
        let among: BTreeSet<&UnitId> = self.among.iter().collect();
        let whose = |unit: &UnitId| match (new.contains(unit), among.is_empty() || among.contains(unit)) {
            (true, _) => Whose::New,
            (false, true) => Whose::Rest,
            (false, false) => Whose::Neither,
        };
        Ok(Ok(units.iter().map(|unit| whose(unit.id())).zip(counts).collect()))
    }

    async fn tell(
        &self,
        (lately, all): (Sides, Sides),
        busiest: Option<usize>,
        total: Option<u64>,
        recent: Option<Recent>,
    ) -> Result<(), Trouble> {
        let units = self.shop.units();
        let units = units.balanced(self.environment)?;
        self.say(Reported::Counted {
            environment: self.environment.clone(),
            lately: Box::new(lately),
            all: Box::new(all),
            busiest: busiest.and_then(|nth| units.get(nth)).map(|unit| unit.id().clone()),
            total,
            recent,
        })
        .await
    }

    async fn say(&self, what: Reported) -> Result<(), Trouble> {
        let report = Report { epoch: self.epoch, effect: self.id.clone(), what };
        tokio::select! {
            sent = self.reports.send(report) => sent.map_err(|_| Trouble::Cancelled),
            () = self.cancel.cancelled() => Err(Trouble::Cancelled),
        }
    }
}

/// Which host got most requests between two looks; none: none got any.
fn busiest(before: &[(Whose, Served)], now: &[(Whose, Served)]) -> Option<usize> {
    let got = before.iter().zip(now).map(|((_, was), (_, is))| is.requests.saturating_sub(was.requests));
    got.enumerate()
        .filter(|(_, requests)| *requests > 0)
        .max_by_key(|(_, requests)| *requests)
        .map(|(at, _)| at)
}

/// What was served between two looks; none: they can't be told apart, since the hosts are others by now, or a balancer
/// that began anew counts from 0 again.
fn served(before: &[(Whose, Served)], now: &[(Whose, Served)]) -> Option<Sides> {
    if before.len() != now.len() {
        return None;
    }
    let mut sides = Sides::default();
    for ((_, before), (whose, now)) in before.iter().zip(now) {
        let requests = now.requests.checked_sub(before.requests)?;
        let host = Side {
            hosts: 1,
            requests,
            errors: now.errors.checked_sub(before.errors)?,
            waited: now.response.filter(|_| requests >= SETTLED).map(|millis| millis * requests),
        };
        let side = match whose {
            Whose::New => &mut sides.new,
            Whose::Rest => &mut sides.rest,
            Whose::Neither => continue,
        };
        *side = Side { hosts: side.hosts + 1, ..side.and(&host) };
    }
    Some(sides)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(new: bool, requests: u64, errors: u64, response: Option<u64>) -> (Whose, Served) {
        (if new { Whose::New } else { Whose::Rest }, Served { requests, errors, response })
    }

    #[test]
    fn of_few_requests_more_looks_are_taken_together_and_of_many_the_last_alone() {
        let mut looks = Looks::default();
        assert_eq!(looks.add(0, 0, 0), None);
        let told = |looks: &mut Looks, at, canary, of| {
            let recent = looks.add(at, canary, of).unwrap();
            (recent.canary, recent.of, recent.over.0)
        };
        assert_eq!(told(&mut looks, 10, 13, 130), (13, 130, 10), "all there is");
        assert_eq!(told(&mut looks, 20, 26, 260), (26, 260, 20));
        assert_eq!(told(&mut looks, 30, 39, 390), (26, 260, 20), "the first look is left out again");
        assert_eq!(told(&mut looks, 40, 139, 1_390), (100, 1_000, 10), "many requests say it at once");
        assert_eq!(told(&mut looks, 50, 139, 1_390), (100, 1_000, 20), "none came since");
        for at in 0..2 * REMEMBERED as u64 {
            looks.add(60 + at, 139, 1_390);
        }
        assert_eq!(looks.0.len(), REMEMBERED);
        assert_eq!(told(&mut looks, 10_000, 140, 1_391).1, 1, "what is too long ago says nothing");
    }

    #[test]
    fn a_host_of_another_region_is_on_neither_side() {
        let other = |requests| (Whose::Neither, Served { requests, errors: 3, response: None });
        let before = [at(true, 0, 0, None), at(false, 0, 0, None), other(0)];
        let now = [at(true, 10, 0, None), at(false, 20, 0, None), other(999)];
        let sides = served(&before, &now).unwrap();
        assert_eq!((sides.new.requests, sides.rest.requests, sides.rest.hosts), (10, 20, 1));
    }

    #[test]
    fn each_side_is_what_its_hosts_served_between_two_looks() {
        let before = [at(true, 100, 1, Some(9)), at(false, 1_000, 0, Some(9)), at(false, 0, 0, None)];
        let now = [at(true, 110, 3, Some(20)), at(false, 1_300, 0, Some(10)), at(false, 0, 0, None)];
        let sides = served(&before, &now).unwrap();
        assert_eq!(sides.new, Side { hosts: 1, requests: 10, errors: 2, waited: None });
        assert_eq!(sides.rest, Side { hosts: 2, requests: 300, errors: 0, waited: None });
    }

    #[test]
    fn a_mean_that_still_holds_requests_to_the_version_before_is_no_time_of_the_new_one() {
        let time = |requests: u64, rest: u64| {
            let before = [at(true, 5_000, 0, Some(2)), at(false, 5_000, 0, Some(2))];
            let now = [at(true, 5_000 + requests, 0, Some(40)), at(false, 5_000 + rest, 0, Some(2))];
            let sides = served(&before, &now).unwrap();
            (sides.new.response(), sides.rest.response())
        };
        assert_eq!(time(234, 2_048), (None, Some(2)));
        assert_eq!(time(2_047, 0), (None, None));
        assert_eq!(time(2_048, 10), (Some(40), None));
    }

    #[test]
    fn a_balancer_that_began_anew_is_counted_from_there() {
        assert_eq!(served(&[at(true, 100, 0, None)], &[at(true, 4, 0, None)]), None);
        assert_eq!(served(&[at(true, 100, 5, None)], &[at(true, 101, 0, None)]), None);
        assert_eq!(served(&[at(true, 1, 0, None)], &[]), None, "the plan has other hosts by now");
    }
}
