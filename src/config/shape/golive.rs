//! The whole of golive.toml, the project, its artifact and its components.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Alarm, Balancer, Capacity, Check, Deadlines, Drill, Driver, Environment, Freeze, Heartbeat, Notifier,
    NumberOrText, Person, PlanB, Poll, Profile, Repair, Separation, Share, Stage, Strictness, TextOr,
    TrafficMap,
};

/// A plan: golive.toml.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The project: its name, its checklists, its rules.
    #[schemars(required)]
    pub project: Option<Project>,
    /// The people who take part, by name: `dana = { roles = ["decider"] }`.
    #[schemars(required)]
    pub people: Option<BTreeMap<String, Person>>,
    /// Where the artifact comes from: `source = "dist/shop-{version}.tar.gz"`.
    #[schemars(required)]
    pub artifact: Option<Artifact>,
    /// The parts of the project. Absent: one, named as the project.
    #[serde(default)]
    pub components: BTreeMap<String, Component>,
    /// What environments have that say nothing else.
    pub defaults: Option<Defaults>,
    /// Where units run, by name.
    #[schemars(required)]
    pub environments: Option<BTreeMap<String, Environment>>,
    /// Yes or no, now. `alive` and `self-test` run for each host in its lane, others where they are named.
    #[serde(default)]
    pub checks: BTreeMap<String, Check>,
    /// Rules over metrics.
    #[serde(default)]
    pub alarms: BTreeMap<String, Alarm>,
    /// The steps of the pipeline, one after another.
    #[schemars(required)]
    pub stages: Option<Vec<Stage>>,
    /// The go/no-go poll.
    #[schemars(required)]
    pub poll: Option<Poll>,
    /// Times in which nothing is started, by name.
    #[serde(default)]
    pub freezes: BTreeMap<String, Freeze>,
    /// How busy each region is through the week; "everywhere" for those that have no map of their own.
    #[serde(default)]
    pub traffic: BTreeMap<String, TrafficMap>,
    /// Resiliency drills, by name.
    #[serde(default)]
    pub drills: BTreeMap<String, Drill>,
    /// What less strict go-lives leave out.
    #[serde(default)]
    pub strictness: Strictness,
    /// What to do when it goes wrong, and who decides.
    pub plan_b: Option<PlanB>,
}

/// The project.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// The project's name, such as "shop".
    #[schemars(required)]
    pub name: Option<String>,
    /// Whether two versions may run at the same time. Absent: mixed.
    pub versions: Option<Versions>,
    /// What becomes of a go-live that is asked for while another is open. Absent: refused.
    pub second: Option<Second>,
    /// How strict its go-lives are, unless one is opened otherwise. Absent: strict.
    pub strictness: Option<Profile>,
    /// The machine the conductor must live on.
    pub home: Option<String>,
    /// The clocks by which the quarters of drills begin, such as "Europe/Berlin". Absent: UTC.
    pub zone: Option<String>,
    /// Checklists: names of embedded ones, and files of the project (.toml or .md). Absent: ["basic"].
    pub checklists: Option<Vec<String>>,
    /// How people are told: one command as a list of arguments, or a list of { exec = […] } and { webhook = "…" }.
    pub notify: Option<Vec<TextOr<Notifier>>>,
    /// A PEM file of authorities to trust besides the system's, for https checks, artifacts and webhooks.
    pub ca: Option<String>,
    /// "none" for a team of one: the same person may ask and approve. The header shows it.
    pub separation: Option<Separation>,
    /// "group" shares the conductor's socket with the group of its directory.
    pub share: Option<Share>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Versions {
    /// Two versions may run side by side.
    Mixed,
    /// Never two versions at the same time: stop-all only.
    Exclusive,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Second {
    /// The one that is open comes to its end first, and is closed.
    Refused,
    /// It waits for the end of the other; then it is opened by itself, or once a person says so.
    Queued,
    /// The one that is open is cancelled: what is live or under way of it is rolled back, it ends, and the new one begins.
    /// Stages before production that have passed stay on it until the new one takes them.
    Superseding,
}

/// Where the artifact comes from.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// A path or URL with {version} in it: a directory, a tar.gz or a single binary.
    #[schemars(required)]
    pub source: Option<String>,
}

/// A part of the project that is deployed by itself, or that it depends on.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// 1 critical, 2 important, 3 nice to have. Absent: 2.
    #[schemars(range(min = 1, max = 3))]
    pub tier: Option<u8>,
    /// The person who answers for it.
    pub owner: Option<String>,
    /// What its failure does to the project. Absent: down.
    pub failure: Option<Failure>,
    /// Components it needs.
    #[serde(default)]
    pub depends: Vec<String>,
    /// Run by somebody else; nothing is deployed to it.
    #[serde(default)]
    pub external: bool,
    /// Its hosts wait for those of this component, in every stage that takes both.
    pub after: Option<String>,
    /// For how many of them: "first", a number, or "all". Absent: the first that serves the new version.
    pub barrier: Option<NumberOrText>,
    /// Where its own artifact comes from. Absent: the project's.
    pub artifact: Option<Artifact>,
    /// How its units are changed. Absent: as their environment says.
    pub driver: Option<Driver>,
    /// The check that shows that a host of it answers, or "none". Absent: `alive`.
    pub alive: Option<String>,
    /// The check that a host of it is asked before it rejoins, or "none". Absent: `self-test`.
    pub self_test: Option<String>,
    /// false: it has no place in the balancer. Absent: true.
    pub balanced: Option<bool>,
    /// Its own capacity budget, over its hosts alone. Absent: the shares of its environment's.
    pub capacity: Option<Capacity>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// The project is down.
    Down,
    /// The project goes on with less.
    Degrade,
}

/// What environments have that say nothing else.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// How a unit is changed.
    pub driver: Option<Driver>,
    /// What takes a host out of traffic and back: a table, or "none".
    pub balancer: Option<TextOr<Balancer>>,
    /// The capacity budget.
    pub capacity: Option<Capacity>,
    /// How long things may take.
    pub deadlines: Option<Deadlines>,
    /// When a host is late, and when it is dead.
    pub heartbeat: Option<Heartbeat>,
    /// What golive does by itself about a host that is dead.
    pub repair: Option<Repair>,
}
