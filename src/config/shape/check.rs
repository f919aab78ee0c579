//! Checks and alarms as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{NumberOrText, Scalar};

/// A check: exactly one of `http`, `tcp` and `exec`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// A URL such as `"http://{host}:8080/health"`; 2xx in time is a pass.
    pub http: Option<String>,
    /// "host:port" that must accept a connection.
    pub tcp: Option<String>,
    /// tcp: what the other side says first has to begin with this, such as "SSH-2.0". Absent: a connection is enough.
    pub banner: Option<String>,
    /// A command as a list of arguments; exit status 0 is a pass.
    pub exec: Option<Vec<String>>,
    /// http: the method. Absent: GET.
    pub method: Option<String>,
    /// http: headers; "env:NAME" takes a value from the environment.
    pub headers: Option<BTreeMap<String, String>>,
    /// http: the accepted status, such as 204 or "200-299". Absent: "200-299".
    pub status: Option<NumberOrText>,
    /// http: the longest accepted time to the whole answer, such as "500ms".
    pub latency: Option<String>,
    /// http: a text that the body must contain.
    pub contains: Option<String>,
    /// http: a value that must stand in the JSON body: { pointer = "/status", equals = "ok" }.
    pub json: Option<JsonMatch>,
    /// http: where the answer (JSON) says which version runs, such as "/version".
    pub version_pointer: Option<String>,
    /// exec: the directory it runs in. Absent: the project's.
    pub dir: Option<String>,
    /// exec: its environment.
    pub env: Option<BTreeMap<String, String>>,
    /// exec: the command prints the settings of {environment}, as KEY=VALUE lines or a JSON object; they must be the same
    /// as those of this environment.
    pub same_as: Option<String>,
    /// exec with `same_as`: settings that may differ, by name or by a beginning such as "LOG_*".
    pub may_differ: Option<Vec<String>>,
    /// How long one attempt may take, such as "30s". Absent: "2s" for http and tcp, "60s" for exec.
    pub timeout: Option<String>,
    /// Further attempts after a failed one. Absent: 0.
    #[schemars(range(max = 100))]
    pub retries: Option<u32>,
    /// Between two runs of a check that is repeated, such as "10s". Absent: "10s".
    pub interval: Option<String>,
    /// What to do when it fails: a link or a sentence.
    pub runbook: Option<String>,
}

/// A JSON pointer and the value that must stand there.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonMatch {
    /// A JSON pointer such as "/status".
    #[schemars(required)]
    pub pointer: Option<String>,
    /// The value that must stand there.
    #[schemars(required)]
    pub equals: Option<Scalar>,
}

/// A rule over a metric; exactly one of `above` and `below`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// The metric's name.
    #[schemars(required)]
    pub metric: Option<String>,
    /// Fires above this.
    pub above: Option<f64>,
    /// Fires below this.
    pub below: Option<f64>,
    /// How long it must hold, such as "2m". Absent: at once.
    #[serde(rename = "for")]
    pub lasting: Option<String>,
    /// What it does. Absent: page.
    pub then: Option<AlarmAction>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmAction {
    /// Tells whoever is on watch.
    Page,
    /// No new host, promotion or bake end.
    Hold,
    /// Back to the last good version.
    RollBack,
}
