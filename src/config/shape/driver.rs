//! Drivers and balancers as written: tables told apart by `kind`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ListOr;

/// How a unit is changed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Driver {
    /// Real processes on this machine, from release directories below `dir`.
    Local {
        /// One directory a host: this one / name, unless it names {name} itself.
        #[schemars(required)]
        dir: Option<String>,
        /// The start command as a list of arguments: ["{dir}/current/bin/shop", "--port", "{port}"].
        #[schemars(required)]
        start: Option<Vec<String>>,
        /// Environment of the process.
        #[serde(default)]
        env: BTreeMap<String, String>,
        /// How many releases are kept. Absent: 5.
        #[schemars(range(min = 2))]
        keep: Option<u32>,
        /// From TERM to KILL. Absent: "10s".
        stop_timeout: Option<String>,
    },
    /// The team's own commands, one a verb.
    Exec {
        /// The commands.
        #[schemars(required)]
        verbs: Option<Box<ExecVerbs>>,
        /// The directory they run in. Absent: the project's.
        dir: Option<String>,
    },
    /// Over SSH, a systemd unit.
    Ssh {
        /// The directory of the releases on the host.
        #[schemars(required)]
        dir: Option<String>,
        /// The systemd unit, such as "shop.service".
        #[schemars(required)]
        unit: Option<String>,
    },
    /// Agents on the hosts: they read the desired version from a store and install it.
    Converge {
        /// Where the desired version stands.
        #[schemars(required)]
        store: Option<DesiredStore>,
        /// How often an agent reads the store. Absent: "15m".
        every: Option<String>,
        /// By how much an agent may miss its time before it is late. Absent: a tenth of `every`, at least "1s".
        tolerance: Option<String>,
        /// Where agents say what they have installed and when they looked last. Absent: only [checks.alive] is asked.
        agents: Option<AgentReports>,
        /// Tells all agents of the environment to look now: a list of arguments. Absent: they look in their own time.
        nudge: Option<Vec<String>>,
    },
}

/// Where the desired version stands: one key for the environment, or one a host where {name} or {host} is in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum DesiredStore {
    /// GET says {"version": …, "by": …, "at": …}; PUT sets it, with If-Match or the field `revision`.
    Http {
        /// The address of the key, such as `http://store/desired/{environment}`.
        #[schemars(required)]
        url: Option<String>,
        /// The field of the body that every change changes. Absent: the header `ETag`.
        revision: Option<String>,
        /// Headers of each request; a secret as "env:NAME".
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// How long an answer may take. Absent: "10s".
        timeout: Option<String>,
    },
    /// The team's own commands.
    Exec {
        /// Prints {"version": …, "revision": …, "by": …, "at": …}, or nothing where nothing is set.
        #[schemars(required)]
        get: Option<Vec<String>>,
        /// Sets `GOLIVE_VERSION` if the store still holds `GOLIVE_EXPECTED` at `GOLIVE_REVISION`; ends with status 9 where not.
        #[schemars(required)]
        set: Option<Vec<String>>,
        /// How long each may take. Absent: "60s".
        timeout: Option<String>,
    },
}

/// Where agents report: by `url` or by `command`, one host each. JSON: `{"version": …, "digest": …,
/// "checked_in": …, "healthy": …, "kept": […]}`, all but the version optional; what runs need not be listed as kept.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentReports {
    /// The address of one host's report, such as `http://store/agents/{name}`.
    pub url: Option<String>,
    /// url: headers of each request; a secret as "env:NAME".
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Prints one host's report: a list of arguments.
    pub command: Option<Vec<String>>,
    /// How long an answer may take. Absent: "10s".
    pub timeout: Option<String>,
}

/// Commands by verb, each a list of arguments or a table.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecVerbs {
    /// Says what is installed and runs; changes nothing.
    pub observe: Option<ListOr<ExecVerb>>,
    /// Brings the artifact to the host.
    pub fetch: Option<ListOr<ExecVerb>>,
    /// Takes the unit out of the pool.
    pub drain: Option<ListOr<ExecVerb>>,
    pub stop: Option<ListOr<ExecVerb>>,
    pub install: Option<ListOr<ExecVerb>>,
    pub start: Option<ListOr<ExecVerb>>,
    /// The service's own test of itself, before it may rejoin.
    #[serde(rename = "self-test")]
    pub self_test: Option<ListOr<ExecVerb>>,
    /// Puts the unit back into the pool.
    pub rejoin: Option<ListOr<ExecVerb>>,
    /// Makes the host a new machine of the same name; what runs on it is installed and started afterwards.
    pub replace: Option<ListOr<ExecVerb>>,
    /// Once an environment, before its first host is touched: takes a lock at the target, or says who has it and
    /// ends with another status than 0.
    pub lock: Option<ListOr<ExecVerb>>,
    /// Releases that lock.
    pub unlock: Option<ListOr<ExecVerb>>,
}

/// A command with its limits.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecVerb {
    /// The command as a list of arguments; never a shell line.
    #[schemars(required)]
    pub argv: Option<Vec<String>>,
    /// How long it may take. Absent: "60s".
    pub timeout: Option<String>,
    /// Its environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Whether it may be run again after an interruption. Absent: false, so a human is asked; observe always may.
    pub repeatable: Option<bool>,
}

/// What takes a host out of traffic and back.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Balancer {
    /// There is none: requests may fail while a host is changed.
    None {},
    /// HAProxy's runtime API. Its server names are the hosts' names.
    Haproxy {
        /// The path of its socket, or "host:port".
        #[schemars(required)]
        socket: Option<String>,
        /// The backend's name.
        #[schemars(required)]
        backend: Option<String>,
        /// The longest wait for open sessions to end. Absent: "60s".
        drain_timeout: Option<String>,
    },
    /// The team's own commands.
    Exec {
        /// Takes the host out and waits until it has no sessions; a list of arguments.
        #[schemars(required)]
        drain: Option<Vec<String>>,
        /// Puts the host back; a list of arguments.
        #[schemars(required)]
        ready: Option<Vec<String>>,
        /// Prints "in" or "out"; a list of arguments.
        #[schemars(required)]
        observe: Option<Vec<String>>,
        /// How long each may take. Absent: "60s".
        timeout: Option<String>,
    },
}
