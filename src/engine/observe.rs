//! One look at one unit: what is installed, runs and serves. Touches nothing.

use tokio_util::sync::CancellationToken;

use super::{
    balancer::{self, BalancerError, Member},
    driver::{self, Looking, Observed, Running, Turn},
    ending::{EVIDENCE, why},
    probe::Answer,
    probing::Probing,
    unit::Unit,
    workshop::Workshop,
};
use crate::domain::{
    effect::{Candidate, Health, PoolState, Seen, Target},
    name::Version,
};

/// The longest name of a version that somebody else's service says, in characters.
const STRANGER: usize = 64;

/// Who looks.
pub struct Look<'a> {
    pub shop: &'a Workshop,
    pub unit: &'a Unit,
    /// The release whose presence is asked about.
    pub keeps: Option<&'a Candidate>,
    pub target: &'a Target,
    pub cancel: &'a CancellationToken,
}

impl Look<'_> {
    /// Asks the balancer as well.
    pub async fn anew(&self) -> Seen {
        let balancer = balancer::of(&self.unit.site.balancer, self.shop, self.cancel, None);
        let member = balancer.members(&[self.unit.vars("")]).await.pop();
        self.look(member.unwrap_or(Ok(Member::is(PoolState::Unknown)))).await
    }

    /// What is seen, with what the balancer says of it.
    pub async fn look(&self, member: Result<Member, BalancerError>) -> Seen {
        let driver = driver::of(&self.unit.site.driver);
        let keeps = self.keeps.map(|keeps| keeps.of(self.unit.site.part.as_ref()));
        let (shop, unit, keeps, cancel) = (self.shop, self.unit, keeps.as_ref(), self.cancel);
        let at = Looking { shop, unit, keeps, cancel, turn: Turn::InTurn };
        let observed = driver.observe(at);
        let (observed, answer) = tokio::join!(observed, self.ask());
        let mut reasons = Vec::new();
        let observed = observed.map_err(|trouble| reasons.push(trouble.to_string())).ok();
        let (health, reason) = health(observed.as_ref(), answer.as_ref());
        reasons.splice(0..0, reason);
        let pool = match member {
            Ok(member) => {
                reasons.extend(member.why);
                member.state
            }
            Err(error) => {
                reasons.push(error.to_string());
                PoolState::Unknown
            }
        };
        if let Some(left) = self.shop.leftovers.of(&Target::Unit(self.unit.id().clone())) {
            reasons.push(format!("a command of an interrupted step still runs (process {})", left.pid));
        }
        if let Some(left) = self.shop.leftovers.of(&Target::Repair(self.unit.id().clone())) {
            reasons.push(format!("a repair that was interrupted still runs (process {})", left.pid));
        }
        let absent =
            observed.as_ref().is_some_and(|it| matches!(it.running, Running::No(_) | Running::Ended(_)));
        let stranger = answer.as_ref().filter(|answer| absent && answer.verdict.is_ok()).map(|answer| {
            let version = answer.version.as_deref().map_or("something", str::trim);
            self.shop.scrubber().line(version, STRANGER)
        });
        reasons.extend(stranger.as_ref().map(|version| format!("something else answers there: {version}")));
        let ended = match observed.as_ref().map(|seen| &seen.running) {
            Some(Running::Ended(_)) => {
                let words = driver.last_words(self.unit).await;
                Some(self.shop.scrubber().text(&words, EVIDENCE))
            }
            _ => None,
        };
        let said =
            answer.and_then(|answer| answer.version).and_then(|version| Version::new(version.trim()).ok());
        let why = why(&reasons.join("; "), &self.shop.scrubber());
        Seen {
            health,
            runs: said.or_else(|| observed.as_ref().and_then(|seen| seen.version.clone())),
            installed: observed.as_ref().and_then(|seen| seen.installed.clone()),
            pool,
            checked_in: observed.as_ref().and_then(|seen| seen.checked_in),
            kept: observed.and_then(|seen| seen.kept),
            why: (!why.is_empty()).then_some(why),
            ended,
            stranger,
        }
    }

    async fn ask(&self) -> Option<Answer> {
        let check = self.unit.site.alive.as_ref()?;
        let probing = Probing {
            shop: self.shop,
            check,
            vars: &self.unit.vars(""),
            wants: None,
            environment: &self.unit.site.environment,
            unit: Some(self.unit.id()),
            target: self.target,
            step: None,
            cancel: self.cancel,
        };
        Some(probing.verdict().await)
    }
}

/// A process that ended is sick whoever answers in its stead; no data is unknown, never healthy.
fn health(observed: Option<&Observed>, answer: Option<&Answer>) -> (Health, Option<String>) {
    if let Some(Observed { running: Running::No(why) | Running::Ended(why), .. }) = observed {
        return (Health::Sick, Some(why.clone()));
    }
    if observed.is_some_and(|seen| seen.healthy == Some(false)) {
        return (Health::Sick, Some("observe says that it is not healthy".into()));
    }
    match answer.map(|answer| &answer.verdict) {
        Some(Ok(_)) => (Health::Healthy, None),
        Some(Err(fault)) if fault.says_nothing() => (Health::Unknown, Some(format!("alive {fault}"))),
        Some(Err(fault)) => (Health::Sick, Some(format!("alive: {fault}"))),
        None => match observed {
            Some(Observed { running: Running::Yes(_), .. }) => (Health::Healthy, None),
            _ => (Health::Unknown, Some("no alive check is declared".into())),
        },
    }
}
