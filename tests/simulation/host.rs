//! One simulated host: what is installed, what runs, whether it is in the pool, and what is wrong with it.

use std::collections::BTreeSet;

use golive::domain::{
    effect::{Candidate, Health, LaneStep, PoolState, Seen},
    name::{ComponentName, EnvironmentName, Version},
    time::{SessionTime, Span, WallTime},
};

/// What a step, or the host, does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The step fails at once.
    Fails,
    /// The step never ends by itself.
    Hangs,
    /// The step ends without saying how.
    Undecided,
    /// The step takes this many times as long.
    Slow(u32),
    /// Starts another version than was installed.
    Lies,
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "what may be wrong with a host is independent of all else")]
pub struct Host {
    pub environment: EnvironmentName,
    /// The part that is on it, where several are deployed.
    pub part: Option<ComponentName>,
    pub up: bool,
    pub sick: bool,
    /// What ran has ended by itself.
    pub crashed: bool,
    /// It came back with whatever it ran, or runs what nobody asked for.
    pub strange: bool,
    pub installed: Option<Candidate>,
    pub runs: Option<Version>,
    pub pool: PoolState,
    /// The balancer refuses to take it out.
    pub pool_is_stuck: bool,
    /// How often something else was installed than was there.
    pub installs: u32,
    pub kept: BTreeSet<Candidate>,
    /// What goes wrong at which step, only while this version is deployed where one is named.
    pub wrong: Vec<(LaneStep, Wrong, Option<Version>)>,
    /// Something that nobody here started answers in its stead.
    pub stranger: Option<String>,
    /// When its agent looked last, where it has one.
    pub checked_in: Option<WallTime>,
    /// Its agent is switched off.
    pub silent: bool,
    /// When it last became another one without a step that was waited for.
    pub changed: Option<SessionTime>,
    /// By how much its agent's clock is ahead.
    pub ahead: Span,
    /// No repair helps it; a new machine does.
    pub beyond_repair: bool,
    /// How often it was repaired.
    pub repairs: u32,
}

impl Host {
    pub fn new(environment: EnvironmentName, runs: Option<Candidate>, balanced: bool) -> Self {
        Self {
            environment,
            part: None,
            up: true,
            sick: false,
            crashed: false,
            strange: false,
            runs: runs.as_ref().map(|candidate| candidate.version.clone()),
            kept: runs.iter().cloned().collect(),
            installed: runs,
            installs: 0,
            pool: if balanced { PoolState::In } else { PoolState::None },
            pool_is_stuck: false,
            wrong: Vec::new(),
            checked_in: None,
            stranger: None,
            silent: false,
            changed: None,
            ahead: Span::ZERO,
            beyond_repair: false,
            repairs: 0,
        }
    }

    pub fn wrong_at(&self, step: LaneStep, want: &Candidate) -> Option<Wrong> {
        let hit = |(at, _, only): &&(LaneStep, Wrong, Option<Version>)| {
            *at == step && only.as_ref().is_none_or(|version| *version == want.version)
        };
        self.wrong.iter().find(hit).map(|(_, wrong, _)| *wrong)
    }

    pub fn healthy(&self) -> bool {
        self.up && !self.sick && self.runs.is_some()
    }

    /// Answers requests that the balancer sends.
    pub fn serves(&self) -> bool {
        self.healthy() && matches!(self.pool, PoolState::In | PoolState::None)
    }

    /// What a look at it says; with the balancer unreachable its pool is not known.
    pub fn seen(&self, keeps: Option<&Candidate>, balancer: bool) -> Seen {
        let keeps = keeps.map(|keeps| keeps.of(self.part.as_ref()));
        Seen {
            health: if self.healthy() { Health::Healthy } else { Health::Sick },
            runs: self.runs.clone().filter(|_| self.up),
            installed: self.installed.clone().filter(|_| self.up),
            pool: match self.pool {
                PoolState::None => PoolState::None,
                _ if !balancer => PoolState::Unknown,
                // The balancer has a check of its own.
                PoolState::In if !self.healthy() => PoolState::Down,
                pool => pool,
            },
            kept: keeps.filter(|_| self.up).map(|keeps| self.kept.contains(&keeps)),
            why: (!self.healthy()).then(|| if self.up { "sick".into() } else { "no route to host".into() }),
            ended: (self.up && self.crashed).then(|| "panicked at main.rs:7".into()),
            checked_in: self.checked_in.filter(|_| self.up),
            stranger: self.stranger.clone().filter(|_| self.up && self.runs.is_none()),
        }
    }

    /// Takes it out of the pool, whatever is done on it.
    pub fn take_out(&mut self, balancer: bool) -> Result<String, String> {
        if self.pool == PoolState::None {
            return Ok("no balancer".into());
        }
        if !balancer {
            return Err("the balancer can't be reached".into());
        }
        if self.pool_is_stuck {
            return Err("permission denied".into());
        }
        self.pool = PoolState::Out;
        Ok("out".into())
    }

    /// The team's own command restarts what is installed. That it ended well says nothing.
    pub fn repair(&mut self) -> Result<String, String> {
        self.repairs += 1;
        if !self.up && self.repairs.is_multiple_of(2) {
            return Err("no route to host".into());
        }
        if !self.beyond_repair {
            (self.up, self.sick, self.crashed) = (true, false, false);
            self.runs = self.installed.as_ref().map(|installed| installed.version.clone());
        }
        Ok("restarted".into())
    }

    /// Somebody, or a balancer that forgot, puts it in.
    pub fn put_back(&mut self) {
        if self.pool != PoolState::None {
            self.pool = PoolState::In;
        }
    }

    /// Carries a step out. An error leaves the host as the step found it.
    pub fn carry_out(&mut self, step: LaneStep, want: &Candidate, balancer: bool) -> Result<String, String> {
        let wrong = self.wrong_at(step, want);
        if wrong == Some(Wrong::Fails) {
            return Err(format!("{} failed", step.word()));
        }
        let balanced = self.pool != PoolState::None;
        if !self.up && !matches!(step, LaneStep::Drain | LaneStep::Replace | LaneStep::Rejoin) {
            return Err("no route to host".into());
        }
        match step {
            LaneStep::Fetch => {
                self.kept.insert(want.clone());
            }
            LaneStep::Drain | LaneStep::Rejoin if balanced && !balancer => {
                return Err("the balancer can't be reached".into());
            }
            LaneStep::Drain if balanced => self.pool = PoolState::Out,
            LaneStep::Rejoin if balanced => self.pool = PoolState::In,
            LaneStep::Drain | LaneStep::Rejoin | LaneStep::Converge | LaneStep::Settle => {}
            LaneStep::Stop => {
                self.strange = false;
                self.runs = None;
                self.crashed = false;
            }
            LaneStep::Prove if self.runs.is_some() => {
                return Err(format!("{} still runs", self.runs.as_ref().unwrap()));
            }
            LaneStep::Prove if self.stranger.is_some() => {
                return Err("nothing runs, but something answers".into());
            }
            LaneStep::Prove => {}
            // A new machine: it is well, and nothing is on it.
            LaneStep::Replace => {
                (self.up, self.sick, self.crashed, self.strange) = (true, false, false, false);
                (self.runs, self.installed) = (None, None);
                self.kept.clear();
                self.beyond_repair = false;
            }
            LaneStep::Install => {
                // As every driver: it acts on a difference.
                if self.installed.as_ref() != Some(want) {
                    self.installs += 1;
                }
                self.installed = Some(want.clone());
            }
            LaneStep::Start => {
                self.sick = false;
                self.crashed = false;
                self.strange = wrong == Some(Wrong::Lies);
                let other = Version::new("0.0.1").ok().filter(|_| wrong == Some(Wrong::Lies));
                self.runs = other.or_else(|| self.installed.as_ref().map(|c| c.version.clone()));
            }
            LaneStep::SelfTest if !self.healthy() => return Err("nothing answers".into()),
            LaneStep::SelfTest => {}
            LaneStep::Alive => {
                if !self.healthy() {
                    return Err("does not answer".into());
                }
                if self.runs.as_ref() != Some(&want.version) {
                    return Err("answers with another version".into());
                }
            }
        }
        Ok([step.word(), " done"].concat())
    }
}
