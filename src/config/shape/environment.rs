//! Environments as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Balancer, Driver, EachOr, Freeze, NumberOrText, TextOr, Window};

/// Where units run.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// What it is for. Absent: production.
    pub kind: Option<Kind>,
    /// "none": nobody but tests. Absent: real.
    pub traffic: Option<Traffic>,
    /// How a unit is changed; a table with `kind`.
    pub driver: Option<Driver>,
    /// What takes a host out of traffic and back: a table with `kind`, or "none".
    pub balancer: Option<TextOr<Balancer>>,
    /// The capacity budget of all its pools together. Absent: one host at a time, `min_healthy` = hosts - 1.
    pub capacity: Option<Capacity>,
    /// How long things may take.
    pub deadlines: Option<Deadlines>,
    /// Names, ranges such as "web-[01:15]", or tables with name, address and port; every component is on each of them.
    /// Or a table of such lists by component.
    pub hosts: Option<EachOr<TextOr<Host>>>,
    /// Clouds by name, each with its hosts; instead of `hosts`.
    #[serde(default)]
    pub clouds: BTreeMap<String, Cloud>,
    /// The two sides of a blue/green environment by name, each with its hosts; instead of `hosts`.
    #[serde(default)]
    pub colours: BTreeMap<String, Colour>,
    /// The days and hours in which its stages may start.
    pub window: Option<Window>,
    /// When a host that is not seen to be alive is late, and when it is dead. Absent: nobody says so.
    pub heartbeat: Option<Heartbeat>,
    /// What golive does by itself about a host that is dead. Absent: nothing.
    pub repair: Option<Repair>,
    /// How its number of machines is asked and changed. Absent: golive knows nothing of it.
    pub scale: Option<Scale>,
    /// Times in which nothing is started here, by name.
    #[serde(default)]
    pub blackouts: BTreeMap<String, Freeze>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Test,
    Development,
    Uat,
    Staging,
    Production,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Traffic {
    /// Nobody but tests.
    None,
    /// Users.
    Real,
}

/// Of a host that the check "alive", or the driver's observe, does not find alive.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// Between two beats. Absent: "10s".
    pub every: Option<String>,
    /// So many missed in a row, and it is dead; before that it is late. Absent: 3.
    #[schemars(range(min = 1))]
    pub missed: Option<u32>,
}

/// What golive does by itself about a host that is dead. Whether it helped is seen by the beat.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repair {
    /// A command as a list of arguments that repairs one host, such as ["ci/restart", "{host}"]. It runs in the plan's
    /// directory, whatever host it is for.
    #[schemars(required)]
    pub run: Option<Vec<String>>,
    /// The longest it may take. Absent: "60s".
    pub timeout: Option<String>,
    /// From the beginning of one repair of a host to the next. Absent: "5m".
    pub cool_down: Option<String>,
    /// So many that did not help, and the host is given up. Absent: 3.
    #[schemars(range(min = 1))]
    pub attempts: Option<u32>,
    /// Hosts that may be dead at once: where more are, none is repaired and a human is asked. Absent: 1.
    #[schemars(range(min = 1))]
    pub at_once: Option<u32>,
    /// What becomes of a host that was given up: "ask" a human, or "replace" it. Absent: "ask".
    pub then: Option<Then>,
    /// Hosts that are replaced by themselves at once, where `then` is "replace". Absent: 1.
    #[schemars(range(min = 1))]
    pub replace_at_once: Option<u32>,
}

/// How many machines its platform has: golive asks it, and tells it another number. The hosts that are deployed to are those
/// of the plan: a new machine joins once an adopted plan names it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Never fewer.
    #[schemars(required)]
    pub min: Option<u32>,
    /// Never more.
    #[schemars(required)]
    pub max: Option<u32>,
    /// At the most so many more or fewer at a time. Absent: 1.
    #[schemars(range(min = 1))]
    pub step: Option<u32>,
    /// A command as a list of arguments that prints how many there are.
    #[schemars(required)]
    pub current: Option<Vec<String>>,
    /// A command as a list of arguments that has the platform come to {count}. An exit status other than 0 says that it
    /// refuses: the change has failed at once, and `within` is not waited for.
    #[schemars(required)]
    pub to: Option<Vec<String>>,
    /// The longest that either may take. Absent: "60s", or half of `within` where that is no longer.
    pub timeout: Option<String>,
    /// How long the platform may take until `current` says so; longer than `timeout`. Absent: "10m".
    pub within: Option<String>,
}

/// What becomes of a host that repairs did not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// A human is asked.
    Ask,
    /// golive has it replaced, as `golive replace` does.
    Replace,
}

/// A host with more than a name.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// The host's name, or a range of names such as "web-[01:15]".
    #[schemars(required)]
    pub name: Option<String>,
    /// Where it is reached. Absent: its name.
    pub address: Option<String>,
    /// The port of its unit, for {port}.
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// Where it stands, for `select`. Absent: the region of its cloud.
    pub region: Option<String>,
    /// What else it is told apart by, such as { zone = "b", rack = "7" }, for a strategy's `by`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// It stands by, out of the pool, and comes in only while a canary's release is on its way (a surge): nobody who serves
    /// leaves before it is in. Absent: false.
    pub spare: Option<bool>,
}

/// One cloud or data centre.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cloud {
    /// Absent: primary.
    pub role: Option<CloudRole>,
    /// Where it stands, for `select`.
    pub region: Option<String>,
    /// Names, ranges such as "web-[01:15]", or tables with name, address and port.
    #[schemars(required)]
    pub hosts: Option<Vec<TextOr<Host>>>,
}

/// One side of a blue/green environment.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Colour {
    /// Names, ranges such as "web-[01:15]", or tables with name, address and port.
    #[schemars(required)]
    pub hosts: Option<Vec<TextOr<Host>>>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CloudRole {
    Primary,
    Secondary,
}

/// A capacity budget. Each is a number of hosts or a share such as "95%".
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Hosts under way at once; a number or a share such as "10%". Absent: 1.
    pub max_parallel: Option<NumberOrText>,
    /// Healthy hosts that are never given up; a number or a share such as "95%", rounded up.
    pub min_healthy: Option<NumberOrText>,
    /// Hosts out of the pool or sick at the most; a number or a share such as "10%".
    pub max_unavailable: Option<NumberOrText>,
}

/// `min_healthy_time` < `healthy_deadline` < `progress_deadline`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    /// How long a host must answer in the pool before it is done. Absent: "10s".
    pub min_healthy_time: Option<String>,
    /// From the start of the work on a host to its being done. Absent: "5m".
    pub healthy_deadline: Option<String>,
    /// The longest time without any host becoming healthy. Absent: "10m".
    pub progress_deadline: Option<String>,
}
