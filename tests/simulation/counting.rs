//! What the simulated balancer counts: each host that serves gets its part of a steady stream of requests.

use golive::domain::{
    comparison::{Side, Sides},
    effect::{EffectId, Report, Reported, Work},
    name::{EnvironmentName, UnitId},
    time::Span,
};

use super::world::{Happening, World};

/// How far two looks are apart.
const EVERY: Span = Span::secs(10);

impl World {
    /// One look of a count, and the next one.
    pub fn count(&mut self, id: EffectId, epoch: u32, before: Sides) {
        let Some(flying) = self.engine.flying.get(&(id.clone(), epoch)) else { return };
        let Work::Count { environment, canary, among } = &flying.effect.work else { return };
        let (environment, canary, among) = (environment.clone(), canary.clone(), among.clone());
        let mut all = before;
        // Nobody counts what a balancer that is away has sent.
        let what = if self.balancer {
            let lately = self.served(&environment, (&canary, &among), (&id, epoch));
            all = before.and(&lately);
            let first = self.hosts.iter().position(|host| host.environment == environment);
            let busiest = first.filter(|_| lately.requests() > 0).map(|index| self.units[index].clone());
            let total =
                self.is_quiet(&environment).then(|| self.strays.get(&environment).copied().unwrap_or(0));
            let recent = self.sharing.recent(&id, epoch, self.at, &all);
            let (lately, all) = (Box::new(lately), Box::new(all));
            Reported::Counted { environment, lately, all, busiest, total, recent }
        } else {
            Reported::Uncounted { environment, why: "it can't be reached".into() }
        };
        let report = Report { epoch, effect: id.clone(), what };
        self.soon(Span(10), Happening::Arrives(Box::new(report)));
        self.soon(EVERY, Happening::Counts(id, epoch, Box::new(all)));
    }

    fn served(
        &mut self,
        environment: &EnvironmentName,
        (canary, among): (&[UnitId], &[UnitId]),
        (id, epoch): (&EffectId, u32),
    ) -> Sides {
        let mut sides = Sides::default();
        let (mut new, mut all) = (0, 0);
        if self.is_quiet(environment) {
            // Nobody asks there but by mistake. A count sees what comes once it has looked the first time.
            let total = self.strays.get(environment).copied().unwrap_or_default();
            let before = self.looked.insert(environment.clone(), (id.clone(), epoch, total));
            let same = before.filter(|(of, in_epoch, _)| of == id && *in_epoch == epoch);
            sides.rest.requests = same.map_or(0, |(_, _, seen)| total - seen);
            return sides;
        }
        for (index, host) in
            self.hosts.iter().enumerate().filter(|(_, host)| host.environment == *environment)
        {
            if !among.is_empty() && !among.contains(&self.units[index]) {
                continue;
            }
            let side = if canary.contains(&self.units[index]) { &mut sides.new } else { &mut sides.rest };
            side.hosts += 1;
            if host.serves() {
                side.requests += self.requests;
                let part = self.weight_of(environment, &self.units[index]);
                all += part;
                new += if canary.contains(&self.units[index]) { part } else { 0 };
            }
        }
        let whole = sides.requests();
        // Of those that serve each gets what its weight is of the weights of all of them.
        if self.shares.contains_key(environment) && all > 0 {
            sides.new.requests = (whole * new + all / 2) / all;
            sides.rest.requests = whole - sides.new.requests;
        }
        let waited = |side: Side| Side { waited: Some(side.requests * 20), ..side };
        Sides { new: waited(sides.new), rest: waited(sides.rest) }
    }
}
