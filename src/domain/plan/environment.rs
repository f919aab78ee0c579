//! Environments, their hosts, and how they are reached.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    capacity::Capacity,
    converge::Converge,
    heartbeat::{Heartbeat, Repair},
    scale::Scale,
    template::Template,
    window::Window,
};
use crate::domain::{
    name::{CloudName, ColourName, ComponentName, EnvironmentName, HostName, PoolId, SideName, UnitId},
    time::Span,
};

/// What an environment is for. Absent in a plan: production, since that is the safe guess.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnvironmentKind {
    Test,
    Development,
    Uat,
    Staging,
    #[default]
    Production,
}

impl EnvironmentKind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Test => "TEST",
            Self::Development => "DEVELOPMENT",
            Self::Uat => "UAT",
            Self::Staging => "STAGING",
            Self::Production => "PRODUCTION",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrafficKind {
    /// Nobody but tests: traffic seen is an alarm.
    None,
    #[default]
    Real,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    pub name: EnvironmentName,
    pub kind: EnvironmentKind,
    pub traffic: TrafficKind,
    pub driver: Driver,
    pub balancer: Balancer,
    pub capacity: Capacity,
    pub deadlines: Deadlines,
    pub clouds: Vec<Cloud>,
    /// In the order in which they are deployed.
    pub pools: Vec<Pool>,
    /// When its stages may start; none: at any time.
    pub window: Option<Window>,
    /// When a host is late, and when it is dead; none: nobody says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Heartbeat>,
    /// What golive does by itself about a host that is dead; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
    /// How its number of machines is asked and changed; none: golive knows nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
}

impl Environment {
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.pools.iter().flat_map(|pool| &pool.hosts)
    }

    /// How many of its hosts stand by, and come in only while a release is on its way.
    pub fn spares(&self) -> u32 {
        self.hosts().filter(|host| host.spare).count() as u32
    }

    /// The colour or cloud of each unit, where the environment has any.
    pub fn side_of(&self) -> HashMap<&UnitId, &str> {
        let mut sides = HashMap::new();
        for pool in &self.pools {
            if let Some(side) = pool.side() {
                sides.extend(pool.hosts.iter().map(|host| (&host.unit, side)));
            }
        }
        sides
    }

    /// Its colours or clouds, each with how many hosts it has, in the order of the plan; none: it has no sides.
    pub fn sides(&self) -> Vec<(&str, u32)> {
        let mut sides: Vec<(&str, u32)> = Vec::new();
        for pool in &self.pools {
            let Some(side) = pool.side() else { continue };
            let hosts = pool.hosts.len() as u32;
            match sides.iter_mut().find(|(known, _)| *known == side) {
                Some((_, count)) => *count += hosts,
                None => sides.push((side, hosts)),
            }
        }
        sides
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloudRole {
    Primary,
    Secondary,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cloud {
    pub name: CloudName,
    pub role: CloudRole,
    pub region: Option<String>,
}

/// The units of one component in one environment (and cloud, or colour).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    pub id: PoolId,
    pub component: ComponentName,
    pub cloud: Option<CloudName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<ColourName>,
    pub hosts: Vec<Host>,
}

impl Pool {
    /// The colour or the cloud whose hosts go together.
    pub fn side_name(&self) -> Option<SideName> {
        self.colour.as_ref().map(SideName::from).or(self.cloud.as_ref().map(SideName::from))
    }

    /// The same as a text.
    pub fn side(&self) -> Option<&str> {
        self.colour.as_ref().map(ColourName::as_str).or(self.cloud.as_ref().map(CloudName::as_str))
    }
}

/// A host that holds one unit of its pool's component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    pub unit: UnitId,
    pub name: HostName,
    /// Where it is reached: its name, unless said otherwise.
    pub address: String,
    pub port: Option<u16>,
    pub region: Option<String>,
    /// What else it is told apart by, such as zone or rack.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// It stands by, out of the pool, and comes in only while a release is on its way: a surge.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spare: bool,
}

impl Host {
    /// Its value of a label; `region` is one of them.
    pub fn label(&self, name: &str) -> Option<&str> {
        match name {
            "region" => self.region.as_deref(),
            other => self.labels.get(other).map(String::as_str),
        }
    }
}

/// `min_healthy_time` < `healthy_deadline` < `progress_deadline`; checked when the plan is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlines {
    /// How long a host must answer in the pool before it is done.
    pub min_healthy_time: Span,
    /// From the start of a lane's work on a host to its being done.
    pub healthy_deadline: Span,
    /// The longest time without any host becoming healthy.
    pub progress_deadline: Span,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            min_healthy_time: Span::secs(10),
            healthy_deadline: Span::minutes(5),
            progress_deadline: Span::minutes(10),
        }
    }
}

/// Where the artifact comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// A path or URL with `{version}` in it: a directory, a tar.gz or a single binary.
    pub source: Template,
}

/// How a unit is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Driver {
    /// Real processes on this machine, from release directories below `dir`.
    Local {
        /// One directory a host: `dir`/`name` unless `dir` names `{name}` itself.
        dir: Template,
        start: Vec<Template>,
        env: BTreeMap<String, Template>,
        /// How many releases are kept.
        keep: u32,
        /// From TERM to KILL.
        stop_timeout: Span,
    },
    /// The team's own commands, one a verb.
    Exec { verbs: BTreeMap<Verb, ExecVerb>, dir: Option<Template> },
    /// Over SSH; typed and checked, carried out by a later build.
    Ssh { dir: Template, unit: String },
    /// Agents on the hosts, which read a store.
    Converge(Box<Converge>),
}

/// What a driver can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    Observe,
    Fetch,
    Drain,
    Stop,
    Install,
    Start,
    SelfTest,
    Rejoin,
    /// Makes the host a new machine of the same name, with nothing installed.
    Replace,
    /// Once an environment, not a host: takes the lock at the deploy target.
    Lock,
    Unlock,
}

impl Verb {
    pub const ALL: [(&'static str, Verb); 11] = [
        ("observe", Verb::Observe),
        ("fetch", Verb::Fetch),
        ("drain", Verb::Drain),
        ("stop", Verb::Stop),
        ("install", Verb::Install),
        ("start", Verb::Start),
        ("self-test", Verb::SelfTest),
        ("rejoin", Verb::Rejoin),
        ("replace", Verb::Replace),
        ("lock", Verb::Lock),
        ("unlock", Verb::Unlock),
    ];
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecVerb {
    pub argv: Vec<Template>,
    pub timeout: Span,
    pub env: BTreeMap<String, Template>,
    /// Whether it may be run again after an interruption. Where not, an interrupted step asks a human.
    pub repeatable: bool,
}

/// What takes a host out of traffic and back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balancer {
    /// Requests may fail while a host is changed, which is said beforehand.
    None,
    Haproxy {
        /// A path, or `host:port`.
        socket: String,
        backend: String,
        /// The longest wait for sessions to reach 0.
        drain_timeout: Span,
    },
    Exec {
        drain: Vec<Template>,
        ready: Vec<Template>,
        /// Prints `in` or `out`.
        observe: Vec<Template>,
        timeout: Span,
    },
}

impl Balancer {
    /// Whether it can give some hosts a share of the requests.
    pub const fn weighs(&self) -> bool {
        matches!(self, Balancer::Haproxy { .. })
    }

    /// Whether it counts what each host serves.
    pub const fn counts(&self) -> bool {
        matches!(self, Balancer::Haproxy { .. })
    }
}

impl Driver {
    /// Whether it can lock its environment at the deploy target.
    pub fn locks(&self) -> bool {
        match self {
            Driver::Local { .. } => true,
            Driver::Exec { verbs, .. } => {
                verbs.contains_key(&Verb::Lock) && verbs.contains_key(&Verb::Unlock)
            }
            Driver::Ssh { .. } | Driver::Converge(_) => false,
        }
    }

    /// Whether `verb` may be repeated after an interruption.
    pub fn repeatable(&self, verb: Verb) -> bool {
        match self {
            Driver::Local { .. } => true,
            Driver::Exec { verbs, .. } => verbs.get(&verb).is_none_or(|v| v.repeatable),
            Driver::Ssh { .. } | Driver::Converge(_) => false,
        }
    }
}
