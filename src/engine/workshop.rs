//! What all effects share: the clock, the places, the HTTP client, the scrubber, limits, and what is known of
//! processes that were started here.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use super::{
    artifact::{Means, Store},
    balancer::Weights,
    command::Keep,
    driver::{self, Services, Turn, log_tail},
    ending::{Trouble, why},
    http::Clients,
    keep,
    leftovers::Leftovers,
    live::{Live, LiveSender},
    recent::Recent,
    scrub::Scrubber,
    secret,
    unit::Units,
};
use crate::{
    clock::Clock,
    domain::{
        effect::{EffectId, LaneStep, Target},
        name::UnitId,
        plan::{Adopted, AgentReports, CheckKind, DesiredStore, Driver, Notifier, Plan, Template},
    },
};

/// How many probes may be under way at once.
const PROBES: usize = 256;
/// How many commands that only look may be under way at once.
const COMMANDS: usize = 32;
/// The longest line on the live channel, in characters.
const LIVE_LINE: usize = 400;

/// Where the engine finds and keeps files.
#[derive(Clone, Debug)]
pub struct EngineDirs {
    /// The directory of the plan: relative paths in it start here, and commands run here.
    pub base: PathBuf,
    /// Below this the engine keeps what it needs to go on: downloaded artifacts, commands under way.
    pub state: PathBuf,
    /// The program that this is, which starts itself to write down what services print.
    pub golive: PathBuf,
}

impl EngineDirs {
    /// For the running program itself.
    pub fn new(base: PathBuf, state: PathBuf) -> Self {
        Self { base, state, golive: own_program() }
    }
}

/// The file that runs, even where a newer one has its name by now.
fn own_program() -> PathBuf {
    let kept = PathBuf::from("/proc/self/exe");
    if kept.exists() { kept } else { std::env::current_exe().unwrap_or_else(|_| "golive".into()) }
}

pub(crate) struct Workshop {
    pub clock: Clock,
    pub dirs: EngineDirs,
    pub live: LiveSender,
    recent: Recent,
    pub probes: Semaphore,
    /// Bounds the commands that only look.
    commands: Semaphore,
    pub store: Store,
    pub services: Services,
    pub leftovers: Leftovers,
    plan: RwLock<Current>,
    /// Held while a lock at a deploy target is looked at or changed and what stands there is reported, so that
    /// reports come in the order of what they tell.
    pub locking: tokio::sync::Mutex<()>,
    /// Held while a key that agents read is looked at or set and what it holds is reported, for the same reason.
    pub desiring: tokio::sync::Mutex<()>,
    /// What balancers were told and hold.
    pub weights: Weights,
    /// How many effects have ended on a unit that may have changed what a watch sees.
    turns: Mutex<HashMap<UnitId, u64>>,
}

#[derive(Clone)]
struct Current {
    adopted: Arc<Adopted>,
    scrubber: Arc<Scrubber>,
    units: Arc<Units>,
    clients: Clients,
}

impl Current {
    fn new(adopted: Arc<Adopted>, dirs: &EngineDirs) -> Self {
        let scrubber = Arc::new(Scrubber::of_environment(named_secrets(&adopted.plan)));
        let units = Arc::new(Units::of(&adopted.plan, &dirs.base));
        // Read with the plan: a renewed file counts from the next adoption or start on.
        let ca = adopted.plan.ca.as_ref().map(|path| dirs.base.join(path));
        Self { adopted, scrubber, units, clients: Clients::trusting(ca.as_deref()) }
    }
}

impl Workshop {
    pub fn new(adopted: Arc<Adopted>, clock: Clock, dirs: EngineDirs) -> Self {
        // Commands run in directories of their own, where a relative path would mean something else.
        let whole = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        let dirs = EngineDirs { base: whole(dirs.base), state: whole(dirs.state), ..dirs };
        Self {
            store: Store::new(dirs.state.join("artifacts")),
            leftovers: Leftovers::new(dirs.state.join("commands")),
            plan: RwLock::new(Current::new(adopted, &dirs)),
            turns: Mutex::default(),
            weights: Weights::default(),
            locking: tokio::sync::Mutex::default(),
            desiring: tokio::sync::Mutex::default(),
            clock,
            dirs,
            live: LiveSender::new(),
            recent: Recent::default(),
            probes: Semaphore::new(PROBES),
            commands: Semaphore::new(COMMANDS),
            services: Services::default(),
        }
    }

    pub fn adopted(&self) -> Arc<Adopted> {
        self.current().adopted
    }

    pub fn scrubber(&self) -> Arc<Scrubber> {
        self.current().scrubber
    }

    pub fn units(&self) -> Arc<Units> {
        self.current().units
    }

    pub fn replace_plan(&self, adopted: Arc<Adopted>) {
        let next = Current::new(adopted, &self.dirs);
        *self.plan.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// A lock that was poisoned still holds a whole plan: it is replaced in one assignment.
    fn current(&self) -> Current {
        self.plan.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for its turn among the commands that only look; nothing to wait for where it is `Now`.
    pub async fn look_permit(
        &self,
        turn: Turn,
        cancel: &CancellationToken,
    ) -> Result<Option<SemaphorePermit<'_>>, Trouble> {
        match turn {
            Turn::Now => Ok(None),
            // The semaphore is never closed; should it be, looking unlimited does no harm.
            Turn::InTurn => tokio::select! {
                permit = self.commands.acquire() => Ok(permit.ok()),
                () = cancel.cancelled() => Err(Trouble::Cancelled),
            },
        }
    }

    /// The client of probes and messages.
    pub fn asking(&self) -> Result<reqwest::Client, Trouble> {
        self.current().clients.asking().map_err(Trouble::unknown)
    }

    /// How artifacts are fetched.
    pub fn means<'a>(&'a self, cancel: &'a CancellationToken) -> Result<Means<'a>, Trouble> {
        let client = self.current().clients.fetching().map_err(Trouble::unknown)?;
        Ok(Means { store: &self.store, client, clock: &self.clock, cancel })
    }

    /// An effect has ended on the unit: what was seen of it before is old.
    pub fn turned(&self, unit: &UnitId) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        *turns.entry(unit.clone()).or_default() += 1;
    }

    /// Changes with every effect that ends on the unit.
    pub fn turn(&self, unit: &UnitId) -> u64 {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).get(unit).copied().unwrap_or_default()
    }

    /// The same for many.
    pub fn turns<'u>(&self, units: impl Iterator<Item = &'u UnitId>) -> Vec<u64> {
        let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        units.map(|unit| turns.get(unit).copied().unwrap_or_default()).collect()
    }

    pub fn output(&self, target: &Target, step: Option<LaneStep>, line: &str) {
        let line = self.scrubber().line(line, LIVE_LINE);
        self.recent.add(target, &line);
        if self.live.heard() {
            self.live.send(Live::Output { target: target.clone(), step, line });
        }
    }

    /// The end of what was put out for a unit: of its file, where its driver writes one, else of what was said here.
    /// Reads that file: not for a task that others wait for.
    pub fn recent(&self, id: &UnitId) -> Vec<String> {
        let Current { scrubber, units, .. } = self.current();
        let file = units.find(id).ok().and_then(|unit| driver::of(&unit.site.driver).log(&unit));
        let Some(lines) = file.map(|path| log_tail(&path)) else {
            return self.recent.of(&Target::Unit(id.clone()));
        };
        lines.iter().map(|line| scrubber.line(line, LIVE_LINE)).collect()
    }

    /// A command that is this act goes on where its conductor is ended.
    pub fn keep(&self, act: &EffectId) -> Keep {
        let note = self.leftovers.path(&act.target);
        // What an act before this one left there is not this one's.
        keep::forget(&note);
        Keep { golive: self.dirs.golive.clone(), note, act: act.to_string() }
    }

    pub fn progress(&self, target: &Target, step: Option<LaneStep>, text: &str) {
        if self.live.heard() {
            let text = why(text, &self.scrubber());
            self.live.send(Live::Progress { target: target.clone(), step, text });
        }
    }
}

/// The variables that the plan names by `env:`.
fn named_secrets(plan: &Plan) -> impl Iterator<Item = &str> {
    let checks = plan.checks.values().flat_map(|check| match &check.kind {
        CheckKind::Http(http) => http.headers.values().map(String::as_str).collect::<Vec<_>>(),
        CheckKind::Exec { env, .. } | CheckKind::Parity { env, .. } => {
            env.values().map(Template::as_str).collect()
        }
        CheckKind::Tcp { .. } | CheckKind::Comparison => Vec::new(),
    });
    let environments = plan.environments.values().map(|environment| &environment.driver);
    let own = plan.components.values().filter_map(|component| component.own.driver.as_ref());
    let drivers = environments.chain(own).flat_map(|driver| match driver {
        Driver::Local { env, .. } => env.values().map(Template::as_str).collect::<Vec<_>>(),
        Driver::Exec { verbs, .. } => {
            verbs.values().flat_map(|verb| verb.env.values()).map(Template::as_str).collect()
        }
        Driver::Converge(converge) => {
            let store = match &converge.store {
                DesiredStore::Http { headers, .. } => Some(headers),
                DesiredStore::Exec { .. } => None,
            };
            let agents = match &converge.agents {
                Some(AgentReports::Http { headers, .. }) => Some(headers),
                Some(AgentReports::Exec { .. }) | None => None,
            };
            store.into_iter().chain(agents).flat_map(BTreeMap::values).map(String::as_str).collect()
        }
        Driver::Ssh { .. } => Vec::new(),
    });
    let notifiers = plan.notify.iter().filter_map(|notifier| match notifier {
        Notifier::Webhook { url, .. } => Some(url.as_str()),
        Notifier::Exec { .. } => None,
    });
    checks.chain(drivers).chain(notifiers).filter_map(secret::reference)
}
