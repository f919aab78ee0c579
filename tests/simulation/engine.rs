//! The simulated engine: effects that take their time, hang, end undecided or are cancelled; and the watches.

use std::{collections::HashMap, sync::Arc};

use golive::domain::{
    effect::{Effect, EffectId, LaneStep, Outcome, Report, Reported, Seen, Target, Work},
    hash::Table,
    lock::Found,
    name::{EnvironmentName, UnitId},
    rollout::StepDone,
    time::Span,
};

use super::{
    host::Wrong,
    outlived::{Leaves, Orphan},
    rng::Rng,
    world::{Happening, World},
};

/// An effect that is carried out. `ends` tells a cancelled one from the end that was planned for it.
pub struct Flying {
    pub effect: Arc<Effect>,
    pub epoch: u32,
    pub ends: u64,
}

pub struct Watching {
    pub id: EffectId,
    pub epoch: u32,
    pub environment: EnvironmentName,
    pub keeps: Option<golive::domain::effect::Candidate>,
    /// What it has reported; only what differs is reported again.
    pub known: Table<usize, Seen>,
    /// What it has told of the lock at the target.
    pub lock: Option<Found>,
}

#[derive(Default)]
pub struct Engine {
    pub flying: Table<(EffectId, u32), Flying>,
    pub watches: Vec<Watching>,
    /// How often an install was carried out, by unit and attempt; and under which epochs.
    pub installs: HashMap<(UnitId, u32), Vec<u32>>,
    /// How many machines platforms have that were told a number.
    pub scaled: HashMap<EnvironmentName, u32>,
    /// What killed conductors left behind.
    pub orphans: HashMap<Target, Orphan>,
    pub leaves: Option<Leaves>,
    tokens: u64,
}

/// How long things take, in microseconds.
#[derive(Clone, Debug)]
pub struct Timings {
    pub step: (u64, u64),
    pub check: (u64, u64),
    pub look: (u64, u64),
    pub commit: (u64, u64),
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            step: (500_000, 4_000_000),
            check: (1_000_000, 5_000_000),
            look: (100_000, 2_000_000),
            commit: (200, 20_000),
        }
    }
}

/// The end of an effect, as the queue knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    pub id: EffectId,
    pub epoch: u32,
    pub token: u64,
    pub cancelled: bool,
}

impl World {
    pub fn start_effect(&mut self, effect: Arc<Effect>, epoch: u32) {
        let id = effect.id.clone();
        assert!(
            !self.journal.keep || self.journal.started.contains(&(id.clone(), epoch)),
            "{id} touches the world and its start is not durable"
        );
        if self.heavy {
            let mut flying = self.engine.flying.keys();
            let busy = flying.any(|(other, at)| *at == epoch && other.target == id.target);
            assert!(!busy, "two effects under way for {}", id.target);
        }
        if let Work::Watch { environment, keeps, .. } = &effect.work {
            self.engine.watches.push(Watching {
                id: id.clone(),
                epoch,
                environment: environment.clone(),
                keeps: keeps.clone(),
                known: Table::default(),
                lock: None,
            });
            self.soon(Span(50_000), Happening::LookAtLocks);
            self.tell_machines(environment, 1);
            for index in 0..self.hosts.len() {
                if self.hosts[index].environment == *environment {
                    self.look_soon(index);
                }
            }
        }
        if matches!(effect.work, Work::Count { .. }) {
            self.soon(Span::secs(10), Happening::Counts(id.clone(), epoch, Box::default()));
        }
        self.sharing.begins(&effect);
        self.may_touch(&effect, epoch);
        self.alone_for(&effect);
        let takes = self.takes(&effect, epoch);
        self.engine.tokens += 1;
        let token = self.engine.tokens;
        if let Some(takes) = takes {
            self.ends_in(takes, End { id: id.clone(), epoch, token, cancelled: false });
        }
        self.engine.flying.insert((id, epoch), Flying { effect, epoch, ends: token });
    }

    /// What the platform says of how many machines there are, within so many seconds.
    fn tell_machines(&mut self, environment: &EnvironmentName, within: u64) {
        if self.session().plan().environments[environment].scale.is_none() {
            return;
        }
        let hosts = self.hosts.iter().filter(|host| host.environment == *environment).count() as u32;
        let said = Ok(self.engine.scaled.get(environment).copied().unwrap_or(hosts));
        let what = Reported::Scaled { environment: environment.clone(), said };
        let watches = self.engine.watches.iter().filter(|watch| watch.environment == *environment);
        let ids: Vec<_> = watches.map(|watch| (watch.id.clone(), watch.epoch)).collect();
        for (effect, epoch) in ids {
            let takes = self.rng.between(100_000, within * 1_000_000);
            let report = Report { epoch, effect, what: what.clone() };
            self.soon(Span(takes), Happening::Arrives(Box::new(report)));
        }
    }

    /// How long it takes; none: until it is cancelled.
    fn takes(&mut self, effect: &Effect, epoch: u32) -> Option<u64> {
        let between = |rng: &mut Rng, (from, to): (u64, u64)| rng.between(from, to);
        match &effect.work {
            Work::Watch { .. } | Work::Count { .. } => None,
            Work::Outlived { .. } => self.followed(effect, epoch),
            Work::Check { check, .. } => {
                let hangs = self.check_faults.get(check.as_str()) == Some(&Wrong::Hangs);
                let takes = between(&mut self.rng, self.timings.check);
                Some(if hangs { 60_000_000 } else { takes })
            }
            Work::Notify { .. }
            | Work::Probe { .. }
            | Work::TakeOut { .. }
            | Work::Scale { .. }
            | Work::Lock { .. }
            | Work::Share { .. }
            | Work::Desire { .. }
            | Work::Unlock { .. } => Some(between(&mut self.rng, self.timings.step)),
            Work::Once { once, back, .. } => {
                let takes = between(&mut self.rng, self.timings.step);
                Some(self.once.takes(once, *back).unwrap_or(takes))
            }
            // Long enough that something else may begin meanwhile.
            Work::Repair { .. } => Some(5 * between(&mut self.rng, self.timings.step)),
            Work::Step { unit, step, want, .. } => {
                let index = self.index[unit];
                let takes = between(&mut self.rng, self.timings.step);
                match self.hosts[index].wrong_at(*step, want) {
                    Some(Wrong::Hangs) => None,
                    Some(Wrong::Slow(times)) => Some(takes * u64::from(times)),
                    _ => Some(takes),
                }
            }
        }
    }

    pub fn cancel_effect(&mut self, id: &EffectId, epoch: u32) {
        let takes = self.rng.between(10_000, 3_000_000);
        self.engine.tokens += 1;
        let token = self.engine.tokens;
        let Some(flying) = self.engine.flying.get_mut(&(id.clone(), epoch)) else { return };
        flying.ends = token;
        self.ends_in(takes, End { id: id.clone(), epoch, token, cancelled: true });
    }

    /// An effect ends: the world changes, and a report is on its way.
    pub fn effect_ends(&mut self, end: &End) {
        let key = (end.id.clone(), end.epoch);
        if self.engine.flying.get(&key).is_none_or(|flying| flying.ends != end.token) {
            return;
        }
        let Some(flying) = self.engine.flying.remove(&key) else { return };
        let outcome = if end.cancelled {
            self.engine.watches.retain(|watch| watch.id != end.id || watch.epoch != end.epoch);
            // A cancelled step may have been carried out or not. What outlived its conductor is ended, whatever it did.
            if flying.effect.follows() || self.rng.per_mille(500) {
                self.carry_out(&flying.effect, end.epoch);
                self.unheard(&flying.effect);
            }
            Outcome::Cancelled
        } else {
            let outcome = self.carry_out(&flying.effect, end.epoch);
            if matches!(outcome, Outcome::Done { .. }) {
                self.sharing.holds(&flying.effect);
                self.tell_of_shares();
            }
            outcome
        };
        self.report(end.id.clone(), end.epoch, outcome);
    }

    pub fn carry_out(&mut self, effect: &Effect, epoch: u32) -> Outcome {
        let done = |note: String| Outcome::Done { note, facts: std::collections::BTreeMap::new() };
        let answered = |micros: u64| Outcome::Done {
            note: "passed".into(),
            facts: [("micros".to_owned(), micros.to_string())].into(),
        };
        let failed = |why: String| Outcome::Failed { why, evidence: None };
        match &effect.work {
            Work::Watch { .. } | Work::Count { .. } => Outcome::Cancelled,
            Work::Outlived { of } => self.outlived(of),
            Work::Lock { environment, claim, breaks } => {
                self.take_lock(&effect.id, epoch, environment, claim, breaks.as_ref())
            }
            Work::Unlock { environment, .. } => self.release_lock(&effect.id, epoch, environment),
            Work::Desire { environment, wish } => self.desire(&effect.id, epoch, environment, wish),
            Work::Share { .. } if !self.balancer => failed("the balancer can't be reached".into()),
            Work::Share { environment, share } => {
                match share {
                    Some(share) => self.shares.insert(environment.clone(), share.clone()),
                    None => self.shares.remove(environment),
                };
                done(String::new())
            }
            Work::Once { once, back, .. } => self.once.carry_out(once, *back),
            Work::Notify { .. } if self.notices_fail => failed("nobody takes it".into()),
            Work::Notify { .. } => done(String::new()),
            Work::Check { check, .. } => match self.check_faults.get(check.as_str()) {
                None | Some(Wrong::Lies) => answered(12_000),
                Some(Wrong::Slow(times)) => answered(12_000 * u64::from(*times)),
                Some(Wrong::Fails) => failed("exit status 1".into()),
                Some(Wrong::Hangs | Wrong::Undecided) => Outcome::Inconclusive { why: "timed out".into() },
            },
            Work::Probe { unit, .. } => {
                let host = &self.hosts[self.index[unit]];
                if host.up {
                    Outcome::Seen(host.seen(None, self.balancer))
                } else {
                    Outcome::Inconclusive { why: "no route to host".into() }
                }
            }
            Work::TakeOut { unit, .. } => {
                let index = self.index[unit];
                let result = self.hosts[index].take_out(self.balancer);
                self.looked_anew(index);
                result.map_or_else(failed, done)
            }
            Work::Scale { to, .. } if *to == 7 => failed(format!("no machine is left for {to}")),
            Work::Scale { environment, to } => {
                self.engine.scaled.insert(environment.clone(), *to);
                self.tell_machines(environment, 20);
                done(String::new())
            }
            Work::Repair { unit } => {
                let index = self.index[unit];
                let result = self.hosts[index].repair();
                self.looked_anew(index);
                result.map_or_else(failed, done)
            }
            Work::Step { unit, step, want, .. } => {
                let index = self.index[unit];
                let before = self.hosts[index].installed.clone();
                let result = self.hosts[index].carry_out(*step, want, self.balancer);
                if *step == LaneStep::Start && result.is_ok() {
                    self.alone(index, unit);
                }
                if *step == LaneStep::Install && result.is_ok() {
                    self.installed(unit, effect.id.attempt, epoch, before.as_ref() == Some(want));
                }
                self.looked_anew(index);
                let undecided = self.hosts[index].wrong_at(*step, want) == Some(Wrong::Undecided);
                match result {
                    _ if undecided => Outcome::Inconclusive { why: "says nothing".into() },
                    Ok(note) => done(note),
                    Err(why) => failed(why),
                }
            }
        }
    }

    /// Where no two versions may run side by side, nothing is started beside another version: as the world is, and not
    /// as it is seen. But for a host that came back with what it ran, runs what nobody asked for, was vouched for, or was
    /// taken out of the plan.
    fn alone(&self, index: usize, unit: &UnitId) {
        let host = &self.hosts[index];
        if host.strange || host.runs.is_none() || !self.session().plan().stops_all(&host.environment) {
            return;
        }
        // Whoever vouched for an install that was cut off answers for what is started then.
        let lane = self.session().rollout.unit(unit).and_then(|unit| unit.lane.as_ref());
        let installed = |done: &StepDone| done.step == LaneStep::Install;
        if !lane.is_some_and(|lane| lane.done.iter().any(installed)) {
            return;
        }
        let proved = |other: usize| {
            self.session().rollout.unit(&self.units[other]).is_some_and(|unit| {
                unit.lane.as_ref().is_none_or(|lane| {
                    lane.proved.is_none() || lane.done.iter().any(|done| done.step == LaneStep::Prove)
                })
            })
        };
        let beside = self.hosts.iter().enumerate().position(|(at, other)| {
            at != index
                && other.environment == host.environment
                && (other.up && !other.strange && other.runs.is_some() && other.runs != host.runs)
                && proved(at)
        });
        let beside = beside.map(|at| (&self.units[at], &self.hosts[at].runs));
        assert!(
            beside.is_none(),
            "seed {}: {unit} runs {:?} beside {beside:?}\n{}",
            self.seed,
            host.runs,
            self.story()
        );
    }

    /// The watch takes nothing of what it saw before for granted after an effect on the host.
    fn looked_anew(&mut self, index: usize) {
        for watch in &mut self.engine.watches {
            watch.known.remove(&index);
        }
        self.look_soon(index);
    }

    fn installed(&mut self, unit: &UnitId, attempt: u32, epoch: u32, already: bool) {
        let epochs = self.engine.installs.entry((unit.clone(), attempt)).or_default();
        let once = epochs.iter().all(|other| self.repeatable && *other != epoch);
        if !already || !self.repeatable {
            assert!(
                once,
                "seed {}: {unit} was installed twice in attempt {attempt}\n{}",
                self.seed,
                self.story()
            );
        }
        epochs.push(epoch);
    }

    /// Somebody of the watches looks at a host.
    pub fn look(&mut self, index: usize) {
        let balancer = self.balancer;
        if self.session().rollout.unit(&self.units[index]).is_none() {
            return;
        }
        for at in 0..self.engine.watches.len() {
            let (watch, host) = (&mut self.engine.watches[at], &self.hosts[index]);
            if watch.environment != host.environment {
                continue;
            }
            let seen = host.seen(watch.keeps.as_ref(), balancer);
            if watch.known.get(&index) != Some(&seen) {
                watch.known.insert(index, seen.clone());
                let (id, epoch) = (watch.id.clone(), watch.epoch);
                self.report_unit(id, epoch, self.units[index].clone(), seen);
            }
        }
    }

    /// The conductor is gone: each effect under way never happens, happens unseen, or is reported too late.
    pub fn orphan_effects(&mut self) {
        let mut orphans: Vec<Flying> = std::mem::take(&mut self.engine.flying).into_values().collect();
        orphans.sort_by(|a, b| a.effect.id.cmp(&b.effect.id));
        self.engine.watches.clear();
        self.sharing.gone();
        for orphan in orphans {
            if orphan.effect.id.target.outlives() {
                self.left_behind(Arc::unwrap_or_clone(orphan.effect), orphan.epoch);
                continue;
            }
            if matches!(orphan.effect.id.target, Target::Watch(_) | Target::Served(_))
                || self.rng.per_mille(400)
            {
                continue;
            }
            let outcome = self.carry_out(&orphan.effect, orphan.epoch);
            self.unheard(&orphan.effect);
            if self.rng.per_mille(500) {
                self.report(orphan.effect.id.clone(), orphan.epoch, outcome);
            }
        }
    }
}
